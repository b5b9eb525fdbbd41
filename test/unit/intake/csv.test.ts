import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { delimiterOf, makeCsvReader } from '../../../src/intake/reading/csv.ts';

function readAll(text: string, pieces = text.length || 1, delimiter = ',') {
  const reader = makeCsvReader(delimiter);
  const records = [];
  for (let i = 0; i < text.length; i += pieces) records.push(...reader.push(text.slice(i, i + pieces)));
  return [...records, ...reader.end()];
}
const cellsOf = (text: string) => readAll(text).map((record) => record.cells);
const quote = (cell: string) => `"${cell.replaceAll('"', '""')}"`;

describe('reading CSV', () => {
  it('gives back every cell that was written, in whatever pieces the text comes', () => {
    const cell = fc.string({ unit: fc.constantFrom('a', '"', ',', '\n', '\r', ' ', '山', '\t') });
    fc.assert(
      fc.property(
        fc.array(fc.array(cell, { minLength: 1, maxLength: 4 }), { maxLength: 8 }),
        fc.constantFrom('\n', '\r\n', '\r'),
        fc.integer({ min: 1, max: 9 }),
        (rows, newline, pieces) => {
          const text = rows.map((row) => row.map(quote).join(',') + newline).join('');
          expect(readAll(text, pieces).map((record) => record.cells)).toEqual(rows);
        },
      ),
    );
  });

  it('says on which line each record begins', () => {
    const records = readAll('h\r\n"two\nlines"\r\n\r\nlast', 1);
    expect(records.map(({ line, lines }) => [line, lines])).toEqual([
      [1, 1],
      [2, 2],
      [4, 1],
      [5, 1],
    ]);
  });

  it('takes a quotation mark inside an unquoted cell as it is', () => {
    expect(cellsOf('5" pipe,O"Neil\nx,y')).toEqual([
      ['5" pipe', 'O"Neil'],
      ['x', 'y'],
    ]);
  });

  it('swallows no row after a quotation mark that closes in the wrong place', () => {
    expect(() => cellsOf('h\n"a,b\n"c","d"\n')).toThrow('opened on line 2');
    expect(() => cellsOf('h,i\nx,"y\nz,q\n')).toThrow('opened on line 2');
    expect(() => cellsOf('h,i\n"a\nb","c')).toThrow('opened on line 3');
  });

  it('does not wait for the end of a large file to find a mark that was never closed', () => {
    const reader = makeCsvReader(',');
    expect(() => {
      for (let i = 0; i < 100; i++) reader.push(i === 1 ? '"' : 'name,a@example.jp\n'.repeat(2_000));
    }).toThrow('opened on line 2001');
  });

  it.each([
    ['a,b;c,d', ','],
    ['a;b;c', ';'],
    ['a\tb', '\t'],
    ['one', ','],
    ['"a;b;c;d",e', ','],
  ])('finds the delimiter of %j', (header, delimiter) => {
    expect(delimiterOf(header)).toBe(delimiter);
  });
});
