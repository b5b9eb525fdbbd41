/** Checks a batch as it was printed: every letter by reading it back, those that fail and a sample by a picture. */
import type { LetterSheet } from '../imposition/own-parts.ts';
import type { PressOrder } from '../letter-press.ts';
import { ownPlaces } from '../letter-profile.ts';
import type { Box } from '../pdf/ink.ts';
import type { ReturnLine } from '../sender-lines.ts';
import type { LetterCheck } from '../types.ts';
import { checkLetters } from './check-letters.ts';
import { checkPicture } from './check-picture.ts';
import { pagePictures } from './page-pictures.ts';
import { type GreyPicture, pngOf } from './png.ts';
import type { CheckPlan, Finding, LetterExpectation } from './types.ts';

/** One in so many letters is looked at as a picture, found good or not. */
const SAMPLED = 100;
/** Pictures are drawn so many at a time: each is half a megabyte until it is packed. */
const AT_ONCE = 20;

interface Printed {
  pdf: Uint8Array;
  pagesPerLetter: number;
}

/** @param order what was to be printed */
export async function checkPrinted(
  { letters, files, advances }: Pick<PressOrder, 'letters' | 'files' | 'advances'>,
  { pdf, pagesPerLetter: pages }: Printed,
): Promise<LetterCheck[]> {
  const read = (path: string) => JSON.parse(files[path] as string);
  const sheet: LetterSheet = { profile: read('/profile.json'), labels: read('/labels.json'), advances, pages };
  const plan = planOf(sheet, read('/sender.json').returnLine);
  // As many as its batch was cut for: what is personal takes no page, and all else that decides is in the letter's hash,
  // which was compared before it was typeset (`content_changed`).
  const sides = pages + (pages % 2);
  const expected = letters.map((data, i) => ({ sequence: i + 1, firstPage: i * sides + 1, data }));
  const found = checkLetters(pdf, plan, expected);
  const pictured = pagesToPicture(found);
  const checks: LetterCheck[] = found.map((findings) => ({ findings, picture: null }));
  for (let at = 0; at < pictured.length; at += AT_ONCE) {
    const some = pictured.slice(at, at + AT_ONCE);
    const pages = some.map(({ letter, page }) => (expected[letter] as LetterExpectation).firstPage + page - 1);
    const pictures = await pagePictures(pdf, pages);
    for (const [i, { letter, page }] of some.entries()) {
      lookAt(plan, checks[letter] as LetterCheck, page, pictures[i] ?? null);
    }
  }
  return checks;
}

function lookAt(plan: CheckPlan, check: LetterCheck, page: number, picture: GreyPicture | null): void {
  if (!picture) {
    // Whoever cannot draw a page must not pass it.
    if (check.findings.length === 0) check.findings.push({ code: 'unreadable', page, detail: 'no picture' });
    return;
  }
  check.findings.push(...checkPicture(plan, page, picture).map((code) => ({ code, page })));
  check.picture = { page, png: pngOf(picture) };
}

function planOf(sheet: LetterSheet, sender: ReturnLine | null): CheckPlan {
  const { page, printable, visibleZone, privacyZone, returnLine: zone } = sheet.profile;
  const [first, back, front] = [1, 2, 3].map((number) => ownPlaces(sheet.profile, number)) as [Box[], Box[], Box[]];
  const own = { first, front, back };
  return {
    page,
    printable,
    visibleZone,
    privacyZone,
    returnLine: zone && sender && { ...zone, ...sender },
    own,
    sheet,
  };
}

function pagesToPicture(found: Finding[][]): { letter: number; page: number }[] {
  return found.flatMap(([first], letter) => {
    if (first) return { letter, page: first.page };
    return letter % SAMPLED === 0 ? { letter, page: 1 } : [];
  });
}
