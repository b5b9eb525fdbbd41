import { type RawBuilder, sql } from 'kysely';
import type { Db } from '../../db/database.ts';
import type { ListKind } from '../columns/list-kind.ts';
import { prepareTempTables } from './match.store.ts';

/** One key by which a row of a list points at somebody. */
export interface Pointer {
  ordinal: number;
  /** Null where the row gives a reference. */
  key: string | null;
  /** Null: the row names nobody beside the key. */
  name: string | null;
  /** A person's own: an email or a number. Not own: an address or a telephone, which a household shares. */
  own: boolean;
  /** The reference that Owabi gave. */
  reference: string | null;
  /** `YYYY-MM-DD` */
  releaseOn: string | null;
}

/**
 * The pointers in question and whom they point at, in tables of this transaction: what is asked of a list that is
 * checked or accepted, and of persons who become known later, is answered by the same statements.
 */
export async function startPointing(trx: Db): Promise<void> {
  await prepareTempTables(trx);
  await sql`
    create temp table if not exists pointers (list_id bigint not null, ordinal int not null, key uuid, name uuid,
      own boolean not null, reference text, kind text not null, release_on date) on commit drop`.execute(trx);
  await sql`
    create temp table if not exists pointed (list_id bigint not null, ordinal int not null, person_id bigint not null,
      meant boolean not null) on commit drop`.execute(trx);
  await sql`truncate pointers, pointed`.execute(trx);
}

/** Asks about rows of a list. */
export async function addPointers(
  trx: Db,
  list: { id: string; kind: string },
  pointers: readonly Pointer[],
): Promise<void> {
  if (pointers.length === 0) return;
  await sql`
    insert into pointers (list_id, ordinal, key, name, own, reference, kind, release_on)
    select ${list.id}, p.ordinal, p.key, p.name, p.own, p.reference, ${list.kind}, p.release_on
    from unnest(${pointers.map((p) => p.ordinal)}::int[], ${pointers.map((p) => p.key)}::uuid[],
                ${pointers.map((p) => p.name)}::uuid[], ${pointers.map((p) => p.own)}::boolean[],
                ${pointers.map((p) => p.reference)}::text[], ${pointers.map((p) => p.releaseOn)}::date[])
      as p (ordinal, key, name, own, reference, release_on)`.execute(trx);
}

/**
 * Asks about rows of accepted lists whose standing keys persons have.
 * @param isOne a condition on `p.person_id`
 * @returns whether there are any
 */
export async function addStandingPointers(trx: Db, incidentId: string, isOne: RawBuilder<boolean>): Promise<boolean> {
  const { numAffectedRows } = await sql`
    insert into pointers (list_id, ordinal, key, name, own, kind, release_on)
    select k.list_id, k.ordinal, k.key, k.name, k.own, k.kind, k.release_on from mark_keys k
    where (k.list_id, k.ordinal) in (
      select m.list_id, m.ordinal from mark_keys m
      join affected_lists l on l.id = m.list_id and l.incident_id = ${incidentId}
      join person_keys p on p.key = m.key and (m.name is null or m.name = p.name)
      where ${isOne})`.execute(trx);
  return (numAffectedRows ?? 0n) > 0n;
}

/**
 * Finds out whom the pointers mean. A reference decides alone. An email or a number goes before an address or a
 * telephone. With a name beside it, everybody of that name with that email or number is meant: they are one. Without a
 * name, or by address or telephone, somebody is meant only if nobody else fits.
 */
export async function findMeant(trx: Db, incidentId: string): Promise<void> {
  await sql`analyze pointers`.execute(trx);
  await sql`
    insert into pointed
    select distinct q.list_id, q.ordinal, coalesce(p.merged_into, p.id), true
    from pointers q join persons p on p.reference = q.reference and p.incident_id = ${incidentId}`.execute(trx);
  await sql`
    insert into pointed
    select list_id, ordinal, person_id, own = own_fits and (n = 1 or (own and not nameless)) from (
      select f.*, bool_or(own) over (partition by list_id, ordinal) as own_fits,
        count(*) over (partition by list_id, ordinal, own) as n
      from (
        select k.list_id, k.ordinal, p.person_id, k.name is null as nameless, bool_or(k.own) as own
        from pointers k join person_keys p on p.key = k.key and (k.name is null or k.name = p.name)
        where not exists (select 1 from pointed q where q.list_id = k.list_id and q.ordinal = k.ordinal)
        group by 1, 2, 3, 4) f) g`.execute(trx);
}

/** Marks whoever is meant. A row marks a person once: a mark that was ended is not set again. */
export async function markMeant(trx: Db, incidentId: string): Promise<number> {
  const { numAffectedRows } = await sql`
    insert into person_marks (list_id, ordinal, person_id, incident_id, kind, release_on)
    select p.list_id, p.ordinal, p.person_id, ${incidentId}, k.kind, k.release_on
    from (select distinct list_id, ordinal, kind, release_on from pointers) k
    join pointed p on p.list_id = k.list_id and p.ordinal = k.ordinal and p.meant
    where not exists (select 1 from person_marks m
                      where m.list_id = p.list_id and m.ordinal = p.ordinal and m.person_id = p.person_id)`.execute(
    trx,
  );
  return Number(numAffectedRows ?? 0n);
}

/** The keys stay, for persons who become known later; not those of rows that name somebody by reference. */
export async function keepKeys(trx: Db): Promise<void> {
  await sql`
    insert into mark_keys (key, name, list_id, ordinal, own, kind, release_on)
    select distinct on (k.key, k.list_id, k.ordinal)
      k.key, k.name, k.list_id, k.ordinal, k.own, k.kind, k.release_on
    from pointers k
    where k.key is not null and not exists (
      select 1 from pointers q join persons p on p.reference = q.reference
      join affected_lists l on l.id = q.list_id and l.incident_id = p.incident_id
      where q.list_id = k.list_id and q.ordinal = k.ordinal and q.reference is not null)
    order by k.key, k.list_id, k.ordinal, k.own desc
    on conflict do nothing`.execute(trx);
}

