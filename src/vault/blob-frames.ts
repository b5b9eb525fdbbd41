import { Transform, type TransformCallback } from 'node:stream';
import type { IncidentVault } from './vault.ts';

const FRAME_BYTES = 64 * 1024;

/** A sealed blob, wherever it lies. */
export interface SealedFile {
  /** Its first bytes, at most so many, and the size of the whole. */
  peek(bytes: number): Promise<{ head: Buffer; size: number }>;
  /** From an offset to the end. */
  read(start: number): AsyncIterable<Buffer>;
}

function frameHead(number: number, last: boolean): Buffer {
  const head = Buffer.alloc(5);
  head.writeUInt32BE(number, 0);
  head[4] = last ? 1 : 0;
  return head;
}

/** Seals what runs through it, frame by frame. */
export function sealFrames(vault: IncidentVault): Transform {
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
 * The bytes of a blob from an offset on. Every frame but the last is full, so that the place of each follows from the
 * length of the first. Whoever asks for what lies behind the end gets nothing, and still the last frame is opened: a blob
 * that is cut off does not pass.
 * @throws Error when a frame was dropped, swapped or changed, or the last is missing
 */
export async function* readFrames(vault: IncidentVault, file: SealedFile, start: number): AsyncGenerator<Buffer> {
  const { first, position } = await frameAt(file, Math.floor(start / FRAME_BYTES));
  let skip = start - first * FRAME_BYTES;
  for await (const piece of openFrames(vault, file.read(position), first)) {
    if (skip < piece.length) yield skip > 0 ? piece.subarray(skip) : piece;
    skip = Math.max(0, skip - piece.length);
  }
}

/** Where a frame begins in the file; or the last one, when there are fewer. */
async function frameAt(file: SealedFile, wanted: number): Promise<{ first: number; position: number }> {
  if (wanted === 0) return { first: 0, position: 0 };
  const { head, size } = await file.peek(4);
  const frameBytes = head.length === 4 ? 4 + head.readUInt32BE(0) : Math.max(1, size);
  const first = Math.max(0, Math.min(wanted, Math.ceil(size / frameBytes) - 1));
  return { first, position: first * frameBytes };
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
