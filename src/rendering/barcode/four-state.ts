/** Barcodes whose bars have four heights, which all three posts use: drawn from their states, and read back. */
import type { Bar } from './types.ts';

/** mm. The timing part is in the middle; bars go up from it, down from it, both ways, or neither. */
export interface BarSizes {
  pitch: number;
  barWidth: number;
  full: number;
  timing: number;
}

/** What a post allows for the distance between bars, and what the other sizes are. mm. */
export interface FourStateRules {
  /** Never nearer together than this. */
  leastPitch: number;
  /** Used where there is room; more room changes nothing. */
  bestPitch: number;
  /** Of the pitch. */
  barShare: number;
  full: number;
  timing: number;
}

export interface DrawnBars {
  bars: Bar[];
  width: number;
  height: number;
}

/**
 * Draws bars as wide as there is room for and the post likes it.
 * @param states for each bar 1 full, 2 up, 3 down, 4 timing only
 * @returns null when the narrowest that the post allows is wider than `maxWidthMm`
 */
export function fitBars(states: string, rules: FourStateRules, maxWidthMm: number): DrawnBars | null {
  const pitches = states.length - 1 + rules.barShare;
  const pitch = Math.min(rules.bestPitch, Math.floor((maxWidthMm / pitches) * 1000) / 1000);
  if (pitch < rules.leastPitch) return null;
  return drawBars(states, { pitch, barWidth: round(pitch * rules.barShare), full: rules.full, timing: rules.timing });
}

/** @param states as for `fitBars` */
export function drawBars(states: string, sizes: BarSizes): DrawnBars {
  const { pitch, barWidth, full, timing } = sizes;
  const half = (full - timing) / 2;
  const bars = [...states].map((state, i) => {
    const [up, down] = [state === '1' || state === '2', state === '1' || state === '3'];
    return {
      x: round(i * pitch),
      y: round(up ? 0 : half),
      w: barWidth,
      h: round(timing + (up ? half : 0) + (down ? half : 0)),
    };
  });
  return { bars, width: round((states.length - 1) * pitch + barWidth), height: full };
}

// A micrometre: finer than any printer, and short in the page.
const round = (mm: number): number => Math.round(mm * 1000) / 1000;

/** How far a bar may be from where it should be, in mm: what a PDF writer rounds off, many times over. */
const TOLERANCE = 0.06;

export interface ReadBars {
  /** From left to right, as for `fitBars`. */
  states: string;
  sizes: BarSizes;
}

/**
 * Reads bars of four heights back. They must be of one width and at even distances, and there must be nothing else.
 * @param bars in any order, not tilted, y down
 * @returns null when this is no such barcode
 */
export function readBars(bars: readonly Bar[]): ReadBars | null {
  const sorted = bars.toSorted((a, b) => a.x - b.x);
  const [first, last] = [sorted[0], sorted.at(-1)];
  if (!first || !last || sorted.length < 2) return null;
  const top = Math.min(...sorted.map(({ y }) => y));
  const bottom = Math.max(...sorted.map(({ y, h }) => y + h));
  const full = bottom - top;
  // Not from the shortest bar: a barcode may have none with the timing part alone.
  const half = Math.max(...sorted.map(({ y }) => y - top));
  const sizes = { pitch: (last.x - first.x) / (sorted.length - 1), barWidth: first.w, full, timing: full - 2 * half };
  // Heights that lie nearer together than twice the tolerance cannot be told apart.
  if (half < 3 * TOLERANCE) return null;
  const even = sorted.every(
    ({ x, w }, i) => isNear(x, first.x + i * sizes.pitch) && isNear(w, sizes.barWidth) && w < sizes.pitch,
  );
  if (!even) return null;
  const states = sorted.map(({ y, h }) => stateOf(y - top, y + h - top, half, full));
  return states.includes(null) ? null : { states: states.join(''), sizes };
}

function stateOf(from: number, to: number, half: number, full: number): string | null {
  const [up, down] = [isNear(from, 0), isNear(to, full)];
  if (!up && !isNear(from, half)) return null;
  if (!down && !isNear(to, full - half)) return null;
  return up ? (down ? '1' : '2') : down ? '3' : '4';
}

const isNear = (a: number, b: number): boolean => Math.abs(a - b) <= TOLERANCE;
