import { describe, expect, it } from 'vitest';
import { type Recognition, recogniseColumns } from '../../../src/intake/columns/columns.ts';

const names = ['見本 花子', '試験 太郎', '架空 次郎', '例 さくら'];
const kana = ['ミホン ハナコ', 'シケン タロウ', 'カクウ ジロウ', 'レイ サクラ'];
const emails = ['hanako@example.jp', 'taro@example.com', 'jiro@example.jp', 'sakura@example.com'];
const postal = ['100-0005', '060-0001', '530-0001', '812-0012'];
const phones = ['03-0000-0001', '011-000-0002', '06-0000-0003', '090-0000-0004'];
const addresses = [
  ...['東京都千代田区丸の内1-2-3', '北海道札幌市中央区北一条西2-4', '大阪府大阪市北区梅田3-1'],
  '福岡県福岡市博多区博多駅前1-1',
];
const prefectures = ['東京都', '北海道', '大阪府', '福岡県'];
const towns = ['千代田区', '札幌市中央区', '大阪市北区', '福岡市博多区'];
const empty = ['', '', '', ''];

/** A list by its columns, and what each is taken for: `field sure by`. */
function taken(columns: Record<string, readonly string[]>, said: Recognition = {}): string[] {
  const sample = names.map((_, row) => Object.values(columns).map((cells) => cells[row] ?? ''));
  const { columns: found } = recogniseColumns(Object.keys(columns), { sample, ...said });
  return found.map(({ field, sure, by }) => `${field} ${sure} ${by}`);
}
const fields = (columns: Record<string, readonly string[]>, said?: Recognition) =>
  taken(columns, said).map((text) => text.split(' ')[0]);

/** Made at run time: no card number stands in a source file. */
function luhnNumber(start: string, length: number): string {
  const body = start.padEnd(length - 1, '7');
  const check = [...'0123456789'].find((digit) => {
    const sum = [...(body + digit)].reverse().reduce((total, text, i) => {
      const value = Number(text) * (i % 2 === 1 ? 2 : 1);
      return total + (value > 9 ? value - 9 : value);
    }, 0);
    return sum % 10 === 0;
  });
  return body + check;
}
const cards = ['41', '42', '51', '52'].map((start) => luhnNumber(start, 16));

/** Twelve digits with the check digit of My Number. */
function myNumber(body: string): string {
  const sum = [...body].reverse().reduce((total, digit, i) => total + Number(digit) * (i < 6 ? i + 2 : i - 4), 0);
  return body + (sum % 11 <= 1 ? 0 : 11 - (sum % 11));
}

describe('columns that say little', () => {
  it('are taken by their cells, as a guess', () => {
    const list = {
      列1: names,
      列2: emails,
      列3: addresses,
      列4: postal,
      列5: phones,
      列6: kana,
      列7: ['a', 'b', 'c', ''],
    };
    expect(taken(list)).toEqual([
      ...['full_name', 'email', 'full_address', 'postal', 'phone', 'kana'].map((field) => `${field} guess content`),
      'ignored certain name',
    ]);
  });

  it('are likely what their name hints at, where the cells agree', () => {
    const list = {
      氏名: names,
      ご登録のメールアドレスをご記入ください: emails,
      ご連絡のつく電話: phones,
      '誕生日(yyyy/mm/dd)': ['1970/1/2', '', '', ''],
      ご利用の日付: ['2017-05-21', '', '', ''],
    };
    expect(taken(list)).toEqual([
      'full_name certain name',
      ...['email', 'phone', 'birth', 'last_use'].map((field) => `${field} likely content`),
    ]);
    expect(taken({ 氏名: names, メール配信希望: ['1', '0', '1', '1'] })[1]).toBe('ignored likely name');
  });

  it('are not guessed where the shop, or somebody else, is meant', () => {
    expect(fields({ 氏名: names, 担当者: emails, 緊急連絡先の番号: phones })).toEqual([
      'full_name',
      'ignored',
      'ignored',
    ]);
    expect(fields({ 氏名: names, 宛: emails.map(() => 'shop@example.com') })).toEqual(['full_name', 'ignored']);
    expect(fields({ 氏名: names, 受注コード: ['250-7001', '250-7002', '250-7003', '250-7004'] })[1]).toBe('ignored');
  });

  it('are not guessed as dates without a hint of which', () => {
    expect(fields({ 氏名: names, 列2: ['1970-01-02', '1980-02-03', '1990-03-04', ''] })[1]).toBe('ignored');
  });

  it('are not guessed under a first row that is a person: that person would be lost', () => {
    expect(fields({ '見本 一子': names, 'ichiko@example.jp': emails, 東京都千代田区1: addresses })).toEqual([
      ...['ignored', 'ignored', 'ignored'],
    ]);
  });
});

