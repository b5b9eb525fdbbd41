import type { Box, Ink, TextRun } from '../../src/rendering/pdf/ink.ts';
import { type PdfPage, readPages } from '../../src/rendering/pdf/read-pages.ts';

/** What stands on one line, with the box of its ink, mm. */
export interface PrintedLine extends Box {
  text: string;
  /** The smallest type size in it, pt. */
  size: number;
}

/**
 * The lines of the shared text or of the person's own, from above; blanks are left out.
 * @param within where what they are made of begins; absent: anywhere on the page
 */
export function printedLines(pdf: Uint8Array, page: number, whose: 'shared' | 'own', within?: Box): PrintedLine[] {
  const { ink } = pageOf(pdf, page);
  const runs = whose === 'own' ? ink.texts : nested(ink).flatMap(({ texts }) => texts);
  const isWithin = ({ x, y }: TextRun) =>
    !within || (x >= within.x && x <= within.x + within.width && y >= within.y && y <= within.y + within.height);
  const seen = runs.filter((run): run is TextRun & { box: Box } => run.box !== null && isWithin(run));
  const lines: (typeof seen)[] = [];
  for (const run of seen.toSorted((a, b) => a.y - b.y)) {
    const line = lines.at(-1);
    if (line?.[0] && run.y - line[0].y < 0.5) line.push(run);
    else lines.push([run]);
  }
  return lines.map(lineOf);
}

/** The marks that are neither text nor bars, such as those for the folds. */
export const printedMarks = (pdf: Uint8Array, page: number): Box[] =>
  nested(pageOf(pdf, page).ink).flatMap(({ marks }) => marks);

const pageOf = (pdf: Uint8Array, page: number): PdfPage => readPages(pdf).read(page);
const nested = ({ forms }: Ink): Ink[] => forms.flatMap(({ ink }) => [ink, ...nested(ink)]);

function lineOf(runs: (TextRun & { box: Box })[]): PrintedLine {
  const inOrder = runs.toSorted((a, b) => a.x - b.x);
  const [left, top] = [Math.min(...runs.map(({ box }) => box.x)), Math.min(...runs.map(({ box }) => box.y))];
  return {
    text: inOrder.map(({ text }) => text.replace(/\s/gu, '')).join(''),
    size: Math.min(...runs.map(({ size }) => size)),
    ...{ x: left, y: top },
    width: Math.max(...runs.map(({ box }) => box.x + box.width)) - left,
    height: Math.max(...runs.map(({ box }) => box.y + box.height)) - top,
  };
}
