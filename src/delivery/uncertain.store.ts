import { sql } from 'kysely';
import type { Db } from '../db/database.ts';
import { LETTER_AFTER_HOURS, MOST_RESENDS } from './ledger.store.ts';

/** An uncertain email with what is known of it: codes, times and ids, nothing that a server said in words. */
export interface UncertainRow {
  id: string;
  personId: string;
  reference: string;
  attempt: number;
  /** `worker_lost`: its worker died; `no_reply`: the connection broke after the last byte. */
  why: string | null;
  /** How the connection broke; null when nobody is left to say. */
  code: string | null;
  workerId: string | null;
  /** When its body began to go out. */
  markedAt: Date | null;
  uncertainSince: Date;
  /** How the attempts before this one ended, and who or what had it sent again. */
  earlier: UncertainPast[];
  letter: { id: string; state: string; reason: string | null; plannedAt: string } | null;
  /** When it will be sent again, or a letter be planned, by itself; null: never, or not while the notice stands still. */
  resendAt: Date | null;
  letterAt: Date | null;
}

interface UncertainPast {
  attempt: number;
  state: string;
  class: string | null;
  code: string | null;
  reason: string | null;
  at: string;
}

/**
 * The uncertain emails of a notice in the order of their ids, after one of them.
 * @param firstRetrySeconds the setting, by which `onUncertain: "resend"` waits
 */
export async function pageUncertain(
  db: Db,
  noticeId: string,
  afterId: string,
  limit: number,
  firstRetrySeconds: number,
): Promise<UncertainRow[]> {
  const { rows } = await sql<UncertainRow>`
    select d.id, d.person_id as "personId", p.reference, d.attempt, d.class as why,
      -- What a lost worker leaves behind is the code of an earlier attempt.
      case when d.class = 'no_reply' then d.code end as code,
      mark.worker_id as "workerId", mark.at as "markedAt", d.updated_at as "uncertainSince",
      coalesce(past.ends, '[]') as earlier, letter.it as letter,
      case when n.on_uncertain = 'resend' and n.status = 'sending' and d.attempt <= ${MOST_RESENDS}
        then d.updated_at + make_interval(secs => ${firstRetrySeconds} * 2 ^ (d.attempt - 1)) end as "resendAt",
      case when n.channels = 'email_then_letter' and n.status <> 'cancelled' and letter.it is null
        then d.updated_at + make_interval(hours => ${LETTER_AFTER_HOURS}) end as "letterAt"
    from deliveries d
    join notices n on n.id = d.notice_id
    join notice_persons p on p.notice_id = d.notice_id and p.person_id = d.person_id
    left join lateral (
      select e.worker_id, e.at from delivery_events e
      where e.delivery_id = d.id and e.to_state = 'submitting' and e.attempt = d.attempt order by e.id desc limit 1
    ) mark on true
    left join lateral (
      select jsonb_agg(jsonb_build_object(
        'attempt', e.attempt, 'state', e.to_state, 'class', e.class,
        'code', case when e.class <> 'worker_lost' then e.code end, 'reason', e.reason, 'at', e.at) order by e.id) as ends
      from delivery_events e
      where e.delivery_id = d.id and e.attempt < d.attempt and e.from_state in ('claimed', 'submitting', 'uncertain')
        and e.to_state <> 'submitting'
    ) past on true
    left join lateral (
      select jsonb_build_object('id', l.id::text, 'state', l.state, 'reason', l.reason, 'plannedAt', (
        select e.at from delivery_events e where e.delivery_id = l.id order by e.id limit 1)) as it
      from deliveries l
      where l.notice_id = d.notice_id and l.person_id = d.person_id and l.channel = 'letter'
      order by l.generation desc limit 1
    ) letter on true
    where d.notice_id = ${noticeId} and d.state = 'uncertain' and d.id > ${afterId}
    order by d.id limit ${limit}`.execute(db);
  return rows;
}
