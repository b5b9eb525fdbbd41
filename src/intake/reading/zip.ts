import { type Entry, fromRandomAccessReaderPromise, RandomAccessReader, type ZipFile } from 'yauzl';
import { OwabiError } from '../../errors.ts';
import { type Bytes, firstBytes, type Meter, type Opened, range } from './bytes.ts';
import { damaged, inflateEntry, unreadable, verified } from './unpack.ts';

/** One file in a zip archive. */
export interface ZipEntry {
  name: string;
  /** As the archive claims: for showing progress only. */
  packedSize: number;
  /** Its content, checked against size and checksum at the end. @throws OwabiError `list_unreadable` */
  read(meter?: Meter): AsyncGenerator<Buffer>;
}

const MAX_ENTRIES = 10_000;

/**
 * The files in a zip archive, by its central directory (APPNOTE.TXT §4.3.12); folders are left out.
 * @throws OwabiError `list_unreadable`
 */
export async function readZip(bytes: Bytes, opened: Opened): Promise<ZipEntry[]> {
  const reader = new BlockReader(bytes);
  try {
    const zip = await fromRandomAccessReaderPromise(reader, bytes.size, { autoClose: false, decodeStrings: false });
    if (zip.entryCount > MAX_ENTRIES) {
      throw unreadable(`The archive holds more than ${MAX_ENTRIES} files. Upload the list by itself.`);
    }
    const entries: ZipEntry[] = [];
    for await (const entry of zip.eachEntry()) {
      // Names of old archives are in any encoding, so they are only compared with what is ASCII.
      const name = entry.fileNameRaw.toString('latin1');
      if (isFolder(name, entry)) continue;
      entries.push({
        name,
        packedSize: entry.compressedSize,
        read: (meter) => readEntry({ zip, entry, bytes, reader, opened }, meter),
      });
    }
    return entries;
  } catch (error) {
    throw reader.failure ?? asOwabiError(error);
  }
}

// .NET wrote folders with backslashes. A name in CP932 may end in one too, but then it holds something.
function isFolder(name: string, entry: Entry): boolean {
  return name.endsWith('/') || (name.endsWith('\\') && entry.uncompressedSize === 0);
}

interface Place {
  zip: ZipFile;
  entry: Entry;
  bytes: Bytes;
  reader: BlockReader;
  opened: Opened;
}

async function* readEntry({ zip, entry, bytes, reader, opened }: Place, meter?: Meter): AsyncGenerator<Buffer> {
  if (entry.isEncrypted()) throw encrypted();
  if (entry.compressionMethod !== 0 && entry.compressionMethod !== 8) {
    throw unreadable('The zip file is compressed in an unusual way. Make it with the usual one (deflate).');
  }
  const start = await zip.readLocalFileHeaderPromise(entry, { minimal: true }).catch((error: unknown) => {
    throw reader.failure ?? asOwabiError(error);
  });
  const expected = { crc32: entry.crc32, size: entry.uncompressedSize };
  const packed = metered(range(bytes, start.fileDataStart, entry.compressedSize), meter);
  yield* entry.compressionMethod === 8 ? inflateEntry(packed, expected, opened) : verified(packed, expected);
}

async function* metered(data: AsyncGenerator<Buffer>, meter?: Meter): AsyncGenerator<Buffer> {
  for await (const chunk of data) {
    meter?.(chunk.length);
    yield chunk;
  }
}

// What yauzl throws are findings about the archive, in words for programmers.
function asOwabiError(error: unknown): OwabiError {
  if (error instanceof OwabiError) return error;
  const { message } = error as Error;
  if (message.includes('encryption')) return encrypted();
  if (message.includes('multi-disk')) return unreadable('The zip file is one part of several. Make it in one piece.');
  return damaged('its directory cannot be read, as if its end were missing');
}

function encrypted(): OwabiError {
  return unreadable('The zip file has a password. Upload the list without one: it is stored sealed.');
}

const BLOCK_BYTES = 256 * 1024;
const BLOCKS_KEPT = 4;

/**
 * Gives yauzl the few bytes that it asks for at a time, out of blocks: behind an archive within an archive each read
 * starts unpacking from the beginning.
 */
class BlockReader extends RandomAccessReader {
  /** What went wrong below the archive: no fault of the archive. */
  failure: unknown = null;
  private readonly bytes: Bytes;
  private readonly blocks = new Map<number, Promise<Buffer>>();

  constructor(bytes: Bytes) {
    super();
    this.bytes = bytes;
  }

  override read(
    target: Buffer,
    offset: number,
    length: number,
    position: number,
    callback: (error: Error | null, bytesRead?: number) => void,
  ): void {
    this.copy(target, offset, length, position).then(
      (count) => callback(null, count),
      (error: unknown) => {
        this.failure = error;
        callback(error as Error);
      },
    );
  }

  private async copy(target: Buffer, offset: number, length: number, position: number): Promise<number> {
    let copied = 0;
    while (copied < length) {
      const at = position + copied;
      if (!(at < this.bytes.size)) break;
      const block = await this.block(Math.floor(at / BLOCK_BYTES));
      const count = block.copy(target, offset + copied, at % BLOCK_BYTES, (at % BLOCK_BYTES) + length - copied);
      if (count === 0) break;
      copied += count;
    }
    return copied;
  }

  private block(index: number): Promise<Buffer> {
    const known = this.blocks.get(index);
    if (known) return known;
    const block = firstBytes(this.bytes.read(index * BLOCK_BYTES), BLOCK_BYTES);
    this.blocks.set(index, block);
    const oldest = this.blocks.keys().next().value;
    if (this.blocks.size > BLOCKS_KEPT && oldest !== undefined) this.blocks.delete(oldest);
    return block;
  }
}
