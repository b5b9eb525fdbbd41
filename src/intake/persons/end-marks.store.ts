import { type RawBuilder, sql } from 'kysely';
import { audit } from '../../audit/audit.store.ts';
import { type Db, inTransaction } from '../../db/database.ts';
import { OwabiError } from '../../errors.ts';
import { marksChangeNotices, voidNotices } from '../../notice/void-notices.store.ts';
import type { Services } from '../../services.ts';
import type { IncidentVault } from '../../vault/vault.ts';
import { isPointer, type ListKind } from '../columns/list-kind.ts';
import { requireList } from '../lists/list-pages.store.ts';
import { lockPersonsOf } from '../matching/match.store.ts';
import type { MarkKind } from '../matching/pointers.store.ts';
import { lockPerson } from './person-desk.store.ts';

type Needs = Pick<Services, 'db' | 'vault'>;

/** An operator's decision; the reason is sealed. */
export interface Decision {
  reason: string;
  userId: string;
}

/** What a decision came to. */
export interface EndedMarks {
  /** Marks that ended: one for each row and person. */
  marks: number;
  /** Different persons they were of. */
  persons: number;
}

/**
 * Ends all that a list says of persons: its marks, and the keys that stand for whoever becomes known later.
 * @throws OwabiError `not_found`; `wrong_state` when the list is of another kind, or says nothing any more
 */
export async function releaseList({ db, vault }: Needs, listId: string, by: Decision): Promise<EndedMarks> {
  return inTransaction(db, async (trx) => {
    const { list, incidentVault } = await lockPointerList(trx, vault, listId);
    const ended = await endMarks(trx, incidentVault, sql`list_id = ${list.id}`, by);
    const keys = await sql`delete from mark_keys where list_id = ${list.id}`.execute(trx);
    if (ended.marks === 0 && keys.numAffectedRows === 0n) {
      throw new OwabiError('wrong_state', 'The list marks nobody: there is nothing to end.');
    }
    await sql`update affected_lists set released_at = now(), updated_at = now() where id = ${list.id}`.execute(trx);
    await audit(trx, by.userId, 'list.release', 'list', list.id, { ...ended });
    if (await marksChangeNotices(trx, list.incident_id)) await voidNotices(trx, list.incident_id);
    return ended;
  });
}

/**
 * Turns the holds of a list into exclusions, also for whoever becomes known later. A hold that was ended stays ended.
 * @throws OwabiError `not_found`; `wrong_state` when the list holds nobody
 */
export async function excludeHeld({ db, vault }: Needs, listId: string, by: Decision): Promise<EndedMarks> {
  return inTransaction(db, async (trx) => {
    const { list, incidentVault } = await lockPointerList(trx, vault, listId);
    const held = sql<boolean>`list_id = ${list.id} and kind = 'hold'`;
    const ended = await endMarks(trx, incidentVault, held, by);
    await sql`
      insert into person_marks (list_id, ordinal, person_id, incident_id, kind)
      select list_id, ordinal, person_id, incident_id, 'exclude' from person_marks
      where ${held} and ended_at = now()`.execute(trx);
    const keys = await sql`
      update mark_keys set kind = 'exclude', release_on = null where ${held}`.execute(trx);
    if (ended.marks === 0 && keys.numAffectedRows === 0n) {
      throw new OwabiError('wrong_state', 'The list holds nobody: there is nothing to turn into exclusions.');
    }
    await audit(trx, by.userId, 'list.exclude', 'list', list.id, { ...ended });
    if (await marksChangeNotices(trx, list.incident_id)) await voidNotices(trx, list.incident_id);
    return ended;
  });
}

/**
 * Ends the marks of one kind that lists have set on a person. The lists go on to hold for others.
 * @throws OwabiError `not_found`; `wrong_state` when there is none in force
 */
export async function releasePerson(
  { db, vault }: Needs,
  personId: string,
  kind: MarkKind,
  by: Decision,
): Promise<void> {
  return inTransaction(db, async (trx) => {
    const { id, incident_id } = await lockPerson(trx, personId);
    const of = sql<boolean>`person_id = ${id} and kind = ${kind}`;
    const ended = await endMarks(trx, await vault.forIncident(incident_id), of, by);
    if (ended.marks === 0) {
      throw new OwabiError('wrong_state', `No list marks the person with ${kind}: there is nothing to end.`);
    }
    await audit(trx, by.userId, 'person.release', 'person', id, { kind, marks: ended.marks });
    if (await marksChangeNotices(trx, incident_id)) await voidNotices(trx, incident_id);
  });
}

async function endMarks(
  trx: Db,
  vault: IncidentVault,
  isOne: RawBuilder<boolean> | RawBuilder<unknown>,
  { reason, userId }: Decision,
): Promise<EndedMarks> {
  const { rows } = await sql<EndedMarks>`
    with ended as (
      update person_marks
      set ended_at = now(), ended_by = ${userId}, ended_reason_sealed = ${vault.seal('reason', reason)}
      where ended_at is null and ${isOne} returning person_id
    )
    select count(*)::int as marks, count(distinct person_id)::int as persons from ended`.execute(trx);
  return rows[0] ?? { marks: 0, persons: 0 };
}

/** The list, while nobody accepts another or decides on the incident's persons. */
async function lockPointerList(trx: Db, vault: Needs['vault'], listId: string) {
  await lockPersonsOf(trx, (await requireList(trx, listId)).incident_id);
  const list = await requireList(trx, listId);
  if (!isPointer(list.kind as ListKind)) {
    throw new OwabiError('wrong_state', `A list of the kind ${list.kind} marks nobody.`);
  }
  if (list.status !== 'accepted') {
    throw new OwabiError('wrong_state', `The list is ${list.status}; only one that was accepted marks persons.`);
  }
  return { list, incidentVault: await vault.forIncident(list.incident_id) };
}
