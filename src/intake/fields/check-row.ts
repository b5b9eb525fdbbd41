import type { Column } from '../columns/columns.ts';
import type { ListKind } from '../columns/list-kind.ts';
import type { CellFlag, CsvRecord } from '../reading/csv.ts';
import { cutCardNumbers } from './card-numbers.ts';
import { type QuarantineReason, type RowContext, type RowFields, readRow } from './read-row.ts';
import { cellReader } from './row-cells.ts';
import { controlIn, withoutControl } from './text.ts';

/** The sealed JSON of a row: the cells as they came, and the fields read from them when the row can be used. */
export interface RowData {
  /** In the order of the columns. Null: dropped, because it may not be stored. */
  cells: (string | null)[];
  fields: RowFields | null;
  /** What a spreadsheet made of cells, by position. Of quarantined rows only: those may be checked again. */
  flags?: [position: number, flag: CellFlag][];
}

export interface CheckedRow {
  line: number;
  data: RowData;
  /** Why it is quarantined. It is usable when there are none, or none but those that were waived. */
  reasons: QuarantineReason[];
  warnings: string[];
  /** What makes two rows the same row: all mapped cells that hold something. Null when the row is quarantined. */
  identity: string | null;
}

export interface RowRules extends RowContext {
  columns: readonly Pick<Column, 'field'>[];
  /** Positions of columns that the card-number guard leaves alone. */
  notCards: ReadonlySet<number>;
  kind: ListKind;
}

/** @param waived reasons for which an operator answers: alone they do not make a row unusable */
export type RowCheck = (record: CsvRecord, waived?: ReadonlySet<QuarantineReason>) => CheckedRow;

/** Makes the check of one row for a list with these columns. Rows are checked one after the other, never two at once. */
export function makeRowCheck({ columns, notCards, kind, ...context }: RowRules): RowCheck {
  const cellsOf = cellReader(columns);
  const identityOf = identityReader(columns);
  const guard = makeGuard(columns, notCards);
  return (record, waived) => {
    const fits = record.cells.length === columns.length;
    const { cells, cut } = guard(record.cells, fits);
    const reasons: QuarantineReason[] = cut ? ['card_number_present'] : [];
    const warnings: string[] = record.warnings ? [...record.warnings] : [];
    // A cell over several lines may be a quotation mark that closed too late.
    if (record.lines > 1) warnings.push('line_break_in_cell');
    if (!fits) {
      reasons.push('cell_count');
      return { line: record.line, data: unusable(cells, record), reasons, warnings, identity: null };
    }
    const read = readRow(cellsOf(cells, record.flags), context, kind);
    for (const reason of read.reasons) reasons.push(reason);
    for (const warning of read.warnings) warnings.push(warning);
    const usable = reasons.length === 0 || (waived !== undefined && reasons.every((reason) => waived.has(reason)));
    return {
      line: record.line,
      data: usable ? { cells, fields: read.fields } : unusable(cells, record),
      reasons,
      warnings,
      identity: usable ? identityOf(cells) : null,
    };
  };
}

function unusable(cells: (string | null)[], { flags }: CsvRecord): RowData {
  return { cells, fields: null, ...(flags && flags.size > 0 && { flags: [...flags] }) };
}

/** By field and then by position, so that the same columns in another order make the same row. */
function identityReader(columns: readonly Pick<Column, 'field'>[]): (cells: readonly (string | null)[]) => string {
  const identifying = columns
    .map(({ field }, index) => ({ field, index, label: `${field}=` }))
    .filter(({ field }) => field !== 'ignored' && field !== 'forbidden')
    .sort((a, b) => (a.field < b.field ? -1 : a.field > b.field ? 1 : a.index - b.index));
  return (cells) => {
    let identity = '';
    for (const { index, label } of identifying) {
      const text = cells[index]?.trim();
      if (text) identity += identity === '' ? label + text : `\x1F${label}${text}`;
    }
    return identity;
  };
}

interface Guarded {
  cells: (string | null)[];
  /** A card number was cut out of some cell. */
  cut: boolean;
}

type Guard = (given: string[], fits: boolean) => Guarded;

/** Drops what may not be stored, and cuts card numbers out of the rest. */
function makeGuard(columns: readonly Pick<Column, 'field'>[], notCards: ReadonlySet<number>): Guard {
  const forbidden = columns.flatMap(({ field }, index) => (field === 'forbidden' ? [index] : []));
  return (given, fits) => {
    // In a row with a cell too many or too few, nobody knows where the password stands: keep none of it.
    if (!fits && forbidden.length > 0) return { cells: [], cut: given.some((cell) => cutFrom(cell) !== null) };
    // Copied only when something changes, which is the exception.
    let cells: (string | null)[] = given;
    if (forbidden.length > 0) {
      cells = [...given];
      for (const index of forbidden) cells[index] = null;
    }
    let cut = false;
    for (let index = 0; index < given.length; index++) {
      const cell = cells[index] ?? '';
      const safe = cell.length < 13 || (fits && notCards.has(index)) ? null : cutFrom(cell);
      if (safe === null) continue;
      if (cells === given) cells = [...given];
      cells[index] = safe;
      cut = true;
    }
    return { cells, cut };
  };
}

// Control characters are left out when a cell is read, and between the digits they would hide a number until then.
function cutFrom(cell: string): string | null {
  return cutCardNumbers(controlIn(cell) === 'control' ? withoutControl(cell) : cell);
}
