import { sql } from 'kysely';
import { type Db, inTransaction } from '../../db/database.ts';
import { OwabiError } from '../../errors.ts';
import type { Services } from '../../services.ts';
import type { IncidentVault } from '../../vault/vault.ts';
import { certainGroups } from '../matching/certain.ts';
import { keepApart, refreshCandidates } from './candidate.store.ts';
import { refreshExclusions } from './exclusion.store.ts';
import { applyMarks } from './marks.store.ts';
import { moveAll } from './merge-persons.store.ts';
import type { PersonRow } from './person.store.ts';
import { lockChange, markUndone, type StoredChange, standing } from './person-changes.store.ts';
import { requirePerson, voidNoticesAbout } from './person-desk.store.ts';
import { moveRows, type RowName, rowsOfPersons } from './person-rows.store.ts';
import { rebuildPersons } from './rebuild-person.store.ts';
import { type Decided, sealReason } from './seal-reason.ts';
import { shareMarks } from './split-person.store.ts';

type Merge = Extract<StoredChange, { kind: 'merge' }>;
type Split = Extract<StoredChange, { kind: 'split' }>;

interface Undoing<Change = StoredChange> {
  trx: Db;
  vault: IncidentVault;
  change: Change;
  by: Decided;
}

/**
 * Undoes one change of a person, and puts those whom it concerns together anew. Frozen notices about them that have not
 * started become drafts again; one that has started goes on with what was approved.
 * @returns the person who was changed
 * @throws OwabiError `not_found`; `wrong_state` when the change is undone already, or another must be undone first
 */
export async function undoChange(
  { db, vault }: Pick<Services, 'db' | 'vault'>,
  changeId: string,
  by: Decided,
): Promise<PersonRow> {
  return inTransaction(db, async (trx) => {
    const change = await lockChange(trx, changeId);
    return undoLocked({ trx, vault: await vault.forIncident(change.incidentId), change, by });
  });
}

/** As `undoChange`, of a change that is locked. */
export async function undoLocked(undoing: Undoing): Promise<PersonRow> {
  const { trx, vault, change, by } = undoing;
  const { kind, incidentId } = change;
  if (kind === 'merge') await undoMerge({ ...undoing, change });
  if (kind === 'split') await undoSplit({ ...undoing, change });
  await markUndone(trx, vault, change.id, by);
  const { id } = await requirePerson(trx, change.personId);
  // Of a merge or a split it is both.
  const ids = [...new Set([id, change.otherId ?? id])];
  await refreshExclusions(trx, ids);
  if (kind === 'correct') {
    await rebuildPersons(trx, vault, [id]);
    await applyMarks(trx, incidentId, { ofPerson: id });
  }
  await voidNoticesAbout(trx, incidentId, ids);
  return requirePerson(trx, id);
}

async function undoMerge(undoing: Undoing<Merge>): Promise<void> {
  const { trx, vault, change, by } = undoing;
  const { personId: into, otherId: from, incidentId, detail } = change;
  await requireStanding(trx, into);
  const rows = await rowsOfMerged(undoing);
  await moveRows(trx, rows, from);
  await sql`update persons set merged_into = ${from} where merged_into = ${into}
            and id = any (${detail.before}::bigint[])`.execute(trx);
  await sql`update persons set merged_into = null, version = version + 1, updated_at = now()
            where id = ${from}`.execute(trx);
  await sql`update person_marks set person_id = ${from}
            where person_id = ${into} and id = any (${detail.marks}::bigint[])`.execute(trx);
  if (detail.candidate === null) {
    // A list joined them for certain, and would again.
    const reasonSealed = sealReason(vault, by.reason);
    await keepApart(trx, { incidentId, ids: [into, from], userId: by.userId, reasonSealed });
  } else {
    await trx
      .updateTable('candidates')
      .set({ status: 'open', decided_by: null, decided_at: null, reason_sealed: null })
      .where('id', '=', detail.candidate)
      .execute();
  }
  await refreshCandidates(trx, incidentId, [into, from]);
  await rebuildPersons(trx, vault, [into, from]);
  await shareMarks(trx, incidentId, into, from);
}

