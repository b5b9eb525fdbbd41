import { sql } from 'kysely';
import type { Db } from '../../db/database.ts';

export interface SendingRow {
  id: string;
  perHour: number | null;
  pending: number;
  outstanding: number;
  /** Start of the current hour of the pace, which began in the second of the approval. */
  hour: Date;
  secondsIntoHour: number;
  used: number;
}

/**
 * Every notice that is sending, with what is due and what is handed out already. The hour begins on a whole second: it
 * comes back to us as the key of the budget, and a `Date` would lose the microseconds.
 */
export async function sendingNotices(db: Db): Promise<SendingRow[]> {
  const { rows } = await sql<SendingRow>`
    select n.id, n.per_hour as "perHour", coalesce(c.n, 0)::int as pending,
      coalesce((select sum(amount) from tasks t where t.kind = 'send-email' and t.subject_id = n.id), 0)::int as outstanding,
      h.hour, extract(epoch from now() - h.hour)::float8 as "secondsIntoHour", coalesce(b.used, 0) as used
    from notices n
    left join notice_counts c on c.notice_id = n.id and c.channel = 'email' and c.state = 'pending'
    cross join lateral (select date_bin('1 hour', now(),
      date_trunc('second', greatest(n.approved_at, n.start_at))) as hour) h
    left join pace_budgets b on b.notice_id = n.id and b.hour = h.hour
    where n.status = 'sending' order by n.id`.execute(db);
  return rows;
}

/**
 * Hands out permissions to send, in one statement that holds only while `epoch` is the lease's: a dispatcher that has
 * been replaced hands out nothing. The pace's budget is used up in the same statement.
 * @returns the task ids to hint at
 */
export async function permit(db: Db, epoch: string, notice: SendingRow, sizes: number[]): Promise<string[]> {
  const total = sizes.reduce((sum, size) => sum + size, 0);
  const { rows } = await sql<{ id: string }>`
    with held as (
      select 1 from dispatcher_lease where epoch = ${epoch} and expires_at > now()
    ), spent as (
      insert into pace_budgets (notice_id, hour, used)
      select ${notice.id}, ${notice.hour}, ${total} from held where ${notice.perHour !== null}
      on conflict (notice_id, hour) do update set used = pace_budgets.used + excluded.used
      returning 1
    )
    insert into tasks (kind, subject_id, amount)
    select 'send-email', ${notice.id}, size from unnest(${sizes}::int[]) size, held returning id`.execute(db);
  return rows.map((row) => row.id);
}

/** Permissions of notices that are no longer sending are taken back. */
export async function recallPermissions(db: Db): Promise<void> {
  await sql`
    delete from tasks t using notices n
    where t.kind = 'send-email' and n.id = t.subject_id and n.status <> 'sending'`.execute(db);
}

/** Processes whose heart beats. */
export async function countWorkers(db: Db): Promise<number> {
  const row = await db.selectFrom('workers').select(sql<number>`count(*)::int`.as('n')).executeTakeFirstOrThrow();
  return row.n;
}
