/** Whether a person's own parts stand on a page where they were planned, and can be seen there. */
import type { Bar } from '../barcode/types.ts';
import type { OwnText } from '../imposition/own-parts.ts';
import type { Box, Ink, TextRun } from '../pdf/ink.ts';
import { overlaps } from './boxes.ts';
import { withoutBlanks } from './printed-text.ts';
import { type CheckCode, when } from './types.ts';

const MM_PER_PT = 25.4 / 72;
/** Places are written in hundredths of a point, and a line is measured by thousandths of its type size. */
const TEXT_SLIP_MM = 0.05;
/** Drawn in whole hundredths: a module of the inserter's mark is forty of them. */
const BAR_SLIP_MM = 0.02;
/** Accents of a line reach into the line above as far as this; more of it is a line over the other. */
const OVERLAP_EM = 0.3;
/** Black; what else there is was not drawn by us. */
const LEAST_CONTRAST = 20;

/** @param planned in the order in which they are printed, as are the runs of the page */
export function ownTextFindings(ink: Ink, planned: OwnText[]): CheckCode[] {
  const lines = runsByText(ink.texts, planned);
  if (lines === null) return ['own_misplaced'];
  const misplaced = lines.some((runs, i) => !isPlaced(runs, planned[i] as OwnText));
  return [...when('own_misplaced', misplaced), ...when('own_overlaps', anyOverlap(lines, planned))];
}

/** Everything of ours is opaque black that nothing clips or covers, the shared page least of all. */
export function ownHiddenFindings(ink: Ink): CheckCode[] {
  const pale = ink.leastContrast < LEAST_CONTRAST || ink.texts.some(({ contrast }) => contrast < LEAST_CONTRAST);
  const covered = ink.formsOnTop || ink.covers.some((cover) => cover.white || isOver(cover, ink.texts));
  return when('own_hidden', pale || covered || ink.clips);
}

/** Whether a filled shape was painted over text that was there before. */
export function isOver(cover: Ink['covers'][number], texts: TextRun[]): boolean {
  for (let i = 0; i < cover.over; i++) {
    const box = texts[i]?.box;
    if (box && overlaps(box, cover)) return true;
  }
  return false;
}

/** Whether the bars are those that were planned, one by one. */
export function arePlaced(bars: Box[], planned: Bar[]): boolean {
  return (
    bars.length === planned.length &&
    planned.every((bar, i) => {
      const { x, y, width, height } = bars[i] as Box;
      const slips = [x - bar.x, y - bar.y, x + width - bar.x - bar.w, y + height - bar.y - bar.h];
      return slips.every((slip) => Math.abs(slip) <= BAR_SLIP_MM);
    })
  );
}

/** The runs of each planned text; null when they are not these texts in this order. */
function runsByText(runs: TextRun[], planned: OwnText[]): TextRun[][] | null {
  let at = 0;
  const lines = planned.map(({ text }) => {
    const wanted = withoutBlanks(text);
    const line: TextRun[] = [];
    let said = '';
    for (let run = runs[at]; run; run = runs[++at]) {
      const says = withoutBlanks(run.text);
      // Marks of the last character were said with it.
      if (said === wanted && says !== '') break;
      said += says;
      line.push(run);
    }
    return said === wanted ? line : null;
  });
  const all = lines.flatMap((line) => line ?? []);
  return all.length === runs.length && !lines.includes(null) ? (lines as TextRun[][]) : null;
}

/** One run begins where the other ends; only parts of a character that is retold as a whole are put elsewhere. */
function isPlaced(runs: TextRun[], { x, y, size }: OwnText): boolean {
  const em = size * MM_PER_PT;
  let pen = x;
  return runs.every((run) => {
    const [slipX, slipY] = run.retold ? [em, em / 2] : [TEXT_SLIP_MM, TEXT_SLIP_MM];
    const placed = Math.abs(run.x - pen) <= slipX && Math.abs(run.y - y) <= slipY;
    pen = run.retold ? Math.max(pen, run.endX) : run.endX;
    return placed && run.plain && Math.abs(run.size - size) < 0.01;
  });
}

function anyOverlap(lines: TextRun[][], planned: OwnText[]): boolean {
  const boxes = lines.map((runs, i) => runs.flatMap(({ box }) => (box ? shrunk(box, planned[i] as OwnText) : [])));
  return boxes.some((own, i) =>
    boxes.slice(i + 1).some((others) => own.some((box) => others.some((other) => overlaps(box, other)))),
  );
}

/** By half of what two lines may overlap, above and below; a flat one, such as a dash, keeps its middle. */
function shrunk({ x, y, width, height }: Box, { size }: OwnText): Box {
  const by = Math.min((OVERLAP_EM / 2) * size * MM_PER_PT, height / 3);
  return { x, y: y + by, width, height: height - 2 * by };
}
