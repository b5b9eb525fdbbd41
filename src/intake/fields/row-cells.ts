import { type Field, fieldNames } from '../columns/column-table.ts';
import type { Column } from '../columns/columns.ts';
import { controlIn, withoutControl } from './text.ts';

/**
 * The cells of one row by field, ready to be read: without control characters, without blanks at the ends, and without
 * what a spreadsheet puts around a text (`="00123"`, `'00123`).
 */
export interface CellsOf {
  /** The first column of each field; empty where there is none. */
  readonly text: Readonly<Record<Field, string>>;
  /** All columns of a field that several may fill: email, phone, building; only those that hold something. */
  all(field: Field): readonly string[];
  /** Whether the row came from a spreadsheet that has something to say of its cells. */
  readonly hasFlags: boolean;
  /** What the spreadsheet that the row came from made of a field's cell; null: nothing. */
  flag(field: Field): string | null;
  /** Some cell holds a tab or a line end. */
  readonly hadBreak: boolean;
  /** Characters that nobody can see were left out of some cell. */
  readonly hadControl: boolean;
  /** Some cell held nothing but an error of the spreadsheet, and is read as empty. */
  readonly hadError: boolean;
}

type Texts = Record<Field, string>;

/** `\N` and the like: how databases export nothing. */
const EMPTY: ReadonlySet<string> = new Set(['\\N', 'NULL', 'null', '(null)', '<null>', '(NULL)', '<NULL>', '[NULL]']);
/** In a name NULL stays, because it is a family name too. */
const NAMES: ReadonlySet<Field> = new Set(['family_name', 'given_name', 'family_kana', 'given_kana']);
const ERROR = /^#(?:N\/A|REF!|VALUE!|DIV\/0!|NAME\?|NUM!|NULL!|CALC!|SPILL!|#+)$/;

/**
 * Looks cells up by field. Made once for a list; what it returns is filled anew for each row, so a row must be read
 * before the next is loaded: an object for each cell of a million rows costs more than reading them.
 */
export function cellReader(
  columns: readonly Pick<Column, 'field'>[],
): (cells: readonly (string | null)[], flags?: Map<number, string>) => CellsOf {
  const fields = columns.map(({ field }) => field);
  const text = Object.fromEntries(fieldNames.map((field) => [field, ''])) as Texts;
  const positions = new Map<Field, number[]>();
  for (const [index, field] of fields.entries()) positions.set(field, [...(positions.get(field) ?? []), index]);
  const used = [...positions]
    .filter(([field]) => field !== 'ignored' && field !== 'forbidden')
    .map(([field, [first = -1]]) => ({ field, first }));
  const row = {
    text,
    cells: [] as readonly (string | null)[],
    flags: undefined as Map<number, string> | undefined,
    hasFlags: false,
    hadBreak: false,
    hadControl: false,
    hadError: false,
    clean(cell: string, field: Field): string {
      let meant = cell;
      const control = controlIn(meant);
      if (control !== 'none') row.hadBreak = true;
      if (control === 'control') {
        row.hadControl = true;
        meant = withoutControl(meant);
      }
      meant = meant.trim();
      if (!mayBeMarked(meant.charCodeAt(0))) return meant;
      meant = asMeant(meant);
      if (ERROR.test(meant)) row.hadError = true;
      else if (!EMPTY.has(meant) || NAMES.has(field)) return meant;
      return '';
    },
    all(field: Field): readonly string[] {
      const found = positions.get(field);
      if (!found) return NONE;
      if (found.length === 1) return text[field] === '' ? NONE : [text[field]];
      return found.map((index) => row.clean(row.cells[index] ?? '', field)).filter((cell) => cell !== '');
    },
    flag(field: Field): string | null {
      if (!row.flags) return null;
      for (const index of positions.get(field) ?? []) {
        const flag = row.flags.get(index);
        if (flag !== undefined) return flag;
      }
      return null;
    },
  };
  return (cells, flags) => {
    row.cells = cells;
    row.flags = flags;
    row.hasFlags = flags !== undefined && flags.size > 0;
    row.hadBreak = false;
    row.hadControl = false;
    row.hadError = false;
    for (const { field, first } of used) text[field] = row.clean(cells[first] ?? '', field);
    return row;
  };
}

const NONE: readonly string[] = [];

// The first characters of all that is not meant as it stands: one look spares three on almost every cell.
const MARKS: ReadonlySet<number> = new Set([..."'=#\\Nn(<["].map((character) => character.charCodeAt(0)));

function mayBeMarked(first: number): boolean {
  return first < 0x6f && MARKS.has(first);
}

// Shopify and spreadsheets put an apostrophe before numbers that must stay text, and others a formula around them.
function asMeant(text: string): string {
  const first = text.charCodeAt(0);
  if (first === 0x27) return text.replace(/^'(?=[\d+=@-])/, '');
  return first === 0x3d ? text.replace(/^="([^"]*)"$/, '$1') : text;
}