/**
 * Rows that say what a row of an accepted list says already, with the same source and release day, while that list has
 * not been released: they are taken out of the question.
 */
export async function dropRepeated(
  trx: Db,
  list: { id: string; incident_id: string; kind: string; release_on: unknown },
): Promise<number[]> {
  const { rows } = await sql<{ ordinal: number }>`
    with stood as (
      select l.fingerprint, l.occurrence from list_rows l join affected_lists a on a.id = l.list_id
      where a.incident_id = ${list.incident_id} and a.kind = ${list.kind} and a.id <> ${list.id}
        and a.status = 'accepted' and a.released_at is null
        and a.release_on is not distinct from ${list.release_on as string | null}::date
        and l.outcome <> 'quarantined' and l.fingerprint is not null
    ), repeated as (
      select r.ordinal from list_rows r join stood s on s.fingerprint = r.fingerprint and s.occurrence = r.occurrence
      where r.list_id = ${list.id} and exists (
        select 1 from pointers q where q.list_id = r.list_id and q.ordinal = r.ordinal)
    )
    delete from pointers q using repeated r where q.list_id = ${list.id} and q.ordinal = r.ordinal
    returning q.ordinal`.execute(trx);
  return [...new Set(rows.map(({ ordinal }) => ordinal))];
}

/**
 * Writes what became of the rows in question: one that points at somebody is `merged`, one that points at nobody yet,
 * or could mean several, is `accepted` and says so.
 * @param isAsked a condition on `r`, a row
 * @param accepted false: a forecast, which says of no row whose it is
 */
export async function settlePointers(trx: Db, isAsked: RawBuilder<boolean>, accepted: boolean): Promise<void> {
  await sql`
    with answer as (
      select list_id, ordinal, bool_or(meant) as meant, count(*) filter (where meant) as n,
        min(person_id) filter (where meant) as person_id
      from pointed group by list_id, ordinal
    ), settled as (
      select r.list_id, r.ordinal, a.list_id is not null as several,
        coalesce(a.meant, false) or 'duplicate_row' = any (r.reasons) or exists (
          select 1 from person_marks m where m.list_id = r.list_id and m.ordinal = r.ordinal) as found,
        case when ${accepted}::boolean and coalesce(a.n, 0) < 2 then coalesce(a.person_id, r.person_id) end as person_id
      from list_rows r left join answer a on a.list_id = r.list_id and a.ordinal = r.ordinal
      where r.outcome <> 'quarantined' and ${isAsked}
    )
    update list_rows r set outcome = case when s.found then 'merged' else 'accepted' end, person_id = s.person_id,
      warnings = array_remove(array_remove(r.warnings, 'matches_nobody'), 'matches_several')
        || case when s.found then '{}'::text[] when s.several then '{matches_several}' else '{matches_nobody}' end
    from settled s where r.list_id = s.list_id and r.ordinal = s.ordinal`.execute(trx);
}

/** What the rows of such a list come to. */
export interface PointerFigures {
  accepted: number;
  merged: number;
  quarantined: number;
  repeated: number;
  persons: number;
  nobody: number;
  several: number;
}

/** Counts the rows of a list that points at persons. */
export async function countPointers(trx: Db, listId: string): Promise<PointerFigures> {
  const { rows } = await sql<PointerFigures>`
    select count(*) filter (where outcome = 'accepted')::int as accepted,
      count(*) filter (where outcome = 'merged')::int as merged,
      count(*) filter (where outcome = 'quarantined')::int as quarantined,
      count(*) filter (where 'duplicate_row' = any (reasons))::int as repeated,
      count(*) filter (where 'matches_nobody' = any (warnings))::int as nobody,
      count(*) filter (where 'matches_several' = any (warnings))::int as several,
      (select count(*)::int from (
        select person_id from pointed where list_id = ${listId} and meant
        union select person_id from person_marks where list_id = ${listId}
        union select person_id from list_rows where list_id = ${listId} and person_id is not null) p) as persons
    from list_rows where list_id = ${listId}`.execute(trx);
  if (!rows[0]) throw new Error(`list ${listId} has no rows`);
  return rows[0];
}

/** Writes onto an accepted list how many of its rows point at somebody now. */
export async function refreshList(trx: Db, listId: string, figures: PointerFigures): Promise<void> {
  const { accepted, merged, quarantined, persons, nobody, several } = figures;
  const counted = [
    { code: 'matches_nobody', count: nobody },
    { code: 'matches_several', count: several },
  ];
  await sql`
    update affected_lists set rows_accepted = ${accepted}, rows_merged = ${merged}, rows_quarantined = ${quarantined},
      persons = ${persons}, updated_at = now(), warnings = (
        select coalesce(jsonb_agg(w order by n), '[]') from jsonb_array_elements(warnings) with ordinality e (w, n)
        where w ->> 'code' not in ('matches_nobody', 'matches_several')
      ) || ${JSON.stringify(counted.filter(({ count }) => count > 0))}::jsonb
    where id = ${listId}`.execute(trx);
}

/** The lists that the rows in question belong to. */
export async function listsAsked(trx: Db): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`select distinct list_id as id from pointers order by id`.execute(trx);
  return rows.map(({ id }) => id);
}

/** What a kind of list makes of persons, where it makes something of them. */
export type MarkKind = Exclude<ListKind, 'affected' | 'members'>;
