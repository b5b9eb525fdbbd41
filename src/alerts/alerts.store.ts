import { type RawBuilder, sql } from 'kysely';
import type { Db } from '../db/database.ts';
import { recentTallies } from '../delivery/dispatch/domain-minutes.store.ts';
import { SLOW_FROM, SLOW_SHARE } from '../delivery/dispatch/invalid-pattern.ts';
import { MOST_RESENDS } from '../delivery/ledger.store.ts';
import type { Alert, AlertWay } from './alert.ts';
import { letterCausesAt } from './letter-causes.store.ts';

/** Work that is older than this and gets nowhere stands still. */
const STALLED_MINUTES = 5;
/** So often was a task hinted at in vain, or begun without an end, before anybody is told of it. */
const VAIN_TRIES = 5;
/** Whoever completes a notice tells of it at once; what was completed before an upgrade is no news. */
const NEWS_HOURS = 24;

/** So many forged reports within a day are told. */
const MANY_FORGED = 20;
/** Beyond this the number says no more. */
const MOST_COUNTED = 1_000;

/** Each state in its own words, so that its index is found: the table itself grows with every report. */
function waitingReports(kind: string, which: RawBuilder<unknown>, enough: number): RawBuilder<unknown> {
  return sql`
  select ${kind}::text, ${kind}::text, '{}'::jsonb, jsonb_build_object('number', n) from (
    select count(*) as n from (select from reports where ${which} limit ${MOST_COUNTED}) r) c
  where n >= ${enough}`;
}

/** Asked once a second: counters and small tables only, and the ledger by its index of what is uncertain. */
const causes = sql`
  select 'breaker' as kind, n.id::text as subject,
    jsonb_build_object('noticeId', n.id::text, 'incidentId', n.incident_id::text) as ids,
    jsonb_build_object('because', coalesce(n.paused_because, 'unknown')) as detail
  from notices n where n.status = 'paused' and n.paused_because is distinct from 'by_user'
  union all
  select 'notice_unbalanced', n.id::text,
    jsonb_build_object('noticeId', n.id::text, 'incidentId', n.incident_id::text), '{}'
  from notices n where n.audit_agreed = false and n.status in ('sending', 'paused', 'completed')
  union all
  select 'notice_completed', n.id::text,
    jsonb_build_object('noticeId', n.id::text, 'incidentId', n.incident_id::text),
    (select jsonb_build_object('persons', n.persons,
       'reached', coalesce(sum(c.n) filter (where c.state = 'reached'), 0),
       'unreached', coalesce(sum(c.n) filter (where c.state = 'unreached'), 0),
       'excluded', coalesce(sum(c.n) filter (where c.state = 'excluded'), 0))
     from notice_counts c where c.notice_id = n.id and c.channel = 'person')
  from notices n
  where n.status = 'completed' and n.completed_at > now() - make_interval(hours => ${NEWS_HOURS})
    and not exists (select from alerts a where a.kind = 'notice_completed' and a.subject = n.id::text
                    and a.raised_at >= n.completed_at)
  union all
  select 'uncertain', n.id::text,
    jsonb_build_object('noticeId', n.id::text, 'incidentId', n.incident_id::text), jsonb_build_object('number', c.n)
  from notice_counts c join notices n on n.id = c.notice_id
  where c.channel = 'email' and c.state = 'uncertain' and c.n > 0
    -- What the notice's policy sends again by itself needs nobody.
    and (n.on_uncertain = 'hold' or n.status <> 'sending' or exists (
      select from deliveries d where d.notice_id = n.id and d.state = 'uncertain' and d.attempt > ${MOST_RESENDS}))
  union all
  -- What the message or our side is to blame for (failure-consequence.ts, tell_operator).
  select 'refused', n.id || ' ' || d.class,
    jsonb_build_object('noticeId', n.id::text, 'incidentId', n.incident_id::text, 'class', d.class),
    jsonb_build_object('number', count(*), 'code', min(d.code))
  from deliveries d join notices n on n.id = d.notice_id
  where d.state = 'deferred' and d.class in ('content', 'system') and n.status in ('sending', 'paused')
  group by n.id, d.class
  union all
  select 'domain_held', m.domain,
    case when m.incident_id is null then jsonb_build_object('domain', m.domain)
      else jsonb_build_object('domain', left(m.domain, 8), 'incidentId', m.incident_id::text) end,
    jsonb_build_object('because', m.held_because, 'code', m.held_code)
  from mail_domains m where m.held_at is not null
  union all
  select 'relay_held', r.name, jsonb_build_object('relay', r.name),
    jsonb_build_object('because', r.because, 'code', r.code)
  from held_relays r
  union all
  select 'invalid_mailboxes', t.domain, jsonb_build_object('domain', t.domain),
    jsonb_build_object('invalid', t.invalid, 'tried', t.tried)
  from (${recentTallies}) t join mail_domains k using (domain)
  where t.invalid >= ${SLOW_FROM} and t.invalid >= ${SLOW_SHARE}::float8 * t.tried and k.held_at is null
  union all
  select 'owner_changed', s.incident_id::text, jsonb_build_object('incidentId', s.incident_id::text),
    jsonb_build_object('number', count(*))
  from suppressions s where s.reason = 'owner_changed' and s.ended_at is null group by s.incident_id
  union all
  ${waitingReports('report_unreadable', sql`state = 'unreadable'`, 1)}
  union all
  -- A few may be old mail of another system; many are somebody's doing.
  ${waitingReports('reports_forged', sql`state = 'forged' and received_at > now() - interval '1 day'`, MANY_FORGED)}
  union all
  -- Answers of machines and other mail wait on the list too, and are nobody's hurry.
  ${waitingReports('reports_unmatched', sql`state = 'unmatched' and needs_person`, 1)}
  union all
  ${letterCausesAt(sql`now()`)}
  union all
  select 'queue_stalled', t.kind, jsonb_build_object('work', t.kind),
    jsonb_build_object('tasks', count(*), 'since', min(t.created_at),
      'failures', coalesce(max(t.fence) filter (where t.fence >= ${VAIN_TRIES}), 0),
      'workers', (select count(*) from workers))
  from tasks t
  where t.created_at < now() - make_interval(mins => ${STALLED_MINUTES}) and (
    -- Begun again and again: while somebody tries once more it stands still none the less.
    -- A printer's folder that takes nothing is told by itself (drop_failing).
    (t.fence >= ${VAIN_TRIES} and t.kind <> 'drop-batch')
    -- Hinted at in vain, while nobody does any work of its kind: behind a long task the others only wait their turn.
    or (t.worker_id is null and t.hints >= ${VAIN_TRIES}
      and not exists (select from tasks w where w.kind = t.kind and w.worker_id is not null)
      and (t.kind <> 'send-email' or not exists (
        select from notice_counts c where c.channel = 'email' and c.state in ('claimed', 'submitting') and c.n > 0))))
  group by t.kind`;

