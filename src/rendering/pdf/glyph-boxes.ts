/** Where the ink of a TrueType font's glyphs is: the box that stands at the head of each outline (OpenType, `glyf`). */
import type { GlyphBox } from './pdf-font.ts';
import { PdfProblem } from './tokens.ts';

/**
 * @param program a TrueType font, as embedded in a PDF; glyph numbers are its own
 * @throws PdfProblem when a table is missing; the returned function when there is no such glyph
 */
export function glyphBoxes(program: Uint8Array): (glyph: number) => GlyphBox | null {
  const font = Buffer.from(program.buffer, program.byteOffset, program.byteLength);
  try {
    const { head, loca, glyf } = tables(font);
    if (head === undefined || loca === undefined || glyf === undefined) throw new RangeError('no table');
    const scale = 1000 / font.readUInt16BE(head.at + 18);
    const long = font.readInt16BE(head.at + 50) === 1;
    const glyphs = loca.length / (long ? 4 : 2) - 1;
    const offset = (i: number) => (long ? font.readUInt32BE(loca.at + i * 4) : font.readUInt16BE(loca.at + i * 2) * 2);
    const boxes = Array.from({ length: glyphs }, (_, glyph): GlyphBox | null => {
      if (offset(glyph) === offset(glyph + 1)) return null;
      const [left = 0, bottom = 0, right = 0, top = 0] = [2, 4, 6, 8].map(
        (at) => font.readInt16BE(glyf.at + offset(glyph) + at) * scale,
      );
      return { left, bottom, right, top };
    });
    return (glyph) => {
      const box = boxes[glyph];
      if (box === undefined) throw new PdfProblem('a glyph that its font does not have');
      return box;
    };
  } catch (error) {
    if (error instanceof RangeError) throw new PdfProblem('a font that is cut off');
    throw error;
  }
}

function tables(font: Buffer): Record<string, { at: number; length: number }> {
  const found: Record<string, { at: number; length: number }> = {};
  for (let i = 0; i < font.readUInt16BE(4); i++) {
    const entry = 12 + i * 16;
    const tag = font.toString('latin1', entry, entry + 4);
    found[tag] = { at: font.readUInt32BE(entry + 8), length: font.readUInt32BE(entry + 12) };
  }
  return found;
}
