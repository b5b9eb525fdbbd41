/** What is wrong with one page of a letter, seen by itself. */
import { showsBarcode } from '../barcode/read-barcode.ts';
import { markBars } from '../imposition/own-parts.ts';
import { type Box, type Ink, inkBoxes, type TextRun } from '../pdf/ink.ts';
import type { PdfPage } from '../pdf/read-pages.ts';
import { liesWithin, overlaps } from './boxes.ts';
import { readInOrder, withoutBlanks } from './printed-text.ts';
import type { CheckCode, CheckPlan, ExpectedBarcode, LetterExpectation } from './types.ts';

/** Of the shared pages, kept by the drawing: it is the same for all letters. */
export type SharedFindings = Map<Ink, CheckCode[]>;

const REFERENCE = /[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]/g;
const SIZE_SLIP_MM = 0.1;
/** Drawn in whole hundredths: a module is forty of them. */
const MARK_SLIP_MM = 0.02;
/** Cal. Civ. Code §1798.82(d)(1). */
const LEAST_PT = 10;
const SIZE_SLIP_PT = 0.01;
/**
 * Nothing may be nearer to a barcode, not even the window's edge: 2 mm (Japan Post, マニュアル p. 13); of an American one
 * 1/8 inch at the sides and 0.028 inch above and below (DMM 202.5).
 */
const CLEAR_MM = { side: 2, ends: 2 };
const AMERICAN_CLEAR_MM = { side: 3.17, ends: 0.71 };

/** What stands at the foot of each page: reference, page and number of pages, without blanks. */
export const pageMark = (reference: string, page: number, pages: number): string => `${reference}${page}/${pages}`;

/** The texts of a person on a page, each as it must be read there in one piece. */
export function expectedTexts(letter: LetterExpectation, page: number): string[] {
  const mark = pageMark(letter.reference, page, letter.pages);
  return page === 1 ? [...letter.addressLines, letter.reference, ...letter.ownTexts, mark] : [mark];
}

/** What of the page belongs to the person, in the order in which it was printed, without blanks. */
export const printedText = ({ texts }: Ink): string => withoutBlanks(texts.map(({ text }) => text).join(''));

/** @param number of the letter's page, from 1 */
export function checkPage(
  plan: CheckPlan,
  letter: LetterExpectation,
  number: number,
  { width, height, ink }: PdfPage,
  shared: SharedFindings,
): CheckCode[] {
  const text = printedText(ink);
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
    ...textFindings(letter, number, text, textOutsideWindow(plan, number, ink)),
    ...(number === 1 ? windowFindings(plan, letter, ink) : []),
    ...when('mark_differs', !showsMark(plan, letter, number, ink.rectangles)),
    ...ink.forms.flatMap(({ ink: body }) => bodyFindings(plan, number, body, shared)),
  ];
}

