import fc from 'fast-check';
import iconv from 'iconv-lite';
import { describe, expect, it } from 'vitest';
import { GIVEN_NAMES, SURNAMES } from '../../../../src/demo/name-tables.ts';
import { detectEncoding } from '../../../../src/intake/reading/detect-encoding.ts';
import { decodeText, type Encoding, encodingNamed, encodings } from '../../../../src/intake/reading/encoding.ts';
import { encode, halfWidth } from '../../../support/encode.ts';
import { sourceOf } from '../../../support/list-source.ts';

function textOf(bytes: Buffer, pieceBytes?: number) {
  const source = sourceOf(bytes, pieceBytes);
  return { packedSize: bytes.length, read: () => source.open() as unknown as AsyncGenerator<Buffer> };
}
const detect = (bytes: Buffer, pieceBytes?: number) => detectEncoding(textOf(bytes, pieceBytes));
const failure = (bytes: Buffer) =>
  detect(bytes).then(
    (encoding) => encoding,
    (error: { code: string }) => error.code,
  );

async function decode(bytes: Buffer, encoding: Encoding, pieceBytes?: number): Promise<string> {
  const context = { meter: () => {}, notes: { replacements: 0 } };
  let text = '';
  for await (const piece of decodeText(textOf(bytes, pieceBytes), encoding, context)) text += piece;
  return text;
}

const japanese: Encoding[] = ['utf-8', 'utf-16le', 'utf-16be', 'cp932', 'euc-jp', 'iso-2022-jp'];
const list = '氏名,フリガナ,備考\r\n山田 太郎,ﾔﾏﾀﾞ ﾀﾛｳ,表 ソ\r\n佐々木 花子,ササキ ハナコ,\r\n一ノ瀬 一,,\r\n';

/** Lists of a few rows under an English header: the least that a real list holds. */
const name = fc.tuple(fc.constantFrom(...SURNAMES), fc.constantFrom(...GIVEN_NAMES));
const people = fc.array(name, { minLength: 4, maxLength: 12 });
const kanji = (rows: [string, string][][]) =>
  `name,email\n${rows.map(([s, g]) => `${s?.[0]} ${g?.[0]},a@example.jp`).join('\n')}\n`;
const kana = (rows: [string, string][][]) =>
  `name,email\n${rows.map(([s, g]) => `${s?.[1]} ${g?.[1]},a@example.jp`).join('\n')}\n`;

