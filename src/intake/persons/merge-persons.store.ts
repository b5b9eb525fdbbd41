import { sql } from 'kysely';
import type { Db } from '../../db/database.ts';
import type { IncidentVault } from '../../vault/vault.ts';
import { refreshCandidates } from './candidate.store.ts';
import { refreshExclusions } from './exclusion.store.ts';
import type { RowName } from './person-rows.store.ts';
import { rebuildPersons } from './rebuild-person.store.ts';
import { sealReason } from './seal-reason.ts';

/** What is needed to undo a merge. */
export interface MergeDetail {
  /** Rows that were the merged person's. */
  rows: RowName[];
  /** Rows that were the other person's. */
  kept: RowName[];
  /** Persons who had been merged into the merged person before. */
  before: string[];
  /** Marks that were the merged person's. */
  marks: string[];
  /** The pair of candidates that was decided; null: it followed from a list. */
  candidate: string | null;
}

export interface Merge {
  from: string;
  into: string;
}

export interface MergeCause {
  incidentId: string;
  /** Null: it followed from a list. */
  userId: string | null;
  listId: string | null;
  candidateId: string | null;
  reason: string | null;
}

/** Merges written at once. */
const AT_ONCE = 500;

/**
 * Makes one person of two, many times: what belongs to `from` belongs to `into`. The reference of `from` keeps
 * resolving. An exclusion of either holds for the one: it was said of this person. Written down, so that each can be
 * undone. Nobody who is merged away may be an `into`.
 */
export async function mergePersons(
  trx: Db,
  vault: IncidentVault,
  merges: readonly Merge[],
  cause: MergeCause,
): Promise<void> {
  if (merges.length === 0) return;
  const sealed = cause.reason === null ? null : sealReason(vault, cause.reason);
  // Of three who are one, the second is merged after the first: each change says what it found.
  for (const round of rounds(merges)) {
    for (let i = 0; i < round.length; i += AT_ONCE) {
      const some = round.slice(i, i + AT_ONCE);
      await writeMerges(trx, some, cause, sealed);
      await moveAll(trx, some);
    }
  }
  const intos = [...new Set(merges.map(({ into }) => into))];
  await refreshCandidates(trx, cause.incidentId, intos);
  await refreshExclusions(trx, intos);
  await rebuildPersons(trx, vault, intos);
}

/** Merges into one person follow each other; others go together. */
function rounds(merges: readonly Merge[]): Merge[][] {
  const found: Merge[][] = [];
  const seen = new Map<string, number>();
  for (const merge of merges) {
    const round = seen.get(merge.into) ?? 0;
    seen.set(merge.into, round + 1);
    const group = found[round] ?? [];
    group.push(merge);
    found[round] = group;
  }
  return found;
}

async function writeMerges(
  trx: Db,
  merges: readonly Merge[],
  { incidentId, userId, listId, candidateId }: MergeCause,
  reasonSealed: Buffer | null,
): Promise<void> {
  const rowsOf = (person: 'from_id' | 'into_id') => sql`(
    select coalesce(jsonb_agg(jsonb_build_array(r.list_id::text, r.ordinal) order by r.list_id, r.ordinal), '[]')
    from list_rows r where r.person_id = m.${sql.ref(person)})`;
  await sql`
    insert into person_changes (incident_id, person_id, other_id, kind, user_id, list_id, reason_sealed, detail)
    select ${incidentId}, m.into_id, m.from_id, 'merge', ${userId}, ${listId}, ${reasonSealed}, jsonb_build_object(
      'rows', ${rowsOf('from_id')}, 'kept', ${rowsOf('into_id')},
      'before', (select coalesce(jsonb_agg(p.id::text), '[]') from persons p where p.merged_into = m.from_id),
      'marks', (select coalesce(jsonb_agg(k.id::text), '[]') from person_marks k where k.person_id = m.from_id),
      'candidate', ${candidateId}::text)
    from unnest(${merges.map((m) => m.from)}::bigint[], ${merges.map((m) => m.into)}::bigint[])
      as m (from_id, into_id)`.execute(trx);
}

/** Gives all that belongs to the one to the other. */
export async function moveAll(trx: Db, merges: readonly Merge[]): Promise<void> {
  const m = sql`unnest(${merges.map(({ from }) => from)}::bigint[], ${merges.map(({ into }) => into)}::bigint[])
                as m (from_id, into_id)`;
  await sql`update list_rows r set person_id = m.into_id from ${m} where r.person_id = m.from_id`.execute(trx);
  await sql`update exposures e set person_id = m.into_id from ${m} where e.person_id = m.from_id`.execute(trx);
  // What one row says of both is said once.
  await sql`update person_marks k set person_id = m.into_id from ${m} where k.person_id = m.from_id
            and not (k.ended_at is null and exists (
              select 1 from person_marks o where o.list_id = k.list_id and o.ordinal = k.ordinal
                and o.person_id = m.into_id and o.ended_at is null))`.execute(trx);
  await sql`delete from person_keys k using ${m} where k.person_id = m.from_id`.execute(trx);
  await sql`update persons p set merged_into = m.into_id from ${m} where p.merged_into = m.from_id`.execute(trx);
  await sql`update persons p set merged_into = m.into_id, version = version + 1, updated_at = now()
            from ${m} where p.id = m.from_id`.execute(trx);
}
