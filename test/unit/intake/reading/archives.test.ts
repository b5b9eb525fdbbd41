import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkGrowth, FREE_BYTES, MAX_RATIO, MAX_UNPACKED_BYTES } from '../../../../src/intake/reading/unpack.ts';
import { encode } from '../../../support/encode.ts';
import { readList } from '../../../support/list-source.ts';
import { workbookOf } from '../../../support/workbook.ts';
import { zipOf } from '../../../support/zip.ts';

const rows = Array.from({ length: 3_000 }, (_, i) => `山田 ${i},a${i}@example.jp`);
const csv = encode(`氏名,メール\r\n${rows.join('\r\n')}\r\n`, 'cp932');
const workbook = workbookOf({ sheets: [{ rows: [['氏名', 'メール'], ...rows.map((row) => row.split(','))] }] });
const failure = (file: Buffer) =>
  readList(file).then(
    () => 'none',
    (error: { code: string; message: string }) => `${error.code}: ${error.message}`,
  );

describe('a list in an archive', () => {
  it.each([
    ['gzip', gzipSync(csv)],
    ['gzip in several members', Buffer.concat([gzipSync(csv.subarray(0, 9_000)), gzipSync(csv.subarray(9_000))])],
    ['gzip filled up with zeros', Buffer.concat([gzipSync(csv), Buffer.alloc(700)])],
    ['zip', zipOf([{ name: 'list.csv', data: csv }])],
    ['zip, not compressed', zipOf([{ name: 'list.csv', data: csv, stored: true }])],
    [
      'zip from a Mac, in a folder',
      zipOf([
        ...[
          { name: 'out/', data: '', stored: true },
          { name: 'out/list.csv', data: csv },
        ],
        ...[
          { name: '__MACOSX/out/._list.csv', data: 'x' },
          { name: 'out/.DS_Store', data: 'x' },
        ],
      ]),
    ],
  ])('is read as it is (%s)', async (_what, file) => {
    const list = await readList(file);
    expect(list).toMatchObject({ format: 'csv', encoding: 'cp932', header: ['氏名', 'メール'] });
    expect(list.records.map(({ cells }) => cells.join(','))).toEqual(rows);
  });

  it.each([
    ['alone', workbook],
    ['gzip', gzipSync(workbook)],
    ['zip', zipOf([{ name: '名簿.xlsx', data: workbook }])],
    ['zip, not compressed', zipOf([{ name: '名簿.xlsx', data: workbook, stored: true }])],
  ])('may be a workbook (%s)', async (_what, file) => {
    const list = await readList(file);
    expect(list).toMatchObject({ format: 'xlsx', encoding: null, delimiter: null, sheet: 'Sheet1' });
    expect(list.records.map(({ cells }) => cells.join(','))).toEqual(rows);
  });
});

