import { Readable } from 'node:stream';
import type { CsvRecord } from '../../src/intake/reading/csv.ts';
import { type ListFile, type ListSource, openListFile, type ReadOptions } from '../../src/intake/reading/list-file.ts';

export interface WatchedSource extends ListSource {
  /** Streams that were opened and are not destroyed yet. */
  open(start?: number): Readable;
  stillOpen(): number;
}

/** An upload out of memory, in pieces that know nothing of characters. */
export function sourceOf(file: Buffer | string, pieceBytes = 4099): WatchedSource {
  const bytes = Buffer.from(file as string);
  const streams: Readable[] = [];
  return {
    size: bytes.length,
    open(start = 0) {
      const stream = Readable.from(pieces(bytes.subarray(start), pieceBytes), { objectMode: false });
      streams.push(stream);
      return stream;
    },
    stillOpen: () => streams.filter((stream) => !stream.destroyed).length,
  };
}

function* pieces(bytes: Buffer, size: number): Generator<Buffer> {
  for (let i = 0; i < bytes.length; i += size) yield bytes.subarray(i, i + size);
}

export interface WholeList extends ListFile {
  records: CsvRecord[];
}

/** Opens a list and reads it to its end. */
export async function readList(
  file: Buffer | string,
  options: Partial<ReadOptions> & { pieceBytes?: number } = {},
): Promise<WholeList> {
  const { encoding = null, sheet = null, pieceBytes = 4099 } = options;
  const list = await openListFile(sourceOf(file, pieceBytes), { encoding, sheet });
  const records: CsvRecord[] = [];
  for await (const piece of list.rows) records.push(...piece);
  return { ...list, records };
}
