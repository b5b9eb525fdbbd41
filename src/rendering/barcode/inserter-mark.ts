import { dataMatrix } from './data-matrix.ts';
import type { Bar } from './types.ts';

/** What an inserting machine and the desk for returned letters learn from a page. */
export interface PageMark {
  /** As in `RenderPerson`. */
  reference: string;
  /** The letter's place in its batch, from 1: two letters never get mixed unseen. */
  sequence: number;
  /** From 1. */
  page: number;
  /** The letter's last page: where `page` is that, the envelope is closed. */
  last: number;
  /** Of the letter, from 1: one that is sent again to a new address has the next. */
  generation: number;
}

export interface DrawnMark {
  /** Of the square, in mm. One module all round it stays clear. */
  size: number;
  modules: Bar[];
}

/**
 * What the mark says, in ASCII: `OWABI1;<reference>;<sequence>;<page>;<last>;<generation>`. The generation stands last,
 * since letters are in the post whose mark ends before it.
 */
export function markText({ reference, sequence, page, last, generation }: PageMark): string {
  return ['OWABI1', reference, sequence, page, last, generation].join(';');
}

// Room for the text of any letter, with a sequence of eight digits too: all marks have one size.
const SIDE = 22;

/**
 * The DataMatrix of a page.
 * @param moduleMm side of a module; printers and readers manage 0.4 mm, and 0.5 mm when the paper moves
 * @returns null when the numbers are too long for 26 modules
 */
export function inserterMark(mark: PageMark, moduleMm: number): DrawnMark | null {
  const matrix = dataMatrix(markText(mark), SIDE);
  return matrix && { size: matrix.modules.length * moduleMm, modules: darkRectangles(matrix.modules, moduleMm) };
}

/** Dark modules as few rectangles, none over another: each as wide as it can be, then as high. */
export function darkRectangles(modules: readonly (readonly boolean[])[], moduleMm: number): Bar[] {
  const open = modules.map((row) => [...row]);
  const round = (value: number): number => Math.round(value * moduleMm * 1000) / 1000;
  const found: Bar[] = [];
  for (const [y, row] of open.entries()) {
    for (let x = 0; x < row.length; x++) {
      if (!row[x]) continue;
      let end = x + 1;
      while (row[end]) end++;
      let bottom = y + 1;
      while (open[bottom]?.slice(x, end).every(Boolean)) open[bottom++]?.fill(false, x, end);
      row.fill(false, x, end);
      found.push({ x: round(x), y: round(y), w: round(end - x), h: round(bottom - y) });
    }
  }
  return found;
}
