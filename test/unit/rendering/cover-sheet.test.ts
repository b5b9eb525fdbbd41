import { describe, expect, it } from 'vitest';
import { type CoverSheet, coverSheet, prefixRuns } from '../../../src/rendering/cover-sheet.ts';
import type { EnvelopeProfile } from '../../../src/rendering/letter-profiles/envelope-profile.ts';
import { shippedProfile } from '../../../src/rendering/letter-profiles/shipped-profiles.ts';
import { loadTemplates } from '../../../src/rendering/load-templates.ts';
import type { NoticeLocale } from '../../../src/rendering/types.ts';
import { templateOf, templatesDir } from './rendering.fixtures.ts';

const { letterParts, sampleFacts } = templateOf(await loadTemplates(templatesDir), 'apology', 'ja');
const sheet: CoverSheet = {
  ...{ organisation: sampleFacts.organisation, contact: sampleFacts.contact, noticeId: '42', batchNumber: 3 },
  ...{ closedOn: '2026-11-24', letterLocale: 'ja', country: 'JP', letters: 3, barcodes: 3, pages: 6 },
  ...{ sheetsPerLetter: 1, gramsPerLetter: 12, prefixes: [], files: [] },
  envelope: shippedProfile('a4-naga3-90x45') as EnvelopeProfile,
};
const dataOf = (locale: NoticeLocale, changes: Partial<CoverSheet> = {}) =>
  JSON.parse(coverSheet(letterParts, locale, { ...sheet, ...changes }).files['/sheet.json'] as string);

describe('the cover sheet', () => {
  it('names language and country in its own language, and is without a country for letters to nowhere known', () => {
    expect(dataOf('ja')).toMatchObject({ language: '日本語', countryName: '日本' });
    expect(dataOf('en')).toMatchObject({ language: 'Japanese', countryName: 'Japan' });
    expect(dataOf('ja', { country: '' }).countryName).toBe('');
  });

  it.each([
    ['a4-naga3-90x45', 'JP', false],
    ['a4-kaku2-105x60', 'JP', true],
    ['a4-c5-90x45', 'JP', true],
    ['a4-kaku2-105x60', 'US', false],
  ])('says of %s to %s that barcodes bring no discount: %s', (id, country, without) => {
    const envelope = shippedProfile(id) as EnvelopeProfile;
    expect(dataOf('ja', { envelope, country }).withoutDiscount).toBe(without);
  });
});

describe('prefixRuns', () => {
  it('counts letters by the first three digits and says where in the batch they are', () => {
    expect(prefixRuns(['1000001', '100-0002', '1010001', null, null])).toEqual([
      { prefix: '100', letters: 2, first: 1, last: 2 },
      { prefix: '101', letters: 1, first: 3, last: 3 },
      { prefix: '', letters: 2, first: 4, last: 5 },
    ]);
  });

  it('never calls letters a bundle that others stand between', () => {
    expect(prefixRuns(['1000001', '1010001', '1000002']).map(({ first, last }) => [first, last])).toEqual([
      [1, 1],
      [2, 2],
      [3, 3],
    ]);
  });
});
