import { sql } from 'kysely';
import type { Db } from '../db/database.ts';
import { OwabiError } from '../errors.ts';
import type { NoticeFigures } from './stats.ts';

/** The counters of a notice in one statement, so that they are of one moment; and the incident's time zone. */
export async function readNoticeFigures(
  db: Db,
  noticeIds: string[],
): Promise<(NoticeFigures & { timeZone: string })[]> {
  const { rows } = await sql<NoticeFigures & { timeZone: string }>`
    select n.id as "noticeId", n.status, now() as now, n.audited_at as "auditedAt", n.audit_agreed as "auditAgreed",
      n.persons as "frozenPersons", n.per_hour as "perHour", i.time_zone as "timeZone",
      coalesce((select jsonb_agg(jsonb_build_object('channel', c.channel, 'state', c.state, 'n', c.n))
                from notice_counts c where c.notice_id = n.id), '[]') as counts,
      (select count(*)::int from delivery_events e
       where e.notice_id = n.id and e.to_state = 'submitted' and e.at > now() - interval '1 minute') as "submittedLastMinute"
    from notices n join incidents i on i.id = n.incident_id
    where n.id = any (${noticeIds}::bigint[]) order by n.id`.execute(db);
  return rows;
}

export interface IncidentFigures {
  rows: { total: number; accepted: number; merged: number; quarantined: number };
  persons: number;
  exposures: { total: number; byKind: Record<string, number> };
  coverage: { persons: number; inNoNotice: number; quarantinedRows: number; onHold: number };
  noticeIds: string[];
}

/**
 * The figures of an incident, of one moment. `inNoNotice`: persons in the audience of no notice that was frozen; those
 * excluded by an operator are in none and are not missing.
 * @throws OwabiError `not_found`
 */
export async function readIncidentFigures(db: Db, incidentId: string): Promise<IncidentFigures> {
  const { rows } = await sql<IncidentFigures>`
    select
      (select jsonb_build_object('total', coalesce(sum(rows_total), 0), 'accepted', coalesce(sum(rows_accepted), 0),
          'merged', coalesce(sum(rows_merged), 0), 'quarantined', coalesce(sum(rows_quarantined), 0))
        from affected_lists where incident_id = i.id and status = 'accepted') as rows,
      p.n as persons,
      jsonb_build_object('total', (select coalesce(sum(units), 0) from exposures where incident_id = i.id),
        'byKind', coalesce((select jsonb_object_agg(kind, units) from (
          select kind, sum(units) as units from exposures where incident_id = i.id group by kind) k), '{}')) as exposures,
      jsonb_build_object('persons', p.n,
        'inNoNotice', (select count(*) from persons q where q.incident_id = i.id and q.merged_into is null
          and q.excluded_at is null and not exists (
            select 1 from notice_persons np join notices n on n.id = np.notice_id
            where (n.status <> 'cancelled' or np.outcome = 'reached')
              and (np.person_id = q.id or np.person_id in (select m.id from persons m where m.merged_into = q.id)))),
        'quarantinedRows', (select coalesce(sum(rows_quarantined), 0) from affected_lists
                            where incident_id = i.id and status = 'accepted'),
        -- Holds come with lists of their own kind; without such lists nobody is on hold.
        'onHold', 0) as coverage,
      coalesce((select jsonb_agg(n.id::text order by n.id) from notices n where n.incident_id = i.id), '[]') as "noticeIds"
    from incidents i
    cross join lateral (select count(*)::int as n from persons q where q.incident_id = i.id and q.merged_into is null) p
    where i.id = ${incidentId}`.execute(db);
  const figures = rows[0];
  if (!figures) throw new OwabiError('not_found', 'There is no incident with this id.');
  return figures;
}
