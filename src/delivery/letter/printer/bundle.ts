import { Readable } from 'node:stream';
import { OwabiError } from '../../../errors.ts';
import type { Blobs } from '../../../vault/blobs.ts';
import type { IncidentVault } from '../../../vault/vault.ts';
import { type BatchFiles, batchFile, batchFileNames } from '../batch-files.ts';
import { type StoredFile, storedZip, storedZipBytes } from '../stored-zip.ts';

/** What of a batch's row decides its bundle. */
interface BundledBatch {
  id: string;
  number: number;
  notice_id: string;
  sha256: string | null;
  files: unknown;
  rendered_at: Date | null;
}

export interface Bundle {
  bytes: number;
  /** Of the archive: it names the batch and nothing else. */
  name: string;
  read(): Readable;
}

/**
 * All files of a batch as one zip, read as it is sent. The same batch gives the same bytes.
 * @throws OwabiError `wrong_state` when it has no such files
 */
export function bundleOf(batch: BundledBatch, blobs: Pick<Blobs, 'get'>, vault: IncidentVault): Bundle {
  const { id, sha256, rendered_at } = batch;
  const files = batch.files as BatchFiles | null;
  if (sha256 === null || rendered_at === null || files === null) {
    throw new OwabiError(
      'wrong_state',
      'The batch has no files for a bundle: it is not rendered, or by an old version.',
    );
  }
  const stored = batchFileNames.map(
    (name): StoredFile => ({
      ...{ name, bytes: files[name].bytes, crc32: files[name].crc32 },
      read: () => blobs.get(batchFile(id, sha256, name), vault),
    }),
  );
  return {
    bytes: storedZipBytes(stored),
    name: `letters-${batch.notice_id}-${String(batch.number).padStart(3, '0')}.zip`,
    read: () => Readable.from(storedZip(stored, rendered_at), { objectMode: false }),
  };
}
