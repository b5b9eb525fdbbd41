import { OwabiError } from '../../errors.ts';

/**
 * What is doubtful of a cell of a workbook: a number that has lost digits, a date (so an address or a number that Excel
 * took for one is damaged), an error such as #N/A, a formula whose value was never calculated.
 */
export type CellFlag = 'damaged_number' | 'excel_date' | 'excel_error' | 'uncalculated';

/** One record of a list. `line` is its first physical line (of a sheet: its row), from 1; `lines` how many it spans. */
export interface CsvRecord {
  line: number;
  lines: number;
  cells: string[];
  /** Codes about single cells, by position; of workbooks only. */
  flags?: Map<number, CellFlag>;
  /** Codes about the row, such as `hidden_row`. */
  warnings?: string[];
}

export interface CsvReader {
  /** Takes the next piece of text and gives the records that are complete. */
  push(text: string): CsvRecord[];
  /** Says that the text has ended and gives the rest. */
  end(): CsvRecord[];
}

/** A record of a customer list has some hundred characters. One of a million is a mark that nobody closed. */
export const MAX_RECORD_CHARACTERS = 1_000_000;

/** No list of customers has more; a file with more is some other kind of file. */
export const MAX_COLUMNS = 1_000;

/**
 * Reads CSV (RFC 4180) from text that comes in pieces; lines may end in CRLF, LF or CR, in one file too.
 * Why not csv-parse: when a quotation mark is not closed, the reader must stop and say on which line it was opened,
 * where a lenient reader would swallow the rows up to the next mark. A mark inside an unquoted cell is a plain
 * character; text after a closing mark means that the mark was not meant to close, and fails. It is also eight times
 * as fast.
 * @param firstLine the line on which the text begins
 * @throws OwabiError `broken_quote`, `list_unreadable`, both with `line`
 */
export function makeCsvReader(delimiter: string, firstLine = 1): CsvReader {
  let held = '';
  let line = firstLine;
  const read = (final: boolean): CsvRecord[] => {
    const records: CsvRecord[] = [];
    const scan = makeScan(held, delimiter, final);
    let position = 0;
    while (position < held.length) {
      const record = readPlainLine(scan, position, line) ?? readRecord(scan, position, line);
      if (!record) break;
      records.push({ line, lines: record.newlines + 1, cells: record.cells });
      line += record.newlines + 1;
      position = record.next;
    }
    held = held.slice(position);
    return records;
  };
  return {
    push(text) {
      held += text;
      return read(false);
    },
    end() {
      // DOS programs end a text with Ctrl-Z, some fill its last block with it.
      let length = held.length;
      while (length > 0 && isEndOfFile(held.charCodeAt(length - 1))) length--;
      held = held.slice(0, length);
      return read(true);
    },
  };
}

function isEndOfFile(code: number): boolean {
  return code === CTRL_Z || code === CTRL_Z_OF_CP932;
}

/** Whether a record holds nothing: such a one is not a row. */
export function isBlank(cells: readonly string[]): boolean {
  return cells.every((cell) => cell.trim() === '');
}

interface RawRecord {
  cells: string[];
  next: number;
  newlines: number;
}

/** A piece of text that is searched from left to right, and where in it the next mark, CR and LF stand. */
interface Scan {
  text: string;
  delimiter: string;
  final: boolean;
  quote: number;
  cr: number;
  lf: number;
}

const QUOTE = 34;
const LF = 10;
const CR = 13;
const SPACE = 32;
const CTRL_Z = 26;
/** What Node's decoder of CP932 makes of Ctrl-Z: it exchanges 1A and 1C, as IBM's table does. */
const CTRL_Z_OF_CP932 = 28;
const NONE = Number.MAX_SAFE_INTEGER;

function makeScan(text: string, delimiter: string, final: boolean): Scan {
  return { text, delimiter, final, quote: -1, cr: -1, lf: -1 };
}

function nextFrom(text: string, what: string, known: number, position: number): number {
  if (known >= position) return known;
  const found = text.indexOf(what, position);
  return found === -1 ? NONE : found;
}

/**
 * The fast way, for a line that ends in LF or CRLF and has no quotation mark: searching and splitting is then done by
 * the engine's own loops. Null when the line has to be looked at character by character.
 */
