import type { Column } from '../columns/columns.ts';
import type { ReportEncoding } from './report-encoding.ts';

export interface ReportRow {
  line: number;
  outcome: string;
  reasons: readonly string[];
  reference: string | null;
  /** Null: dropped, because it may not be stored. */
  cells: readonly (string | null)[];
}

export interface ReportForm {
  columns: readonly Column[];
  delimiter: string;
  encoding: ReportEncoding;
}

/** What is put in place of a cell that was dropped before anything was stored. */
const DROPPED = '';

/**
 * A list as it came, with what became of each row: CSV (RFC 4180) with the same delimiter, safe to open in a
 * spreadsheet. Cells that an operator corrected are shown corrected.
 */
export async function* reportCsv(
  { columns, delimiter, encoding }: ReportForm,
  pages: AsyncIterable<readonly ReportRow[]>,
): AsyncGenerator<Buffer> {
  const line = (cells: readonly string[]) => `${cells.map((cell) => safeCell(cell, delimiter)).join(delimiter)}\r\n`;
  const header = line([...columns.map((column) => column.name), 'line', 'outcome', 'reasons', 'reference']);
  yield Buffer.concat([encoding.mark, encoding.encode(header)]);
  for await (const rows of pages) {
    yield encoding.encode(rows.map((row) => line(cellsOf(row, columns.length, delimiter))).join(''));
  }
}

// What we add stands under its header: a row with too few cells is filled up, and of one with too many the last cell
// holds the rest.
function cellsOf(row: ReportRow, width: number, delimiter: string): string[] {
  const cells = row.cells.map((cell) => cell ?? DROPPED);
  const missing = Array.from({ length: Math.max(0, width - cells.length) }, () => '');
  const rest = cells.slice(width - 1).join(delimiter);
  const original = cells.length > width ? [...cells.slice(0, width - 1), rest] : [...cells, ...missing];
  return [...original, String(row.line), row.outcome, row.reasons.join(' '), row.reference ?? ''];
}

// A cell that begins like this is a formula to a spreadsheet, and may call a program or send the row away. Also after
// blanks, which some spreadsheets take off; a telephone number with its + is a sum to them.
const FORMULA = /^[\s\uFEFF]*[=+\-@＝＋－＠]|^[\t\r\n]/;

function safeCell(cell: string, delimiter: string): string {
  const text = FORMULA.test(cell) ? `'${cell}` : cell;
  return /["\r\n]/.test(text) || text.includes(delimiter) ? `"${text.replaceAll('"', '""')}"` : text;
}
