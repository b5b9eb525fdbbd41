import { describe, expect, it } from 'vitest';
import { type AddressCells, readAddress } from '../../../../src/intake/fields/postal-address.ts';
import { prefectureAt, prefectureOf } from '../../../../src/intake/fields/prefectures.ts';
import { postal } from './rows.fixtures.ts';

const nowhere: AddressCells = {
  ...{ postal: '', postal1: '', postal2: '', prefecture: '', city: '', street: '', building: '', fullAddress: '' },
};
const read = (cells: Partial<AddressCells>, country = 'JP') => readAddress({ ...nowhere, ...cells }, country);
const inTokyo = { prefecture: '東京都', city: '港区' };

describe('the prefecture of a cell', () => {
  it.each(['東京都', '東京', '13', '１３', 'JP-13', 'Tokyo', 'tokyo-to', ' 東京都 '])('reads %j', (cell) => {
    expect(prefectureOf(cell)).toBe('東京都');
  });

  it('leaves what is none as it is', () => {
    expect(prefectureOf('California')).toBe('California');
    expect(prefectureOf('48')).toBe('48');
    expect(prefectureAt('京都市北区')).toBe('');
    expect(prefectureAt('京都府京都市')).toBe('京都府');
  });
});

describe('a Japanese address', () => {
  it('is put together from the large to the small, and names nothing twice', () => {
    expect(
      read({ postal: '64-0941', prefecture: '1', city: '札幌市中央区', street: '旭ヶ丘1-2', building: '見本荘' }),
    ).toEqual({
      postalCode: '0640941',
      lines: ['北海道札幌市中央区旭ヶ丘1-2', '見本荘'],
      warnings: ['postal_padded'],
    });
    for (const fullAddress of ['芝1-2-3', '港区芝1-2-3', '東京都港区芝1-2-3']) {
      expect(read({ ...inTokyo, fullAddress }).lines).toEqual(['東京都港区芝1-2-3']);
    }
    expect(read({ ...inTokyo, fullAddress: '芝', street: '1-2-3', building: '見本荘' }).lines).toEqual([
      '東京都港区芝1-2-3',
      '見本荘',
    ]);
    expect(read({ ...inTokyo, street: '芝1-2-3 見本荘', building: '見本荘' }).lines).toEqual([
      '東京都港区芝1-2-3 見本荘',
    ]);
  });

  it('keeps the text as it came', () => {
    const fullAddress = '東京都港区芝１丁目２番３号　ハイツ見本２０１';
    expect(read({ fullAddress }).lines).toEqual([fullAddress]);
  });

  it('is of no use without a place', () => {
    expect(read({ ...inTokyo, city: '' })).toMatchObject({ lines: [], warnings: [] });
    expect(read({ fullAddress: '港区芝1-2-3' })).toMatchObject({ lines: [], warnings: ['incomplete_address'] });
    expect(read({ fullAddress: '不明', postal: '1050014' })).toMatchObject({
      lines: [],
      warnings: ['incomplete_address'],
    });
    expect(read({ postal: '123456789', fullAddress: '東京都港区芝1-2-3' })).toMatchObject({
      ...{ postalCode: null, lines: ['東京都港区芝1-2-3'], warnings: ['bad_postal'] },
    });
  });

  it.each([
    '2001/2/3',
    '2001-02-03',
    '2001-02-03 00:00:00',
    '1月2日',
    '１月２日',
    '2001年2月3日',
    'Jan-02',
    '2-Jan',
    '3-Feb-01',
    '□-2',
    '1-2-?',
    '1-\uFFFD',
  ])('is damaged when it ends in %j', (end) => {
    expect(read({ ...inTokyo, street: `芝${end}` })).toMatchObject({ lines: [], warnings: ['damaged_address'] });
    expect(read({ ...inTokyo, fullAddress: '芝', street: end })).toMatchObject({
      lines: [],
      warnings: ['damaged_address'],
    });
  });

  it('is damaged when the house number is the serial number of a day', () => {
    expect(read({ ...inTokyo, fullAddress: '芝', street: '36925' }).warnings).toEqual(['damaged_address']);
    // Numbers of five digits there are.
    expect(read({ ...inTokyo, fullAddress: '芝', street: '10777' }).lines).toEqual(['東京都港区芝10777']);
    expect(read({ ...inTokyo, street: '芝36925' }).warnings).toEqual([]);
  });

  it('says when a character of a private font damaged it', () => {
    expect(read({ ...inTokyo, street: '芝\uE0001-2' }).warnings).toEqual(['gaiji', 'damaged_address']);
  });

  it.each(['芝1-2-3', '芝2001-2-3', '芝公園3月台1-2', 'メゾン・デ・マル2-12', '芝1-2 Marina-03号室'])(
    'is well in %j',
    (street) => {
      expect(read({ ...inTokyo, street }).warnings).toEqual([]);
    },
  );

  it('may be written in English', () => {
    expect(read({ postal: '1050011', street: '1-2-3 Shibakoen', city: 'Minato-ku', prefecture: 'Tokyo' })).toEqual({
      postalCode: '1050011',
      lines: ['1-2-3 Shibakoen', 'Minato-ku, Tokyo'],
      warnings: [],
    });
  });

  it('is compared with the postal data where there are some', () => {
    const compared = (cells: Partial<AddressCells>) => readAddress({ ...nowhere, ...cells }, 'JP', postal);
    expect(compared({ postal: '1050011', fullAddress: '港区芝公園1-2' })).toEqual({
      postalCode: '1050011',
      lines: ['東京都港区芝公園1-2'],
      warnings: ['prefecture_added'],
    });
    expect(compared({ fullAddress: '港区芝公園1-2' })).toMatchObject({
      ...{ postalCode: '1050011', warnings: ['postal_found', 'prefecture_added'] },
    });
    expect(compared({ postal: '105-001', fullAddress: '東京都港区芝公園1-2' })).toMatchObject({
      ...{ postalCode: null, warnings: ['bad_postal'] },
    });
    // No warning of these makes an address unusable.
    expect(compared({ postal: '9999999', fullAddress: '東京都港区芝1-2' }).lines).toEqual(['東京都港区芝1-2']);
  });
});

describe('an address abroad', () => {
  it('is written from the small to the large', () => {
    expect(
      read({ postal: '2139', street: '1 Main St', building: 'Apt 2', city: 'Cambridge', prefecture: 'MA' }, 'US'),
    ).toEqual({ postalCode: '02139', lines: ['1 Main St', 'Apt 2', 'Cambridge, MA'], warnings: ['postal_padded'] });
    expect(read({ postal: 'SW1A 1AA', street: '1 Example Road', city: 'London' }, 'GB')).toMatchObject({
      ...{ postalCode: 'SW1A 1AA', lines: ['1 Example Road', 'London'] },
    });
  });

  it('is damaged only when a whole cell is a date: 12-May may be a name', () => {
    expect(read({ street: 'Casa del Mar-12', city: 'Lima' }, 'PE').warnings).toEqual([]);
    expect(read({ street: '12-May', city: 'Lima' }, 'PE').warnings).toEqual(['damaged_address']);
  });

  it('needs a town or a postal code', () => {
    expect(read({ street: '1 Main St' }, 'US')).toMatchObject({ lines: [], warnings: ['incomplete_address'] });
  });
});
