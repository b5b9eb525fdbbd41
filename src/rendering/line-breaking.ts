/** Where a line of an address may end. Japanese breaks nearly anywhere; numbers, and what counts with them, stay whole. */
import { widthInEm } from './glyph-table.ts';
import type { GlyphTable } from './types.ts';

const HYPHENS = '\\-‐‑‒–—−－ー';
/** A run that is read as one: 1-2-3, B棟 is not, 10F is; also with Japanese numerals before a counter. */
const NUMBER_RUN = new RegExp(`[0-9０-９A-Za-zＡ-Ｚａ-ｚ${HYPHENS}.,'’&/]`, 'u');
const DIGIT = /[0-9０-９〇一二三四五六七八九十百千]$/u;
const COUNTER = /^(?:丁目|丁|番地|番|号室|号棟|号|地割|階|室|棟)/u;
/** Kinsoku: what may not begin a line, and what may not end one (JIS X 4051, characters that occur in addresses). */
const NOT_FIRST =
  /^[、。，．・：；？！゛゜ヽヾゝゞ々ー’”）〕］｝〉》」』】ぁぃぅぇぉっゃゅょゎァィゥェォッャュョヮヵヶ)\]}]/u;
const NOT_LAST = /[‘“（〔［｛〈《「『【([{]$/u;
/**
 * Where a part of an address has ended, marked with `|`: a block, a house, a municipality, the way from a crossing in
 * Kyoto. Not 四日市|市, nor 京都|府.
 */
const PART_END =
  /(?:丁目|番地|番|号|東京都|北海道|[府県区町村郡]|市(?!\|市)|[上下入][るル]|[東西]入(?!\|[るル])|[0-9０-９F]|[ \u3000])\|/u;
const LATIN = /^[\p{Script=Latin}\p{Mn}]$/u;
const KATAKANA = /^[\p{Script=Katakana}ーｰ]/u;
const JAPANESE = /^[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}々]/u;
const IN_PLACE = '[\\p{Script=Han}\\p{Script=Hiragana}々ヶヵケノ]';
/** What is left of a place's name after a break within it: 今出川|町, さい|たま市, 霞が|関1丁目; 霞が関|1丁目 is none. */
const REST_OF_PLACE = new RegExp(
  `^(?:${IN_PLACE}*?[都府県市区町村郡]|(?![一二三四五六七八九十])${IN_PLACE}+?(?:[0-9０-９]+|[一二三四五六七八九十]+)(?:丁目|番))`,
  'u',
);
/** No name of a place is longer. */
const LOOK_AHEAD = 30;
/** What is written behind a name, and stays with it. */
const HONORIFIC = /(?:様|樣|さま|殿|御中|先生|各位|御一同|さん|氏|女史|教授)$/u;
/** So many characters, blanks not counted, have company on their line, and so many of the name stay with 様. */
const COMPANY = 2;

interface BrokenText {
  lines: string[];
  /** Whether a word, the name of a place or a number had no room on a line, and so is on two. */
  cut: boolean;
}

/**
 * Breaks a text into lines of at most `widthEm`. Breaks where a part of the address ends when that leaves the line at
 * least half full, else between words, and leaves no character alone, nor 様 without the end of the name. Only what is
 * longer than a line is cut. White space at a break is dropped; nothing else is.
 */
export function breakLines(glyphs: GlyphTable, text: string, widthEm: number): BrokenText {
  // Segmenting costs more than all the rest, and most lines fit.
  if (widthInEm(glyphs, text) <= widthEm) return { lines: [text], cut: false };
  const lines: string[] = [];
  let cut = false;
  let rest = segments(text);
  while (widthInEm(glyphs, rest.join('')) > widthEm) {
    const { at, isCut } = breakAt(rest, longestFit(glyphs, rest, widthEm));
    if (at === 0) break;
    cut ||= isCut;
    lines.push(rest.slice(0, at).join('').trim());
    rest = segments(rest.slice(at).join('').trim());
  }
  return { lines: [...lines, rest.join('')].filter((line) => line !== ''), cut };
}

/** Whole graphemes: a variation selector stays with its base. */
const segments = (text: string): string[] => [...new Intl.Segmenter('ja').segment(text)].map(({ segment }) => segment);

function longestFit(glyphs: GlyphTable, parts: string[], widthEm: number): number {
  let width = 0;
  for (const [i, part] of parts.entries()) {
    width += widthInEm(glyphs, part);
    if (width > widthEm) return i;
  }
  return parts.length;
}

/** The number of graphemes for the first line: at most `most`; and whether a word is cut there. */
function breakAt(parts: string[], most: number): { at: number; isCut: boolean } {
  const last = Math.min(most, parts.length - keptTogether(parts));
  const places: number[] = [];
  for (let i = last; i > 0 && hasCompany(parts, i); i--) if (mayBreak(parts, i)) places.push(i);
  const whole = places.filter((i) => !cutsWord(parts, i));
  const good = whole.find((i) => i >= most / 2 && isPartEnd(parts, i)) ?? whole.find((i) => i >= most / 3) ?? whole[0];
  if (good !== undefined) return { at: good, isCut: false };
  return { at: places[0] ?? (last > 0 ? last : most), isCut: true };
}

/** How many graphemes at the end stay on one line: two that are seen, or the honorific with two of the name. */
function keptTogether(parts: string[]): number {
  const [honorific = ''] = HONORIFIC.exec(parts.join('')) ?? [];
  let [count, missing] = [0, honorific.length + COMPANY];
  while (missing > 0 && count < parts.length) {
    count++;
    if (!isSpace(parts[parts.length - count] as string)) missing--;
  }
  return count;
}

/** Whether two characters that are seen stand on the line that ends there. */
const hasCompany = (parts: string[], i: number): boolean =>
  parts.slice(0, i).filter((part) => !isSpace(part)).length >= COMPANY;

function mayBreak(parts: string[], i: number): boolean {
  const before = parts[i - 1] as string;
  const after = parts[i] as string;
  const next = after + (parts[i + 1] ?? '');
  if (isSpace(before) || isSpace(after)) return true;
  if (NOT_FIRST.test(after) || NOT_LAST.test(before)) return false;
  if (NUMBER_RUN.test(before) && NUMBER_RUN.test(after)) return false;
  if (isLatin(before) && isLatin(after)) return false;
  // 123番地|の4, 123番地の|4
  if (/^[のノ][0-9０-９]/u.test(next)) return false;
  if (/[0-9０-９地番号][のノ][0-9０-９]$/u.test((parts[i - 2] ?? '') + before + after)) return false;
  // 二十|一, 3|丁目, 丁|目, 番|地
  if (DIGIT.test(before) && (COUNTER.test(next) || DIGIT.test(after))) return false;
  return !/^(?:丁目|番地|号室|号棟|地割)$/u.test(before + after);
}

/** A building's name begins after the number of its house. */
function isPartEnd(parts: string[], i: number): boolean {
  const after = parts[i] as string;
  return isSpace(after) || PART_END.test(`${parts.slice(Math.max(0, i - 3), i).join('')}|${after}`);
}

/** A break that is allowed, but parts what is read as one: a word in Katakana, the name of a place. */
function cutsWord(parts: string[], i: number): boolean {
  const [before, after] = [parts[i - 1] as string, parts[i] as string];
  if (KATAKANA.test(before) && KATAKANA.test(after)) return true;
  if (!JAPANESE.test(before) || isPartEnd(parts, i)) return false;
  return REST_OF_PLACE.test(parts.slice(i, i + LOOK_AHEAD).join(''));
}

const isSpace = (part: string): boolean => /^[ \u3000]$/u.test(part);
const isLatin = (part: string): boolean => LATIN.test(part.normalize('NFD').charAt(0));
