import { createHash } from 'node:crypto';
import { OwabiError } from '../../errors.ts';
import type { Services } from '../../services.ts';
import type { Blobs } from '../../vault/blobs.ts';
import type { IncidentVault } from '../../vault/vault.ts';
import { dropReceiving, forgetUpload, uploadName, uploadsToRemove } from './list.store.ts';

type Needs = Pick<Services, 'db' | 'blobs'>;

export interface StoredUpload {
  /** Lower-case hex, of the bytes as they came. */
  sha256: string;
  bytes: number;
}

/**
 * Writes an upload into a sealed blob as it comes in: it is never held in memory, nor on disk in the clear.
 * @throws OwabiError `too_large`, `empty_file`, `upload_interrupted`: nothing is kept
 */
export async function storeUpload(
  { blobs, vault, listId, maxBytes }: { blobs: Blobs; vault: IncidentVault; listId: string; maxBytes: number },
  source: AsyncIterable<Buffer>,
): Promise<StoredUpload> {
  const hash = createHash('sha256');
  let bytes = 0;
  let interrupted = false;
  async function* measured(): AsyncGenerator<Buffer> {
    try {
      for await (const chunk of source) {
        bytes += chunk.length;
        if (bytes > maxBytes)
          throw new OwabiError('too_large', `The file is larger than ${maxBytes} bytes.`, { maxBytes });
        hash.update(chunk);
        yield chunk;
      }
    } catch (error) {
      // What fails in here is the sender's connection; what fails outside is our disk.
      interrupted = !(error instanceof OwabiError);
      throw error;
    }
  }
  try {
    await blobs.put(uploadName(listId), measured(), vault);
  } catch (error) {
    throw interrupted ? new OwabiError('upload_interrupted') : error;
  }
  if (bytes === 0) throw new OwabiError('empty_file');
  return { sha256: hash.digest('hex'), bytes };
}

/** Takes back a list whose upload did not come to its end: nothing of it stays. */
export async function abandonUpload({ db, blobs }: Needs, listId: string): Promise<void> {
  await blobs.remove(uploadName(listId));
  await dropReceiving(db, listId);
}

/** Removes the sealed upload of a list that has been read, has failed or was discarded. */
export async function removeUpload({ db, blobs }: Needs, listId: string): Promise<void> {
  await blobs.remove(uploadName(listId));
  await forgetUpload(db, listId);
}

/**
 * Removes uploads that a killed process left behind. For the sweeper: it may run at any time, on any machine.
 * An upload can hold what no row may hold, such as card numbers, so none may stay.
 */
export async function sweepUploads(services: Needs): Promise<void> {
  for (const { id, abandoned } of await uploadsToRemove(services.db)) {
    if (abandoned) await abandonUpload(services, id);
    else await removeUpload(services, id);
  }
}
