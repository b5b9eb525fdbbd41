import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { letterPile, type PostalPlace } from '../../../../src/delivery/letter/cut-batches.ts';

const letter = fc.record({
  id: fc.nat(),
  locale: fc.constantFrom('ja', 'en'),
  country: fc.constantFrom('JP', 'US'),
  sheets: fc.constantFrom(1, 2, 11),
  postalCode: fc.option(fc.stringMatching(/^\d{7}$/)),
});

function cutBatches<Letter extends PostalPlace>(letters: Letter[], most: number): Letter[][] {
  const pile = letterPile();
  for (const [i, place] of letters.entries()) pile.add(String(i), place);
  return [...pile.cut(most)].map(({ ids }) => ids.map((id) => letters[Number(id)] as Letter));
}

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

  it('lie in the order of language, country, weight and postal code, and letters of one code as they were planned', () => {
    const inOrder = fc.array(letter, { maxLength: 200 });
    fc.assert(
      fc.property(inOrder, fc.integer({ min: 1, max: 30 }), (letters, most) => {
        const key = ({ locale, country, sheets, postalCode }: PostalPlace) =>
          `${locale} ${country} ${String(sheets).padStart(5, '0')} ${postalCode ?? '~'}`;
        const sorted = letters.toSorted((a, b) => (key(a) < key(b) ? -1 : key(a) > key(b) ? 1 : 0));
        expect(cutBatches(letters, most).flat()).toEqual(sorted);
      }),
    );
  });

  it('say of what language and to which country their letters are', () => {
    const pile = letterPile();
    pile.add('9007199254740991', { locale: 'en', country: 'US', sheets: 1, postalCode: null });
    expect([...pile.cut(10)]).toEqual([{ locale: 'en', country: 'US', ids: ['9007199254740991'] }]);
  });

  it('of a million letters take less than 60 MB', () => {
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    const used = () => {
      collect();
      const { heapUsed, arrayBuffers } = process.memoryUsage();
      return heapUsed + arrayBuffers;
    };
    const before = used();
    const pile = letterPile();
    for (let i = 0; i < 1_000_000; i++) {
      const postalCode = String(1_000_000 + ((i * 7919) % 120_000));
      pile.add(String(30_000_000 + i), { locale: 'ja', country: 'JP', sheets: 1, postalCode });
    }
    const batches = pile.cut(1000);
    batches.next();
    expect(used() - before).toBeLessThan(60e6);
    // It is still needed here.
    expect([...batches]).toHaveLength(999);
  });
});
