import { type RawBuilder, sql } from 'kysely';
import type { Db } from '../../db/database.ts';
import type { RowKeys } from './lookup-keys.ts';
import { prepareTempTables } from './match.store.ts';

/**
 * The keys of the rows of one list, in a table of this transaction: Postgres sorts them, on disk where they are many,
 * so that the memory of this process does not grow with the list.
 */
export async function createListKeys(trx: Db): Promise<void> {
  // Sorts of a million keys fit into this; what does not goes to disk. All rows of a cursor are read, so it is to be
  // planned like any other query, not for its first rows.
  await sql`select set_config('work_mem', '128MB', true), set_config('cursor_tuple_fraction', '1', true)`.execute(trx);
  await prepareTempTables(trx);
  await sql`
    create temp table list_keys (row int not null, name uuid not null, alike uuid not null,
      external uuid, email uuid, address uuid, kana uuid, phone uuid) on commit drop`.execute(trx);
}

export interface KeyedRow {
  row: number;
  keys: RowKeys;
}

/** Writes the keys of rows. A row with several emails takes several lines. */
export async function insertListKeys(trx: Db, rows: readonly KeyedRow[]): Promise<void> {
  const lines = rows.flatMap(({ row, keys }) =>
    [keys.emails[0] ?? null, ...keys.emails.slice(1)].map((email) => ({ row, keys, email })),
  );
  if (lines.length === 0) return;
  const uuids = (of: (line: (typeof lines)[number]) => string | null) => array(lines.map((line) => of(line) ?? 'NULL'));
  await sql`
    insert into list_keys
    select * from unnest(
      ${array(lines.map(({ row }) => String(row)))}::int[], ${uuids(({ keys }) => keys.name)}::uuid[],
      ${uuids(({ keys }) => keys.alike)}::uuid[], ${uuids(({ keys }) => keys.external)}::uuid[],
      ${uuids(({ email }) => email)}::uuid[], ${uuids(({ keys }) => keys.address)}::uuid[],
      ${uuids(({ keys }) => keys.kana)}::uuid[], ${uuids(({ keys }) => keys.phone)}::uuid[])`.execute(trx);
}

// Numbers and hexadecimal digits need no quoting: the literal is put together here, which is five times as fast as the
// driver's own arrays.
function array(values: readonly string[]): string {
  return `{${values.join()}}`;
}

export type KeyColumn = 'external' | 'email' | 'address' | 'kana';

/** Everybody of one name under one key. */
export interface SharedKey {
  key: string;
  name: string;
  alike: string;
  rows: number[];
  /** Known persons of the same name. */
  persons: string[];
}

/**
 * Keys that several rows of the list share, or that rows share with persons who are known: all names under one key
 * follow each other.
 * @param anybody whether anybody is known
 */
export async function* sharedKeys(trx: Db, column: KeyColumn, anybody: boolean): AsyncGenerator<SharedKey[]> {
  const key = sql.ref(column);
  const ofList = sql`
    select ${key} as key, name, alike, array_agg(row order by row) as rows, count(*) as n,
      count(*) over (partition by ${key}) as names
    from list_keys where ${key} is not null group by ${key}, name, alike`;
  const query = anybody
    ? sql<SharedKey>`
        with k as (${ofList})
        select k.key, k.name, k.alike, min(k.rows) as rows,
          coalesce(array_agg(p.person_id::text order by p.person_id) filter (where p.person_id is not null), '{}') as persons
        from k left join person_keys p on p.key = k.key and p.name = k.name
        group by k.key, k.name, k.alike
        having bool_or(k.names > 1 or k.n > 1) or count(p.person_id) > 0
        order by k.key, k.name`
    : sql<SharedKey>`
        select key, name, alike, rows, array[]::text[] as persons from (${ofList}) k
        where names > 1 or n > 1 order by key, name`;
  let held: SharedKey[] = [];
  for await (const page of pages(trx, query)) {
    for (const shared of page) {
      if (held.length > 0 && held[0]?.key !== shared.key) {
        yield held;
        held = [];
      }
      held.push(shared);
    }
  }
  if (held.length > 0) yield held;
}

/** Above this, not everybody is compared with everybody: a placeholder would make pairs of all its thousands. */
export const ALL_WITH_ALL = 10;

/** Rows of one name under a key, and somebody who is known under that key by another name. */
export interface OtherName {
  rows: number[];
  personId: string;
}

