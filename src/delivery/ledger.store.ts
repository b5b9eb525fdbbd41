import { sql } from 'kysely';
import type { Db } from '../db/database.ts';

/** A delivery as claimed by a worker. `attempt` is the fence: every later write names it. */
export interface ClaimedDelivery {
  id: string;
  noticeId: string;
  personId: string;
  attempt: number;
  firstTriedAt: Date;
  contentHash: Buffer;
  locale: string;
  /** The group of its mail domain, or the domain's keyed hash. */
  domain: string | null;
  /** Sealed `FrozenPerson`. */
  sealed: Buffer;
}

/**
 * Uses up a permission to send (a `send-email` task) and claims that many deliveries, in one transaction: a permission
 * delivered twice claims nothing the second time. Claims nothing unless the notice is `sending` and its window open. An
 * address that has failed for good since the notice was frozen is not tried: its delivery is suppressed.
 */
export async function claimChunk(db: Db, taskId: string, workerId: string): Promise<ClaimedDelivery[]> {
  const { rows } = await sql<ClaimedDelivery>`
    with permission as (
      delete from tasks where id = ${taskId} and kind = 'send-email' returning subject_id, amount, lane
    ), notice as (
      select n.id, n.incident_id from notices n, permission
      where n.id = permission.subject_id and n.status = 'sending' and (n.open_until is null or n.open_until > now())
        and exists (select 1 from workers w where w.id = ${workerId})
        and not exists (select from mail_domains m where m.domain = permission.lane and m.held_at is not null)
    ), next as (
      -- By itself, so that the index is read in its order as far as needed, however much is due.
      select d.id, d.address_key from deliveries d
      where exists (select from notice) and d.notice_id = (select subject_id from permission)
        and d.channel = 'email' and d.state = 'pending' and d.lane = (select lane from permission)
        -- What has no limit does not take along what has one since, or may not go at all.
        and (d.lane <> '' or not exists (select from mail_domains m where m.domain = d.domain and m.needs_lane))
      order by d.id limit (select amount from permission) for update of d skip locked
    ), picked as (
      select next.id, s.reason as suppressed
      from next cross join notice
      left join suppressions s on s.incident_id = notice.incident_id and s.address_key = next.address_key
        and s.ended_at is null
    ), suppressed as (
      update deliveries d set state = 'suppressed', class = picked.suppressed, reason = picked.suppressed
      from picked where d.id = picked.id and picked.suppressed is not null
    ), claimed as (
      update deliveries d
      set state = 'claimed', attempt = d.attempt + 1, worker_id = ${workerId}, next_attempt_at = null,
        -- Why it was due again stands in the history; it is not why this attempt ends as it will.
        reason = null, first_tried_at = coalesce(d.first_tried_at, now())
      from picked where d.id = picked.id and picked.suppressed is null
      returning d.id, d.notice_id, d.person_id, d.attempt, d.first_tried_at, d.content_hash, d.domain
    )
    select c.id, c.notice_id as "noticeId", c.person_id as "personId", c.attempt, c.first_tried_at as "firstTriedAt",
      c.content_hash as "contentHash", c.domain, p.locale, p.sealed
    from claimed c join notice_persons p on p.notice_id = c.notice_id and p.person_id = c.person_id
    order by c.id`.execute(db);
  return rows;
}

/**
 * Tells the database how much has been planned. Until it knows, it takes the ledger for an empty table and looks through
 * all of it for each group of messages: sending took five times as long.
 */
export async function analyzeLedger(db: Db): Promise<void> {
  await sql`analyze deliveries, notice_persons, delivery_events, notice_counts`.execute(db);
}

/** What became of one attempt, as it is to be written down. */
export interface AttemptResult {
  id: string;
  attempt: number;
  state: 'submitted' | 'deferred' | 'bounced' | 'uncertain' | 'pending';
  class: string | null;
  /** The reply's codes, such as `550 5.1.1`. */
  code: string | null;
  /** The reply's text, sealed: it may quote the address. */
  reply: Buffer | null;
  /** Seconds until the next try; for `deferred`. */
  waitSeconds: number | null;
}

/** A claimed delivery whose body is about to go out. */
export interface Mark {
  id: string;
  attempt: number;
}

/**
 * Writes marks and results of one moment in one statement, durably.
 *
 * Marks make claimed deliveries `submitting` before a byte of their bodies goes out: after this a crash means
 * "uncertain", not "again". A notice that is no longer `sending` marks nothing, which is how pause acts at once.
 *
 * Results: the attempt is the fence. A row that others took away meanwhile stays as they left it, but for one case: when
 * they called it `uncertain` and we know the reply of that very attempt, the reply is the truth. A delivery given back
 * (`pending`) whose mark was written although we did not see it is due again in a second.
 * @returns the ids that may be sent
 */
