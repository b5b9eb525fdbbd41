import type { Readable } from 'node:stream';
import { openBucket } from '../../../vault/bucket/bucket.ts';
import { BucketError } from '../../../vault/bucket/bucket-error.ts';
import { printerLogin } from '../../../vault/printer-login.ts';
import type { PrinterSetting } from './printer-setting.ts';
import { sftpPlace } from './sftp-place.ts';

/** What is known of a file that was about to appear. */
export type Settled =
  /** It lies there, or lay there when we looked. */
  | 'there'
  /** It never appeared, and will not: it can be put anew. */
  | 'not_there'
  /** It lies there neither finished nor unfinished: the printer may have taken it. */
  | 'unknown';

/** Where a printer takes bundles. A file appears there under its name only when it is whole. */
export interface DropPlace {
  /**
   * Puts a file there, in place of what stood under its name.
   * @param open reads the file, once there is somewhere to put it
   * @param appearing called when all of it is there and the next step gives it its name, with what settles how that step
   * ended; until then an error means that nothing appeared, from then on it can mean either
   */
  put(name: string, open: () => Promise<Readable>, appearing: (unfinished: string) => Promise<void>): Promise<void>;
  /** How the last step ended, of which we never heard. @throws Error when that cannot be asked now */
  settle(name: string, unfinished: string): Promise<Settled>;
}

export function dropPlace(drop: NonNullable<PrinterSetting['drop']>): DropPlace {
  if (drop.way === 'sftp') return sftpPlace(drop, () => printerLogin(drop));
  const bucket = openBucket(drop);
  return {
    async put(name, open, appearing) {
      const source = await open();
      try {
        await bucket.put(name, source, appearing);
      } finally {
        source.destroy();
      }
    },
    async settle(name, uploadId) {
      // A storage says no to this only where the parts are parts no more.
      if (await bucket.endUpload(name, uploadId)) return 'not_there';
      const isThere = await bucket.exists(name).catch((error: unknown) => {
        // A key that only writes may not look.
        if (error instanceof BucketError && !error.passing) return false;
        throw error;
      });
      return isThere ? 'there' : 'unknown';
    },
  };
}
