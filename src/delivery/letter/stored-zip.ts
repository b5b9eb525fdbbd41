/** A file of an archive. Its figures are known beforehand, so that the archive can be written as it is read. */
export interface StoredFile {
  name: string;
  bytes: number;
  crc32: number;
  read(): AsyncIterable<Uint8Array>;
}

const LOCAL = 0x04034b50;
const CENTRAL = 0x02014b50;
const END = 0x06054b50;
const VERSION = 20;
/** Names are UTF-8. */
const FLAGS = 0x0800;
const LOCAL_BYTES = 30;
const CENTRAL_BYTES = 46;
const END_BYTES = 22;

/**
 * A zip archive (APPNOTE.TXT 4.3) of files as they are: PDFs are compressed already. The same files and time give the same
 * bytes. Below 4 GiB.
 * @throws Error when a file is not as long as was said
 */
export async function* storedZip(files: StoredFile[], at: Date): AsyncGenerator<Buffer> {
  const directory: Buffer[] = [];
  let offset = 0;
  for (const file of files) {
    const name = Buffer.from(file.name);
    const fields = fieldsOf(file, name, at);
    directory.push(centralHeader(fields, offset), name);
    yield Buffer.concat([uint32(LOCAL), fields, name]);
    let read = 0;
    for await (const piece of file.read()) {
      read += piece.length;
      yield Buffer.from(piece);
    }
    if (read !== file.bytes) throw new Error(`${file.name} has ${read} bytes and not ${file.bytes}`);
    offset += LOCAL_BYTES + name.length + file.bytes;
  }
  yield Buffer.concat([...directory, endOf(files.length, Buffer.concat(directory).length, offset)]);
}

/** The length of the archive. */
export function storedZipBytes(files: Pick<StoredFile, 'name' | 'bytes'>[]): number {
  const each = files.map(({ name, bytes }) => LOCAL_BYTES + CENTRAL_BYTES + 2 * Buffer.byteLength(name) + bytes);
  return each.reduce((sum, bytes) => sum + bytes, END_BYTES);
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

/** What stands in both headers: from the version needed to the length of the extra field. */
function fieldsOf({ bytes, crc32 }: StoredFile, name: Buffer, at: Date): Buffer {
  const fields = Buffer.alloc(LOCAL_BYTES - 4);
  const { time, date } = dosTime(at);
  fields.writeUInt16LE(VERSION, 0);
  fields.writeUInt16LE(FLAGS, 2);
  fields.writeUInt16LE(time, 6);
  fields.writeUInt16LE(date, 8);
  fields.writeUInt32LE(crc32, 10);
  fields.writeUInt32LE(bytes, 14);
  fields.writeUInt32LE(bytes, 18);
  fields.writeUInt16LE(name.length, 22);
  return fields;
}

function centralHeader(fields: Buffer, offset: number): Buffer {
  const header = Buffer.alloc(CENTRAL_BYTES);
  header.writeUInt32LE(CENTRAL, 0);
  header.writeUInt16LE(VERSION, 4);
  fields.copy(header, 6);
  header.writeUInt32LE(offset, 42);
  return header;
}

function endOf(files: number, directoryBytes: number, offset: number): Buffer {
  const end = Buffer.alloc(END_BYTES);
  end.writeUInt32LE(END, 0);
  end.writeUInt16LE(files, 8);
  end.writeUInt16LE(files, 10);
  end.writeUInt32LE(directoryBytes, 12);
  end.writeUInt32LE(offset, 16);
  return end;
}

/** MS-DOS time has no zone: UTC is taken, so that it is the same on every machine. */
function dosTime(at: Date): { time: number; date: number } {
  const time = (at.getUTCHours() << 11) | (at.getUTCMinutes() << 5) | (at.getUTCSeconds() >> 1);
  const date = ((at.getUTCFullYear() - 1980) << 9) | ((at.getUTCMonth() + 1) << 5) | at.getUTCDate();
  return { time, date };
}