describe('names that mean several things', () => {
  it('連絡先 is an email address or a telephone number', () => {
    expect(taken({ 氏名: names, 連絡先: emails })[1]).toBe('email likely content');
    expect(taken({ 氏名: names, 連絡先: phones })[1]).toBe('phone certain name');
    expect(taken({ 氏名: names, 連絡先: [emails[0] ?? '', ...phones.slice(1)] })[1]).toBe('email likely content');
    expect(taken({ 氏名: names, 連絡先: empty })[1]).toBe('phone likely name');
  });

  it('アドレス and Address are of mail or of a house', () => {
    expect(fields({ 氏名: names, アドレス: emails })[1]).toBe('email');
    expect(fields({ 氏名: names, アドレス: addresses })[1]).toBe('full_address');
    expect(fields({ Name: names, Address: emails })[1]).toBe('email');
  });

  it('メール may say whether somebody wants mail', () => {
    const list = { 氏名: names, メール: ['希望する', '希望しない', '', ''], 連絡用: emails };
    expect(taken(list)).toEqual(['full_name certain name', 'ignored likely content', 'email guess content']);
    const { warnings } = recogniseColumns(['氏名', 'メール'], { sample: names.map((name) => [name, '1']) });
    expect(warnings).toEqual([{ code: 'unexpected_content', columns: [1] }]);
  });

  it('a single slip does not make an email column something else', () => {
    expect(fields({ 氏名: names, メール: ['hanako.example.jp', '', '', ''] })[1]).toBe('email');
  });

  it('Name may be the number of an order', () => {
    const list = { Name: ['#1001', '#1002', '#1003', '#1004'], お客様: names, メール: emails };
    expect(fields(list)).toEqual(['ignored', 'full_name', 'email']);
  });

  it('フリガナ may hold the name itself', () => {
    expect(fields({ フリガナ: names, カナ: kana, 住所: addresses })).toEqual(['full_name', 'kana', 'full_address']);
    expect(fields({ 氏名: names, フリガナ: names, 住所: addresses })).toEqual(['full_name', 'ignored', 'full_address']);
  });

  it('No. may be the number of the line', () => {
    expect(taken({ 'No.': ['1', '2', '3', '4'], 氏名: names })[0]).toBe('ignored likely content');
    expect(taken({ 'No.': ['2', '7', '11', '40'], 氏名: names })[0]).toBe('external_id likely name');
    expect(fields({ 会員番号: ['1', '2', '3', '4'], 氏名: names })[0]).toBe('external_id');
  });

  it('Title may be an honorific or a position, State a place or a condition, ブランド of a card or a bag', () => {
    expect(fields({ Name: names, Title: ['Mr', 'Ms.', '', 'Dr.'] })[1]).toBe('honorific');
    expect(fields({ Name: names, Title: ['Director', 'Clerk', '', ''] })[1]).toBe('ignored');
    expect(fields({ Name: names, State: ['enabled', 'disabled', '', ''] })[1]).toBe('ignored');
    expect(fields({ 氏名: names, ブランド: ['VISA', 'JCB', '', ''] })[1]).toBe('brand');
    expect(fields({ 氏名: names, ブランド: ['見本革', '', '', ''] })[1]).toBe('ignored');
  });

  it('お問い合わせ番号 is ours only when it is a reference', () => {
    expect(fields({ お問い合わせ番号: ['0000-1111-2222', '0000-1111-2223', '', ''], 氏名: names })[0]).toBe('ignored');
    expect(fields({ お問い合わせ番号: ['0000-0000-0', '', '', ''], 氏名: names })[0]).toBe('reference');
    expect(fields({ お問い合わせ番号: empty, 氏名: names })[0]).toBe('ignored');
    expect(fields({ お問い合わせ番号: empty, 氏名: names }, { kind: 'hold' })[0]).toBe('reference');
  });

  it('電話番号1 to 電話番号3 are parts of one number, or numbers', () => {
    expect(fields({ 氏名: names, 電話番号1: phones, 電話番号2: empty, 電話番号3: empty }).slice(1)).toEqual([
      ...['phone', 'phone', 'phone'],
    ]);
    expect(fields({ 氏名: names, 電話番号1: ['03', '011', '06', '090'], 電話番号2: empty }).slice(1)).toEqual([
      ...['phone1', 'phone2'],
    ]);
  });
});

