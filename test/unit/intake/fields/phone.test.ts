import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { joinParts, readPhoneCell } from '../../../../src/intake/fields/phone.ts';
import { written } from './card-numbers.fixtures.ts';

const plain = (phone: string) => ({ phone, padded: false });

describe('reading a telephone number', () => {
  it.each([
    ['00-0000-0000', '00-0000-0000'],
    ['０９０－１２３４－５６７８', '090-1234-5678'],
    ['090ー1234ー5678', '090-1234-5678'],
    ['(03)1234-5678', '(03)1234-5678'],
    ['03-1234-5678 内線 12', '03-1234-5678'],
    ['TEL: 03-1234-5678 FAX: 03-1234-5679', '03-1234-5678'],
    ['03-1234-5678 / 090-1234-5678', '03-1234-5678'],
    ['03-1234-5678\n090-1234-5678', '03-1234-5678'],
    ['0120-123-456', '0120-123-456'],
    ['0800-123-4567', '0800-123-4567'],
    ['+81 90-1234-5678', '+81 90-1234-5678'],
    ['+81 (0)90-1234-5678', '+81 (0)90-1234-5678'],
    ['819012345678', '+819012345678'],
    ['010-1-212-555-0100', '+12125550100'],
    ['+1 212 555 0100', '+1 212 555 0100'],
  ])('reads %j in Japan', (cell, phone) => {
    expect(readPhoneCell(cell, 'JP')).toEqual(plain(phone));
  });

  it('puts back the zero that a spreadsheet dropped', () => {
    expect(readPhoneCell('9012345678', 'JP')).toEqual({ phone: '09012345678', padded: true });
    expect(readPhoneCell('9012345678.0', 'JP')).toEqual({ phone: '09012345678', padded: true });
    expect(readPhoneCell('3-1234-5678', 'JP')).toEqual({ phone: '03-1234-5678', padded: true });
  });

  it.each(['12345', '090-1234-56789', '0312345678901', 'ask him', '+81 1', '1'.repeat(300)])(
    'does not read %j in Japan',
    (cell) => {
      expect(readPhoneCell(cell, 'JP')).toBeNull();
    },
  );

  it('reads loosely what is written abroad', () => {
    for (const phone of ['(212) 555-0100', '22 33 44 55', '+49 30 123456']) {
      expect(readPhoneCell(phone, 'US')).toEqual(plain(phone));
    }
    expect(readPhoneCell('212-555-0100 ext. 12', 'US')).toEqual(plain('212-555-0100'));
    expect(readPhoneCell('123', 'US')).toBeNull();
    expect(readPhoneCell('なし', 'US')).toBe('nothing');
  });

  it('joins three parts and puts back the zeros of each', () => {
    expect(joinParts(['090', '1234', '5678'])).toEqual({ text: '090-1234-5678', padded: false });
    expect(joinParts(['0120', '123', '456'])).toEqual({ text: '0120-123-456', padded: false });
    expect(joinParts(['3', '1234', '5678'])).toEqual({ text: '03-1234-5678', padded: true });
    expect(joinParts(['90', '123', '4'])).toEqual({ text: '090-0123-0004', padded: true });
    expect(joinParts(['0312345678', '', '09012345678'])).toEqual({ text: '0312345678', padded: false });
  });

  it('takes no card number for a telephone number', () => {
    fc.assert(
      fc.property(written, ({ digits }) => {
        const read = readPhoneCell(digits.match(/.{1,4}/g)?.join('-----') ?? '', 'US');
        expect(read).toBeNull();
      }),
    );
  });
});
