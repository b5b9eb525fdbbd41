import { type RawBuilder, sql } from 'kysely';
import type { Db } from '../../db/database.ts';
import type { DomainState, DomainUse } from './domain-limits.ts';
import { LEASE_SECONDS } from './lease.store.ts';
import { domainColumns, usedThisMinute } from './mail-domains.store.ts';
import type { FrozenWindow } from './window.ts';

/** A notice that is sending. */
export interface SendingRow {
  id: string;
  perHour: number | null;
  window: FrozenWindow | null;
  approvedAt: Date | null;
  startAt: Date | null;
  /** The database's clock. */
  now: Date;
  /** Emails that are due, and those that wait for another try. */
  pending: number;
  deferred: number;
}

/** The window of a notice `n` as it was frozen; null where it has none. The facts are large: most notices have none. */
export const frozenWindow: RawBuilder<FrozenWindow | null> = sql`
  case when n.pace_window is not null and n.snapshot is not null then jsonb_build_object('given', n.pace_window,
    'contact', n.snapshot #> '{facts,contact}', 'timeZone', n.snapshot ->> 'timeZone') end`;

/** Every notice that is sending. */
export async function sendingNotices(db: Db): Promise<SendingRow[]> {
  const { rows } = await sql<SendingRow>`
    select n.id, n.per_hour as "perHour", ${frozenWindow} as window,
      n.approved_at as "approvedAt", n.start_at as "startAt", now() as now, c.pending, c.deferred
    from notices n
    cross join lateral (
      select coalesce(sum(n) filter (where state = 'pending'), 0)::int as pending,
        coalesce(sum(n) filter (where state = 'deferred'), 0)::int as deferred
      from notice_counts where notice_id = n.id and channel = 'email') c
    where n.status = 'sending' order by n.id`.execute(db);
  return rows;
}

/** Writes down until when windows are open (null: closed), where it is not written yet: claims and marks demand it. */
export async function keepWindows(db: Db, epoch: string, windows: { id: string; openUntil: Date | null }[]) {
  await sql`
    update notices n set open_until = w.until
    from unnest(${windows.map(({ id }) => id)}::bigint[],
      ${windows.map(({ openUntil }) => openUntil?.toISOString() ?? '-infinity')}::timestamptz[]) as w (id, until)
    where n.id = w.id and n.open_until is distinct from w.until
      and exists (select from dispatcher_lease where epoch = ${epoch})`.execute(db);
}

/** The lanes with something due, by jumping from one to the next in the index: it does not matter how much is due. */
export const dueLanesOf = (noticeId: RawBuilder<unknown>): RawBuilder<{ lane: string }> => sql`
  with recursive lanes as (
    (select d.lane from deliveries d
     where d.notice_id = ${noticeId} and d.channel = 'email' and d.state = 'pending' order by d.lane limit 1)
    union all
    select (select d.lane from deliveries d
            where d.notice_id = ${noticeId} and d.channel = 'email' and d.state = 'pending' and d.lane > lanes.lane
            order by d.lane limit 1)
    from lanes where lanes.lane is not null)
  select lane from lanes where lane is not null`;

/** Emails of a notice that are due, of one lane. */
export interface DueLane {
  noticeId: string;
  lane: string;
  /** As far as `limit`. */
  due: number;
}

/**
 * The lanes of notices that have something due, in the order of the delivery that has waited longest. Each is
 * counted as far as `limit`: a million pending deliveries cost no more than a thousand. Of the lane without a limit only what may go with it counts.
 */
export async function dueLanes(db: Db, noticeIds: string[], limit: number): Promise<DueLane[]> {
  const { rows } = await sql<DueLane>`
    select n.id as "noticeId", l.lane, p.due
    from unnest(${noticeIds}::bigint[]) n (id)
    cross join lateral (${dueLanesOf(sql`n.id`)}) l
    cross join lateral (
      select min(d.id) as first, count(*) filter (where l.lane <> '' or not exists (
        select from mail_domains m where m.domain = d.domain and m.needs_lane))::int as due
      from (select id, domain from deliveries
            where notice_id = n.id and channel = 'email' and state = 'pending' and lane = l.lane
            order by id limit ${limit}) d) p
    where p.due > 0
    order by p.first`.execute(db);
  return rows;
}

/** Permissions that are not used yet, in deliveries. */
export async function outstandingPermissions(
  db: Db,
): Promise<{ noticeId: string; lane: string; outstanding: number }[]> {
  const { rows } = await sql<{ noticeId: string; lane: string; outstanding: number }>`
    select subject_id as "noticeId", lane, sum(amount)::int as outstanding
    from tasks where kind = 'send-email' group by 1, 2`.execute(db);
  return rows;
}

/** What has been permitted in the given hours, by notice. */
export async function paceUsed(db: Db, hours: { noticeId: string; hour: Date }[]): Promise<Map<string, number>> {
  const { rows } = await sql<{ id: string; used: number }>`
    select b.notice_id as id, b.used from pace_budgets b
    join unnest(${hours.map(({ noticeId }) => noticeId)}::bigint[], ${hours.map(({ hour }) => hour)}::timestamptz[])
      as h (notice_id, hour) using (notice_id, hour)`.execute(db);
  return new Map(rows.map(({ id, used }) => [id, used]));
}

