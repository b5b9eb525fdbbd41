import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { openPostalData } from '../../src/intake/fields/postal-data.ts';
import { barcodeFor } from '../../src/rendering/barcode/barcode-for.ts';
import { readCustomerBarcode } from '../../src/rendering/barcode/read-barcode.ts';
import { prepareLetter } from '../../src/rendering/letter.ts';
import { isLetterProblem, layOutLetter } from '../../src/rendering/letter-layout.ts';
import { makeLetterPress } from '../../src/rendering/letter-press.ts';
import { calibrationSheet } from '../../src/rendering/letter-profiles/calibration-sheet.ts';
import { profileFaults } from '../../src/rendering/letter-profiles/check-profile.ts';
import type { EnvelopeProfile } from '../../src/rendering/letter-profiles/envelope-profile.ts';
import { shippedProfile, shippedProfiles } from '../../src/rendering/letter-profiles/shipped-profiles.ts';
import { loadTemplates } from '../../src/rendering/load-templates.ts';
import { readPages } from '../../src/rendering/pdf/read-pages.ts';
import type { LetterCheck, NoticeLocale, PreparedLetter, RenderPerson } from '../../src/rendering/types.ts';
import { changePdf } from '../support/change-pdf.ts';
import { everyTemplate, person, templateOf, templatesDir, timeZone } from '../unit/rendering/rendering.fixtures.ts';

const postal = openPostalData(null);
const templates = await loadTemplates(templatesDir, (who, maxWidthMm, mailer) =>
  barcodeFor({ person: who, postal: postal(), maxWidthMm, mailer: mailer ?? null }),
);
const press = makeLetterPress({ threads: 1 });
afterAll(() => press.close());

const naga3 = shippedProfile('a4-naga3-90x45') as EnvelopeProfile;
const prepare = (envelope: EnvelopeProfile, locale: NoticeLocale, facts = {}, name = 'apology') => {
  const template = templateOf(templates, name, locale);
  return prepareLetter({ template, locale, facts: { ...template.sampleFacts, ...facts }, timeZone, envelope });
};
const codes = (checks: LetterCheck[]): string[][] =>
  checks.map(({ findings }) => [...new Set(findings.map(({ code }) => code))].sort());
const checked = async (prepared: PreparedLetter, persons: RenderPerson[]) =>
  codes((await press.typeset({ prepared, persons, check: true })).checks);

const inland = person({ postalCode: '1000013', addressLines: ['東京都千代田区霞が関1丁目3番2号'] });
/** Somebody in the country in which the letters are posted. */
const LOCAL: Record<string, Partial<RenderPerson>> = {
  JP: inland,
  GB: { name: 'Jane Sample', postalCode: 'SW1A 1AA', addressLines: ['10 Example Street', 'LONDON'] },
  DE: { name: 'Jörg Groß', honorific: 'Herr', postalCode: '10115', addressLines: ['Musterstraße 1', 'Berlin'] },
  US: { name: 'Jane Sample', postalCode: '94105-1804', addressLines: ['1 Example St', 'San Francisco CA'] },
};
const KIND: Record<string, string | undefined> = { JP: 'customer', GB: 'rm4scc', US: 'imb' };

describe('a letter to somebody in the country of its envelope', () => {
  it.each(shippedProfiles.map((profile) => [profile.id, profile] as const))(
    'passes all checks in %s, with the barcode of its post',
    async (_, shipped) => {
      const country = shipped.postedIn;
      const mailer = country === 'US' ? { mailerId: '123456', serviceType: '040' } : null;
      const prepared = prepare({ ...shipped, mailer }, country === 'JP' ? 'ja' : 'en');
      const who = person({ ...LOCAL[country], country, mailSerial: 17 });
      const layout = layOutLetter(prepared, who);
      if (isLetterProblem(layout)) throw new Error(layout.reason);
      expect(layout.barcode?.kind).toBe(KIND[country]);
      expect(await checked(prepared, [who])).toEqual([[]]);
    },
  );

  it('has bars that the post allows, as measured on paper', async () => {
    for (const envelope of [naga3, shippedProfile('a4-kaku2-105x60') as EnvelopeProfile]) {
      const prepared = prepare(envelope, 'ja');
      const { pdf } = await press.typeset({ prepared, persons: [inland] });
      const { rectangles } = readPages(pdf).read(1).ink;
      const bars = rectangles.map(({ x, y, width, height }) => ({ x, y, w: width, h: height }));
      expect(readCustomerBarcode(bars)).toEqual({
        data: '1 0 0 0 0 1 3 1 - 3 - 2 CC4 CC4 CC4 CC4 CC4 CC4 CC4 CC4 9',
        checked: true,
      });
    }
  });
});

