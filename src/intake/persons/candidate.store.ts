import { type RawBuilder, sql } from 'kysely';
import type { Db } from '../../db/database.ts';
import { type KeptApart, keptApart } from '../matching/bonds.ts';
import type { CandidateReason } from '../matching/doubts.ts';

/** Two persons who may be one. */
export interface PersonPair {
  personId: string;
  otherId: string;
  reason: CandidateReason;
}

/**
 * Writes down pairs for a person to decide. A pair that stands there already, decided or not, is left as it is.
 * @param pairs of persons who are not merged away
 * @returns how many of the pairs are open now
 */
export async function addCandidates(
  trx: Db,
  list: { id: string; incident_id: string },
  pairs: readonly PersonPair[],
): Promise<number> {
  const ordered = pairs.map(({ personId, otherId, reason }) => {
    const [low, high] = BigInt(personId) < BigInt(otherId) ? [personId, otherId] : [otherId, personId];
    return { low, high, reason };
  });
  let open = 0;
  for (let i = 0; i < ordered.length; i += 5_000) {
    const some = ordered.slice(i, i + 5_000);
    const { rows } = await sql<{ open: number }>`
      with given as (
        select * from unnest(${some.map((c) => c.low)}::bigint[], ${some.map((c) => c.high)}::bigint[],
                             ${some.map((c) => c.reason)}::text[]) with ordinality as g (low, high, reason, n)
      ), added as (
        insert into candidates (incident_id, list_id, person_id, other_id, low_id, high_id, reason)
        select ${list.incident_id}, ${list.id}, g.low, g.high, g.low, g.high, g.reason from given g
        where not exists (select 1 from candidates c where c.low_id = g.low and c.high_id = g.high)
        order by g.n
        on conflict (person_id, other_id) do nothing returning id
      )
      select (select count(*) from added)::int + (select count(*) from given g where exists (
        select 1 from candidates c where c.low_id = g.low and c.high_id = g.high and ${isAsked('c')}))::int as open
    `.execute(trx);
    open += rows[0]?.open ?? 0;
  }
  return open;
}

/**
 * Whether a pair is to be decided, and named by this row: the two are not one by now, nobody keeps them apart, and no
 * row before it says the same.
 */
export function isAsked(alias: string): RawBuilder<boolean> {
  const c = sql.ref(alias);
  return sql<boolean>`(${c}.status = 'open' and ${c}.low_id <> ${c}.high_id and not exists (
    select 1 from candidates d where d.low_id = ${c}.low_id and d.high_id = ${c}.high_id
      and (d.status = 'apart' or (d.status = 'open' and d.id < ${c}.id))))`;
}

/** Pairs of whom somebody said that they are two persons, as things stand. */
export async function pairsKeptApart(trx: Db, incidentId: string): Promise<KeptApart> {
  const rows = await trx
    .selectFrom('candidates')
    .select(['low_id', 'high_id'])
    .where('incident_id', '=', incidentId)
    .where('status', '=', 'apart')
    .whereRef('low_id', '<>', 'high_id')
    .execute();
  return keptApart(rows.map(({ low_id, high_id }) => [low_id, high_id] as const));
}

export interface Apart {
  incidentId: string;
  ids: readonly [string, string];
  userId: string;
  reasonSealed: Buffer;
}

/** Notes that two persons, who were one, are two: no list is to join them again. */
export async function keepApart(trx: Db, { incidentId, ids, userId, reasonSealed }: Apart): Promise<void> {
  const [low, high] = BigInt(ids[0]) < BigInt(ids[1]) ? ids : [ids[1], ids[0]];
  await sql`
    insert into candidates (incident_id, person_id, other_id, low_id, high_id, reason, status, decided_by, decided_at,
                            reason_sealed)
    values (${incidentId}, ${low}, ${high}, ${low}, ${high}, 'were_one', 'apart', ${userId}, now(), ${reasonSealed})
    on conflict (person_id, other_id) do update set status = 'apart', decided_by = excluded.decided_by,
      decided_at = excluded.decided_at, reason_sealed = excluded.reason_sealed`.execute(trx);
}

/** Lets the pairs of these persons, and of whoever was merged into them, name whom they have become. */
export async function refreshCandidates(trx: Db, incidentId: string, personIds: readonly string[]): Promise<void> {
  await sql`
    with touched as materialized (
      select id from persons where id = any (${personIds}::bigint[]) or merged_into = any (${personIds}::bigint[])
    )
    update candidates c set
      low_id = least(coalesce(a.merged_into, a.id), coalesce(b.merged_into, b.id)),
      high_id = greatest(coalesce(a.merged_into, a.id), coalesce(b.merged_into, b.id))
    from persons a, persons b
    where a.id = c.person_id and b.id = c.other_id and c.incident_id = ${incidentId}
      and (c.person_id in (select id from touched) or c.other_id in (select id from touched))`.execute(trx);
}