function readPlainLine(scan: Scan, start: number, line: number): RawRecord | null {
  const { text, delimiter } = scan;
  scan.lf = nextFrom(text, '\n', scan.lf, start);
  const end = scan.lf;
  if (end === NONE) return null;
  scan.quote = nextFrom(text, '"', scan.quote, start);
  if (scan.quote < end) return null;
  scan.cr = nextFrom(text, '\r', scan.cr, start);
  if (scan.cr < end - 1) return null;
  const record = text.slice(start, scan.cr < end ? end - 1 : end);
  checkLength(record.length, line);
  const cells = record.split(delimiter);
  checkColumns(cells.length, line);
  return { cells, next: end + 1, newlines: 0 };
}

/** Reads one record, or gives null when the text ends before it does and more may come. */
function readRecord({ text, delimiter, final }: Scan, start: number, line: number): RawRecord | null {
  const cells: string[] = [];
  const delimiterCode = delimiter.charCodeAt(0);
  let position = start;
  let newlines = 0;
  for (;;) {
    const quoted = text.charCodeAt(position) === QUOTE;
    const cell = quoted
      ? readQuoted(text, position, delimiterCode, line + newlines, final)
      : readPlain(text, position, delimiterCode, final);
    if (!cell) return checkLength(text.length - start, line);
    cells.push(cell.value);
    checkColumns(cells.length, line);
    if (quoted) newlines += countNewlines(cell.value);
    position = cell.end;
    if (text.charCodeAt(position) === delimiterCode) {
      position++;
      continue;
    }
    checkLength(position - start, line);
    const next = afterNewline(text, position, final);
    return next === null ? null : { cells, next, newlines };
  }
}

interface Cell {
  value: string;
  end: number;
}

function readPlain(text: string, start: number, delimiter: number, final: boolean): Cell | null {
  for (let i = start; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === delimiter || code === LF || code === CR) return { value: text.slice(start, i), end: i };
  }
  return final ? { value: text.slice(start), end: text.length } : null;
}

function readQuoted(text: string, start: number, delimiter: number, line: number, final: boolean): Cell | null {
  let close = text.indexOf('"', start + 1);
  while (close !== -1 && text.charCodeAt(close + 1) === QUOTE) close = text.indexOf('"', close + 2);
  if (close === -1) {
    if (final) throw brokenQuote(line, 'is never closed');
    if (text.length - start > MAX_RECORD_CHARACTERS) {
      throw brokenQuote(line, `is not closed within ${MAX_RECORD_CHARACTERS} characters`);
    }
    return null;
  }
  let end = close + 1;
  while (text.charCodeAt(end) === SPACE) end++;
  if (end === text.length && !final) return null;
  const after = text.charCodeAt(end);
  if (end < text.length && after !== delimiter && after !== LF && after !== CR) {
    throw brokenQuote(line, 'is closed in the middle of a cell');
  }
  const inner = text.slice(start + 1, close);
  return { value: inner.includes('"') ? inner.replaceAll('""', '"') : inner, end };
}

// A CR at the end of a piece may be half of a CRLF: wait for the next one.
function afterNewline(text: string, position: number, final: boolean): number | null {
  if (position >= text.length) return position;
  if (text.charCodeAt(position) !== CR) return position + 1;
  if (position + 1 === text.length && !final) return null;
  return text.charCodeAt(position + 1) === LF ? position + 2 : position + 1;
}

function countNewlines(text: string): number {
  if (!text.includes('\n') && !text.includes('\r')) return 0;
  return text.match(/\r\n|\n|\r/g)?.length ?? 0;
}

function checkLength(length: number, line: number): null {
  if (length <= MAX_RECORD_CHARACTERS) return null;
  const detail = `The record that begins on line ${line} is longer than ${MAX_RECORD_CHARACTERS} characters. Shorten its cells, or check the line ends of the file, and upload it again.`;
  throw new OwabiError('list_unreadable', detail, { line });
}

function checkColumns(count: number, line: number): void {
  if (count > MAX_COLUMNS) throw tooManyColumns(line);
}

/** The error of a record that is wider than any list; `line` as in `CsvRecord`. */
export function tooManyColumns(line: number): OwabiError {
  const detail = `The record that begins on line ${line} has more than ${MAX_COLUMNS} columns. Keep only the columns that are needed, or check the delimiter, and upload the file again.`;
  return new OwabiError('list_unreadable', detail, { line });
}

function brokenQuote(line: number, how: string): OwabiError {
  const detail = `The quotation mark opened on line ${line} ${how}. Correct this line and upload the file again.`;
  return new OwabiError('broken_quote', detail, { line });
}
