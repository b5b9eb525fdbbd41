/** What is printed, by where it is: what reading a page's content yields. */
import type { GlyphBox, PdfFont } from './pdf-font.ts';

/** In mm from the upper left corner of the page. */
export interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}

/** Text that was shown by one operator. */
export interface TextRun {
  /** A glyph whose meaning the file does not tell is U+FFFD. */
  text: string;
  /** Of its first glyph on the baseline, in mm from the upper left corner of the page. */
  x: number;
  y: number;
  /** Around the ink of all its glyphs; null when it has none (spaces). */
  box: Box | null;
  font: PdfFont;
  /** As it stands on the page, in pt. */
  size: number;
  /** Whether it shows the font's sign for a missing glyph. */
  missing: boolean;
  /** Where the next glyph would begin, in mm from the left. */
  endX: number;
  /** Whether it stands upright and its glyphs are as wide and as far apart as the font says, filled and no more. */
  plain: boolean;
  /** Whether other text says what its glyphs stand for. */
  retold: boolean;
  /** Of its colour against white paper, 1 to 21. */
  contrast: number;
  /** What of the page may be seen where it stands; null: all of it. */
  clip: Box | null;
}

/** A filled shape, of whatever colour. */
export interface Cover extends Box {
  white: boolean;
  /** How many of the texts were there before it, and lie under it. */
  over: number;
}

export interface Ink {
  texts: TextRun[];
  /** Filled rectangles that are parallel to the page's edges, not the white ones. */
  rectangles: Box[];
  /** The least contrast of any of these against white paper; 21 when there is none. */
  leastContrast: number;
  /** Boxes around lines, other filled shapes and pictures. */
  marks: Box[];
  /** Shared drawings placed here, each with its ink on this page. The same object wherever the same was placed so. */
  forms: PlacedForm[];
  /** Whether any of them was placed over something that was printed before. */
  formsOnTop: boolean;
  covers: Cover[];
  /** Whether anything is clipped, even where nothing is lost by it. */
  clips: boolean;
}

export interface PlacedForm {
  /** The number of the form's object. */
  id: number;
  ink: Ink;
}

/** `[a b c d e f]`: x′ = a·x + c·y + e, y′ = b·x + d·y + f (ISO 32000-1 §8.3.3). */
export type Matrix = readonly [number, number, number, number, number, number];

/** First `inner`, then `outer`. */
export function combine(inner: Matrix, outer: Matrix): Matrix {
  const [a, b, c, d, e, f] = inner;
  const [g, h, i, j, k, l] = outer;
  return [a * g + b * i, a * h + b * j, c * g + d * i, c * h + d * j, e * g + f * i + k, e * h + f * j + l];
}

/** A box that grows with the points that it must hold. */
export class Extent {
  left = Number.POSITIVE_INFINITY;
  top = Number.POSITIVE_INFINITY;
  right = Number.NEGATIVE_INFINITY;
  bottom = Number.NEGATIVE_INFINITY;

  /**
   * @param m from the point's space to the page's
   * @param dx what is added on the page, as is `dy`
   */
  add(m: Matrix, x: number, y: number, dx = 0, dy = 0): void {
    const px = m[0] * x + m[2] * y + m[4] + dx;
    const py = m[1] * x + m[3] * y + m[5] + dy;
    if (px < this.left) this.left = px;
    if (px > this.right) this.right = px;
    if (py < this.top) this.top = py;
    if (py > this.bottom) this.bottom = py;
  }

  addBox(m: Matrix, { left, bottom, right, top }: GlyphBox, dx = 0, dy = 0): void {
    this.add(m, left, bottom, dx, dy);
    this.add(m, right, top, dx, dy);
    // A matrix that only scales keeps two corners the outermost.
    if (m[1] === 0 && m[2] === 0) return;
    this.add(m, left, top, dx, dy);
    this.add(m, right, bottom, dx, dy);
  }

  /** @param around is added on every side, as half a line's width is */
  box(around = 0): Box | null {
    if (this.left > this.right) return null;
    const [width, height] = [this.right - this.left, this.bottom - this.top];
    return { x: this.left - around, y: this.top - around, width: width + 2 * around, height: height + 2 * around };
  }
}

/** All boxes with ink, forms left out. */
export function inkBoxes({ texts, rectangles, marks }: Ink): Box[] {
  return [...texts.flatMap(({ box }) => box ?? []), ...rectangles, ...marks];
}
