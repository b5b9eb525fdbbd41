import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatReference, parseReference, referenceFrom } from '../../../src/intake/persons/reference.ts';

const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const reference = fc.uint8Array({ minLength: 8, maxLength: 8 }).map(referenceFrom);
const put = (text: string, at: number, character: string) => text.slice(0, at) + character + text.slice(at + 1);

describe('a reference', () => {
  it('is read back however it is written', () => {
    fc.assert(
      fc.property(reference, (written) => {
        const shown = formatReference(written);
        expect(shown).toMatch(/^[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]$/);
        const wide = shown.replace(/[!-~]/g, (character) => String.fromCharCode(character.charCodeAt(0) + 0xfee0));
        const misread = shown.replaceAll('0', 'o').replaceAll('1', 'l').toLowerCase();
        for (const text of [
          written,
          shown,
          ` ${shown} `,
          wide,
          misread,
          shown.replaceAll('-', '　'),
          shown.replaceAll('-', 'ー'),
        ]) {
          expect(parseReference(text)).toBe(written);
        }
      }),
    );
  });

  it('is refused with any single character wrong: all places, all characters', () => {
    fc.assert(
      fc.property(reference, (written) => {
        for (let at = 0; at < 9; at++) {
          for (const character of ALPHABET) {
            if (character !== written[at]) expect(parseReference(put(written, at, character))).toBeNull();
          }
        }
      }),
      { numRuns: 200 },
    );
  });

  it('is refused with any two neighbours swapped', () => {
    // The check is linear over GF(32): whether a swap shows depends on its place and on the two characters alone.
    const zeros = '000000000';
    for (let at = 0; at < 8; at++) {
      for (const a of ALPHABET) {
        for (const b of ALPHABET) {
          const swappedIsValid = parseReference(put(put(zeros, at, a), at + 1, b)) !== null;
          const alsoValid = parseReference(put(put(zeros, at, b), at + 1, a)) !== null;
          if (a !== b) expect(swappedIsValid && alsoValid).toBe(false);
        }
      }
    }
    fc.assert(
      fc.property(reference, fc.integer({ min: 0, max: 7 }), (written, at) => {
        const [a = '', b = ''] = written.slice(at, at + 2);
        if (a !== b) expect(parseReference(put(put(written, at, b), at + 1, a))).toBeNull();
      }),
      { numRuns: 5_000 },
    );
  });

  it.each(['', 'ABCD', '0000-0000-00', 'UUUU-UUUU-U', '山田太郎花子一二三'])('is not %j', (text) => {
    expect(parseReference(text)).toBeNull();
  });
});
