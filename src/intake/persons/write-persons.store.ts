import type { Db } from '../../db/database.ts';
import type { IncidentVault } from '../../vault/vault.ts';
import type { RowFields } from '../fields/read-row.ts';
import type { ListRow } from '../lists/list.store.ts';
import { type Outcome, settleRows } from '../lists/row.store.ts';
import { personKeys, personOfRow } from '../matching/lookup-keys.ts';
import {
  findPersons,
  insertExposures,
  insertPersonKeys,
  insertPersons,
  mergePersons,
  type NewExposure,
  recordOf,
  updatePersons,
} from './person.store.ts';
import { type ExposureData, joinPersons, type PersonData } from './person-data.ts';

export interface GroupRow {
  ordinal: number;
  fields: RowFields;
  outcome: Outcome;
  duplicate: boolean;
  units: number;
}

/** Rows of one person, and the persons known already who are this one. */
export interface PersonGroup {
  rows: readonly GroupRow[];
  /** Ids, the first known first: that one stays. */
  persons: readonly string[];
}

export interface PersonWriter {
  write(groups: readonly PersonGroup[]): Promise<void>;
  /** How many known persons turned out to be another known person. */
  mergedPersons(): number;
}

interface Resolved {
  group: PersonGroup;
  data: PersonData;
  /** Null: a new person. */
  id: string | null;
  changed: boolean;
}

/** Writes the persons, keys and exposures of a list, and what each row came to. */
export function makePersonWriter(
  db: Db,
  list: ListRow,
  vault: IncidentVault,
  { kind, newReference }: { kind: string; newReference: () => string },
): PersonWriter {
  let merged = 0;

  async function resolve(groups: readonly PersonGroup[]): Promise<Resolved[]> {
    const known = await findPersons(
      db,
      groups.flatMap((group) => group.persons),
    );
    const dataOf = new Map(known.map((row) => [row.id, vault.openJson<PersonData>('person', row.sealed)]));
    return groups.map((group) => {
      const before = group.persons.flatMap((id) => dataOf.get(id) ?? []);
      const said = group.rows.map((row) => personOfRow(row.fields, list.source));
      const data = [...before, ...said].reduce(joinPersons);
      const changed = JSON.stringify(before[0]) !== JSON.stringify(data);
      return { group, data, id: group.persons[0] ?? null, changed };
    });
  }

  return {
    mergedPersons: () => merged,
    async write(groups) {
      const resolved = await resolve(groups);
      const record = ({ data }: Resolved) => recordOf(data, vault.sealJson('person', data));
      const added = resolved.filter((one) => one.id === null);
      const ids = await insertPersons(db, list.incident_id, added.map(record), newReference);
      added.forEach((one, i) => {
        one.id = ids[i] ?? null;
      });
      const settled = resolved.map((one) => ({ ...one, id: one.id ?? '' }));
      const changed = settled.filter((one) => one.changed);
      await updatePersons(
        db,
        changed.filter((one) => one.group.persons.length > 0).map((one) => ({ id: one.id, record: record(one) })),
      );
      const keys = changed.flatMap(({ id, data }) =>
        personKeys(data, vault.lookupKey).map((key) => ({ ...key, personId: id })),
      );
      await insertPersonKeys(db, keys);
      await insertExposures(
        db,
        list.incident_id,
        list.id,
        settled.flatMap(({ group, id }) => exposuresOf(group, id, kind, vault)),
      );
      await settleRows(
        db,
        list.id,
        settled.flatMap(({ group, id }) => resultsOf(group, id)),
      );
      for (const { group, id } of settled) {
        for (const other of group.persons.slice(1)) await mergePersons(db, other, id);
        merged += Math.max(0, group.persons.length - 1);
      }
    },
  };
}

function resultsOf(group: PersonGroup, personId: string) {
  return group.rows.map(({ ordinal, outcome, duplicate, units }) => ({
    ...{ ordinal, outcome, duplicate, personId, exposureUnits: units },
  }));
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
