import { sql } from 'kysely';
import type { Db } from '../../db/database.ts';
import { OwabiError } from '../../errors.ts';
import { getBatch } from './hand-over.store.ts';

/** Why a letter is printed again; its new generation has it as `reprint_<reason>`. */
export const reprintReasons = ['damaged', 'misprinted', 'lost', 'other'] as const;
export type ReprintReason = (typeof reprintReasons)[number];

export interface ReprintOrder {
  /** Sequences in the batch, both included. */
  from: number;
  to: number;
  reason: ReprintReason;
  /** Posted letters too: these persons get two, and somebody knows it. */
  evenPosted: boolean;
}

export interface ReprintAnswer {
  /** The new generations, and which of the batch they replace. */
  letters: { sequence: number; deliveryId: string }[];
  /** Letters in the range that are not printed again, and the state in which they stay. */
  left: { sequence: number; state: string; why: 'replaced' | 'posted' | 'state' }[];
}

interface Candidate {
  id: string;
  sequence: number;
  state: string;
  replaced: boolean;
}

/**
 * Plans letters of a batch once more, as their next generation. One that was not posted is cancelled as `replaced`: it is
 * taken out at the printer's, and posting the batch does not count it. One that was posted stays posted: it did go out.
 * @throws OwabiError `not_found`; `wrong_state` when the batch is not at the printer's or with the post, its notice is
 * cancelled, or no letter of the range can be printed again
 */
export async function reprint(trx: Db, batchId: string, order: ReprintOrder): Promise<ReprintAnswer> {
  const batch = await lockBatch(trx, batchId);
  const { rows } = await sql<Candidate>`
    select id, sequence, state, replaced_by is not null as replaced from deliveries
    where letter_batch_id = ${batchId} and sequence between ${order.from} and ${order.to}
    order by sequence for update`.execute(trx);
  const whyLeft = ({ state, replaced }: Candidate) => {
    if (replaced) return 'replaced' as const;
    if (state === 'posted') return order.evenPosted ? null : ('posted' as const);
    return state === 'handed_over' ? null : ('state' as const);
  };
  const again = rows.filter((row) => whyLeft(row) === null);
  const left = rows.flatMap((row) => {
    const why = whyLeft(row);
    return why === null ? [] : [{ sequence: row.sequence, state: row.state, why }];
  });
  if (again.length === 0) {
    throw new OwabiError('wrong_state', 'No letter of this range can be printed again.', { left });
  }
  const made = await planAgain(trx, again, `reprint_${order.reason}`);
  await sql`
    update notices set status = 'sending', completed_at = null, updated_at = now()
    where id = ${batch.notice_id} and status = 'completed'`.execute(trx);
  return { letters: again.map(({ id, sequence }) => ({ sequence, deliveryId: made.get(id) as string })), left };
}

async function lockBatch(trx: Db, batchId: string) {
  const { rows } = await sql<{ status: string }>`
    select n.status from notices n join letter_batches b on b.notice_id = n.id
    where b.id = ${batchId} for no key update of n, b`.execute(trx);
  const batch = await getBatch(trx, batchId);
  if (batch.state !== 'handed_over' && batch.state !== 'posted') {
    throw new OwabiError('wrong_state', `The batch is ${batch.state}: nothing of it was printed. Cancel it instead.`);
  }
  if (rows[0]?.status === 'cancelled') {
    throw new OwabiError('wrong_state', 'The notice is cancelled: nothing of it is printed again.');
  }
  return batch;
}

/** @returns the new generations by the deliveries that they follow */
async function planAgain(trx: Db, letters: { id: string }[], reason: string): Promise<Map<string, string>> {
  const ids = letters.map(({ id }) => id);
  // The new ones first: nobody is unreached in between.
  const { rows } = await sql<{ old: string; id: string }>`
    with old as (
      select d.id, d.notice_id, d.person_id, d.content_hash,
        (select max(generation) from deliveries g where g.notice_id = d.notice_id and g.person_id = d.person_id
          and g.channel = 'letter') + 1 as generation
      from deliveries d where d.id = any (${ids}::bigint[])
    ), made as (
      insert into deliveries (notice_id, person_id, channel, generation, state, reason, content_hash)
      select notice_id, person_id, 'letter', generation, 'pending', ${reason}, content_hash from old order by id
      returning id, notice_id, person_id
    )
    select old.id as old, made.id from made join old using (notice_id, person_id)`.execute(trx);
  await sql`
    update deliveries d set replaced_by = m.id,
      state = case when d.state = 'posted' then d.state else 'cancelled' end,
      reason = case when d.state = 'posted' then d.reason else 'replaced' end
    from unnest(${rows.map((row) => row.old)}::bigint[], ${rows.map((row) => row.id)}::bigint[]) as m (old, id)
    where d.id = m.old`.execute(trx);
  return new Map(rows.map((row) => [row.old, row.id]));
}
