/** How the sender is broken into lines: above the address in the window, and beside it. */
import type { Facts } from '../incident/facts.ts';
import { widthInEm } from './glyph-table.ts';
import type { Zone } from './letter-profiles/zones.ts';
import { breakLines } from './line-breaking.ts';
import type { GlyphTable, NoticeLocale } from './types.ts';

/** The sender's address in the order of its country. */
export interface PlacedAddress {
  /** With the postal code. */
  address: string[];
  /** Of these, the lines that the post cannot do without. */
  town: string[];
}

interface Organisation extends PlacedAddress {
  name: string;
  postalCode: string;
}

let countries: Set<string> | undefined;

/** Every country by its English name. */
function englishCountries(): Set<string> {
  const names = new Intl.DisplayNames('en', { type: 'region', fallback: 'none' });
  const letters = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZ'];
  const codes = letters.flatMap((first) => letters.map((second) => first + second));
  return new Set(codes.flatMap((code) => names.of(code) ?? []));
}

/** Codes that stand behind the town, Japan's, and behind the state, the American: others have a line of their own. */
const AFTER_TOWN = /^\d{3}-\d{4}$/;
const [AMERICAN, STATE] = [/^\d{5}(?:-\d{4})?$/, /[ ,][A-Z]{2}$/];

/** The postal code stands first in Japanese; in English behind the town, and before the country that ends an address. */
export function placedAddress(
  locale: NoticeLocale,
  { postalCode, addressLines }: Pick<Facts['organisation'], 'postalCode' | 'addressLines'>,
): PlacedAddress {
  if (locale === 'ja') {
    const address = [japaneseCode(postalCode), ...addressLines];
    return { address, town: address.slice(0, 2) };
  }
  countries ??= englishCountries();
  const abroad = addressLines.length > 1 && countries.has(addressLines.at(-1) ?? '') ? addressLines.slice(-1) : [];
  const lines = abroad.length > 0 ? addressLines.slice(0, -1) : addressLines;
  const town = lines.at(-1) ?? '';
  const isBehind = AFTER_TOWN.test(postalCode) || (AMERICAN.test(postalCode) && STATE.test(town));
  // Who has written it with the town already does not want it twice.
  const withCode = town.includes(postalCode) ? [town] : isBehind ? [`${town} ${postalCode}`] : [town, postalCode];
  return { address: [...lines.slice(0, -1), ...withCode, ...abroad], town: [...withCode, ...abroad] };
}

/** `〒100-0001`, also where it was given with its mark. */
export const japaneseCode = (postalCode: string): string => `〒${postalCode.replace(/^〒/, '')}`;

/** The sender in the window: one or two lines. */
export interface ReturnLine {
  lines: string[];
  /** Type size. */
  pt: number;
}

const MM_PER_PT = 25.4 / 72;
/** Less than 6 points no postman reads. */
const ONE_LINE_PT = [7, 6.5, 6];
/** Larger, two lines would touch the address. */
const TWO_LINES_PT = 6;
const BETWEEN = ' · ';

/**
 * The sender for the window: all of it where that fits, else name, town and postal code, else name and postal code; with
 * these the post finds a sender that it knows.
 * @returns null when even that is too long
 */
export function returnLine(
  glyphs: GlyphTable,
  { width }: Pick<Zone, 'width'>,
  { name, postalCode, address, town }: Organisation,
): ReturnLine | null {
  for (const parts of [
    [name, ...address],
    [name, ...town],
    [name, postalCode],
  ]) {
    const fits = (text: string, pt: number) => widthInEm(glyphs, text) * pt * MM_PER_PT <= width;
    const text = parts.join(BETWEEN);
    const pt = ONE_LINE_PT.find((size) => fits(text, size));
    if (pt !== undefined) return { lines: [text], pt };
    const lines = inTwo(glyphs, parts, width / (TWO_LINES_PT * MM_PER_PT));
    if (lines) return { lines, pt: TWO_LINES_PT };
  }
  return null;
}

/** Broken between parts where that is possible, else where a line may end; null when two lines do not hold it. */
function inTwo(glyphs: GlyphTable, parts: string[], widthEm: number): string[] | null {
  for (let at = 1; at < parts.length; at++) {
    const lines = [parts.slice(0, at).join(BETWEEN), parts.slice(at).join(BETWEEN)];
    if (lines.every((line) => widthInEm(glyphs, line) <= widthEm)) return lines;
  }
  const { lines, cut } = breakLines(glyphs, parts.join(BETWEEN), widthEm);
  return lines.length <= 2 && !cut ? lines.map((line) => line.replace(/^· | ·$/, '')) : null;
}

/** What kerning and the like may add to a line that was measured by its advances. */
const SLIP = 0.985;

/**
 * The lines of the sender beside the address that are too long there, each with the lines into which it is broken: no
 * 号 is left alone. By type size in pt, as a string.
 */
export function senderBreaks(
  glyphs: GlyphTable,
  widthMm: number,
  lines: string[],
): Record<string, Record<string, string[]>> {
  const broken = (pt: number) =>
    lines.flatMap((line) => {
      const parts = evenly(glyphs, line, (widthMm * SLIP) / (pt * MM_PER_PT));
      return parts.length > 1 ? [[line, parts] as const] : [];
    });
  return Object.fromEntries([10.5, 10].map((pt) => [String(pt), Object.fromEntries(broken(pt))]));
}

/** Fewer characters do not look like a line of an address, but like one that has slipped. */
const LEAST_LINE = 4;

/** Broken a little earlier where that leaves more for the last line, and takes no further one. */
function evenly(glyphs: GlyphTable, line: string, widthEm: number): string[] {
  const full = breakLines(glyphs, line, widthEm).lines;
  const ways = [1, 0.9, 0.8, 0.7, 0.6].map((share) => breakLines(glyphs, line, widthEm * share));
  const even = ways.find(({ lines, cut }) => {
    return !cut && lines.length === full.length && lines.every((each) => [...each].length >= LEAST_LINE);
  });
  return even?.lines ?? full;
}
