import { OwabiError } from '../../errors.ts';
import type { Column } from '../columns/columns.ts';
import { cutCardNumbers } from '../fields/card-numbers.ts';
import type { CheckedRow, RowCheck, RowData } from '../fields/check-row.ts';
import type { QuarantineReason } from '../fields/read-row.ts';
import { oneLine, withoutControl } from '../fields/text.ts';

/** Every reason for which a row is quarantined. */
export const quarantineReasons = Object.keys({
  ...{ no_name: true, no_contact: true, no_match_key: true },
  ...{ cell_count: true, damaged_name: true, card_number_present: true },
} satisfies Record<QuarantineReason, true>) as QuarantineReason[];

/**
 * Reasons for which an operator may answer: a damaged name is printed as it stands, whom nobody can reach is counted as
 * unreached, and a card number was cut out before the row was stored. A row without a name is nobody's, and cells that
 * do not fit their columns say nothing: those must be corrected.
 */
const WAIVABLE: ReadonlySet<string> = new Set<QuarantineReason>(['damaged_name', 'no_contact', 'card_number_present']);

/** Those of some reasons for which nobody can answer. */
export function notWaivable(reasons: readonly string[]): string[] {
  return reasons.filter((reason) => !WAIVABLE.has(reason));
}

/**
 * Cells by the names of their columns (of two columns of one name, the first), or all of the row in the order of the
 * columns, with null for what stays as it is.
 */
export type Correction = Record<string, string> | readonly (string | null)[];

export interface CorrectableRow {
  line: number;
  reasons: readonly string[];
  warnings: readonly string[];
  data: RowData;
}

export interface ListRules {
  columns: readonly Column[];
  /** Positions of columns that the card-number guard leaves alone. */
  notCards: ReadonlySet<number>;
  check: RowCheck;
}

/**
 * Puts corrected cells into a row.
 * @throws OwabiError `invalid_body` for a column that is not there or may not be stored, for too many or too few cells,
 * and for what no cell may hold: a card number, or characters that nobody can see
 */
export function correctRow(row: CorrectableRow, correction: Correction, rules: ListRules): CorrectableRow {
  const { columns } = rules;
  const { cells: before, flags } = row.data;
  const changes = Array.isArray(correction)
    ? changesByPosition(correction, columns)
    : changesByName(correction as Record<string, string>, columns);
  for (const [index, text] of changes) requireStorable(index, text, rules);
  const fits = before.length === columns.length;
  const isWhole = columns.every(({ field }, index) => field === 'forbidden' || changes.has(index));
  if (!fits && !isWhole) {
    throw new OwabiError(
      'invalid_body',
      `The row has ${before.length} cells where the list has ${columns.length} columns: give all of its cells, as an array.`,
    );
  }
  const cells = columns.map((_, index) => changes.get(index) ?? (fits ? (before[index] ?? null) : null));
  // What a spreadsheet had made of a cell is no longer so of one that somebody typed.
  const left = flags?.filter(([index]) => !changes.has(index));
  return { ...row, data: { cells, fields: null, ...(left && left.length > 0 && { flags: left }) } };
}

function changesByPosition(cells: readonly (string | null)[], columns: readonly Column[]): Map<number, string> {
  if (cells.length !== columns.length) {
    throw new OwabiError(
      'invalid_body',
      `The list has ${columns.length} columns, and ${cells.length} cells were given. Give null for a cell that stays as it is.`,
    );
  }
  // Nothing in a column that may hold nothing is no correction.
  const isMeant = (cell: string | null, index: number): cell is string =>
    cell !== null && !(cell === '' && columns[index]?.field === 'forbidden');
  return new Map(cells.flatMap((cell, index) => (isMeant(cell, index) ? [[index, cell] as const] : [])));
}

function changesByName(cells: Record<string, string>, columns: readonly Column[]): Map<number, string> {
  return new Map(
    Object.entries(cells).map(([name, cell]) => {
      const index = columns.findIndex((column) => column.name === name);
      // The name is not repeated: a header may hold what is somebody's.
      if (index === -1)
        throw new OwabiError('invalid_body', 'The correction names a column that the list does not have.');
      return [index, cell];
    }),
  );
}

function requireStorable(index: number, text: string, { columns, notCards }: ListRules): void {
  const refuse = (why: string) => {
    const message = `Column ${index + 1} ${why}.`;
    return new OwabiError('invalid_body', message, { errors: [{ path: `cells.${index}`, message }] });
  };
  if (columns[index]?.field === 'forbidden') {
    throw refuse('may not be stored (card number, security code, password or My Number)');
  }
  if (!notCards.has(index) && cutCardNumbers(text) !== null) throw refuse('holds a card number: leave it out');
  if (withoutControl(text) !== text || !text.isWellFormed()) throw refuse('holds characters that nobody can see');
}

/** What the guard leaves of a card number. */
const CUT = /\*{4}\d{4}/;
/** What reading the file had to say of a row, and reading its cells again cannot. */
const OF_THE_FILE = ['hidden_row'];
const NONE: ReadonlySet<QuarantineReason> = new Set();

/**
 * Sends a row through the check of its list again. A card number that was cut out stays a reason until the cell is
 * corrected: what is left of it would be printed.
 * @param how `as_it_is`: for the reasons that can be waived, an operator answers
 */
export function checkAgain(row: CorrectableRow, rules: ListRules, how: 'strictly' | 'as_it_is'): CheckedRow {
  const { cells, flags } = row.data;
  const waived = how === 'as_it_is' ? (WAIVABLE as ReadonlySet<QuarantineReason>) : NONE;
  const checked = rules.check(
    {
      ...{ line: row.line, cells: cells.map((cell) => cell ?? '') },
      lines: cells.some((cell) => cell !== null && /[\r\n]/.test(cell)) ? 2 : 1,
      warnings: row.warnings.filter((code) => OF_THE_FILE.includes(code)),
      ...(flags && { flags: new Map(flags) }),
    },
    waived,
  );
  const { fields } = checked.data;
  const stillCut = row.reasons.includes('card_number_present') && holdsCutNumber(checked.data.cells, rules);
  const reasons: QuarantineReason[] = stillCut
    ? ['card_number_present', ...checked.reasons.filter((reason) => reason !== 'card_number_present')]
    : checked.reasons;
  if (fields !== null && reasons.every((reason) => waived.has(reason))) {
    // A name with a line end in it is damaged; printed, it is one line.
    return {
      ...checked,
      reasons,
      data: { cells: checked.data.cells, fields: { ...fields, name: oneLine(fields.name) } },
    };
  }
  const data = { cells: checked.data.cells, fields: null, ...(flags && { flags }) };
  return { ...checked, reasons, data, identity: null };
}

function holdsCutNumber(cells: readonly (string | null)[], { columns, notCards }: ListRules): boolean {
  return cells.some((cell, index) => CUT.test(cell ?? '') && !notCards.has(index) && columns[index]?.field !== 'last4');
}
