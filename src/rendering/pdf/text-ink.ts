/** What showing text prints: its characters, and the box around the ink of its glyphs (ISO 32000-1 §9.4.4). */
import { contrastOnWhite } from './colour.ts';
import { combine, Extent, type Matrix } from './ink.ts';
import type { Reading, State } from './read-content.ts';
import { PdfProblem, type Value } from './tokens.ts';

const MM_PER_PT = 25.4 / 72;
/** Mode 0 fills the glyphs, 2 draws their outline besides; the others leave them empty, or clip. */
const [FILLED, OUTLINED] = [0, 2];

/** @param pieces strings of glyph numbers, and between them shifts in thousandths of the type size. @throws PdfProblem */
export function showText(reading: Reading, pieces: Value[]): void {
  const { state, ink, marked } = reading;
  const { font, size, stretch, rise } = state;
  if (!font || !Array.isArray(pieces)) throw new PdfProblem('text without a font');
  if (state.renderMode !== FILLED && state.renderMode !== OUTLINED) throw new PdfProblem('text that is not filled');
  const start = combine(reading.text, state.matrix);
  // Glyph space is in thousandths of the type size.
  const unit: Matrix = combine([(size * stretch) / 1000, 0, 0, size / 1000, 0, rise], start);
  const [perPenX, perPenY] = start;
  const extent = new Extent();
  let text = '';
  let pen = 0;
  let missing = false;
  let plain = isPlain(state, start);
  for (const piece of pieces) {
    if (typeof piece === 'number') {
      pen -= (piece / 1000) * size * stretch;
      plain = false;
    } else if (piece instanceof Uint8Array) {
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
  const fill = contrastOnWhite(state.fill, state.opacity);
  ink.texts.push({
    ...{ x: start[4], y: start[5], endX: start[4] + pen * perPenX, box: extent.box(), font, missing, plain },
    ...{ retold: marked.some((replacement) => replacement !== null), text: replaced(marked, text), clip: state.clip },
    contrast: state.renderMode === OUTLINED ? Math.min(fill, contrastOnWhite(state.stroke, 1)) : fill,
    size: (size * Math.hypot(start[2], start[3])) / MM_PER_PT,
  });
}

/** @param start from text space to the page, whose y goes down */
function isPlain(state: State, [a, b, c, d]: Matrix): boolean {
  const { renderMode, stretch, charSpacing, wordSpacing, rise } = state;
  const asItIs = renderMode === FILLED && stretch === 1 && charSpacing === 0 && wordSpacing === 0 && rise === 0;
  // Equal but for what a sum of products rounds off.
  return asItIs && b === 0 && c === 0 && a > 0 && Math.abs(a + d) < a / 1000;
}

/** The replacement of the innermost mark, once for all that is shown under it. */
function replaced(marked: (string | null)[], text: string): string {
  const at = marked.findLastIndex((replacement) => replacement !== null);
  if (at < 0) return text;
  const replacement = marked[at] as string;
  marked[at] = '';
  return replacement;
}
