import type { Column } from '../columns/columns.ts';
import type { CsvRecord } from '../reading/csv.ts';
import { cutCardNumbers } from './card-numbers.ts';
import { cellReader, type QuarantineReason, type ReadRow, type RowFields, readRow } from './read-row.ts';

/** The sealed JSON of a row: the cells as they came, and the fields read from them when the row can be used. */
export interface RowData {
  /** In the order of the columns. Null: dropped, because it may not be stored. */
  cells: (string | null)[];
  fields: RowFields | null;
}

export interface CheckedRow {
  line: number;
  data: RowData;
  /** Why it is quarantined; empty when it is usable. */
  reasons: QuarantineReason[];
  warnings: string[];
  /** What makes two rows the same row: all mapped cells that hold something. Null when the row is quarantined. */
  identity: string | null;
}

export interface RowRules {
  columns: readonly Column[];
  /** Positions of columns that the card-number guard leaves alone. */
  notCards: ReadonlySet<number>;
  /** ISO 3166-1 alpha-2, where the list does not say. */
  defaultCountry: string;
}

/** Makes the check of one row for a list with these columns. */
export function makeRowCheck({ columns, notCards, defaultCountry }: RowRules): (record: CsvRecord) => CheckedRow {
  const cellsOf = cellReader(columns);
  const forbidden = columns.map((column) => column.field === 'forbidden');
  const identifying = columns
    .map(({ field }, index) => ({ field, index }))
    .filter(({ field }) => field !== 'ignored' && field !== 'forbidden')
    .sort((a, b) => (a.field < b.field ? -1 : a.field > b.field ? 1 : a.index - b.index));
  const identityOf = (cells: readonly (string | null)[]) =>
    identifying
      .map(({ field, index }) => ({ field, text: cells[index]?.trim() ?? '' }))
      .filter(({ text }) => text !== '')
      .map(({ field, text }) => `${field}=${text}`)
      .join('\x1F');

  return (record) => {
    const fits = record.cells.length === columns.length;
    const { cells, cut } = guard(record.cells, fits, forbidden, notCards);
    const read = fits ? readRow(cellsOf(cells.map((cell) => cell ?? '')), defaultCountry) : UNREAD;
    const reasons: QuarantineReason[] = [...(cut ? (['card_number_present'] as const) : []), ...read.reasons];
    const usable = reasons.length === 0 && read.fields !== null;
    return {
      line: record.line,
      data: { cells, fields: usable ? read.fields : null },
      reasons,
      // A cell over several lines may be a quotation mark that closed too late.
      warnings: record.lines > 1 ? [...read.warnings, 'line_break_in_cell'] : read.warnings,
      identity: usable ? identityOf(cells) : null,
    };
  };
}

const UNREAD: Omit<ReadRow, 'fields'> & { fields: null } = { fields: null, reasons: ['cell_count'], warnings: [] };

function guard(
  given: readonly string[],
  fits: boolean,
  forbidden: readonly boolean[],
  notCards: ReadonlySet<number>,
): { cells: (string | null)[]; cut: boolean } {
  // In a row with a cell too many or too few, nobody knows where the password stands: keep none of it.
  if (!fits && forbidden.includes(true)) {
    return { cells: [], cut: given.some((cell) => cutCardNumbers(cell) !== null) };
  }
  let cut = false;
  const cells = given.map((cell, index) => {
    if (forbidden[index]) return null;
    if (fits && notCards.has(index)) return cell;
    const safe = cutCardNumbers(cell);
    cut ||= safe !== null;
    return safe ?? cell;
  });
  return { cells, cut };
}
