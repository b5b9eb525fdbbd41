/** Checks letters by what was rendered, not by what was meant: the file is read back and compared letter by letter. */
import { inkBoxes } from '../pdf/ink.ts';
import { type PdfPage, type PdfPages, readPages } from '../pdf/read-pages.ts';
import { PdfProblem } from '../pdf/tokens.ts';
import { checkPage, type SharedFindings } from './check-page.ts';
import { mostCommon } from './printed-text.ts';
import type { CheckPlan, Finding, LetterExpectation } from './types.ts';

interface Checked {
  findings: Finding[];
  /** The shared drawings on each page, which all letters have; undefined where the page cannot be read. */
  bodies: (string | undefined)[];
}

/**
 * What is wrong with each letter, in their order; an empty list for a letter as it should be.
 * @param letters all that the file holds, in print order
 */
export function checkLetters(pdf: Uint8Array, plan: CheckPlan, letters: LetterExpectation[]): Finding[][] {
  let pages: PdfPages;
  try {
    pages = readPages(pdf);
  } catch (error) {
    const finding: Finding = { code: 'unreadable', page: 1, detail: reasonOf(error) };
    return letters.map(() => [finding]);
  }
  const shared: SharedFindings = new Map();
  const checked = letters.map((letter) => checkLetter(pages, plan, letter, shared));
  compareBodies(checked);
  const sides = letters.length * sidesOf(plan);
  // More pages than letters account for belong to nobody: the last letter is not handed over with them.
  if (pages.count > sides) checked.at(-1)?.findings.push({ code: 'page_unplanned', page: plan.sheet.pages });
  return checked.map(({ findings }) => findings);
}

/** Both sides of its sheets, the blank last one too. */
const sidesOf = ({ sheet: { pages } }: CheckPlan): number => pages + (pages % 2);

function checkLetter(pages: PdfPages, plan: CheckPlan, letter: LetterExpectation, shared: SharedFindings): Checked {
  const findings: Finding[] = [];
  const bodies: Checked['bodies'] = [];
  if (letter.firstPage % 2 === 0) findings.push({ code: 'not_on_front', page: 1 });
  for (let number = 1; number <= sidesOf(plan); number++) {
    const at = letter.firstPage + number - 1;
    if (at > pages.count) {
      findings.push({ code: 'page_missing', page: number });
      continue;
    }
    const page = readOne(pages, at, number, findings);
    if (page && number > plan.sheet.pages) findings.push(...blankFindings(page, number));
    if (number > plan.sheet.pages) continue;
    bodies.push(page?.ink.forms.map(({ id }) => id).join(' '));
    if (page) findings.push(...checkPage(plan, letter, number, page, shared).map((code) => ({ code, page: number })));
  }
  return { findings, bodies };
}

function readOne(pages: PdfPages, at: number, number: number, findings: Finding[]): PdfPage | null {
  try {
    return pages.read(at);
  } catch (error) {
    findings.push({ code: 'unreadable', page: number, detail: reasonOf(error) });
    return null;
  }
}

/** Damage shows in many ways; a slip of the reader is one of them and must not stop the other letters. */
function reasonOf(error: unknown): string {
  return error instanceof PdfProblem ? error.message : 'a damaged file';
}

function blankFindings({ ink }: PdfPage, number: number): Finding[] {
  const printed = inkBoxes(ink).length > 0 || ink.forms.length > 0;
  return printed ? [{ code: 'blank_side_printed', page: number }] : [];
}

/** A page whose shared part is not that of the others holds something of somebody else, or lacks something. */
function compareBodies(checked: Checked[]): void {
  const pages = Math.max(0, ...checked.map(({ bodies }) => bodies.length));
  for (let i = 0; i < pages; i++) {
    const usual = mostCommon(checked.flatMap(({ bodies }) => bodies[i] ?? []));
    for (const { findings, bodies } of checked) {
      const own = bodies[i];
      if (own !== undefined && own !== usual) findings.push({ code: 'body_differs', page: i + 1 });
    }
  }
}
