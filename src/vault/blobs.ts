import { randomUUID } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, open, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { readFrames, type SealedFile, sealFrames } from './blob-frames.ts';
import type { Bucket } from './bucket/bucket.ts';
import type { IncidentVault } from './vault.ts';

/**
 * Sealed files: uploads while they are read, letter files. A blob is a run of frames, each a 4-byte length and a sealed
 * piece of at most 64 KiB whose first bytes are its number and whether it is the last: frames cannot be dropped,
 * swapped, or cut off at the end without the reader knowing.
 */
export interface Blobs {
  /** Writes a blob whole or not at all: it appears under its name only when every byte is kept. */
  put(name: string, source: AsyncIterable<Buffer>, vault: IncidentVault): Promise<void>;
  /** @param start offset of the first byte that is wanted; what lies before it is neither read nor opened */
  get(name: string, vault: IncidentVault, start?: number): Readable;
  remove(name: string): Promise<void>;
  exists(name: string): Promise<boolean>;
}

const READ_BYTES = 256 * 1024;

/** Blobs in a directory that all machines share. */
export function fileBlobs(dir: string): Blobs {
  const pathOf = (name: string) => join(dir, name);
  return {
    async put(name, source, vault) {
      const path = pathOf(name);
      const temporary = `${path}.${randomUUID()}.part`;
      await mkdir(dirname(path), { recursive: true });
      try {
        await pipeline(source, sealFrames(vault), createWriteStream(temporary, { mode: 0o600 }));
        const file = await open(temporary, 'r');
        await file.sync().finally(() => file.close());
        await rename(temporary, path);
      } catch (error) {
        await rm(temporary, { force: true });
        throw error;
      }
    },
    get: (name, vault, start = 0) =>
      Readable.from(readFrames(vault, onDisk(pathOf(name)), start), { objectMode: false }),
    remove: (name) => rm(pathOf(name), { force: true }),
    exists: (name) =>
      stat(pathOf(name)).then(
        () => true,
        () => false,
      ),
  };
}

const onDisk = (path: string): SealedFile => ({
  async peek(bytes) {
    const file = await open(path, 'r');
    try {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(bytes), 0, bytes, 0);
      return { head: buffer.subarray(0, bytesRead), size: (await file.stat()).size };
    } finally {
      await file.close();
    }
  },
  read: (start) => createReadStream(path, { start, highWaterMark: READ_BYTES }),
});

/** Blobs as the objects of a bucket: machines then share nothing else but the database. */
export function bucketBlobs(bucket: Bucket): Blobs {
  return {
    put: (name, source, vault) =>
      pipeline(source, sealFrames(vault), (sealed: AsyncIterable<Buffer>) => bucket.put(name, sealed)),
    get(name, vault, start = 0) {
      const object: SealedFile = {
        peek: (bytes) => bucket.peek(name, bytes),
        read: (position) => bucket.read(name, position),
      };
      return Readable.from(readFrames(vault, object, start), { objectMode: false });
    },
    remove: (name) => bucket.remove(name),
    exists: (name) => bucket.exists(name),
  };
}

/** Turns bytes at hand into what `put` takes. */
export function bytesAsSource(bytes: Uint8Array): AsyncIterable<Buffer> {
  return Readable.from([Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)]);
}