describe('the shared text of a letter', () => {
  it.each(everyTemplate(templates))('of %s in %s is set in 10 points at least', async (name, locale) => {
    for (const returnLine of [false, true]) {
      const prepared = prepare({ ...naga3, returnLine }, locale, {}, name);
      const { pdf } = await press.typeset({ prepared, persons: [inland] });
      const sizes = new Set<number>();
      changePdf(pdf, (object) => {
        const form = object.includes('/Subtype/Form') || object.includes('/Subtype /Form');
        if (form) for (const [, size] of object.matchAll(/ ([\d.]+) Tf/g)) sizes.add(Number(size));
        return object;
      });
      expect(sizes.size).toBeGreaterThan(1);
      // The sender above the address, which is no part of the notice.
      const small = [...sizes].filter((size) => size < 10);
      expect(small.length).toBe(returnLine ? 1 : 0);
    }
  });

  const spoilt = (id: string, before: string, after: string) => {
    const prepared = prepare(naga3, 'ja');
    const source = prepared.files['/letter.typ']?.replace(before, after) ?? '';
    expect(source).not.toBe(prepared.files['/letter.typ']);
    return { ...prepared, sha256: id, files: { ...prepared.files, '/letter.typ': source } };
  };
  it.each([
    ['words in the window', '#below-panel', '#place(top, dx: 10mm, dy: 5mm)[お詫び]\n#below-panel', ['body_in_window']],
    [
      'words in the margin',
      '#below-panel',
      '#place(bottom, dx: -20mm)[端]\n#below-panel',
      ['body_at_edge', 'picture_at_edge'],
    ],
    [
      'words over the foot',
      '#below-panel',
      '#place(bottom + center, dy: 8mm)[重なる]\n#below-panel',
      ['body_over_own'],
    ],
    ['words over the person’s block', '#below-panel', '#place(top, dy: 48mm)[重なる]\n#below-panel', ['body_over_own']],
    ['no room for that block', '#below-panel', '', ['body_in_window', 'body_over_own', 'picture_in_window']],
    ['words in small print', '謹啓', '謹啓#text(size: 9pt)[小さく]', ['body_too_small']],
    ['a character that no font has', '謹啓', '謹啓😀', ['body_glyph_missing']],
  ])('is found wrong for everybody where a template has %s', async (id, before, after, found) => {
    const other = person({ reference: 'ABCD2345X' });
    expect(await checked(spoilt(id, before, after), [inland, other])).toEqual([found, found]);
  });

  it('is refused where a template turns a page', async () => {
    const turned = spoilt('a page turned', '#below-panel', '#below-panel\n#page(flipped: true)[横]\n');
    await expect(press.typeset({ prepared: turned, persons: [inland] })).rejects.toMatchObject({
      ...{ code: 'render_failed', message: 'pages of different sizes' },
    });
  });

  it('lets a long sender end above the person’s block, set closer, and finds one that cannot', async () => {
    const { organisation } = templateOf(templates, 'apology', 'ja').sampleFacts;
    const sender = (length: number) => ({
      organisation: {
        ...{ ...organisation, name: '株式会社見本総合研究開発機構ホールディングス' },
        representative: { title: '代表取締役社長兼最高経営責任者', name: '見本 一郎' },
        addressLines: Array.from({ length: 4 }, () => '東京都千代田区見本町'.repeat(10).slice(0, length)),
      },
    });
    expect(await checked(prepare(naga3, 'ja', sender(18)), [inland])).toEqual([[]]);
    expect(await checked(prepare(naga3, 'ja', sender(60)), [inland])).toEqual([['body_over_own']]);
  });
});

describe('the calibration sheet', () => {
  it('has crosses on every side of what may show, where there is room for them', async () => {
    const { letterParts } = templateOf(templates, 'apology', 'ja');
    const dl = shippedProfile('a4-dl-90x35') as EnvelopeProfile;
    const zone = prepare(dl, 'ja').profile.privacyZone;
    const { texts } = readPages(await press.typesetPages(calibrationSheet(dl, letterParts))).read(1).ink;
    const crosses = texts.flatMap(({ text, box }) => (text === '×' && box ? box : []));
    const sides = {
      left: crosses.filter(({ x, width }) => x + width < zone.x),
      right: crosses.filter(({ x }) => x > zone.x + zone.width),
      above: crosses.filter(({ y, height }) => y + height < zone.y),
      below: crosses.filter(({ y }) => y > zone.y + zone.height),
    };
    for (const [side, found] of Object.entries(sides)) expect(found.length, side).toBeGreaterThan(7);
    expect(new Set(Object.values(sides).flat()).size).toBe(crosses.length);
  });
});

describe('a profile of one’s own in which no fault is found', () => {
  const tenths = (from: number, to: number) => fc.integer({ min: from * 10, max: to * 10 }).map((mm) => mm / 10);
  const near = fc.record({
    fold: tenths(95, 145),
    play: fc.tuple(tenths(0, 30), tenths(0, 25)),
    window: fc.record({ x: tenths(0, 40), y: tenths(0, 70), width: tenths(60, 120), height: tenths(20, 60) }),
    returnLine: fc.boolean(),
    inserterMark: fc.option(fc.record({ x: tenths(0, 15), y: tenths(0, 290) })),
  });
  const profiles = near.map(({ fold, play, window, returnLine, inserterMark }): EnvelopeProfile => {
    const envelope = { width: 210 + play[0], height: Math.round((fold + play[1]) * 10) / 10, grams: 5 };
    return { ...naga3, folds: [fold, 2 * fold], envelope, window, returnLine, inserterMark };
  });

  it('prints letters that pass all checks, however odd it is', async () => {
    const good = profiles.filter((profile) => profileFaults(profile).length === 0);
    const short = person({ postalCode: '1000013', name: '見本', addressLines: ['東京都千代田区霞が関1'] });
    await fc.assert(
      fc.asyncProperty(good, async (envelope) => {
        expect(await checked(prepare(envelope, 'ja'), [short])).toEqual([[]]);
      }),
      { numRuns: 20 },
    );
  });
});
