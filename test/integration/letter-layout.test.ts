import { PDFiumLibrary } from '@hyzyla/pdfium';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openPostalData } from '../../src/intake/fields/postal-data.ts';
import { barcodeFor } from '../../src/rendering/barcode/barcode-for.ts';
import { prepareLetter } from '../../src/rendering/letter.ts';
import { makeLetterPress } from '../../src/rendering/letter-press.ts';
import type { EnvelopeProfile } from '../../src/rendering/letter-profiles/envelope-profile.ts';
import { shippedProfile, shippedProfiles } from '../../src/rendering/letter-profiles/shipped-profiles.ts';
import { loadTemplates } from '../../src/rendering/load-templates.ts';
import type { NoticeLocale, RenderPerson } from '../../src/rendering/types.ts';
import { person, templateOf, templatesDir, timeZone } from '../unit/rendering/rendering.fixtures.ts';

const SCALE = 2;
const PX_PER_MM = (SCALE * 72) / 25.4;
const postal = openPostalData(null);
const templates = await loadTemplates(templatesDir, (who, maxWidthMm) =>
  barcodeFor({ person: who, postal: postal(), maxWidthMm }),
);
const press = makeLetterPress({ threads: 1 });
let pdfium: PDFiumLibrary;

beforeAll(async () => {
  pdfium = await PDFiumLibrary.init();
});
afterAll(async () => {
  await press.close();
  pdfium.destroy();
});

const prepare = (envelope: EnvelopeProfile, locale: NoticeLocale) => {
  const template = templateOf(templates, 'apology', locale);
  return prepareLetter({ template, locale, facts: template.sampleFacts, timeZone, envelope });
};

/** Whether there is ink at a place of the first page, mm. */
async function inkOf(pdf: Uint8Array): Promise<(xMm: number, yMm: number) => boolean> {
  const document = await pdfium.loadDocument(pdf);
  const { width, data } = await document.getPage(0).render({ scale: SCALE, render: 'bitmap' });
  document.destroy();
  return (xMm, yMm) => {
    const at = (Math.floor(yMm * PX_PER_MM) * width + Math.floor(xMm * PX_PER_MM)) * 4;
    return (data[at] ?? 255) < 200 || (data[at + 1] ?? 255) < 200 || (data[at + 2] ?? 255) < 200;
  };
}

const inland = person({ postalCode: '2630023', addressLines: ['千葉市稲毛区緑町3丁目30-8', '郵便ビル403号'] });

function addressedFrom({ postedIn }: EnvelopeProfile): RenderPerson {
  if (postedIn === 'JP') return inland;
  const abroad = { name: 'Jane Sample', postalCode: '10115', addressLines: ['1 Example Street', 'Exampletown'] };
  return person({ ...abroad, country: postedIn, company: 'Sample Inc.' });
}

describe('what is printed for an envelope', () => {
  it.each(shippedProfiles.map((profile) => [profile.id, profile] as const))(
    'has ink in the window of %s only where it always shows, and in the address itself',
    async (_, envelope) => {
      const prepared = prepare(envelope, envelope.postedIn === 'JP' ? 'ja' : 'en');
      const { pdf } = await press.typeset({ prepared, persons: [addressedFrom(envelope)] });
      const ink = await inkOf(pdf);
      const { visibleZone: visible, privacyZone: hidden } = prepared.profile;
      let [inside, outside] = [0, 0];
      for (let x = hidden.x; x < hidden.x + hidden.width; x += 0.25) {
        for (let y = hidden.y; y < hidden.y + hidden.height; y += 0.25) {
          const isVisible =
            x >= visible.x && x <= visible.x + visible.width && y >= visible.y && y <= visible.y + visible.height;
          if (ink(x, y)) isVisible ? inside++ : outside++;
        }
      }
      // A fold mark may stand at the lower edge of the first panel: nobody's secret.
      expect(outside).toBe(0);
      expect(inside).toBeGreaterThan(200);
    },
  );

  it('carries the barcode below the name, with 2 mm of nothing all round', async () => {
    const prepared = prepare(shippedProfile('a4-naga3-90x45') as EnvelopeProfile, 'ja');
    const { pdf } = await press.typeset({ prepared, persons: [inland] });
    const ink = await inkOf(pdf);
    const rows = (from: number, to: number) => {
      let found = 0;
      for (let y = from; y < to; y += 0.1) for (let x = 21; x < 86; x += 0.1) if (ink(x, y)) found++;
      return found;
    };
    const barcode = prepared.barcode(inland, 61);
    if ('none' in barcode) throw new Error(barcode.none);
    // 9 points, four lines: the type ends at 13 + 4.6 × 9 pt.
    const top = 13 + 4.6 * 9 * (25.4 / 72) + 2;
    expect(rows(top + 0.1, top + barcode.height)).toBeGreaterThan(1000);
    expect(rows(top - 1.8, top - 0.1)).toBe(0);
    expect(rows(top + barcode.height + 0.3, 36)).toBe(0);
  });

  it('is dated by era where the template says so, else as everybody counts', async () => {
    const shared = prepare(shippedProfile('a4-naga3-90x45') as EnvelopeProfile, 'ja');
    const source = shared.files['/letter.typ']?.replace('#sender(', '#sender(date: view.documentDateEra, ') ?? '';
    const byEra = { ...shared, sha256: 'by era', files: { ...shared.files, '/letter.typ': source } };
    const textOf = async (prepared: typeof shared) => {
      const document = await pdfium.loadDocument((await press.typeset({ prepared, persons: [inland] })).pdf);
      const text = document.getPage(0).getText().replace(/\s/gu, '');
      document.destroy();
      return text;
    };
    expect(await textOf(byEra)).toContain('平成29年7月25日');
    expect(await textOf(shared)).toContain('2017年7月25日');
    expect(await textOf(shared)).not.toContain('平成');
  });

  it('carries a mark for the inserter on fronts, where the profile wants it', async () => {
    const naga3 = shippedProfile('a4-naga3-90x45') as EnvelopeProfile;
    const at = async (inserterMark: { x: number; y: number } | null) => {
      const { pdf } = await press.typeset({ prepared: prepare({ ...naga3, inserterMark }, 'ja'), persons: [inland] });
      const ink = await inkOf(pdf);
      let found = 0;
      for (let x = 8; x < 18; x += 0.2) for (let y = 240; y < 250; y += 0.2) if (ink(x, y)) found++;
      return found;
    };
    expect(await at({ x: 8, y: 240 })).toBeGreaterThan(500);
    expect(await at(null)).toBe(0);
  });
});
