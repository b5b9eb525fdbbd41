import { arabicNumber, KANJI_NUMBER } from './kanji-number.ts';

const FULL_WIDTH = /[！-～]/g;
const LEFT_OUT = /[&/・･.]/g;
// 第二ビル is a name, 二丁目 a number: kanji count where one of these follows.
const COUNTED = new RegExp(`${KANJI_NUMBER}(?=丁目|丁|番地|番|号|地割|線|の|ノ|ﾉ)`, 'g');

/**
 * The address number (住所表示番号) of the customer barcode: digits, hyphens and single letters.
 * Japan Post, 郵便番号・バーコードマニュアル, p. 18 and 19: the six rules and five supplements for 住所B.
 * @param partB the address after the town (町域), buildings and rooms too; not the town itself, whose name may hold
 *   numbers (三番町)
 * @returns of any length; empty when there is no number
 */
export function addressNumber(partB: string): string {
  const extracted = partB
    // Not NFKC: it would make letters of Ⅱ and digits of ②, which the rules do not speak of.
    .replace(FULL_WIDTH, (character) => String.fromCharCode(character.charCodeAt(0) - 0xfee0))
    .toUpperCase()
    .replace(LEFT_OUT, '')
    .replace(COUNTED, arabicNumber)
    .replace(/[A-Z]{2,}/g, '-')
    // A floor: 10F. An F between a number and something else that counts parts the two as a hyphen does.
    .replace(/(\d)F/g, '$1-')
    .replace(/[^0-9A-Z]+/g, '-')
    .replace(/^-|-$/g, '');
  return extracted.replace(/-?([A-Z])-?/g, '$1');
}