describe('the encoding of a list', () => {
  it.each(japanese)(
    '%s is recognised, and its text is what was written, in whatever pieces it comes',
    async (encoding) => {
      const bytes = encode(list, encoding);
      for (const pieceBytes of [1, 2, 3, 5, 7, bytes.length]) {
        expect(await detect(bytes, pieceBytes)).toBe(encoding);
        expect(await decode(bytes, encoding, pieceBytes)).toBe(list);
      }
    },
  );

  it.each(['utf-8', 'utf-16le', 'utf-16be'] as const)(
    '%s is known by its mark, which is no part of the text',
    async (encoding) => {
      const bytes = encode(`\uFEFF${list}`, encoding);
      expect(await detect(bytes)).toBe(encoding);
      expect(await decode(bytes, encoding, 1)).toBe(list);
    },
  );

  it.each(japanese)('%s is told from the others by a few names', async (encoding) => {
    await fc.assert(
      fc.asyncProperty(people, async (rows) => {
        for (const text of [kanji(rows as never), kana(rows as never)])
          expect(await detect(encode(text, encoding))).toBe(encoding);
      }),
      { numRuns: 100 },
    );
  });

  it.each(['cp932', 'euc-jp', 'iso-2022-jp'] as const)(
    '%s is told from the others by half-width kana alone',
    async (encoding) => {
      await fc.assert(
        fc.asyncProperty(people, async (rows) => {
          expect(await detect(encode(halfWidth(kana(rows as never)), encoding))).toBe(encoding);
        }),
        { numRuns: 100 },
      );
    },
  );

  it('is looked for behind as many rows of plain ASCII as there are', async () => {
    const ascii = 'Ann Lee,ann@example.com\n'.repeat(100_000);
    expect(await detect(encode(`name,email\n${ascii}髙橋 一郎,i@example.jp\n`, 'cp932'), 65_536)).toBe('cp932');
    expect(await detect(encode(`name,email\n${ascii}高橋 一郎,i@example.jp\n`, 'iso-2022-jp'), 65_536)).toBe(
      'iso-2022-jp',
    );
  });

  it('is windows-1252 only where every letter means the same in all code pages of Windows', async () => {
    const western = (text: string) => failure(iconv.encode(`name\n${text}\n`, 'win1252'));
    expect(await western('Jürgen Müller\nJosé Gómez\nZoé O’Brien')).toBe('windows-1252');
    // Hélène would be Hélčne in Prague, Muñoz would be Muńoz in Warsaw.
    expect(await western('Hélène Dupond\nAndré Émile')).toBe('unknown_encoding');
    expect(await western('José Muñoz\nZoé Gómez')).toBe('unknown_encoding');
  });

  it.each([
    ['Korean', 'euc-kr', '김철수,서울특별시 강남구\n이영희,부산광역시 해운대구\n박지민,대구광역시\n'],
    ['Chinese', 'gbk', '王小明,北京市朝阳区\n李娜,上海市浦东新区\n张伟,广州市天河区\n'],
    ['Taiwanese', 'big5', '王小明,台北市中正區\n李雅婷,新北市板橋區\n'],
    ['Russian', 'win1251', 'Иван Петров,Москва\nМария Иванова,Тверь\n'],
    ['Greek', 'win1253', 'Γιώργος Παπαδόπουλος,Αθήνα\n'],
    ['Thai', 'win874', 'สมชาย ใจดี,กรุงเทพ\n'],
    ['Czech', 'win1250', 'Jiří Dvořák,Praha\nŠárka Nováčková,Brno\n'],
    ['one accent', 'win1252', 'René Dupond,x\n'],
    ['German of DOS', 'cp850', 'Jürgen Müller,Köln\nBjörn Größe,Düren\n'],
  ])('is not guessed for a list that is %s', async (_what, encoding, text) => {
    expect(await failure(iconv.encode(`name,city\n${text}`, encoding))).toBe('unknown_encoding');
  });

  it('may be named in its usual spellings', () => {
    expect(encodings.map((encoding) => encodingNamed(encoding))).toEqual([...encodings]);
    const spellings = [
      'UTF8',
      'Shift_JIS',
      'Windows-31J',
      'SJIS',
      'EUC_JP',
      'JIS',
      'ISO-2022-JP',
      'latin1',
      'UTF-16',
      'ASCII',
    ];
    expect(spellings.map(encodingNamed)).toEqual([
      ...(['utf-8', 'cp932', 'cp932', 'cp932', 'euc-jp', 'iso-2022-jp', 'iso-2022-jp', 'windows-1252'] as const),
      ...(['utf-16le', 'utf-8'] as const),
    ]);
    expect(encodingNamed('koi8-r')).toBeNull();
  });
});

