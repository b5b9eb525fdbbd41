/** What belongs to one person on a page of a letter: each line of text and each bar, with its place. */
import { OwabiError } from '../../errors.ts';
import { inserterMark, type PageMark } from '../barcode/inserter-mark.ts';
import { unpackBars } from '../barcode/packed-bars.ts';
import type { Bar } from '../barcode/types.ts';
import type { LetterData } from '../letter-layout.ts';
import { type LetterProfile, MARK_MM } from '../letter-profile.ts';

export interface OwnText {
  /** Where the baseline begins, mm from the upper left corner of the page. */
  x: number;
  y: number;
  /** Type size, pt. */
  size: number;
  weight: Weight;
  text: string;
}
export type Weight = 400 | 700;

/** What all letters of a batch have in common. */
export interface LetterSheet {
  profile: LetterProfile;
  labels: { reference: string; exposures: string };
  /** Width in em of each character of the labels and of what stands beside them. */
  advances: Record<string, number>;
  /** Of a letter, without a blank last side. */
  pages: number;
}

const MM_PER_PT = 25.4 / 72;
/** Of Noto Sans JP: how far the baseline lies below the upper edge of a line, in em. */
const BASELINE_EM = 0.88;
/** None below 10 points, which is the least for what a notice says in California (Cal. Civ. Code §1798.82(d)(1)). */
const [LABEL_PT, REFERENCE_PT, EXPOSURE_PT, FOOT_PT] = [10.5, 13, 10, 10] as const;

/** Printers and readers manage 0.4 mm; 22 modules with it leave the mark's 10 mm a quiet zone. */
const MODULE_MM = 0.4;

/** @param page from 1 */
export function ownTexts(sheet: LetterSheet, letter: LetterData, page: number): OwnText[] {
  const first = page === 1 ? [...addressTexts(sheet.profile, letter), ...ownBlock(sheet, letter)] : [];
  return [...first, ...foot(sheet, letter, page)];
}

/**
 * @param sequence the letter's place in its batch, from 1: the inserter's mark says it
 * @param page from 1
 * @returns mm from the upper left corner of the page
 * @throws OwabiError `render_failed` when a mark cannot be drawn
 */
export function ownBars(sheet: LetterSheet, letter: LetterData, sequence: number, page: number): Bar[] {
  const barcode = page === 1 && letter.barcode ? moved(unpackBars(letter.barcode.bars), letter.barcode) : [];
  const reference = letter.reference.replaceAll('-', '');
  const { generation } = letter;
  const told = { reference, sequence, page, last: sheet.pages, generation };
  const mark = markBars(sheet.profile.inserterMark, told);
  return [...barcode, ...mark];
}

function addressTexts({ address: { x, y } }: LetterProfile, { address: { lines, size } }: LetterData): OwnText[] {
  return lines.map((text, i) =>
    lineOf(x, y + i * size.step * size.pt * MM_PER_PT, { size: size.pt, weight: 400, text }),
  );
}

/** The person's reference and exposures, below the window. */
function ownBlock({ profile: { own }, labels, advances }: LetterSheet, letter: LetterData): OwnText[] {
  const { reference, exposures } = letter;
  const y = own.y + REFERENCE_PT * BASELINE_EM * MM_PER_PT;
  const gapEm = 1;
  const referenceX = own.x + (widthOf(advances, labels.reference) + gapEm) * LABEL_PT * MM_PER_PT;
  const head: OwnText[] = [
    { x: own.x, y, size: LABEL_PT, weight: 400, text: labels.reference },
    { x: referenceX, y, size: REFERENCE_PT, weight: 700, text: reference },
  ];
  if (exposures.length === 0) return head;
  const listed = exposures.map((text, i) => {
    const x = own.x + 2 + (i % own.columns) * own.columnWidth;
    const row = Math.floor(i / own.columns);
    return lineOf(x, own.y + 13.5 + row * own.rowHeight, { size: EXPOSURE_PT, weight: 400, text });
  });
  return [...head, lineOf(own.x, own.y + 7.5, { size: EXPOSURE_PT, weight: 400, text: labels.exposures }), ...listed];
}

/** Reference, page and number of pages, in the middle at the foot of each page. */
function foot({ profile, labels, advances, pages }: LetterSheet, letter: LetterData, page: number): OwnText[] {
  const [left, right] = [`${labels.reference} ${letter.reference}`, `${page} / ${pages}`];
  const gapEm = 2;
  const em = FOOT_PT * MM_PER_PT;
  const leftEm = widthOf(advances, left) + gapEm;
  const x = (profile.page.width - (leftEm + widthOf(advances, right)) * em) / 2;
  return [
    lineOf(x, profile.footY, { size: FOOT_PT, weight: 400, text: left }),
    lineOf(x + leftEm * em, profile.footY, { size: FOOT_PT, weight: 400, text: right }),
  ];
}

/**
 * The bars of the mark for the inserter: on fronts only, which is what the machine sees.
 * @param at upper left corner of its place, mm; null: the profile has none
 * @throws OwabiError `render_failed` when the mark cannot be drawn
 */
export function markBars(at: LetterProfile['inserterMark'], told: PageMark): Bar[] {
  if (!at || told.page % 2 === 0) return [];
  const mark = inserterMark(told, MODULE_MM);
  if (!mark || mark.size > MARK_MM - 2 * MODULE_MM) {
    throw new OwabiError('render_failed', 'An inserter mark is too large.');
  }
  const edge = (MARK_MM - mark.size) / 2;
  return moved(mark.modules, { x: at.x + edge, y: at.y + edge });
}

function lineOf(x: number, top: number, line: Pick<OwnText, 'size' | 'weight' | 'text'>): OwnText {
  return { x, y: top + line.size * BASELINE_EM * MM_PER_PT, ...line };
}

const moved = (bars: readonly Bar[], by: { x: number; y: number }): Bar[] =>
  bars.map(({ x, y, w, h }) => ({ x: x + by.x, y: y + by.y, w, h }));

function widthOf(advances: Record<string, number>, text: string): number {
  let em = 0;
  for (const character of text) em += advances[character] ?? 1;
  return em;
}
