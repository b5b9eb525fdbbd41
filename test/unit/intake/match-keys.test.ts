import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  addressKey,
  emailKey,
  externalIdKey,
  kanaKey,
  nameKey,
  phoneKey,
  variantKey,
} from '../../../src/intake/matching/match-keys.ts';
import { joinVariants, nameVariants } from '../../../src/intake/matching/name-variants.ts';

const pieces = [...'山田髙高﨑崎邉ヶケの之大字丁目番地号町一二十三１2-－ー−3aAＡ ・.,　ｶﾞﾊﾟー゛ゝがかカ𠮷①㈱'];
const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 20 }),
  fc.string({
    unit: fc.constantFrom(...pieces, '\u3099', '\u{E0100}', '\u0301', '丁目', '番地の', '+81', '@example.jp'),
    maxLength: 14,
  }),
);

describe('folding for matching', () => {
  it.each([
    ['name', nameKey],
    ['kana', kanaKey],
    ['variant', variantKey],
    ['email', emailKey],
    ['phone', phoneKey],
    ['id', externalIdKey],
    ['address', (given: string) => addressKey(null, [given]).slice(1)],
  ] as const)('is done once and for all: %s', (_name, fold) => {
    fc.assert(
      fc.property(text, (given) => fold(fold(given)) === fold(given)),
      { numRuns: 2000 },
    );
  });

  it('joins spellings of one name and keeps variants apart', () => {
    expect(nameKey('ﾔﾏﾀﾞ　ﾀﾛｳ')).toBe(nameKey('ヤマダ タロウ'));
    expect(nameKey('山田　太郎')).toBe(nameKey('山田太郎'));
    expect(nameKey('Ann SMITH')).toBe(nameKey('ａｎｎ smith'));
    expect(nameKey('葛\u{E0100}城')).toBe(nameKey('葛城'));
    expect(nameKey('\uFA19崎')).toBe(nameKey('神崎'));
    expect(nameKey('髙橋')).not.toBe(nameKey('高橋'));
  });

  it('finds candidates through the variants of family names', () => {
    for (const [one, other] of [
      ['髙橋 一郎', '高橋一郎'],
      ['山﨑', '山崎'],
      ['渡邉', '渡辺'],
      ['渡邊', '渡辺'],
      ['齋藤', '斉藤'],
      ['𠮷田', '吉田'],
      ['濵田', '浜田'],
      ['桒原', '桑原'],
      ['德田', '徳田'],
      ['廣澤', '広沢'],
      ['國分', '国分'],
      ['龍田', '竜田'],
      ['大嶋', '大島'],
      ['櫻井', '桜井'],
      ['広瀨', '広瀬'],
      ['井之上', '井ノ上'],
    ] as const) {
      expect(variantKey(one), one).toBe(variantKey(other));
    }
    expect(variantKey('山田')).not.toBe(variantKey('山口'));
  });

  it('has variants that fold in one step, each to one character', () => {
    const groups = [...nameVariants, ...joinVariants].map((group) => [...group]);
    const variants = groups.flatMap((group) => group.slice(1));
    expect(new Set(variants).size).toBe(variants.length);
    for (const [target = ''] of groups) expect(variants).not.toContain(target);
    // What NFKC changes never gets as far as the table.
    for (const character of groups.flat()) expect(character.normalize('NFKC')).toBe(character);
    expect(groups.length).toBeGreaterThan(300);
  });

  it('joins spellings of one reading', () => {
    expect(kanaKey('やまだ　たろう')).toBe('ヤマダタロウ');
    expect(kanaKey('ﾔﾏﾀﾞ-ﾀﾛｳ')).toBe('ヤマダタロウ');
    expect(kanaKey('ヴァンパー')).toBe('ヴァンパー');
    expect(kanaKey('しょうこ')).not.toBe(kanaKey('しようこ'));
  });

  it('joins spellings of one address', () => {
    const folded = addressKey('1050014', ['東京都港区芝1-2-3']);
    for (const other of [
      '東京都港区芝１丁目２番３号',
      '東京都港区芝一丁目2番3号',
      '東京都港区芝１－２－３',
      '東京都港区芝1−2−3',
      '東京都港区芝1ー2ー3',
      '東京都 港区 芝 1-2-3',
      '東京都港区大字芝1番地の2の3',
      '東京都港区芝1の2の3号',
    ]) {
      expect(addressKey('1050014', [other]), other).toBe(folded);
    }
    for (const other of ['東京都港区芝1-2-4', '東京都港区芝12-3', '東京都港区芝1-23']) {
      expect(addressKey('1050014', [other]), other).not.toBe(folded);
    }
    expect(addressKey('1050014', ['東京都港区芝1-2-3', '見本荘'])).not.toBe(folded);
    expect(addressKey(null, ['龍ヶ崎市井ノ上二十三番地'])).toBe(addressKey(null, ['龍ケ崎市井の上23']));
    expect(addressKey(null, ['千代田区四番町1'])).not.toBe(addressKey(null, ['千代田区4-1']));
  });

  it('joins spellings of one number, address of mail and id', () => {
    for (const phone of [
      '090-1234-5678',
      '+81 90-1234-5678',
      '+81(0)90-1234-5678',
      '０９０ １２３４ ５６７８',
      '090-1234-5678 内線9',
    ]) {
      expect(phoneKey(phone), phone).toBe('09012345678');
    }
    expect(emailKey(' Ｔａｒｏ＠Example.JP ')).toBe('taro@example.jp');
    expect(emailKey('a@日本語.example')).toBe('a@xn--wgv71a119e.example');
    expect(externalIdKey(' Ａ-001 ')).toBe('a-001');
    expect(externalIdKey('001')).not.toBe(externalIdKey('1'));
  });
});
