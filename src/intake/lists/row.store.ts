import { sql } from 'kysely';
import type { Db } from '../../db/database.ts';
import type { IncidentVault } from '../../vault/vault.ts';
import type { RowData } from '../fields/check-row.ts';
import { chunkOf, type PackedRow, packRow, ROWS_IN_CHUNK, unpackRow } from './row-data.ts';

export type Outcome = 'accepted' | 'merged' | 'quarantined';
export type Decision = 'fixed' | 'accepted' | 'excluded';

/** What of a row stands in the clear. */
export interface NewRow {
  ordinal: number;
  line: number;
  outcome: Outcome;
  reasons: readonly string[];
  warnings: readonly string[];
  /** 32 hexadecimal digits; null when the row cannot be used. */
  fingerprint: string | null;
  exposureUnits: number;
}

/** Writes rows of a list. Codes hold no commas, so they travel joined: Postgres has no arrays of arrays. */
export async function insertRows(db: Db, listId: string, rows: readonly NewRow[]): Promise<void> {
  if (rows.length === 0) return;
  await sql`
    insert into list_rows (list_id, ordinal, line, outcome, reasons, warnings, fingerprint, exposure_units)
    select ${listId}, r.ordinal, r.line, r.outcome, string_to_array(r.reasons, ','), string_to_array(r.warnings, ','),
           r.fingerprint, r.units
    from unnest(
      ${literal(rows.map((r) => r.ordinal))}::int[], ${literal(rows.map((r) => r.line))}::int[],
      ${literal(rows.map((r) => r.outcome))}::text[], ${literal(rows.map((r) => `"${r.reasons.join()}"`))}::text[],
      ${literal(rows.map((r) => `"${r.warnings.join()}"`))}::text[],
      ${literal(rows.map((r) => r.fingerprint ?? 'NULL'))}::uuid[], ${literal(rows.map((r) => r.exposureUnits))}::int[]
    ) as r (ordinal, line, outcome, reasons, warnings, fingerprint, units)`.execute(db);
}

// Numbers, hashes and our own codes hold nothing that would need quoting.
function literal(values: readonly (string | number)[]): string {
  return `{${values.join()}}`;
}

/** Gathers what rows hold, and writes it sealed by the hundred. Rows come in the order of their ordinals, from 1. */
export function makeChunkWriter(
  db: Db,
  listId: string,
  vault: IncidentVault,
): { add(data: RowData): void; flush(all: boolean): Promise<void> } {
  let open: PackedRow[] = [];
  let first = 1;
  const full: { first: number; sealed: Buffer }[] = [];
  const close = (): void => {
    full.push({ first, sealed: vault.sealJson('list-row', open) });
    first += open.length;
    open = [];
  };
  return {
    add(data) {
      open.push(packRow(data));
      if (open.length === ROWS_IN_CHUNK) close();
    },
    async flush(all) {
      if (all && open.length > 0) close();
      const chunks = full.splice(0);
      if (chunks.length === 0) return;
      await db
        .insertInto('list_row_chunks')
        .values(chunks.map((chunk) => ({ list_id: listId, first_ordinal: chunk.first, sealed: chunk.sealed })))
        .execute();
    },
  };
}

/** Opens what rows hold: chunk by chunk, each once, and the rows that an operator corrected. */
export function rowOpener(db: Db, listId: string, vault: IncidentVault) {
  return async (rows: readonly { ordinal: number; sealed: Buffer | null }[]): Promise<RowData[]> => {
    const wanted = [...new Set(rows.filter((row) => row.sealed === null).map((row) => chunkOf(row.ordinal)))];
    const chunks = new Map<number, PackedRow[]>();
    if (wanted.length > 0) {
      const { rows: found } = await sql<{ first: number; sealed: Buffer }>`
        select first_ordinal as first, sealed from list_row_chunks
        where list_id = ${listId} and first_ordinal = any (${wanted}::int[])`.execute(db);
      for (const { first, sealed } of found) chunks.set(first, vault.openJson<PackedRow[]>('list-row', sealed));
    }
    return rows.map(({ ordinal, sealed }) => {
      const packed = sealed
        ? vault.openJson<PackedRow>('list-row', sealed)
        : chunks.get(chunkOf(ordinal))?.[ordinal - chunkOf(ordinal)];
      if (!packed) throw new Error(`row ${ordinal} of list ${listId} holds nothing`);
      return unpackRow(packed);
    });
  };
}

/** Rows first taken for a new person that turned out to be one with another row, or with somebody known. */
export async function markMerged(db: Db, listId: string, ordinals: readonly number[]): Promise<void> {
  if (ordinals.length === 0) return;
  await sql`update list_rows set outcome = 'merged'
            where list_id = ${listId} and ordinal = any (${literal(ordinals)}::int[])`.execute(db);
}

/**
 * Rows that repeat a row of an accepted list: they bring no exposure.
 * @returns how many exposures they would have brought
 */
export async function markRepeated(db: Db, listId: string, ordinals: readonly number[]): Promise<number> {
  if (ordinals.length === 0) return 0;
  const { rows } = await sql<{ units: number }>`
    with repeated as (
      select list_id, ordinal, exposure_units as units from list_rows
      where list_id = ${listId} and ordinal = any (${literal(ordinals)}::int[])
    ), marked as (
      update list_rows r set reasons = array['duplicate_row'], exposure_units = 0
      from repeated q where r.list_id = q.list_id and r.ordinal = q.ordinal
    )
    select coalesce(sum(units), 0)::int as units from repeated`.execute(db);
  return rows[0]?.units ?? 0;
}