/** What is known of lanes, what has been permitted for them, and what of them is with workers. */
export async function laneStates(db: Db, lanes: string[]): Promise<(DomainState & DomainUse & { domain: string })[]> {
  const { rows } = await sql<DomainState & DomainUse & { domain: string }>`
    with on_its_way as (
      select lane, count(*)::int as n from deliveries
      where state in ('claimed', 'submitting') and lane <> '' group by lane)
    select l.domain, ${domainColumns}, b.paced_until as "pacedUntil",
      ${usedThisMinute} as used,
      coalesce(w.n, 0) as "inFlight"
    from unnest(${lanes}::text[]) l (domain)
    left join mail_domains m using (domain)
    left join domain_budgets b using (domain)
    left join on_its_way w on w.lane = l.domain`.execute(db);
  return rows;
}

/** Permissions of one notice, and what they use up. */
export interface Grant {
  noticeId: string;
  permissions: { lane: string; size: number }[];
  /** The hour of the pace; null: no pace. */
  hour: Date | null;
  /** By lane with a limit: how much is permitted, and the time of the lane's rate that it takes. */
  lanes: { lane: string; size: number; seconds: number }[];
}

/**
 * Hands out permissions to send, in one statement that holds only while `epoch` is the lease's: a dispatcher that has
 * been replaced hands out nothing, and none replaces it meanwhile. All budgets are used up in the same statement.
 * @returns the task ids to hint at
 */
export async function permit(db: Db, epoch: string, { noticeId, permissions, hour, lanes }: Grant): Promise<string[]> {
  const total = permissions.reduce((sum, { size }) => sum + size, 0);
  const { rows } = await sql<{ id: string }>`
    with held as (
      select 1 from dispatcher_lease where epoch = ${epoch} and expires_at > now() for share
    ), spent as (
      insert into pace_budgets (notice_id, hour, used)
      select ${noticeId}, ${hour}::timestamptz, ${total}::int from held where ${hour !== null}
      on conflict (notice_id, hour) do update set used = pace_budgets.used + excluded.used
    ), spent_of_lanes as (
      insert into domain_budgets as b (domain, minute, used, paced_until)
      select l.lane, date_trunc('minute', now()), l.size, now() + make_interval(secs => l.seconds)
      from held, unnest(${lanes.map(({ lane }) => lane)}::text[], ${lanes.map(({ size }) => size)}::int[],
        ${lanes.map(({ seconds }) => seconds)}::float8[]) as l (lane, size, seconds)
      on conflict (domain) do update set minute = excluded.minute,
        used = case when b.minute = excluded.minute then b.used else 0 end + excluded.used,
        paced_until = greatest(b.paced_until, now()) + (excluded.paced_until - now())
    )
    insert into tasks (kind, subject_id, amount, lane)
    select 'send-email', ${noticeId}, p.size, p.lane
    from held, unnest(${permissions.map(({ size }) => size)}::int[], ${permissions.map(({ lane }) => lane)}::text[])
      as p (size, lane)
    returning id`.execute(db);
  return rows.map((row) => row.id);
}

/**
 * Takes back the permissions of notices that are no longer sending or whose window has closed, and of domains that are
 * held. What they took from the hour's pace is given back to it, if it is that hour's for certain: between reading an
 * hour and handing out of it lies less than a lease.
 */
export async function recallPermissions(db: Db): Promise<void> {
  await sql`
    with recalled as (
      delete from tasks t using notices n
      where t.kind = 'send-email' and n.id = t.subject_id
        and (n.status <> 'sending' or n.open_until <= now()
          or exists (select from mail_domains m where m.domain = t.lane and m.held_at is not null))
      returning t.subject_id, t.amount, t.created_at
    ), given_back as (
      select h.notice_id, h.hour, sum(r.amount) as amount
      from recalled r
      cross join lateral (
        select notice_id, hour from pace_budgets where notice_id = r.subject_id order by hour desc limit 1) h
      where r.created_at >= h.hour + make_interval(secs => ${LEASE_SECONDS})
      group by 1, 2
    )
    update pace_budgets b set used = b.used - g.amount
    from given_back g where b.notice_id = g.notice_id and b.hour = g.hour`.execute(db);
}

/** Processes whose heart beats. */
export async function countWorkers(db: Db): Promise<number> {
  const row = await db.selectFrom('workers').select(sql<number>`count(*)::int`.as('n')).executeTakeFirstOrThrow();
  return row.n;
}

/**
 * The seconds of what was submitted are kept for as long as somebody may ask for the last minute; then their hours are
 * enough.
 */
export async function forgetSeconds(db: Db): Promise<void> {
  await sql`
    with old as (
      delete from submitted_seconds where second < now() - interval '5 minutes' returning notice_id, second, n
    )
    insert into submitted_hours (notice_id, hour, n)
    select notice_id, date_trunc('hour', second), sum(n) from old group by 1, 2 order by 1, 2
    on conflict (notice_id, hour) do update set n = submitted_hours.n + excluded.n`.execute(db);
}
