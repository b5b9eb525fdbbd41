import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  intelligentMailData,
  intelligentMailStates,
  readIntelligentMail,
} from '../../../../src/rendering/barcode/intelligent-mail.ts';
import { royalMailData, royalMailStates } from '../../../../src/rendering/barcode/royal-mail.ts';
import { statesByOracle } from './oracle.ts';

describe('the barcode of Royal Mail', () => {
  it('holds the postcode, the suffix for no delivery point, and a check character', () => {
    expect(royalMailData('le2 8hs')).toMatch(/^LE28HS9Z[0-9A-Z]$/);
    expect(royalMailData('SW1A1AA')).toMatch(/^SW1A1AA9Z[0-9A-Z]$/);
    for (const none of ['', '12345', 'SW1A', 'SW1A 1A1']) expect(royalMailData(none), none).toBeNull();
  });

  it('has the bars that another encoder gives it', () => {
    const postcodes = fc.stringMatching(/^[A-Z]{1,2}\d[A-Z\d]? \d[A-Z]{2}$/);
    fc.assert(
      fc.property(postcodes, (postcode) => {
        const data = royalMailData(postcode) ?? '';
        expect(royalMailStates(data)).toBe(statesByOracle('royalmail', data.slice(0, -1)));
      }),
      { numRuns: 300 },
    );
  });
});

describe('the Intelligent Mail barcode', () => {
  const mailer = { serviceType: '040', mailerId: '123456', serial: '17' };

  it('holds barcode id, service type, mailer id, serial and ZIP code', () => {
    expect(intelligentMailData('94105', mailer)).toBe(`00040123456${'17'.padStart(9, '0')}94105`);
    expect(intelligentMailData('94105-1804', { ...mailer, mailerId: '123456789' })).toBe(
      '00040123456789000017941051804',
    );
    expect(intelligentMailData('94105', { ...mailer, barcodeId: '14' })).toBe(
      `14040123456${'17'.padStart(9, '0')}94105`,
    );
  });

  it('tells mailer and serial when it is scanned', () => {
    for (const mailerId of ['012345', '899999', '900000000', '912345678']) {
      for (const zip of ['94105', '94105-1804']) {
        const data = intelligentMailData(zip, { ...mailer, mailerId });
        expect(readIntelligentMail(String(data))).toEqual({ mailerId, serial: 17 });
      }
    }
    expect(readIntelligentMail('94105')).toBeNull();
  });

  it('is none where the ZIP code or what the mailer has is not as it must be', () => {
    expect(intelligentMailData('SW1A 1AA', mailer)).toEqual({ none: 'no_postal_code' });
    const incomplete = [
      null,
      { ...mailer, serviceType: '40' },
      { ...mailer, mailerId: '1234567' },
      { ...mailer, serial: '1234567890' },
      { ...mailer, serial: '' },
      { ...mailer, barcodeId: '05' },
    ];
    for (const one of incomplete) expect(intelligentMailData('94105', one)).toEqual({ none: 'no_mailer_id' });
  });

  it('has the bars of the specification’s example (USPS-B-3200, 3.2)', () => {
    const letters = 'AADTFFDFTDADTAADAATFDTDDAAADDTDTTDAFADADDDTFFFDDTTTADFAAADFTDAADA';
    const states = [...letters].map((letter) => ' FADT'.indexOf(letter)).join('');
    expect(intelligentMailStates('0123456709498765432101234567891')).toBe(states);
  });

  it('has the bars that another encoder gives it', () => {
    const digits = fc.stringMatching(/^\d[0-4]\d{18}(?:|\d{5}|\d{9}|\d{11})$/);
    fc.assert(
      fc.property(digits, (data) => {
        expect(intelligentMailStates(data)).toBe(statesByOracle('onecode', data));
      }),
      { numRuns: 300 },
    );
  });
});
