import { isDeepStrictEqual } from 'node:util';
import { sql } from 'kysely';
import { type Db, inTransaction } from '../../db/database.ts';
import { OwabiError } from '../../errors.ts';
import { voidNotices } from '../../notice/void-notices.store.ts';
import type { Services } from '../../services.ts';
import type { IncidentVault } from '../../vault/vault.ts';
import { personKeys, searchKeys } from '../matching/lookup-keys.ts';
import { lockPersonsOf, personsUnder } from '../matching/match.store.ts';
import { applyCorrection, type GivenCorrection, readCorrection } from './correct-person.ts';
import { applyMarks } from './marks.store.ts';
import { findPerson, findPersons, type PersonRow, recordOf, updatePersons, writeKeys } from './person.store.ts';
import type { PersonData } from './person-data.ts';
import { parseReference } from './reference.ts';
import { sealReason } from './seal-reason.ts';

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
  for (const id of await personsUnder(db, keys)) ids.add(id);
  return findPersons(db, [...ids].slice(0, MOST_FOUND));
}

/** @throws OwabiError `not_found` */
export async function requirePerson(db: Db, personId: string): Promise<PersonRow> {
  const person = await findPerson(db, personId);
  if (!person) throw new OwabiError('not_found', 'There is no person with this id.');
  return person;
}

/**
 * Corrects the email or the address of a person. The old ones keep finding them. What changes nothing voids nothing.
 * @throws OwabiError `not_found`, `invalid_body`
 */
export async function correctPerson(
  { db, vault }: Pick<Services, 'db' | 'vault'>,
  personId: string,
  given: GivenCorrection & { reason?: string },
  userId: string,
): Promise<PersonRow> {
  return inTransaction(db, (trx) => correctPersonIn(trx, vault, personId, given, userId));
}

/** As `correctPerson`, in the caller's transaction. */
export async function correctPersonIn(
  trx: Db,
  vault: Services['vault'],
  personId: string,
  { reason, ...given }: GivenCorrection & { reason?: string },
  userId: string,
): Promise<PersonRow> {
  const row = await lockPerson(trx, personId);
  const { id } = row;
  const incidentVault = await vault.forIncident(row.incident_id);
  const before = incidentVault.openJson<PersonData>('person', row.sealed);
  const correction = readCorrection(before, given);
  const data = applyCorrection(before, correction);
  if (isDeepStrictEqual(data, before)) return row;
  await trx
    .insertInto('person_changes')
    .values({
      ...{ incident_id: row.incident_id, person_id: id, kind: 'correct', user_id: userId },
      correction_sealed: incidentVault.sealJson('person', correction),
      reason_sealed: reason === undefined ? null : sealReason(incidentVault, reason),
    })
    .execute();
  await updatePersons(trx, [{ id, record: recordOf(data, incidentVault.sealJson('person', data)) }]);
  const keys = personKeys(data, incidentVault.lookupKey).map((key) => ({ ...key, personId: id }));
  await writeKeys(trx, keys);
  await applyMarks(trx, row.incident_id, { ofPerson: id });
  await voidNoticesAbout(trx, row.incident_id, [id]);
  return requirePerson(trx, id);
}

/** The person, while no list of the incident is being accepted: that would write over, or merge away, what we change. */
export async function lockPerson(trx: Db, personId: string): Promise<PersonRow> {
  await lockPersonsOf(trx, (await requirePerson(trx, personId)).incident_id);
  return requirePerson(trx, personId);
}

/** Takes back frozen notices that have not started, when one of these persons is in one or one is being frozen. */
export async function voidNoticesAbout(trx: Db, incidentId: string, personIds: readonly string[]): Promise<void> {
  const { rows } = await sql<{ id: string }>`
    select n.id from notices n
    where n.incident_id = ${incidentId} and n.status in ('freezing', 'awaiting_approval', 'approved', 'paused')
      and n.started_at is null
      and (n.status = 'freezing' or exists (
        select 1 from notice_persons p where p.notice_id = n.id and p.person_id = any (${personIds}::bigint[])))
    limit 1`.execute(trx);
  if (rows.length > 0) await voidNotices(trx, incidentId);
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
    .selectFrom('persons as p')
    .innerJoin('notice_persons as o', 'o.person_id', 'p.id')
    .innerJoin('deliveries as d', (join) =>
      join.onRef('d.notice_id', '=', 'o.notice_id').onRef('d.person_id', '=', 'o.person_id'),
    )
    .innerJoin('notices as n', 'n.id', 'd.notice_id')
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
