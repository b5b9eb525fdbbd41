/** Bars as numbers in one piece: a batch holds 67,000 of them, and objects would take ten times the room. */
import type { Bar } from './types.ts';

/** Left, upper, right and lower edge of each bar in hundredths of a millimetre: below what a printer can do. */
export type PackedBars = Int16Array;

const EDGES = 4;

/** @param bars none beyond 327 mm */
export function packBars(bars: readonly Bar[]): PackedBars {
  return Int16Array.from(bars.flatMap(({ x, y, w, h }) => [x, y, x + w, y + h]).map((mm) => Math.round(mm * 100)));
}

export function barCount(packed: PackedBars): number {
  return packed.length / EDGES;
}

export function unpackBars(packed: PackedBars): Bar[] {
  return Array.from({ length: barCount(packed) }, (_, i) => {
    const [left, top, right, bottom] = packed.subarray(i * EDGES, (i + 1) * EDGES);
    const mm = (hundredths = 0): number => hundredths / 100;
    return { x: mm(left), y: mm(top), w: mm(right) - mm(left), h: mm(bottom) - mm(top) };
  });
}
