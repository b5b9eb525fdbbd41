/** What showing text prints: its characters, and the box around the ink of its glyphs (ISO 32000-1 §9.4.4). */
import { combine, Extent, type Matrix } from './ink.ts';
import type { Reading } from './read-content.ts';
import { PdfProblem, type Value } from './tokens.ts';

const MM_PER_PT = 25.4 / 72;
const INVISIBLE = 3;
const ONLY_CLIPS = 7;

/** @param pieces strings of glyph numbers, and between them shifts in thousandths of the type size. @throws PdfProblem */
export function showText(reading: Reading, pieces: Value[]): void {
  const { state, ink, marked } = reading;
  const { font, size, stretch, rise } = state;
  if (!font || !Array.isArray(pieces)) throw new PdfProblem('text without a font');
  if (state.renderMode === INVISIBLE || state.renderMode === ONLY_CLIPS)
    throw new PdfProblem('text that is not printed');
  const start = combine(reading.text, state.matrix);
  // Glyph space is in thousandths of the type size.
  const unit: Matrix = combine([(size * stretch) / 1000, 0, 0, size / 1000, 0, rise], start);
  const [perPenX, perPenY] = start;
  const extent = new Extent();
  let text = '';
  let pen = 0;
  let missing = false;
  for (const piece of pieces) {
    if (typeof piece === 'number') pen -= (piece / 1000) * size * stretch;
    else if (piece instanceof Uint8Array) {
      for (let i = 0; i < piece.length; i += 2) {
        const glyph = ((piece[i] as number) << 8) | (piece[i + 1] ?? 0);
        const box = font.boxOf(glyph);
        if (box) extent.addBox(unit, box, pen * perPenX, pen * perPenY);
        // Glyph 0 is the box that stands for a character which the font does not have.
        if (glyph === 0) missing = true;
        text += font.textOf(glyph) ?? '\ufffd';
        pen += ((font.widthOf(glyph) / 1000) * size + state.charSpacing) * stretch;
      }
    } else throw new PdfProblem('text that is not a string');
  }
  reading.text = combine([1, 0, 0, 1, pen, 0], reading.text);
  const box = extent.box();
  const inked = state.fillWhite ? null : box;
  const printedSize = (size * Math.hypot(start[2], start[3])) / MM_PER_PT;
  ink.texts.push({
    ...{ text: replaced(marked, text), x: start[4], y: start[5], box: inked, font, missing },
    size: printedSize,
  });
}

/** The replacement of the innermost mark, once for all that is shown under it. */
function replaced(marked: (string | null)[], text: string): string {
  const at = marked.findLastIndex((replacement) => replacement !== null);
  if (at < 0) return text;
  const replacement = marked[at] as string;
  marked[at] = '';
  return replacement;
}
