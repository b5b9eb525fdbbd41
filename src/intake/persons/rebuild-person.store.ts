import { sql } from 'kysely';
import type { Db } from '../../db/database.ts';
import type { IncidentVault } from '../../vault/vault.ts';
import { type LookupKey, personKeys, personOfRow } from '../matching/lookup-keys.ts';
import { applyCorrection, type Correction } from './correct-person.ts';
import { recordOf, updatePersons, writeKeys } from './person.store.ts';
import { joinPersons } from './person-data.ts';
import { rowsOfPersons } from './person-rows.store.ts';

/** Persons put together at once. */
const AT_ONCE = 200;

/**
 * Puts persons together anew: what their rows say, in the order of the lists, then what operators corrected. This is
 * how merges, splits and corrections are undone: what caused them is gone, and the rest says the truth.
 * A person without rows is left as they are: they were merged away.
 */
export async function rebuildPersons(trx: Db, vault: IncidentVault, personIds: readonly string[]): Promise<void> {
  for (let i = 0; i < personIds.length; i += AT_ONCE) await rebuildSome(trx, vault, personIds.slice(i, i + AT_ONCE));
}

async function rebuildSome(trx: Db, vault: IncidentVault, personIds: readonly string[]): Promise<void> {
  const rows = await rowsOfPersons(trx, vault, personIds);
  const corrections = await correctionsOf(trx, vault, personIds);
  const keys: (LookupKey & { personId: string })[] = [];
  const persons = [...Map.groupBy(rows, (row) => row.personId)].map(([id, ofPerson]) => {
    const said = ofPerson.map(({ fields, source }) => personOfRow(fields, source));
    const data = (corrections.get(id) ?? []).reduce(applyCorrection, said.reduce(joinPersons));
    // Every name and address that a row gave finds the person, not only those that are used.
    for (const one of [...said, data]) {
      for (const key of personKeys(one, vault.lookupKey)) keys.push({ ...key, personId: id });
    }
    return { id, record: recordOf(data, vault.sealJson('person', data)) };
  });
  await updatePersons(trx, persons);
  await trx
    .deleteFrom('person_keys')
    .where('person_id', 'in', [...persons.map(({ id }) => id), '0'])
    .execute();
  await writeKeys(trx, keys);
}

/** Corrections that stand, of persons and of those who were merged into them, by person, the oldest first. */
export async function correctionsOf(
  trx: Db,
  vault: IncidentVault,
  personIds: readonly string[],
): Promise<Map<string, Correction[]>> {
  const { rows } = await sql<{ personId: string; sealed: Buffer }>`
    select coalesce(p.merged_into, p.id) as "personId", c.correction_sealed as sealed
    from person_changes c join persons p on p.id = c.person_id
    where c.kind = 'correct' and c.undone_at is null and c.correction_sealed is not null
      and (p.id = any (${personIds}::bigint[]) or p.merged_into = any (${personIds}::bigint[]))
    order by c.id`.execute(trx);
  const found = new Map<string, Correction[]>();
  for (const { personId, sealed } of rows) {
    found.set(personId, [...(found.get(personId) ?? []), vault.openJson<Correction>('person', sealed)]);
  }
  return found;
}
