import { type RawBuilder, sql } from 'kysely';
import type { Db } from '../../db/database.ts';
import { OwabiError } from '../../errors.ts';
import type { IncidentVault } from '../../vault/vault.ts';
import { lockPersonsOf } from '../matching/match.store.ts';
import type { MergeDetail } from './merge-persons.store.ts';
import type { RowName } from './person-rows.store.ts';
import { type Decided, sealReason } from './seal-reason.ts';

export type ChangeKind = 'merge' | 'split' | 'correct' | 'exclude';

/** A change of a person, as it is shown. */
export interface PersonChange {
  id: string;
  kind: ChangeKind;
  personId: string;
  /** Of a merge, who was merged away; of a split, who came out. */
  otherId: string | null;
  at: Date;
  /** Null: a list brought it about. */
  by: string | null;
  listId: string | null;
  reason: string | null;
  undoneAt: Date | null;
  undoneBy: string | null;
  undoneReason: string | null;
}

/** Changes of a person and of whoever was merged into them, also those that were undone, the newest first. */
export async function changesOf(db: Db, vault: IncidentVault, personId: string): Promise<PersonChange[]> {
  type Sealed = Omit<PersonChange, 'reason' | 'undoneReason'> & Record<'reason' | 'undoneReason', Buffer | null>;
  const { rows } = await sql<Sealed>`
    with own as (select id from persons where id = ${personId} or merged_into = ${personId})
    select c.id, c.kind, c.person_id as "personId", c.other_id as "otherId", c.at, c.user_id as by,
      c.list_id as "listId", c.reason_sealed as reason, c.undone_at as "undoneAt", c.undone_by as "undoneBy",
      c.undone_reason_sealed as "undoneReason"
    from person_changes c
    where c.person_id in (select id from own) or c.other_id in (select id from own)
    order by c.id desc`.execute(db);
  const opened = (sealed: Buffer | null) => sealed && vault.open('reason', sealed).toString();
  return rows.map((row) => ({ ...row, reason: opened(row.reason), undoneReason: opened(row.undoneReason) }));
}

/** A change as it was written down. */
export type StoredChange = { id: string; incidentId: string; personId: string; undoneAt: Date | null } & (
  | { kind: 'merge'; otherId: string; detail: MergeDetail }
  | { kind: 'split'; otherId: string; detail: { rows: RowName[] } }
  | { kind: 'correct' | 'exclude'; otherId: null; detail: object }
);

/** A change that stands, while no list of the incident is being accepted. */
export async function lockChange(trx: Db, changeId: string): Promise<StoredChange> {
  const found = await trx
    .selectFrom('person_changes')
    .select('incident_id')
    .where('id', '=', changeId)
    .executeTakeFirst();
  if (!found) throw new OwabiError('not_found', 'There is no change of a person with this id.');
  await lockPersonsOf(trx, found.incident_id);
  const [change] = await standing(trx, sql<boolean>`id = ${changeId}`);
  if (!change) throw new OwabiError('wrong_state', 'The change is undone already.');
  return change;
}

/** Changes that stand and meet a condition, in the order in which they were made. */
export async function standing(trx: Db, condition: RawBuilder<boolean>): Promise<StoredChange[]> {
  const { rows } = await sql<StoredChange>`
    select id, incident_id as "incidentId", person_id as "personId", other_id as "otherId", kind, detail,
      undone_at as "undoneAt"
    from person_changes where undone_at is null and ${condition} order by id`.execute(trx);
  return rows;
}

export async function markUndone(
  trx: Db,
  vault: IncidentVault,
  changeId: string,
  { userId, reason }: Decided,
): Promise<void> {
  await trx
    .updateTable('person_changes')
    .set({ undone_at: sql`now()`, undone_by: userId, undone_reason_sealed: sealReason(vault, reason) })
    .where('id', '=', changeId)
    .execute();
}
