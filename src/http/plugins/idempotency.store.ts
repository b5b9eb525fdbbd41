import { sql } from 'kysely';
import type { Db } from '../../db/database.ts';

/** The first answer to a request, given again. */
export interface FirstAnswer {
  status: number;
  /** The text as it was sent; null when nothing of it was kept. */
  body: string | null;
}

/** One use of an Idempotency-Key: keys of different users or routes have nothing to do with each other. */
export interface KeyUse {
  userId: string;
  /** The path with its ids, without the query. */
  route: string;
  key: string;
  /** Of all that makes the request what it is. */
  bodyHash: Buffer;
}

/**
 * Takes the key for this request, or says why not: it has been answered (`answer`), or it belongs to another request or
 * to one that still runs (`taken`). One statement, so that of two equal requests at once exactly one is `new`.
 *
 * A running request says every 20 s that it lives. One that has been silent for a minute died with its process: the
 * key passes to the same request, so that a crash does not lock it. What the dead request did before it died is not
 * known; creating is drafts and uploads, so the worst is a second draft, and nothing is sent by it.
 */
export async function takeKey(db: Db, use: KeyUse): Promise<'new' | 'taken' | FirstAnswer> {
  const { userId, route, key, bodyHash } = use;
  const { rows } = await sql`
    insert into idempotency_keys as k (user_id, route, key, body_hash) values (${userId}, ${route}, ${key}, ${bodyHash})
    on conflict (user_id, route, key)
      do update set body_hash = excluded.body_hash, status = null, body = null, created_at = now()
      where k.created_at < now() - interval '24 hours'
        or (k.status is null and k.body_hash = excluded.body_hash and k.created_at < now() - interval '60 seconds')
    returning 1`.execute(db);
  if (rows.length > 0) return 'new';
  const first = await one(db, use);
  // Gone between the two statements: its request has failed, so this one is the first.
  if (!first) return takeKey(db, use);
  if (!first.body_hash.equals(bodyHash) || first.status === null) return 'taken';
  return { status: first.status, body: typeof first.body === 'string' ? first.body : null };
}

function one(db: Db, { userId, route, key }: KeyUse) {
  return db
    .selectFrom('idempotency_keys')
    .select(['body_hash', 'status', 'body'])
    .where('user_id', '=', userId)
    .where('route', '=', route)
    .where('key', '=', key)
    .executeTakeFirst();
}

/**
 * Keeps the first answer: as a JSON string, because `jsonb` would order the members of an object anew.
 * @param body the text that is sent; null when nothing of it may be kept
 */
export async function keepAnswer(db: Db, use: KeyUse, status: number, body: string | null): Promise<void> {
  await db
    .updateTable('idempotency_keys')
    .set({ status, body: body === null ? null : JSON.stringify(body) })
    .where('user_id', '=', use.userId)
    .where('route', '=', use.route)
    .where('key', '=', use.key)
    .where('body_hash', '=', use.bodyHash)
    .where('status', 'is', null)
    .execute();
}

/** Gives the key back: the request failed by our fault and may be tried again with it. */
export async function freeKey(db: Db, use: KeyUse): Promise<void> {
  await db
    .deleteFrom('idempotency_keys')
    .where('user_id', '=', use.userId)
    .where('route', '=', use.route)
    .where('key', '=', use.key)
    .where('body_hash', '=', use.bodyHash)
    .where('status', 'is', null)
    .execute();
}

/** Says that these requests still run. */
export async function touchKeys(db: Db, uses: Iterable<KeyUse>): Promise<void> {
  for (const { userId, route, key } of uses) {
    await db
      .updateTable('idempotency_keys')
      .set({ created_at: sql`now()` })
      .where('user_id', '=', userId)
      .where('route', '=', route)
      .where('key', '=', key)
      .where('status', 'is', null)
      .execute();
  }
}

/** Deletes what is older than the 24 hours for which an answer is kept. */
export async function dropOldKeys(db: Db): Promise<void> {
  await db.deleteFrom('idempotency_keys').where(sql<boolean>`created_at < now() - interval '24 hours'`).execute();
}
