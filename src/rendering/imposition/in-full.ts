/** What `/overlay.typ` reads: the own parts of letters that are typeset in full. */
import type { LetterData } from '../letter-layout.ts';
import { type LetterSheet, ownBars, ownTexts } from './own-parts.ts';

/**
 * JSON: by letter and page.
 * @param first the place of the first letter in its batch, from 1
 * @throws OwabiError `render_failed` when a mark cannot be drawn
 */
export function inFullData(locale: string, letters: LetterData[], sheet: LetterSheet, first = 1): string {
  const pages = (letter: LetterData, sequence: number) =>
    Array.from({ length: sheet.pages }, (_, i) => ({
      texts: ownTexts(sheet, letter, i + 1),
      bars: ownBars(sheet, letter, sequence, i + 1),
    }));
  return JSON.stringify({ locale, letters: letters.map((letter, i) => pages(letter, first + i)) });
}
