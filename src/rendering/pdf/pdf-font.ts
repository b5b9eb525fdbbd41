/** A font of a PDF: what its glyphs stand for, how wide they are, where their ink is, and whether it is in the file. */
import { glyphBoxes } from './glyph-boxes.ts';
import { contentOf, isStream, numbersOf, type PdfFile } from './pdf-file.ts';
import { type Dict, latin1, Name, PdfProblem, type Value } from './tokens.ts';

/** In thousandths of the type size, from the glyph's origin, y upwards. */
export interface GlyphBox {
  left: number;
  bottom: number;
  right: number;
  top: number;
}

export interface PdfFont {
  /** Without the tag of the subset. */
  name: string;
  embedded: boolean;
  /** Advance in thousandths of the type size. */
  widthOf(glyph: number): number;
  /** undefined when the file does not say what the glyph stands for. */
  textOf(glyph: number): string | undefined;
  /** null for a glyph without ink, such as a space. */
  boxOf(glyph: number): GlyphBox | null;
}

/**
 * A composite font with glyph numbers of two bytes, the only kind that our typesetter writes (ISO 32000-1 §9.7).
 * @throws PdfProblem for any other
 */
export function readFont(file: PdfFile, reference: Value | undefined): PdfFont {
  const font = file.dict(reference);
  if (nameOf(font, 'Subtype') !== 'Type0' || nameOf(font, 'Encoding') !== 'Identity-H') {
    throw new PdfProblem('a font of another kind');
  }
  const descendants = file.resolve(font.get('DescendantFonts'));
  const descendant = file.dict(Array.isArray(descendants) ? descendants[0] : undefined);
  const descriptor = file.dict(descendant.get('FontDescriptor'));
  const widths = readWidths(file.resolve(descendant.get('W')));
  const usualWidth = (descendant.get('DW') as number | undefined) ?? 1000;
  const texts = readTexts(file, font.get('ToUnicode'));
  const { embedded, boxOf } = readProgram(file, descriptor);
  return {
    ...{ name: nameOf(font, 'BaseFont').replace(/^[A-Z]{6}\+/, ''), embedded, boxOf },
    widthOf: (glyph) => widths.get(glyph) ?? usualWidth,
    textOf: (glyph) => texts.get(glyph),
  };
}

function nameOf(dict: Dict, key: string): string {
  const value = dict.get(key);
  return value instanceof Name ? value.name : '';
}

/** `first last width` or `first [width …]`, any number of times. */
function readWidths(list: unknown): Map<number, number> {
  const widths = new Map<number, number>();
  if (!Array.isArray(list)) return widths;
  for (let i = 0; i < list.length; ) {
    const [first, second, width] = list.slice(i, i + 3);
    if (Array.isArray(second)) {
      for (const [j, each] of numbersOf(second).entries()) widths.set(first + j, each);
      i += 2;
    } else {
      for (let glyph = first; glyph <= second; glyph++) widths.set(glyph, width);
      i += 3;
    }
  }
  return widths;
}

/** The font's ToUnicode map (ISO 32000-1 §9.10.3): glyph to text, one by one or in ranges. */
function readTexts(file: PdfFile, reference: Value | undefined): Map<number, string> {
  const texts = new Map<number, string>();
  const map = file.resolve(reference);
  if (!isStream(map)) return texts;
  const source = latin1(contentOf(map));
  for (const [, lines = ''] of source.matchAll(/beginbfchar(.*?)endbfchar/gs)) {
    for (const [, glyph = '', text = ''] of lines.matchAll(/<([0-9a-f]+)>\s*<([0-9a-f]+)>/gi)) {
      texts.set(Number.parseInt(glyph, 16), utf16(text));
    }
  }
  for (const [, lines = ''] of source.matchAll(/beginbfrange(.*?)endbfrange/gs)) {
    for (const [, from = '', to = '', text = ''] of lines.matchAll(/<([0-9a-f]+)>\s*<([0-9a-f]+)>\s*<([0-9a-f]+)>/gi)) {
      const [first, last] = [Number.parseInt(from, 16), Number.parseInt(to, 16)];
      // Only the last code unit counts up within a range.
      const start = utf16(text);
      const [head, end] = [start.slice(0, -1), start.charCodeAt(start.length - 1)];
      for (let glyph = first; glyph <= last; glyph++) texts.set(glyph, head + String.fromCharCode(end + glyph - first));
    }
  }
  return texts;
}

function utf16(hex: string): string {
  return Buffer.from(hex, 'hex').swap16().toString('utf16le');
}

function readProgram(file: PdfFile, descriptor: Dict): Pick<PdfFont, 'embedded' | 'boxOf'> {
  const [left = 0, bottom = 0, right = 0, top = 0] = numbersOf(file.resolve(descriptor.get('FontBBox')), 4);
  const whole: GlyphBox = { left, bottom, right, top };
  const trueType = file.resolve(descriptor.get('FontFile2'));
  if (isStream(trueType)) return { embedded: true, boxOf: glyphBoxes(contentOf(trueType)) };
  // Of an OpenType font with cubic outlines the box of the whole font is taken for each glyph: too large, never too small.
  return { embedded: isStream(file.resolve(descriptor.get('FontFile3'))), boxOf: () => whole };
}
