import { randomBytes } from 'node:crypto';
import { sql } from 'kysely';
import { type Db, inTransaction } from '../../db/database.ts';
import { OwabiError } from '../../errors.ts';
import type { Services } from '../../services.ts';
import type { IncidentVault } from '../../vault/vault.ts';
import { personOfRow } from '../matching/lookup-keys.ts';
import { keepApart } from './candidate.store.ts';
import { applyMarks } from './marks.store.ts';
import { insertPersons, type PersonRow, recordOf } from './person.store.ts';
import { joinPersons } from './person-data.ts';
import { lockPerson, requirePerson, voidNoticesAbout } from './person-desk.store.ts';
import { moveRows, type PersonListRow, type RowName, rowsOfPersons } from './person-rows.store.ts';
import { rebuildPersons } from './rebuild-person.store.ts';
import { referenceFrom } from './reference.ts';
import { type Decided, sealReason } from './seal-reason.ts';

/** A row as an operator names it. */
export interface RowAsked {
  listId: string;
  line: number;
}

/**
 * Makes a person of their own of rows that were wrongly taken for this one: their exposures go with them, and no later
 * list joins the two again. What was corrected, decided or told of the person stays with the person.
 * @returns the new person
 * @throws OwabiError `not_found`; `invalid_body` for rows that are not this person's; `wrong_state` when all would go
 */
export async function splitPerson(
  { db, vault }: Pick<Services, 'db' | 'vault'>,
  personId: string,
  rows: readonly RowAsked[],
  by: Decided,
): Promise<PersonRow> {
  return inTransaction(db, async (trx) => {
    const person = await lockPerson(trx, personId);
    const incidentVault = await vault.forIncident(person.incident_id);
    const going = await rowsToGo(trx, incidentVault, person.id, rows);
    const newId = await writePerson(trx, incidentVault, person.incident_id, going);
    const names = going.map(({ listId, ordinal }): RowName => [listId, ordinal]);
    await moveRows(trx, names, newId);
    const reasonSealed = sealReason(incidentVault, by.reason);
    await trx
      .insertInto('person_changes')
      .values({
        ...{ incident_id: person.incident_id, person_id: person.id, other_id: newId, kind: 'split' },
        ...{ user_id: by.userId, reason_sealed: reasonSealed, detail: JSON.stringify({ rows: names }) },
      })
      .execute();
    const apart = { incidentId: person.incident_id, userId: by.userId, reasonSealed };
    await keepApart(trx, { ...apart, ids: [person.id, newId] });
    await rebuildPersons(trx, incidentVault, [person.id, newId]);
    await shareMarks(trx, person.incident_id, person.id, newId);
    await voidNoticesAbout(trx, person.incident_id, [person.id]);
    return requirePerson(trx, newId);
  });
}

/** The rows asked for, and those that say the same again: a row that is repeated goes with what it repeats. */
async function rowsToGo(
  trx: Db,
  vault: IncidentVault,
  personId: string,
  asked: readonly RowAsked[],
): Promise<PersonListRow[]> {
  const all = await rowsOfPersons(trx, vault, [personId]);
  const nameOf = ({ listId, line }: RowAsked) => `${listId} ${line}`;
  const wanted = new Set(asked.map(nameOf));
  const named = all.filter((row) => wanted.has(nameOf(row)));
  if (named.length < wanted.size) {
    throw new OwabiError('invalid_body', 'Some of these rows are not rows of this person.');
  }
  const again = new Set(named.flatMap(({ fingerprint }) => fingerprint ?? []));
  const going = all.filter((row) => wanted.has(nameOf(row)) || again.has(row.fingerprint ?? ''));
  if (going.length === all.length) {
    throw new OwabiError('wrong_state', 'At least one row must stay with the person, beside those that say the same.');
  }
  return going;
}

async function writePerson(
  trx: Db,
  vault: IncidentVault,
  incidentId: string,
  rows: readonly PersonListRow[],
): Promise<string> {
  const data = rows.map(({ fields, source }) => personOfRow(fields, source)).reduce(joinPersons);
  const record = recordOf(data, vault.sealJson('person', data));
  const [id] = await insertPersons(trx, incidentId, [record], () => referenceFrom(randomBytes(8)));
  if (id === undefined) throw new Error('no person was written');
  return id;
}

/**
 * Gives each of two, who were one, what lists say of them: a mark goes to whose keys it names now, and what names both
 * stays with one and marks the other as well. An ended mark stays ended.
 */
export async function shareMarks(trx: Db, incidentId: string, from: string, to: string): Promise<void> {
  const names = (id: string) => sql`exists (
    select 1 from mark_keys k join person_keys p on p.key = k.key and (k.name is null or k.name = p.name)
    where k.list_id = m.list_id and k.ordinal = m.ordinal and p.person_id = ${id})`;
  await sql`
    update person_marks m set person_id = ${to} where m.person_id = ${from} and ${names(to)} and not ${names(from)}
      and not exists (select 1 from person_marks o where o.list_id = m.list_id and o.ordinal = m.ordinal
                      and o.person_id = ${to} and o.ended_at is null)`.execute(trx);
  for (const ofPerson of [from, to]) await applyMarks(trx, incidentId, { ofPerson });
}
