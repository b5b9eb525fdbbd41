import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dateText, numberValue, plainNumber } from '../../../../src/intake/reading/xlsx/cell-value.ts';
import { readNumberFormat } from '../../../../src/intake/reading/xlsx/number-format.ts';

const shown = (raw: string, code: string) => numberValue(raw, readNumberFormat(164, code), false).text;

describe('a number of a workbook', () => {
  it.each([
    ['1001', '1001'],
    ['1.5', '1.5'],
    ['0.1', '0.1'],
    ['0.30000000000000004', '0.3'],
    ['1E3', '1000'],
    ['1.23E+14', '123000000000000'],
    ['1.0000000000000001E-3', '0.001'],
    ['-2.5E-7', '-0.00000025'],
    ['-1001', '-1001'],
    ['9.0123456789E10', '90123456789'],
  ])('%s has all its digits and no exponent', (raw, text) => {
    expect(numberValue(raw, null, false)).toEqual({ text });
  });

  it('has lost digits when it has more than 15', () => {
    expect(numberValue('999999999999999', null, false)).toEqual({ text: '999999999999999' });
    expect(numberValue('1234567890123456', null, false)).toEqual({ text: '1234567890123460', flag: 'damaged_number' });
    expect(numberValue('1.2345678901234501E+19', null, false)).toEqual({
      text: '12345678901234500000',
      flag: 'damaged_number',
    });
  });

  it('is the same number, however large or small', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, min: -1e308, max: 1e308 }), (number) => {
        const text = plainNumber(number);
        expect(text).toMatch(/^-?[0-9]+(\.[0-9]+)?$/);
        expect(Number(text)).toBe(Number(number.toPrecision(15)) || 0);
      }),
    );
  });

  it.each([
    ['600001', '0000000', '0600001'],
    ['600001', '000-0000', '060-0001'],
    ['600001', '"〒"000\\-0000', '〒060-0001'],
    ['1234567', '[<=999]000;[<=9999]000\\-00;000\\-0000', '123-4567'],
    ['60', '[<=999]000;[<=9999]000\\-00;000\\-0000', '060'],
    ['1234', '[<=999]000;[<=9999]000\\-00;000\\-0000', '012-34'],
    ['312345678', '[<=99999999]####\\-####;\\(00\\)\\ ####\\-####', '(03) 1234-5678'],
    ['12345678', '000', '12345678'],
    ['0', '000', '000'],
    ['-5', '000', '-005'],
    ['-5', '000;(000)', '(005)'],
    ['7', '0000_);[Red](0000)', '0007'],
    ['1234', '#,##0', '1234'],
    ['1234', '0', '1234'],
    ['1234', '0.00', '1234'],
    ['1234', '[$¥-411]#,##0', '1234'],
    ['1234', '@', '1234'],
    ['1234', ';;;', '1234'],
    ['12.5', '00000', '12.5'],
  ])('%s in the format %s is %s', (raw, code, text) => {
    expect(shown(raw, code)).toBe(text);
  });
});

describe('a date of a workbook', () => {
  it.each([
    ['yyyy/m/d', true],
    ['yyyy"年"m"月"d"日"', true],
    ['[$-411]ggge"年"m"月"d"日"', true],
    ['h:mm', true],
    ['[h]:mm:ss', true],
    ['aaa', true],
    ['General', false],
    ['G/標準', false],
    ['[$-411]ge.m.d;@', true],
    ['0.00E+00', false],
    ['0"days"', false],
    ['[Red]0', false],
    ['0\\d', false],
    ['#,##0_d', false],
  ])('is one by its format %s: %s', (code, isDate) => {
    expect(readNumberFormat(164, code)?.kind === 'date').toBe(isDate);
  });

  it('is one by the number of its format, those of Japanese Excel included', () => {
    const dates = Array.from({ length: 60 }, (_, id) => id).filter(
      (id) => readNumberFormat(id, undefined)?.kind === 'date',
    );
    expect(dates).toEqual([
      14, 15, 16, 17, 18, 19, 20, 21, 22, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 45, 46, 47, 50, 51, 52, 53, 54, 55,
      56, 57, 58,
    ]);
  });

  it.each([
    [1, '1900-01-01'],
    [59, '1900-02-28'],
    [60, '1900-02-29'],
    [61, '1900-03-01'],
    [36925, '2001-02-03'],
    [43586, '2019-05-01'],
    [2958465, '9999-12-31'],
    [36925.5, '2001-02-03 12:00:00'],
    [36925.999999, '2001-02-04'],
    [0.75, '18:00:00'],
    [2958466, null],
    [-1, null],
  ])('serial %s is %s', (serial, text) => {
    expect(dateText(serial, false)).toBe(text);
  });

  it('is counted from 1 January 1904 in workbooks of old Macs', () => {
    expect([0, 1, 41763].map((serial) => dateText(serial, true))).toEqual(['1904-01-01', '1904-01-02', '2018-05-05']);
  });

  it('comes out as it went in', () => {
    fc.assert(
      fc.property(fc.integer({ min: 61, max: 2_957_003 }), fc.boolean(), (serial, date1904) => {
        const days = Date.parse(`${dateText(serial, date1904)}T00:00:00Z`) / 86_400_000;
        expect(days).toBe(serial - (date1904 ? 24_107 : 25_569));
      }),
    );
  });

  it('that no calendar has is the number, and still no address or number of a house', () => {
    expect(numberValue('-3', { kind: 'date' }, false)).toEqual({ text: '-3', flag: 'excel_date' });
  });
});