describe('an archive that is no list', () => {
  const two = [
    { name: 'a.csv', data: csv },
    { name: 'b.csv', data: csv },
  ];
  const zip = zipOf([{ name: 'list.csv', data: csv }]);
  it.each([
    ['two files', zipOf(two), 'list_unreadable: The zip file holds 2 files. Upload them one by one'],
    ['no file', zipOf([{ name: 'a/', data: '', stored: true }]), 'list_unreadable: The zip file holds no file'],
    ['nothing', zipOf([]), 'list_unreadable: The zip file holds no file'],
    ['a zip', zipOf([{ name: 'a.zip', data: zip }]), 'list_unreadable: The archive holds another archive'],
    ['a gzip', zipOf([{ name: 'a.gz', data: gzipSync(csv) }]), 'list_unreadable: The archive holds another archive'],
    ['a gzip in a gzip', gzipSync(gzipSync(csv)), 'list_unreadable: The archive holds another archive'],
    ['a zip in a gzip', gzipSync(zip), 'list_unreadable: The archive holds another archive'],
    ['a picture', gzipSync(Buffer.from('\x89PNG\r\n\x1A\n', 'latin1')), 'not_text: The file is a picture'],
    [
      'a tar',
      gzipSync(Buffer.concat([Buffer.alloc(257), Buffer.from('ustar\0')])),
      'not_text: The file is a tar archive',
    ],
    [
      'a password',
      zipOf([{ name: 'a.csv', data: csv, claims: { encrypted: true } }]),
      'list_unreadable: The zip file has a password',
    ],
    [
      'an unusual method',
      zipOf([{ name: 'a.csv', data: csv, claims: { method: 93 } }]),
      'list_unreadable: The zip file is compressed in an unusual way',
    ],
  ])('is refused with a sentence (%s)', async (_what, file, sentence) => {
    expect(await failure(file)).toContain(sentence);
  });

  it.each([
    [
      'ods',
      [
        { name: 'mimetype', data: 'application/vnd.oasis.opendocument.spreadsheet' },
        { name: 'content.xml', data: '<x/>' },
      ],
      '.ods',
    ],
    [
      'xlsb',
      [
        { name: '[Content_Types].xml', data: '<x/>' },
        { name: 'xl/workbook.bin', data: 'x' },
      ],
      '.xlsb',
    ],
    [
      'Numbers',
      [
        { name: 'Index/Document.iwa', data: 'x' },
        { name: 'preview.jpg', data: 'x' },
      ],
      'Numbers',
    ],
    [
      'Word',
      [
        { name: '[Content_Types].xml', data: '<x/>' },
        { name: 'word/document.xml', data: '<x/>' },
      ],
      'Word',
    ],
  ])('is told what to save it as (%s)', async (_what, files, name) => {
    const sentence = await failure(zipOf(files));
    expect(sentence).toContain('not_text: The file is');
    expect(sentence).toContain(name);
    expect(sentence).toContain('Save it as CSV or .xlsx');
  });

  it.each(['<html><table>', '\uFEFF \r\n<!DOCTYPE html>', '<?xml version="1.0"?><Workbook>', '<TABLE border=1>'])(
    'is told what to save it as (%j under the name of .xls)',
    async (start) => {
      expect(await failure(Buffer.from(`${start}<tr><td>山田 太郎</td></tr>`))).toContain(
        'not_text: The file is a web page or XML',
      );
      expect(await failure(Buffer.from('<Name>,email\nAnn,ann@example.com\n'))).toBe('none');
    },
  );

  it('is told what to save it as (xls, or a workbook with a password)', async () => {
    const ole = Buffer.concat([Buffer.from([0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1]), Buffer.alloc(600)]);
    expect(await failure(ole)).toContain('(.xls), or a workbook with a password, not a list. Save it as CSV or .xlsx');
  });

  it('is never read in part: cut off or damaged anywhere, it fails', async () => {
    const small = Buffer.from('name,email\nAnn Lee,ann@example.com\n'.repeat(40));
    const archives = [
      gzipSync(small),
      zipOf([{ name: 'a.csv', data: small }]),
      zipOf([{ name: 'a.csv', data: small, stored: true }]),
    ];
    for (const archive of archives) {
      for (let length = 4; length < archive.length; length++) {
        expect(await failure(archive.subarray(0, length)), String(length)).toMatch(
          /^list_unreadable: The compressed file is damaged/,
        );
      }
    }
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...archives),
        fc.nat(),
        fc.integer({ min: 1, max: 255 }),
        async (archive, at, change) => {
          const bytes = Buffer.from(archive);
          const place = 4 + (at % (bytes.length - 4));
          bytes[place] = (bytes[place] as number) ^ change;
          const list = await readList(bytes).catch((error: { code?: string }) => error);
          // A changed time stamp or name does no harm.
          if ('records' in list) expect(list.records).toHaveLength(79);
          else expect(list.code).toMatch(/^(list_unreadable|not_text)$/);
        },
      ),
      { numRuns: 300 },
    );
  });

  it('does not pass over what follows a gzip file', async () => {
    expect(await failure(Buffer.concat([gzipSync(csv), csv]))).toContain(
      'list_unreadable: The compressed file is damaged',
    );
    expect(await failure(Buffer.concat([gzipSync(csv), Buffer.alloc(10), csv]))).toContain(
      'something else follows its end',
    );
  });

  it('is not believed about its size or its checksum', async () => {
    for (const claims of [{ size: 10 }, { size: 10 ** 9 }, { crc32: 1 }]) {
      expect(await failure(zipOf([{ name: 'a.csv', data: csv, claims }]))).toContain('its checksum is wrong');
    }
  });
});

describe('what grows without measure', () => {
  it('is stopped at 8 GiB, and beyond 64 MiB at 200 times its size', () => {
    expect([MAX_UNPACKED_BYTES, FREE_BYTES, MAX_RATIO]).toEqual([8 * 1024 ** 3, 64 * 1024 ** 2, 200]);
    const GiB = 1024 ** 3;
    expect(() => checkGrowth(8 * GiB, GiB)).not.toThrow();
    expect(() => checkGrowth(8 * GiB + 1, GiB)).toThrow('more than 8 GiB. Split the list into several.');
    expect(() => checkGrowth(FREE_BYTES, 1)).not.toThrow();
    expect(() => checkGrowth(GiB, GiB / 200)).not.toThrow();
    expect(() => checkGrowth(GiB, GiB / 200 - 1)).toThrow('more than 200 times its size, as no list does.');
  });

  it('is stopped while it grows, in whatever archive it lies', async () => {
    const bomb = Buffer.from('name,email\n'.padEnd(80 * 1024 ** 2, ',\n'));
    for (const file of [gzipSync(bomb), zipOf([{ name: 'a.csv', data: bomb, claims: { size: 100 } }])]) {
      expect(await failure(file)).toContain('list_unreadable: The file unpacks to more than 200 times its size');
    }
  });

  it('is no list of persons, be they ever so much alike', async () => {
    const alike = Buffer.from('山田 太郎,東京都港区芝公園4-2-8,taro@example.jp,,,,\n'.repeat(1_200_000));
    expect(alike.length).toBeGreaterThan(FREE_BYTES);
    const packed = gzipSync(Buffer.from(alike.toString().replace(/太郎/g, () => `太郎${(count++).toString(36)}`)));
    await expect(readList(packed, { pieceBytes: 65_536 })).resolves.toMatchObject({ format: 'csv' });
  });
});

let count = 0;
