import { type Selectable, sql } from 'kysely';
import type { Db } from '../db/database.ts';
import type { Notices } from '../db/schema.ts';
import type { PaceWindow } from '../delivery/dispatch/window.ts';
import { releaseRelays } from '../delivery/email/relays/held-relays.store.ts';
import { OwabiError } from '../errors.ts';
import { createTask } from '../tasks/task.store.ts';
import type { Audience } from './audience.ts';
import type { ChannelPolicy } from './plan-deliveries.ts';

export type NoticeRow = Selectable<Notices>;

/** What an operator decides about a notice. */
export interface NoticeDraft {
  template: string;
  channels: ChannelPolicy;
  audience: Audience;
  startAt: string | null;
  perHour: number | null;
  /** When emails may go; null: at any time. */
  window: PaceWindow | null;
  breaker: { bounceShare?: number | undefined; after?: number | undefined };
  onUncertain: 'hold' | 'resend';
  /** Id of the envelope profile of its letters; null: the default of the incident's language. */
  letterProfile: string | null;
}

const columnsOf = (draft: Partial<NoticeDraft>) => ({
  ...(draft.template !== undefined && { template: draft.template }),
  ...(draft.channels !== undefined && { channels: draft.channels }),
  ...(draft.audience !== undefined && { audience: JSON.stringify(draft.audience) }),
  ...(draft.startAt !== undefined && { start_at: draft.startAt }),
  ...(draft.perHour !== undefined && { per_hour: draft.perHour }),
  ...(draft.window !== undefined && { pace_window: draft.window && JSON.stringify(draft.window) }),
  ...(draft.onUncertain !== undefined && { on_uncertain: draft.onUncertain }),
  ...(draft.letterProfile !== undefined && { letter_profile: draft.letterProfile }),
  ...(draft.breaker?.bounceShare !== undefined && { breaker_share: draft.breaker.bounceShare }),
  ...(draft.breaker?.after !== undefined && { breaker_after: draft.breaker.after }),
});

/** @throws OwabiError `not_found` */
export async function getNotice(db: Db, id: string): Promise<NoticeRow> {
  const row = await db.selectFrom('notices').selectAll().where('id', '=', id).executeTakeFirst();
  if (!row) throw new OwabiError('not_found', 'There is no notice with this id.');
  return row;
}

/** Locks the notice for the rest of the transaction: its steps happen one after the other. */
async function lockNotice(trx: Db, id: string): Promise<NoticeRow> {
  // Not FOR UPDATE: that would make the ledger wait, whose rows refer to this one.
  const row = await trx.selectFrom('notices').selectAll().where('id', '=', id).forNoKeyUpdate().executeTakeFirst();
  if (!row) throw new OwabiError('not_found', 'There is no notice with this id.');
  return row;
}

