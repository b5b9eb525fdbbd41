import iconv from 'iconv-lite';
import type { Column } from './columns.ts';

export interface ReportRow {
  line: number;
  outcome: string;
  reasons: readonly string[];
  reference: string | null;
  /** Null: dropped, because it may not be stored. */
  cells: readonly (string | null)[];
}

/** What is put in place of a cell that was dropped before anything was stored. */
const DROPPED = '';

/**
 * A list as it came, with what became of each row: CSV (RFC 4180) in the encoding that came in, with the same
 * delimiter, safe to open in a spreadsheet.
 */
export async function* reportCsv(
  { columns, encoding, delimiter }: { columns: readonly Column[]; encoding: string; delimiter: string },
  pages: AsyncIterable<readonly ReportRow[]>,
): AsyncGenerator<Buffer> {
  const line = (cells: readonly string[]) => `${cells.map((cell) => safeCell(cell, delimiter)).join(delimiter)}\r\n`;
  const encode = (text: string) => (encoding === 'cp932' ? iconv.encode(text, 'cp932') : Buffer.from(text));
  const header = line([...columns.map((column) => column.name), 'line', 'outcome', 'reasons', 'reference']);
  // Without a BOM, Excel takes UTF-8 for the local encoding.
  yield encode(encoding === 'utf-8' ? `\uFEFF${header}` : header);
  for await (const rows of pages) yield encode(rows.map((row) => line(cellsOf(row, columns.length))).join(''));
}

function cellsOf(row: ReportRow, width: number): string[] {
  const cells = row.cells.map((cell) => cell ?? DROPPED);
  // A row with too few cells is filled up, so that what we add stands under its header.
  const filled = [...cells, ...Array.from({ length: Math.max(0, width - cells.length) }, () => '')];
  return [...filled, String(row.line), row.outcome, row.reasons.join(' '), row.reference ?? ''];
}

// A cell that begins like this is a formula to a spreadsheet, and may call a program or send the row away.
const FORMULA = /^[=+\-@\t\r＝＋－＠]/;

function safeCell(cell: string, delimiter: string): string {
  const text = FORMULA.test(cell) ? `'${cell}` : cell;
  return /["\r\n]/.test(text) || text.includes(delimiter) ? `"${text.replaceAll('"', '""')}"` : text;
}
