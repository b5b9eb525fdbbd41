import { type RawBuilder, sql } from 'kysely';
import type { Db } from '../db/database.ts';
import type { AddressKeys } from './address-keys.ts';
import type { Audience } from './audience.ts';

/** Why somebody of the audience is not told: an operator said so, or a list that excludes, or others have told them. */
export type Exclusion = 'by_operator' | 'by_list' | 'already_notified';

/** One person of the audience as read for the snapshot. */
export interface AudiencePerson {
  id: string;
  reference: string;
  sealed: Buffer;
  locale: string | null;
  excluded: Exclusion | null;
  /** A list asks to wait: not told, and in no notice, until a person decides. */
  held: boolean;
  exposures: { kind: string; units: number; brand: string | null; sealed: Buffer | null }[];
}

export interface SnapshotPerson {
  personId: string;
  reference: string;
  locale: string;
  sealed: Buffer;
  letterHash: Buffer | null;
  letterProblem: string | null;
  outcome: string;
  cause: string | null;
}

export interface SnapshotDelivery {
  personId: string;
  channel: string;
  state: string;
  reason: string | null;
  contentHash: Buffer | null;
  /** Where an email goes; null for a letter. */
  address: AddressKeys | null;
}

function inAudience(audience: Audience): RawBuilder<boolean> {
  const conditions = [sql<boolean>`true`];
  const exposed = sql<boolean>`exists (select 1 from exposures e where e.person_id = p.id)`;
  if (audience.exposed === true) conditions.push(exposed);
  if (audience.exposed === false) conditions.push(sql`not ${exposed}`);
  if (audience.lists) {
    const lists = sql`any (${audience.lists}::bigint[])`;
    conditions.push(
      // A list of holds or exclusions may point at persons who became known later.
      sql`(exists (select 1 from list_rows r where r.person_id = p.id and r.list_id = ${lists})
        or exists (select 1 from person_marks m where m.person_id = p.id and m.list_id = ${lists}))`,
    );
  }
  if (audience.notIn) {
    conditions.push(
      // Of a cancelled notice only those count whom it has reached: nobody else was told by it. Nor was whoever it left
      // out, and who is to be told now.
      // The persons first, each looked up in the notices: with "or" Postgres would read a whole notice for each.
      sql`not exists (
        select 1 from (select p.id union all select m.id from persons m where m.merged_into = p.id) who
        join notice_persons o on o.person_id = who.id join notices n on n.id = o.notice_id
        where o.notice_id = any (${audience.notIn}::bigint[]) and (n.status <> 'cancelled' or o.outcome = 'reached')
        and (o.outcome <> 'excluded' or p.excluded_at is not null or marks.excluded or marks.notified))`,
    );
  }
  return sql`${sql.join(conditions, sql` and `)}`;
}

/**
 * The next persons of an audience in the order of their ids, also those who are excluded or on hold; an empty array at
 * the end.
 */
export async function readAudience(
  db: Db,
  incidentId: string,
  audience: Audience,
  afterId: string,
  limit: number,
): Promise<AudiencePerson[]> {
  const { rows } = await sql<Omit<AudiencePerson, 'exposures'>>`
    select p.id, p.reference, p.sealed, p.locale, marks.held,
      case when p.excluded_at is not null then 'by_operator' when marks.excluded then 'by_list'
        when marks.notified then 'already_notified' end as excluded
    from persons p
    cross join lateral (
      select coalesce(bool_or(o.kind = 'exclude'), false) as excluded,
        coalesce(bool_or(o.kind = 'already_notified'), false) as notified, coalesce(bool_or(o.kind = 'hold'), false) as held
      from person_marks o where o.person_id = p.id and o.ended_at is null) marks
    where p.incident_id = ${incidentId} and p.merged_into is null and p.id > ${afterId} and ${inAudience(audience)}
    order by p.id limit ${limit}`.execute(db);
  const exposures = await db
    .selectFrom('exposures')
    .select(['person_id', 'kind', 'units', 'brand', 'sealed'])
    .where('person_id', 'in', rows.map((row) => row.id).concat('0'))
    .orderBy('id')
    .execute();
  const byPerson = Map.groupBy(exposures, (exposure) => exposure.person_id);
  return rows.map((row) => ({ ...row, exposures: byPerson.get(row.id) ?? [] }));
}

/** Writes a piece of the snapshot; the ledger's triggers count it. */
export async function writeSnapshot(
  db: Db,
  noticeId: string,
  persons: SnapshotPerson[],
  deliveries: SnapshotDelivery[],
): Promise<void> {
  if (persons.length === 0) return;
  await sql`
    insert into notice_persons (notice_id, person_id, reference, locale, sealed, letter_hash, letter_problem, outcome, cause)
    select ${noticeId}, * from unnest(
      ${persons.map((p) => p.personId)}::bigint[], ${persons.map((p) => p.reference)}::text[],
      ${persons.map((p) => p.locale)}::text[], ${persons.map((p) => p.sealed)}::bytea[],
      ${persons.map((p) => p.letterHash)}::bytea[], ${persons.map((p) => p.letterProblem)}::text[],
      ${persons.map((p) => p.outcome)}::text[], ${persons.map((p) => p.cause)}::text[])`.execute(db);
  if (deliveries.length === 0) return;
  await sql`
    insert into deliveries (notice_id, person_id, channel, state, reason, content_hash, domain, lane, address_key)
    select ${noticeId}, * from unnest(
      ${deliveries.map((d) => d.personId)}::bigint[], ${deliveries.map((d) => d.channel)}::text[],
      ${deliveries.map((d) => d.state)}::text[], ${deliveries.map((d) => d.reason)}::text[],
      ${deliveries.map((d) => d.contentHash)}::bytea[], ${deliveries.map((d) => d.address?.domain ?? null)}::text[],
      ${deliveries.map((d) => d.address?.lane ?? '')}::text[],
      ${deliveries.map((d) => d.address?.key ?? null)}::uuid[])`.execute(db);
}
