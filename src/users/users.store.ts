import { type Kysely, sql } from 'kysely';
import { type Db, inTransaction } from '../db/database.ts';
import type { DB } from '../db/schema.ts';
import { hashApiKey, makeApiKey } from './api-key.ts';

export const userRoles = ['admin', 'operator', 'approver', 'staff'] as const;
export type UserRole = (typeof userRoles)[number];

export interface User {
  id: string;
  name: string;
  roles: readonly UserRole[];
}

/** A key that is valid now, and whose it is. */
export interface KnownKey {
  id: string;
  user: User;
}

/** Whose key has this SHA-256; undefined for none, or one of a user who has ended. */
export async function findKey(db: Db, keyHash: Buffer): Promise<KnownKey | undefined> {
  const row = await db
    .selectFrom('api_keys')
    .innerJoin('users', 'users.id', 'api_keys.user_id')
    .select(['api_keys.id as key_id', 'users.id', 'users.name', 'users.roles'])
    .where('api_keys.key_hash', '=', keyHash)
    .where('users.ended_at', 'is', null)
    .executeTakeFirst();
  return row && { id: row.key_id, user: { id: row.id, name: row.name, roles: row.roles as UserRole[] } };
}

/** Makes a user with one key. The key is in the result and nowhere else. */
export async function createUser(
  db: Kysely<DB>,
  { name, roles, by }: { name: string; roles: readonly UserRole[]; by: string },
): Promise<User & { apiKey: string }> {
  const apiKey = makeApiKey();
  return inTransaction(db, async (trx) => {
    const id = await insertUser(trx, name, roles);
    await setOnlyKey(trx, id, apiKey);
    await trx
      .insertInto('audit_events')
      .values({ user_id: by, action: 'user.created', subject_kind: 'user', subject_id: id })
      .execute();
    return { id, name, roles, apiKey };
  });
}

export async function listUsers(db: Db, { after, limit }: { after: string | null; limit: number }) {
  return db
    .selectFrom('users')
    .select(['id', 'name', 'roles', 'created_at'])
    .where('ended_at', 'is', null)
    .$if(after !== null, (query) => query.where('id', '>', after as string))
    .orderBy('id')
    .limit(limit + 1)
    .execute();
}

/**
 * Ends a user and all their keys.
 * @returns `last_admin` when nobody would be left who can make users; `unknown` when there is no such user
 */
export async function endUser(db: Kysely<DB>, id: string, by: string): Promise<'ended' | 'unknown' | 'last_admin'> {
  return inTransaction(db, async (trx) => {
    // All of them locked: otherwise two administrators who end each other at once would both succeed.
    const admins = await trx
      .selectFrom('users')
      .select('id')
      .where('ended_at', 'is', null)
      .where(sql<boolean>`'admin' = any(roles)`)
      .orderBy('id')
      .forUpdate()
      .execute();
    if (admins.length === 1 && admins[0]?.id === id) return 'last_admin';
    const ended = await trx
      .updateTable('users')
      .set({ ended_at: sql`now()` })
      .where('id', '=', id)
      .where('ended_at', 'is', null)
      .returning('id')
      .executeTakeFirst();
    if (!ended) return 'unknown';
    await trx.deleteFrom('api_keys').where('user_id', '=', id).execute();
    await trx
      .insertInto('audit_events')
      .values({ user_id: by, action: 'user.ended', subject_kind: 'user', subject_id: id })
      .execute();
    return 'ended';
  });
}

/**
 * Makes sure that somebody can make users. With a key given by the settings, the administrator of the name `admin` has
 * this key and no other; without one, the first administrator gets a new key.
 * @returns the key that was made, to be shown once; null when none was
 */
export async function ensureFirstAdmin(db: Kysely<DB>, adminApiKey: string | null): Promise<string | null> {
  return inTransaction(db, async (trx) => {
    // Several processes may start at once on an empty database.
    await sql`select pg_advisory_xact_lock(hashtext('owabi first admin'))`.execute(trx);
    const admins = await trx
      .selectFrom('users')
      .select(['id', 'name'])
      .where('ended_at', 'is', null)
      .where(sql<boolean>`'admin' = any(roles)`)
      .orderBy('id')
      .execute();
    if (adminApiKey === null) {
      if (admins.length > 0) return null;
      const made = makeApiKey();
      await setOnlyKey(trx, await insertUser(trx, 'admin', ['admin']), made);
      return made;
    }
    const first = admins.find((user) => user.name === 'admin');
    await setOnlyKey(trx, first?.id ?? (await insertUser(trx, 'admin', ['admin'])), adminApiKey);
    return null;
  });
}

async function insertUser(trx: Db, name: string, roles: readonly UserRole[]): Promise<string> {
  const { id } = await trx
    .insertInto('users')
    .values({ name, roles: [...roles] })
    .returning('id')
    .executeTakeFirstOrThrow();
  return id;
}

async function setOnlyKey(trx: Db, userId: string, apiKey: string): Promise<void> {
  const key_hash = hashApiKey(apiKey);
  await trx.deleteFrom('api_keys').where('user_id', '=', userId).where('key_hash', '!=', key_hash).execute();
  await trx
    .insertInto('api_keys')
    .values({ user_id: userId, key_hash })
    .onConflict((conflict) => conflict.column('key_hash').doUpdateSet({ user_id: userId }))
    .execute();
}
