import { barcodeStates } from './barcode-for.ts';
import { decodeCustomerStates, type ReadBarcode } from './customer-code.ts';
import { type BarSizes, readBars } from './four-state.ts';
import type { Bar, Barcode } from './types.ts';

/** What the post allows for 10 points, in mm; a barcode of `a` points has `a / 10` of it (マニュアル p. 12). */
const TOLERANCES: Record<keyof BarSizes | 'space', [least: number, most: number]> = {
  full: [3.4, 3.6],
  timing: [1.05, 1.35],
  pitch: [0.95, 1.3],
  barWidth: [0.5, 0.7],
  space: [0.45, 0.6],
};
const SMALLEST = 0.8;
const LARGEST = 1.15;
// What a PDF rounds off.
const ROUNDING = 0.01;

/**
 * Reads a customer barcode back from what was drawn. Other things may be among the rectangles as long as they are of
 * other sizes than its bars.
 * @param rectangles mm, y down, in any order, not tilted
 * @returns null when there are not 67 bars at even distances, in the sizes that the post allows, that say something;
 *   `checked` is false when the check digit is wrong
 */
export function readCustomerBarcode(rectangles: readonly Bar[]): ReadBarcode | null {
  const read = readBars(rectangles.filter(isBar));
  return read && isInTolerance(read.sizes) ? decodeCustomerStates(read.states) : null;
}

/** Whether the bars that were drawn are those of this barcode, of any kind. */
export function showsBarcode(rectangles: readonly Bar[], { kind, data }: Pick<Barcode, 'kind' | 'data'>): boolean {
  const states = barcodeStates(kind, data);
  return states !== null && readBars(rectangles.filter(isBar))?.states === states;
}

/** Upright, and as large as a bar of any of the posts: no fold mark, and no rule. */
function isBar({ w, h }: Bar): boolean {
  return w >= 0.3 && w <= 0.9 && h >= 0.7 && h <= 6;
}

function isInTolerance(sizes: BarSizes): boolean {
  const all = { ...sizes, space: sizes.pitch - sizes.barWidth };
  let [from, to] = [SMALLEST, LARGEST];
  for (const [name, [least, most]] of Object.entries(TOLERANCES)) {
    const size = all[name as keyof typeof all];
    from = Math.max(from, (size - ROUNDING) / most);
    to = Math.min(to, (size + ROUNDING) / least);
  }
  return from <= to;
}