function when(code: CheckCode, found: boolean): CheckCode[] {
  return found ? [code] : [];
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

function textFindings(letter: LetterExpectation, number: number, text: string, outside: string): CheckCode[] {
  const mark = withoutBlanks(pageMark(letter.reference, number, letter.pages));
  // The address is compared where it stands.
  const own = number === 1 ? [letter.reference, ...letter.ownTexts] : [];
  const others = (outside.match(REFERENCE) ?? []).some((reference) => reference !== letter.reference);
  return [
    ...when('reference_missing', !text.includes(mark)),
    ...when('other_reference', others),
    ...when(
      'text_missing',
      own.some((each) => !text.includes(withoutBlanks(each))),
    ),
  ];
}

/** Whatever can show in the window is the address or its barcode, and is seen wherever the sheet has slid to. */
function windowFindings(plan: CheckPlan, letter: LetterExpectation, ink: Ink): CheckCode[] {
  const shows = (box: Box | null): box is Box => box !== null && overlaps(box, plan.privacyZone);
  const texts = ink.texts.filter(({ box }) => shows(box));
  const bars = ink.rectangles.filter(shows);
  const written = texts.map(({ box }) => box as Box);
  const seen = [...written, ...bars];
  return [
    ...when('address_differs', readInOrder(texts) !== withoutBlanks(letter.addressLines.join(''))),
    ...when(
      'address_not_visible',
      seen.some((box) => !liesWithin(box, plan.visibleZone)),
    ),
    ...when('barcode_differs', !isBarcode(bars, letter.barcode)),
    ...when('barcode_crowded', bars.length > 0 && isCrowded(bars, written, plan.visibleZone, letter.barcode)),
    ...when('ink_in_window', ink.marks.some(shows) || (bars.length > 0 && letter.barcode === null)),
  ];
}

/** Every rectangle is counted: one that is no bar would otherwise be passed over. */
function isBarcode(bars: Box[], expected: ExpectedBarcode | null): boolean {
  if (expected === null) return bars.length === 0;
  if (bars.length !== expected.count) return false;
  return showsBarcode(
    bars.map(({ x, y, width, height }) => ({ x, y, w: width, h: height })),
    expected,
  );
}

function isCrowded(bars: Box[], texts: Box[], visibleZone: Box, barcode: ExpectedBarcode | null): boolean {
  const { side, ends } = barcode?.kind === 'imb' ? AMERICAN_CLEAR_MM : CLEAR_MM;
  const left = Math.min(...bars.map(({ x }) => x)) - side;
  const top = Math.min(...bars.map(({ y }) => y)) - ends;
  const right = Math.max(...bars.map(({ x, width }) => x + width)) + side;
  const bottom = Math.max(...bars.map(({ y, height }) => y + height)) + ends;
  const clear = { x: left, y: top, width: right - left, height: bottom - top };
  return !liesWithin(clear, visibleZone) || texts.some((text) => overlaps(text, clear));
}

/** Rectangles outside the window are the mark of this letter and page, and nothing else. */
function showsMark(plan: CheckPlan, letter: LetterExpectation, number: number, rectangles: Box[]): boolean {
  const reference = letter.reference.replaceAll('-', '');
  const told = { reference, sequence: letter.sequence, page: number, last: letter.pages };
  const expected = markBars(plan.inserterMark, told);
  const found = number === 1 ? rectangles.filter((box) => !overlaps(box, plan.privacyZone)) : rectangles;
  return (
    found.length === expected.length &&
    expected.every((bar, i) => {
      const { x, y, width, height } = found[i] as Box;
      const slips = [x - bar.x, y - bar.y, x + width - bar.x - bar.w, y + height - bar.y - bar.h];
      return slips.every((slip) => Math.abs(slip) <= MARK_SLIP_MM);
    })
  );
}

function bodyFindings(plan: CheckPlan, number: number, body: Ink, shared: SharedFindings): CheckCode[] {
  const known = shared.get(body);
  if (known) return known;
  const whole = [body, ...nested(body)];
  const boxes = whole.flatMap(inkBoxes);
  const texts: TextRun[] = whole.flatMap((ink) => ink.texts);
  const { privacyZone, returnLine } = plan;
  const own = number === 1 ? plan.own.first : number % 2 === 1 ? plan.own.front : plan.own.back;
  const isReturnLine = (box: Box) => returnLine !== null && liesWithin(box, returnLine);
  const inWindow = (box: Box) => overlaps(box, privacyZone) && !isReturnLine(box);
  const isTooSmall = ({ size, box }: TextRun) => size < LEAST_PT - SIZE_SLIP_PT && box !== null && !isReturnLine(box);
  const found = [
    ...when(
      'font_missing',
      texts.some(({ font }) => !font.embedded),
    ),
    ...when(
      'body_glyph_missing',
      texts.some(({ missing }) => missing),
    ),
    ...when(
      'body_at_edge',
      boxes.some((box) => !liesWithin(box, plan.printable)),
    ),
    ...when('body_in_window', number === 1 && boxes.some(inWindow)),
    ...when(
      'body_over_own',
      boxes.some((box) => own.some((place) => overlaps(box, place))),
    ),
    ...when('body_too_small', texts.some(isTooSmall)),
  ];
  shared.set(body, found);
  return found;
}

function nested({ forms }: Ink): Ink[] {
  return forms.flatMap(({ ink }) => [ink, ...nested(ink)]);
}
