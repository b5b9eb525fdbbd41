import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cutBatches, manifestCsv } from '../../../src/delivery/letter/manifest.ts';

const letter = fc.record({
  id: fc.nat(),
  locale: fc.constantFrom('ja', 'en'),
  country: fc.constantFrom('JP', 'US'),
  postalCode: fc.option(fc.stringMatching(/^\d{7}$/)),
});

describe('letter batches', () => {
  it('hold every letter once, at most so many, one language each, in the order of postal codes', () => {
    fc.assert(
      fc.property(fc.array(letter, { maxLength: 300 }), fc.integer({ min: 1, max: 60 }), (letters, most) => {
        const batches = cutBatches(letters, most);
        expect(
          batches
            .flat()
            .map(({ id }) => id)
            .sort(),
        ).toEqual(letters.map(({ id }) => id).sort());
        for (const batch of batches) {
          expect(batch.length).toBeLessThanOrEqual(most);
          expect(new Set(batch.map(({ locale }) => locale)).size).toBe(1);
          const inJapan = batch.filter(({ country }) => country === 'JP').map(({ postalCode }) => postalCode ?? '~');
          expect(inJapan).toEqual(inJapan.toSorted());
        }
      }),
    );
  });

  it('have a manifest with one line per letter in print order', () => {
    const line = { reference: 'ABCDEFGH1', postalCode: '1000001', country: 'JP', sha256: 'ff' };
    const csv = manifestCsv([
      { ...line, pages: 3, firstPage: 1 },
      { ...line, postalCode: null, pages: 2, firstPage: 5 },
    ]);
    expect(csv.split('\r\n')).toEqual([
      'sequence,reference,postal_code,country,pages,sheets,weight_g,barcode,first_page,sha256',
      '1,ABCD-EFGH-1,1000001,JP,3,2,16,,1,ff',
      '2,ABCD-EFGH-1,,JP,2,1,11,,5,ff',
      '',
    ]);
  });
});
