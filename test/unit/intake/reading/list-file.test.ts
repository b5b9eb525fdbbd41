import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { OwabiError } from '../../../../src/errors.ts';
import { encodings } from '../../../../src/intake/reading/encoding.ts';
import { openListFile } from '../../../../src/intake/reading/list-file.ts';
import { encode } from '../../../support/encode.ts';
import { readList, sourceOf } from '../../../support/list-source.ts';
import { workbookOf } from '../../../support/workbook.ts';
import { zipOf } from '../../../support/zip.ts';

const byDefault = { encoding: null, sheet: null };
/** Made at run time: no card number stands in a source file. */
const card = ['4111', '1111', '1111', '1111'].join('');
const rows = Array.from({ length: 20_000 }, (_, i) => [`山田 ${i}`, `a${i}@example.jp`]);
const csv = Buffer.from(`氏名,メール\n${rows.map((row) => row.join(',')).join('\n')}\n`);
const workbook = workbookOf({ sheets: [{ rows: [['氏名', 'メール'], ...rows] }] });
const failure = (file: Buffer | string, options = {}) =>
  readList(file, options).then(
    () => 'none',
    (error: OwabiError) => [error.code, error.message, error.extra.line].join(': '),
  );

describe('a list as a table', () => {
  it('has the lines of the file, blank ones left out wherever they are', async () => {
    const list = await readList('\r\n \n"a","b"\n\n1,2\n,\n"3\n4",5\n');
    expect(list.header).toEqual(['a', 'b']);
    expect(list.records).toEqual([
      { line: 5, lines: 1, cells: ['1', '2'] },
      { line: 7, lines: 2, cells: ['3\n4', '5'] },
    ]);
    expect(await failure('\n , \n')).toContain('no_header: The file holds nothing but blank lines.');
    expect(await failure('')).toContain('no_header');
  });

  it('has the delimiter that the file itself names, on a line that is none of the list', async () => {
    const list = await readList('sep=;\r\na,x;b\r\n1;2\r\n');
    expect(list).toMatchObject({ delimiter: ';', header: ['a,x', 'b'], records: [{ line: 3, cells: ['1', '2'] }] });
  });

  it('has no card number in its header', async () => {
    expect((await readList(`山田 太郎,${card}\n`)).header).toEqual(['山田 太郎', '****1111']);
    expect((await readList(workbookOf({ sheets: [{ rows: [['山田 太郎', card]] }] }))).header).toEqual([
      '山田 太郎',
      '****1111',
    ]);
  });

  it('says how many characters were lost before it came to us', async () => {
    expect((await readList('name\nA\uFFFDn\n\uFFFD\n')).warnings).toEqual([
      { code: 'replacement_character', count: 2 },
    ]);
    expect((await readList('name\nAnn\n')).warnings).toEqual([]);
  });

  it('is read in the encoding that is named, unless the file says another itself', async () => {
    const western = encode('name,city\nHélène,Orléans\n', 'windows-1252');
    expect(await readList(western, { encoding: 'windows-1252' })).toMatchObject({
      records: [{ cells: ['Hélène', 'Orléans'] }],
    });
    expect(await failure(western, { encoding: 'euc-jp' })).toContain(
      'unknown_encoding: The file is not EUC-JP throughout',
    );
    const marked = encode('\uFEFF氏名\n山田\n', 'utf-8');
    expect(await failure(marked, { encoding: 'cp932' })).toContain(
      'begins with the mark of UTF-8, and CP932 was named',
    );
    expect(await readList(encode('\uFEFF氏名\n山田\n', 'utf-16be'), { encoding: 'utf-16le' })).toMatchObject({
      ...{ encoding: 'utf-16be', records: [{ cells: ['山田'] }] },
    });
  });

  it.each(encodings.filter((encoding) => encoding !== 'windows-1252'))('is the same in %s', async (encoding) => {
    const text = '氏名;備考\r\n山田 太郎;"表, ソ"\r\n佐々木 花子;ﾔﾏﾀﾞ\r\n';
    const list = await readList(encode(text, encoding), { pieceBytes: 3 });
    expect(list).toMatchObject({ encoding, delimiter: ';', header: ['氏名', '備考'] });
    expect(list.records.map(({ cells }) => cells)).toEqual([
      ['山田 太郎', '表, ソ'],
      ['佐々木 花子', 'ﾔﾏﾀﾞ'],
    ]);
  });
});

describe('a file that is no list ends in a sentence that names its line', () => {
  it.each([
    [
      'an open quotation mark',
      `a,b\n1,2\n"x,y\n${'z,w\n'.repeat(9)}`,
      'broken_quote: The quotation mark opened on line 3 is never closed.',
    ],
    [
      'a cell of 5 MB',
      `a,b\n1,${'x'.repeat(5_000_000)}\n`,
      'list_unreadable: The record that begins on line 2 is longer than 1000000 characters.',
    ],
    [
      'a cell of 5 MB in quotation marks',
      `a,b\n1,"${'x'.repeat(5_000_000)}"\n`,
      'broken_quote: The quotation mark opened on line 2 is not closed within 1000000 characters.',
    ],
    [
      'one line without end',
      'x'.repeat(5_000_000),
      'list_unreadable: The record that begins on line 1 is longer than 1000000 characters.',
    ],
    [
      '10,000 columns',
      `${Array.from({ length: 10_000 }, (_, i) => `c${i}`).join(',')}\n`,
      'list_unreadable: The record that begins on line 1 has more than 1000 columns.',
    ],
    [
      'a NUL byte',
      `a,b\n${'1,2\n'.repeat(50_000)}1,\0\n`,
      'not_text: The file is not text: there is a NUL byte on line 50002.',
    ],
    ['a NUL byte at once', 'a,b\n1,\0\n', 'not_text: The file is not text: there is a NUL byte on line 2.'],
  ])('%s', async (_what, file, sentence) => {
    expect(await failure(file, { pieceBytes: 65_536 })).toContain(sentence);
  });
});

