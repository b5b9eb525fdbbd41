import { sql } from 'kysely';
import type { Db } from '../../db/database.ts';
import type { IncidentVault } from '../../vault/vault.ts';
import { contradictEachOther } from '../matching/certain.ts';
import { rowsOfPersons } from './person-rows.store.ts';

const AT_ONCE = 500;

/** Rows of a list that have just been taken in; null: all of it. */
export interface NewRows {
  listId: string;
  ordinals: readonly number[] | null;
}

/**
 * New rows that speak against an earlier match by name and address: two are one person already, who may have been told,
 * and only now it shows that they have two emails, two numbers or two dates of birth. They stay one person until an
 * operator splits them; nobody is to find out by chance.
 * @param persons known persons who got new rows, with whom else of the known they became one
 */
export async function rowsInDoubt(
  trx: Db,
  vault: IncidentVault,
  { listId, ordinals }: NewRows,
  persons: readonly { id: string; merged: boolean }[],
): Promise<number[]> {
  if (persons.length === 0 || !(await isAnyJoinedByAddress(trx, persons[0]?.id ?? ''))) return [];
  const subset = ordinals && new Set(ordinals);
  const isNew = (row: { listId: string; ordinal: number }) =>
    row.listId === listId && (subset === null || subset.has(row.ordinal));
  const found: number[] = [];
  for (let i = 0; i < persons.length; i += AT_ONCE) {
    const some = new Map(persons.slice(i, i + AT_ONCE).map(({ id, merged }) => [id, merged]));
    const joined = await joinedByAddress(trx, { listId, ordinals }, [...some.keys()]);
    const rows = await rowsOfPersons(trx, vault, joined);
    for (const [id, all] of Map.groupBy(rows, ({ personId }) => personId)) {
      const fresh = all.filter(isNew);
      // What was doubtful before was said before, or decided by an operator.
      const wasSaid = !some.get(id) && contradictEachOther(all.filter((row) => !isNew(row)));
      if (!wasSaid && contradictEachOther(all)) for (const { ordinal } of fresh) found.push(ordinal);
    }
  }
  return found;
}

async function isAnyJoinedByAddress(trx: Db, personId: string): Promise<boolean> {
  const { rows } = await sql<{ any: boolean }>`
    select exists (
      select 1 from affected_lists l join persons p on p.incident_id = l.incident_id
      where p.id = ${personId} and l.status = 'accepted'
        and l.warnings @> '[{"code": "joined_by_address"}]') as any`.execute(trx);
  return rows[0]?.any === true;
}

/** Of persons, those of whom an earlier row was joined by name and address. */
async function joinedByAddress(trx: Db, { listId, ordinals }: NewRows, ids: readonly string[]): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`
    select distinct r.person_id as id from list_rows r
    where r.person_id = any (${ids}::bigint[]) and 'joined_by_address' = any (r.warnings)
      and not (r.list_id = ${listId} and (${ordinals}::int[] is null or r.ordinal = any (${ordinals}::int[])))`.execute(
    trx,
  );
  return rows.map(({ id }) => id);
}
