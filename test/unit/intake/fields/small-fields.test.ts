import { describe, expect, it } from 'vitest';
import {
  readBrand,
  readCardCount,
  readCountry,
  readLast4,
  readLocale,
} from '../../../../src/intake/fields/small-fields.ts';

describe('the small fields', () => {
  it('reads a country from its code or its name in Japanese or English', () => {
    const japan = ['JP', 'jp', 'JPN', '日本', '日本国', 'Japan'];
    expect(japan.map(readCountry)).toEqual(japan.map(() => 'JP'));
    expect(['アメリカ', '米国', 'USA', 'U.S.A.', 'United States', 'アメリカ合衆国'].map(readCountry)).toEqual(
      Array.from({ length: 6 }, () => 'US'),
    );
    expect(['UK', '英国', '韓国', '台湾', 'Viet Nam', 'ドイツ'].map(readCountry)).toEqual([
      ...['GB', 'GB', 'KR', 'TW', 'VN', 'DE'],
    ]);
    expect(['XX', 'ZZ', 'EU', '見本国', 'x'.repeat(100)].map(readCountry)).toEqual([null, null, null, null, null]);
  });

  it('reads brands from a closed list', () => {
    expect(['VISA', 'ビザ', 'Master Card', 'ＪＣＢ', 'AMEX', 'ダイナース', '見本カード'].map(readBrand)).toEqual([
      ...['VISA', 'VISA', 'Mastercard', 'JCB', 'American Express', 'Diners Club', null],
    ]);
  });

  it('reads exactly four digits, and counts of cards', () => {
    expect(['1234', '****1234', '１２３４', '123', '12345'].map(readLast4)).toEqual([
      '1234',
      '1234',
      '1234',
      null,
      null,
    ]);
    expect(['2', '３枚', '0', '1001', 'x'].map(readCardCount)).toEqual([2, 3, null, null, null]);
  });

  it('reads the two languages that there are', () => {
    expect(['ja', '日本語', 'ja-JP', 'EN', '英語', 'fr'].map(readLocale)).toEqual(['ja', 'ja', 'ja', 'en', 'en', null]);
  });
});
