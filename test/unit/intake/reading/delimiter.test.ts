import { describe, expect, it } from 'vitest';
import { delimiterOf, namedDelimiter } from '../../../../src/intake/reading/delimiter.ts';

const lines = (...texts: string[]) => `${texts.join('\n')}\n`;

describe('the delimiter of a list', () => {
  it.each([
    ['a,b,c', ','],
    ['a;b;c', ';'],
    ['a\tb', '\t'],
    ['a|b|c', '|'],
    ['one', ','],
    ['', ','],
    ['a,b;c,d', ','],
  ])('of a header %j alone is %j', (header, delimiter) => {
    expect(delimiterOf(header, true)).toBe(delimiter);
  });

  it.each([
    ['the header is quoted', lines('"name, full";"a;b;c"', '"Lee, Ann";x', '"Ray, Joe";y'), ';'],
    [
      'every address has a comma',
      lines('name\taddress', 'Ann Lee\t1 Elm St, Austin', 'Joe Ray\t2 Oak St, Dallas'),
      '\t',
    ],
    ['a number has a decimal comma', lines('name;total', 'Ann;1,50', 'Joe;2,75', 'Sue;3,00'), ';'],
    ['cells hold lists of their own', lines('name,tags', 'Ann,a;b;c', 'Joe,', 'Sue,d;e;f'), ','],
    ['a cell runs over lines', lines('name,note', '"Lee, Ann","one;two\n;three"', 'Joe,x'), ','],
    ['a title stands above the header', lines('List of customers', 'name;email', 'Ann;ann@example.com', 'Joe;'), ';'],
    ['one row is damaged', lines('a,b,c', '1,2,3', '1,2', '1,2,3', '1,2,3'), ','],
  ])('is found although %s', (_why, text, delimiter) => {
    expect(delimiterOf(text, true)).toBe(delimiter);
  });

  it('does not depend on where the first lines were cut off', () => {
    const text = lines('name;address', 'Ann;"1 Elm St, Austin"', 'Joe;"2 Oak St, Dallas"');
    for (let length = 20; length < text.length; length++) {
      expect(delimiterOf(text.slice(0, length), false), text.slice(0, length)).toBe(';');
    }
  });

  it('is the one that the file tells Excel on its first line', () => {
    expect(namedDelimiter('sep=;\r\na,b')).toEqual({ delimiter: ';', length: 7 });
    expect(namedDelimiter('"SEP=\t"\na')).toEqual({ delimiter: '\t', length: 8 });
    expect(namedDelimiter('sep,x\n')).toBeNull();
    expect(namedDelimiter('sep=;x\n')).toBeNull();
  });
});
