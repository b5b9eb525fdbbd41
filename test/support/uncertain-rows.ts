import { randomUUID } from 'node:crypto';
import type { Db } from '../../src/db/database.ts';
import { type ClaimedDelivery, claimChunk, recoverDeliveries, writeSteps } from '../../src/delivery/ledger.store.ts';
import { createTask } from '../../src/tasks/task.store.ts';
import { registerWorker, removeWorker } from '../../src/tasks/worker-life.store.ts';

/** A worker claims emails of a notice, marks them, and dies: they are uncertain. */
export async function takeOver(db: Db, noticeId: string, amount: number): Promise<ClaimedDelivery[]> {
  const workerId = `dead-${randomUUID()}`;
  const marked = await markAs(db, noticeId, amount, workerId);
  await removeWorker(db, workerId);
  await recoverDeliveries(db);
  return marked;
}

/** A worker claims emails of a notice and marks them. */
export async function markAs(db: Db, noticeId: string, amount: number, workerId: string): Promise<ClaimedDelivery[]> {
  await registerWorker(db, workerId);
  const claimed = await claimChunk(db, await createTask(db, 'send-email', noticeId, amount), workerId);
  await writeSteps(db, claimed, []);
  return claimed;
}
