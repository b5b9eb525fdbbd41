import { buffer } from 'node:stream/consumers';
import { crc32 } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Entry, fromBuffer } from 'yauzl';
import { figuresOf, sha256Sums } from '../../../../src/delivery/letter/batch-files.ts';
import { type StoredFile, storedZip, storedZipBytes } from '../../../../src/delivery/letter/stored-zip.ts';

const AT = new Date('2026-11-24T05:06:08Z');
const stored = (name: string, bytes: Uint8Array): StoredFile => ({
  ...{ name, bytes: bytes.length, crc32: crc32(bytes) },
  read: async function* () {
    for (let at = 0; at < bytes.length; at += 100) yield bytes.subarray(at, at + 100);
  },
});
const written = (files: StoredFile[]): Promise<Buffer> => buffer(storedZip(files, AT));

/** The archive as another program reads it, checked by its sums. */
const unzip = (zip: Buffer): Promise<{ name: string; bytes: Buffer; at: Date }[]> =>
  new Promise((resolve, reject) => {
    const found: { name: string; bytes: Buffer; at: Date }[] = [];
    fromBuffer(zip, { lazyEntries: true, validateEntrySizes: true }, (failed, archive) => {
      if (failed) return reject(failed);
      archive.on('error', reject).on('end', () => resolve(found));
      archive.on('entry', (entry: Entry) =>
        archive.openReadStream(entry, async (unreadable, stream) => {
          if (unreadable) return reject(unreadable);
          const bytes = await buffer(stream);
          expect(crc32(bytes)).toBe(entry.crc32);
          found.push({ name: entry.fileName, bytes, at: entry.getLastModDate({ timezone: 'UTC' }) });
          archive.readEntry();
        }),
      );
      archive.readEntry();
    });
  });

describe('the archive of a batch', () => {
  it('holds the files as they are, is as long as was said, and is the same each time', async () => {
    const name = fc.stringMatching(/^[a-z]{1,8}$/);
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(name, fc.uint8Array({ maxLength: 400 })), { maxLength: 4 }), async (given) => {
        const files = given.map(([file, bytes]) => stored(file, bytes));
        const zip = await written(files);
        expect(zip.length).toBe(storedZipBytes(files));
        expect((await written(files)).equals(zip)).toBe(true);
        const read = await unzip(zip);
        expect(read.map((one) => [one.name, [...one.bytes]])).toEqual(given.map(([file, bytes]) => [file, [...bytes]]));
        for (const { at } of read) expect(at.toISOString()).toBe(AT.toISOString());
      }),
      { numRuns: 50 },
    );
  });

  it('does not pass when a file is not as long as was said', async () => {
    const file = stored('letters.pdf', Buffer.from('all of it'));
    await expect(written([{ ...file, bytes: 4 }])).rejects.toThrow('letters.pdf has 9 bytes and not 4');
  });
});

describe('SHA256SUMS', () => {
  it('has a line for each file as sha256sum writes it', () => {
    const nothing = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';
    const empty = figuresOf(new Uint8Array());
    expect(empty).toEqual({ bytes: 0, sha256: nothing, crc32: 0 });
    const list = sha256Sums([
      ['letters.pdf', empty],
      ['manifest.csv', { ...empty, sha256: 'ff' }],
    ]);
    expect(list).toBe(`${nothing}  letters.pdf\nff  manifest.csv\n`);
  });
});
