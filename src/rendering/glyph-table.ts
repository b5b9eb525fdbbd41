/**
 * Reads from a TrueType font which characters and variation sequences it has, and how wide they are.
 * The typesetter prints a box for a missing glyph and the base form for an unknown sequence, without a word: a name
 * would be wrong on paper. Tables: OpenType 1.9, chapters `cmap` (formats 4, 12, 14), `hmtx`, `hhea`, `head`.
 */
import type { GlyphTable } from './types.ts';

/** Code points up to plane 3 (CJK extensions B–H); nothing of a name or an address lies beyond. */
const CODE_POINTS = 0x40000;

export function readGlyphTable(font: Buffer): GlyphTable {
  const tables = tableOffsets(font);
  const advances = new Uint16Array(CODE_POINTS);
  const widthOf = glyphWidths(font, tables);
  const subtables = cmapSubtables(font, tables.cmap ?? 0);
  for (const [codePoint, glyph] of mappings(font, subtables)) {
    // Plus one, so that a combining mark of no width still counts as present.
    if (codePoint < CODE_POINTS && glyph !== 0) advances[codePoint] = widthOf(glyph) + 1;
  }
  const sequences = subtables.get(14);
  return { advances, sequences: sequences === undefined ? new Set() : variationSequences(font, sequences) };
}

/** What a font has, with the `wanted` characters of another in place of its own. */
export function withLetters(font: GlyphTable, other: GlyphTable, wanted: RegExp): GlyphTable {
  const advances = font.advances.slice();
  for (const [point, advance] of other.advances.entries()) {
    if (advance !== 0 && wanted.test(String.fromCodePoint(point))) advances[point] = advance;
  }
  return { advances, sequences: font.sequences };
}

/** Width of one character in thousandths of an em; null when the font cannot show it. */
function advanceOf(table: GlyphTable, codePoint: number): number | null {
  const stored = table.advances[codePoint] ?? 0;
  return stored === 0 ? null : stored - 1;
}

/** The kana of JIS X 0213 that are written with a mark of their own, and that the Japanese fonts have whole. */
const KANA_WITH_MARK = /^[かきくけこカキクケコセツトㇷ]\u309a$/u;

/**
 * What of a text the font cannot show: `U+2A6D6`; `U+8FBB U+E0102` for a variation sequence; `U+004A U+030C` for a letter
 * with a mark that make no single character, which would be set beside it or on the next one.
 */
export function missingGlyphs(table: GlyphTable, text: string): string[] {
  const characters = [...text];
  const missing = characters.flatMap((character, i) => {
    const [base, point] = [characters[i - 1] ?? '', character.codePointAt(0) as number];
    if (isVariationSelector(point))
      return table.sequences.has(sequenceKey(base, point)) ? [] : [hexes(base + character)];
    if (MARK.test(character) && !KANA_WITH_MARK.test(base + character)) return [hexes(base + character)];
    return advanceOf(table, point) === null ? [hexes(character)] : [];
  });
  return [...new Set(missing)];
}

const MARK = /\p{M}/u;

/** Sum of the advances in em; variation selectors have no width of their own. */
export function widthInEm(table: GlyphTable, text: string): number {
  let thousandths = 0;
  for (const character of text) {
    const point = character.codePointAt(0) as number;
    if (!isVariationSelector(point)) thousandths += advanceOf(table, point) ?? 1000;
  }
  return thousandths / 1000;
}

function isVariationSelector(point: number): boolean {
  return (point >= 0xfe00 && point <= 0xfe0f) || (point >= 0xe0100 && point <= 0xe01ef);
}

function hexes(text: string): string {
  return [...text].map((character) => `U+${hexOf(character).toUpperCase().padStart(4, '0')}`).join(' ');
}

const hexOf = (character: string): string => (character.codePointAt(0) ?? 0).toString(16);

function sequenceKey(base: string, selector: number): string {
  return `${hexOf(base)}:${selector.toString(16)}`;
}

function tableOffsets(font: Buffer): Record<string, number> {
  const offsets: Record<string, number> = {};
  for (let i = 0; i < font.readUInt16BE(4); i++) {
    const entry = 12 + i * 16;
    offsets[font.toString('latin1', entry, entry + 4)] = font.readUInt32BE(entry + 8);
  }
  return offsets;
}

