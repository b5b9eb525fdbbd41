import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cutCardNumbers } from '../../../src/intake/fields/card-numbers.ts';
import { readDate } from '../../../src/intake/fields/dates.ts';
import { readEmail } from '../../../src/intake/fields/email-address.ts';
import { readName } from '../../../src/intake/fields/person-name.ts';
import { readAddress } from '../../../src/intake/fields/postal-address.ts';
import { readCardCount, readLast4, readPhone } from '../../../src/intake/fields/small-fields.ts';
import { addressKey, nameKey } from '../../../src/intake/matching/match-keys.ts';

/** Makes the sum right: no card number stands in a source file. */
function cardNumber(prefix: string, length: number, filler: readonly number[]): string {
  const body = (prefix + filler.join('')).slice(0, length - 1).padEnd(length - 1, '7');
  for (let check = 0; check < 10; check++) {
    const digits = [...`${body}${check}`].reverse().map(Number);
    const sum = digits.reduce((all, digit, i) => all + (i % 2 === 0 ? digit : digit * 2 - (digit > 4 ? 9 : 0)), 0);
    if (sum % 10 === 0) return `${body}${check}`;
  }
  throw new Error('one of ten digits is always right');
}

const card = fc
  .tuple(
    fc.constantFrom<[string, number]>(
      ['4', 16],
      ['4', 13],
      ['4', 19],
      ['51', 16],
      ['2221', 16],
      ['34', 15],
      ['37', 15],
      ['36', 14],
      ['3528', 16],
      ['6011', 16],
      ['62', 19],
    ),
    fc.array(fc.nat(9), { minLength: 19, maxLength: 19 }),
  )
  .map(([[prefix, length], filler]) => cardNumber(prefix, length, filler));
const separator = fc.constantFrom(
  ...[
    '',
    ' ',
    '-',
    '　',
    '－',
    '‐',
    '.',
    ' - ',
    '\u200B',
    '\u200E',
    ',',
    '、',
    '，',
    ':',
    '~',
    '|',
    '+',
    '／',
    ')(',
    'ー',
  ],
);
const written = fc.tuple(card, separator, fc.boolean()).map(([digits, between, wide]) => {
  const text = digits.match(/.{1,4}/g)?.join(between) ?? '';
  return {
    digits,
    text: wide ? text.replace(/\d/g, (digit) => String.fromCharCode(digit.charCodeAt(0) + 0xfee0)) : text,
  };
});
const around = fc.constantFrom('', 'カード:', ' 備考 ', '(', ')です', '期限 05/26', ' TEL 03-1234-5678');

describe('the card-number guard', () => {
  it('cuts a card number to its last four digits, however it is written and whatever stands around it', () => {
    fc.assert(
      fc.property(written, around, fc.constantFrom('', 'カード:', '(', ' 備考 '), ({ digits, text }, after, before) => {
        const cut = cutCardNumbers(`${before}${text}${after}`);
        expect(cut).toContain(`****${digits.slice(-4)}`);
        expect(cut?.normalize('NFKC').replace(/\D/g, '')).not.toContain(digits);
      }),
    );
  });

  it.each([
    '',
    '090-1234-5678',
    '2017-06-02 10:00',
    '1050014',
    '4111 2222',
    '12345678901234567890123',
    'TEL 03-1234-5678 FAX 03-1234-5679',
  ])('leaves %j alone', (text) => {
    expect(cutCardNumbers(text)).toBeNull();
  });
});