describe('住所1 and its like', () => {
  const houses = ['丸の内1-2-3', '北一条西2-4', '梅田3-1', '博多駅前1-1'];
  const buildings = ['見本ハウス', '', '', '架空荘'];
  const rest = towns.map((town, i) => town + houses[i]);
  it.each([
    ['a whole address', { 住所1: addresses, 住所2: buildings }, 'full_address building'],
    ['the prefecture', { 住所1: prefectures, 住所2: rest, 住所3: buildings }, 'prefecture full_address building'],
    [
      'the prefecture, then town and house',
      { 住所1: prefectures, 住所2: towns, 住所3: houses },
      'prefecture city street',
    ],
    ['prefecture and town', { 住所1: prefectures.map((p, i) => p + towns[i]), 住所2: houses }, 'city street'],
    ['the town beside 都道府県', { 都道府県: prefectures, 住所1: towns, 住所2: houses }, 'prefecture city street'],
    [
      'all but the 都道府県',
      { 都道府県: prefectures, 住所1: rest, 住所2: buildings },
      'prefecture full_address building',
    ],
    ['what follows the 市区町村', { 市区町村: towns, 住所1: houses, 住所2: buildings }, 'city street building'],
    ['unnumbered', { 住所: addresses, 住所2: buildings }, 'full_address building'],
    ['unnumbered, a town', { 都道府県: prefectures, 住所: towns, 住所2: houses }, 'prefecture city street'],
    [
      'the prefecture, then town, part of the town and house',
      {
        住所1: prefectures,
        住所2: towns,
        住所3: ['丸の内', '北一条西', '梅田', '博多'],
        住所4: ['1-2-3', '2-4', '3-1', '1'],
      },
      'prefecture city full_address street',
    ],
  ])('is %s', (_what, list, expected) => {
    expect(fields({ 氏名: names, ...list }).slice(1)).toEqual(expected.split(' '));
  });

  it('is certain when cells and neighbours agree', () => {
    const list = { 都道府県: prefectures, 住所1: towns, 住所2: houses };
    expect(taken(list).slice(1)).toEqual(['city certain name', 'street certain name']);
    expect(taken({ 都道府県: empty, 住所1: empty, 住所2: empty }).slice(1)).toEqual([
      'city likely name',
      'street likely name',
    ]);
  });
});

describe('columns with the same meaning', () => {
  const warned = (header: string[], sample: string[][]) => {
    const { columns, warnings } = recogniseColumns(header, { sample });
    return { fields: columns.map(({ field }) => field), warnings };
  };

  it('give way to the fuller one when their names are the same', () => {
    const sample = names.map((name, i) => [i === 0 ? name : '', name, emails[i] ?? '']);
    expect(warned(['氏名', '氏名', 'メール'], sample)).toEqual({
      fields: ['ignored', 'full_name', 'email'],
      warnings: [{ code: 'duplicate_column', columns: [0] }],
    });
  });

  it('give way to the better named one, unless that is empty', () => {
    expect(fields({ 氏名: names, 名義人: names })).toEqual(['full_name', 'ignored']);
    expect(fields({ 氏名: empty, 名義人: names })).toEqual(['ignored', 'full_name']);
  });

  it('are not judged by rows with a cell too many', () => {
    const sample = [['', 'x', '見本 花子', 'y']];
    expect(warned(['氏名', '名義人', 'メール'], sample).fields).toEqual(['full_name', 'ignored', 'email']);
  });
});

describe('what may not be stored, by its cells', () => {
  it('is a column of card numbers under a name that says nothing', () => {
    const spaced = cards.map((card) => card.replace(/(.{4})(?=.)/g, '$1 '));
    for (const name of ['コード', 'No.', 'ID', '下4桁', '']) {
      expect(taken({ 氏名: names, [name]: spaced })[1]).toBe('forbidden likely content');
    }
  });

  it('is so whatever the operator says of the column, unless they say that it holds no cards', () => {
    expect(fields({ コード: cards }, { mapping: { コード: 'external_id' } })).toEqual(['forbidden']);
    expect(fields({ コード: cards }, { saved: { コード: 'external_id' } })).toEqual(['forbidden']);
    const said = { mapping: { コード: 'external_id' }, notCards: [0] };
    expect(fields({ コード: cards }, said)).toEqual(['external_id']);
  });

  it('is not a named column with a card number in it: the guard keeps its row for a person', () => {
    expect(fields({ 氏名: names, 備考: ['', cards[0] ?? '', '', ''] })[1]).toBe('ignored');
    expect(fields({ 会員番号: cards, 氏名: names })[0]).toBe('external_id');
  });

  it('is a column of My Numbers, and not one of ids of twelve digits', () => {
    const sample = (make: (body: string) => string) =>
      Array.from({ length: 6 }, (_, i) => [`見本 ${i}`, make(`1234567${8000 + i * 137}`)]);
    const second = (rows: string[][]) => recogniseColumns(['氏名', '番号A'], { sample: rows }).columns[1]?.field;
    expect(second(sample(myNumber))).toBe('forbidden');
    expect(second(sample((body) => `${body}0`))).toBe('ignored');
  });

  it('is a column of hashed passwords', () => {
    const hash = `$2y$10$${'invented'.repeat(6)}`;
    expect(fields({ 氏名: names, 列2: [hash, hash, hash, hash] })[1]).toBe('forbidden');
  });
});
