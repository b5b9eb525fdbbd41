import type { Db } from '../../db/database.ts';
import { OwabiError } from '../../errors.ts';
import { findList, type ListRow } from './list.store.ts';

/** @throws OwabiError `not_found` */
export async function requireIncident(db: Db, incidentId: string): Promise<void> {
  const incident = await db.selectFrom('incidents').select('id').where('id', '=', incidentId).executeTakeFirst();
  if (!incident) throw new OwabiError('not_found', 'There is no incident with this id.');
}

/** @throws OwabiError `not_found` */
export async function requireList(db: Db, listId: string): Promise<ListRow> {
  const list = await findList(db, listId);
  if (!list) throw new OwabiError('not_found', 'There is no list with this id.');
  return list;
}

/** Lists of an incident in the order of their uploads, after one of them. */
export async function pageLists(db: Db, incidentId: string, after: string, limit: number): Promise<ListRow[]> {
  return db
    .selectFrom('affected_lists')
    .selectAll()
    .where('incident_id', '=', incidentId)
    .where('id', '>', after)
    .orderBy('id')
    .limit(limit)
    .execute();
}
