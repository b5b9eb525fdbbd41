import type { LetterSheet } from '../imposition/own-parts.ts';
import type { LetterData } from '../letter-layout.ts';
import type { Box } from '../pdf/ink.ts';
import type { ReturnLine } from '../sender-lines.ts';

/** What a printed letter can be found to have wrong. Told in docs/letters.md. */
export const checkCodes = [
  'unreadable',
  'page_missing',
  'page_unplanned',
  'page_size',
  'not_on_front',
  'blank_side_printed',
  'address_differs',
  'address_not_visible',
  'ink_in_window',
  'ink_at_edge',
  'reference_missing',
  'other_reference',
  'text_missing',
  'text_unexpected',
  'barcode_differs',
  'barcode_size',
  'barcode_crowded',
  'mark_differs',
  'own_misplaced',
  'own_overlaps',
  'own_hidden',
  'ink_unexpected',
  'font_missing',
  'glyph_missing',
  'body_differs',
  'body_in_window',
  'body_return_line',
  'body_over_own',
  'body_too_small',
  'body_hidden',
  'body_at_edge',
  'body_glyph_missing',
  'picture_in_window',
  'picture_at_edge',
] as const;
export type CheckCode = (typeof checkCodes)[number];

export const when = (code: CheckCode, found: boolean): CheckCode[] => (found ? [code] : []);

export interface Finding {
  code: CheckCode;
  /** Of the letter, from 1. */
  page: number;
  /** What of the file the reader does not know; nothing of what it says. */
  detail?: string;
}

/** What a letter was meant to be. */
export interface LetterExpectation {
  /** Its place in the batch, from 1. */
  sequence: number;
  /** In the file, from 1. */
  firstPage: number;
  /** What is printed for this person. All of it is personal data. */
  data: LetterData;
}

/** Where things may be, in mm. */
export interface CheckPlan {
  page: { width: number; height: number };
  printable: Box;
  visibleZone: Box;
  privacyZone: Box;
  /** The sender in the window, which is part of the shared pages; null: none. */
  returnLine: (Box & ReturnLine) | null;
  /** Where the person's own parts stand on the first page, on further fronts and on backs. */
  own: { first: Box[]; front: Box[]; back: Box[] };
  /** By which the person's own parts are placed. `pages`: of each letter, without the blank last side. */
  sheet: LetterSheet;
}
