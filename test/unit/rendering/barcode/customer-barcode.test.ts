import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { openPostalData } from '../../../../src/intake/fields/postal-data.ts';
import { addressNumber } from '../../../../src/rendering/barcode/address-number.ts';
import { customerCharactersFor } from '../../../../src/rendering/barcode/customer-address.ts';
import {
  customerCharacters,
  customerData,
  customerStates,
  decodeCustomerStates,
  readTypedCustomerBarcode,
} from '../../../../src/rendering/barcode/customer-code.ts';
import { barStrings, vectors } from './customer.fixtures.ts';
import { statesByOracle } from './oracle.ts';

const postal = openPostalData(null)();
const dataFor = (postalCode: string | null, ...addressLines: string[]) => {
  const found = customerCharactersFor({ postalCode, addressLines }, postal);
  return 'none' in found ? found.none : customerData(found);
};
/** The address number within the manifest's form: without postal code, fillers and check digit. */
const numberFor = (postalCode: string, ...addressLines: string[]) =>
  dataFor(postalCode, ...addressLines)
    .split(' ')
    .slice(7, -1)
    .filter((character) => character !== 'CC4')
    .join('');

const postalCodes = fc.stringMatching(/^\d{7}$/);
const numbers = fc.stringMatching(/^[0-9A-Z-]{0,20}$/);

describe('the customer barcode', () => {
  it.each(vectors)('is for $code $partA what the post says: $number', ({ code, partA, partB, number, data }) => {
    expect(addressNumber(partB)).toBe(number);
    expect(customerData(customerCharacters(code, number))).toBe(data);
    expect(dataFor(code, partA + partB)).toBe(data);
    expect(dataFor(code, partA, partB)).toBe(data);
  });

  it.each(barStrings)('has for %s %s the bars that the post prints', (code, number, states) => {
    expect(customerStates(customerData(customerCharacters(code, number)))).toBe(states);
  });

  it('always has 20 characters whose sum with the check digit divides by 19, 67 bars, and reads back as itself', () => {
    const values = new Map('0123456789-'.split('').map((character, value): [string, number] => [character, value]));
    for (let i = 1; i <= 8; i++) values.set(`CC${i}`, 10 + i);
    fc.assert(
      fc.property(postalCodes, numbers, (code, number) => {
        const characters = customerCharacters(code, number);
        const data = customerData(characters);
        expect(characters).toHaveLength(20);
        expect(data.split(' ').reduce((sum, character) => sum + (values.get(character) ?? Number.NaN), 0) % 19).toBe(0);
        const states = customerStates(data) ?? '';
        expect(states).toMatch(/^13[1-4]{63}31$/);
        expect(decodeCustomerStates(states)).toEqual({ data, checked: true });
      }),
      { numRuns: 500 },
    );
  });

  it('has the bars that another encoder gives it', () => {
    fc.assert(
      fc.property(postalCodes, numbers, (code, number) => {
        // The oracle refuses what does not fit; cutting is ours, and in the table above.
        const length = [...number].reduce((sum, character) => sum + (/[A-Z]/.test(character) ? 2 : 1), 0);
        const data = customerData(customerCharacters(code, number));
        // Nor does it know the check digit 0, for which it draws no bars; that of 100-8792 is in the table above.
        fc.pre(length <= 13 && !data.endsWith(' 0'));
        expect(customerStates(data)).toBe(statesByOracle('japanpost', code + number));
      }),
      { numRuns: 300 },
    );
  });

  it('keeps the control code of a letter that the cut goes through', () => {
    expect(customerCharacters('1000013', '1-2-3-4-5-6-B7').slice(-2)).toEqual(['-', 'CC1']);
  });

  it('is not read from bars with a wrong check digit, or in the wrong places, as if it were right', () => {
    const data = customerData(customerCharacters('1000013', '1-3-2-503'));
    const states = customerStates(data) ?? '';
    const other = states.replace(/^(.{32}).{3}/, '$1144');
    expect(decodeCustomerStates(other)?.checked).toBe(false);
    expect(decodeCustomerStates(states.slice(3))).toBeNull();
    expect(decodeCustomerStates(`31${states.slice(2)}`)).toBeNull();
    expect(customerStates('1 2 3')).toBeNull();
    expect(customerStates(data.replace('-', 'CC5'))).toBeNull();
    expect(customerStates(data.replace('1', '-'))).toBeNull();
  });
});

