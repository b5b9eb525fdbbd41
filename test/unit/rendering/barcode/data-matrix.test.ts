import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dataMatrix } from '../../../../src/rendering/barcode/data-matrix.ts';
import { darkRectangles, inserterMark, markText } from '../../../../src/rendering/barcode/inserter-mark.ts';
import type { Bar } from '../../../../src/rendering/barcode/types.ts';
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
  const mark = { reference: '7KQ2M9XTR', sequence: 17, page: 1, last: 2 };

  it('says which letter of the batch it is, whose, and whether more pages follow', () => {
    expect(markText(mark)).toBe('OWABI1;7KQ2M9XTR;17;1;2');
  });

  it('has one size for all letters of a batch', () => {
    for (const other of [
      mark,
      { ...mark, sequence: 1 },
      { reference: 'ABCDEFGHJ', sequence: 99_999, page: 10, last: 12 },
    ]) {
      expect(inserterMark(other, 0.5)?.size).toBe(11);
    }
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
