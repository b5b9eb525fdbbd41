import { sql } from 'kysely';
import type { Db } from '../db/database.ts';

/** After this long without a heartbeat, by the database's clock, others take what a worker held. */
export const DEAD_AFTER_SECONDS = 15;

export async function registerWorker(db: Db, workerId: string): Promise<void> {
  await db.insertInto('workers').values({ id: workerId }).execute();
}

/** Writes a heartbeat; false when others have declared this worker dead. */
export async function beat(db: Db, workerId: string): Promise<boolean> {
  const row = await db
    .updateTable('workers')
    .set({ heartbeat_at: sql`now()` })
    .where('id', '=', workerId)
    .returning('id')
    .executeTakeFirst();
  return row !== undefined;
}

/** Ends a worker that has given back all it held. */
export async function removeWorker(db: Db, workerId: string): Promise<void> {
  await db.deleteFrom('workers').where('id', '=', workerId).execute();
}

/**
 * Declares silent workers dead and frees their tasks.
 * What they held in the ledger is for `recoverDeliveries`.
 */
export async function buryDeadWorkers(db: Db): Promise<void> {
  await db
    .deleteFrom('workers')
    .where(sql<boolean>`heartbeat_at < now() - make_interval(secs => ${DEAD_AFTER_SECONDS})`)
    .execute();
  await freeOrphanedTasks(db);
}

/** Declares every worker dead: right only for whoever knows that no other process uses this database. */
export async function buryAllWorkers(db: Db): Promise<void> {
  await db.deleteFrom('workers').execute();
  await freeOrphanedTasks(db);
}

async function freeOrphanedTasks(db: Db): Promise<void> {
  await db
    .updateTable('tasks')
    .set({ worker_id: null, hinted_at: sql`now() - interval '1 hour'` })
    .where('worker_id', 'is not', null)
    .where(({ not, exists, selectFrom }) =>
      not(exists(selectFrom('workers').select('id').whereRef('workers.id', '=', 'tasks.worker_id'))),
    )
    .execute();
}
