import { sql } from 'kysely';
import type { Db } from '../../db/database.ts';

/** Persons known under any of these keys. The hashes are those of one incident, so nobody of another can be found. */
export async function personsUnder(db: Db, keys: readonly string[]): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`
    select distinct person_id as id from person_keys where key = any (${keys}::uuid[]) order by id`.execute(db);
  return rows.map(({ id }) => id);
}

/** One accept at a time per incident; held to the end of the transaction. */
export async function lockPersonsOf(db: Db, incidentId: string): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtextextended('persons of incident ' || ${incidentId}::text, 0))`.execute(
    db,
  );
}

/**
 * A worker that is stopped in the middle of a list must not hold its locks for as long as nobody notices: after a
 * minute in which it asks nothing, Postgres rolls it back.
 */
export async function prepareListWork(db: Db): Promise<void> {
  await sql`select set_config('idle_in_transaction_session_timeout', '60s', true)`.execute(db);
}

/**
 * Before any temporary table: a session can set this once only, before it has used one, so whoever is the first in a
 * connection must ask for the same.
 */
export async function prepareTempTables(trx: Db): Promise<void> {
  await sql`select set_config('temp_buffers', '32MB', true)`.execute(trx);
}
