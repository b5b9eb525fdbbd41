import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  formatReference,
  nearReferences,
  parseReference,
  referenceFrom,
} from '../../../../src/intake/persons/reference.ts';
import { readScan } from '../../../../src/tracking/returns/read-scan.ts';

const reference = fc.uint8Array({ minLength: 8, maxLength: 8 }).map(referenceFrom);
const printed = referenceFrom(Uint8Array.from([20, 7, 23, 2, 19, 9, 29, 13]));

describe('what is typed or scanned of a returned letter', () => {
  it.each([
    ['as it is printed', formatReference(printed)],
    ['in small letters, without hyphens', printed.toLowerCase()],
    [
      'in full width, as a Japanese keyboard types it',
      printed.replace(/[!-~]/g, (c) => String.fromCharCode(c.charCodeAt(0) + 0xfee0)),
    ],
    ['with the long vowel mark for a hyphen', formatReference(printed).replaceAll('-', 'ー')],
    ['with blanks around and within', ` ${printed.slice(0, 4)} ${printed.slice(4)} \r\n`],
    ['in the inserter’s mark', `OWABI1;${printed};12;1;1;2`],
    ['in a mark that was printed before it said the generation', `OWABI1;${printed};12;1;1`],
    ['in the mark as a scanner sends it, with its symbology', `]d1OWABI1;${printed};12;1;0\r`],
    ['in the mark through an input method', `ＯＷＡＢＩ１；${formatReference(printed)}；１２；１；１`],
    ['among other fields', `2605-07;1000001;${printed};A4`],
  ])('is understood %s', (_, text) => {
    expect(readScan(text).reference).toBe(printed);
  });

  it.each([
    ['a mailer id of six digits', '00040123456000000017941051804', { mailerId: '123456', serial: 17 }],
    ['one of nine, and no ZIP code', '00040901234567000017', { mailerId: '901234567', serial: 17 }],
    ['a ZIP code of five and a symbology', ']X00004012345600000001794105', { mailerId: '123456', serial: 17 }],
  ])('reads mailer and serial number of the Intelligent Mail barcode, with %s', (_, text, mail) => {
    expect(readScan(text)).toEqual({ reference: null, sequence: null, generation: null, mail, near: [] });
  });

  it('gives the place in the batch and the generation when the mark was scanned, and else none', () => {
    expect(readScan(`OWABI1;${printed};12;1;2;3`)).toMatchObject({ sequence: 12, generation: 3 });
    expect(readScan(`OWABI1;${printed};12;1;1`)).toMatchObject({ sequence: 12, generation: null });
    expect(readScan(printed)).toMatchObject({ sequence: null, generation: null });
  });

  it.each([
    ['nothing', '  '],
    ['a postal code', '100-0001'],
    ['the customer barcode', '2 6 3 0 0 2 3 3 - 3 0 - 8 - 4 0 3 CC4 CC4 CC4 5'],
    ['digits that are no barcode of a letter', '05040123456000000017941051804'],
    ['two references', `${printed};${referenceFrom(new Uint8Array(8))}`],
    ['a mark whose reference is damaged', `OWABI1;${printed.slice(1)};12;1;1;2`],
  ])('finds no reference in %s', (_, text) => {
    expect(readScan(text)).toEqual({ reference: null, sequence: null, generation: null, mail: null, near: [] });
  });

  it('never takes a reference with one wrong character, and offers the right one', () => {
    fc.assert(
      fc.property(reference, fc.nat({ max: 8 }), fc.integer({ min: 1, max: 31 }), (right, at, by) => {
        const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
        const wrong = alphabet[(alphabet.indexOf(right.charAt(at)) + by) % 32];
        const typed = `${right.slice(0, at)}${wrong}${right.slice(at + 1)}`;
        expect(parseReference(typed)).toBe(null);
        const scan = readScan(typed);
        expect(scan.reference).toBe(null);
        expect(scan.near).toContain(right);
        expect(scan.near.length).toBeLessThanOrEqual(17);
        expect(scan.near.every((near) => parseReference(near) === near)).toBe(true);
      }),
    );
  });

  it('offers the right one for two neighbours in each other’s place, and nothing for what is right', () => {
    fc.assert(
      fc.property(reference, fc.nat({ max: 7 }), (right, at) => {
        const swapped = `${right.slice(0, at)}${right.charAt(at + 1)}${right.charAt(at)}${right.slice(at + 2)}`;
        expect(nearReferences(swapped).includes(right)).toBe(swapped !== right);
        expect(nearReferences(right)).toEqual([]);
      }),
    );
  });
});
