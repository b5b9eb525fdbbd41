import { sql } from 'kysely';
import type { Db } from '../../../db/database.ts';
import { OwabiError } from '../../../errors.ts';
import { getBatch } from '../hand-over.store.ts';

/**
 * From now on the bundle may lie in the printer's folder. In one statement, so that a notice which is paused or cancelled
 * at the same moment either finds it so or keeps it from happening.
 * @returns false when the batch is not to be delivered, or not now
 */
export async function beginDrop(db: Db, batchId: string): Promise<boolean> {
  const { rows } = await sql`
    update letter_batches b set drop_began_at = coalesce(b.drop_began_at, now()) from notices n
    where b.id = ${batchId} and b.state = 'rendered' and n.id = b.notice_id and n.status not in ('paused', 'cancelled')
    returning b.id`.execute(db);
  return rows.length > 0;
}

/** The bundle lies in the printer's folder or bucket. */
export async function markDelivered(db: Db, batchId: string): Promise<void> {
  await db.updateTable('letter_batches').set({ delivered_at: sql`now()` }).where('id', '=', batchId).execute();
}

/**
 * Writes down that a bundle is to be put into the printer's folder, once more if need be.
 * @returns the task to hint at
 * @throws OwabiError `not_found`, `wrong_state` unless it is rendered and not handed over
 */
export async function askToDrop(db: Db, batchId: string): Promise<string> {
  const { state } = await getBatch(db, batchId);
  if (state !== 'rendered')
    throw new OwabiError('wrong_state', `The batch is ${state}; only a rendered one is delivered.`);
  const { rows } = await sql<{ id: string }>`
    with made as (
      insert into tasks (kind, subject_id) values ('drop-batch', ${batchId}) on conflict do nothing returning id
    )
    select id from made
    union all select id from tasks where kind = 'drop-batch' and subject_id = ${batchId}`.execute(db);
  return rows[0]?.id as string;
}
