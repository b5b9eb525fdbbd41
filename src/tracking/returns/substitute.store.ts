import { type RawBuilder, sql } from 'kysely';
import type { Db } from '../../db/database.ts';
import { formatReference } from '../../intake/persons/reference.ts';
import type { FrozenPerson } from '../../notice/frozen-person.ts';
import type { IncidentVault } from '../../vault/vault.ts';

/** Somebody whom no delivery of a notice has reached, and why: for the notice in another way that the law asks for. */
export interface UnreachedPerson {
  personId: string;
  reference: string;
  /** Of the last delivery that failed: why a letter came back or could not be printed, the class of a bounce … */
  cause: string;
  /** The last email and the last letter: their states, and the class or reason of each. Null: there was none. */
  email: string | null;
  emailCause: string | null;
  letter: string | null;
  letterCause: string | null;
  /** Letters planned so far, the readdressed ones too. */
  letters: number;
  /** Another notice of the incident that has reached this person. */
  reachedBy: string | null;
  /** Sealed `FrozenPerson`. */
  sealed: Buffer;
}

/** A person, whoever they became, and whoever became that one: a query of ids. Each is found by an index of its own. */
const samePersons = (id: RawBuilder<unknown>) => sql`
  select ${id} as id
  union all select q.merged_into from persons q where q.id = ${id} and q.merged_into is not null
  union all select m.id from persons q join persons m on m.merged_into = coalesce(q.merged_into, q.id) where q.id = ${id}`;

/** Persons of a notice who are unreached, in the order of their ids, after one of them. */
export async function pageUnreached(
  db: Db,
  noticeId: string,
  afterId: string,
  limit: number,
): Promise<UnreachedPerson[]> {
  const last = (channel: 'email' | 'letter', cause: string) => sql`
    left join lateral (
      select d.state, coalesce(${sql.raw(cause)}) as cause, d.generation from deliveries d
      where d.notice_id = p.notice_id and d.person_id = p.person_id and d.channel = ${channel}
      order by d.generation desc limit 1) ${sql.raw(channel)} on true`;
  const { rows } = await sql<UnreachedPerson>`
    select p.person_id as "personId", p.reference, coalesce(p.cause, 'no_channel') as cause, p.sealed,
      email.state as email, email.cause as "emailCause", letter.state as letter, letter.cause as "letterCause",
      coalesce(letter.generation, 0) as letters, other.notice_id as "reachedBy"
    from notice_persons p
    join notices n on n.id = p.notice_id
    ${last('email', 'd.class, d.reason')}
    ${last('letter', 'd.reason')}
    left join lateral (
      select o.notice_id from (${samePersons(sql`p.person_id`)}) same
      join notice_persons o on o.person_id = same.id and o.notice_id <> p.notice_id and o.outcome = 'reached'
      order by o.notice_id limit 1) other on true
    where p.notice_id = ${noticeId} and p.outcome = 'unreached' and p.person_id > ${afterId}
    order by p.person_id limit ${limit}`.execute(db);
  return rows;
}

export interface SubstituteCounts {
  status: string;
  /** Persons on the list. */
  unreached: number;
  /** Persons who may still come onto it. */
  inProgress: number;
}

/** How many are on the list, from the counters of the ledger: as cheap as a page of it. */
export async function substituteCounts(db: Db, noticeId: string): Promise<SubstituteCounts> {
  const counted = (outcome: 'unreached' | 'in_progress') => sql`
    (select coalesce(sum(c.n), 0)::int from notice_counts c
     where c.notice_id = n.id and c.channel = 'person' and c.state = ${outcome})`;
  const { rows } = await sql<SubstituteCounts>`
    select n.status, ${counted('unreached')} as unreached, ${counted('in_progress')} as "inProgress"
    from notices n where n.id = ${noticeId}`.execute(db);
  return rows[0] as SubstituteCounts;
}

