/** What `overlay.typ` reads: the letters of a batch with their bars and marks drawn. */
import { OwabiError } from '../errors.ts';
import { inserterMark } from './barcode/inserter-mark.ts';
import type { Bar } from './barcode/types.ts';
import { barsAsSvg } from './bars-svg.ts';
import type { LetterData } from './letter-layout.ts';
import type { PressOrder } from './letter-press.ts';
import type { LetterProfile } from './letter-profile.ts';

/** Printers and readers manage 0.4 mm; 22 modules with it leave the mark's 10 mm a quiet zone. */
const MODULE_MM = 0.4;
const MARK_MM = 10;

interface Drawing {
  x: number;
  y: number;
  /** Of the drawing, mm. */
  width: number;
  svg: string;
}

/**
 * JSON for the typesetter. A letter's place in the order is its place in the batch: the inserter's mark says it.
 * @throws OwabiError `render_failed` when a mark cannot be drawn
 */
export function overlayData(
  { locale, files, letters }: Pick<PressOrder, 'locale' | 'files' | 'letters'>,
  pages: number,
): string {
  const profile = JSON.parse(files['/profile.json'] ?? '{}') as LetterProfile;
  const drawn = letters.map((letter, i) => ({
    ...letter,
    barcode: letter.barcode && draw(letter.barcode),
    marks: profile.inserterMark ? marksOf(letter, { at: profile.inserterMark, sequence: i + 1, pages }) : [],
  }));
  return JSON.stringify({ locale, pages, labels: JSON.parse(files['/labels.json'] ?? '{}'), letters: drawn });
}

interface MarkPlace {
  at: { x: number; y: number };
  sequence: number;
  pages: number;
}

/** By page, null on backs: the machine sees fronts only. */
function marksOf({ reference }: LetterData, { at, sequence, pages }: MarkPlace): (Drawing | null)[] {
  return Array.from({ length: pages }, (_, i) => {
    if (i % 2 === 1) return null;
    const told = { reference: reference.replaceAll('-', ''), sequence, page: i + 1, last: pages };
    const mark = inserterMark(told, MODULE_MM);
    if (!mark || mark.size > MARK_MM - 2 * MODULE_MM)
      throw new OwabiError('render_failed', 'An inserter mark is too large.');
    const edge = (MARK_MM - mark.size) / 2;
    return draw({ x: at.x + edge, y: at.y + edge, width: mark.size, height: mark.size, bars: mark.modules });
  });
}

function draw(placed: { x: number; y: number; width: number; height: number; bars: Bar[] }): Drawing {
  const { x, y, width } = placed;
  return { x, y, width: Math.round(width * 100) / 100, svg: barsAsSvg(placed) };
}
