import { describe, expect, it } from 'vitest';
import { readName } from '../../../../src/intake/fields/person-name.ts';

const name = (fullName: string, company = '', honorific = '') =>
  readName({ fullName, familyName: '', givenName: '', company, honorific });

describe('reading a name', () => {
  it('keeps every character as it came', () => {
    // 塚 U+FA10 and 神 U+FA19 would be others after NFC; 葛 has a variation selector.
    for (const kept of [
      '\uFA10本 髙志',
      '\uFA19崎 花',
      '葛\u{E0100}城 一',
      '𠮷田　太郎',
      '⼀条 健',
      'ﾔﾏﾀﾞ ﾀﾛｳ',
      '㈱見本',
    ]) {
      expect(name(` ${kept} `)).toMatchObject({ name: kept, damaged: false, warnings: [] });
    }
  });

  it('joins family and given name in the order of their script', () => {
    const joined = (familyName: string, givenName: string) =>
      readName({ fullName: '', familyName, givenName, company: '', honorific: '' }).name;
    expect(joined('山田', '太郎')).toBe('山田 太郎');
    expect(joined('Smith', 'Ann')).toBe('Ann Smith');
    expect(joined('김', '민수')).toBe('김 민수');
    expect(joined('山田', '')).toBe('山田');
  });

  it.each([
    ['塚本 髙志 様', '塚本 髙志', null],
    ['塚本髙志様', '塚本髙志', null],
    ['塚本髙志（様）', '塚本髙志', null],
    ['塚本 髙志 さま', '塚本 髙志', null],
    ['中村 一郎 先生', '中村 一郎', '先生'],
    ['中村 一郎 殿', '中村 一郎', '殿'],
    ['中村 一郎 殿 様', '中村 一郎', '殿'],
    ['Mr. John Smith', 'John Smith', 'Mr.'],
    ['DR John Smith', 'John Smith', 'Dr.'],
    ['鵜殿', '鵜殿', null],
    ['鵜殿 一郎', '鵜殿 一郎', null],
    ['佐藤様方', '佐藤様方', null],
    ['王 君', '王 君', null],
    ['Maria Co', 'Maria Co', null],
  ])('takes the honorific off %j', (given, read, honorific) => {
    expect(name(given)).toMatchObject({ name: read, honorific });
  });

  it('says 御中 to organisations and 様 to persons, never both', () => {
    expect(name('見本商事御中')).toMatchObject({ name: '見本商事', honorific: '御中' });
    expect(name('', '株式会社見本')).toMatchObject({ name: '株式会社見本', honorific: '御中' });
    expect(name('株式会社見本', '株式会社見本', '様').honorific).toBe('御中');
    expect(name('㈱見本 大阪支店').honorific).toBe('御中');
    expect(name('Example, Inc.').honorific).toBe('御中');
    expect(name('山田太郎', '株式会社見本', '御中').honorific).toBeNull();
    expect(name('山田太郎', '', '殿').honorific).toBe('殿');
    expect(name('山田太郎', '', '様').honorific).toBeNull();
    expect(name('John Smith', '', 'mrs').honorific).toBe('Mrs.');
    // A letter takes a name with 株式会社 for a company's, unless the honorific says otherwise.
    expect(name('株式会社見本 山田太郎 様')).toMatchObject({ name: '株式会社見本 山田太郎', honorific: '様' });
  });

  it.each([
    ...['見本大学', '見本高等学校', '見本病院', '見本市役所', '見本町役場', '見本銀行', '見本信用金庫', '見本管理組合'],
    ...[
      '㈲見本',
      '㍿見本',
      '見本㈳',
      '（株）見本',
      '見本生命保険相互会社',
      '独立行政法人 見本機構',
      '医療法人社団見本会 見本病院',
    ],
    ...[
      '見本会社㈱ 大阪支店',
      '株式会社見本 総務部',
      '見本市役所 総務課',
      '見本大学 医学部',
      '株式会社見本 社長室',
      '見本税理士事務所',
    ],
  ])('calls %s a body', (body) => {
    expect(name(body).honorific).toBe('御中');
  });

  it.each([
    ...['株式会社見本 代表取締役 見本太郎', '株式会社見本 総務部長 見本太郎', '見本㈱代表取締役見本太郎'],
    ...['㈲見本 見本太郎', '社会福祉法人見本会 見本太郎', '株式会社見本 服部', '株式会社見本 鈴木様方 見本太郎'],
  ])('writes to the person in %s', (person) => {
    expect(name(person).honorific).toBe('様');
  });

  it.each([
    '服部',
    '阿部 一郎',
    '小室',
    '小野寺',
    '見本 学',
    '見本 省',
    '大学太郎',
    '組合 太郎',
    '法人太郎',
    '協会花子',
    '見本大学 見本太郎',
  ])('takes %s for no body', (person) => {
    expect(name(person).honorific).toBeNull();
  });

  it('warns of an honorific that is none, and leaves it out', () => {
    for (const none of ['男', '1', 'F', '女性']) {
      expect(name('山田太郎', '', none)).toMatchObject({ honorific: null, warnings: ['bad_honorific'] });
    }
  });

  it('finds what is damaged', () => {
    for (const damaged of ['山田 ?', '山田？', '〓田', '■田', '佐藤\uFFFD', '山田\n太郎', '山田\t太郎']) {
      expect(name(damaged).damaged).toBe(true);
    }
    for (const gaiji of ['高\uE000', '\u{F0000}田']) {
      expect(name(gaiji)).toMatchObject({ damaged: true, warnings: ['gaiji'] });
    }
  });

  it('takes nothing for a name that is none', () => {
    for (const none of ['', ' - ', '様', '　様', '12345', '０９０', 'taro@example.jp', 'ｔａｒｏ＠example.jp', '***']) {
      expect(name(none).name).toBe('');
    }
  });

  it('warns of names that somebody tried the system with, and of long ones', () => {
    for (const test of ['テスト', 'テスト 太郎', 'test', 'TEST user', 'ダミー']) {
      expect(name(test)).toMatchObject({ name: test, warnings: ['test_name'] });
    }
    expect(name('Testa Rossi').warnings).toEqual([]);
    expect(name('山'.repeat(101)).warnings).toEqual(['long_name']);
  });
});
