/** Checks letters by what was rendered, not by what was meant: the file is read back and compared letter by letter. */
import { inkBoxes } from '../pdf/ink.ts';
import { type PdfPage, type PdfPages, readPages } from '../pdf/read-pages.ts';
import { PdfProblem } from '../pdf/tokens.ts';
import { checkPage, expectedTexts, printedText, type SharedFindings } from './check-page.ts';
import { mostCommon, residueOf } from './printed-text.ts';
import type { CheckPlan, Finding, LetterExpectation } from './types.ts';

/** What of a page must be the same on the same page of all letters. */
interface PageTraits {
  /** The shared drawings placed on it. */
  body: string;
  /** Its text without the person's own. */
  residue: string;
}

interface Checked {
  findings: Finding[];
  /** By page; none where the page cannot be read. */
  traits: (PageTraits | null)[];
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
  compareTraits(checked);
  const sides = letters.reduce((sum, letter) => sum + sidesOf(letter), 0);
  // More pages than letters account for belong to nobody: the last letter is not handed over with them.
  if (pages.count > sides) checked.at(-1)?.findings.push({ code: 'page_unplanned', page: letters.at(-1)?.pages ?? 1 });
  return checked.map(({ findings }) => findings);
}

/** Both sides of its sheets, the blank last one too. */
const sidesOf = ({ pages }: LetterExpectation): number => pages + (pages % 2);

function checkLetter(pages: PdfPages, plan: CheckPlan, letter: LetterExpectation, shared: SharedFindings): Checked {
  const findings: Finding[] = [];
  const traits: (PageTraits | null)[] = [];
  if (letter.firstPage % 2 === 0) findings.push({ code: 'not_on_front', page: 1 });
  for (let number = 1; number <= sidesOf(letter); number++) {
    const at = letter.firstPage + number - 1;
    if (at > pages.count) {
      findings.push({ code: 'page_missing', page: number });
      continue;
    }
    const page = readOne(pages, at, number, findings);
    if (page && number > letter.pages) findings.push(...blankFindings(page, number));
    if (number > letter.pages) continue;
    traits.push(page && traitsOf(page, letter, number));
    if (page) findings.push(...checkPage(plan, letter, number, page, shared).map((code) => ({ code, page: number })));
  }
  return { findings, traits };
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

function traitsOf({ ink }: PdfPage, letter: LetterExpectation, number: number): PageTraits {
  return {
    body: ink.forms.map(({ id }) => id).join(' '),
    residue: residueOf(printedText(ink), expectedTexts(letter, number)),
  };
}

/** A page whose shared part is not that of the others holds something of somebody else, or lacks something. */
function compareTraits(checked: Checked[]): void {
  const pages = Math.max(0, ...checked.map(({ traits }) => traits.length));
  for (let i = 0; i < pages; i++) {
    const all = checked.flatMap(({ traits }) => traits[i] ?? []);
    const body = mostCommon(all.map((each) => each.body));
    const residue = mostCommon(all.map((each) => each.residue));
    for (const { findings, traits } of checked) {
      const own = traits[i];
      if (!own) continue;
      if (own.body !== body) findings.push({ code: 'body_differs', page: i + 1 });
      if (own.residue !== residue) findings.push({ code: 'text_unexpected', page: i + 1 });
    }
  }
}
