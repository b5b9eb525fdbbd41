import { describe, expect, it } from 'vitest';
import { letterInputs, letterProblem, prepareLetter } from '../../../src/rendering/letter.ts';
import { letterProfile } from '../../../src/rendering/letter-profile.ts';
import { loadTemplates } from '../../../src/rendering/load-templates.ts';
import { everyTemplate, person, templateOf, templatesDir, timeZone } from './rendering.fixtures.ts';

const templates = await loadTemplates(templatesDir);
const template = templateOf(templates, 'apology', 'ja');
const prepared = prepareLetter({ template, locale: 'ja', facts: template.sampleFacts, timeZone });

describe('prepareLetter', () => {
  it.each(everyTemplate(templates))('prepares %s in %s to the same hash every time', (_, locale, each) => {
    const prepare = () => prepareLetter({ template: each, locale, facts: each.sampleFacts, timeZone });
    expect(prepare().sha256).toBe(prepare().sha256);
    expect(structuredClone(prepare()).sha256).toBe(prepare().sha256);
  });

  it('changes its hash with the facts', () => {
    const facts = { ...template.sampleFacts, documentDate: '2017-07-26' };
    expect(prepareLetter({ template, locale: 'ja', facts, timeZone }).sha256).not.toBe(prepared.sha256);
  });

  it('refuses facts that cannot be printed, naming the characters', () => {
    const facts = { ...template.sampleFacts, cause: '原因😀' };
    expect(() => prepareLetter({ template, locale: 'ja', facts, timeZone })).toThrow(/U\+1F600/);
  });
});

describe('letterProblem', () => {
  it('finds nothing wrong with an ordinary person', () => {
    expect(letterProblem(prepared, person())).toBeNull();
  });

  it('prints for somebody without exposures, and for the longest brand', () => {
    expect(letterProblem(prepared, person({ exposures: [] }))).toBeNull();
    const exposures = [{ kind: 'card', units: 12, brand: 'American Express Corporate', last4: '1005' }];
    expect(letterProblem(prepared, person({ exposures }))).toBeNull();
  });

  it.each(['𠮷﨑 髙子', '𣘺本', '葛\u{E0100}城', 'か\u3099ぎ', 'José Müller', '神戸'])('prints %s', (name) => {
    expect(letterProblem(prepared, person({ name }))).toBeNull();
  });

  it.each([
    ['山田😀', 'U+1F600'],
    ['\u{E123}田', 'U+E123'],
    ['辻\u{E0105}', 'U+8FBB U+E0105'],
  ])('never prints %j as a box or in another form', (name, codes) => {
    expect(letterProblem(prepared, person({ name }))).toEqual({ reason: 'missing_glyph', detail: codes });
  });

  it('misses an address that is absent or blank', () => {
    expect(letterProblem(prepared, person({ addressLines: [] }))).toMatchObject({ reason: 'no_address' });
    expect(letterProblem(prepared, person({ addressLines: ['　', ''] }))).toMatchObject({ reason: 'no_address' });
  });

  it('shrinks a long address before it gives up', () => {
    const sizeOf = (addressLines: string[]) => JSON.parse(letterInputs(prepared, person({ addressLines })))[1];
    expect(sizeOf(['東京都千代田区見本1丁目'])).toBe(10.5);
    expect(sizeOf(['東京都千代田区見本1丁目'.repeat(3), '見本ビル'])).toBe(9);
    expect(sizeOf(['東京都千代田区見本1丁目'.repeat(4), '見本ビル'])).toBe(8);
    const tooLong = letterProblem(prepared, person({ addressLines: ['東京都千代田区'.repeat(30)] }));
    expect(tooLong).toMatchObject({ reason: 'does_not_fit' });
  });

  it('says nothing personal about what is wrong', () => {
    const problem = letterProblem(prepared, person({ name: '秘密😀', addressLines: ['秘密の町'] }));
    expect(JSON.stringify(problem)).not.toMatch(/秘密/);
  });
});

describe('letterInputs', () => {
  it('is the same for the same person and differs with what is printed', () => {
    expect(letterInputs(prepared, person())).toBe(letterInputs(prepared, person()));
    for (const different of [
      { name: '見本 太郎' },
      { reference: 'ABCD2345X' },
      { addressLines: ['大阪府'] },
      { exposures: [{ kind: 'card', units: 1, brand: 'VISA', last4: '0000' }] },
    ]) {
      expect(letterInputs(prepared, person(different))).not.toBe(letterInputs(prepared, person()));
    }
  });

  it('addresses within Japan postcode first, abroad name first and country last', () => {
    const [, , inland] = JSON.parse(letterInputs(prepared, person()));
    expect(inland).toEqual(['〒100-0001', '東京都千代田区見本1丁目2番3号', '見本マンション101', '見本 花子 様']);
    const abroad = person({ country: 'US', postalCode: '98101', addressLines: ['1 Example St', 'Seattle WA'] });
    expect(JSON.parse(letterInputs(prepared, abroad))[2]).toEqual([
      '見本 花子 様',
      '1 Example St',
      'Seattle WA',
      '98101',
      'UNITED STATES',
    ]);
  });

  it('lists each card with its last four digits and counts what is beyond the room', () => {
    expect(JSON.parse(letterInputs(prepared, person()))[3]).toEqual(['VISA 下4桁 4821', 'JCB 下4桁 9073']);
    const many = Array.from({ length: 20 }, (_, i) => ({
      kind: 'card',
      units: 1,
      brand: 'VISA',
      last4: String(1000 + i),
    }));
    const listed = JSON.parse(letterInputs(prepared, person({ exposures: many })))[3];
    expect(listed).toHaveLength(10);
    expect(listed.at(-1)).toBe('ほか11件');
  });
});

describe('letterProfile', () => {
  it('keeps the address visible and everything else out of the window, wherever the sheet slides', () => {
    for (const listsExposures of [true, false]) {
      const { address, privacyZone, own, senderX, bodyY } = letterProfile(listsExposures);
      expect([address.x, address.y, address.width, address.height]).toEqual([22, 13, 63, 22]);
      expect(own.y).toBeGreaterThan(privacyZone.y + privacyZone.height);
      expect(bodyY).toBeGreaterThan(own.y);
      expect(senderX).toBeGreaterThan(privacyZone.x + privacyZone.width);
    }
  });
});
