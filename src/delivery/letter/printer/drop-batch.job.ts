import { type Db, inTransaction } from '../../../db/database.ts';
import { getNotice } from '../../../notice/notices.store.ts';
import type { Services } from '../../../services.ts';
import { finishTask, releaseTask, type Task } from '../../../tasks/task.store.ts';
import { ageEncrypted } from '../../../vault/age.ts';
import { getBatch } from '../hand-over.store.ts';
import { bundleOf } from './bundle.ts';
import { aboutToAppear, beginDrop, markDelivered, markNotThere, markUncertain } from './drop-batch.store.ts';
import { type DropPlace, dropPlace, type Settled } from './drop-place.ts';
import type { PrinterSetting } from './printer-setting.ts';

interface DropBatchDeps extends Pick<Services, 'db' | 'vault' | 'blobs' | 'log'> {
  printer: PrinterSetting;
}

type Batch = Awaited<ReturnType<typeof getBatch>>;

/**
 * Puts the bundle of a batch into the printer's folder or bucket, encrypted where the printer's key is set. It is tried until it
 * succeeds or the batch is cancelled or handed over; each try makes the same name. A paused notice waits. Where a try ended
 * unheard in its last step, it is looked for first; where nothing is found, the printer may have it, and people decide.
 */
export function makeDropBatch(deps: DropBatchDeps): (task: Task) => Promise<void> {
  const { db, log, printer } = deps;
  return async (task) => {
    const batch = await getBatch(db, task.subjectId);
    const { status } = await getNotice(db, batch.notice_id);
    // Whatever else has become of it, nobody waits for the files any more.
    if (batch.state !== 'rendered' || status === 'cancelled' || printer.drop === null) {
      await finishTask(db, task);
      return;
    }
    const ids = { noticeId: batch.notice_id, batchId: batch.id };
    const ended = await dropped(deps, task, batch, dropPlace(printer.drop));
    // Who pauses a notice wants nothing of it printed: asked again within a minute.
    if (ended === 'not_now') await releaseTask(db, task);
    else if (ended === 'unknown') {
      await finish(db, task, markUncertain);
      log.error({ event: 'letters.delivery_uncertain', ...ids });
    } else {
      await finish(db, task, markDelivered);
      log.info({ event: 'letters.delivered', ...ids });
    }
  };
}

async function dropped(deps: DropBatchDeps, task: Task, batch: Batch, place: DropPlace): Promise<Settled | 'not_now'> {
  const { db, vault, blobs, printer } = deps;
  const begun = await beginDrop(db, batch.id);
  if (!begun) return 'not_now';
  const { ageRecipient } = printer;
  const bundle = bundleOf(batch, blobs, await vault.forIncident(batch.incidentId));
  const name = ageRecipient === null ? bundle.name : `${bundle.name}.age`;
  if (begun.unsettled !== null) {
    const settled = await place.settle(name, begun.unsettled);
    if (settled !== 'not_there') return settled;
    await markNotThere(db, batch.id, begun.unsettled);
  }
  const open = async () => (ageRecipient === null ? bundle.read() : await ageEncrypted(bundle.read(), ageRecipient));
  try {
    await place.put(name, open, async (unfinished) => {
      if (!(await aboutToAppear(db, task, unfinished))) throw new NotNow();
    });
  } catch (error) {
    if (error instanceof NotNow) return 'not_now';
    throw error;
  }
  return 'there';
}

/** The notice was paused or cancelled, or the task taken from us, while the bundle was on its way. */
class NotNow extends Error {}

const finish = (db: Db, task: Task, mark: (trx: Db, batchId: string) => Promise<void>): Promise<void> =>
  inTransaction(db, async (trx) => {
    await mark(trx, task.subjectId);
    await finishTask(trx, task);
  });
