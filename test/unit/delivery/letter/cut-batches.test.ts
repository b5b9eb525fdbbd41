import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cutBatches } from '../../../../src/delivery/letter/cut-batches.ts';

const letter = fc.record({
  id: fc.nat(),
  locale: fc.constantFrom('ja', 'en'),
  country: fc.constantFrom('JP', 'US'),
  sheets: fc.constantFrom(1, 2, 11),
  postalCode: fc.option(fc.stringMatching(/^\d{7}$/)),
});

describe('letter batches', () => {
  it('hold every letter once, at most so many, of one language, country and weight, in postal order', () => {
    fc.assert(
      fc.property(fc.array(letter, { maxLength: 300 }), fc.integer({ min: 1, max: 60 }), (letters, most) => {
        const batches = cutBatches(letters, most);
        const ids = (of: typeof letters) => of.map(({ id }) => id).toSorted();
        expect(ids(batches.flat())).toEqual(ids(letters));
        for (const batch of batches) {
          expect(batch.length).toBeLessThanOrEqual(most);
          expect(new Set(batch.map(({ locale, country, sheets }) => `${locale} ${country} ${sheets}`)).size).toBe(1);
        }
        // Whoever sorts for a discount goes through the batches of a kind as through one.
        const kinds = Map.groupBy(batches.flat(), ({ locale, country, sheets }) => `${locale} ${country} ${sheets}`);
        for (const kind of kinds.values()) {
          const codes = kind.map(({ postalCode }) => postalCode ?? '~');
          expect(codes).toEqual(codes.toSorted());
        }
      }),
    );
  });

  it('are as few as they can be: all but the last of a kind are full', () => {
    fc.assert(
      fc.property(fc.array(letter, { maxLength: 200 }), fc.integer({ min: 1, max: 30 }), (letters, most) => {
        const kinds = Map.groupBy(letters, ({ locale, country, sheets }) => `${locale} ${country} ${sheets}`);
        const least = [...kinds.values()].reduce((sum, kind) => sum + Math.ceil(kind.length / most), 0);
        expect(cutBatches(letters, most)).toHaveLength(least);
      }),
    );
  });
});
