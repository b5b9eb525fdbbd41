const DIGITS = '〇一二三四五六七八九';
const UNITS = new Map([
  ['十', 10],
  ['百', 100],
  ['千', 1000],
]);

/** One or more kanji numerals, as the source of a regular expression. */
export const KANJI_NUMBER = `[${DIGITS}${[...UNITS.keys()].join('')}]+`;

const EVERY = new RegExp(KANJI_NUMBER, 'g');

/** Kanji numerals as a number in digits, by units (二十一) or digit by digit (二一, 一〇五). */
export function arabicNumber(kanji: string): string {
  let [sum, open] = [0, 0];
  for (const character of kanji) {
    const unit = UNITS.get(character);
    if (unit === undefined) open = open * 10 + DIGITS.indexOf(character);
    else [sum, open] = [sum + (open || 1) * unit, 0];
  }
  return String(sum + open);
}

/** The text with all kanji numerals in digits: 北六条東 and 北6条東 are one place. For comparing only. */
export function inArabicNumbers(text: string): string {
  return text.replace(EVERY, arabicNumber);
}
