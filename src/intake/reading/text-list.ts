import { OwabiError } from '../../errors.ts';
import { firstBytes, type Meter } from './bytes.ts';
import type { Text } from './contents.ts';
import { type CsvReader, type CsvRecord, isBlank, makeCsvReader } from './csv.ts';
import { delimiterOf, namedDelimiter } from './delimiter.ts';
import { detectEncoding } from './detect-encoding.ts';
import { decodeText, type Encoding, encodingOfMark, type TextNotes } from './encoding.ts';

/** A list as it lies in a text file. */
export interface TextList {
  encoding: Encoding;
  delimiter: string;
  /** The first record that is not blank. */
  header: CsvRecord;
  /** The records after it that are not blank, in pieces. */
  rows: AsyncGenerator<CsvRecord[]>;
  /** Complete when `rows` has been walked. */
  notes: TextNotes;
}

/**
 * Opens a text file as a list.
 * @param named the encoding that the operator names; null: it is found
 * @throws OwabiError `not_text`, `unknown_encoding`, `no_header`; later, from `rows`, also `broken_quote`, `list_unreadable`
 */
export async function openTextList(text: Text, named: Encoding | null, meter: Meter): Promise<TextList> {
  const encoding = named === null ? await detectEncoding(text) : await confirmEncoding(text, named);
  const notes = { replacements: 0 };
  const pieces = decodeText(text, encoding, { meter, notes });
  const { start, whole } = await firstLines(pieces);
  const excel = namedDelimiter(start);
  const delimiter = excel?.delimiter ?? delimiterOf(start, whole);
  const reader = makeCsvReader(delimiter, excel ? 2 : 1);
  const records = readRecords(pieces, start.slice(excel?.length ?? 0), reader);
  const { value: first } = await records.next();
  const [header, ...rest] = first ?? [];
  if (!header) throw new OwabiError('no_header', 'The file holds nothing but blank lines.');
  return { encoding, delimiter, header, rows: withFirst(rest, records), notes };
}

// A mark that says something else than the operator: one of them is wrong, and names would be.
async function confirmEncoding(text: Text, named: Encoding): Promise<Encoding> {
  const marked = encodingOfMark(await firstBytes(text.read(), 4));
  if (marked === null || marked === named) return named;
  if (marked.startsWith('utf-16') && named.startsWith('utf-16')) return marked;
  // Nor can a file that begins so be in the others: CP932 and EUC-JP have no such lists, ISO-2022-JP no such bytes.
  throw new OwabiError(
    'unknown_encoding',
    `The file begins with the mark of ${marked.toUpperCase()}, and ${named.toUpperCase()} was named. Leave out the field "encoding", or save the file again as UTF-8.`,
  );
}

const SAMPLE_LINES = 50;
const SAMPLE_CHARACTERS = 256 * 1024;

/** The first lines, as far as the delimiter is found from them. */
async function firstLines(pieces: AsyncGenerator<string>): Promise<{ start: string; whole: boolean }> {
  let start = '';
  while (start.length < SAMPLE_CHARACTERS && lineCount(start) < SAMPLE_LINES) {
    const { value, done } = await pieces.next();
    if (done) return { start, whole: true };
    start += value;
  }
  return { start, whole: false };
}

const lineCount = (text: string): number => text.match(/[\r\n]+[^\r\n]/g)?.length ?? 0;

async function* readRecords(
  pieces: AsyncGenerator<string>,
  start: string,
  reader: CsvReader,
): AsyncGenerator<CsvRecord[], undefined> {
  yield* some(reader.push(start));
  for await (const piece of pieces) yield* some(reader.push(piece));
  yield* some(reader.end());
}

function* some(records: CsvRecord[]): Generator<CsvRecord[]> {
  const filled = records.filter((record) => !isBlank(record.cells));
  if (filled.length > 0) yield filled;
}

async function* withFirst(first: CsvRecord[], rest: AsyncGenerator<CsvRecord[]>): AsyncGenerator<CsvRecord[]> {
  if (first.length > 0) yield first;
  yield* rest;
}
