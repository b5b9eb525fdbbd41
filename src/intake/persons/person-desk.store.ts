import { isDeepStrictEqual } from 'node:util';
import { sql } from 'kysely';
import { type Db, inTransaction } from '../../db/database.ts';
import { OwabiError } from '../../errors.ts';
import { voidNotices } from '../../notice/void-notices.store.ts';
import type { Services } from '../../services.ts';
import type { IncidentVault } from '../../vault/vault.ts';
import { personKeys, searchKeys } from '../matching/lookup-keys.ts';
import { findKnownPersons, lockPersonsOf } from '../matching/match.store.ts';
import { findPerson, findPersons, insertPersonKeys, type PersonRow, recordOf, updatePersons } from './person.store.ts';
import type { PersonData } from './person-data.ts';
import { parseReference } from './reference.ts';

/** More are not shown: whoever finds a hundred persons by one exact key has not asked for one. */
const MOST_FOUND = 100;

/**
 * Looks somebody up by reference, email, phone, external id or name, folded as for matching. Exact: no parts, no
 * similar spellings. A reference of a person who was merged away finds the one they became.
 */
export async function searchPersons(
  db: Db,
  vault: IncidentVault,
  incidentId: string,
  question: string,
): Promise<PersonRow[]> {
  const ids = new Set<string>();
  const reference = parseReference(question);
  if (reference !== null) {
    const named = await db
      .selectFrom('persons')
      .select(['id', 'merged_into'])
      .where('reference', '=', reference)
      .where('incident_id', '=', incidentId)
      .executeTakeFirst();
    if (named) ids.add(named.merged_into ?? named.id);
  }
  const sources = await db
    .selectFrom('affected_lists')
    .select('source')
    .distinct()
    .where('incident_id', '=', incidentId)
    .execute();
  const keys = searchKeys(
    question,
    sources.map(({ source }) => source),
    vault.lookupKey,
  );
  const known = await findKnownPersons(db, keys);
  for (const key of keys) for (const id of known.of(key)) ids.add(id);
  return findPersons(db, [...ids].slice(0, MOST_FOUND));
}

/** @throws OwabiError `not_found` */
export async function requirePerson(db: Db, personId: string): Promise<PersonRow> {
  const person = await findPerson(db, personId);
  if (!person) throw new OwabiError('not_found', 'There is no person with this id.');
  return person;
}

/**
 * Leaves a person out of every notice that is frozen from now on. A frozen one that has not started becomes a draft
 * again, because nobody approved it without this person.
 * @throws OwabiError `not_found`, `wrong_state` when the person is excluded already
 */
export async function excludePerson(
  { db, vault }: Pick<Services, 'db' | 'vault'>,
  personId: string,
  { reason, userId }: { reason: string; userId: string },
): Promise<PersonRow> {
  return inTransaction(db, async (trx) => {
    const person = await lockPerson(trx, personId);
    const incidentVault = await vault.forIncident(person.incident_id);
    const row = await trx
      .updateTable('persons')
      .set({
        ...{ excluded_at: sql`now()`, excluded_by: userId, version: sql`version + 1`, updated_at: sql`now()` },
        excluded_reason_sealed: incidentVault.seal('reason', reason),
      })
      .where('id', '=', person.id)
      .where('excluded_at', 'is', null)
      .returningAll()
      .executeTakeFirst();
    if (!row) throw new OwabiError('wrong_state', 'The person is excluded already.');
    await voidNoticesAbout(trx, row);
    return row;
  });
}

/**
 * Changes what is known of a person. The old email and address keep finding them. What changes nothing voids nothing.
 * @param change gives the new data from the present
 * @throws OwabiError `not_found`, and what `change` throws
 */
export async function correctPerson(
  { db, vault }: Pick<Services, 'db' | 'vault'>,
  personId: string,
  change: (data: PersonData) => PersonData,
): Promise<PersonRow> {
  return inTransaction(db, async (trx) => {
    const row = await lockPerson(trx, personId);
    const { id } = row;
    const incidentVault = await vault.forIncident(row.incident_id);
    const before = incidentVault.openJson<PersonData>('person', row.sealed);
    const data = change(before);
    if (isDeepStrictEqual(data, before)) return row;
    await updatePersons(trx, [{ id, record: recordOf(data, incidentVault.sealJson('person', data)) }]);
    await insertPersonKeys(
      trx,
      personKeys(data, incidentVault.lookupKey).map((key) => ({ ...key, personId: id })),
    );
    await voidNoticesAbout(trx, row);
    return requirePerson(trx, id);
  });
}

/** The person, while no list of the incident is being accepted: that would write over, or merge away, what we change. */
async function lockPerson(trx: Db, personId: string): Promise<PersonRow> {
  await lockPersonsOf(trx, (await requirePerson(trx, personId)).incident_id);
  return requirePerson(trx, personId);
}

/** Takes back frozen notices that have not started, when this person is in one or one is being frozen. */
async function voidNoticesAbout(trx: Db, person: PersonRow): Promise<void> {
  const { rows } = await sql<{ id: string }>`
    select n.id from notices n
    where n.incident_id = ${person.incident_id} and n.status in ('freezing', 'awaiting_approval', 'approved', 'paused')
      and n.started_at is null
      and (n.status = 'freezing' or exists (
        select 1 from notice_persons p where p.notice_id = n.id and p.person_id = ${person.id}))
    limit 1`.execute(trx);
  if (rows.length > 0) await voidNotices(trx, person.incident_id);
}

export interface PersonExposure {
  kind: string;
  units: number;
  brand: string | null;
  sealed: Buffer | null;
  listId: string;
  line: number;
}

/** Exposures of a person in the order in which they became known, with the list and line that said so. */
export async function exposuresOf(db: Db, personId: string): Promise<PersonExposure[]> {
  return db
    .selectFrom('exposures as e')
    .innerJoin('list_rows as l', (join) =>
      join.onRef('l.list_id', '=', 'e.list_id').onRef('l.ordinal', '=', 'e.ordinal'),
    )
    .select(['e.kind', 'e.units', 'e.brand', 'e.sealed', 'e.list_id as listId', 'l.line'])
    .where('e.person_id', '=', personId)
    .orderBy('e.id')
    .execute();
}

/** Deliveries to a person, also those to whoever was merged into them, with their history. */
export async function deliveriesOf(db: Db, personId: string) {
  const deliveries = await db
    .selectFrom('deliveries as d')
    .innerJoin('notices as n', 'n.id', 'd.notice_id')
    .innerJoin('persons as p', 'p.id', 'd.person_id')
    .selectAll('d')
    .select('n.template')
    .where((where) => where.or([where('p.id', '=', personId), where('p.merged_into', '=', personId)]))
    .orderBy('d.id')
    .execute();
  const events = await db
    .selectFrom('delivery_events')
    .selectAll()
    .where('delivery_id', 'in', [...deliveries.map((delivery) => delivery.id), '0'])
    .orderBy('id')
    .execute();
  const byDelivery = Map.groupBy(events, (event) => event.delivery_id);
  return deliveries.map((delivery) => ({ ...delivery, events: byDelivery.get(delivery.id) ?? [] }));
}
