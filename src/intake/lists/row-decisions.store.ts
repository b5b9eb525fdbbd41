import { sql } from 'kysely';
import type { Db } from '../../db/database.ts';
import { OwabiError } from '../../errors.ts';
import { lockPersonsOf } from '../matching/match.store.ts';
import type { ListFigures } from './figures.ts';
import type { ListRow } from './list.store.ts';
import { requireList } from './list-pages.store.ts';
import type { Decision } from './row.store.ts';

/**
 * The list, held to the end of the transaction: no other operator decides on its rows, and nobody accepts, discards or
 * reads it again. One that is accepted holds the incident's persons too.
 * @throws OwabiError `not_found`, `wrong_state` unless the list is ready or accepted
 */
export async function lockList(trx: Db, listId: string): Promise<ListRow> {
  const { incident_id, status } = await requireList(trx, listId);
  // Persons before the list, in the order of everybody else who takes both.
  if (status === 'accepted') await lockPersonsOf(trx, incident_id);
  // Not `for update`: that would stop others from writing rows that only refer to the list.
  const list = await trx
    .selectFrom('affected_lists')
    .selectAll()
    .where('id', '=', listId)
    .forNoKeyUpdate()
    .executeTakeFirstOrThrow();
  if (list.status !== 'ready' && list.status !== 'accepted') {
    const sentence = `The list is ${list.status}; its rows can be decided on while it is ready or accepted.`;
    throw new OwabiError('wrong_state', sentence);
  }
  if (status !== 'accepted' && list.status === 'accepted') {
    throw new OwabiError('wrong_state', 'The list has been accepted at this moment; try again.');
  }
  return list;
}

/** What becomes of a row on which an operator decided. */
export interface RowChange {
  ordinal: number;
  outcome: 'accepted' | 'quarantined';
  reasons: readonly string[];
  warnings: readonly string[];
  fingerprint: string | null;
  exposureUnits: number;
  sealed: Buffer;
}

export interface DecidedBy {
  decision: Decision;
  userId: string;
  reasonSealed: Buffer | null;
}

/** Writes rows anew, with what was decided of them; null: nothing yet. */
export async function changeRows(
  trx: Db,
  listId: string,
  rows: readonly RowChange[],
  by: DecidedBy | null,
): Promise<void> {
  if (rows.length === 0) return;
  await sql`
    update list_rows l set outcome = r.outcome, reasons = string_to_array(r.reasons, ','),
      warnings = string_to_array(r.warnings, ','), fingerprint = r.fingerprint, exposure_units = r.units,
      sealed = r.sealed, decision = ${by?.decision ?? null}, decided_by = ${by?.userId ?? null}::bigint,
      decided_at = case when ${by !== null}::boolean then now() end,
      decision_reason_sealed = ${by?.reasonSealed ?? null}::bytea
    from unnest(
      ${rows.map((r) => r.ordinal)}::int[], ${rows.map((r) => r.outcome)}::text[],
      ${rows.map((r) => r.reasons.join())}::text[], ${rows.map((r) => r.warnings.join())}::text[],
      ${rows.map((r) => r.fingerprint)}::uuid[], ${rows.map((r) => r.exposureUnits)}::int[],
      ${rows.map((r) => r.sealed)}::bytea[]
    ) as r (ordinal, outcome, reasons, warnings, fingerprint, units, sealed)
    where l.list_id = ${listId} and l.ordinal = r.ordinal`.execute(trx);
}

/** Leaves one quarantined row out; only the first such word counts. */
export async function markExcluded(trx: Db, listId: string, ordinal: number, by: Omit<DecidedBy, 'decision'>) {
  return excludeWhere(trx, listId, sql<boolean>`ordinal = ${ordinal}`, by);
}

/** Leaves out every quarantined row with a reason on which nobody has decided. Returns how many. */
export async function markAllExcluded(trx: Db, listId: string, reason: string, by: Omit<DecidedBy, 'decision'>) {
  return excludeWhere(trx, listId, sql<boolean>`${reason}::text = any (reasons)`, by);
}

async function excludeWhere(
  trx: Db,
  listId: string,
  which: ReturnType<typeof sql<boolean>>,
  { userId, reasonSealed }: Omit<DecidedBy, 'decision'>,
): Promise<number> {
  const { numAffectedRows } = await sql`
    update list_rows set decision = 'excluded', decided_by = ${userId}, decided_at = now(),
      decision_reason_sealed = ${reasonSealed}
    where list_id = ${listId} and outcome = 'quarantined' and decision is null and ${which}`.execute(trx);
  return Number(numAffectedRows ?? 0);
}

/** Takes the exclusion of a row back. */
export async function clearExclusion(trx: Db, listId: string, ordinal: number): Promise<void> {
  await sql`
    update list_rows set decision = null, decided_by = null, decided_at = null, decision_reason_sealed = null
    where list_id = ${listId} and ordinal = ${ordinal} and outcome = 'quarantined'
      and decision = 'excluded'`.execute(trx);
}

/** Quarantined rows with a reason on which nobody has decided. */
export async function countUndecided(trx: Db, listId: string, reason: string): Promise<number> {
  const { rows } = await sql<{ n: number }>`
    select count(*)::int as n from list_rows
    where list_id = ${listId} and outcome = 'quarantined' and decision is null
      and ${reason}::text = any (reasons)`.execute(trx);
  return rows[0]?.n ?? 0;
}

/** Rows that became usable are counted on from the equal rows that were usable before, which keep their numbers. */
export async function countOn(trx: Db, listId: string, ordinals: readonly number[]): Promise<void> {
  await sql`
    with fresh as (
      select ordinal, fingerprint, row_number() over (partition by fingerprint order by ordinal) as n
      from list_rows where list_id = ${listId} and ordinal = any (${ordinals}::int[])
    ), before as (
      select fingerprint, max(occurrence) as n from list_rows
      where list_id = ${listId} and fingerprint in (select fingerprint from fresh)
        and not ordinal = any (${ordinals}::int[])
      group by fingerprint
    )
    update list_rows r set occurrence = f.n + coalesce(b.n, 0)
    from fresh f left join before b on b.fingerprint = f.fingerprint
    where r.list_id = ${listId} and r.ordinal = f.ordinal`.execute(trx);
}

/** What a list comes to, counted from its rows. `persons` are those that the rows have: none before it is accepted. */
export async function countRows(trx: Db, listId: string): Promise<ListFigures> {
  const { rows } = await sql<ListFigures>`
    select count(*)::int as total, count(*) filter (where outcome = 'accepted')::int as accepted,
      count(*) filter (where outcome = 'merged')::int as merged,
      count(*) filter (where outcome = 'quarantined')::int as quarantined,
      (select count(*)::int from (select distinct person_id from list_rows
        where list_id = ${listId} and person_id is not null) p) as persons,
      coalesce(sum(exposure_units) filter (where outcome <> 'quarantined'), 0)::float8 as exposures,
      (select coalesce(json_object_agg(q.reason, q.n), '{}') from (
        select reason, count(*) as n from list_rows, unnest(reasons) as reason
        where list_id = ${listId} and (outcome = 'quarantined' or reason = 'duplicate_row') group by reason) q) as reasons
    from list_rows where list_id = ${listId}`.execute(trx);
  const [figures] = rows;
  if (!figures) throw new Error(`list ${listId} cannot be counted`);
  return figures;
}
