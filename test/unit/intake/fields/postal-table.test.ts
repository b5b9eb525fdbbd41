import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32, deflateRawSync } from 'node:zlib';
import iconv from 'iconv-lite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readKenAll } from '../../../../src/intake/fields/ken-all.ts';
import { checkPostal } from '../../../../src/intake/fields/postal-check.ts';
import { openPostalData } from '../../../../src/intake/fields/postal-data.ts';
import { postal } from './rows.fixtures.ts';

const tokyo = { prefecture: '東京都', city: '港区' };

describe('the table of postal codes', () => {
  it('finds every place of a code', () => {
    expect(postal.find('1050011')).toEqual([{ ...tokyo, town: '芝公園' }]);
    expect(postal.find('4980000').map(({ city }) => city)).toEqual(['弥富市', '桑名郡木曽岬町']);
    expect(postal.citiesOf('4980000')).toHaveLength(2);
    expect(postal.find('9999999')).toEqual([]);
    expect(postal.citiesOf('105')).toEqual([]);
  });

  it('knows blocks of codes that are one place', () => {
    expect(postal.find('1066032')).toMatchObject([{ town: '六本木見本タワー' }]);
    expect(postal.citiesOf('1066032')).toMatchObject([tokyo]);
  });

  it('gives the code of a town only where there is no doubt', () => {
    expect(postal.codeOf('東京都港区芝公園1-2-3')).toBe('1050011');
    expect(postal.codeOf('港区芝公園１丁目')).toBe('1050011');
    expect(postal.codeOf('東京都港区芝一丁目2')).toBe('1050014');
    expect(postal.codeOf('北海道札幌市中央区旭ヶ丘1-2')).toBe('0640941');
    // Two codes, another town, no town, a town of which nobody knows the prefecture.
    for (const doubt of ['東京都港区芝浦1', '東京都港区芝見本町1', '東京都港区', '府中市宮町1', '見本市1-1', '']) {
      expect(postal.codeOf(doubt), doubt).toBeNull();
    }
  });
});

describe('comparing an address with the postal data', () => {
  const compare = (postalCode: string | null, text: string) => checkPostal({ postalCode, text }, postal);

  it('has nothing to say of what agrees', () => {
    for (const [code, text] of [
      ['1050011', '東京都港区芝公園1-2-3'],
      ['3010000', '茨城県竜ヶ崎市1'],
      ['0613771', '北海道当別町1'],
      ['0613771', '北海道石狩郡当別町1'],
      ['0640941', '北海道札幌市旭ケ丘1'],
      ['0640941', '北海道中央区旭ケ丘1'],
      ['4980000', '三重県桑名郡木曽岬町1'],
    ] as const) {
      expect(compare(code, text)).toEqual({ postalCode: code, text, warnings: [] });
    }
  });

  it('warns of a code that there is not, but not of one of a large office', () => {
    expect(compare('9999999', '東京都港区芝1').warnings).toEqual(['postal_unknown']);
    expect(compare('1058999', '東京都港区芝1').warnings).toEqual([]);
  });

  it('warns when the code is of another prefecture or municipality', () => {
    for (const text of ['大阪府大阪市北区1', '東京都府中市宮町1', '大阪市港区1', '芝公園1-2-3']) {
      expect(compare('1050011', text), text).toEqual({ postalCode: '1050011', text, warnings: ['postal_mismatch'] });
    }
    expect(compare('0640941', '札幌市北区1').warnings).toEqual(['postal_mismatch']);
  });

  it('puts the prefecture before an address that begins with the municipality of its code', () => {
    expect(compare('1050011', '港区芝公園1')).toMatchObject({
      text: '東京都港区芝公園1',
      warnings: ['prefecture_added'],
    });
    expect(compare('0613771', '当別町1')).toMatchObject({ text: '北海道当別町1', warnings: ['prefecture_added'] });
    expect(compare('1050011', '東京港区芝公園1')).toMatchObject({ text: '東京港区芝公園1', warnings: [] });
  });

  it('fills in the code of a town that the address names, and its prefecture', () => {
    expect(compare(null, '港区芝公園1')).toEqual({
      ...{ postalCode: '1050011', text: '東京都港区芝公園1', warnings: ['postal_found', 'prefecture_added'] },
    });
    expect(compare(null, '東京都港区芝公園1')).toMatchObject({ postalCode: '1050011', warnings: ['postal_found'] });
    expect(compare(null, '東京都港区芝浦1')).toMatchObject({ postalCode: null, warnings: [] });
  });
});

