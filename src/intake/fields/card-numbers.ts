/**
 * The card-number guard: payment card numbers (ISO/IEC 7812-1) must never be stored, wherever in a list they hide.
 * A number is 13 to 19 digits that begin as an issuer's do and have a right Luhn sum (annex B of that standard).
 */

// Up to three separators between digits: whatever is neither letter nor digit, such as blanks of every width, hyphens,
// the commas of a spreadsheet's thousands, brackets, and what cannot be seen. The long vowel mark serves as a hyphen.
const SEPARATOR = '(?:[^\\p{L}\\p{N}]|[\u30FC\uFF70]){1,3}';
const DIGIT = '[0-9\uFF10-\uFF19]';
const NUMBERS = new RegExp(`${DIGIT}+(?:${SEPARATOR}${DIGIT}+)*`, 'gu');
const DIGITS = new RegExp(`${DIGIT}+`, 'gu');
// Cheap to ask first: almost no cell has thirteen digits.
const MANY_DIGITS = new RegExp(`${DIGIT}(?:[^0-9\uFF10-\uFF19]{0,3}${DIGIT}){12}`, 'u');

/** Visa 4; Mastercard 51–55, 2221–2720; Mir 2200–2204; Amex 34, 37; Diners 30, 36, 38, 39; JCB 3528–3589; Discover and
 * UnionPay 60–65, 81; Maestro 50, 56–58, 67. */
const ISSUER = /^(?:4|5[0-8]|2(?:20[0-4]|22[1-9]|2[3-9]|[3-6]|7[01]|720)|3(?:[04]|5(?:2[89]|[3-8])|[6-9])|6[0-57]|81)/;

/**
 * Cuts every card number in a text down to `****1234`.
 * @returns the text without card numbers, or null when it holds none
 */
export function cutCardNumbers(text: string): string | null {
  if (!hasManyDigits(text) || !MANY_DIGITS.test(text)) return null;
  let out = '';
  let copied = 0;
  for (const run of text.matchAll(NUMBERS)) {
    for (const { start, end, last4 } of cardsIn(run[0])) {
      out += `${text.slice(copied, run.index + start)}****${last4}`;
      copied = run.index + end;
    }
  }
  return copied === 0 ? null : out + text.slice(copied);
}

// Cheaper still, and enough for almost every cell: thirteen digits at all.
function hasManyDigits(text: string): boolean {
  if (text.length < 13) return false;
  let digits = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if ((code >= 0x30 && code <= 0x39) || (code >= 0xff10 && code <= 0xff19)) digits++;
  }
  return digits >= 13;
}

interface Span {
  start: number;
  end: number;
  last4: string;
}

// Whole groups of digits only: a telephone number beside a date must not be cut until some piece passes the sum.
function cardsIn(run: string): Span[] {
  const groups = [...run.matchAll(DIGITS)].map((group) => ({
    digits: group[0].normalize('NFKC'),
    start: group.index,
    end: group.index + group[0].length,
  }));
  const found: Span[] = [];
  for (let first = 0; first < groups.length; first++) {
    const last = lastGroupOfCard(groups, first);
    const [from, to] = [groups[first], groups[last]];
    if (!from || !to) continue;
    const digits = groups.slice(first, last + 1).map((group) => group.digits);
    found.push({ start: from.start, end: to.end, last4: digits.join('').slice(-4) });
    first = last;
  }
  return found;
}

function lastGroupOfCard(groups: readonly { digits: string }[], first: number): number {
  let digits = '';
  let longest = -1;
  for (let last = first; last < groups.length && digits.length < 19; last++) {
    digits += groups[last]?.digits;
    if (isCardNumber(digits)) longest = last;
  }
  return longest;
}

function isCardNumber(digits: string): boolean {
  return digits.length >= 13 && digits.length <= 19 && ISSUER.test(digits) && luhn(digits);
}

function luhn(digits: string): boolean {
  let sum = 0;
  for (let i = 0; i < digits.length; i++) {
    const digit = digits.charCodeAt(digits.length - 1 - i) - 48;
    const doubled = i % 2 === 1 ? digit * 2 : digit;
    sum += doubled > 9 ? doubled - 9 : doubled;
  }
  return sum % 10 === 0;
}
