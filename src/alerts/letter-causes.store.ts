import { type RawBuilder, sql } from 'kysely';
import { japaneseHolidays, WITH_HOLIDAYS } from '../delivery/dispatch/window.ts';

/** A bundle is tried once a minute: a printer that is away for less is no news. */
const DROP_HOURS = 1;
/** Who opens the post each working day has seen it by then, weekends apart. */
const RETURNED_HOURS = 24;
/** Beyond this the number says no more. */
const MOST_COUNTED = 1_000;
/** Whole ones, after the day on which the batch was ready. */
const SILENT_WORKING_DAYS = 2;
/** A printer that has the letters needs a day or two for them. */
const UNPOSTED_DAYS = 7;

const holidays = `{${[...japaneseHolidays].filter((date) => date >= '2026-01-01').join(',')}}`;

/**
 * Why operators are told of letters, in the columns of `causes`. One alert for all batches of a notice: what keeps one
 * from the printer keeps the others. By indexes of what is open, since it is asked once a second.
 * @param now of type timestamptz
 */
export const letterCausesAt = (now: RawBuilder<unknown>) => sql`
  select 'drop_failing'::text, n.id::text,
    jsonb_build_object('noticeId', n.id::text, 'incidentId', n.incident_id::text),
    jsonb_build_object('batches', count(*), 'batchId', min(b.id)::text, 'since', min(t.created_at), 'failures', max(t.fence))
  from tasks t join letter_batches b on b.id = t.subject_id join notices n on n.id = b.notice_id
  where t.kind = 'drop-batch' and b.state = 'rendered' and n.status <> 'paused' and t.created_at < ${now} - make_interval(hours => ${DROP_HOURS})
  group by n.id
  union all
  select 'letters_returned', n.id::text,
    jsonb_build_object('noticeId', n.id::text, 'incidentId', n.incident_id::text), jsonb_build_object('number', r.number)
  from notice_counts c join notices n on n.id = c.notice_id
  cross join lateral (
    select count(*) as number from (
      select from deliveries d join notice_persons p on p.notice_id = d.notice_id and p.person_id = d.person_id
      where d.notice_id = n.id and d.state = 'returned' and d.replaced_by is null
        and d.updated_at < ${now} - make_interval(hours => ${RETURNED_HOURS})
        -- Whoever takes the list for substitute notice has those on it that had come back by then.
        and d.updated_at > coalesce(n.substitute_taken_at, '-infinity')
        -- What else has reached the person, or is on its way, is enough.
        and p.outcome = 'unreached'
      limit ${MOST_COUNTED}) waiting) r
  where c.channel = 'person' and c.state = 'unreached' and c.n > 0 and r.number > 0
  union all
  select 'letters_unprintable', n.id::text,
    jsonb_build_object('noticeId', n.id::text, 'incidentId', n.incident_id::text), jsonb_build_object('number', u.number)
  from notice_counts c join notices n on n.id = c.notice_id
  cross join lateral (
    select count(*) as number from (
      select from deliveries d join notice_persons p on p.notice_id = d.notice_id and p.person_id = d.person_id
      where d.notice_id = n.id and d.state = 'unprintable' and d.replaced_by is null
        -- What was known before the approval has been approved.
        and d.reason in ('render_failed', 'check_failed')
        -- Two bounds, or the planner takes it for a third of all letters and reads every unreached person instead.
        and d.updated_at > coalesce(n.substitute_taken_at, '-infinity') and d.updated_at <= ${now}
        and p.outcome = 'unreached'
      limit ${MOST_COUNTED}) waiting) u
  where c.channel = 'letter' and c.state = 'unprintable' and c.n > 0
    and n.status in ('sending', 'paused', 'completed') and u.number > 0
  union all
  select 'batch_waiting', w.notice_id || ' ' || w.because,
    jsonb_build_object('noticeId', w.notice_id::text, 'incidentId', w.incident_id::text),
    jsonb_build_object('because', w.because, 'batches', count(*), 'batchId', min(w.id)::text)
  from (
    select b.id, b.notice_id, n.incident_id,
      case when b.differed_at is not null then 'figures_differ'
        when b.drop_uncertain_at is not null and b.state = 'rendered' then 'delivery_uncertain'
        when b.handed_over_at < ${now} - make_interval(days => ${UNPOSTED_DAYS}) then 'not_posted'
        when b.state = 'rendered' and coalesce(b.delivered_at, b.rendered_at) < ${now} - make_interval(days => ${SILENT_WORKING_DAYS}) and (
          select count(*) from generate_series(
            (coalesce(b.delivered_at, b.rendered_at) at time zone i.time_zone)::date + 1,
            (${now} at time zone i.time_zone)::date - 1, interval '1 day') day
          where extract(isodow from day) < 6
            and not (i.time_zone = ${WITH_HOLIDAYS} and day::date = any(${holidays}::date[]))
        ) >= ${SILENT_WORKING_DAYS} then 'not_acknowledged' end as because
    from letter_batches b join notices n on n.id = b.notice_id join incidents i on i.id = n.incident_id
    where (b.state in ('rendered', 'handed_over') or b.differed_at is not null)
      and b.state in ('rendered', 'handed_over', 'posted')) w
  where w.because is not null
  group by w.notice_id, w.incident_id, w.because`;
