import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Name, PdfProblem, Ref, Tokens, type Value, Word } from '../../../../src/rendering/pdf/tokens.ts';

const read = (text: string): Value[] => {
  const tokens = new Tokens(Buffer.from(text, 'latin1'));
  const all: Value[] = [];
  for (let token = tokens.next(); token !== undefined; token = tokens.next()) all.push(token);
  return all;
};
const bytes = (text: string) => Uint8Array.from(Buffer.from(text, 'latin1'));

describe('the tokens of a PDF', () => {
  it.each([
    ['0 -1 +2 3.5 -.25 4. 00012', [0, -1, 2, 3.5, -0.25, 4, 12]],
    ['/F0 /A#42#20c /', [new Name('F0'), new Name('AB c'), new Name('')]],
    ['true false null', [true, false, null]],
    ['q cm T* BT', [new Word('q'), new Word('cm'), new Word('T*'), new Word('BT')]],
    ['[1 2 0 R /X]', [[1, new Ref(2), new Name('X')]]],
    [
      '<< /A 1 /B << /C [2] >> >>',
      [
        new Map<string, Value>([
          ['A', 1],
          ['B', new Map([['C', [2]]])],
        ]),
      ],
    ],
    ['1 % a comment )\n2', [1, 2]],
    ['5/N', [5, new Name('N')]],
  ])('reads %s', (text, expected) => {
    expect(read(text)).toEqual(expected);
  });

  it.each([
    ['(a(b)c)', 'a(b)c'],
    ['(\\050\\51\\0012)', '()\u00012'],
    ['(\\n\\r\\t\\b\\f\\\\\\(\\x)', '\n\r\t\b\f\\(x'],
    ['(a\\\nb\\\r\nc)', 'abc'],
    ['<48 65 6C6>', 'Hel`'],
    ['()', ''],
  ])('reads the string %j', (text, expected) => {
    expect([...(read(text)[0] as Uint8Array)]).toEqual([...bytes(expected)]);
  });

  it.each(['(a', '<48', '[1', '<< /A', '<< 1 2 >>', '<< /A >>', '[q]', '--', '}', ')'])('refuses %s', (text) => {
    expect(() => read(text)).toThrow(PdfProblem);
  });

  it('ends on any bytes, with tokens or a problem', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (some) => {
        try {
          read(Buffer.from(some).toString('latin1'));
        } catch (error) {
          expect(error).toBeInstanceOf(PdfProblem);
        }
      }),
    );
  });
});
