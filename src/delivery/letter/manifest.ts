import { stringify } from 'csv-stringify/sync';
import { formatReference } from '../../intake/persons/reference.ts';

/** A letter as the printer and the post need to know it. */
export interface ManifestLine {
  reference: string;
  postalCode: string | null;
  country: string;
  pages: number;
  firstPage: number;
  /** SHA-256 of the letter's content as approved, hex. */
  sha256: string;
}

const COLUMNS = [
  ...['sequence', 'reference', 'postal_code', 'country', 'pages', 'sheets', 'weight_g'],
  ...['barcode', 'first_page', 'sha256'],
];

/** A4 at 80 g/m² weighs 5 g, an envelope 5 to 6 g (letters.md, Envelopes). */
const SHEET_GRAMS = 5;
const ENVELOPE_GRAMS = 6;

/** Sheets of a letter printed on both sides. */
export const sheetsOf = (pages: number): number => Math.ceil(pages / 2);

/** The manifest of a batch, one line per letter in print order (`http-api.md`, manifest.csv). */
export function manifestCsv(lines: ManifestLine[]): string {
  const records = lines.map((line, i) => [
    ...[i + 1, formatReference(line.reference), line.postalCode ?? '', line.country, line.pages, sheetsOf(line.pages)],
    ...[sheetsOf(line.pages) * SHEET_GRAMS + ENVELOPE_GRAMS, '', line.firstPage, line.sha256],
  ]);
  return stringify([COLUMNS, ...records], { record_delimiter: '\r\n' });
}

/** What decides the order of letters: language first, because a file holds one, then country and postal code. */
export interface PostalPlace {
  locale: string;
  country: string;
  postalCode: string | null;
}

export function byPostalOrder(a: PostalPlace, b: PostalPlace): number {
  const key = ({ locale, country, postalCode }: PostalPlace) => `${locale} ${country} ${postalCode ?? '~'}`;
  return key(a) < key(b) ? -1 : key(a) > key(b) ? 1 : 0;
}

/** Cuts letters in postal order into batches of one language with at most `most` letters each. */
export function cutBatches<Letter extends PostalPlace>(letters: Letter[], most: number): Letter[][] {
  const batches: Letter[][] = [];
  for (const letter of letters.toSorted(byPostalOrder)) {
    const last = batches.at(-1);
    if (last && last.length < most && last[0]?.locale === letter.locale) last.push(letter);
    else batches.push([letter]);
  }
  return batches;
}