/**
 * The rows that go back: those that came with the merge, and those that came later and are certainly of the same person
 * and not of the other. Else what came by an email of the one would go on to be told to the other.
 */
async function rowsOfMerged({ trx, vault, change }: Undoing<Merge>): Promise<RowName[]> {
  const { personId: into, detail } = change;
  const names = new Set(detail.rows.map(String));
  const kept = new Set(detail.kept.map(String));
  const nameOf = ({ listId, ordinal }: { listId: string; ordinal: number }) => String([listId, ordinal]);
  const present = await rowsOfPersons(trx, vault, [into]);
  const groups = certainGroups(present);
  const later = groups.flatMap((group) => {
    const is = (set: ReadonlySet<string>) => group.some((row) => set.has(nameOf(row)));
    return is(names) && !is(kept) ? group.filter((row) => !names.has(nameOf(row))) : [];
  });
  const going = new Set([...names, ...later.map(nameOf)]);
  const isLater = (row: RowName) => !names.has(String(row)) && going.has(String(row));
  await requireThere(trx, change);
  // Rows of somebody who was merged later are theirs: that merge rests on this one.
  const since = await standing(trx, sql<boolean>`kind = 'merge' and person_id = ${into} and id > ${change.id}`);
  const resting = since.filter((one) => one.kind === 'merge' && one.detail.rows.some((row) => isLater(row)));
  if (resting.length > 0) throw dependent(resting);
  if (!present.some((row) => !going.has(nameOf(row)))) throw dependent(await splitsAfter(trx, change));
  return [...detail.rows, ...later.map(({ listId, ordinal }): RowName => [listId, ordinal])];
}

/** Refuses when rows that came with a merge have gone elsewhere since. Rows that only point at persons do not count. */
async function requireThere(trx: Db, change: Merge): Promise<void> {
  const { rows } = await sql`
    select 1 from jsonb_array_elements(${JSON.stringify(change.detail.rows)}::jsonb) e
    join list_rows r on r.list_id = (e ->> 0)::bigint and r.ordinal = (e ->> 1)::int
    join affected_lists l on l.id = r.list_id
    where l.kind in ('affected', 'members') and r.person_id <> ${change.personId} limit 1`.execute(trx);
  if (rows.length > 0) throw dependent(await splitsAfter(trx, change));
}

/** Splits that stand, were made after a merge, and took rows of it. */
async function splitsAfter(trx: Db, { id, personId, detail }: Merge): Promise<StoredChange[]> {
  const ours = new Set([...detail.rows, ...detail.kept].map(String));
  const splits = await standing(trx, sql<boolean>`kind = 'split' and person_id = ${personId} and id > ${id}`);
  return splits.filter((split) => split.kind === 'split' && split.detail.rows.some((row) => ours.has(String(row))));
}

/** What came out goes back. The two were one before, and are so again: nobody decided to merge two persons. */
async function undoSplit({ trx, vault, change }: Undoing<Split>): Promise<void> {
  const { personId: into, otherId: from, incidentId } = change;
  await requireStanding(trx, into);
  await requireStanding(trx, from);
  const since = await standing(trx, sql<boolean>`kind in ('merge', 'split') and person_id = ${from}`);
  if (since.length > 0) throw dependent(since);
  await moveAll(trx, [{ from, into }]);
  await refreshCandidates(trx, incidentId, [into]);
  await rebuildPersons(trx, vault, [into]);
  await applyMarks(trx, incidentId, { ofPerson: into });
}

/** Refuses when a person was merged away since. */
async function requireStanding(trx: Db, personId: string): Promise<void> {
  const person = await trx
    .selectFrom('persons')
    .select('merged_into')
    .where('id', '=', personId)
    .executeTakeFirstOrThrow();
  if (person.merged_into === null) return;
  throw dependent(await standing(trx, sql<boolean>`kind = 'merge' and other_id = ${personId}`));
}

function dependent(changes: readonly StoredChange[]): OwabiError {
  const last = changes.at(-1);
  const first = last ? ` Undo the ${last.kind} with id ${last.id} first.` : '';
  return new OwabiError('wrong_state', `A later change rests on this one.${first}`, {
    ...(last && { undoFirst: last.id }),
  });
}
