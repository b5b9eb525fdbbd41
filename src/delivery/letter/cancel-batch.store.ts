import { sql } from 'kysely';
import type { Db } from '../../db/database.ts';
import { OwabiError } from '../../errors.ts';
import { type BatchRow, getBatch } from './hand-over.store.ts';

export interface Cancellation {
  userId: string;
  /** Sealed words. */
  reason: Buffer;
  /** An operator says that the printer knows: files that lie in its folder would be printed all the same. */
  printerTold: boolean;
}

/**
 * Takes a batch back that is not handed over. Its letters are open again and go into a later batch: at the cut-off, or by
 * an operator's word. Letters whose only cause is gone meanwhile are cancelled.
 * @throws OwabiError `not_found`, `wrong_state` when it was handed over, or is being delivered, or a printer has it or may
 * have it and was not told
 */
export async function cancelBatch(
  trx: Db,
  id: string,
  { userId, reason, printerTold }: Cancellation,
): Promise<BatchRow> {
  await sql`select id from letter_batches where id = ${id} for update`.execute(trx);
  const batch = await getBatch(trx, id);
  if (batch.state === 'cancelled') return batch;
  if (batch.state !== 'rendering' && batch.state !== 'rendered') {
    throw new OwabiError('wrong_state', `The batch is ${batch.state}: it can no longer be cancelled.`);
  }
  await stopDelivery(trx, id);
  const because = whyPrinterMayHave(batch);
  if (because !== null && !printerTold) throw new OwabiError('wrong_state', because);
  await reopenLetters(trx, id);
  // Or they would fill the same batch again in the next second (`closeDueBatches`).
  await sql`update notices set letters_closed_at = now() where id = ${batch.notice_id}`.execute(trx);
  return await trx
    .updateTable('letter_batches')
    .set({ state: 'cancelled', cancelled_at: sql`now()`, cancelled_by: userId, cancelled_reason_sealed: reason })
    .where('id', '=', id)
    .returningAll()
    .executeTakeFirstOrThrow();
}

function whyPrinterMayHave({ delivered_at, drop_began_at, fetched_at }: BatchRow): string | null {
  if (delivered_at !== null) return 'The batch lies in the printer’s folder: tell the printer, then say printerTold.';
  if (drop_began_at !== null) {
    return 'The batch may lie in the printer’s folder, a delivery has been tried: ask the printer, then say printerTold.';
  }
  return fetched_at === null
    ? null
    : `The batch was downloaded on ${fetched_at.toISOString()}: if a printer has it, tell the printer; then say printerTold.`;
}

/**
 * Somebody reads what is printed of a batch: from now on a printer may have it.
 * @throws OwabiError `wrong_state` when it was cancelled meanwhile
 */
export async function noteFetched(db: Db, id: string): Promise<void> {
  const { rows } = await sql`
    update letter_batches set fetched_at = coalesce(fetched_at, now()) where id = ${id} and state <> 'cancelled'
    returning id`.execute(db);
  if (rows.length === 0)
    throw new OwabiError('wrong_state', 'The batch is cancelled: there is nothing for the printer.');
}

/** Nothing of a cancelled batch is delivered any more. @throws OwabiError `wrong_state` when it is under way */
async function stopDelivery(trx: Db, id: string): Promise<void> {
  const { rows } = await sql<{ workerId: string | null }>`
    select worker_id as "workerId" from tasks where kind = 'drop-batch' and subject_id = ${id} for update`.execute(trx);
  if (rows.some(({ workerId }) => workerId !== null)) {
    throw new OwabiError('wrong_state', 'The batch is on its way to the printer’s folder: try again in a minute.');
  }
  await sql`delete from tasks where kind = 'drop-batch' and subject_id = ${id}`.execute(trx);
}

async function reopenLetters(trx: Db, id: string): Promise<void> {
  await sql`
    with letters as (
      select d.id, d.state, case
          when n.status = 'cancelled' then 'notice_cancelled'
          -- Planned because nobody knew of the email, which has proved submitted since.
          when d.reason = 'uncertain' and exists (
            select 1 from deliveries e where e.notice_id = d.notice_id and e.person_id = d.person_id
              and e.channel = 'email' and e.state in ('submitted', 'confirmed')) then 'email_submitted'
          -- As cancel_needless_letters has it: whoever calls an email spam has got it.
          when (d.reason = 'uncertain'
              or (n.channels = 'email_then_letter' and d.generation = 1 and d.reason is distinct from 'owner_changed'))
            and exists (
              select 1 from deliveries e where e.notice_id = d.notice_id and e.person_id = d.person_id
                and e.channel = 'email' and e.state = 'complained') then 'email_complained' end as needless
      from deliveries d join notices n on n.id = d.notice_id
      where d.letter_batch_id = ${id} and d.state in ('pending', 'rendered')
    )
    update deliveries d
    set state = case when l.needless is null then 'pending' else 'cancelled' end, reason = coalesce(l.needless, d.reason),
      letter_batch_id = null, sequence = null, first_page = null, pages = null, tracking_number = null
    from letters l where d.id = l.id`.execute(trx);
}
