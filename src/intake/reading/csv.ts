import { OwabiError } from '../../errors.ts';

/** One record of a CSV file. `line` is its first physical line, from 1; `lines` how many it spans. */
export interface CsvRecord {
  line: number;
  lines: number;
  cells: string[];
}

export interface CsvReader {
  /** Takes the next piece of text and gives the records that are complete. */
  push(text: string): CsvRecord[];
  /** Says that the text has ended and gives the rest. */
  end(): CsvRecord[];
}

// A record of a customer list has some hundred characters. One of a million is a quotation mark that nobody closed.
const MAX_RECORD_CHARACTERS = 1_000_000;

/**
 * Reads CSV (RFC 4180) from text that comes in pieces; lines may end in CRLF, LF or CR.
 * Why not csv-parse: when a quotation mark is not closed, the reader must stop and say on which line it was opened,
 * where a lenient reader would swallow the rows up to the next mark. A mark inside an unquoted cell is a plain
 * character; text after a closing mark means that the mark was not meant to close, and fails.
 * @throws OwabiError `broken_quote`, `list_unreadable`, both with `line`
 */
export function makeCsvReader(delimiter: string): CsvReader {
  let held = '';
  let line = 1;
  const read = (final: boolean): CsvRecord[] => {
    const records: CsvRecord[] = [];
    let position = 0;
    while (position < held.length) {
      const record = readRecord(held, position, delimiter, line, final);
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
    end: () => read(true),
  };
}

/** The delimiter of a header: the most frequent of comma, tab and semicolon outside quotation marks. */
export function delimiterOf(header: string): string {
  const bare = header.replace(/"[^"]*"/g, '');
  const count = (delimiter: string) => bare.split(delimiter).length - 1;
  return [',', '\t', ';'].reduce((best, next) => (count(next) > count(best) ? next : best));
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

const QUOTE = 34;
const LF = 10;
const CR = 13;
const SPACE = 32;

/** Reads one record, or gives null when the text ends before it does and more may come. */
function readRecord(text: string, start: number, delimiter: string, line: number, final: boolean): RawRecord | null {
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
    if (quoted) newlines += countNewlines(cell.value);
    position = cell.end;
    if (text.charCodeAt(position) === delimiterCode) {
      position++;
      continue;
    }
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
    if (final || text.length - start > MAX_RECORD_CHARACTERS) throw brokenQuote(line, 'is never closed');
    return null;
  }
  let end = close + 1;
  while (text.charCodeAt(end) === SPACE) end++;
  if (end === text.length && !final) return null;
  const after = text.charCodeAt(end);
  if (end < text.length && after !== delimiter && after !== LF && after !== CR) {
    throw brokenQuote(line, 'is closed in the middle of a cell');
  }
  return { value: text.slice(start + 1, close).replaceAll('""', '"'), end };
}

// A CR at the end of a piece may be half of a CRLF: wait for the next one.
function afterNewline(text: string, position: number, final: boolean): number | null {
  if (position >= text.length) return position;
  if (text.charCodeAt(position) !== CR) return position + 1;
  if (position + 1 === text.length && !final) return null;
  return text.charCodeAt(position + 1) === LF ? position + 2 : position + 1;
}

function countNewlines(text: string): number {
  return text.match(/\r\n|\n|\r/g)?.length ?? 0;
}

function checkLength(length: number, line: number): null {
  if (length <= MAX_RECORD_CHARACTERS) return null;
  const detail = `The record that begins on line ${line} is longer than ${MAX_RECORD_CHARACTERS} characters. Check the line ends of the file.`;
  throw new OwabiError('list_unreadable', detail, { line });
}

function brokenQuote(line: number, how: string): OwabiError {
  const detail = `The quotation mark opened on line ${line} ${how}. Correct this line and upload the file again.`;
  return new OwabiError('broken_quote', detail, { line });
}
