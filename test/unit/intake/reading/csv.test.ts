import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { makeCsvReader } from '../../../../src/intake/reading/csv.ts';

function readAll(text: string, pieces = text.length || 1, delimiter = ',') {
  const reader = makeCsvReader(delimiter);
  const records = [];
  for (let i = 0; i < text.length; i += pieces) records.push(reader.push(text.slice(i, i + pieces)));
  return [...records.flat(), ...reader.end()];
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

  it('reads a text of any line ends, in whatever pieces it comes, as it reads it in one piece', () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'b', ',', '\n', '\r', '\r\n', '山', ' '), maxLength: 60 });
    fc.assert(
      fc.property(text, fc.integer({ min: 1, max: 9 }), (whole, pieces) => {
        expect(readAll(whole, pieces)).toEqual(readAll(whole));
      }),
    );
  });

  it('takes CRLF, LF and CR in one file, and counts each as one line', () => {
    expect(readAll('a\r\nb\nc\rd\r\r\ne').map(({ line, cells }) => [line, cells[0]])).toEqual([
      ...[
        [1, 'a'],
        [2, 'b'],
        [3, 'c'],
        [4, 'd'],
        [5, ''],
        [6, 'e'],
      ],
    ]);
  });

  it('passes over the Ctrl-Z with which DOS programs end a text, and over no other', () => {
    expect(cellsOf('a,b\n1,2\n\x1A')).toEqual([
      ['a', 'b'],
      ['1', '2'],
    ]);
    expect(cellsOf('a,b\n1,2\x1A\x1A')).toEqual([
      ['a', 'b'],
      ['1', '2'],
    ]);
    expect(cellsOf('a,b\n1\x1A,2\n')).toEqual([
      ['a', 'b'],
      ['1\x1A', '2'],
    ]);
  });

  it('names the line of a record that is longer than any', () => {
    const cell = 'x'.repeat(5 * 1024 * 1024);
    for (const pieces of [64 * 1024, cell.length * 2]) {
      expect(() => readAll(`h\na\n${cell}\nb\n`, pieces)).toThrow(/line 3 is longer than 1000000 characters\. Shorten/);
      expect(() => readAll(`h\na\n"${cell}"\nb\n`, pieces)).toThrow(
        /line 3 is (longer than|not closed within) 1000000/,
      );
    }
  });

  it('names the line of a record with more columns than any list has', () => {
    const wide = ','.repeat(9_999);
    expect(() => readAll(`h\n${wide}\n`)).toThrow('on line 2 has more than 1000 columns');
    expect(() => readAll(`h\n${wide}"x"\n`)).toThrow('on line 2 has more than 1000 columns');
  });

  it('does not take long over a long text that has nothing but line ends of one kind', () => {
    const began = process.cpuUsage();
    expect(readAll('a\r'.repeat(400_000))).toHaveLength(400_000);
    // It would be minutes if each line were searched for a line end of the other kind up to the end of the text.
    expect(process.cpuUsage(began).user).toBeLessThan(20_000_000);
  });
});