describe('the address number', () => {
  it.each([
    ['３丁目３０－８', '3-30-8', 'full-width digits'],
    ['３ー３０ー８', '3-30-8', 'long vowel marks for hyphens'],
    ['二一丁目百二番地', '21-102', 'kanji numerals by digits and by units'],
    ['第二ビル3', '3', 'kanji numerals that nothing counts'],
    ['5-6-3 ABCビル10F', '5-6-3-10', 'a floor'],
    ['5-6-3 1F2号', '5-6-3-1-2', 'a floor with something after it'],
    ['1-2-b棟-3', '1-2B3', 'a small letter, hyphens around it'],
    ['1-2 A棟 C室', '1-2AC', 'letters that come together'],
    ['1・2 R&Dセンター', '12', 'marks that are removed and close up'],
    ['1-2-3 第Ⅱ寮', '1-2-3', 'a Roman numeral that is no letter'],
    ['本町十二ノ三', '12', 'の and ノ count'],
    ['コーポ緑', '', 'no number at all'],
  ])('%s is %s: %s', (partB, number) => {
    expect(addressNumber(partB)).toBe(number);
  });

  it.each([
    ['0600061', '札幌市中央区南一条西10丁目1番地 第一ビル5F', '10-1-5'],
    ['0600042', '北海道札幌市中央区大通西二十一丁目3-5 A棟202', '21-3-5A202'],
    ['0287914', '岩手県九戸郡洋野町種市第23地割27番地5', '23-27-5'],
    ['0711426', '北海道上川郡東川町北町三線十二号', '3-12'],
    ['9800811', '宮城県仙台市青葉区一番町三丁目7-1', '3-7-1'],
    ['3980002', '長野県大町市大町3887', '3887'],
    ['5220341', '滋賀県犬上郡多賀町多賀324', '324'],
    ['5300001', '大阪府大阪市北区梅田3-1-1 大阪駅前第２ビル B1-12', '3-1-1-2B1-12'],
    ['1040061', '東京都中央区銀座八丁目20-26 1F', '8-20-26-1'],
    ['1000014', '東京都千代田区永田町百二十番地', '120'],
    ['1000014', '東京都千代田区永田町千二百三十四番地の五', '1234'],
    ['1000014', '東京都千代田区永田町六丁目七番十四号', '6-7-14'],
    ['1000014', '東京都千代田区永田町一丁目二番三号 四階', '1-2-3'],
    ['1000014', '東京都千代田区永田町1番地ノ2', '1-2'],
    ['1000014', '東京都千代田区永田町1-2-3 メゾンB203', '1-2-3B203'],
    ['1000014', '東京都千代田区永田町1-2-3 B-2', '1-2-3B2'],
    ['1000014', '東京都千代田区永田町1-2-3 b棟2f', '1-2-3B2'],
    ['1000014', '東京都千代田区永田町3-2 2F-5号室', '3-2-2-5'],
    ['1000014', '東京都千代田区永田町1-2-3 第3ABCハイツ4号', '1-2-3-3-4'],
    ['1000014', '東京都千代田区永田町1‐2–3—4−5', '1-2-3-4-5'],
    ['1000014', '東京都千代田区永田町1丁目2番3-405号 R&Dタワー', '1-2-3-405'],
    ['1000014', '東京都千代田区永田町123-456-789-1011', '123-456-789-1'],
    ['1000014', '東京都千代田区永田町', ''],
  ])('of %s %s is %s', (code, address, number) => {
    expect(dataFor(code, address)).toBe(customerData(customerCharacters(code, number)));
  });

  it('is always in characters that the barcode has, without hyphens at its ends or side by side', () => {
    const pieces = fc.constantFrom(...'1234567890-ABFx－号棟丁目番地のノ十二百 　F・&.ー'.split(''));
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 40 }), (parts) => {
        expect(addressNumber(parts.join(''))).toMatch(/^$|^[0-9A-Z]+(-[0-9A-Z]+)*$/);
      }),
      { numRuns: 1000 },
    );
  });
});

