/** What is wrong with a shared page, which is read once for all letters. */
import { type Box, type Ink, inkBoxes, type TextRun } from '../pdf/ink.ts';
import { liesWithin, overlaps } from './boxes.ts';
import { isOver } from './check-own.ts';
import { readInOrder, withoutBlanks } from './printed-text.ts';
import { type CheckCode, type CheckPlan, when } from './types.ts';

/** Cal. Civ. Code §1798.82(d)(1). */
const LEAST_PT = 10;
const SIZE_SLIP_PT = 0.01;
/** For text of this size (WCAG 2.2, 1.4.3). */
const LEAST_CONTRAST = 4.5;

/** @param number of the letter's page, from 1. @param body the drawing that all letters have on it */
export function bodyFindings(plan: CheckPlan, number: number, body: Ink): CheckCode[] {
  const whole = [body, ...nested(body)];
  const texts = whole.flatMap((ink) => ink.texts);
  const returnLine = number === 1 ? returnLineOf(plan, texts) : [];
  const isReturnLine = returnLineIs(plan, returnLine) ? new Set(returnLine) : new Set();
  const small = ({ size, box }: TextRun) => size < LEAST_PT - SIZE_SLIP_PT && box !== null;
  const shapes = whole.flatMap((ink) => [...ink.rectangles, ...ink.marks]);
  const others = texts.filter((run) => !isReturnLine.has(run)).flatMap(({ box }) => box ?? []);
  const boxes = whole.flatMap(inkBoxes);
  const own = number === 1 ? plan.own.first : number % 2 === 1 ? plan.own.front : plan.own.back;
  return [
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
    ...when('body_in_window', number === 1 && [...others, ...shapes].some((box) => overlaps(box, plan.privacyZone))),
    ...when('body_return_line', number === 1 && plan.returnLine !== null && isReturnLine.size === 0),
    ...when(
      'body_over_own',
      boxes.some((box) => own.some((place) => overlaps(box, place))),
    ),
    ...when(
      'body_too_small',
      texts.some((run) => small(run) && !isReturnLine.has(run)),
    ),
    ...when('body_hidden', whole.some(hasHiddenText)),
  ];
}

function returnLineOf({ returnLine }: CheckPlan, texts: TextRun[]): TextRun[] {
  return returnLine ? texts.filter(({ box }) => box !== null && liesWithin(box, returnLine)) : [];
}

/** Word for word the sender, and in the size that was chosen for it: nothing else may be read through the window. */
function returnLineIs({ returnLine }: CheckPlan, texts: TextRun[]): boolean {
  if (!returnLine) return false;
  const { lines, pt } = returnLine;
  const sized = texts.every(({ size }) => size >= pt - SIZE_SLIP_PT);
  return sized && readInOrder(texts) === withoutBlanks(lines.join(''));
}

function hasHiddenText({ texts, covers }: Ink): boolean {
  const clipped = ({ box, clip }: TextRun) => box !== null && clip !== null && !liesWithin(box, clip as Box);
  const pale = ({ box, contrast }: TextRun) => box !== null && contrast < LEAST_CONTRAST;
  return texts.some((run) => clipped(run) || pale(run)) || covers.some((cover) => isOver(cover, texts));
}

function nested({ forms }: Ink): Ink[] {
  return forms.flatMap(({ ink }) => [ink, ...nested(ink)]);
}
