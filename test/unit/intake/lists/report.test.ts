import fc from 'fast-check';
import iconv from 'iconv-lite';
import { describe, expect, it } from 'vitest';
import type { Column } from '../../../../src/intake/columns/columns.ts';
import { type ReportRow, reportCsv } from '../../../../src/intake/lists/report.ts';
import { reportEncoding } from '../../../../src/intake/lists/report-encoding.ts';
import { decoderNames, type Encoding, encodings } from '../../../../src/intake/reading/encoding.ts';
import { encode, halfWidth } from '../../../support/encode.ts';

const legacy = ['cp932', 'euc-jp', 'iso-2022-jp', 'windows-1252'] as const;
const decoded = (bytes: Uint8Array, encoding: Encoding) => new TextDecoder(decoderNames[encoding]).decode(bytes);
const name = `髙橋 﨑①㈱Ⅲ～－∥ ${halfWidth('ヤマダ')} abc\\~`;

describe('writing a report in the encoding that came in', () => {
  it.each(legacy)('writes back every character that a list in %s can hold', (encoding) => {
    const { encode: write, canWrite } = reportEncoding(encoding);
    const pieces = fc.oneof(
      fc.uint8Array({ maxLength: 40 }),
      fc.string({ unit: fc.constantFrom(...'山髙①ｱ¥‾〓〜éa\n'), maxLength: 20 }).map((text) => encode(text, 'euc-jp')),
      fc.constantFrom('\x1b$B', '\x1b(I', '\x1b(J', '\x1b(B').map((bytes) => Buffer.from(bytes)),
    );
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 8 }), (chunks) => {
        const text = decoded(Buffer.concat(chunks), encoding).replaceAll('\uFFFD', '');
        expect(canWrite(text)).toBe(true);
        expect(decoded(write(text), encoding)).toBe(text);
      }),
      { numRuns: 300, examples: [[[Uint8Array.from([0x8e, 0xe0, 0x8e, 0xe1, 0x8e, 0xe2])]]] },
    );
  });

  it('writes what independent programs read and write', () => {
    expect(iconv.decode(reportEncoding('cp932').encode(name), 'cp932')).toBe(name);
    expect(iconv.decode(reportEncoding('euc-jp').encode(name), 'euc-jp')).toBe(name);
    const plain = `山田 太郎\r\n${halfWidth('ヤマダ')}x\r\n`;
    expect(reportEncoding('iso-2022-jp').encode(plain)).toEqual(encode(plain, 'iso-2022-jp'));
    expect(reportEncoding('windows-1252').encode('Zoë €').toString('latin1')).toBe('Zo\xEB \x80');
  });

  it('chooses the code points that Windows writes, where CP932 has several', () => {
    const { encode: write } = reportEncoding('cp932');
    const codes = [...'髙﨑①№㈱ⅰⅠ￢∵'].map((character) => write(character).toString('hex'));
    expect(codes).toEqual(['fbfc', 'fab1', '8740', '8782', '878a', 'fa40', '8754', '81ca', '81e6']);
  });

  it('keeps characters of a private font', () => {
    const gaiji = Buffer.from('f040f9fc', 'hex');
    expect(decoded(gaiji, 'cp932')).toBe('\uE000\uE757');
    expect(reportEncoding('cp932').encode('\uE000\uE757')).toEqual(gaiji);
  });

  it('says what it cannot write, and puts nothing in its place', () => {
    for (const encoding of ['cp932', 'euc-jp', 'iso-2022-jp'] as const) {
      expect(reportEncoding(encoding).canWrite('𠮷田')).toBe(false);
      expect(() => reportEncoding(encoding).encode('𠮷田')).toThrow('cannot be written');
    }
    expect(reportEncoding('windows-1252').canWrite('山')).toBe(false);
    for (const encoding of ['utf-8', 'utf-16le', null] as const) {
      expect(reportEncoding(encoding).canWrite('𠮷田\uE000')).toBe(true);
      expect(reportEncoding(encoding).canWrite('\uD842')).toBe(false);
    }
  });

  it('writes UTF-16 with a mark, little-endian whatever came in', () => {
    for (const encoding of ['utf-16le', 'utf-16be'] as const) {
      const { charset, mark, encode: write } = reportEncoding(encoding);
      expect(charset).toBe('utf-16');
      expect(new TextDecoder('utf-16le').decode(Buffer.concat([mark, write(`𠮷${name}`)]))).toBe(`𠮷${name}`);
    }
  });

  it('names a charset that decodes it, for every encoding', () => {
    for (const encoding of encodings) {
      const { charset, mark, encode: write } = reportEncoding(encoding);
      const text = encoding === 'windows-1252' ? 'Zoë' : '山田';
      expect(new TextDecoder(charset, { fatal: true }).decode(Buffer.concat([mark, write(text)]))).toBe(text);
    }
  });
});

const column = (of: string): Column => ({ name: of, field: 'ignored', sure: 'certain', by: 'name' });

async function report(cells: (string | null)[][], header = ['a', 'b'], delimiter = ','): Promise<string[]> {
  async function* pages(): AsyncGenerator<ReportRow[]> {
    for (const [i, row] of cells.entries()) {
      yield [{ line: i + 2, outcome: 'quarantined', reasons: ['no_name', 'no_contact'], reference: null, cells: row }];
    }
  }
  const form = { columns: header.map(column), delimiter, encoding: reportEncoding('utf-8') };
  const chunks: Buffer[] = [];
  for await (const chunk of reportCsv(form, pages())) chunks.push(chunk);
  return Buffer.concat(chunks).toString().split('\r\n');
}

describe('a report', () => {
  it('ends each line with what became of the row, under headers of their own', async () => {
    expect(await report([['x', 'y'], ['x'], ['x', 'y', 'z'], [], [null, 'y']])).toEqual([
      '\uFEFFa,b,line,outcome,reasons,reference',
      'x,y,2,quarantined,no_name no_contact,',
      'x,,3,quarantined,no_name no_contact,',
      'x,"y,z",4,quarantined,no_name no_contact,',
      ',,5,quarantined,no_name no_contact,',
      ',y,6,quarantined,no_name no_contact,',
      '',
    ]);
  });

  it.each([
    ...[
      '=1+1',
      '+81312345678',
      '-5',
      '@SUM(A1)',
      '＝1',
      '＋1',
      '－1',
      '＠x',
      ' =1',
      '\u3000=1',
      '\uFEFF=1',
      '\t=1',
      '\t1',
    ],
  ])('makes no formula of %j', async (cell) => {
    const [, line] = await report([[cell, 'y']], ['a', 'b'], ';');
    expect(line?.startsWith(`'${cell};y;2;`)).toBe(true);
  });

  it('makes none of a header, or of a cell over several lines', async () => {
    const [header, ...lines] = await report([['\r\n=1', '"=1"\nx']], ['=a', 'b']);
    expect(header).toBe(`\uFEFF'=a,b,line,outcome,reasons,reference`);
    expect(lines.join('\r\n')).toMatch(/^"'\r\n=1","""=1""\nx",2,/);
  });

  it('leaves numbers, dates and words as they are', async () => {
    const cells = ['5', '0312345678', '1-2-3', 'a=b', '2017/6/2', '', "'t Hart"];
    const [, line] = await report([cells], cells.map(String));
    expect(line?.startsWith(`${cells.join()},2,`)).toBe(true);
  });
});