describe('text that is not of its encoding', () => {
  const rows = (n: number) => Array.from({ length: n }, (_, i) => `山田 ${i},ヤマダ`).join('\r\n');
  const problem = (bytes: Buffer, encoding: Encoding, pieceBytes?: number) =>
    decode(bytes, encoding, pieceBytes).then(
      () => 'none',
      (error: { code: string; extra: { line: number } }) => [error.code, error.extra.line],
    );

  it.each([
    ['utf-8', 'cp932'],
    ['utf-8', 'euc-jp'],
    ['cp932', 'utf-8'],
    ['euc-jp', 'cp932'],
    ['euc-jp', 'utf-8'],
    ['iso-2022-jp', 'cp932'],
  ] as const)('is named by its line when a file begins in %s and goes on in %s', async (first, second) => {
    const bytes = Buffer.concat([encode(`${rows(3_000)}\r\n`, first), encode(`${rows(2_000)}\r\n`, second)]);
    for (const pieceBytes of [101, 64 * 1024]) {
      // Either the reader finds out, or already the search for the encoding.
      const found = await detect(bytes, pieceBytes).catch((error: { code: string; extra: object }) => error);
      if (found !== first) expect(found).toMatchObject({ code: 'unknown_encoding', extra: { line: 3_001 } });
      expect(await problem(bytes, first, pieceBytes)).toEqual(['unknown_encoding', 3_001]);
    }
  });

  it('is named by its line also when a character is cut off, at the end or in a cell', async () => {
    expect(await problem(encode('氏名\n山田', 'cp932').subarray(0, -1), 'cp932')).toEqual(['unknown_encoding', 2]);
    expect(
      await problem(Buffer.concat([encode('氏名\r山', 'cp932'), Buffer.from([0x93]), Buffer.from('\rx')]), 'cp932'),
    ).toEqual([...['unknown_encoding', 2]]);
  });

  it('is refused with its line when it has NUL bytes', async () => {
    for (const pieceBytes of [1, 5, 1000]) {
      expect(await problem(Buffer.from('a,b\r\nc,d\r\ne,\0\r\n'), 'utf-8', pieceBytes)).toEqual(['not_text', 3]);
    }
    await expect(detect(Buffer.from('a,b\nc,\0\n'))).rejects.toMatchObject({ code: 'not_text', extra: { line: 2 } });
  });

  it('never shows what stands there', async () => {
    const bytes = Buffer.concat([encode(`${rows(40)}\n`, 'utf-8'), encode('秘密 太郎\n', 'cp932')]);
    await expect(decode(bytes, 'utf-8')).rejects.toThrow(
      'The file is not UTF-8 throughout: it ceases to be on line 41 at the latest. Save all of it as UTF-8, or name its encoding in the field "encoding" if it is another.',
    );
  });

  it('counts the characters that another program has lost', async () => {
    const notes = { replacements: 0 };
    const context = { meter: () => {}, notes };
    for await (const _ of decodeText(textOf(Buffer.from('山\uFFFD,a\n\uFFFD\uFFFD\n'), 4), 'utf-8', context));
    expect(notes.replacements).toBe(3);
  });

  it('does not hold the five bytes that windows-1252 leaves out', async () => {
    expect(await problem(Buffer.from([0x61, 0x0a, 0xe9, 0x81]), 'windows-1252')).toEqual(['unknown_encoding', 2]);
  });
});

describe('every encoding', () => {
  const alphabets: [Encoding, string][] = [
    ['utf-8', 'aZ,"\r\n 山髙﨑𠮷ｱﾞ①㈱ー～é葛\u{E0100}'],
    ['utf-16le', 'aZ,"\r\n 山髙﨑𠮷ｱﾞ①㈱ー～é一'],
    ['utf-16be', 'aZ,"\r\n 山髙﨑𠮷ｱﾞ①㈱ー～é一'],
    ['cp932', 'aZ,"\r\n 山髙﨑ｱﾞ①㈱ー～表ソ能'],
    ['euc-jp', 'aZ,"\r\n 山高崎ｱﾞー～表ソ能々'],
    ['iso-2022-jp', 'aZ,"\r\n 山高崎ｱﾞー表ソ能々'],
    ['windows-1252', 'aZ,"\r\n éÄŠ€’ñø'],
  ];
  it.each(alphabets)(
    '%s gives back what was written in it, in whatever pieces it comes',
    async (encoding, alphabet) => {
      const text = fc.string({ unit: fc.constantFrom(...alphabet), maxLength: 40 });
      await fc.assert(
        fc.asyncProperty(text, fc.integer({ min: 1, max: 9 }), async (written, pieceBytes) => {
          expect(await decode(encode(written, encoding), encoding, pieceBytes)).toBe(written);
        }),
        { numRuns: 200 },
      );
    },
  );
});
