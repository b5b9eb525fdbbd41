import { type RawBuilder, sql } from 'kysely';
import type { Db } from '../../db/database.ts';
import { OwabiError } from '../../errors.ts';

/**
 * Whether at least so many letters of notice `n` are open. No more of them are looked at: this is asked every second, and
 * a million may wait for the emails. In the order of the index, or PostgreSQL may read all deliveries from their beginning.
 */
const areOpen = (least: RawBuilder<unknown>) => sql<boolean>`(select count(*) = ${least} from (
  select from deliveries d
  where d.notice_id = n.id and d.channel = 'letter' and d.state = 'pending' and d.letter_batch_id is null
  order by d.lane, d.id limit ${least}) as open_ones)`;

/**
 * Finds notices whose open letters are to be printed now, and writes a `render-letters` task for each: the first batch
 * as soon as none of the notice's emails is on its way, later ones when full or at the daily cut-off; batches whose
 * rendering was interrupted go on. A paused notice renders nothing. A task with an amount closes full batches only.
 * Letters whose batch was cancelled wait for the cut-off or for an operator: they would fill the same batch again.
 * @param cutOff local time in the incident's zone, such as 17:00
 * @returns the tasks to hint at
 */
export async function closeDueBatches(db: Db, lettersPerBatch: number, cutOff: string): Promise<string[]> {
  // As many as fill a batch, and one more than filled none when it was last looked.
  const enough = sql`greatest(${lettersPerBatch}::int, letters_left + 1)`;
  const { rows } = await sql<{ id: string }>`
    with candidates as (
      select n.id, n.letters_closed_at as closed_at, n.letters_left,
        exists (select 1 from letter_batches b where b.notice_id = n.id and b.state = 'rendering') as interrupted,
        exists (select 1 from letter_batches b where b.notice_id = n.id and b.cancelled_at >= n.letters_closed_at) as waiting,
        exists (select 1 from notice_counts c where c.notice_id = n.id and c.channel = 'email' and c.n > 0
                and c.state in ('pending', 'claimed', 'submitting')) as emails_on_their_way,
        (date_trunc('day', now() at time zone i.time_zone) + ${cutOff}::time) at time zone i.time_zone as cut_off
      from notices n join incidents i on i.id = n.incident_id
      where n.status = 'sending'
        and (exists (select 1 from notice_counts c
                     where c.notice_id = n.id and c.channel = 'letter' and c.state = 'pending' and c.n > 0)
          or exists (select 1 from letter_batches b where b.notice_id = n.id and b.state = 'rendering'))
        and not exists (select 1 from tasks t where t.kind = 'render-letters' and t.subject_id = n.id)
    ), due as (
      select id, case
          when closed_at is null and not emails_on_their_way and ${areOpen(sql`1`)} then 'first'
          when now() >= cut_off and closed_at < cut_off and ${areOpen(sql`1`)} then 'cut_off'
          when closed_at is not null and not waiting and ${areOpen(enough)} then 'full'
          when interrupted then 'interrupted' end as because
      from candidates n
    ), closed as (
      update notices n set letters_closed_at = now() from due where due.id = n.id and due.because in ('first', 'cut_off')
    )
    insert into tasks (kind, subject_id, amount)
    select 'render-letters', id, case when because in ('full', 'interrupted') then ${lettersPerBatch}::int end
    from due where because is not null on conflict do nothing returning id`.execute(db);
  return rows.map((row) => row.id);
}

/**
 * Closes the open batch by an operator’s word. A closing of full batches that nobody has begun becomes one of all letters.
 * @returns the task to hint at, also when such a closing is under way already; null when no letter is open
 * @throws OwabiError `wrong_state` while full batches are being made: the letters that fill none would be forgotten
 */
export async function closeBatchNow(trx: Db, noticeId: string): Promise<string | null> {
  const { rows: closable } = await sql<{ id: string }>`
    select id from notices n where id = ${noticeId} and status = 'sending'
      and exists (select 1 from deliveries d where d.notice_id = n.id and d.channel = 'letter' and d.state = 'pending')
    for no key update`.execute(trx);
  if (closable.length === 0) return null;
  const { rows: made } = await sql<{ id: string }>`
    insert into tasks (kind, subject_id) values ('render-letters', ${noticeId}) on conflict do nothing returning id`.execute(
    trx,
  );
  const { rows: underWay } = await sql<{ id: string; begun: boolean; fullOnly: boolean }>`
    select id, worker_id is not null as begun, amount is not null as "fullOnly" from tasks
    where kind = 'render-letters' and subject_id = ${noticeId} for update`.execute(trx);
  const [task] = underWay;
  // It has ended in between.
  if (!task) return null;
  if (task.fullOnly && task.begun) {
    throw new OwabiError('wrong_state', 'Full batches are being made: ask again when they are done.');
  }
  if (made.length > 0 || task.fullOnly) {
    await sql`update tasks set amount = null, created_at = now() where id = ${task.id}`.execute(trx);
    await sql`update notices set letters_closed_at = now() where id = ${noticeId}`.execute(trx);
  }
  return task.id;
}
