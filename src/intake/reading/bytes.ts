import type { Readable } from 'node:stream';

/** Where a list lies: an upload that can be read from any offset, as often as need be. */
export interface ListSource {
  /** Bytes of the upload. */
  size: number;
  /** The bytes from an offset on. */
  open(start?: number): Readable;
}

/** Takes how many more bytes of the upload were used up. */
export type Meter = (bytes: number) => void;

/** Bytes that can be read again from any offset: the upload, or what an archive holds. */
export interface Bytes {
  /** Counted, never taken from a header. */
  size: number;
  /** @param meter is told of what is read from the upload for it, compressed as it lies there */
  read(start?: number, meter?: Meter): AsyncGenerator<Buffer>;
}

/** Everything that is open on behalf of one list. */
export interface Opened {
  add(stream: { destroy(): unknown }): void;
  delete(stream: { destroy(): unknown }): void;
}

/** The upload as bytes; every stream that is opened for it is in `opened` while it is open. */
export function uploadBytes(source: ListSource, opened: Opened): Bytes {
  return {
    size: source.size,
    async *read(start = 0, meter) {
      const stream = source.open(start);
      opened.add(stream);
      try {
        for await (const chunk of stream as AsyncIterable<Buffer>) {
          meter?.(chunk.length);
          yield chunk;
        }
      } finally {
        stream.destroy();
        opened.delete(stream);
      }
    },
  };
}

/** At most `length` bytes of `bytes`, from `start` on. */
export async function* range(bytes: Bytes, start: number, length: number, meter?: Meter): AsyncGenerator<Buffer> {
  let left = length;
  if (left <= 0) return;
  for await (const chunk of bytes.read(start, meter)) {
    if (chunk.length >= left) {
      yield chunk.subarray(0, left);
      return;
    }
    left -= chunk.length;
    yield chunk;
  }
}

/** The first bytes, as many as there are up to `length`. */
export async function firstBytes(source: AsyncIterable<Buffer>, length: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let held = 0;
  for await (const chunk of source) {
    chunks.push(chunk);
    held += chunk.length;
    if (held >= length) break;
  }
  return Buffer.concat(chunks).subarray(0, length);
}
