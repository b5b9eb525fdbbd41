import { inTransaction } from '../../../db/database.ts';
import type { Services } from '../../../services.ts';
import { finishTask, type Task } from '../../../tasks/task.store.ts';
import { ageEncrypted } from '../../../vault/age.ts';
import { printerLogin } from '../../../vault/printer-login.ts';
import { getBatch } from '../hand-over.store.ts';
import { bundleOf } from './bundle.ts';
import { markDelivered } from './drop-batch.store.ts';
import { dropFile } from './drop-file.ts';
import type { PrinterSetting } from './printer-setting.ts';

interface DropBatchDeps extends Pick<Services, 'db' | 'vault' | 'blobs' | 'log'> {
  printer: PrinterSetting;
}

/**
 * Puts the bundle of a batch into the printer's folder, encrypted where the printer's key is set. It is tried until it
 * succeeds or the batch is cancelled or handed over; each try makes the same name.
 */
export function makeDropBatch({ db, vault, blobs, log, printer }: DropBatchDeps): (task: Task) => Promise<void> {
  return async (task) => {
    const batch = await getBatch(db, task.subjectId);
    // Whatever else has become of it, nobody waits for the files any more.
    if (batch.state !== 'rendered' || printer.sftp === null) {
      await finishTask(db, task);
      return;
    }
    const { sftp, ageRecipient } = printer;
    const bundle = bundleOf(batch, blobs, await vault.forIncident(batch.incidentId));
    const login = await printerLogin(sftp);
    if (ageRecipient === null) await dropFile(sftp, login, bundle.name, bundle.read());
    else await dropFile(sftp, login, `${bundle.name}.age`, await ageEncrypted(bundle.read(), ageRecipient));
    await inTransaction(db, async (trx) => {
      await markDelivered(trx, batch.id);
      await finishTask(trx, task);
    });
    log.info({ event: 'letters.delivered', noticeId: batch.notice_id, batchId: batch.id });
  };
}
