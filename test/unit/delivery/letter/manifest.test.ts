import { describe, expect, it } from 'vitest';
import { weighLetter } from '../../../../src/delivery/letter/letter-weight.ts';
import { manifestCsv } from '../../../../src/delivery/letter/manifest.ts';
import { shippedProfiles } from '../../../../src/rendering/letter-profiles/shipped-profiles.ts';

const naga3 = shippedProfiles.find(({ id }) => id === 'a4-naga3-90x45');
if (!naga3) throw new Error('no 長形3号');

describe('the manifest of a batch', () => {
  it('has one line per letter in print order', () => {
    const line = { reference: 'ABCDEFGH1', postalCode: '1000001', country: 'JP', barcode: '', sha256: 'ff' };
    const csv = manifestCsv([
      { ...line, pages: 3, firstPage: 1, barcode: '1 0 0 CC4', weight: weighLetter(3, naga3) },
      { ...line, postalCode: null, pages: 2, firstPage: 5, weight: weighLetter(2, naga3) },
    ]);
    expect(csv.split('\r\n')).toEqual([
      'sequence,reference,postal_code,country,pages,sheets,weight_g,barcode,first_page,sha256',
      '1,ABCD-EFGH-1,1000001,JP,3,2,16,1 0 0 CC4,1,ff',
      '2,ABCD-EFGH-1,,JP,2,1,11,,5,ff',
      '',
    ]);
  });
});

describe('the weight of a letter', () => {
  it('is that of its sheets and its envelope, and at most 50 g in 長形3号: eight sheets', () => {
    expect(weighLetter(1, naga3)).toEqual({ sheets: 1, grams: 11, tooHeavy: false });
    expect(weighLetter(16, naga3)).toEqual({ sheets: 8, grams: 46, tooHeavy: false });
    expect(weighLetter(17, naga3)).toMatchObject({ sheets: 9, tooHeavy: true });
    expect(weighLetter(40, naga3)).toMatchObject({ sheets: 20, tooHeavy: true });
  });

  it('is too much also where the envelope holds no more sheets, however light', () => {
    expect(weighLetter(6, { ...naga3, maxSheets: 2 })).toMatchObject({ sheets: 3, tooHeavy: true });
  });
});