/** Says a warning of rows, once. */
export async function warnOf(db: Db, listId: string, code: string, ordinals: readonly number[]): Promise<void> {
  if (ordinals.length === 0) return;
  await sql`update list_rows set warnings = warnings || ${code}::text
            where list_id = ${listId} and ordinal = any (${literal(ordinals)}::int[])
              and not ${code}::text = any (warnings)`.execute(db);
}

export interface UsableRow {
  ordinal: number;
  exposureUnits: number;
  data: RowData;
}

const PAGE = 1_000;

/**
 * The usable rows of a list that have no person yet, in the order of the file, a page at a time.
 * @param ordinals only these; null: all
 */
export async function* usableRows(
  db: Db,
  listId: string,
  vault: IncidentVault,
  ordinals: readonly number[] | null,
): AsyncGenerator<UsableRow[]> {
  const open = rowOpener(db, listId, vault);
  // Of a hundred thousand ordinals, each page is given its own: Postgres would read all of them for every page.
  const wanted = ordinals && Map.groupBy(ordinals, (ordinal) => Math.floor((ordinal - 1) / PAGE) * PAGE);
  const last = wanted === null ? await lastOrdinal(db, listId) : lastOf(wanted.keys());
  // Ordinals have no gaps: pages of ordinals go through the primary key, whatever Postgres believes of the table.
  for (let after = 0; after < last; after += PAGE) {
    const some = wanted?.get(after);
    if (wanted && !some) continue;
    const { rows } = await sql<{ ordinal: number; exposureUnits: number; sealed: Buffer | null }>`
      select ordinal, exposure_units as "exposureUnits", sealed from list_rows
      where list_id = ${listId} and ordinal > ${after} and ordinal <= ${after + PAGE} and outcome <> 'quarantined'
        ${some ? sql`and ordinal = any (${some}::int[])` : sql``}
      order by ordinal`.execute(db);
    if (rows.length === 0) continue;
    const data = await open(rows);
    yield rows.map(({ ordinal, exposureUnits }, i) => ({ ordinal, exposureUnits, data: data[i] as RowData }));
  }
}

/** The end of the last page. */
function lastOf(pages: Iterable<number>): number {
  let last = 0;
  for (const page of pages) last = Math.max(last, page + PAGE);
  return last;
}

async function lastOrdinal(db: Db, listId: string): Promise<number> {
  const { rows } = await sql<{ last: number | null }>`
    select max(ordinal) as last from list_rows where list_id = ${listId}`.execute(db);
  return rows[0]?.last ?? 0;
}

/**
 * Lets Postgres know how many rows the lists have. A table that has just been filled has no statistics: without them,
 * each thousand rows that are settled read through the whole list (28 ms instead of 7 with 60,000 rows, and growing).
 * Not waited for: the lock is held to the end of the transaction, and whoever has it does this for all.
 */
export async function analyzeRows(db: Db): Promise<void> {
  await sql`analyze (skip_locked) list_rows (list_id, ordinal)`.execute(db);
}

export interface RowResult {
  ordinal: number;
  outcome: Outcome;
  personId: string;
}

/** Writes whose rows are, when their list is accepted. */
export async function settleRows(db: Db, listId: string, rows: readonly RowResult[]): Promise<void> {
  if (rows.length === 0) return;
  await sql`
    update list_rows l set outcome = r.outcome, person_id = r.person_id
    from unnest(
      ${literal(rows.map((r) => r.ordinal))}::int[], ${literal(rows.map((r) => r.outcome))}::text[],
      ${literal(rows.map((r) => r.personId))}::bigint[]
    ) as r (ordinal, outcome, person_id)
    where l.list_id = ${listId} and l.ordinal = r.ordinal`.execute(db);
}

/** Removes everything that is kept of a list's rows. */
export async function deleteRows(db: Db, listId: string): Promise<void> {
  await db.deleteFrom('list_rows').where('list_id', '=', listId).execute();
  await db.deleteFrom('list_row_chunks').where('list_id', '=', listId).execute();
}

export interface RowPage {
  ordinal: number;
  line: number;
  outcome: string;
  reasons: string[];
  warnings: string[];
  decision: Decision | null;
  decisionReasonSealed: Buffer | null;
  sealed: Buffer | null;
  reference: string | null;
}

export interface RowsWanted {
  after: number;
  limit: number;
  outcome: Outcome | null;
  /** Only rows with this reason. */
  reason?: string | null;
  /** Only the row on this line. */
  line?: number | null;
  /** Only rows on which no operator has decided. */
  undecided?: boolean;
}

/** Rows in the order of the file, after `after`; only those that are wanted. */
export async function readRows(
  db: Db,
  listId: string,
  { after, limit, outcome, reason = null, line = null, undecided = false }: RowsWanted,
): Promise<RowPage[]> {
  const { rows } = await sql<RowPage>`
    select l.ordinal, l.line, l.outcome, l.reasons, l.warnings, l.decision,
      l.decision_reason_sealed as "decisionReasonSealed", l.sealed, p.reference
    from list_rows l left join persons p on p.id = l.person_id
    where l.list_id = ${listId} and l.ordinal > ${after} and (${outcome}::text is null or l.outcome = ${outcome})
      and (${reason}::text is null or ${reason}::text = any (l.reasons))
      and (${line}::int is null or l.line = ${line}) and (not ${undecided}::boolean or l.decision is null)
    order by l.ordinal limit ${limit}`.execute(db);
  return rows;
}