// Lines as they stand in Japan Post's file, the places as they are, the rest shortened.
const line = (code: string, prefecture: string, city: string, town: string) =>
  `13103,"105  ","${code}","トウキョウト","ミナトク","シバコウエン","${prefecture}","${city}","${town}",0,0,1,0,0,0\r\n`;
const kenAll =
  line('1050000', '東京都', '港区', '以下に掲載がない場合') +
  line('1050011', '東京都', '港区', '芝公園') +
  line('1050023', '東京都', '港区', '芝浦（１丁目）') +
  line('0295503', '岩手県', '和賀郡西和賀町', '穴明２２地割、穴明２３地割') +
  line('6020000', '京都府', '京都市上京区', '見本町（甲、乙、') +
  line('6020000', '京都府', '京都市上京区', '丙、丁）') +
  line('1000301', '東京都', '利島村', '利島村一円') +
  line('5220317', '滋賀県', '犬上郡多賀町', '一円');

describe("Japan Post's own list", () => {
  it('is read in both of its encodings, with towns only where a town stands', () => {
    for (const file of [Buffer.from(kenAll), iconv.encode(kenAll, 'cp932')]) {
      expect(readKenAll(file)?.map(({ code, town }) => [code, town])).toEqual([
        ['1050000', ''],
        ['1050011', '芝公園'],
        ['1050023', '芝浦'],
        ['0295503', '穴明'],
        ['6020000', '見本町'],
        ['1000301', ''],
        ['5220317', '一円'],
      ]);
    }
  });

  it('is not taken for one when it is something else', () => {
    expect(readKenAll(Buffer.from('name,email\r\n見本 太郎,taro@example.jp\r\n'))).toBeNull();
    expect(readKenAll(Buffer.from(''))).toBeNull();
  });
});

describe('opening the postal data', () => {
  let folder = '';
  const path = (name: string) => join(folder, name);
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'owabi-postal-'));
    writeFileSync(path('KEN_ALL.CSV'), iconv.encode(kenAll, 'cp932'));
    writeFileSync(path('ken_all.zip'), zip('KEN_ALL.CSV', iconv.encode(kenAll, 'cp932')));
    writeFileSync(path('broken.zip'), zip('KEN_ALL.CSV', Buffer.from(kenAll)).subarray(0, 60));
    writeFileSync(path('other.csv'), 'a,b\n1,2\n');
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it("takes the operator's file in place of the package, as it is or in its zip", () => {
    for (const name of ['KEN_ALL.CSV', 'ken_all.zip']) {
      const table = openPostalData(path(name))();
      expect(table.size).toBe(7);
      expect(table.find('1050011')).toEqual([{ ...tokyo, town: '芝公園' }]);
    }
    expect(readdirSync(folder)).toHaveLength(4);
  });

  it('stops the start with what to set when the file is missing, damaged or another', () => {
    for (const name of ['missing.csv', 'broken.zip', 'other.csv']) {
      expect(() => openPostalData(path(name)), name).toThrow(/POSTAL_DATA .*KEN_ALL\.CSV/);
    }
  });

  it('has all of Japan from the package, and names no place twice without need', () => {
    const open = openPostalData(null);
    const table = open();
    expect(open()).toBe(table);
    expect(table.size).toBeGreaterThan(119_000);
    expect(table.find('1000001')).toEqual([{ prefecture: '東京都', city: '千代田区', town: '千代田' }]);
    expect(table.find('0640941')).toEqual([{ prefecture: '北海道', city: '札幌市中央区', town: '旭ケ丘' }]);
    expect(table.codeOf('東京都千代田区千代田1-1')).toBe('1000001');
  });
});

/** A zip with one file (APPNOTE 4.3). */
function zip(name: string, content: Buffer): Buffer {
  const packed = deflateRawSync(content);
  const common = Buffer.alloc(26);
  common.writeUInt16LE(20, 0);
  common.writeUInt16LE(8, 4);
  common.writeUInt32LE(crc32(content), 10);
  common.writeUInt32LE(packed.length, 14);
  common.writeUInt32LE(content.length, 18);
  common.writeUInt16LE(name.length, 22);
  const local = Buffer.concat([Buffer.from('PK\x03\x04'), common, Buffer.from(name), packed]);
  const central = Buffer.concat([Buffer.from('PK\x01\x02\x14\x00'), common, Buffer.alloc(14), Buffer.from(name)]);
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06', 'latin1');
  end.writeUInt16LE(1, 8);
  end.writeUInt16LE(1, 10);
  end.writeUInt32LE(central.length, 12);
  end.writeUInt32LE(local.length, 16);
  return Buffer.concat([local, central, end]);
}
