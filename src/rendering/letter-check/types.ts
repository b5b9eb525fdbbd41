import type { Barcode } from '../barcode/types.ts';
import type { Box } from '../pdf/ink.ts';

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
  'barcode_crowded',
  'mark_differs',
  'font_missing',
  'glyph_missing',
  'body_differs',
  'body_in_window',
  'body_over_own',
  'body_too_small',
  'body_at_edge',
  'body_glyph_missing',
  'picture_in_window',
  'picture_at_edge',
] as const;
export type CheckCode = (typeof checkCodes)[number];

export interface Finding {
  code: CheckCode;
  /** Of the letter, from 1. */
  page: number;
  /** What of the file the reader does not know; nothing of what it says. */
  detail?: string;
}

/** What a letter was meant to be. Everything in it is personal data. */
export interface LetterExpectation {
  /** As printed, with its hyphens. */
  reference: string;
  /** Its place in the batch, from 1. */
  sequence: number;
  /** In the file, from 1. */
  firstPage: number;
  /** Without the blank last side. */
  pages: number;
  addressLines: string[];
  /** What else is the person's own on the first page, each in one piece. */
  ownTexts: string[];
  /** As in the manifest, and how many bars it has; null for none. */
  barcode: ExpectedBarcode | null;
}

export type ExpectedBarcode = Pick<Barcode, 'kind' | 'data'> & { count: number };

/** Where things may be, in mm. */
export interface CheckPlan {
  page: { width: number; height: number };
  printable: Box;
  visibleZone: Box;
  privacyZone: Box;
  /** The sender in the window, which is part of the shared pages; null: none. */
  returnLine: Box | null;
  /** The place of the inserter's mark; null: none. */
  inserterMark: { x: number; y: number } | null;
  /** Where the person's own parts stand on the first page, on further fronts and on backs. */
  own: { first: Box[]; front: Box[]; back: Box[] };
}
