import { sql } from 'kysely';
import type { Db } from '../../db/database.ts';

/** Renewed every 2 s; another dispatcher takes over when it has run out, so within 10 s. */
export const LEASE_SECONDS = 6;

/**
 * Takes or renews the dispatcher's lease, by the database's clock.
 * @returns the epoch while we hold it, null while another does
 */
export async function holdLease(db: Db, holder: string): Promise<string | null> {
  const { rows } = await sql<{ epoch: string }>`
    update dispatcher_lease
    set epoch = case when holder = ${holder} then epoch else epoch + 1 end, holder = ${holder},
      expires_at = now() + make_interval(secs => ${LEASE_SECONDS})
    where holder = ${holder} or expires_at < now() or holder is null
    returning epoch`.execute(db);
  return rows[0]?.epoch ?? null;
}

/** Gives the lease up at once, so that another dispatcher need not wait. */
export async function dropLease(db: Db, holder: string): Promise<void> {
  await sql`update dispatcher_lease set holder = null, expires_at = now() where holder = ${holder}`.execute(db);
}

/** Takes the lease from whoever held it: right only for whoever knows that no other process uses this database. */
export async function freeLease(db: Db): Promise<void> {
  await sql`update dispatcher_lease set holder = null, expires_at = now()`.execute(db);
}
