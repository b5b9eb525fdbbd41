import { sql } from 'kysely';
import type { Db } from '../../db/database.ts';
import type { LookupKey } from './lookup-keys.ts';

/** Who is known under a key: `of(key)` gives ids of persons. */
export interface KnownPersons {
  of(key: LookupKey): readonly string[];
}

const NOBODY: readonly string[] = [];
const nameOf = (key: Buffer): string => key.toString('latin1');

/** Looks many keys up at once. The hashes are those of one incident, so nobody of another can be found. */
export async function findKnownPersons(db: Db, keys: readonly LookupKey[]): Promise<KnownPersons> {
  const wanted = [...new Map(keys.map(({ key }) => [nameOf(key), key])).values()];
  const { rows } = await sql<{ key: Buffer; person_id: string }>`
    select k.key, k.person_id from unnest(${wanted}::bytea[]) as q (key) join person_keys k on k.key = q.key`.execute(
    db,
  );
  const byKey = new Map<string, string[]>();
  for (const row of rows) byKey.set(nameOf(row.key), [...(byKey.get(nameOf(row.key)) ?? []), row.person_id]);
  return { of: ({ key }) => byKey.get(nameOf(key)) ?? NOBODY };
}

export interface RowPrint {
  fingerprint: Buffer;
  occurrence: number;
}

const nameOfPrint = ({ fingerprint, occurrence }: RowPrint): string =>
  `${occurrence} ${fingerprint.toString('latin1')}`;

/** Rows that stand in an accepted list already (only such rows have a person), and whose they are. */
export async function findRepeatedRows(db: Db, rows: readonly RowPrint[]): Promise<(row: RowPrint) => string | null> {
  const found = await sql<RowPrint & { person_id: string }>`
    select l.fingerprint, l.occurrence, l.person_id
    from unnest(${rows.map((r) => r.fingerprint)}::bytea[], ${rows.map((r) => r.occurrence)}::int[]) as q (fingerprint, occurrence)
    join list_rows l on l.fingerprint = q.fingerprint and l.occurrence = q.occurrence
    where l.fingerprint is not null and l.person_id is not null`.execute(db);
  const persons = new Map(found.rows.map((row) => [nameOfPrint(row), row.person_id]));
  return (row) => persons.get(nameOfPrint(row)) ?? null;
}

/** One accept at a time per incident; held to the end of the transaction. */
export async function lockPersonsOf(db: Db, incidentId: string): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtextextended('persons of incident ' || ${incidentId}::text, 0))`.execute(
    db,
  );
}

/**
 * Settings of a transaction that works through a list.
 * A worker that is stopped in the middle must not hold its locks for as long as nobody notices: after a minute in which
 * it asks nothing, Postgres rolls it back. And look-ups by key go through the index: a table that has just been filled
 * has no statistics, and without them Postgres sorts the whole of it for every thousand keys (60 ms instead of 5).
 */
export async function prepareListWork(db: Db): Promise<void> {
  await sql`select set_config('idle_in_transaction_session_timeout', '60s', true),
    set_config('enable_hashjoin', 'off', true), set_config('enable_mergejoin', 'off', true)`.execute(db);
}