describe('reading a list', () => {
  const files: [string, Buffer][] = [
    ['text', csv],
    ['gzip', gzipSync(csv)],
    ['zip', zipOf([{ name: 'a.csv', data: csv }])],
    ['a workbook', workbook],
    ['a workbook in a zip', zipOf([{ name: 'a.xlsx', data: workbook }])],
  ];

  it.each(files)('tells how many bytes of the upload are used up (%s)', async (_what, file) => {
    const list = await openListFile(sourceOf(file, 1024), byDefault);
    const seen = [list.consumed()];
    for await (const _ of list.rows) seen.push(list.consumed());
    seen.push(list.consumed());
    expect(seen).toEqual(seen.toSorted((a, b) => a - b));
    expect(seen[0]).toBeLessThan(file.length);
    expect(new Set(seen).size).toBeGreaterThanOrEqual(3);
    expect(seen.at(-1)).toBe(file.length);
  });

  it.each(files)(
    'leaves nothing open, at its end, when it is left early, closed, or was never walked (%s)',
    async (_what, file) => {
      const whole = sourceOf(file);
      for await (const _ of (await openListFile(whole, byDefault)).rows);
      const left = sourceOf(file, 512);
      for await (const _ of (await openListFile(left, byDefault)).rows) break;
      const closed = sourceOf(file, 512);
      const list = await openListFile(closed, byDefault);
      await list.rows.next();
      list.close();
      const unread = sourceOf(file, 512);
      (await openListFile(unread, byDefault)).close();
      for (const source of [whole, left, closed, unread]) expect(source.stillOpen()).toBe(0);
    },
  );

  it.each(files)('leaves nothing open when it fails (%s)', async (_what, file) => {
    const source = sourceOf(file.subarray(0, file.length - 40));
    const damaged = Buffer.concat([file.subarray(0, 30), Buffer.alloc(40, 0xff), file.subarray(70)]);
    for (const bad of [source, sourceOf(damaged)]) {
      const read = async () => {
        for await (const _ of (await openListFile(bad, byDefault)).rows);
      };
      // A text that is cut off between two characters is a text.
      await read().catch((error: unknown) => expect(error).toBeInstanceOf(OwabiError));
      expect(bad.stillOpen()).toBe(0);
    }
  });

  it.each(files)(
    'passes on what goes wrong with the storage as it is, and blames no file for it (%s)',
    async (_what, file) => {
      for (const sound of [0, 100, file.length - 10]) {
        const broken = {
          size: file.length,
          open: (start = 0) =>
            Readable.from(
              (function* () {
                if (start < sound) yield file.subarray(start, sound);
                throw new Error('the disk is gone');
              })(),
              { objectMode: false },
            ),
        };
        const read = async () => {
          for await (const _ of (await openListFile(broken, byDefault)).rows);
        };
        await expect(read(), String(sound)).rejects.toThrow('the disk is gone');
      }
    },
  );
});

describe('whatever bytes come', () => {
  const read = async (bytes: Buffer, pieceBytes: number): Promise<void> => {
    const source = sourceOf(bytes, pieceBytes);
    try {
      for await (const _ of (await openListFile(source, byDefault)).rows);
    } catch (error) {
      if (!(error instanceof OwabiError)) throw error;
    }
    expect(source.stillOpen()).toBe(0);
  };
  const bytes = fc.uint8Array({ maxLength: 400 }).map((array) => Buffer.from(array));
  const pieceBytes = fc.constantFrom(1, 7, 4096);
  const heads = [
    'PK\x03\x04',
    'PK\x05\x06',
    '\x1F\x8B\x08\x00',
    '\xFF\xFE',
    '\xFE\xFF',
    '\xEF\xBB\xBF',
    'a,b\n"',
    '\x1B$B',
    '\x82\xA0',
    '\xA4\xA2',
    'sep=;\n',
  ];

  it('they are a list or fail with a sentence', async () => {
    const head = fc.constantFrom(...heads, '').map((text) => Buffer.from(text, 'latin1'));
    await fc.assert(
      fc.asyncProperty(head, bytes, pieceBytes, (first, rest, size) => read(Buffer.concat([first, rest]), size)),
      { numRuns: 1_500 },
    );
  });

  it('they are a list or fail with a sentence, also when a good file was changed in places', async () => {
    const small = workbookOf({
      sheets: [
        {
          rows: [
            ['氏名', 'メール'],
            ['山田 太郎', 'taro@example.jp'],
          ],
        },
      ],
    });
    const text = '氏名,メール\r\n山田 太郎,taro@example.jp\r\n"佐藤\n花子",\r\n';
    const good = [
      small,
      zipOf([{ name: 'a.xlsx', data: small }]),
      gzipSync(text),
      ...encodings.slice(0, 6).map((one) => encode(text, one)),
    ];
    const changes = fc.array(fc.tuple(fc.nat(), fc.nat({ max: 255 })), { minLength: 1, maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...good), changes, pieceBytes, async (file, list, size) => {
        const changed = Buffer.from(file);
        for (const [at, byte] of list) changed[at % changed.length] = byte;
        await read(changed, size);
      }),
      { numRuns: 400 },
    );
  });
});
