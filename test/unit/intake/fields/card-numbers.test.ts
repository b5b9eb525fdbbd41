import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cutCardNumbers } from '../../../../src/intake/fields/card-numbers.ts';
import { around, written } from './card-numbers.fixtures.ts';

describe('the card-number guard', () => {
  it('cuts a card number to its last four digits, however it is written and whatever stands around it', () => {
    fc.assert(
      fc.property(written, around, fc.constantFrom('', 'カード:', '(', ' 備考 '), ({ digits, text }, after, before) => {
        const cut = cutCardNumbers(`${before}${text}${after}`);
        expect(cut).toContain(`****${digits.slice(-4)}`);
        expect(cut?.normalize('NFKC').replace(/\D/g, '')).not.toContain(digits);
      }),
    );
  });

  it.each([
    '',
    '090-1234-5678',
    '2017-06-02 10:00',
    '1050014',
    '4111 2222',
    '12345678901234567890123',
    'TEL 03-1234-5678 FAX 03-1234-5679',
  ])('leaves %j alone', (text) => {
    expect(cutCardNumbers(text)).toBeNull();
  });
});
