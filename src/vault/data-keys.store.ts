import type { Db } from '../db/database.ts';

/** Where wrapped data keys lie: the schema `keys`, which a backup of the data leaves out. */
export interface DataKeyStore {
  insert(incidentId: string, wrapped: Buffer): Promise<void>;
  find(incidentId: string): Promise<Buffer | null>;
}

/** The wrapped data keys in Postgres; `db` may be a transaction. */
export function dataKeyStore(db: Db): DataKeyStore {
  return {
    async insert(incidentId, wrapped) {
      await db.insertInto('keys.data_keys').values({ incident_id: incidentId, wrapped }).execute();
    },
    async find(incidentId) {
      const row = await db
        .selectFrom('keys.data_keys')
        .select('wrapped')
        .where('incident_id', '=', incidentId)
        .executeTakeFirst();
      return row?.wrapped ?? null;
    },
  };
}
