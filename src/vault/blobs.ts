import { randomUUID } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, open, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Readable, Transform, type TransformCallback } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { IncidentVault } from './vault.ts';

/**
 * Sealed files: uploads while they are read, letter files. A blob is a run of frames, each a 4-byte length and a sealed
 * piece of at most 64 KiB whose first bytes are its number and whether it is the last: frames cannot be dropped,
 * swapped, or cut off at the end without the reader knowing.
 */
export interface Blobs {
  /** Writes a blob whole or not at all: it appears under its name only when every byte is on disk. */
  put(name: string, source: AsyncIterable<Buffer>, vault: IncidentVault): Promise<void>;
  get(name: string, vault: IncidentVault): Readable;
  remove(name: string): Promise<void>;
  exists(name: string): Promise<boolean>;
}

const FRAME_BYTES = 64 * 1024;

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
    get: (name, vault) =>
      Readable.from(openFrames(vault, createReadStream(pathOf(name), { highWaterMark: 4 * FRAME_BYTES })), {
        objectMode: false,
      }),
    remove: (name) => rm(pathOf(name), { force: true }),
    exists: (name) =>
      stat(pathOf(name)).then(
        () => true,
        () => false,
      ),
  };
}

function frameHead(number: number, last: boolean): Buffer {
  const head = Buffer.alloc(5);
  head.writeUInt32BE(number, 0);
  head[4] = last ? 1 : 0;
  return head;
}

function sealFrames(vault: IncidentVault): Transform {
  let number = 0;
  let held: Buffer = Buffer.alloc(0);
  const frame = (piece: Buffer, last: boolean): Buffer => {
    const sealed = vault.seal('blob', Buffer.concat([frameHead(number++, last), piece]));
    const length = Buffer.alloc(4);
    length.writeUInt32BE(sealed.length);
    return Buffer.concat([length, sealed]);
  };
  return new Transform({
    transform(chunk: Buffer, _encoding, done: TransformCallback) {
      held = held.length === 0 ? chunk : Buffer.concat([held, chunk]);
      while (held.length > FRAME_BYTES) {
        this.push(frame(held.subarray(0, FRAME_BYTES), false));
        held = held.subarray(FRAME_BYTES);
      }
      done();
    },
    flush(done) {
      this.push(frame(held, true));
      done();
    },
  });
}

async function* openFrames(vault: IncidentVault, source: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let held: Buffer = Buffer.alloc(0);
  let number = 0;
  let ended = false;
  for await (const chunk of source) {
    held = held.length === 0 ? chunk : Buffer.concat([held, chunk]);
    while (held.length >= 4 && held.length >= 4 + held.readUInt32BE(0)) {
      const length = held.readUInt32BE(0);
      const plain = vault.open('blob', held.subarray(4, 4 + length));
      held = held.subarray(4 + length);
      if (ended || plain.readUInt32BE(0) !== number++) throw new Error('a frame of this blob is out of its place');
      ended = plain[4] === 1;
      if (plain.length > 5) yield plain.subarray(5);
    }
  }
  if (!ended || held.length > 0) throw new Error('this blob is cut off');
}

/** Turns bytes at hand into what `put` takes. */
export function bytesAsSource(bytes: Uint8Array): AsyncIterable<Buffer> {
  return Readable.from([Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)]);
}
