import type { RowData } from '../fields/check-row.ts';
import type { RowFields } from '../fields/read-row.ts';

/** Rows that are sealed together, from ordinals 1, 101, 201 …: one row of a list is found without an index. */
export const ROWS_IN_CHUNK = 100;

/** The first ordinal of the chunk that holds a row. */
export function chunkOf(ordinal: number): number {
  return Math.floor((ordinal - 1) / ROWS_IN_CHUNK) * ROWS_IN_CHUNK + 1;
}

// The names of the fields would take half of a stored row: they are left out, and this is their order. New fields are
// added at the end, or rows that are stored already change their meaning.
const FIELDS = Object.keys({
  name: true,
  kana: true,
  honorific: true,
  company: true,
  department: true,
  emails: true,
  phone: true,
  postalCode: true,
  addressLines: true,
  country: true,
  externalId: true,
  locale: true,
  last4: true,
  brand: true,
  issuer: true,
  cardCount: true,
  firstUse: true,
  lastUse: true,
  birth: true,
  minor: true,
  deceased: true,
  reference: true,
  reason: true,
  until: true,
} satisfies Record<keyof RowFields, true>) as (keyof RowFields)[];

export type PackedRow = [cells: (string | null)[], fields: unknown[] | null, flags?: RowData['flags']];

/** A row as it is written into a chunk. */
export function packRow({ cells, fields, flags }: RowData): PackedRow {
  if (fields === null) return flags ? [cells, null, flags] : [cells, null];
  return [cells, FIELDS.map((field) => fields[field])];
}

export function unpackRow([cells, packed, flags]: PackedRow): RowData {
  if (packed === null) return { cells, fields: null, ...(flags && { flags }) };
  return { cells, fields: Object.fromEntries(FIELDS.map((field, i) => [field, packed[i]])) as unknown as RowFields };
}
