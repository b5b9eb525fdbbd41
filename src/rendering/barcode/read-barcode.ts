import { barcodeStates } from './barcode-for.ts';
import { decodeCustomerStates, type ReadBarcode } from './customer-code.ts';
import { type BarSizes, readBars } from './four-state.ts';
import type { Bar, Barcode, BarcodeKind } from './types.ts';

type Tolerances = Partial<Record<keyof BarSizes | 'space', [least: number, most: number]>>;

const INCH = 25.4;

/** What each post allows, in mm. Of a customer barcode for 10 points: one of `a` points has `a / 10` of it. */
const TOLERANCES: Record<BarcodeKind, Tolerances> = {
  // マニュアル p. 12
  customer: { full: [3.4, 3.6], timing: [1.05, 1.35], pitch: [0.95, 1.3], barWidth: [0.5, 0.7], space: [0.45, 0.6] },
  // USPS-B-3200, 2.3: 20 to 24 bars an inch
  imb: {
    ...{ full: [0.125 * INCH, 0.165 * INCH], timing: [0.039 * INCH, 0.057 * INCH], pitch: [INCH / 24, INCH / 20] },
    ...{ barWidth: [0.015 * INCH, 0.025 * INCH], space: [0.012 * INCH, 0.04 * INCH] },
  },
  // Royal Mail: 20 to 24 bars an inch; how wide a space is follows from it
  rm4scc: { full: [4.22, 5.84], timing: [1.02, 1.52], pitch: [INCH / 24, INCH / 20], barWidth: [0.38, 0.63] },
};
/** By how much all sizes may be multiplied: 8 to 11.5 points. The other posts have one size. */
const SCALES: Record<BarcodeKind, [smallest: number, largest: number]> = {
  ...{ customer: [0.8, 1.15], imb: [1, 1], rm4scc: [1, 1] },
};
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
  return read && isInTolerance('customer', read.sizes) ? decodeCustomerStates(read.states) : null;
}

/**
 * What is wrong with the bars that were drawn for a barcode: they do not say what it says, or the post may not read them
 * for their sizes; null: nothing.
 */
export function barcodeFault(
  rectangles: readonly Bar[],
  { kind, data }: Pick<Barcode, 'kind' | 'data'>,
): 'differs' | 'size' | null {
  const bars = rectangles.filter(isBar);
  const [states, read] = [barcodeStates(kind, data), readBars(bars)];
  if (states === null || read?.states !== states) return 'differs';
  // Bars are read with some slack: the narrowest and the widest of them must be right as well.
  const widths = bars.map(({ w }) => w);
  const extremes = [Math.min(...widths), Math.max(...widths)];
  return extremes.every((barWidth) => isInTolerance(kind, { ...read.sizes, barWidth })) ? null : 'size';
}

/** Upright, and as large as a bar of any of the posts: no fold mark, and no rule. */
function isBar({ w, h }: Bar): boolean {
  return w >= 0.3 && w <= 0.9 && h >= 0.7 && h <= 6;
}

function isInTolerance(kind: BarcodeKind, sizes: BarSizes): boolean {
  const all = { ...sizes, space: sizes.pitch - sizes.barWidth };
  let [from, to] = SCALES[kind];
  for (const [name, [least, most]] of Object.entries(TOLERANCES[kind])) {
    const size = all[name as keyof typeof all];
    from = Math.max(from, (size - ROUNDING) / most);
    to = Math.min(to, (size + ROUNDING) / least);
  }
  return from <= to;
}
