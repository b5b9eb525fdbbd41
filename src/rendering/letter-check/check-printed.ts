/** Checks a batch as it was printed: every letter by reading it back, those that fail and a sample by a picture. */
import { barCount } from '../barcode/packed-bars.ts';
import type { LetterData } from '../letter-layout.ts';
import { type LetterProfile, ownPlaces } from '../letter-profile.ts';
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

/** @param order what was to be printed, with the profile among its files */
export async function checkPrinted(
  { letters, files }: { letters: LetterData[]; files: Record<string, string> },
  { pdf, pagesPerLetter }: Printed,
): Promise<LetterCheck[]> {
  const plan = planOf(JSON.parse(files['/profile.json'] as string) as LetterProfile);
  const expected = letters.map((letter, i) => expectationOf(letter, i, pagesPerLetter));
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

function planOf(profile: LetterProfile): CheckPlan {
  const { page, printable, visibleZone, privacyZone, returnLine, inserterMark } = profile;
  const own = { first: ownPlaces(profile, 1), front: ownPlaces(profile, 3), back: ownPlaces(profile, 2) };
  return { page, printable, visibleZone, privacyZone, returnLine, inserterMark, own };
}

function expectationOf(letter: LetterData, i: number, pages: number): LetterExpectation {
  const { reference, address, barcode, exposures } = letter;
  return {
    ...{ reference, sequence: i + 1, firstPage: i * (pages + (pages % 2)) + 1, pages },
    ...{ addressLines: address.lines, ownTexts: exposures },
    barcode: barcode && { kind: barcode.kind, data: barcode.data, count: barCount(barcode.bars) },
  };
}

function pagesToPicture(found: Finding[][]): { letter: number; page: number }[] {
  return found.flatMap(([first], letter) => {
    if (first) return { letter, page: first.page };
    return letter % SAMPLED === 0 ? { letter, page: 1 } : [];
  });
}
