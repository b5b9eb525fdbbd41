import { sql } from 'kysely';
import type { Db } from '../../db/database.ts';
import type { Matching } from '../matching/match-list.store.ts';
import type { ListWarning } from './list.store.ts';
import { warnOf } from './row.store.ts';

/**
 * What the matching has to say of rows. The first three: the row is one of a pair for a person to decide.
 * `joined_by_address`: one person with others because name and address are the same and nothing speaks against it.
 * `address_match_in_doubt`: something that this row says speaks against such a match of an earlier list.
 * `matches_several`: the row fits two persons who are kept apart, and went to the one known first.
 */
export const matchWarnings = [
  ...['external_id_other_name', 'possible_duplicate', 'similar_name'],
  ...['joined_by_address', 'address_match_in_doubt', 'matches_several'],
] as const;

/** Says of rows what the matching found, and gives how many rows each warning was said of. */
export async function warnOfMatching(
  trx: Db,
  listId: string,
  { candidates, byAddress, torn }: Pick<Matching, 'candidates' | 'byAddress' | 'torn'>,
  inDoubt: readonly number[] = [],
): Promise<Record<string, number>> {
  const found = new Map<string, Set<number>>([
    ['joined_by_address', new Set(byAddress)],
    ['address_match_in_doubt', new Set(inDoubt)],
    ['matches_several', new Set(torn)],
  ]);
  for (const { one, other, reason } of candidates) {
    const rows = found.get(reason) ?? new Set();
    for (const who of [one, other]) if (typeof who === 'number') rows.add(who);
    found.set(reason, rows);
  }
  for (const [code, rows] of found) await warnOf(trx, listId, code, [...rows]);
  return Object.fromEntries([...found].map(([code, rows]) => [code, rows.size]));
}

/** Takes back what an earlier matching said of rows: a forecast may have come out otherwise. */
export async function forgetMatching(trx: Db, listId: string, ordinals: readonly number[] | null): Promise<void> {
  const codes = [...matchWarnings];
  await sql`
    update list_rows r set warnings = array(select w from unnest(r.warnings) w where not w = any (${codes}::text[]))
    where r.list_id = ${listId} and r.warnings && ${codes}::text[]
      and (${ordinals}::int[] is null or r.ordinal = any (${ordinals}::int[]))`.execute(trx);
}

/** Writes onto the list of how many rows each of these warnings is said, as things stand. */
export async function refreshMatchWarnings(trx: Db, listId: string): Promise<void> {
  const codes: readonly string[] = matchWarnings;
  const { rows: counted } = await sql<{ code: string; count: number }>`
    select w as code, count(*)::int as count from list_rows r, unnest(r.warnings) w
    where r.list_id = ${listId} and r.warnings && ${codes}::text[] and w = any (${codes}::text[])
    group by w order by w`.execute(trx);
  const { warnings } = await trx
    .selectFrom('affected_lists')
    .select('warnings')
    .where('id', '=', listId)
    .executeTakeFirstOrThrow();
  const others = (warnings as unknown as ListWarning[]).filter(({ code }) => !codes.includes(code));
  await trx
    .updateTable('affected_lists')
    .set({ warnings: JSON.stringify([...others, ...counted]) })
    .where('id', '=', listId)
    .execute();
}