/** Whoever works on a notice may not approve it. */
async function noteWorker(trx: Db, noticeId: string, userId: string): Promise<void> {
  await trx
    .insertInto('notice_workers')
    .values({ notice_id: noticeId, user_id: userId })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

async function update(trx: Db, id: string, set: Record<string, unknown>): Promise<NoticeRow> {
  return await trx
    .updateTable('notices')
    .set({ ...set, updated_at: sql`now()` })
    .where('id', '=', id)
    .returningAll()
    .executeTakeFirstOrThrow();
}

function demand(notice: NoticeRow, states: string[], doing: string): void {
  if (states.includes(notice.status)) return;
  throw new OwabiError('wrong_state', `A notice that is ${notice.status} cannot be ${doing}.`, {
    status_now: notice.status,
  });
}

export async function createNotice(
  trx: Db,
  incidentId: string,
  userId: string,
  draft: NoticeDraft,
): Promise<NoticeRow> {
  const row = await trx
    .insertInto('notices')
    .values({
      ...{ incident_id: incidentId, created_by: userId, template: draft.template, channels: draft.channels },
      ...{ ...columnsOf(draft), audience: JSON.stringify(draft.audience) },
    })
    .returningAll()
    .executeTakeFirstOrThrow();
  await noteWorker(trx, row.id, userId);
  return row;
}

export async function editNotice(trx: Db, id: string, userId: string, draft: Partial<NoticeDraft>): Promise<NoticeRow> {
  demand(await lockNotice(trx, id), ['draft'], 'edited');
  await noteWorker(trx, id, userId);
  return update(trx, id, { ...columnsOf(draft), version: sql`version + 1` });
}

/** @returns the notice, and the task that freezes it */
export async function submitNotice(
  trx: Db,
  id: string,
  userId: string,
): Promise<{ notice: NoticeRow; taskId: string }> {
  demand(await lockNotice(trx, id), ['draft'], 'submitted');
  await noteWorker(trx, id, userId);
  const notice = await update(trx, id, {
    ...{
      status: 'freezing',
      submitted_by: userId,
      submitted_at: sql`now()`,
      problems: '[]',
      digest: null,
      persons: null,
    },
  });
  return { notice, taskId: await createTask(trx, 'freeze-notice', id) };
}

export interface Approval {
  digest: string;
  persons: number;
  overlap?: number | undefined;
}

/** @throws OwabiError `own_work`, `already_approved`, `wrong_state`, `digest_differs`, `overlap_unconfirmed` */
export async function approveNotice(trx: Db, id: string, userId: string, approval: Approval): Promise<NoticeRow> {
  const notice = await lockNotice(trx, id);
  const worker = await trx
    .selectFrom('notice_workers')
    .select('user_id')
    .where('notice_id', '=', id)
    .where('user_id', '=', userId)
    .executeTakeFirst();
  if (worker) throw new OwabiError('own_work');
  if (notice.approved_at !== null) throw new OwabiError('already_approved');
  demand(notice, ['awaiting_approval'], 'approved');
  if (approval.digest !== notice.digest || approval.persons !== notice.persons) throw new OwabiError('digest_differs');
  // Two approvals of one template at once must not both find nobody told.
  await trx.selectFrom('incidents').select('id').where('id', '=', notice.incident_id).forNoKeyUpdate().execute();
  const overlap = await overlapOf(trx, notice);
  if (overlap > 0 && approval.overlap !== overlap) {
    throw new OwabiError(
      'overlap_unconfirmed',
      `A notice of the template ${notice.template} has gone to ${overlap} of these persons already: approve with "overlap": ${overlap} if that is meant.`,
      { overlap },
    );
  }
  return update(trx, id, {
    ...{ status: 'approved', approved_by: userId, approved_at: sql`now()` },
    // A window is closed until the dispatcher has looked.
    open_until: sql`case when pace_window is not null then '-infinity'::timestamptz end`,
  });
}

/**
 * Persons of this notice to whom another notice of the same template has gone, or is going; also under the reference of
 * somebody who has since been merged into them.
 */
async function overlapOf(trx: Db, notice: NoticeRow): Promise<number> {
  // The persons first, each looked up in the notices: with "or" Postgres would read a whole notice for each.
  const { rows } = await sql<{ n: number }>`
    select count(*)::int as n from notice_persons p
    where p.notice_id = ${notice.id} and p.outcome <> 'excluded' and exists (
      select 1 from (select p.person_id as id union all select m.id from persons m where m.merged_into = p.person_id) who
      join notice_persons o on o.person_id = who.id join notices n on n.id = o.notice_id
      where n.id <> ${notice.id} and n.template = ${notice.template} and n.approved_at is not null
        and o.outcome in ('reached', 'in_progress'))`.execute(trx);
  return rows[0]?.n ?? 0;
}

export async function pauseByUser(trx: Db, id: string): Promise<NoticeRow> {
  const notice = await lockNotice(trx, id);
  if (notice.status === 'paused') return notice;
  demand(notice, ['approved', 'sending'], 'paused');
  return update(trx, id, { status: 'paused', paused_because: 'by_user' });
}

/** Goes on where it was; a breaker that had tripped counts from here, and relays that refused us are tried anew. */
export async function resumeNotice(trx: Db, id: string): Promise<NoticeRow> {
  const notice = await lockNotice(trx, id);
  if (notice.status === 'sending' || notice.status === 'approved') return notice;
  demand(notice, ['paused'], 'resumed');
  if (notice.paused_because === 'relay_refused') await releaseRelays(trx);
  const counts = await trx
    .selectFrom('notice_counts')
    .select(['state', 'n'])
    .where('notice_id', '=', id)
    .where('channel', '=', 'email')
    .execute();
  const of = (state: string) => Number(counts.find((count) => count.state === state)?.n ?? 0);
  const tried = of('submitted') + of('confirmed') + of('complained') + of('bounced');
  const base =
    notice.paused_because === 'bounce_share' ? { breaker_base_tried: tried, breaker_base_bounced: of('bounced') } : {};
  const status = notice.started_at === null ? 'approved' : 'sending';
  return update(trx, id, { status, paused_because: null, ...base });
}

/**
 * Ends a notice for good: what is not on its way is cancelled. What a worker has marked goes on to a written result.
 * What is handed over to the printer stays, and so do batches that lie in its folder or may: files that nobody takes away
 * are printed, so somebody has to say whether they were.
 */
export async function cancelNotice(trx: Db, id: string, userId: string): Promise<NoticeRow> {
  const notice = await lockNotice(trx, id);
  if (notice.status === 'cancelled') return notice;
  demand(notice, ['draft', 'freezing', 'awaiting_approval', 'approved', 'sending', 'paused'], 'cancelled');
  // First the notice, so that no mark is written from now on.
  const cancelled = await update(trx, id, { status: 'cancelled', paused_because: null });
  await trx
    .deleteFrom('tasks')
    .where('subject_id', '=', id)
    .where('kind', 'in', ['send-email', 'freeze-notice'])
    .execute();
  await sql`
    with ended as (
      update letter_batches set state = 'cancelled', cancelled_at = now(), cancelled_by = ${userId}
      where notice_id = ${id} and (state = 'rendering' or (state = 'rendered' and drop_began_at is null))
      returning id
    )
    delete from tasks t using ended where t.kind = 'drop-batch' and t.subject_id = ended.id`.execute(trx);
  // By itself: letters of a batch that is just being kept are waited for, and what was changed in the same statement
  // cannot be asked again after that.
  await sql`
    update deliveries set state = 'cancelled', reason = 'notice_cancelled'
    where notice_id = ${id} and ((channel = 'email' and state in ('pending', 'claimed', 'deferred'))
      or (channel = 'letter' and (state = 'pending' or (state = 'rendered' and letter_batch_id in (
        select b.id from letter_batches b where b.notice_id = ${id} and b.state = 'cancelled')))))`.execute(trx);
  return cancelled;
}
