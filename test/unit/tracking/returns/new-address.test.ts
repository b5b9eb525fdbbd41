import { describe, expect, it } from 'vitest';
import { makePostalTable } from '../../../../src/intake/fields/postal-table.ts';
import type { RenderPerson } from '../../../../src/rendering/types.ts';
import { type GivenAddress, personAtNewAddress } from '../../../../src/tracking/returns/new-address.ts';

const person: RenderPerson = {
  ...{ reference: '000000000', name: '山田太郎', honorific: null, company: '山田商店', department: null },
  ...{ postalCode: '1000001', addressLines: ['東京都千代田区千代田1-23', 'コポ千代田'], country: 'JP', exposures: [] },
};
const postal = makePostalTable([
  { code: '1000001', prefecture: '東京都', city: '千代田区', town: '千代田' },
  { code: '5300001', prefecture: '大阪府', city: '大阪市北区', town: '梅田' },
]);
const at = (given: GivenAddress) => personAtNewAddress(person, given, postal);
const codeOf = (given: GivenAddress): string => {
  try {
    at(given);
    return 'taken';
  } catch (error) {
    return (error as { code: string }).code;
  }
};

describe('a letter at another address', () => {
  it('changes nothing but where it goes', () => {
    const { person: moved, warnings } = at({ postalCode: '530-0001', addressLines: ['大阪府大阪市北区梅田1-1'] });
    expect(moved).toEqual({ ...person, postalCode: '5300001', addressLines: ['大阪府大阪市北区梅田1-1'] });
    expect(warnings).toEqual([]);
  });

  it('gets what the postal data give without doubt, and says so', () => {
    expect(at({ addressLines: ['大阪府大阪市北区梅田1-1'] })).toMatchObject({
      ...{ person: { postalCode: '5300001' }, warnings: ['postal_found'] },
    });
    expect(at({ postalCode: '5300001', addressLines: ['大阪市北区梅田1-1', '梅田ビル'] })).toMatchObject({
      ...{ person: { addressLines: ['大阪府大阪市北区梅田1-1', '梅田ビル'] }, warnings: ['prefecture_added'] },
    });
  });

  it('is refused when postal code and address contradict each other, until that is confirmed', () => {
    const given = { postalCode: '1000001', addressLines: ['大阪府大阪市北区梅田1-1'] };
    expect(codeOf(given)).toBe('address_doubtful');
    expect(codeOf({ ...given, postalCode: '9999999' })).toBe('address_doubtful');
    expect(at({ ...given, confirmed: true })).toMatchObject({ warnings: ['postal_mismatch'] });
  });

  it.each([
    ['no whole address', { addressLines: ['東京都'] }],
    ['a code that is none', { postalCode: '12', addressLines: ['大阪府大阪市北区梅田1-1'] }],
    ['damaged characters', { addressLines: ['大阪府大阪市北区梅\uFFFD1-1'] }],
    ['a country that is none', { country: '??', addressLines: ['1 High Street', 'London'] }],
  ])('is refused with %s', (_, given) => {
    expect(codeOf(given)).toBe('invalid_body');
  });

  it('is refused at the address where it has been, however it is spelled, unless it is to go there again', () => {
    expect(codeOf({})).toBe('same_address');
    const respelled = { postalCode: '100-0001', addressLines: ['東京都 千代田区千代田１－２３', 'コポ千代田'] };
    expect(codeOf(respelled)).toBe('same_address');
    expect(at({ ...respelled, again: true })).toEqual({ person, same: true, warnings: [] });
  });

  it('takes 12-3 for another place than 1-23, and コーポ for another than コポ', () => {
    expect(codeOf({ addressLines: ['東京都千代田区千代田12-3', 'コポ千代田'] })).toBe('taken');
    expect(codeOf({ addressLines: ['東京都千代田区千代田1-23', 'コーポ千代田'] })).toBe('taken');
  });

  it('may go to another name at the same address', () => {
    expect(at({ name: '山田花子' }).person).toEqual({ ...person, name: '山田花子' });
  });
});
