import { sql } from 'kysely';
import type { Db } from '../../../db/database.ts';
import { OwabiError } from '../../../errors.ts';
import { getNotice } from '../../../notice/notices.store.ts';
import type { Task } from '../../../tasks/task.store.ts';
import { getBatch } from '../hand-over.store.ts';

/**
 * From now on the bundle may lie in the printer's folder. In one statement, so that a notice which is paused or cancelled
 * at the same moment either finds it so or keeps it from happening.
 * @returns null when the batch is not to be delivered, or not now; otherwise what an earlier try was about to finish
 */
export async function beginDrop(db: Db, batchId: string): Promise<{ unsettled: string | null } | null> {
  const { rows } = await sql<{ unsettled: string | null }>`
    update letter_batches b set drop_began_at = coalesce(b.drop_began_at, now()) from notices n
    where b.id = ${batchId} and b.state = 'rendered' and n.id = b.notice_id and n.status not in ('paused', 'cancelled')
    returning b.drop_unsettled as unsettled`.execute(db);
  return rows[0] ?? null;
}

/**
 * Writes down that the bundle appears next. Asked at the last moment, of the try that has the task: one that was taken
 * for dead gives nothing a name any more.
 * @returns false when the bundle is not to appear now
 */
export async function aboutToAppear(db: Db, task: Task, unfinished: string): Promise<boolean> {
  const { rows } = await sql`
    update letter_batches b set drop_unsettled = ${unfinished} from notices n, tasks t
    where b.id = ${task.subjectId} and b.state = 'rendered' and n.id = b.notice_id
      and n.status not in ('paused', 'cancelled')
      and t.id = ${task.id} and t.fence = ${task.fence} and t.worker_id is not null
    returning b.id`.execute(db);
  return rows.length > 0;
}

/** What was about to appear never did, and will not. */
export async function markNotThere(db: Db, batchId: string, unfinished: string): Promise<void> {
  await sql`
    update letter_batches set drop_unsettled = null
    where id = ${batchId} and drop_unsettled = ${unfinished}`.execute(db);
}

/** The bundle lies in the printer's folder or bucket. */
export async function markDelivered(db: Db, batchId: string): Promise<void> {
  await db
    .updateTable('letter_batches')
    .set({ delivered_at: sql`now()`, drop_unsettled: null, drop_uncertain_at: null })
    .where('id', '=', batchId)
    .execute();
}

/** Nobody can tell whether the printer has the bundle: operators are told, and it is put there again by their word alone. */
export async function markUncertain(db: Db, batchId: string): Promise<void> {
  await db
    .updateTable('letter_batches')
    .set({ drop_uncertain_at: sql`now()`, drop_unsettled: null })
    .where('id', '=', batchId)
    .execute();
}

/**
 * Writes down that a bundle is to be put into the printer's folder, once more if need be.
 * @returns the task to hint at
 * @throws OwabiError `not_found`, `wrong_state` unless it is rendered and not handed over, or when the notice is cancelled
 */
export async function askToDrop(db: Db, batchId: string): Promise<string> {
  const { state, notice_id } = await getBatch(db, batchId);
  if (state !== 'rendered')
    throw new OwabiError('wrong_state', `The batch is ${state}; only a rendered one is delivered.`);
  if ((await getNotice(db, notice_id)).status === 'cancelled') {
    throw new OwabiError('wrong_state', 'The notice is cancelled: nothing more of it goes to the printer.');
  }
  await sql`update letter_batches set drop_uncertain_at = null where id = ${batchId}`.execute(db);
  const { rows } = await sql<{ id: string }>`
    with made as (
      insert into tasks (kind, subject_id) values ('drop-batch', ${batchId}) on conflict do nothing returning id
    )
    select id from made
    union all select id from tasks where kind = 'drop-batch' and subject_id = ${batchId}`.execute(db);
  return rows[0]?.id as string;
}
