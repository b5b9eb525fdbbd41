import { createHmac, createSecretKey } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { makeKeyedHash, open, seal } from '../../../src/vault/seal.ts';

const secret = Buffer.from('a key of thirty-two bytes, 32 ok');
const key = createSecretKey(secret);

describe('the keyed hash of a look-up value', () => {
  const hash = makeKeyedHash(key);
  const standard = (kind: string, value: string) =>
    createHmac('sha256', secret).update(`${kind}\0${value}`).digest('hex').slice(0, 32);

  it('is HMAC-SHA-256, whatever the value and however long', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 3_000 }), fc.constantFrom('email', '氏名'), (value, kind) => {
        expect(hash(kind, value)).toBe(standard(kind, value));
      }),
    );
    // Around the length at which it is computed in another way.
    for (let length = 1_350; length < 1_380; length++) {
      expect(hash('name', '山'.repeat(length))).toBe(standard('name', '山'.repeat(length)));
    }
    // Nothing of a longer value before it remains.
    expect(hash('email', 'a')).toBe(standard('email', 'a'));
  });

  it('tells kinds and keys apart', () => {
    expect(hash('email', 'a')).not.toBe(hash('name', 'a'));
    expect(makeKeyedHash(createSecretKey(Buffer.alloc(32, 1)))('email', 'a')).not.toBe(hash('email', 'a'));
  });
});

describe('a sealed value', () => {
  it('opens as what it was, and as nothing else', () => {
    const sealed = seal(key, '山田 太郎', 'person');
    expect(open(key, sealed, 'person').toString()).toBe('山田 太郎');
    expect(() => open(key, sealed, 'reason')).toThrow();
    expect(() => open(key, sealed.with(20, (sealed[20] ?? 0) ^ 1), 'person')).toThrow();
  });
});
