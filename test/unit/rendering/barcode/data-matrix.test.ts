import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { referenceFrom } from '../../../../src/intake/persons/reference.ts';
import { dataMatrix } from '../../../../src/rendering/barcode/data-matrix.ts';
import { darkRectangles, inserterMark, markText } from '../../../../src/rendering/barcode/inserter-mark.ts';
import type { Bar } from '../../../../src/rendering/barcode/types.ts';
import { readScan } from '../../../../src/tracking/returns/read-scan.ts';
import { matrixByOracle } from './oracle.ts';

const rowsOf = (modules: boolean[][]) => modules.map((row) => row.map(Number).join(''));

describe('a DataMatrix', () => {
  it('puts two digits, or one character, into a codeword (ISO/IEC 16022, annex O)', () => {
    expect(dataMatrix('123456')?.codewords).toEqual([142, 164, 186]);
    expect(dataMatrix('A1B23;', 12)?.codewords).toEqual([66, 50, 67, 153, 60]);
  });

  it('has in every size the modules that another encoder gives it, fillers too', () => {
    const sizes = new Set<number>();
    for (let length = 1; length <= 44; length++) {
      const text = 'OWABI;X7KQM'
        .repeat(4)
        .replaceAll('7', String.fromCharCode(48 + length))
        .slice(0, length);
      const { modules = [], codewords = [] } = dataMatrix(text) ?? {};
      // 129 is the first filler.
      const data = codewords.includes(129) ? codewords.slice(0, codewords.indexOf(129)) : codewords;
      expect(rowsOf(modules), text).toEqual(matrixByOracle(data));
      sizes.add(modules.length);
    }
    expect([...sizes]).toEqual([10, 12, 14, 16, 18, 20, 22, 24, 26]);
    fc.assert(
      fc.property(fc.stringMatching(/^[ -~]{1,26}$/), (text) => {
        const { modules = [], codewords = [] } = dataMatrix(text, 22) ?? {};
        expect(modules).toHaveLength(22);
        expect(rowsOf(modules)).toEqual(matrixByOracle(codewords));
      }),
    );
  });

  it('is none for a text that is too long or not ASCII', () => {
    expect(dataMatrix('A'.repeat(44))?.modules).toHaveLength(26);
    expect(dataMatrix('A'.repeat(45))).toBeNull();
    expect(dataMatrix('様')).toBeNull();
  });
});

describe('the mark for the inserter', () => {
  const mark = { reference: '7KQ2M9XTR', sequence: 17, page: 1, last: 2, generation: 3 };

  it('says which letter of the batch it is, whose, whether more pages follow, and which of the person’s it is', () => {
    expect(markText(mark)).toBe('OWABI1;7KQ2M9XTR;17;1;2;3');
  });

  it('has one size for all letters, the longest too', () => {
    const some = [
      { ...mark, sequence: 1 },
      { reference: 'ABCDEFGHJ', sequence: 99_999_999, page: 99, last: 99, generation: 99 },
      { reference: 'ABCDEFGHJ', sequence: 1_000_000, page: 111, last: 111, generation: 999 },
    ];
    for (const other of [mark, ...some]) expect(inserterMark(other, 0.5)?.size).toBe(11);
    const reference = fc.uint8Array({ minLength: 8, maxLength: 8 }).map(referenceFrom);
    const [sequence, small] = [fc.integer({ min: 1, max: 1_000_000 }), fc.integer({ min: 1, max: 99 })];
    fc.assert(
      fc.property(reference, sequence, small, small, small, (whose, at, page, last, generation) => {
        const told = { reference: whose, sequence: at, page, last, generation };
        expect(inserterMark(told, 0.4)?.size).toBeCloseTo(8.8);
        // The desk for returned letters reads what the press prints.
        expect(readScan(`]d1${markText(told)}`)).toMatchObject({ reference: whose, sequence: at, generation });
      }),
    );
  });

  it('is drawn in few rectangles that cover the dark modules, each once, and nothing else', () => {
    fc.assert(
      fc.property(fc.array(fc.array(fc.boolean(), { minLength: 12, maxLength: 12 }), { maxLength: 12 }), (modules) => {
        const painted = modules.map((row) => row.map(() => 0));
        const counted = (row: number, column: number) => {
          const line = painted[row] ?? [];
          line[column] = (line[column] ?? 0) + 1;
        };
        for (const { x, y, w, h } of darkRectangles(modules, 0.4)) {
          const [left, top, width, height] = [x, y, w, h].map((mm) => Math.round(mm / 0.4)) as [
            number,
            number,
            number,
            number,
          ];
          for (let row = top; row < top + height; row++) {
            for (let column = left; column < left + width; column++) counted(row, column);
          }
        }
        expect(painted).toEqual(modules.map((row) => row.map(Number)));
      }),
    );
    const bars: Bar[] = inserterMark(mark, 0.5)?.modules ?? [];
    expect(bars.length).toBeGreaterThan(50);
    expect(bars.length).toBeLessThan(130);
  });
});
