import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { envelopeAddress } from '../../../src/delivery/email/envelope-address.ts';

describe('an address in an envelope', () => {
  it.each([
    ['taro@example.jp', 'taro@example.jp'],
    ["o'neill+x/y=z@example.jp", "o'neill+x/y=z@example.jp"],
    ['taro..yamada@docomo.ne.jp', '"taro..yamada"@docomo.ne.jp'],
    ['taro.@docomo.ne.jp', '"taro."@docomo.ne.jp'],
    ['"a b"@example.jp', '"a b"@example.jp'],
    ['a b@example.jp', '"a b"@example.jp'],
    ['a"b\\c@example.jp', '"a\\"b\\\\c"@example.jp'],
    ['a@b@example.jp', '"a@b"@example.jp'],
  ])('%s is %s', (address, named) => {
    expect(envelopeAddress(address)).toBe(named);
  });

  it.each(['', '@', 'taro', 'taro@', '@example.jp', 'ta\tro@example.jp', 'ta<ro@example.jp', 'täro@example.jp'])(
    '%j is none',
    (address) => {
      expect(envelopeAddress(address)).toBeNull();
    },
  );

  it('is as long as a server must take, and no longer', () => {
    expect(envelopeAddress(`${'a'.repeat(64)}@example.jp`)).not.toBeNull();
    expect(envelopeAddress(`${'a'.repeat(65)}@example.jp`)).toBeNull();
    expect(envelopeAddress(`a@${'b'.repeat(250)}.jp`)).toBeNull();
  });

  it('never ends the command, nor the path, that it stands in', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary-ascii' }), (local, domain) => {
        const named = envelopeAddress(`${local}@${domain}`);
        if (named === null) return;
        expect(named).toMatch(/^(?:[\w!#$%&'*+/=?^`{|}~.-]+|"(?:[^"\\\r\n]|\\.)*")@[^ <>\r\n\0]+$/);
      }),
      { numRuns: 2_000 },
    );
  });
});
