/** What painting a path prints: filled rectangles by themselves, because barcodes are made of them. */
import { contrastOnWhite, isWhite } from './colour.ts';
import { type Box, Extent, type Matrix } from './ink.ts';
import type { Reading } from './read-content.ts';

/** The kinds of a path's parts. A path is flat, kind, x and y of each part: a page with a barcode has a thousand. */
export const MOVE = 0;
export const LINE = 1;
export const CURVE = 2;
export const CLOSE = 3;
const FIELDS = 3;

/** Paints the path and begins a new one. Its points are in the space that is in force. */
export function paintPath(reading: Reading, { fill, stroke }: { fill: boolean; stroke: boolean }): void {
  const { state, ink, path } = reading;
  const { matrix, opacity } = state;
  endPath(reading);
  const [white, strokedWhite] = [isWhite(state.fill), isWhite(state.stroke)];
  const stroked = stroke && !strokedWhite;
  const printed = stroked || (fill && !white);
  // Half the line's width lies outside; a miter can be longer, but not at the right angles that we draw.
  const around = stroked ? (state.lineWidth / 2) * scaleOf(matrix) : 0;
  for (let start = 0; start < path.length; ) {
    const end = endOfSubpath(path, start);
    const box = end - start > FIELDS ? extentOf(path, start, end, matrix).box(around) : null;
    if (box && printed) (!stroked && isRectangle(path, start, end, matrix) ? ink.rectangles : ink.marks).push(box);
    if (box && fill) ink.covers.push({ ...box, white, over: ink.texts.length });
    // Over what is there already it hides as much as a white shape does.
    else if (box && stroke && strokedWhite) ink.covers.push({ ...box, white: true, over: ink.texts.length });
    start = end;
  }
  if (fill && !white) ink.leastContrast = Math.min(ink.leastContrast, contrastOnWhite(state.fill, opacity));
}

/** A path that was marked as a clip hides what is painted later and lies outside it (ISO 32000-1 §8.5.4). */
export function endPath(reading: Reading): void {
  const { state, ink, path } = reading;
  reading.path = [];
  if (!reading.clipping) return;
  reading.clipping = false;
  ink.clips = true;
  const box = extentOf(path, 0, path.length, state.matrix).box();
  state.clip = common(state.clip, box ?? NOWHERE);
}

const NOWHERE: Box = { x: 0, y: 0, width: 0, height: 0 };

function common(one: Box | null, other: Box): Box {
  if (one === null) return other;
  const [x, y] = [Math.max(one.x, other.x), Math.max(one.y, other.y)];
  const width = Math.max(0, Math.min(one.x + one.width, other.x + other.width) - x);
  const height = Math.max(0, Math.min(one.y + one.height, other.y + other.height) - y);
  return { x, y, width, height };
}

const scaleOf = ([a, b, c, d]: Matrix): number => Math.max(Math.hypot(a, b), Math.hypot(c, d));

/** A lone move, which paints nothing, is one too. */
function endOfSubpath(path: number[], start: number): number {
  let end = start + FIELDS;
  while (end < path.length && path[end] !== MOVE) end += FIELDS;
  return end;
}

function extentOf(path: number[], start: number, end: number, matrix: Matrix): Extent {
  const extent = new Extent();
  for (let at = start; at < end; at += FIELDS) {
    if (path[at] !== CLOSE) extent.add(matrix, path[at + 1] as number, path[at + 2] as number);
  }
  return extent;
}

/** Four corners, one after the other along lines that are parallel to the page's edges. */
function isRectangle(path: number[], start: number, end: number, [a, b, c, d]: Matrix): boolean {
  if ((b !== 0 || c !== 0) && (a !== 0 || d !== 0)) return false;
  const closed = path[end - FIELDS] === CLOSE ? end - FIELDS : end;
  let corners = (closed - start) / FIELDS;
  const x = (i: number) => path[start + i * FIELDS + 1];
  const y = (i: number) => path[start + i * FIELDS + 2];
  // The last point may be the first once more.
  if (corners === 5 && x(4) === x(0) && y(4) === y(0)) corners = 4;
  if (corners !== 4 || x(0) === x(2) || y(0) === y(2)) return false;
  for (let i = 0; i < 4; i++) {
    const next = (i + 1) % 4;
    if (i > 0 && path[start + i * FIELDS] !== LINE) return false;
    if ((x(i) === x(next)) === (y(i) === y(next))) return false;
  }
  return true;
}