describe('where the town ends', () => {
  it('is found however the names are written, and numbers in them do not count', () => {
    expect(numberFor('0600906', '北海道札幌市東区北6条東4丁目2-1')).toBe('4-2-1');
    expect(numberFor('0600906', '札幌市北６条東4丁目2-1')).toBe('4-2-1');
    expect(numberFor('1020075', '東京都千代田区三番町6-3')).toBe('6-3');
    expect(numberFor('1020075', '千代田区 三番町 六番地三号')).toBe('6-3');
    expect(numberFor('1000013', '東京都千代田区霞ヶ関1丁目3番2号')).toBe('1-3-2');
    expect(numberFor('1000301', '東京都利島村248')).toBe('248');
  });

  it('is found behind the streets that addresses in Kyoto go by', () => {
    expect(numberFor('6040925', '京都府京都市中京区寺町通御池上る上本能寺前町488')).toBe('488');
  });

  it('is found for every town of the postal data, except where nobody can tell it from the house number', () => {
    let towns = 0;
    for (let number = 0; number < 10_000_000; number += 13) {
      const code = String(number).padStart(7, '0');
      for (const { prefecture, city, town } of postal.find(code)) {
        towns++;
        const found = dataFor(code, `${prefecture}${city}${town}5-6-3 ABCビル10F`);
        if (town === '' && code.endsWith('00')) expect(found, code).toBe('general_code');
        else if (/[一二三四五六七八九十百千\d０-９]$/.test(town)) expect(found, code).toBe('town_differs');
        else expect(found, code).toMatch(/ 5 - 6 - 3 - 1 0 CC4/);
      }
    }
    expect(towns).toBeGreaterThan(5000);
  });

  it('is not found in the middle of a number or of a longer name', () => {
    const west = { find: () => [{ prefecture: '北海道', city: '札幌市東区', town: '北三西一' }], codeOf: () => null };
    for (const address of ['北海道札幌市東区北三西十一丁目2', '札幌市東区北3西11-2', '札幌市東区北三西一1-2']) {
      const person = { postalCode: '0600001', addressLines: [address] };
      expect(customerCharactersFor(person, west), address).toEqual({ none: 'town_differs' });
    }
    // 芝公園 has a code of its own.
    expect(dataFor('1050014', '東京都港区芝公園2-3-1')).toBe('town_differs');
    expect(numberFor('1050014', '東京都港区芝2-3-1')).toBe('2-3-1');
  });
});

describe('there is no barcode', () => {
  it.each([
    ['no_postal_code', null, '東京都千代田区霞が関1-3-2'],
    ['no_postal_code', '10000', '東京都千代田区霞が関1-3-2'],
    ['general_code', '1000000', '東京都千代田区霞が関1-3-2'],
    ['town_differs', '1000014', '東京都千代田区霞が関1-3-2'],
    ['town_differs', '1000013', '大阪府千代田区霞が関1-3-2'],
    ['building_code', '1006190', '東京都千代田区永田町2-11-1 山王パークタワー10F'],
    ['code_unknown', '1000099', '東京都千代田区霞が関1-3-2'],
    ['not_in_japanese', '1000013', '1-3-2 Kasumigaseki, Chiyoda-ku, Tokyo'],
    ['no_box_number', '1008691', '東京都千代田区丸の内2-7-2'],
    ['town_differs', '5308792', '東京都千代田区霞が関1-3-2'],
  ])('%s: %s %s', (reason, code, address) => {
    expect(dataFor(code, address)).toBe(reason);
  });

  it('without postal data', () => {
    const person = { postalCode: '1000013', addressLines: ['東京都千代田区霞が関1-3-2'] };
    expect(customerCharactersFor(person, null)).toEqual({ none: 'no_postal_data' });
  });

  it('but one of the code alone for a large office, and one with the box for the boxes of a post office', () => {
    expect(dataFor('1008792', '東京都千代田区霞が関1-3-2')).toBe(`1 0 0 8 7 9 2${' CC4'.repeat(13)} 0`);
    expect(numberFor('1008691', '東京都千代田区 銀座郵便局私書箱第12号')).toBe('12');
  });
});

describe('a customer barcode that is typed or scanned', () => {
  const data = '6 5 0 0 0 4 6 9 - 7 - 6 CC1 0 1 - 1 CC4 CC4 CC4 5';

  it('is known with and without check digit, fillers, blanks and control codes', () => {
    expect(readTypedCustomerBarcode(data)).toEqual({ data, checked: true });
    for (const text of [
      data.slice(0, -2),
      '65000469-7-6A1-1',
      '650-0046 9-7-6a1-1',
      '６５０００４６９－７－６Ａ１－１',
    ]) {
      expect(readTypedCustomerBarcode(text), text).toEqual({ data, checked: false });
    }
  });

  it('is not right with a wrong check digit, and none when it is something else', () => {
    expect(readTypedCustomerBarcode(`${data.slice(0, -1)}6`)?.checked).toBe(false);
    for (const text of ['', '650004', 'OWABI1;7KQ2M9XTR;1;1;1', `${data} 5`, '6 5 0 0 0 4 - 9']) {
      expect(readTypedCustomerBarcode(text), text).toBeNull();
    }
  });
});
