import { sql } from 'kysely';
import { type Db, inTransaction } from '../db/database.ts';
import type { NoticeSnapshot } from '../notice/renderings.ts';

export interface SendingNotice {
  incidentId: string;
  digest: string;
  snapshot: NoticeSnapshot;
}

/** The frozen content of a notice that is being sent. */
export async function loadSendingNotice(db: Db, noticeId: string): Promise<SendingNotice> {
  const row = await db
    .selectFrom('notices')
    .select(['incident_id', 'digest', 'snapshot'])
    .where('id', '=', noticeId)
    .executeTakeFirstOrThrow();
  return {
    incidentId: row.incident_id,
    digest: row.digest ?? '',
    snapshot: row.snapshot as unknown as NoticeSnapshot,
  };
}

/** Pauses a sending notice by itself, with the reason that staff will read. */
export async function pauseNotice(db: Db, noticeId: string, because: string): Promise<void> {
  await db
    .updateTable('notices')
    .set({ status: 'paused', paused_because: because, updated_at: sql`now()` })
    .where('id', '=', noticeId)
    .where('status', '=', 'sending')
    .execute();
}

/** Notices whose start has come begin to send. */
export async function startApproved(db: Db): Promise<string[]> {
  const rows = await db
    .updateTable('notices')
    .set({ status: 'sending', started_at: sql`coalesce(started_at, now())`, updated_at: sql`now()` })
    .where('status', '=', 'approved')
    .where(sql<boolean>`coalesce(start_at, now()) <= now()`)
    .returning('id')
    .execute();
  return rows.map((row) => row.id);
}

/**
 * Notices with nothing left to do are complete. Looked at twice: whoever is just planning another delivery holds a lock
 * that we wait for, and what he has planned is seen only by a statement that begins after that.
 */
export async function completeNotices(db: Db): Promise<string[]> {
  return await inTransaction(db, async (trx) => {
    const done = trx.selectFrom('notices').select('id').where('status', '=', 'sending').where(nothingLeft);
    const ids = (await done.orderBy('id').forUpdate().execute()).map(({ id }) => id);
    if (ids.length === 0) return [];
    const rows = await trx
      .updateTable('notices')
      .set({ status: 'completed', completed_at: sql`now()`, updated_at: sql`now()` })
      .where('id', 'in', ids)
      .where('status', '=', 'sending')
      .where(nothingLeft)
      .returning('id')
      .execute();
    return rows.map(({ id }) => id);
  });
}

const nothingLeft = sql<boolean>`
  not exists (select 1 from notice_counts c where c.notice_id = notices.id and c.n > 0 and c.channel <> 'person'
    and outcome_class(c.state) = 'in_progress')
  and not exists (select 1 from letter_batches b where b.notice_id = notices.id and b.state = 'rendering')`;

/** Pauses notices whose share of bounces has passed their limit since the breaker last counted from nothing. */
export async function tripBreakers(db: Db): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`
    update notices n set status = 'paused', paused_because = 'bounce_share', updated_at = now()
    from (select notice_id, coalesce(sum(n) filter (where state = 'bounced'), 0) as bounced,
            coalesce(sum(n) filter (where state in ('submitted', 'confirmed', 'complained', 'bounced')), 0) as tried
          from notice_counts where channel = 'email' group by notice_id) c
    where c.notice_id = n.id and n.status = 'sending' and c.tried - n.breaker_base_tried >= n.breaker_after
      and c.bounced - n.breaker_base_bounced > n.breaker_share * (c.tried - n.breaker_base_tried)
    returning n.id`.execute(db);
  return rows.map((row) => row.id);
}

/** Notices whose last recount is older than a minute; of very large ones, than ten times as long as it took. */
export async function noticesToRecount(db: Db): Promise<string[]> {
  const rows = await db
    .selectFrom('notices')
    .select('id')
    .where('status', 'in', ['sending', 'paused', 'completed'])
    .where(sql<boolean>`audited_at is null
        or audited_at < now() - make_interval(secs => greatest(60, 10 * coalesce(audit_seconds, 0)))`)
    .where(sql<boolean>`status <> 'completed' or audited_at < updated_at or audit_agreed is not true`)
    .execute();
  return rows.map((row) => row.id);
}
