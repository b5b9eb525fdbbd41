import { sql } from 'kysely';
import { audit } from '../audit/audit.store.ts';
import { type Db, inTransaction } from '../db/database.ts';
import { OwabiError } from '../errors.ts';
import { formatReference } from '../intake/persons/reference.ts';
import type { Services } from '../services.ts';

export interface DeliveryFilter {
  state?: string;
  channel?: 'email' | 'letter';
}

export interface DeliveryRow {
  id: string;
  personId: string;
  reference: string;
  channel: 'email' | 'letter';
  state: string;
  class: string | null;
  code: string | null;
  reason: string | null;
  attempts: number;
  nextAttemptAt: Date | null;
  updatedAt: Date;
}

/** Deliveries of a notice in the order of their ids, after one of them. */
export async function pageDeliveries(
  db: Db,
  noticeId: string,
  filter: DeliveryFilter,
  afterId: string,
  limit: number,
): Promise<DeliveryRow[]> {
  const { rows } = await sql<DeliveryRow>`
    select d.id, d.person_id as "personId", p.reference, d.channel, d.state, d.class, d.code, d.reason,
      d.attempt as attempts, case when d.state = 'deferred' then d.next_attempt_at end as "nextAttemptAt",
      d.updated_at as "updatedAt"
    from deliveries d join notice_persons p on p.notice_id = d.notice_id and p.person_id = d.person_id
    where d.notice_id = ${noticeId} and d.id > ${afterId}
      and (${filter.state ?? null}::text is null or d.state = ${filter.state ?? null})
      and (${filter.channel ?? null}::text is null or d.channel = ${filter.channel ?? null})
    order by d.id limit ${limit}`.execute(db);
  return rows;
}

const PAGE = 2_000;

/** All deliveries of a notice as CSV records, read a page at a time: memory does not grow with the notice. */
export async function* streamDeliveries(db: Db, noticeId: string, filter: DeliveryFilter) {
  let after = '0';
  for (;;) {
    const rows = await pageDeliveries(db, noticeId, filter, after, PAGE);
    for (const row of rows) {
      yield {
        ...{
          reference: formatReference(row.reference),
          channel: row.channel,
          state: row.state,
          class: row.class,
          code: row.code,
        },
        ...{ attempts: row.attempts, updated_at: row.updatedAt.toISOString() },
      };
    }
    const last = rows.at(-1);
    if (rows.length < PAGE || !last) return;
    after = last.id;
  }
}

/**
 * An operator says what became of uncertain deliveries: sent again, or taken as submitted.
 * @returns how many there were
 * @throws OwabiError `not_found`, `wrong_state` for one delivery that is not uncertain, or to send again what was cancelled
 */
export async function resolveUncertain(
  db: Services['db'],
  target: { deliveryId: string } | { noticeId: string },
  outcome: 'resend' | 'submitted',
  userId: string,
): Promise<number> {
  const one = 'deliveryId' in target;
  const id = one ? target.deliveryId : target.noticeId;
  return await inTransaction(db, async (trx) => {
    if (outcome === 'resend') await refuseCancelled(trx, target);
    const { rows } = await sql<{ id: string }>`
      update deliveries set state = ${outcome === 'resend' ? 'pending' : 'submitted'},
        reason = ${outcome === 'resend' ? 'resend_by_operator' : 'submitted_by_operator'}
      where ${one ? sql`id` : sql`notice_id`} = ${id} and state = 'uncertain'
      returning id`.execute(trx);
    if (one && rows.length === 0) await refuseOne(trx, id);
    await audit(trx, userId, 'delivery.resolved', one ? 'delivery' : 'notice', id, { outcome, count: rows.length });
    return rows.length;
  });
}

/** A cancelled notice sends nothing more. Its row is locked, so that it is not cancelled meanwhile. */
async function refuseCancelled(trx: Db, target: { deliveryId: string } | { noticeId: string }): Promise<void> {
  const noticeId =
    'noticeId' in target
      ? sql`${target.noticeId}`
      : sql`(select notice_id from deliveries where id = ${target.deliveryId})`;
  const { rows } = await sql<{ status: string }>`
    select status from notices where id = ${noticeId} for no key update`.execute(trx);
  if (rows[0]?.status !== 'cancelled') return;
  throw new OwabiError('wrong_state', 'The notice is cancelled: nothing of it is sent again.');
}

async function refuseOne(db: Db, deliveryId: string): Promise<never> {
  const row = await db.selectFrom('deliveries').select('state').where('id', '=', deliveryId).executeTakeFirst();
  if (!row) throw new OwabiError('not_found', 'There is no delivery with this id.');
  throw new OwabiError('wrong_state', `The delivery is ${row.state}, not uncertain.`);
}