export async function writeSteps(db: Db, marks: Mark[], results: AttemptResult[]): Promise<Set<string>> {
  const { rows } = await sql<{ id: string }>`
    select write_steps(
      ${marks.map((m) => m.id)}, ${marks.map((m) => m.attempt)},
      ${results.map((r) => r.id)}, ${results.map((r) => r.attempt)}, ${results.map((r) => r.state)},
      ${results.map((r) => r.class)}, ${results.map((r) => r.code)}, ${results.map((r) => r.reply)},
      ${results.map((r) => r.waitSeconds)}) as id`.execute(db);
  return new Set(rows.map((row) => row.id));
}

/** What dead workers held: what was marked is uncertain, what was only claimed goes back. */
export async function recoverDeliveries(db: Db): Promise<{ uncertain: number; pending: number }> {
  const { rows } = await sql<{ state: string; n: number }>`
    with orphaned as (
      select d.id, d.state from deliveries d
      where d.state in ('claimed', 'submitting')
        and not exists (select 1 from workers w where w.id = d.worker_id)
      for update of d skip locked
    ), recovered as (
      update deliveries d
      set state = case o.state when 'submitting' then 'uncertain' else 'pending' end,
        class = case o.state when 'submitting' then 'worker_lost' else d.class end
      from orphaned o where d.id = o.id returning d.state
    )
    select state, count(*)::int as n from recovered group by state`.execute(db);
  const of = (state: string) => rows.find((row) => row.state === state)?.n ?? 0;
  return { uncertain: of('uncertain'), pending: of('pending') };
}

/** Deferred deliveries whose time has come are due again. */
export async function reviveDeferred(db: Db, limit: number): Promise<number> {
  const { rows } = await sql<{ id: string }>`
    update deliveries set state = 'pending', worker_id = null
    where id in (select d.id from deliveries d join notices n on n.id = d.notice_id
                 where d.state = 'deferred' and d.next_attempt_at <= now() and n.status = 'sending'
                 order by d.next_attempt_at limit ${limit} for update of d skip locked)
    returning id`.execute(db);
  return rows.length;
}

/** A relay that takes messages and never says so must not get the same one for ever. */
export const MOST_RESENDS = 3;

/**
 * Uncertain emails of notices that say `onUncertain: "resend"` are due again, with the same Message-ID: after a wait
 * that doubles, three times at most. Then they wait for a person, like all others.
 */
export async function resendUncertain(db: Db, firstRetrySeconds: number): Promise<void> {
  await sql`
    update deliveries d set state = 'pending', worker_id = null, reason = 'resend_by_policy'
    from notices n where n.id = d.notice_id and d.state = 'uncertain' and n.on_uncertain = 'resend'
      and n.status = 'sending' and d.attempt <= ${MOST_RESENDS}
      and d.updated_at < now() - make_interval(secs => ${firstRetrySeconds} * 2 ^ (d.attempt - 1))`.execute(db);
}

/**
 * What cancelled notices still have to do although they were cancelled: emails that were on their way and were refused
 * for now, letters that a bounce planned in the same moment. Nothing more of it is done.
 */
export async function cancelLeftovers(db: Db): Promise<void> {
  await sql`
    update deliveries d set state = 'cancelled', reason = 'notice_cancelled'
    from notice_counts c join notices n on n.id = c.notice_id and n.status = 'cancelled'
    where c.channel in ('email', 'letter') and c.state in ('pending', 'deferred') and c.n > 0
      and d.notice_id = c.notice_id and d.channel = c.channel and d.state = c.state`.execute(db);
}

/** After so long an uncertain email gets a letter. */
export const LETTER_AFTER_HOURS = 24;

/** After 24 hours an uncertain email gets a letter, where the notice's channels say so; the email stays uncertain. */
export async function planLettersForUncertain(db: Db): Promise<void> {
  await sql`
    select plan_letters(array_agg(id), 'uncertain') from (
      select d.id from deliveries d join notices n on n.id = d.notice_id
      where d.state = 'uncertain' and d.updated_at < now() - make_interval(hours => ${LETTER_AFTER_HOURS})
        and n.channels = 'email_then_letter' and n.status <> 'cancelled'
        and not exists (select 1 from deliveries l
                        where l.notice_id = d.notice_id and l.person_id = d.person_id and l.channel = 'letter')
      limit 1000) late
    having count(*) > 0`.execute(db);
}

/**
 * Emails that came back for a reason of ours get a letter after 24 hours, where the notice's channels say so: until then
 * somebody may mend what it was, and one slip of ours prints no letters for all.
 */
export async function planLettersForRefused(db: Db): Promise<void> {
  await sql`
    select plan_letters(array_agg(id), cause) from (
      select d.id, d.class as cause from deliveries d join notices n on n.id = d.notice_id
      where d.state = 'bounced' and d.class in ('sender_auth', 'sender_blocked', 'content', 'system')
        and d.updated_at < now() - make_interval(hours => ${LETTER_AFTER_HOURS})
        and n.channels = 'email_then_letter' and n.status <> 'cancelled'
        and not exists (select 1 from deliveries l
                        where l.notice_id = d.notice_id and l.person_id = d.person_id and l.channel = 'letter')
      limit 1000) late
    group by cause`.execute(db);
}
