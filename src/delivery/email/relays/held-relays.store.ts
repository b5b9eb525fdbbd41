import { sql } from 'kysely';
import type { Db } from '../../../db/database.ts';
import type { Refusal } from './relay-failure.ts';

export interface HeldRelay {
  name: string;
  since: Date;
  /** `sender_auth` or `sender_blocked`. */
  because: string;
  /** The codes of its reply. */
  code: string | null;
}

/** Every relay that is held, also one that the settings no longer name. */
export async function heldRelays(db: Db): Promise<HeldRelay[]> {
  const rows = await db.selectFrom('held_relays').selectAll().orderBy('name').execute();
  return rows.map(({ held_at, ...row }) => ({ ...row, since: held_at }));
}

/** Holds a relay for all workers; what it was first held for stays. */
export async function holdRelay(db: Db, name: string, { because, code }: Refusal): Promise<void> {
  await db
    .insertInto('held_relays')
    .values({ name, because, code })
    .onConflict((conflict) => conflict.column('name').doNothing())
    .execute();
}

/** Lets a relay be tried anew. @returns whether it was held */
export async function releaseRelay(db: Db, name: string): Promise<boolean> {
  const { numDeletedRows } = await db.deleteFrom('held_relays').where('name', '=', name).executeTakeFirstOrThrow();
  return numDeletedRows > 0n;
}

/** Lets every relay be tried anew: what they objected to has been mended. */
export async function releaseRelays(db: Db): Promise<void> {
  await db.deleteFrom('held_relays').execute();
}

/**
 * Pauses the notices that have emails to send when every one of the relays is held: it is time that a person looks.
 * @param names of all relays of the settings
 * @returns the notices that have paused
 */
export async function pauseForRelays(db: Db, names: readonly string[]): Promise<string[]> {
  if (names.length === 0) return [];
  const { rows } = await sql<{ id: string }>`
    update notices n set status = 'paused', paused_because = 'relay_refused', updated_at = now()
    where n.status = 'sending'
      and ${names.length} = (select count(*) from held_relays h where h.name = any(${names}::text[]))
      and exists (select from notice_counts c where c.notice_id = n.id and c.channel = 'email' and c.n > 0
                  and c.state in ('pending', 'claimed', 'deferred'))
    returning n.id`.execute(db);
  return rows.map(({ id }) => id);
}
