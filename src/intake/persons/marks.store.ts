import { sql } from 'kysely';
import type { Db } from '../../db/database.ts';
import {
  addStandingPointers,
  countPointers,
  findMeant,
  listsAsked,
  type MarkKind,
  markMeant,
  refreshList,
  settlePointers,
  startPointing,
} from '../matching/pointers.store.ts';

/**
 * Marks persons who became known, or changed, after a list that points at them: the keys of lists already notified, to
 * be excluded, or on hold stand for whoever comes later. Those lists then say that the rows have found somebody.
 * @param of the list that brought the persons, or one person
 * @returns how many marks were set
 */
export async function applyMarks(
  trx: Db,
  incidentId: string,
  of: { ofList: string } | { ofPerson: string },
): Promise<number> {
  const { rows } = await sql<{ any: boolean }>`
    select exists (select 1 from mark_keys m join affected_lists l on l.id = m.list_id
                   where l.incident_id = ${incidentId}) as any`.execute(trx);
  if (!rows[0]?.any) return 0;
  await startPointing(trx);
  const isOne =
    'ofList' in of
      ? sql<boolean>`p.person_id in (select person_id from list_rows where list_id = ${of.ofList})`
      : sql<boolean>`p.person_id = ${of.ofPerson}`;
  if (!(await addStandingPointers(trx, incidentId, isOne))) return 0;
  await findMeant(trx, incidentId);
  const marked = await markMeant(trx, incidentId);
  const isAsked = sql<boolean>`exists (select 1 from pointers q where q.list_id = r.list_id and q.ordinal = r.ordinal)`;
  await settlePointers(trx, isAsked, true);
  for (const id of await listsAsked(trx)) await refreshList(trx, id, await countPointers(trx, id));
  return marked;
}

/** What a row of a list says of a person. */
export interface Mark {
  kind: MarkKind;
  listId: string;
  source: string;
  line: number;
  /** `YYYY-MM-DD` */
  releaseOn: string | null;
  /** The release day has passed, in the incident's time zone, and nobody has decided. */
  overdue: boolean;
  endedAt: Date | null;
}

const isOverdue = sql<boolean>`(m.ended_at is null and coalesce(m.release_on < (now() at time zone i.time_zone)::date, false))`;

/** Marks of a person, also those that were ended, in the order in which they were set. */
export async function marksOf(db: Db, personId: string): Promise<Mark[]> {
  const { rows } = await sql<Mark>`
    select m.kind, m.list_id as "listId", l.source, r.line, m.release_on as "releaseOn", ${isOverdue} as overdue,
      m.ended_at as "endedAt"
    from person_marks m join affected_lists l on l.id = m.list_id join incidents i on i.id = m.incident_id
    join list_rows r on r.list_id = m.list_id and r.ordinal = m.ordinal
    where m.person_id = ${personId} order by m.id`.execute(db);
  return rows;
}

/** Somebody on hold. */
export interface Held {
  personId: string;
  reference: string;
  listIds: string[];
  /** The first day on which a hold of theirs is to be looked at. */
  releaseOn: string | null;
  overdue: boolean;
}

/** Persons on hold, in the order of their ids. Whoever is excluded is not on hold, whatever a list says. */
export async function heldPersons(
  db: Db,
  incidentId: string,
  { after, limit }: { after: string; limit: number },
): Promise<Held[]> {
  const { rows } = await sql<Held>`
    select m.person_id as "personId", p.reference, array_agg(distinct m.list_id::text) as "listIds",
      min(m.release_on) as "releaseOn", bool_or(${isOverdue}) as overdue
    from person_marks m join persons p on p.id = m.person_id join incidents i on i.id = m.incident_id
    where m.incident_id = ${incidentId} and m.kind = 'hold' and m.ended_at is null and m.person_id > ${after}
      and p.merged_into is null and p.excluded_at is null and not exists (
        select 1 from person_marks o where o.person_id = m.person_id and o.kind <> 'hold' and o.ended_at is null)
    group by m.person_id, p.reference order by m.person_id limit ${limit}`.execute(db);
  return rows;
}
