/** What is wrong with one page of a letter, seen by itself. */
import { barCount } from '../barcode/packed-bars.ts';
import { barcodeFault } from '../barcode/read-barcode.ts';
import { type OwnText, ownBars, ownTexts } from '../imposition/own-parts.ts';
import type { LetterData } from '../letter-layout.ts';
import { type Box, type Ink, inkBoxes, type TextRun } from '../pdf/ink.ts';
import type { PdfPage } from '../pdf/read-pages.ts';
import { liesWithin, overlaps } from './boxes.ts';
import { bodyFindings } from './check-body.ts';
import { arePlaced, ownHiddenFindings, ownTextFindings } from './check-own.ts';
import { hasOnly, readInOrder, withoutBlanks } from './printed-text.ts';
import { type CheckCode, type CheckPlan, type LetterExpectation, when } from './types.ts';

/** Of the shared pages, kept by the drawing: it is the same for all letters. */
export type SharedFindings = Map<Ink, CheckCode[]>;

const REFERENCE = /[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]/g;
const SIZE_SLIP_MM = 0.1;
/**
 * Nothing may be nearer to a barcode, not even the window's edge: 2 mm (Japan Post, マニュアル p. 13); of an American one
 * 1/8 inch at the sides and 0.028 inch above and below (DMM 202.5).
 */
const CLEAR_MM = { side: 2, ends: 2 };
const AMERICAN_CLEAR_MM = { side: 3.17, ends: 0.71 };

/** @param number of the letter's page, from 1 */
export function checkPage(
  plan: CheckPlan,
  letter: LetterExpectation,
  number: number,
  { width, height, ink }: PdfPage,
  shared: SharedFindings,
): CheckCode[] {
  const planned = ownTexts(plan.sheet, letter.data, number);
  return [
    ...when(
      'page_size',
      Math.abs(width - plan.page.width) > SIZE_SLIP_MM || Math.abs(height - plan.page.height) > SIZE_SLIP_MM,
    ),
    ...when(
      'font_missing',
      ink.texts.some(({ font }) => !font.embedded),
    ),
    ...when(
      'glyph_missing',
      ink.texts.some(({ missing }) => missing),
    ),
    ...when(
      'ink_at_edge',
      inkBoxes(ink).some((box) => !liesWithin(box, plan.printable)),
    ),
    ...textFindings(plan, letter, number, ink, planned),
    ...shapeFindings(plan, letter, number, ink),
    ...ownHiddenFindings(ink),
    ...ink.forms.flatMap(({ ink: body }) => sharedFindings(plan, number, body, shared)),
  ];
}

function sharedFindings(plan: CheckPlan, number: number, body: Ink, shared: SharedFindings): CheckCode[] {
  const found = shared.get(body) ?? bodyFindings(plan, number, body);
  shared.set(body, found);
  return found;
}

function textFindings(
  plan: CheckPlan,
  { data }: LetterExpectation,
  number: number,
  ink: Ink,
  planned: OwnText[],
): CheckCode[] {
  const text = withoutBlanks(ink.texts.map((run) => run.text).join(''));
  const mark = withoutBlanks(`${data.reference}${number}/${plan.sheet.pages}`);
  // The address is compared where it stands.
  const own = number === 1 ? [data.reference, ...data.exposures] : [];
  const others = (textOutsideWindow(plan, number, ink).match(REFERENCE) ?? []).some((each) => each !== data.reference);
  const expected = hasOnly(
    text,
    planned.map((each) => each.text),
  );
  return [
    ...when('reference_missing', !text.includes(mark)),
    ...when('other_reference', others),
    ...when(
      'text_missing',
      own.some((each) => !text.includes(withoutBlanks(each))),
    ),
    // Other text has no place of its own.
    ...(expected ? ownTextFindings(ink, planned) : (['text_unexpected'] as const)),
  ];
}

/** An address may look like a reference (…4035-1812-101); what stands in the window is compared by itself. */
function textOutsideWindow(plan: CheckPlan, number: number, ink: Ink): string {
  const inWindow = ({ box }: TextRun) => number === 1 && box !== null && overlaps(box, plan.privacyZone);
  return withoutBlanks(
    ink.texts
      .filter((run) => !inWindow(run))
      .map((run) => run.text)
      .join(' '),
  );
}

/** Bars in the window are the barcode, others the mark of this letter and page; there are no other shapes. */
function shapeFindings(plan: CheckPlan, letter: LetterExpectation, number: number, ink: Ink): CheckCode[] {
  const { data, sequence } = letter;
  const planned = ownBars(plan.sheet, data, sequence, number);
  const inBarcode = number === 1 && data.barcode ? barCount(data.barcode.bars) : 0;
  const shows = (box: Box) => number === 1 && overlaps(box, plan.privacyZone);
  const [bars, others] = [ink.rectangles.filter(shows), ink.rectangles.filter((box) => !shows(box))];
  const barcode = number === 1 ? barcodeFindings(bars, data.barcode) : [];
  // Bars that say something else have no place of their own.
  const moved = !barcode.includes('barcode_differs') && !arePlaced(bars, planned.slice(0, inBarcode));
  return [
    ...(number === 1 ? windowFindings(plan, data, ink, bars) : []),
    ...barcode,
    ...when('mark_differs', !arePlaced(others, planned.slice(inBarcode))),
    ...when('own_misplaced', moved),
    ...when('ink_unexpected', !ink.marks.every(shows)),
  ];
}

/** Whatever can show in the window is the address or its barcode, and is seen wherever the sheet has slid to. */
function windowFindings(plan: CheckPlan, { address, barcode }: LetterData, ink: Ink, bars: Box[]): CheckCode[] {
  const shows = (box: Box | null): box is Box => box !== null && overlaps(box, plan.privacyZone);
  const texts = ink.texts.filter(({ box }) => shows(box));
  const written = texts.map(({ box }) => box as Box);
  const seen = [...written, ...bars];
  return [
    ...when('address_differs', readInOrder(texts) !== withoutBlanks(address.lines.join(''))),
    ...when(
      'address_not_visible',
      seen.some((box) => !liesWithin(box, plan.visibleZone)),
    ),
    ...when('barcode_crowded', bars.length > 0 && isCrowded(bars, written, plan.visibleZone, barcode)),
    ...when('ink_in_window', ink.marks.some(shows) || (bars.length > 0 && barcode === null)),
  ];
}

/** Every rectangle is counted: one that is no bar would otherwise be passed over. */
function barcodeFindings(bars: Box[], expected: LetterData['barcode']): CheckCode[] {
  if (expected === null) return when('barcode_differs', bars.length > 0);
  if (bars.length !== barCount(expected.bars)) return ['barcode_differs'];
  const fault = barcodeFault(
    bars.map(({ x, y, width, height }) => ({ x, y, w: width, h: height })),
    expected,
  );
  return fault === null ? [] : [fault === 'size' ? 'barcode_size' : 'barcode_differs'];
}

function isCrowded(bars: Box[], texts: Box[], visibleZone: Box, barcode: LetterData['barcode']): boolean {
  const { side, ends } = barcode?.kind === 'imb' ? AMERICAN_CLEAR_MM : CLEAR_MM;
  const left = Math.min(...bars.map(({ x }) => x)) - side;
  const top = Math.min(...bars.map(({ y }) => y)) - ends;
  const right = Math.max(...bars.map(({ x, width }) => x + width)) + side;
  const bottom = Math.max(...bars.map(({ y, height }) => y + height)) + ends;
  const clear = { x: left, y: top, width: right - left, height: bottom - top };
  return !liesWithin(clear, visibleZone) || texts.some((text) => overlaps(text, clear));
}
