import type { Db } from '../../db/database.ts';
import type { IncidentVault } from '../../vault/vault.ts';
import type { RowFields } from '../fields/read-row.ts';
import type { ListRow } from '../lists/list.store.ts';
import { type Outcome, settleRows } from '../lists/row.store.ts';
import { personOfRow } from '../matching/lookup-keys.ts';
import { applyCorrection } from './correct-person.ts';
import {
  findPersons,
  insertExposures,
  insertPersons,
  type NewExposure,
  recordOf,
  updatePersons,
} from './person.store.ts';
import { type ExposureData, joinPersons, type PersonData } from './person-data.ts';
import { correctionsOf } from './rebuild-person.store.ts';

export interface GroupRow {
  ordinal: number;
  fields: RowFields;
  outcome: Outcome;
  units: number;
}

/** Rows of one person. */
export interface PersonGroup {
  rows: readonly GroupRow[];
  /** The person that they are; null: a new one. */
  person: string | null;
}

/** Writes groups of rows as persons, and gives the persons' ids in order. */
export type WritePersons = (groups: readonly PersonGroup[]) => Promise<string[]>;

interface Resolved {
  group: PersonGroup;
  data: PersonData;
  changed: boolean;
}

/** Makes what writes the persons and exposures of a list, and what each row came to. */
export function makePersonWriter(
  db: Db,
  list: ListRow,
  vault: IncidentVault,
  { kind, newReference }: { kind: string; newReference: () => string },
): WritePersons {
  const record = ({ data }: Resolved) => recordOf(data, vault.sealJson('person', data));
  const correct = makeCorrector(db, list.incident_id, vault);

  async function resolve(groups: readonly PersonGroup[]): Promise<Resolved[]> {
    const ids = groups.flatMap((group) => group.person ?? []);
    const known = await findPersons(db, ids);
    const corrected = await correct(ids);
    const dataOf = new Map(known.map((row) => [row.id, vault.openJson<PersonData>('person', row.sealed)]));
    return groups.map((group) => {
      const before = group.person === null ? undefined : dataOf.get(group.person);
      const said = group.rows.map((row) => personOfRow(row.fields, list.source));
      const data = corrected(group.person, [...(before ? [before] : []), ...said].reduce(joinPersons));
      return { group, data, changed: before === undefined || JSON.stringify(before) !== JSON.stringify(data) };
    });
  }

  return async (groups) => {
    const resolved = await resolve(groups);
    const added = resolved.filter(({ group }) => group.person === null);
    const newIds = await insertPersons(db, list.incident_id, added.map(record), newReference);
    const ids = resolved.map(({ group }) => group.person ?? newIds.shift() ?? '');
    const settled = resolved.map((one, i) => ({ ...one, id: ids[i] ?? '' }));
    await updatePersons(
      db,
      settled
        .filter(({ group, changed }) => changed && group.person !== null)
        .map((one) => ({ id: one.id, record: record(one) })),
    );
    await insertExposures(
      db,
      list.incident_id,
      list.id,
      settled.flatMap(({ group, id }) => exposuresOf(group, id, kind, vault)),
    );
    await settleRows(
      db,
      list.id,
      settled.flatMap(({ group, id }) =>
        group.rows.map(({ ordinal, outcome }) => ({ ordinal, outcome, personId: id })),
      ),
    );
    return ids;
  };
}

/** What operators corrected holds against what a later list says. */
function makeCorrector(db: Db, incidentId: string, vault: IncidentVault) {
  let any: Promise<boolean> | null = null;
  return async (ids: readonly string[]) => {
    any ??= isAnyCorrected(db, incidentId);
    const corrections = ids.length > 0 && (await any) ? await correctionsOf(db, vault, ids) : null;
    return (person: string | null, data: PersonData): PersonData =>
      (corrections?.get(person ?? '') ?? []).reduce(applyCorrection, data);
  };
}

async function isAnyCorrected(db: Db, incidentId: string): Promise<boolean> {
  const one = await db
    .selectFrom('person_changes')
    .select('id')
    .where('incident_id', '=', incidentId)
    .where('kind', '=', 'correct')
    .where('undone_at', 'is', null)
    .limit(1)
    .executeTakeFirst();
  return one !== undefined;
}

function exposuresOf(group: PersonGroup, personId: string, kind: string, vault: IncidentVault): NewExposure[] {
  return group.rows
    .filter((row) => row.units > 0)
    .map(({ ordinal, fields, units }) => {
      const { last4, issuer, firstUse, lastUse, brand } = fields;
      const data: ExposureData = { last4, issuer, firstUse, lastUse };
      const sealed = Object.values(data).some((value) => value !== null) ? vault.sealJson('exposure', data) : null;
      return { personId, ordinal, kind, units, brand, sealed };
    });
}
