import { stringify } from 'csv-stringify/sync';
import { formatReference } from '../../intake/persons/reference.ts';
import type { LetterWeight } from './letter-weight.ts';

/** A letter as the printer and the post need to know it. */
export interface ManifestLine {
  reference: string;
  postalCode: string | null;
  country: string;
  pages: number;
  firstPage: number;
  weight: LetterWeight;
  /** The barcode's characters, separated by spaces; '' for none. */
  barcode: string;
  /** SHA-256 of the letter's content as approved, hex. */
  sha256: string;
}

const COLUMNS = [
  ...['sequence', 'reference', 'postal_code', 'country', 'pages', 'sheets', 'weight_g'],
  ...['barcode', 'first_page', 'sha256'],
];

/** The manifest of a batch, one line per letter in print order (`http-api.md`, manifest.csv). */
export function manifestCsv(lines: ManifestLine[]): string {
  const records = lines.map((line, i) => [
    ...[i + 1, formatReference(line.reference), line.postalCode ?? '', line.country, line.pages],
    ...[line.weight.sheets, line.weight.grams, line.barcode, line.firstPage, line.sha256],
  ]);
  // Postal codes abroad are as the list has them: one that begins with = would be a formula where the file is opened.
  return stringify([COLUMNS, ...records], { record_delimiter: '\r\n', escape_formulas: true });
}
