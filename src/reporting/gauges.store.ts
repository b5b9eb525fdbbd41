import { sql } from 'kysely';
import type { Db } from '../db/database.ts';
import type { Queues } from '../queue/queues.ts';

/** A figure that is asked for when it is wanted. */
interface Gauge {
  name: string;
  help: string;
  labels: readonly string[];
  read(): Promise<{ labels: Record<string, string>; value: number }[]>;
}

/** The figures for Prometheus that stand in the database and the queue. */
export function readGauges(db: Db, queues: Pick<Queues, 'waiting'>): Gauge[] {
  return [
    {
      ...{ name: 'owabi_deliveries', help: 'Deliveries by channel and state.', labels: ['channel', 'state'] },
      async read() {
        const { rows } = await sql<{ channel: string; state: string; n: number }>`
          select channel, state, sum(n)::float8 as n from notice_counts where channel <> 'person' group by 1, 2`.execute(
          db,
        );
        return rows.map(({ channel, state, n }) => ({ labels: { channel, state }, value: n }));
      },
    },
    {
      ...{ name: 'owabi_tasks_waiting', help: 'Work written down and not claimed.', labels: ['kind'] },
      async read() {
        const { rows } = await sql<{ kind: string; n: number }>`
          select kind, count(*)::float8 as n from tasks where worker_id is null group by 1`.execute(db);
        return rows.map(({ kind, n }) => ({ labels: { kind }, value: n }));
      },
    },
    {
      ...{ name: 'owabi_queue_hints_waiting', help: 'Jobs waiting in the queue.', labels: ['kind'] },
      async read() {
        return Object.entries(await queues.waiting()).map(([kind, value]) => ({ labels: { kind }, value }));
      },
    },
    {
      ...{ name: 'owabi_notices_unbalanced', help: 'Notices whose last recount did not agree.', labels: [] },
      async read() {
        const { rows } = await sql<{ n: number }>`
          select count(*)::float8 as n from notices where audit_agreed is false`.execute(db);
        return [{ labels: {}, value: rows[0]?.n ?? 0 }];
      },
    },
  ];
}
