import { sql } from 'kysely';
import type { Db } from '../../db/database.ts';
import { marksChangeNotices, voidNotices } from '../../notice/void-notices.store.ts';
import type { IncidentVault } from '../../vault/vault.ts';
import type { RowFields } from '../fields/read-row.ts';
import { type Hash, rowKeys } from '../matching/lookup-keys.ts';
import {
  addPointers,
  countPointers,
  dropRepeated,
  findMeant,
  keepKeys,
  markMeant,
  type Pointer,
  type PointerFigures,
  refreshList,
  settlePointers,
  startPointing,
} from '../matching/pointers.store.ts';
import type { AcceptedRows } from './accept-rows.store.ts';
import type { ListRow } from './list.store.ts';
import { markRepeated, usableRows } from './row.store.ts';

/**
 * What a list that points at persons would come to, as things stand now: those already notified, to be excluded, or on
 * hold. A row that points at somebody is `merged`; one that points at nobody yet is `accepted`.
 */
export async function forecastMarks(trx: Db, list: ListRow, vault: IncidentVault): Promise<PointerFigures> {
  await ask(trx, list, vault, null);
  await settlePointers(trx, sql`r.list_id = ${list.id}`, false);
  return countPointers(trx, list.id);
}

/**
 * Takes in such a list: marks the persons it points at, and keeps its keys, so that it also holds for persons who
 * become known later. In the caller's transaction, which holds the lock on the incident's persons.
 * @param ordinals only these rows; null: all
 * @returns `accepted` and `repeated` of these rows, `persons` of the whole list
 */
export async function acceptMarks(
  trx: Db,
  list: ListRow,
  vault: IncidentVault,
  ordinals: readonly number[] | null,
): Promise<AcceptedRows> {
  const repeated = await ask(trx, list, vault, ordinals);
  await keepKeys(trx);
  await markMeant(trx, list.incident_id);
  const isAsked = sql<boolean>`r.list_id = ${list.id} and (${ordinals}::int[] is null or r.ordinal = any (${ordinals}::int[]))`;
  await settlePointers(trx, isAsked, true);
  const figures = await countPointers(trx, list.id);
  await refreshList(trx, list.id, figures);
  if (await marksChangeNotices(trx, list.incident_id)) await voidNotices(trx, list.incident_id);
  const { rows } = await sql<{ accepted: number }>`
    select count(*)::int as accepted from list_rows r where r.outcome = 'accepted' and ${isAsked}`.execute(trx);
  const { persons } = figures;
  return { accepted: rows[0]?.accepted ?? 0, persons, exposures: 0, repeated, candidates: 0 };
}

/** Finds out whom the rows mean, and which only repeat what another list says. */
async function ask(trx: Db, list: ListRow, vault: IncidentVault, ordinals: readonly number[] | null): Promise<number> {
  await startPointing(trx);
  const releaseOn = list.release_on as unknown as string | null;
  for await (const page of usableRows(trx, list.id, vault, ordinals)) {
    const pointers = page.flatMap(({ ordinal, data: { fields } }) => {
      if (fields === null) throw new Error('a usable row holds no fields');
      return pointersOf(ordinal, fields, { source: list.source, hash: vault.lookupKey, releaseOn });
    });
    await addPointers(trx, list, pointers);
  }
  await findMeant(trx, list.incident_id);
  // Said at the check, and no longer true when the list that it repeated has been released since.
  await sql`update list_rows set reasons = array_remove(reasons, 'duplicate_row')
            where list_id = ${list.id} and outcome <> 'quarantined' and 'duplicate_row' = any (reasons)
              and (${ordinals}::int[] is null or ordinal = any (${ordinals}::int[]))`.execute(trx);
  const repeated = await dropRepeated(trx, list);
  await markRepeated(trx, list.id, repeated);
  return repeated.length;
}

interface PointerRules {
  source: string;
  hash: Hash;
  releaseOn: string | null;
}

function pointersOf(ordinal: number, fields: RowFields, { source, hash, releaseOn }: PointerRules): Pointer[] {
  const keys = rowKeys(fields, source, hash);
  const name = fields.name === '' ? null : keys.name;
  const row = { ordinal, name, reference: null, releaseOn: fields.until ?? releaseOn };
  const own = [keys.external, ...keys.emails].map((key) => ({ ...row, key, own: true }));
  // A household or a telephone is not a person: only together with a name.
  const shared = name === null ? [] : [keys.address, keys.phone].map((key) => ({ ...row, key, own: false }));
  const pointers: Pointer[] = [...own, ...shared].filter(({ key }) => key !== null);
  if (fields.reference !== null) pointers.push({ ...row, key: null, own: true, reference: fields.reference });
  return pointers;
}
