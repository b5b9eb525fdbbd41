import { settle } from './settle.ts';

/** Postal code and text, with hyphens, 丁目/番地/号 and small variants of spelling folded. Folding twice changes nothing. */
export function addressKey(postalCode: string | null, lines: readonly string[]): string {
  const text = lines.length === 1 ? (lines[0] ?? '') : lines.join('');
  return `${postalCode ?? ''} ${isFolded(text) ? text : fold(text)}`;
}

function fold(text: string): string {
  const once = isSimple(text) ? scan(text) : foldAny(text);
  // A second look is rare: in 1之十号 the 十 must be a number before 之 can be a hyphen.
  return isFolded(once) ? once : settle(once, foldAny);
}

function foldAny(text: string): string {
  return scan(text.normalize('NFKC').toLowerCase());
}

const code = (character: string): number => character.charCodeAt(0);
const [SPACE, HYPHEN, NO, KA, LARGE, SUB] = [0x20, 0x2d, code('の'), code('カ'), code('大'), code('字')];
const [CHOME, ME, BAN, CHI, GO, MACHI] = [code('丁'), code('目'), code('番'), code('地'), code('号'), code('町')];

/** One spelling of ヶ, ケ, ヵ (龍ケ崎, 龍ヶ崎) and of ノ, 之 (井の上, 井之上). */
const SPELLINGS = new Map(
  [...'ヶケヵノ之'].map((character) => [code(character), 'ノ之'.includes(character) ? NO : KA]),
);
const IN_PARTS = new Set([CHOME, BAN, GO, SUB, ...SPELLINGS.keys()]);

const isDigit = (at: number): boolean => at >= 0x30 && at <= 0x39;
const isKana = (at: number): boolean => (at >= 0x3041 && at <= 0x3096) || (at >= 0x30a1 && at <= 0x30fc);
const isDash = (at: number): boolean =>
  at === HYPHEN || (at >= 0x2010 && at <= 0x2015) || at === 0x2212 || at === 0x30fc || at === 0x301c || at === 0x2500;

/** Whether an address is folded as it is, like 東京都港区芝公園1-2-3: most need no more than this look. */
function isFolded(text: string): boolean {
  let before = 0;
  for (let i = 0; i < text.length; i++) {
    const at = text.charCodeAt(i);
    if (at === HYPHEN) {
      if (!isDigit(before) || !isDigit(text.charCodeAt(i + 1))) return false;
    } else if (at >= 0x4e00 && at <= 0x9fff) {
      if (IN_PARTS.has(at)) return false;
    } else if (isKana(at)) {
      // A long vowel mark after a digit is a hyphen, and so is 1の2.
      if (IN_PARTS.has(at) || isDigit(before)) return false;
    } else if (!isDigit(at) && (at < 0x61 || at > 0x7a)) {
      return false;
    }
    before = at;
  }
  return true;
}

/** Whether each character can be folded by itself: no half-width kana, nothing that combines. */
function isSimple(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const at = text.charCodeAt(i);
    if (at < 0x7f || (at >= 0x4e00 && at <= 0x9fff) || isKana(at)) continue;
    if ((at >= 0xff01 && at <= 0xff5e) || at === 0x3000 || at === 0x3001 || at === 0x3005 || isDash(at)) continue;
    return false;
  }
  return true;
}

/** Full-width ASCII narrow, capitals small, one spelling of each variant. */
function foldCode(given: number): number {
  const at = given >= 0xff01 && given <= 0xff5e ? given - 0xfee0 : given;
  if (at < 0x80) return at >= 0x41 && at <= 0x5a ? at + 0x20 : at;
  return SPELLINGS.get(at) ?? at;
}

const isDropped = (at: number): boolean =>
  at === SPACE || (at >= 9 && at <= 13) || at === 0x3000 || at === 0x3001 || at === 0x2c || at === 0x2e;

// What is written so far; kept from call to call, because a million arrays cost more than the folding.
let out = new Uint16Array(256);
let bytes = Buffer.from(out.buffer);

/** Drops blanks, 字 and 大字, and makes one hyphen of whatever stands between the numbers of a house number. */
function scan(text: string): string {
  // A kanji number can grow by one: 十 is 10.
  if (out.length < text.length * 2) {
    out = new Uint16Array(text.length * 2);
    bytes = Buffer.from(out.buffer);
  }
  let length = 0;
  let pending = false;
  for (let i = 0; i < text.length; i++) {
    const at = foldCode(text.charCodeAt(i));
    if (isDropped(at)) continue;
    if (at === SUB) {
      if (out[length - 1] === LARGE && length > 0) length--;
      continue;
    }
    const part = partAt(text, i, at);
    if (part > 0) {
      if (!isDash(at) && at !== NO) length = withWesternNumber(length);
      if (length > 0 && isDigit(out[length - 1] ?? 0)) {
        pending = true;
        i += part - 1;
        continue;
      }
    }
    if (pending && isDigit(at)) out[length++] = HYPHEN;
    pending = false;
    out[length++] = at;
  }
  return bytes.toString('utf16le', 0, length * 2);
}

/** How many characters here belong to the name of a part of a house number, or part two of its numbers; 0: none. */
function partAt(text: string, i: number, at: number): number {
  const next = text.charCodeAt(i + 1);
  if (at === CHOME) return next === ME ? 2 : 0;
  if (at === BAN) {
    if (next === MACHI || next === CHOME) return 0;
    return next === CHI ? (foldCode(text.charCodeAt(i + 2)) === NO ? 3 : 2) : 1;
  }
  if (at === GO || isDash(at)) return 1;
  return at === NO && isDigit(foldCode(next)) ? 1 : 0;
}

const KANJI_DIGITS = [...'〇一二三四五六七八九'].map(code);
const TEN = code('十');

/** Writes a kanji number at the end of what is written so far in digits: 二十三 as 23. Numbers of over 99 do not occur. */
function withWesternNumber(length: number): number {
  let start = length;
  while (start > 0 && (out[start - 1] === TEN || KANJI_DIGITS.includes(out[start - 1] ?? 0))) start--;
  if (start === length) return length;
  const number = String.fromCharCode(...out.subarray(start, length));
  const digits = (part: string): string => [...part].map((digit) => KANJI_DIGITS.indexOf(code(digit))).join('');
  const [tens = '', ones, more] = number.split('十');
  if (more !== undefined || tens.length > 2 || (ones?.length ?? 0) > 1) return length;
  const written = ones === undefined ? digits(tens) : `${digits(tens) || '1'}${digits(ones) || '0'}`;
  for (let i = 0; i < written.length; i++) out[start + i] = written.charCodeAt(i);
  return start + written.length;
}
