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
  /** @param start offset of the first byte that is wanted; what lies before it is neither read nor opened */
  get(name: string, vault: IncidentVault, start?: number): Readable;
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
    get: (name, vault, start = 0) => Readable.from(readFrames(vault, pathOf(name), start), { objectMode: false }),
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

/**
 * Every frame but the last is full, so that the place of each follows from the length of the first. Whoever asks for
 * what lies behind the end gets nothing, and still the last frame is opened: a blob that is cut off does not pass.
 */
async function* readFrames(vault: IncidentVault, path: string, start: number): AsyncGenerator<Buffer> {
  const { first, position } = await frameAt(path, Math.floor(start / FRAME_BYTES));
  let skip = start - first * FRAME_BYTES;
  const file = createReadStream(path, { start: position, highWaterMark: 4 * FRAME_BYTES });
  for await (const piece of openFrames(vault, file, first)) {
    if (skip < piece.length) yield skip > 0 ? piece.subarray(skip) : piece;
    skip = Math.max(0, skip - piece.length);
  }
}

/** Where a frame begins in the file; or the last one, when there are fewer. */
async function frameAt(path: string, wanted: number): Promise<{ first: number; position: number }> {
  if (wanted === 0) return { first: 0, position: 0 };
  const file = await open(path, 'r');
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(4), 0, 4, 0);
    const { size } = await file.stat();
    const frameBytes = bytesRead === 4 ? 4 + buffer.readUInt32BE(0) : Math.max(1, size);
    const first = Math.max(0, Math.min(wanted, Math.ceil(size / frameBytes) - 1));
    return { first, position: first * frameBytes };
  } finally {
    await file.close();
  }
}

async function* openFrames(vault: IncidentVault, source: AsyncIterable<Buffer>, first: number): AsyncGenerator<Buffer> {
  let held: Buffer = Buffer.alloc(0);
  let number = first;
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
