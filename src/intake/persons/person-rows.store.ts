import { sql } from 'kysely';
import type { Db } from '../../db/database.ts';
import type { IncidentVault } from '../../vault/vault.ts';
import type { RowFields } from '../fields/read-row.ts';
import { rowOpener } from '../lists/row.store.ts';

/** A row that says something of a person, opened. */
export interface PersonListRow {
  personId: string;
  listId: string;
  ordinal: number;
  line: number;
  source: string;
  /** The same for the same row in another list of the same source. */
  fingerprint: string | null;
  fields: RowFields;
}

/** Rows are opened so many at once: each may lie in a chunk of its own. */
const OPENED_AT_ONCE = 200;

/**
 * What lists say of persons, in the order of the lists. Rows of lists that only point at persons say nothing of them.
 */
export async function rowsOfPersons(
  trx: Db,
  vault: IncidentVault,
  personIds: readonly string[],
): Promise<PersonListRow[]> {
  type Sealed = Omit<PersonListRow, 'fields'> & { sealed: Buffer | null };
  const { rows } = await sql<Sealed>`
    select r.person_id as "personId", r.list_id as "listId", r.ordinal, r.line, l.source, r.fingerprint, r.sealed
    from list_rows r join affected_lists l on l.id = r.list_id
    where r.person_id = any (${personIds}::bigint[]) and l.kind in ('affected', 'members')
    order by r.list_id, r.ordinal`.execute(trx);
  const found: PersonListRow[] = [];
  for (const [listId, ofList] of Map.groupBy(rows, (row) => row.listId)) {
    const open = rowOpener(trx, listId, vault);
    for (let i = 0; i < ofList.length; i += OPENED_AT_ONCE) {
      const some = ofList.slice(i, i + OPENED_AT_ONCE);
      const opened = await open(some);
      some.forEach(({ sealed: _, ...row }, n) => {
        const fields = opened[n]?.fields;
        if (fields) found.push({ ...row, fields });
      });
    }
  }
  return found;
}

/** A row, as a change names it: the list and the row's ordinal. */
export type RowName = [listId: string, ordinal: number];

/** Gives rows, and the exposures that they brought, to a person. */
export async function moveRows(trx: Db, rows: readonly RowName[], personId: string): Promise<void> {
  const [lists, ordinals] = [rows.map(([list]) => list), rows.map(([, ordinal]) => ordinal)];
  for (const table of ['list_rows', 'exposures'] as const) {
    await sql`
      update ${sql.table(table)} t set person_id = ${personId}
      from unnest(${lists}::bigint[], ${ordinals}::int[]) as q (list_id, ordinal)
      where t.list_id = q.list_id and t.ordinal = q.ordinal`.execute(trx);
  }
}

/** The rows of a person as they are shown: with their line and what became of them. */
export async function rowNamesOf(
  db: Db,
  personId: string,
): Promise<{ listId: string; line: number; outcome: string }[]> {
  const { rows } = await sql<{ listId: string; line: number; outcome: string }>`
    select r.list_id as "listId", r.line, r.outcome
    from list_rows r join affected_lists l on l.id = r.list_id
    where r.person_id = ${personId} and l.kind in ('affected', 'members')
    order by r.list_id, r.ordinal`.execute(db);
  return rows;
}