describe('reading fields', () => {
  it.each([
    ['taro@example.jp', 'taro@example.jp'],
    [' Ｔａｒｏ＠Ｅｘａｍｐｌｅ．ｊｐ ', 'Taro@example.jp'],
    ['<taro@example.jp>', 'taro@example.jp'],
    ['a+b@日本語.example', 'a+b@xn--wgv71a119e.example'],
    ['.taro..x.@docomo.ne.jp', '.taro..x.@docomo.ne.jp'],
    ['taro..x@example.jp', null],
    ['taro@', null],
    ['taro@localhost', null],
    ['taro@10.0.0.1', null],
    ['ta ro@example.jp', null],
    ['taro@exa mple.jp', null],
    ['taro@example.jp, jiro@example.jp', null],
    ['taro@example.jp\r\nBcc: x@example.jp', null],
    ['太郎@example.jp', null],
  ])('reads the email %j', (text, address) => {
    expect(readEmail(text)?.address ?? null).toBe(address);
  });

  it.each([
    ['2017-06-02', '2017-06-02'],
    ['2017/6/2 10:00', '2017-06-02'],
    ['20170602', '2017-06-02'],
    ['２０１７年６月２日', '2017-06-02'],
    ['平成29年6月2日', '2017-06-02'],
    ['H29.6.2', '2017-06-02'],
    ['令和元年5月1日', '2019-05-01'],
    ['2017-02-30', null],
    ['6/2', null],
  ])('reads the date %j', (text, date) => {
    expect(readDate(text)).toBe(date);
  });

  const name = (fullName: string, company = '') =>
    readName({ fullName, familyName: '', givenName: '', company, honorific: '' });
  it('reads names as they came, without what was put after them', () => {
    expect(name(' 塚本 髙志 様 ')).toEqual({ name: '塚本 髙志', honorific: null, damaged: false });
    expect(name('鵜殿 一郎').name).toBe('鵜殿 一郎');
    expect(name('鵜殿').name).toBe('鵜殿');
    expect(name('見本商事御中')).toMatchObject({ name: '見本商事', honorific: '御中' });
    expect(name('', '株式会社見本')).toMatchObject({ name: '株式会社見本', honorific: '御中' });
    expect(name(' - ').name).toBe('');
    for (const damaged of ['山田 ?', '〓田', '佐藤\uFFFD', '高\uE000']) expect(name(damaged).damaged).toBe(true);
  });

  const place = {
    postal: '',
    postal1: '',
    postal2: '',
    prefecture: '',
    city: '',
    street: '',
    building: '',
    fullAddress: '',
  };
  it('puts a Japanese address together, and says when it is of no use', () => {
    const whole = readAddress(
      { ...place, postal: '64-0941', prefecture: '1', city: '札幌市中央区', street: '旭ヶ丘1-2', building: '見本荘' },
      'JP',
    );
    expect(whole).toEqual({
      postalCode: '0640941',
      lines: ['北海道札幌市中央区旭ヶ丘1-2', '見本荘'],
      warnings: ['postal_padded'],
    });
    expect(readAddress({ ...place, postal1: '3', postal2: '21', fullAddress: '見本市1-1' }, 'JP').postalCode).toBe(
      '0030021',
    );
    expect(readAddress({ ...place, fullAddress: '東京都港区芝公園2001/2/3' }, 'JP')).toMatchObject({
      lines: [],
      warnings: ['damaged_address'],
    });
    expect(readAddress({ ...place, prefecture: '東京都', postal: '1050014' }, 'JP').lines).toEqual([]);
    const inTokyo = { ...place, prefecture: 'JP-13', city: '港区' };
    for (const fullAddress of ['芝1-2-3', '港区芝1-2-3', '東京都港区芝1-2-3']) {
      expect(readAddress({ ...inTokyo, fullAddress }, 'JP').lines).toEqual(['東京都港区芝1-2-3']);
    }
    expect(readAddress({ ...inTokyo, fullAddress: '芝', street: '1-2-3', building: '見本荘' }, 'JP').lines).toEqual([
      ...['東京都港区芝1-2-3', '見本荘'],
    ]);
    expect(readAddress({ ...inTokyo, street: '芝1-2-3 見本荘', building: '見本荘' }, 'JP').lines).toEqual([
      '東京都港区芝1-2-3 見本荘',
    ]);
    expect(readAddress({ ...place, fullAddress: '港区芝1-2-3' }, 'JP')).toMatchObject({
      lines: [],
      warnings: ['incomplete_address'],
    });
    expect(readAddress({ ...place, postal: '123456789', fullAddress: '東京都港区芝1-2-3' }, 'JP')).toMatchObject({
      postalCode: null,
      warnings: ['bad_postal'],
    });
  });

  it('reads the small fields strictly', () => {
    expect(['1234', '****1234', '１２３４', '123', '12345'].map(readLast4)).toEqual([
      '1234',
      '1234',
      '1234',
      null,
      null,
    ]);
    expect(['2', '３枚', '0', '1001', 'x'].map(readCardCount)).toEqual([2, 3, null, null, null]);
    expect(readPhone('9012345678', 'JP')).toBe('09012345678');
    expect(readPhone('12345', 'JP')).toBeNull();
  });
});

describe('folding for matching', () => {
  it('folds a name once and for all', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => nameKey(nameKey(text)) === nameKey(text)));
  });

  it('joins spellings of one name and keeps variants apart', () => {
    expect(nameKey('ﾔﾏﾀﾞ　ﾀﾛｳ')).toBe(nameKey('ヤマダ タロウ'));
    expect(nameKey('葛\u{E0100}城')).toBe(nameKey('葛城'));
    expect(nameKey('髙橋')).not.toBe(nameKey('高橋'));
  });

  it('joins spellings of one address', () => {
    const folded = addressKey('1050014', ['東京都港区芝1-2-3']);
    expect(addressKey('1050014', ['東京都港区芝１丁目２番３号'])).toBe(folded);
    expect(addressKey('1050014', ['東京都港区芝１－２－３'])).toBe(folded);
    expect(addressKey('1050014', ['東京都港区芝1-2-4'])).not.toBe(folded);
  });
});
