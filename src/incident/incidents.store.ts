import { type Kysely, type Selectable, sql } from 'kysely';
import { type Db, inTransaction } from '../db/database.ts';
import type { DB, Incidents } from '../db/schema.ts';
import { voidNotices } from '../notice/void-notices.store.ts';
import { dataKeyStore } from '../vault/data-keys.store.ts';
import type { Vault } from '../vault/vault.ts';
import type { Facts } from './facts.ts';

export type IncidentRow = Selectable<Incidents>;

/** What an operator says about an incident. `facts` have passed `checkFacts`. */
export interface IncidentFields {
  title: string;
  locale: 'ja' | 'en';
  timeZone: string;
  facts: Facts;
}

const columnsOf = (fields: Partial<IncidentFields>) => ({
  ...(fields.title !== undefined && { title: fields.title }),
  ...(fields.locale !== undefined && { locale: fields.locale }),
  ...(fields.timeZone !== undefined && { time_zone: fields.timeZone }),
  ...(fields.facts !== undefined && { facts: JSON.stringify(fields.facts) }),
});

/** Makes an incident and its data key: neither exists without the other. */
export async function createIncident(
  { db, vault }: { db: Kysely<DB>; vault: Vault },
  fields: IncidentFields,
  userId: string,
): Promise<IncidentRow> {
  const { title, locale, timeZone, facts } = fields;
  return inTransaction(db, async (trx) => {
    const incident = await trx
      .insertInto('incidents')
      .values({ title, locale, time_zone: timeZone, facts: JSON.stringify(facts), created_by: userId })
      .returningAll()
      .executeTakeFirstOrThrow();
    await vault.createDataKey(dataKeyStore(trx), incident.id);
    await audit(trx, 'incident.created', incident.id, userId, {});
    return incident;
  });
}

/** One incident; undefined when there is none of this id. */
export async function findIncident(db: Db, id: string): Promise<IncidentRow | undefined> {
  return db.selectFrom('incidents').selectAll().where('id', '=', id).executeTakeFirst();
}

/** Incidents in the order in which they were made: up to `limit + 1`. */
export async function listIncidents(db: Db, { after, limit }: { after: string | null; limit: number }) {
  return db
    .selectFrom('incidents')
    .select(['id', 'title', 'locale', 'time_zone', 'version', 'created_at', 'updated_at'])
    .$if(after !== null, (query) => query.where('id', '>', after as string))
    .orderBy('id')
    .limit(limit + 1)
    .execute();
}

/**
 * Changes an incident. When anything changes that a message is rendered from, every notice that is frozen or approved
 * and has not started becomes a draft again: nobody has approved the new wording.
 * @returns undefined when there is none of this id
 */
export async function changeIncident(
  db: Kysely<DB>,
  id: string,
  fields: Partial<IncidentFields>,
  userId: string,
): Promise<IncidentRow | undefined> {
  return inTransaction(db, async (trx) => {
    const incident = await trx
      .updateTable('incidents')
      .set({ ...columnsOf(fields), version: sql`version + 1`, updated_at: sql`now()` })
      .where('id', '=', id)
      .returningAll()
      .executeTakeFirst();
    if (!incident) return undefined;
    const rendered = fields.facts !== undefined || fields.locale !== undefined || fields.timeZone !== undefined;
    const voided = rendered ? await voidNotices(trx, id) : [];
    await audit(trx, 'incident.changed', id, userId, { fields: Object.keys(fields), voidedNotices: voided });
    return incident;
  });
}

async function audit(trx: Db, action: string, id: string, userId: string, detail: object): Promise<void> {
  await trx
    .insertInto('audit_events')
    .values({ user_id: userId, action, subject_kind: 'incident', subject_id: id, detail: JSON.stringify(detail) })
    .execute();
}