/** @param alikeOnly only names that differ in variants of characters */
export async function* otherNames(trx: Db, column: KeyColumn, alikeOnly: boolean): AsyncGenerator<OtherName[]> {
  const key = sql.ref(column);
  const other = sql`p.key = k.key and p.name <> k.name and ${alikeOnly ? sql`p.alike = k.alike` : sql`true`}`;
  yield* pages(
    trx,
    sql<OtherName>`
      with k as (
        select ${key} as key, name, alike, array_agg(row order by row) as rows
        from list_keys where ${key} is not null group by ${key}, name, alike
      ), asked as materialized (
        select * from k where exists (select 1 from person_keys p where ${other})
      )
      select k.rows, o.person_id as "personId"
      from asked k cross join lateral (
        select distinct p.person_id from person_keys p where ${other}
        order by p.person_id limit ${sql.lit(ALL_WITH_ALL)}) o
      order by k.key, k.name, o.person_id`,
  );
}

/**
 * Rows that are the same as an earlier row of the list: whoever said it twice spoke of one person.
 * @param ordinals only these rows; the others may have their person already
 */
export async function* equalRows(
  trx: Db,
  listId: string,
  ordinals: readonly number[] | null,
): AsyncGenerator<{ row: number; first: number; personId: string | null }[]> {
  const among = sql`(${ordinals}::int[] is null or r.ordinal = any (${ordinals}::int[]))`;
  // Put together as an array first: a list that has just been written has no statistics, and a join with itself was
  // planned as a loop within a loop.
  yield* pages(
    trx,
    sql<{ row: number; first: number; personId: string | null }>`
      select ordinal as row, first, person as "personId" from (
        select r.ordinal, ${among} as wanted, min(r.ordinal) filter (where ${among}) over same as first,
          (min(r.person_id) over same)::text as person
        from list_rows r
        where r.list_id = ${listId} and r.outcome <> 'quarantined' and (${among} or r.person_id is not null)
          and r.fingerprint = any (array(
            select fingerprint from list_rows where list_id = ${listId} and occurrence > 1 and fingerprint is not null))
        window same as (partition by r.fingerprint)) e
      where wanted order by ordinal`,
  );
}

/** Rows that stand in an accepted list of the same source and kind already, and whose they are. */
export async function* repeatedRows(
  trx: Db,
  listId: string,
  ordinals: readonly number[] | null,
): AsyncGenerator<{ row: number; personId: string }[]> {
  yield* pages(
    trx,
    sql<{ row: number; personId: string }>`
      select r.ordinal as row, min(l.person_id) as "personId"
      from list_rows r join list_rows l on l.fingerprint = r.fingerprint and l.occurrence = r.occurrence
      where r.list_id = ${listId} and r.fingerprint is not null and l.fingerprint is not null and l.person_id is not null
        and l.list_id <> r.list_id and (${ordinals}::int[] is null or r.ordinal = any (${ordinals}::int[]))
      group by r.ordinal order by r.ordinal`,
  );
}

/** Equal rows of one file are told apart by counting them. */
export async function countOccurrences(trx: Db, listId: string): Promise<void> {
  // Materialized: where Postgres takes the list for a short one, it would count anew for every row
  // (37 s instead of 0.2 with 12,000 rows).
  await sql`
    with counted as (
      select ordinal, row_number() over (partition by fingerprint order by ordinal) as n
      from list_rows where list_id = ${listId} and fingerprint is not null
    ), again as materialized (select ordinal, n from counted where n > 1)
    update list_rows r set occurrence = a.n from again a
    where r.list_id = ${listId} and r.ordinal = a.ordinal`.execute(trx);
}

/** Makes the persons of accepted rows findable under the keys of their rows. In the order of the keys: a million of
 * them then go into the index one beside the other. */
export async function insertPersonKeys(trx: Db, listId: string): Promise<void> {
  await sql`
    insert into person_keys (key, name, alike, person_id)
    select distinct on (key, person_id, name) v.key, k.name, k.alike, r.person_id
    from list_keys k join list_rows r on r.list_id = ${listId} and r.ordinal = k.row
    cross join lateral (values (k.name), (k.external), (k.email), (k.address), (k.kana), (k.phone)) v (key)
    where v.key is not null and r.person_id is not null
    order by key, person_id, name
    on conflict do nothing`.execute(trx);
}

const PAGE = 5_000;

/** Walks through a result a page at a time, whatever its size. One at a time in a transaction. */
async function* pages<Row>(trx: Db, query: RawBuilder<Row>): AsyncGenerator<Row[]> {
  await sql`declare pages no scroll cursor for ${query}`.execute(trx);
  for (;;) {
    const { rows } = await sql<Row>`fetch ${sql.lit(PAGE)} from pages`.execute(trx);
    if (rows.length === 0) break;
    yield rows;
  }
  await sql`close pages`.execute(trx);
}
