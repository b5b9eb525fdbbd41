import { sql } from 'kysely';
import { handOut } from '../../src/delivery/dispatch/hand-out.ts';
import { holdLease } from '../../src/delivery/dispatch/lease.store.ts';
import type { PaceWindow } from '../../src/delivery/dispatch/window.ts';
import { makeLog } from '../../src/log.ts';
import type { TestDatabase } from './database.ts';

const log = makeLog('silent');

/** The dispatcher of one machine, a tick at a time. */
export interface Dispatching {
  /** Hands out as of now. @returns deliveries permitted by it */
  tick(): Promise<number>;
  /** Another machine takes over: its ticks from here on. */
  takenOver(): Promise<Dispatching>;
}

export async function dispatching(
  { db }: Pick<TestDatabase, 'db'>,
  { simulated = false, holder = 'one' } = {},
): Promise<Dispatching> {
  await sql`update dispatcher_lease set holder = null`.execute(db);
  const epoch = await holdLease(db, holder);
  if (epoch === null) throw new Error('the lease was free');
  return {
    async tick() {
      await sql`update dispatcher_lease set expires_at = now() + interval '6 seconds' where epoch = ${epoch}`.execute(
        db,
      );
      const tasks = await handOut({ db, log, simulated }, epoch);
      const { rows } = await sql<{ n: number }>`
        select coalesce(sum(amount), 0)::int as n from tasks where id = any (${tasks}::bigint[])`.execute(db);
      return rows[0]?.n ?? 0;
    },
    takenOver: () => dispatching({ db }, { simulated, holder: `after ${holder}` }),
  };
}

/** A zone in which it is twelve to one now, so that hours around it are of one day. */
export function noonZone(now = new Date()): string {
  const ahead = 12 - now.getUTCHours();
  // The signs of these zones are the other way round (POSIX).
  return ahead === 0 ? 'Etc/GMT' : `Etc/GMT${ahead > 0 ? '-' : '+'}${Math.abs(ahead)}`;
}

/** Gives a notice a window, frozen with it. */
export async function giveWindow(
  { db }: Pick<TestDatabase, 'db'>,
  noticeId: string,
  window: PaceWindow,
  timeZone = noonZone(),
) {
  const snapshot = { timeZone, facts: { contact: {} } };
  await sql`
    update notices set pace_window = ${JSON.stringify(window)}, snapshot = ${JSON.stringify(snapshot)},
      open_until = '-infinity'
    where id = ${noticeId}`.execute(db);
}

/** Puts deliveries of a notice into a domain, and into its lane unless it has none. */
export async function putInto(
  { db }: Pick<TestDatabase, 'db'>,
  deliveries: string[],
  domain: string,
  lane = domain,
): Promise<void> {
  await sql`update deliveries set domain = ${domain}, lane = ${lane} where id = any (${deliveries}::bigint[])`.execute(
    db,
  );
}

/** What is handed out and not used, by lane. */
export async function outstandingOf(
  { db }: Pick<TestDatabase, 'db'>,
  noticeId: string,
): Promise<Record<string, number>> {
  const { rows } = await sql<{ lane: string; n: number }>`
    select lane, sum(amount)::int as n from tasks where kind = 'send-email' and subject_id = ${noticeId}
    group by lane`.execute(db);
  return Object.fromEntries(rows.map(({ lane, n }) => [lane, n]));
}

/** The tasks of a notice's permissions, in the order in which they were made. */
export async function permissionsOf({ db }: Pick<TestDatabase, 'db'>, noticeId: string): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`
    select id from tasks where kind = 'send-email' and subject_id = ${noticeId} order by id`.execute(db);
  return rows.map(({ id }) => id);
}
