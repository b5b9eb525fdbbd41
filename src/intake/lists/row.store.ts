import { sql } from 'kysely';
import type { Db } from '../../db/database.ts';

export type Outcome = 'accepted' | 'merged' | 'quarantined';

export interface NewRow {
  ordinal: number;
  line: number;
  outcome: Outcome;
  reasons: readonly string[];
  warnings: readonly string[];
  sealed: Buffer;
  fingerprint: Buffer | null;
  occurrence: number;
  exposureUnits: number;
}

/** Writes rows of a list. Codes hold no commas, so they travel joined: Postgres has no arrays of arrays. */
export async function insertRows(db: Db, listId: string, rows: readonly NewRow[]): Promise<void> {
  if (rows.length === 0) return;
  await sql`
    insert into list_rows (list_id, ordinal, line, outcome, reasons, warnings, sealed, fingerprint, occurrence, exposure_units)
    select ${listId}, r.ordinal, r.line, r.outcome, string_to_array(r.reasons, ','), string_to_array(r.warnings, ','),
           r.sealed, r.fingerprint, r.occurrence, r.units
    from unnest(
      ${rows.map((r) => r.ordinal)}::int[], ${rows.map((r) => r.line)}::int[], ${rows.map((r) => r.outcome)}::text[],
      ${rows.map((r) => r.reasons.join())}::text[], ${rows.map((r) => r.warnings.join())}::text[],
      ${rows.map((r) => r.sealed)}::bytea[], ${rows.map((r) => r.fingerprint)}::bytea[],
      ${rows.map((r) => r.occurrence)}::int[], ${rows.map((r) => r.exposureUnits)}::int[]
    ) as r (ordinal, line, outcome, reasons, warnings, sealed, fingerprint, occurrence, units)`.execute(db);
}

/** Rows first taken for a new person that turned out to be one with an earlier row. */
export async function markMerged(db: Db, listId: string, ordinals: readonly number[]): Promise<void> {
  if (ordinals.length === 0) return;
  await sql`update list_rows set outcome = 'merged'
            where list_id = ${listId} and ordinal = any (${ordinals}::int[])`.execute(db);
}

export interface UsableRow {
  ordinal: number;
  sealed: Buffer;
  fingerprint: Buffer;
  occurrence: number;
}

const PAGE = 1_000;

/** The usable rows of a list in the order of the file, a page at a time. */
export async function* usableRows(db: Db, listId: string): AsyncGenerator<UsableRow[]> {
  for (let after = 0; ; ) {
    const { rows } = await sql<UsableRow>`
      select ordinal, sealed, fingerprint, occurrence from list_rows
      where list_id = ${listId} and ordinal > ${after} and outcome <> 'quarantined'
      order by ordinal limit ${PAGE}`.execute(db);
    const last = rows.at(-1);
    if (!last) return;
    yield rows;
    after = last.ordinal;
  }
}

export interface RowResult {
  ordinal: number;
  outcome: Outcome;
  personId: string;
  duplicate: boolean;
  exposureUnits: number;
}

/** Writes what rows came to when their list was accepted. */
export async function settleRows(db: Db, listId: string, rows: readonly RowResult[]): Promise<void> {
  if (rows.length === 0) return;
  await sql`
    update list_rows l set outcome = r.outcome, person_id = r.person_id, exposure_units = r.units,
      reasons = case when r.duplicate then array['duplicate_row'] else '{}' end
    from unnest(
      ${rows.map((r) => r.ordinal)}::int[], ${rows.map((r) => r.outcome)}::text[],
      ${rows.map((r) => r.personId)}::bigint[], ${rows.map((r) => r.duplicate)}::boolean[],
      ${rows.map((r) => r.exposureUnits)}::int[]
    ) as r (ordinal, outcome, person_id, duplicate, units)
    where l.list_id = ${listId} and l.ordinal = r.ordinal`.execute(db);
}

export interface RowPage {
  ordinal: number;
  line: number;
  outcome: string;
  reasons: string[];
  warnings: string[];
  sealed: Buffer;
  reference: string | null;
}

/** Rows in the order of the file, after `after`; of one outcome when given. */
export async function readRows(
  db: Db,
  listId: string,
  { after, limit, outcome }: { after: number; limit: number; outcome: Outcome | null },
): Promise<RowPage[]> {
  const { rows } = await sql<RowPage>`
    select l.ordinal, l.line, l.outcome, l.reasons, l.warnings, l.sealed, p.reference
    from list_rows l left join persons p on p.id = l.person_id
    where l.list_id = ${listId} and l.ordinal > ${after} and (${outcome}::text is null or l.outcome = ${outcome})
    order by l.ordinal limit ${limit}`.execute(db);
  return rows;
}
