/** Where a line of an address may end. Japanese breaks nearly anywhere; numbers, and what counts with them, stay whole. */
import { widthInEm } from './glyph-table.ts';
import type { GlyphTable } from './types.ts';

const HYPHENS = '\\-‐‑‒–—−－ー';
/** A run that is read as one: 1-2-3, B棟 is not, 10F is; also with Japanese numerals before a counter. */
const NUMBER_RUN = new RegExp(`[0-9０-９A-Za-zＡ-Ｚａ-ｚ${HYPHENS}.,'’&/]`, 'u');
const DIGIT = /[0-9０-９〇一二三四五六七八九十百千]$/u;
const COUNTER = /^(?:丁目|丁|番地|番|号室|号棟|号|地割|階|室|棟|の[0-9０-９])/u;
/** Kinsoku: what may not begin a line, and what may not end one (JIS X 4051, characters that occur in addresses). */
const NOT_FIRST =
  /^[、。，．・：；？！゛゜ヽヾゝゞ々ー’”）〕］｝〉》」』】ぁぃぅぇぉっゃゅょゎァィゥェォッャュョヮヵヶ)\]}]/u;
const NOT_LAST = /[‘“（〔［｛〈《「『【([{]$/u;
/** After these a part of an address has ended: a block, a house, a municipality, a building. */
const PART_END = /(?:丁目|番地|番|号|[都道府県市区町村郡]|[ \u3000])$/u;
const NUMBER_END = /[0-9０-９F]$/u;
const LATIN = /^[\p{Script=Latin}\p{Mn}]$/u;

interface BrokenText {
  lines: string[];
  /** Whether a word or a number was longer than a line, and so is on two. */
  cut: boolean;
}

/**
 * Breaks a text into lines of at most `widthEm`. Breaks where a part of the address ends when that leaves the line at
 * least half full, else where a break is allowed, and leaves no character alone. Only what is longer than a line is cut
 * anywhere. White space at a break is dropped; nothing else is.
 */
export function breakLines(glyphs: GlyphTable, text: string, widthEm: number): BrokenText {
  // Segmenting costs more than all the rest, and most lines fit.
  if (widthInEm(glyphs, text) <= widthEm) return { lines: [text], cut: false };
  const lines: string[] = [];
  let cut = false;
  let rest = segments(text);
  while (widthInEm(glyphs, rest.join('')) > widthEm) {
    const { at, allowed } = breakAt(rest, longestFit(glyphs, rest, widthEm));
    if (at === 0) break;
    cut ||= !allowed;
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

/** The number of graphemes for the first line: at most `most`; and whether a line may end there. */
function breakAt(parts: string[], most: number): { at: number; allowed: boolean } {
  const allowed: number[] = [];
  // The character that is left must have company on its line.
  for (let i = Math.min(most, parts.length - 2); i > 0; i--) if (mayBreak(parts, i)) allowed.push(i);
  const good = allowed.find((i) => i >= most / 2 && isPartEnd(parts, i));
  const at = good ?? allowed.find((i) => i >= most / 3) ?? allowed[0];
  return { at: at ?? most, allowed: at !== undefined };
}

function mayBreak(parts: string[], i: number): boolean {
  const before = parts[i - 1] as string;
  const after = parts[i] as string;
  const next = after + (parts[i + 1] ?? '');
  if (isSpace(before) || isSpace(after)) return true;
  if (NOT_FIRST.test(after) || NOT_LAST.test(before)) return false;
  if (NUMBER_RUN.test(before) && NUMBER_RUN.test(after)) return false;
  if (isLatin(before) && isLatin(after)) return false;
  // 二十|一, 3|丁目, 丁|目, 番|地
  if (DIGIT.test(before) && (COUNTER.test(next) || DIGIT.test(after))) return false;
  return !/^(?:丁目|番地|号室|号棟|地割)$/u.test(before + after);
}

/** A building's name begins after the number of its house. */
function isPartEnd(parts: string[], i: number): boolean {
  const before = parts.slice(Math.max(0, i - 2), i).join('');
  return PART_END.test(before) || isSpace(parts[i] as string) || NUMBER_END.test(before);
}

const isSpace = (part: string): boolean => /^[ \u3000]$/u.test(part);
const isLatin = (part: string): boolean => LATIN.test(part.normalize('NFD').charAt(0));
