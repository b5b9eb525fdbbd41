import { describe, expect, it } from 'vitest';
import { readForeignPostal, readJapanesePostal } from '../../../../src/intake/fields/postal-code.ts';

const japan = (whole: string, first = '', second = '') => readJapanesePostal(whole, first, second);
const code = (postalCode: string, warning: string | null = null) => ({ postalCode, warning });

describe('reading a Japanese postal code', () => {
  it.each(['1050011', '105-0011', '〒105-0011', '〒 105 0011', '１０５－００１１', '105ー0011', '1050011.0'])(
    'reads %j',
    (cell) => {
      expect(japan(cell)).toEqual(code('1050011'));
    },
  );

  it('puts back the zeros that a spreadsheet dropped, and says so', () => {
    expect(japan('640941')).toEqual(code('0640941', 'postal_padded'));
    expect(japan('64-0941')).toEqual(code('0640941', 'postal_padded'));
    expect(japan('10010')).toEqual(code('0010010', 'postal_padded'));
  });

  it('joins the halves of two columns, each with its own zeros', () => {
    expect(japan('', '105', '0011')).toEqual(code('1050011'));
    expect(japan('', '3', '21')).toEqual(code('0030021', 'postal_padded'));
    expect(japan('', '105', '11')).toEqual(code('1050011', 'postal_padded'));
    expect(japan('', '105-0011', '')).toEqual(code('1050011'));
  });

  it.each(['105-001', '0000000', '000-0000', '105', '123456789', 'A1050011', '不明'])(
    'does not guess at %j',
    (cell) => {
      expect(japan(cell)).toEqual({ postalCode: null, warning: 'bad_postal' });
    },
  );

  it('knows a number that a spreadsheet has rounded', () => {
    expect(japan('1.05E+06')).toEqual({ postalCode: null, warning: 'damaged_number' });
  });

  it('says nothing where there is nothing', () => {
    expect(japan('')).toEqual({ postalCode: null, warning: null });
  });
});

describe('reading a postal code abroad', () => {
  it.each([
    ['02139-1234', 'US'],
    ['SW1A 1AA', 'GB'],
    ['K1A 0B1', 'CA'],
    ['10115', 'DE'],
    ['1010', 'AT'],
  ])('keeps %j of %s as it is written there', (cell, country) => {
    expect(readForeignPostal(cell, country)).toEqual(code(cell));
  });

  it('puts back lost zeros where codes have a fixed number of digits', () => {
    expect(readForeignPostal('2139', 'US')).toEqual(code('02139', 'postal_padded'));
    expect(readForeignPostal('2139-1234', 'US')).toEqual(code('02139-1234', 'postal_padded'));
    expect(readForeignPostal('1067', 'DE')).toEqual(code('01067', 'postal_padded'));
  });

  it('refuses what is no code', () => {
    expect(readForeignPostal('none', 'US').warning).toBe('bad_postal');
    expect(readForeignPostal('1234567890123', 'US').warning).toBe('bad_postal');
    expect(readForeignPostal('1.2E+09', 'US').warning).toBe('damaged_number');
  });
});
