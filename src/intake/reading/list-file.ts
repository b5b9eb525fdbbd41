import { OwabiError } from '../../errors.ts';
import { cutCardNumbers } from '../fields/card-numbers.ts';
import { type CsvReader, type CsvRecord, delimiterOf, isBlank, makeCsvReader } from './csv.ts';
import { decodeText, detectEncoding, type Encoding } from './encoding.ts';

/** A list as a table: its header, and its rows as they are asked for. */
export interface ListFile {
  encoding: Encoding;
  delimiter: string;
  /** Card numbers are cut out of it: a file without a header has a person in its first line. */
  header: string[];
  /** The rows after the header in pieces, blank ones left out. Can be walked once. */
  rows: AsyncGenerator<CsvRecord[]>;
}

// No list of customers has more; a file with more is some other kind of file.
const MAX_COLUMNS = 1_000;

/**
 * Opens a list.
 * @param open gives the file's bytes from the beginning; called twice when the encoding is not known
 * @throws OwabiError `not_text`, `unknown_encoding`, `no_header`; later, from `rows`, also `broken_quote`, `list_unreadable`
 */
export async function openListFile(open: () => AsyncIterable<Uint8Array>, known: Encoding | null): Promise<ListFile> {
  const encoding = known ?? (await detectEncoding(open()));
  const text = decodeText(open(), encoding);
  const start = await firstLine(text);
  const delimiter = delimiterOf(start.split(/[\r\n]/, 1)[0] ?? '');
  const records = readRecords(text, start, makeCsvReader(delimiter));
  const { value: first } = await records.next();
  const [head, ...rest] = first ?? [];
  if (!head) throw new OwabiError('no_header', 'The file holds nothing but blank lines.');
  if (head.cells.length > MAX_COLUMNS) {
    throw new OwabiError('list_unreadable', `The first line has more than ${MAX_COLUMNS} columns.`, { line: 1 });
  }
  const header = head.cells.map((cell) => (cutCardNumbers(cell) ?? cell).trim());
  return { encoding, delimiter, header, rows: withFirst(rest, records) };
}

/** Text up to at least the first line break, leading blank lines left in. */
async function firstLine(text: AsyncGenerator<string>): Promise<string> {
  let start = '';
  while (!/\S[^\r\n]*[\r\n]/.test(start)) {
    const { value, done } = await text.next();
    if (done) break;
    start += value;
  }
  return start;
}

async function* readRecords(
  text: AsyncGenerator<string>,
  start: string,
  reader: CsvReader,
): AsyncGenerator<CsvRecord[], undefined> {
  yield* some(reader.push(start));
  for await (const piece of text) yield* some(reader.push(piece));
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
