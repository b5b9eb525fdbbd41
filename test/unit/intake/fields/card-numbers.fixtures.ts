import fc from 'fast-check';

/** Makes the sum right: no card number stands in a source file. */
function cardNumber(prefix: string, length: number, filler: readonly number[]): string {
  const body = (prefix + filler.join('')).slice(0, length - 1).padEnd(length - 1, '7');
  for (let check = 0; check < 10; check++) {
    const digits = [...`${body}${check}`].reverse().map(Number);
    const sum = digits.reduce((all, digit, i) => all + (i % 2 === 0 ? digit : digit * 2 - (digit > 4 ? 9 : 0)), 0);
    if (sum % 10 === 0) return `${body}${check}`;
  }
  throw new Error('one of ten digits is always right');
}

const card = fc
  .tuple(
    fc.constantFrom<[string, number]>(
      ['4', 16],
      ['4', 13],
      ['4', 19],
      ['51', 16],
      ['2221', 16],
      ['34', 15],
      ['37', 15],
      ['36', 14],
      ['3528', 16],
      ['6011', 16],
      ['62', 19],
    ),
    fc.array(fc.nat(9), { minLength: 19, maxLength: 19 }),
  )
  .map(([[prefix, length], filler]) => cardNumber(prefix, length, filler));
const separator = fc.constantFrom(
  ...[
    '',
    ' ',
    '-',
    '　',
    '－',
    '‐',
    '.',
    ' - ',
    '\u200B',
    '\u200E',
    ',',
    '、',
    '，',
    ':',
    '~',
    '|',
    '+',
    '／',
    ')(',
    'ー',
  ],
);
export const written = fc.tuple(card, separator, fc.boolean()).map(([digits, between, wide]) => {
  const text = digits.match(/.{1,4}/g)?.join(between) ?? '';
  return {
    digits,
    text: wide ? text.replace(/\d/g, (digit) => String.fromCharCode(digit.charCodeAt(0) + 0xfee0)) : text,
  };
});
export const around = fc.constantFrom('', 'カード:', ' 備考 ', '(', ')です', '期限 05/26', ' TEL 03-1234-5678');
