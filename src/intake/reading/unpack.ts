import { pipeline } from 'node:stream';
import { crc32, createGunzip, createInflateRaw, type Gunzip, type InflateRaw } from 'node:zlib';
import { OwabiError } from '../../errors.ts';
import type { Bytes, Meter, Opened } from './bytes.ts';

/** A list of ten million persons has some two GiB. */
export const MAX_UNPACKED_BYTES = 8 * 2 ** 30;

/**
 * How many times its size a file may grow, once more than `FREE_BYTES` have come out of it. Lists of persons shrink to
 * a fourth or a tenth, sheets of a workbook to a tenth or, with many empty cells, a fiftieth; deflate cannot do more
 * than a thousandth (zlib's "Technical Details"). What lies between was made to fill a disk.
 */
export const MAX_RATIO = 200;
export const FREE_BYTES = 64 * 2 ** 20;

/**
 * Stops what grows beyond all measure. Sizes in headers are claims and are not looked at.
 * @throws OwabiError `list_unreadable`
 */
export function checkGrowth(unpacked: number, packed: number): void {
  if (unpacked > MAX_UNPACKED_BYTES) {
    throw unreadable(`The file unpacks to more than ${MAX_UNPACKED_BYTES / 2 ** 30} GiB. Split the list into several.`);
  }
  if (unpacked > FREE_BYTES && unpacked > MAX_RATIO * packed) {
    throw unreadable(
      `The file unpacks to more than ${MAX_RATIO} times its size, as no list does. Upload the list itself, not compressed.`,
    );
  }
}

/** What must come out of an entry of a zip archive. */
export interface Expected {
  crc32: number;
  size: number;
}

const CHUNK_BYTES = 128 * 1024;

/** A gzip file unpacked (RFC 1952), from the beginning; several members in a row are one text. */
export function gunzip(packed: Bytes, opened: Opened, meter?: Meter): AsyncGenerator<Buffer> {
  const inflater = createGunzip({ chunkSize: CHUNK_BYTES });
  return nothingAfter(inflate(packed.read(0, meter), inflater, opened), packed, inflater);
}

// Zlib passes over what follows zeros behind the last member: it might be half of the list.
async function* nothingAfter(data: AsyncGenerator<Buffer>, packed: Bytes, inflater: Gunzip): AsyncGenerator<Buffer> {
  yield* data;
  for await (const chunk of packed.read(inflater.bytesWritten)) {
    if (chunk.some((byte) => byte !== 0)) throw damaged('something else follows its end');
  }
}

/** The deflated data of an entry, unpacked and compared with what the archive says of it. */
export function inflateEntry(
  packed: AsyncGenerator<Buffer>,
  expected: Expected,
  opened: Opened,
): AsyncGenerator<Buffer> {
  return verified(inflate(packed, createInflateRaw({ chunkSize: CHUNK_BYTES }), opened), expected);
}

/** The data of an entry, compared with its size and checksum. @throws OwabiError `list_unreadable` */
export async function* verified(data: AsyncIterable<Buffer>, expected: Expected): AsyncGenerator<Buffer> {
  let sum = 0;
  let size = 0;
  for await (const chunk of data) {
    sum = crc32(chunk, sum);
    size += chunk.length;
    yield chunk;
  }
  if (sum !== expected.crc32 || size !== expected.size) throw damaged('its checksum is wrong');
}

async function* inflate(
  packed: AsyncGenerator<Buffer>,
  inflater: Gunzip | InflateRaw,
  opened: Opened,
): AsyncGenerator<Buffer> {
  opened.add(inflater);
  let unpacked = 0;
  try {
    // An error of either stream reaches the loop below; the callback has nothing to add.
    for await (const chunk of pipeline(packed, inflater, () => {}) as AsyncIterable<Buffer>) {
      unpacked += chunk.length;
      checkGrowth(unpacked, inflater.bytesWritten);
      yield chunk;
    }
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    if (code === 'Z_BUF_ERROR') throw damaged('it ends before it is complete');
    throw code.startsWith('Z_') ? damaged('its data cannot be unpacked') : error;
  } finally {
    inflater.destroy();
    opened.delete(inflater);
  }
}

export function damaged(how: string): OwabiError {
  return unreadable(`The compressed file is damaged: ${how}. Make it again and upload it again.`);
}

export function unreadable(detail: string, extra: Record<string, unknown> = {}): OwabiError {
  return new OwabiError('list_unreadable', detail, extra);
}
