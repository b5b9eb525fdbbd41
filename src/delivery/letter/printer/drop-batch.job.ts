import type { Readable } from 'node:stream';
import { inTransaction } from '../../../db/database.ts';
import { getNotice } from '../../../notice/notices.store.ts';
import type { Services } from '../../../services.ts';
import { finishTask, releaseTask, type Task } from '../../../tasks/task.store.ts';
import { ageEncrypted } from '../../../vault/age.ts';
import { openBucket } from '../../../vault/bucket/bucket.ts';
import { printerLogin } from '../../../vault/printer-login.ts';
import { getBatch } from '../hand-over.store.ts';
import { bundleOf } from './bundle.ts';
import { beginDrop, markDelivered } from './drop-batch.store.ts';
import { dropFile } from './drop-file.ts';
import type { PrinterSetting } from './printer-setting.ts';

interface DropBatchDeps extends Pick<Services, 'db' | 'vault' | 'blobs' | 'log'> {
  printer: PrinterSetting;
}

/**
 * Puts the bundle of a batch into the printer's folder or bucket, encrypted where the printer's key is set. It is tried until it
 * succeeds or the batch is cancelled or handed over; each try makes the same name. A paused notice waits.
 */
export function makeDropBatch({ db, vault, blobs, log, printer }: DropBatchDeps): (task: Task) => Promise<void> {
  return async (task) => {
    const batch = await getBatch(db, task.subjectId);
    const { status } = await getNotice(db, batch.notice_id);
    // Whatever else has become of it, nobody waits for the files any more.
    if (batch.state !== 'rendered' || status === 'cancelled' || printer.drop === null) {
      await finishTask(db, task);
      return;
    }
    // Who pauses a notice wants nothing of it printed: asked again within a minute.
    if (!(await beginDrop(db, batch.id))) {
      await releaseTask(db, task);
      return;
    }
    const { drop, ageRecipient } = printer;
    const bundle = bundleOf(batch, blobs, await vault.forIncident(batch.incidentId));
    if (ageRecipient === null) await putInto(drop, bundle.name, async () => bundle.read());
    else await putInto(drop, `${bundle.name}.age`, () => ageEncrypted(bundle.read(), ageRecipient));
    await inTransaction(db, async (trx) => {
      await markDelivered(trx, batch.id);
      await finishTask(trx, task);
    });
    log.info({ event: 'letters.delivered', noticeId: batch.notice_id, batchId: batch.id });
  };
}

/** @param open reads the file, once there is somewhere to put it */
async function putInto(
  drop: NonNullable<PrinterSetting['drop']>,
  name: string,
  open: () => Promise<Readable>,
): Promise<void> {
  if (drop.way === 'sftp') {
    const login = await printerLogin(drop);
    await dropFile(drop, login, name, await open());
    return;
  }
  const source = await open();
  try {
    await openBucket(drop).put(name, source);
  } finally {
    source.destroy();
  }
}
