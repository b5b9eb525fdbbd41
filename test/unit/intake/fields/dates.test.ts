import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isMinor, isPossibleBirth, readFlag } from '../../../../src/intake/fields/birth.ts';
import { fromSerial, isImpossibleEraDate, readDate } from '../../../../src/intake/fields/dates.ts';

describe('reading a date', () => {
  it.each([
    ['2017-06-02', '2017-06-02'],
    ['2017/6/2 10:00', '2017-06-02'],
    ['2017-06-02T10:00:00+09:00', '2017-06-02'],
    ['2017.6.2', '2017-06-02'],
    ['20170602', '2017-06-02'],
    ['２０１７年６月２日', '2017-06-02'],
    ['二〇一七年六月二日', '2017-06-02'],
    ['平成29年6月2日', '2017-06-02'],
    ['㍻29年6月2日', '2017-06-02'],
    ['H29.6.2', '2017-06-02'],
    ['Ｈ２９／６／２', '2017-06-02'],
    ['h290602', '2017-06-02'],
    ['令和元年5月1日', '2019-05-01'],
    ['㋿元年5月1日', '2019-05-01'],
    ['R1.5.1', '2019-05-01'],
    ['昭和64年1月7日', '1989-01-07'],
    ['昭和五十年十一月二十日', '1975-11-20'],
    ['S50.1.2', '1975-01-02'],
    ['3500102', '1975-01-02'],
    ['大正元年7月30日', '1912-07-30'],
    ['T15.12.25', '1926-12-25'],
    ['明治45年7月30日', '1912-07-30'],
    ['M45.7.30', '1912-07-30'],
    ['42888', '2017-06-02'],
    ['42888.4375', '2017-06-02'],
    ['2 Jun 2017', '2017-06-02'],
    ['02-Jun-2017', '2017-06-02'],
    ['June 2, 2017', '2017-06-02'],
    ['12/25/2017', '2017-12-25'],
    ['25/12/2017', '2017-12-25'],
    ['2016-02-29', '2016-02-29'],
  ])('reads %j', (cell, date) => {
    expect(readDate(cell)).toBe(date);
    expect(isImpossibleEraDate(cell)).toBe(false);
  });

  it.each(['2017-02-29', '2017-13-01', '2017-00-10', '6/2', '6/2/2017', '1980', '201706', 'yesterday', '昭和'])(
    'does not guess at %j',
    (cell) => {
      expect(readDate(cell)).toBeNull();
      expect(isImpossibleEraDate(cell)).toBe(false);
    },
  );

  it.each(['平成31年5月1日', '平成32年1月1日', '昭和64年1月8日', '令和1年4月30日', 'S0.1.1', 'M45.7.31'])(
    'knows that %j never was',
    (cell) => {
      expect(readDate(cell)).toBeNull();
      expect(isImpossibleEraDate(cell)).toBe(true);
    },
  );

  it('reads the serial numbers of spreadsheets with their false leap day', () => {
    expect([1, 59, 60, 61, 36925].map(fromSerial)).toEqual([
      '1900-01-01',
      '1900-02-28',
      null,
      '1900-03-01',
      '2001-02-03',
    ]);
  });

  it('reads back every day in every form', () => {
    const day = fc.date({ min: new Date('1927-06-01'), max: new Date('2050-12-31'), noInvalidDate: true });
    fc.assert(
      fc.property(day, (date) => {
        const iso = date.toISOString().slice(0, 10);
        const [year, month, dayOfMonth] = iso.split('-').map(Number);
        expect(readDate(iso)).toBe(iso);
        expect(readDate(iso.replaceAll('-', ''))).toBe(iso);
        expect(readDate(`${year}/${month}/${dayOfMonth}`)).toBe(iso);
        expect(readDate(`${year}年${month}月${dayOfMonth}日`)).toBe(iso);
        expect(fromSerial(Math.round(Date.parse(iso) / 86_400_000) + 25_569)).toBe(iso);
      }),
    );
  });
});

describe('births', () => {
  it('makes a minor of whoever is not yet 18, or 20 before April 2022', () => {
    expect(isMinor('2008-01-02', '2026-01-01')).toBe(true);
    expect(isMinor('2008-01-01', '2026-01-01')).toBe(false);
    expect(isMinor('2003-01-01', '2022-03-31')).toBe(true);
    expect(isMinor('2003-01-01', '2022-04-01')).toBe(false);
    // Born on a leap day, one comes of age when 28 February ends.
    expect(isMinor('2008-02-29', '2026-02-28')).toBe(true);
    expect(isMinor('2008-02-29', '2026-03-01')).toBe(false);
  });

  it('believes nobody who is not born yet, or older than anybody', () => {
    expect(isPossibleBirth('2026-01-02', '2026-01-01')).toBe(false);
    expect(isPossibleBirth('2026-01-01', '2026-01-01')).toBe(true);
    expect(isPossibleBirth('1895-12-31', '2026-01-01')).toBe(false);
    expect(isPossibleBirth('1926-01-01', '2026-01-01')).toBe(true);
  });

  it('reads yes and no as lists write them, and says when it is neither', () => {
    for (const yes of ['1', '○', '◯', 'はい', 'YES', 'true', '未成年', '死亡', '有', 'レ'])
      expect(readFlag(yes)).toBe(true);
    for (const no of ['', '0', '×', 'いいえ', 'No', 'false', '成人', '無', '－', '生存'])
      expect(readFlag(no)).toBe(false);
    expect(readFlag('たぶん')).toBeNull();
  });
});