function glyphWidths(font: Buffer, tables: Record<string, number>): (glyph: number) => number {
  const { head = 0, hhea = 0, hmtx = 0 } = tables;
  const unitsPerEm = font.readUInt16BE(head + 18);
  const longMetrics = font.readUInt16BE(hhea + 34);
  return (glyph) => Math.round((font.readUInt16BE(hmtx + Math.min(glyph, longMetrics - 1) * 4) * 1000) / unitsPerEm);
}

/** The last subtable of each format: fonts repeat the same one for several platforms. */
function cmapSubtables(font: Buffer, cmap: number): Map<number, number> {
  const byFormat = new Map<number, number>();
  for (let i = 0; i < font.readUInt16BE(cmap + 2); i++) {
    const offset = cmap + font.readUInt32BE(cmap + 4 + i * 8 + 4);
    byFormat.set(font.readUInt16BE(offset), offset);
  }
  return byFormat;
}

function mappings(font: Buffer, subtables: Map<number, number>): Iterable<[number, number]> {
  const [full, bmp] = [subtables.get(12), subtables.get(4)];
  if (full !== undefined) return format12(font, full);
  return bmp === undefined ? [] : format4(font, bmp);
}

function* format12(font: Buffer, offset: number): Iterable<[number, number]> {
  const groups = font.readUInt32BE(offset + 12);
  for (let i = 0; i < groups; i++) {
    const group = offset + 16 + i * 12;
    const first = font.readUInt32BE(group);
    const last = font.readUInt32BE(group + 4);
    const glyph = font.readUInt32BE(group + 8);
    for (let point = first; point <= last; point++) yield [point, glyph + point - first];
  }
}

function* format4(font: Buffer, offset: number): Iterable<[number, number]> {
  const size = font.readUInt16BE(offset + 6);
  for (let i = 0; i < size; i += 2) {
    const last = font.readUInt16BE(offset + 14 + i);
    const first = font.readUInt16BE(offset + 16 + size + i);
    const delta = font.readUInt16BE(offset + 16 + size * 2 + i);
    const rangeAt = offset + 16 + size * 3 + i;
    const range = font.readUInt16BE(rangeAt);
    for (let point = first; point <= last && point !== 0xffff; point++) {
      const listed = range === 0 ? point : font.readUInt16BE(rangeAt + range + (point - first) * 2);
      yield [point, range !== 0 && listed === 0 ? 0 : (listed + delta) & 0xffff];
    }
  }
}

function variationSequences(font: Buffer, offset: number): Set<string> {
  const sequences = new Set<string>();
  const records = font.readUInt32BE(offset + 6);
  for (let i = 0; i < records; i++) {
    const record = offset + 10 + i * 11;
    const selector = font.readUIntBE(record, 3);
    for (const base of defaultBases(font, offset, font.readUInt32BE(record + 3))) {
      sequences.add(sequenceKey(String.fromCodePoint(base), selector));
    }
    for (const base of otherBases(font, offset, font.readUInt32BE(record + 7))) {
      sequences.add(sequenceKey(String.fromCodePoint(base), selector));
    }
  }
  return sequences;
}

/** Sequences whose form is the ordinary one. An offset of 0 means that there are none. */
function* defaultBases(font: Buffer, cmap14: number, relative: number): Iterable<number> {
  if (relative === 0) return;
  const at = cmap14 + relative;
  for (let i = 0; i < font.readUInt32BE(at); i++) {
    const start = font.readUIntBE(at + 4 + i * 4, 3);
    const more = font.readUInt8(at + 7 + i * 4);
    for (let base = start; base <= start + more; base++) yield base;
  }
}

/** Sequences with a glyph of their own. */
function* otherBases(font: Buffer, cmap14: number, relative: number): Iterable<number> {
  if (relative === 0) return;
  const at = cmap14 + relative;
  for (let i = 0; i < font.readUInt32BE(at); i++) yield font.readUIntBE(at + 4 + i * 5, 3);
}
