import { crc32, deflateRawSync } from 'node:zlib';

export interface FileToZip {
  name: string;
  data: Buffer | string;
  /** Not compressed. */
  stored?: boolean;
  /** What the headers say, instead of the truth. */
  claims?: Partial<{ size: number; crc32: number; method: number; encrypted: boolean }>;
}

/** A zip archive (APPNOTE.TXT), as simple as it can be. */
export function zipOf(files: FileToZip[]): Buffer {
  const locals: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const file of files) {
    const { fields, packed, name } = entryOf(file);
    const local = Buffer.concat([Buffer.from('PK\x03\x04'), fields, name, packed]);
    const central = Buffer.alloc(46);
    central.write('PK\x01\x02', 'latin1');
    central.writeUInt16LE(20, 4);
    fields.copy(central, 6);
    central.writeUInt32LE(offset, 42);
    locals.push(local);
    directory.push(central, name);
    offset += local.length;
  }
  const end = Buffer.alloc(22);
  const listing = Buffer.concat(directory);
  end.write('PK\x05\x06', 'latin1');
  end.writeUInt16LE(files.length, 8);
  end.writeUInt16LE(files.length, 10);
  end.writeUInt32LE(listing.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...locals, listing, end]);
}

function entryOf({ name, data, stored = false, claims = {} }: FileToZip) {
  const plain = Buffer.from(data as string);
  const packed = stored ? plain : deflateRawSync(plain);
  const fields = Buffer.alloc(26);
  const nameBytes = Buffer.from(name);
  fields.writeUInt16LE(20, 0);
  fields.writeUInt16LE((claims.encrypted ? 1 : 0) | 0x800, 2);
  fields.writeUInt16LE(claims.method ?? (stored ? 0 : 8), 4);
  fields.writeUInt32LE(claims.crc32 ?? crc32(plain), 10);
  fields.writeUInt32LE(packed.length, 14);
  fields.writeUInt32LE(claims.size ?? plain.length, 18);
  fields.writeUInt16LE(nameBytes.length, 22);
  return { fields, packed, name: nameBytes };
}