export interface SubstituteFigures extends SubstituteCounts {
  byCause: Record<string, number>;
  /** Of the unreached: reached by another notice of the incident. */
  reachedOtherwise: number;
}

/**
 * How many are on the list, by cause, of one moment: the causes add up to the number of persons. Reads everybody on it,
 * and everybody whom other notices of the incident have reached (200,000 and 200,000: a second).
 */
export async function substituteFigures(db: Db, noticeId: string): Promise<SubstituteFigures> {
  // Persons who became one are one: each goes by the id of who they are now.
  const { rows } = await sql<SubstituteFigures>`
    with unreached as materialized (
      select p.person_id, coalesce(p.cause, 'no_channel') as cause from notice_persons p
      where p.notice_id = ${noticeId} and p.outcome = 'unreached'
    ), others as materialized (
      select id from notices
      where incident_id = (select incident_id from notices where id = ${noticeId}) and id <> ${noticeId}
    ), reached as materialized (
      select distinct coalesce(q.merged_into, q.id) as id from notice_persons o join persons q on q.id = o.person_id
      where o.notice_id in (select id from others) and o.outcome = 'reached'
    )
    select n.status, (select count(*)::int from unreached) as unreached,
      (select coalesce(sum(c.n), 0)::int from notice_counts c
       where c.notice_id = n.id and c.channel = 'person' and c.state = 'in_progress') as "inProgress",
      (select coalesce(jsonb_object_agg(cause, number), '{}') from (
        select cause, count(*) as number from unreached group by cause) k) as "byCause",
      (select count(*)::int from unreached u join persons q on q.id = u.person_id
       where coalesce(q.merged_into, q.id) in (select id from reached)) as "reachedOtherwise"
    from notices n where n.id = ${noticeId}`.execute(db);
  return rows[0] as SubstituteFigures;
}

/** Longer than anybody takes to write down that letters came back. */
const MARGIN_SECONDS = 60;

/**
 * Until when letters that came back are on a list that is read from now on. A little earlier than now: what was being
 * written down meanwhile bears an earlier time and is not seen yet.
 */
export async function listTime(db: Db): Promise<Date> {
  const { rows } = await sql<{ at: Date }>`select now() - make_interval(secs => ${MARGIN_SECONDS}) as at`.execute(db);
  return (rows[0] as { at: Date }).at;
}

/**
 * An operator has the whole list: nobody need be told of the letters on it.
 * @param at `listTime` before its first row was read
 */
export async function noteTaken(db: Db, noticeId: string, at: Date): Promise<void> {
  // Two may take it at once, and the one who began first be done last.
  await sql`
    update notices set substitute_taken_at = greatest(substitute_taken_at, ${at}) where id = ${noticeId}`.execute(db);
}

const PAGE = 2_000;

/**
 * The whole list as CSV records, read a page at a time: memory does not grow with it.
 * @param vault to name the persons and their last known address; null: references only
 */
export async function* streamUnreached(db: Db, noticeId: string, vault: IncidentVault | null) {
  for (let after = '0'; ; ) {
    const rows = await pageUnreached(db, noticeId, after, PAGE);
    for (const row of rows) yield recordOf(row, vault);
    const last = rows.at(-1);
    if (rows.length < PAGE || !last) return;
    after = last.personId;
  }
}

/** The name of somebody on the list, as frozen. Personal data. */
export function nameOf({ sealed }: UnreachedPerson, vault: IncidentVault): string {
  return vault.openJson<FrozenPerson>('notice-person', sealed).render.name;
}

function recordOf(row: UnreachedPerson, vault: IncidentVault | null) {
  return {
    ...(vault && { name: nameOf(row, vault) }),
    ...{ reference: formatReference(row.reference), person_id: row.personId, cause: row.cause },
    ...{ email: row.email, email_cause: row.emailCause, letter: row.letter, letter_cause: row.letterCause },
    ...{ letters: row.letters, reached_by: row.reachedBy },
  };
}
