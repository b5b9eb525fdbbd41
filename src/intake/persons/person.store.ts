import { type Selectable, sql } from 'kysely';
import type { Db } from '../../db/database.ts';
import type { Persons } from '../../db/schema.ts';
import type { LookupKey } from '../matching/lookup-keys.ts';
import { addressOf, emailFor, type PersonData } from './person-data.ts';

export type PersonRow = Selectable<Persons>;

/** What of a person stands in the clear, beside the sealed rest. */
export interface PersonRecord {
  sealed: Buffer;
  locale: string | null;
  hasEmail: boolean;
  hasAddress: boolean;
  postal3: string | null;
  country: string;
}

export function recordOf(data: PersonData, sealed: Buffer): PersonRecord {
  const address = addressOf(data);
  return {
    sealed,
    locale: data.locale,
    hasEmail: emailFor(data) !== null,
    hasAddress: address !== null,
    postal3: address?.country === 'JP' ? (address.postalCode?.slice(0, 3) ?? null) : null,
    country: data.country,
  };
}

export async function findPersons(db: Db, ids: readonly string[]): Promise<PersonRow[]> {
  if (ids.length === 0) return [];
  return db.selectFrom('persons').selectAll().where('id', 'in', ids).orderBy('id').execute();
}

/** The person of this id; where it was merged away, the one it became. */
export async function findPerson(db: Db, id: string): Promise<PersonRow | null> {
  const [row] = await findPersons(db, [id]);
  return row?.merged_into ? findPerson(db, row.merged_into) : (row ?? null);
}

/**
 * Writes new persons and gives their ids, in order.
 * @param newReference makes a reference; one that is taken already is replaced. Among a million, one clash is likely.
 */
export async function insertPersons(
  db: Db,
  incidentId: string,
  records: readonly PersonRecord[],
  newReference: () => string,
): Promise<string[]> {
  if (records.length === 0) return [];
  const { rows: ids } = await sql<{ id: string }>`
    select nextval('persons_id_seq') as id from generate_series(1, ${records.length}::int)`.execute(db);
  let open = records.map((record, i) => ({ id: ids[i]?.id ?? '', record }));
  while (open.length > 0) {
    const { rows: written } = await sql<{ id: string }>`
      insert into persons (id, incident_id, reference, sealed, locale, has_email, has_address, postal3, country)
      overriding system value
      select p.id, ${incidentId}, p.reference, p.sealed, p.locale, p.has_email, p.has_address, p.postal3, p.country
      from unnest(
        ${open.map((p) => p.id)}::bigint[], ${open.map(() => newReference())}::text[],
        ${open.map((p) => p.record.sealed)}::bytea[], ${open.map((p) => p.record.locale)}::text[],
        ${open.map((p) => p.record.hasEmail)}::boolean[], ${open.map((p) => p.record.hasAddress)}::boolean[],
        ${open.map((p) => p.record.postal3)}::text[], ${open.map((p) => p.record.country)}::text[]
      ) as p (id, reference, sealed, locale, has_email, has_address, postal3, country)
      on conflict (reference) do nothing returning id`.execute(db);
    const done = new Set(written.map((row) => row.id));
    open = open.filter((person) => !done.has(person.id));
  }
  return ids.map((row) => row.id);
}

/** Writes persons anew. */
export async function updatePersons(db: Db, persons: readonly { id: string; record: PersonRecord }[]): Promise<void> {
  if (persons.length === 0) return;
  await sql`
    update persons set sealed = p.sealed, locale = p.locale, has_email = p.has_email, has_address = p.has_address,
      postal3 = p.postal3, country = p.country, version = version + 1, updated_at = now()
    from unnest(
      ${persons.map((p) => p.id)}::bigint[], ${persons.map((p) => p.record.sealed)}::bytea[],
      ${persons.map((p) => p.record.locale)}::text[], ${persons.map((p) => p.record.hasEmail)}::boolean[],
      ${persons.map((p) => p.record.hasAddress)}::boolean[], ${persons.map((p) => p.record.postal3)}::text[],
      ${persons.map((p) => p.record.country)}::text[]
    ) as p (id, sealed, locale, has_email, has_address, postal3, country)
    where persons.id = p.id`.execute(db);
}

/** Makes persons findable under keys; keys that they have already are left alone. */
export async function writeKeys(db: Db, keys: readonly (LookupKey & { personId: string })[]): Promise<void> {
  if (keys.length === 0) return;
  await sql`
    insert into person_keys (key, name, alike, person_id)
    select * from unnest(${keys.map((k) => k.key)}::uuid[], ${keys.map((k) => k.name)}::uuid[],
                         ${keys.map((k) => k.alike)}::uuid[], ${keys.map((k) => k.personId)}::bigint[])
    on conflict do nothing`.execute(db);
}

export interface NewExposure {
  personId: string;
  ordinal: number;
  kind: string;
  units: number;
  brand: string | null;
  sealed: Buffer | null;
}

export async function insertExposures(
  db: Db,
  incidentId: string,
  listId: string,
  exposures: readonly NewExposure[],
): Promise<void> {
  if (exposures.length === 0) return;
  await sql`
    insert into exposures (incident_id, list_id, person_id, ordinal, kind, units, brand, sealed)
    select ${incidentId}, ${listId}, e.person_id, e.ordinal, e.kind, e.units, e.brand, e.sealed
    from unnest(
      ${exposures.map((e) => e.personId)}::bigint[], ${exposures.map((e) => e.ordinal)}::int[],
      ${exposures.map((e) => e.kind)}::text[], ${exposures.map((e) => e.units)}::int[],
      ${exposures.map((e) => e.brand)}::text[], ${exposures.map((e) => e.sealed)}::bytea[]
    ) as e (person_id, ordinal, kind, units, brand, sealed)`.execute(db);
}
