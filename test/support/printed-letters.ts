/** Four letters as the press prints them, to be changed and checked. */
import { expect } from 'vitest';
import { checkPrinted } from '../../src/rendering/letter-check/check-printed.ts';
import { isLetterProblem, type LetterData, layOutLetter } from '../../src/rendering/letter-layout.ts';
import { footAdvances } from '../../src/rendering/letter-press.ts';
import type { LetterCheck, LetterPress, PreparedLetter, RenderPerson } from '../../src/rendering/types.ts';
import { person } from '../unit/rendering/rendering.fixtures.ts';
import { changePdf, pageObjects } from './change-pdf.ts';

export const LETTERS = 4;
export const persons = Array.from({ length: LETTERS }, (_, i) =>
  person({
    ...{ reference: `${String(10_000_000 + i)}X`, name: `見本 第${i}子`, postalCode: '1000013' },
    addressLines: [`東京都千代田区霞が関1丁目3番${i + 2}号`, '郵便プラザ503室'],
    exposures: [{ kind: 'card', units: 1, brand: 'VISA', last4: String(1000 + i) }],
  }),
);

export const layouts = (shared: PreparedLetter, people: RenderPerson[]): LetterData[] =>
  people.map((each) => {
    const layout = layOutLetter(shared, each);
    if (isLetterProblem(layout)) throw new Error(layout.reason);
    return layout;
  });

/** A letter of the Japanese apology: three pages and a blank side. */
export const PAGES = 3;
export const SIDES = 4;

/** @returns what is found wrong with a file that should hold letters to these persons */
export const checkFile = (shared: PreparedLetter, people: RenderPerson[], pdf: Uint8Array): Promise<LetterCheck[]> =>
  checkPrinted(
    { letters: layouts(shared, people), files: shared.files, advances: footAdvances(shared) },
    { pdf, pagesPerLetter: PAGES },
  );

export const codes = (checks: LetterCheck[]): string[][] =>
  checks.map(({ findings }) => [...new Set(findings.map(({ code }) => code))].sort());

export async function printLetters(press: LetterPress, prepared: PreparedLetter) {
  const { pdf } = await press.typeset({ prepared, persons });
  const objects = pageObjects(pdf);
  const at = (letter: number, page: number) => objects[letter * SIDES + page - 1] as { page: number; content: number };
  const check = (changed: Uint8Array) => checkFile(prepared, persons, changed);
  /** Changes what is drawn on a page of the third letter. @throws Error when that changes nothing */
  const onPage = (page: number, change: (content: string) => string): Uint8Array => {
    const { content } = at(2, page);
    return changePdf(pdf, (object, number) => {
      if (number !== content) return object;
      const changed = change(object);
      if (changed === object) throw new Error('the page is as it was');
      return changed;
    });
  };
  /** The third letter has these findings and no other letter any. */
  const expectOnly = async (changed: Uint8Array, found: string[]): Promise<LetterCheck> => {
    const checks = await check(changed);
    expect(codes(checks)).toEqual([[], [], found.toSorted(), []]);
    expect(checks[2]?.picture?.png.length).toBeGreaterThan(100);
    return checks[2] as LetterCheck;
  };
  return { pdf, at, check, onPage, expectOnly };
}
