import { type RawBuilder, sql } from 'kysely';
import type { Db } from '../db/database.ts';
import { dueLanesOf, frozenWindow } from '../delivery/dispatch/dispatch.store.ts';
import { domainColumns, usedThisMinute } from '../delivery/dispatch/mail-domains.store.ts';
import { OwabiError } from '../errors.ts';
import { BELIEVED_AFTER_HOURS, type NoticeFigures } from './stats.ts';

/** The counters of a notice in one statement, so that they are of one moment; and the incident's time zone. */
export async function readNoticeFigures(
  db: Db,
  noticeIds: string[],
): Promise<(NoticeFigures & { timeZone: string })[]> {
  const { rows } = await sql<Omit<NoticeFigures, 'domains'> & { timeZone: string }>`
    select n.id as "noticeId", n.status, now() as now, n.audited_at as "auditedAt", n.audit_agreed as "auditAgreed",
      n.persons as "frozenPersons", n.per_hour as "perHour", i.time_zone as "timeZone",
      ${frozenWindow} as window, n.approved_at as "approvedAt", n.start_at as "startAt",
      coalesce((select jsonb_agg(jsonb_build_object('hour', b.hour, 'used', b.used))
                from (select hour, used from pace_budgets where notice_id = n.id order by hour desc limit 3) b), '[]')
        as "paceBudgets",
      coalesce((select jsonb_agg(jsonb_build_object('channel', c.channel, 'state', c.state, 'n', c.n))
                from notice_counts c where c.notice_id = n.id), '[]') as counts,
      (select coalesce(sum(t.n), 0)::int from submitted_seconds t
       where t.notice_id = n.id and t.second > now() - interval '1 minute') as "submittedLastMinute",
      (select coalesce(sum(h.n), 0)::int from submitted_hours h
       where h.notice_id = n.id and h.hour <= now() - make_interval(hours => ${BELIEVED_AFTER_HOURS + 1})) as "submittedLongAgo",
      coalesce((select jsonb_agg(jsonb_build_object('kind', r.kind, 'n', r.n))
                from notice_reports r where r.notice_id = n.id), '[]') as reports
    from notices n join incidents i on i.id = n.incident_id
    where n.id = any (${noticeIds}::bigint[]) order by n.id`.execute(db);
  const domains = await readDomains(db, noticeIds);
  return rows.map((row) => ({ ...row, domains: domains.filter(({ noticeId }) => noticeId === row.noticeId) }));
}

type NoticeDomain = NoticeFigures['domains'][number] & { noticeId: string };

/**
 * Domains that may be limited and concern notices: those whose lanes have something due, found by jumping from one to
 * the next in the index; those that are slowed or held, of this incident or of everybody.
 */
async function readDomains(db: Db, noticeIds: string[]): Promise<NoticeDomain[]> {
  const { rows } = await sql<NoticeDomain>`
    select c."noticeId", c.domain, ${domainColumns}, ${usedThisMinute} as used
    from (
      select n.id as "noticeId", l.lane as domain
      from notices n cross join lateral (${dueLanesOf(sql`n.id`)}) l
      where n.id = any (${noticeIds}::bigint[]) and l.lane <> ''
      union
      select n.id, k.domain
      from notices n join mail_domains k on k.incident_id is null or k.incident_id = n.incident_id
      where n.id = any (${noticeIds}::bigint[]) and n.status in ('approved', 'sending', 'paused')
        and n.channels <> 'letter' and (k.slowed_to is not null or k.held_at is not null)) c
    left join mail_domains m using (domain)
    left join domain_budgets b using (domain)
    order by c."noticeId", c.domain`.execute(db);
  return rows;
}

/** Every person of an incident in one place: persons = inNotice + inNoNotice + onHold + excluded. */
export interface Coverage {
  persons: number;
  /** In a notice that was frozen, and not left out of it; on hold since or not, those on hold do not count here. */
  inNotice: number;
  /** In none, and nothing says why: they are to be told. */
  inNoNotice: number;
  /** A list asks to wait, until a person decides. Whoever is excluded is not on hold. */
  onHold: number;
  /** In no notice, because an operator or a list excludes them, or others have told them. */
  excluded: number;
  quarantinedRows: number;
}

export interface IncidentFigures {
  rows: { total: number; accepted: number; merged: number; quarantined: number };
  persons: number;
  exposures: { total: number; byKind: Record<string, number> };
  coverage: Coverage;
  noticeIds: string[];
}

/**
 * The figures of an incident, of one moment.
 * @throws OwabiError `not_found`
 */
export async function readIncidentFigures(db: Db, incidentId: string): Promise<IncidentFigures> {
  const { rows } = await sql<IncidentFigures>`
    select
      (select jsonb_build_object('total', coalesce(sum(rows_total), 0), 'accepted', coalesce(sum(rows_accepted), 0),
          'merged', coalesce(sum(rows_merged), 0), 'quarantined', coalesce(sum(rows_quarantined), 0))
        from affected_lists where incident_id = i.id and status = 'accepted') as rows,
      p.persons,
      jsonb_build_object('total', (select coalesce(sum(units), 0) from exposures where incident_id = i.id),
        'byKind', coalesce((select jsonb_object_agg(kind, units) from (
          select kind, sum(units) as units from exposures where incident_id = i.id group by kind) k), '{}')) as exposures,
      to_jsonb(p) || jsonb_build_object('quarantinedRows', (
        select coalesce(sum(rows_quarantined), 0) from affected_lists
        where incident_id = i.id and status = 'accepted')) as coverage,
      coalesce((select jsonb_agg(n.id::text order by n.id) from notices n where n.incident_id = i.id), '[]') as "noticeIds"
    from incidents i cross join (${coverageOf(incidentId)}) p
    where i.id = ${incidentId}`.execute(db);
  const figures = rows[0];
  if (!figures) throw new OwabiError('not_found', 'There is no incident with this id.');
  return figures;
}

/**
 * Counts all persons in one pass, with those told and those marked hashed beside them: a look-up for each of a million
 * persons would take a minute. Of a cancelled notice only those count whom it has reached; whoever was merged away
 * counts as the one they became.
 */
function coverageOf(incidentId: string): RawBuilder<Coverage> {
  return sql`
    select count(*)::int as persons,
      count(*) filter (where told and not (held and not excluded))::int as "inNotice",
      count(*) filter (where not told and not held and not excluded)::int as "inNoNotice",
      count(*) filter (where held and not excluded)::int as "onHold",
      count(*) filter (where excluded and not told)::int as excluded
    from (
      select t.id is not null as told, coalesce(m.held, false) as held,
        q.excluded_at is not null or coalesce(m.excluded, false) as excluded
      from persons q
      left join (
        select distinct coalesce(g.merged_into, np.person_id) as id
        from notices n join notice_persons np on np.notice_id = n.id and np.outcome <> 'excluded'
        left join persons g on g.id = np.person_id and g.merged_into is not null
        where n.incident_id = ${incidentId} and (n.status <> 'cancelled' or np.outcome = 'reached')) t on t.id = q.id
      left join (
        select person_id as id, bool_or(kind = 'hold') as held, bool_or(kind <> 'hold') as excluded
        from person_marks where incident_id = ${incidentId} and ended_at is null group by person_id) m on m.id = q.id
      where q.incident_id = ${incidentId} and q.merged_into is null) c`;
}