/**
 * Raises an alert for each cause that has none, with the ways by which it is to be told, and ends those whose cause is
 * gone. A completed notice is a cause until its alert stands. What an alert says of its cause is kept as it is now.
 * @returns the alerts that were raised
 */
export async function raiseAlerts(
  db: Db,
  ways: readonly AlertWay[],
): Promise<Pick<Alert, 'id' | 'kind' | 'subject'>[]> {
  const { rows } = await sql<Pick<Alert, 'id' | 'kind' | 'subject'>>`
    with causes as (${causes}), ended as (
      update alerts a set ended_at = now()
      where a.ended_at is null and not exists (select from causes c where c.kind = a.kind and c.subject = a.subject)
    ), kept as (
      update alerts a set detail = c.detail from causes c
      where c.kind = a.kind and c.subject = a.subject and a.ended_at is null and a.detail <> c.detail
    ), raised as (
      insert into alerts (kind, subject, ids, detail) select kind, subject, ids, detail from causes
      on conflict (kind, subject) where ended_at is null do nothing
      returning id, kind, ids
    ), told as (
      insert into alert_tellings (alert_id, way) select id, way from raised, unnest(${ways}::text[]) way
    )
    select id, kind, ids as subject from raised`.execute(db);
  return rows;
}

/** An alert to be told in one way, now. */
export interface Telling {
  alert: Alert;
  way: AlertWay;
  /** This try's number, from 1. */
  tries: number;
  /** There will be no other. */
  last: boolean;
}

/** Eleven tries: with a first wait of 15 s the last one is most of a day after the first. */
const MOST_TRIES = 11;
const LONGEST_WAIT_SECONDS = 6 * 3600;
const AT_ONCE = 20;

/**
 * Takes what is due to be told. The next try is written down before this one is made: whoever dies in between tells it
 * again, so that an alert is told at least once. Waits treble.
 */
export async function claimTellings(db: Db, ways: readonly AlertWay[], firstWaitSeconds: number): Promise<Telling[]> {
  const { rows } = await sql<Alert & Omit<Telling, 'alert'>>`
    with due as (
      select alert_id, way from alert_tellings where next_try_at <= now() and way = any(${ways}::text[])
      order by next_try_at limit ${AT_ONCE} for update skip locked
    ), claimed as (
      update alert_tellings t set tries = t.tries + 1,
        next_try_at = case when t.tries + 1 < ${MOST_TRIES} then now() + make_interval(secs =>
          least(${LONGEST_WAIT_SECONDS}, ${firstWaitSeconds}::float8 * 3 ^ t.tries)) end
      from due where t.alert_id = due.alert_id and t.way = due.way
      returning t.*
    )
    select c.way, c.tries, c.next_try_at is null as last,
      a.id, a.kind, a.ids as subject, a.detail, a.raised_at as "raisedAt", a.ended_at as "endedAt"
    from claimed c join alerts a on a.id = c.alert_id order by a.id`.execute(db);
  return rows.map(({ way, tries, last, ...alert }) => ({ alert, way, tries, last }));
}

/** Writes down that an alert has been told. */
export async function noteTold(db: Db, { alert, way }: Telling): Promise<void> {
  await sql`
    update alert_tellings set told_at = now(), next_try_at = null
    where alert_id = ${alert.id} and way = ${way}`.execute(db);
}

/** How far telling has come: `toldAt` is null until it is told, `nextTryAt` when it is told or given up. */
interface Told {
  way: AlertWay;
  tries: number;
  toldAt: string | null;
  nextTryAt: string | null;
}

/** Alerts, the newest first, those before one of them. `open`: only those whose cause lasts, or only those that ended. */
export async function pageAlerts(
  db: Db,
  open: boolean | null,
  beforeId: string | null,
  limit: number,
): Promise<(Alert & { told: Told[] })[]> {
  const { rows } = await sql<Alert & { told: Told[] }>`
    select a.id, a.kind, a.ids as subject, a.detail, a.raised_at as "raisedAt", a.ended_at as "endedAt",
      (select coalesce(jsonb_agg(jsonb_build_object(
         'way', t.way, 'tries', t.tries, 'toldAt', t.told_at, 'nextTryAt', t.next_try_at)), '[]')
       from alert_tellings t where t.alert_id = a.id) as told
    from alerts a
    where (${beforeId}::bigint is null or a.id < ${beforeId}) and (${open}::boolean is null or (a.ended_at is null) = ${open})
    order by a.id desc limit ${limit}`.execute(db);
  return rows;
}
