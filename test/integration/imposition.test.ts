import { afterAll, describe, expect, it } from 'vitest';
import { openPostalData } from '../../src/intake/fields/postal-data.ts';
import { barcodeFor } from '../../src/rendering/barcode/barcode-for.ts';
import { prepareLetter } from '../../src/rendering/letter.ts';
import { makeLetterPress } from '../../src/rendering/letter-press.ts';
import { loadTemplates } from '../../src/rendering/load-templates.ts';
import type { PreparedLetter, RenderPerson } from '../../src/rendering/types.ts';
import { differentDots } from '../support/compare-pages.ts';
import { person, templateOf, templatesDir, timeZone } from '../unit/rendering/rendering.fixtures.ts';

const postal = openPostalData(null);
const templates = await loadTemplates(templatesDir, (who, maxWidthMm) =>
  barcodeFor({ person: who, postal: postal(), maxWidthMm }),
);
const template = templateOf(templates, 'apology', 'ja');
const prepared = prepareLetter({ template, locale: 'ja', facts: template.sampleFacts, timeZone });
const press = makeLetterPress({ threads: 1 });
afterAll(() => press.close());

const numbered = (i: number, given: Partial<RenderPerson> = {}): RenderPerson =>
  person({ reference: `${10_000_000 + i}X`, ...given });

describe('a letter that is put together from the shared pages and the type case', () => {
  it.each([
    '辻\u{E0100}本 葛\u{E0100}城',
    '𠮷﨑 髙子',
    'か\u309aき\u309a',
    'Jan Nov\u0061\u0301k (x\\y)',
    '⼀⼆ 一二',
    'fi ffl AVATAR To',
    '（株）見本 別館（南）〈二〉',
    '見本「（太郎）」',
    'Ngaṃbẹ Ọlá ḿpụ',
    'Łukasz Dvořák-Şahin Ğőű',
    'Владимир Ћирић Ελένη',
  ])('shows the name %s as the typesetter does', async (name) => {
    const who = person({ name, postalCode: '1000013', addressLines: ['東京都千代田区霞が関1丁目3番2号'] });
    const [{ pdf, checks }, archived] = [
      await press.typeset({ prepared, persons: [who], check: true }),
      await press.archive({ prepared, person: who, sequence: 1 }),
    ];
    expect(checks[0]?.findings).toEqual([]);
    expect(await differentDots(pdf, archived, 1)).toBe(0);
  });

  it('can show every character that the font has', async () => {
    const { advances } = prepared.fonts.sans;
    const printable = [...advances.keys()].filter(
      (point) => advances[point] !== 0 && !/[\s\p{M}]/u.test(String.fromCodePoint(point)),
    );
    expect(printable.length).toBeGreaterThan(15_000);
    const PER_NAME = 12;
    const persons = Array.from({ length: Math.ceil(printable.length / PER_NAME) }, (_, i) =>
      numbered(i, { name: String.fromCodePoint(...printable.slice(i * PER_NAME, (i + 1) * PER_NAME)) }),
    );
    const failed: string[] = [];
    for (let at = 0; at < persons.length; at += 500) {
      const batch = persons.slice(at, at + 500);
      const { checks } = await press.typeset({ prepared, persons: batch, check: true });
      checks.forEach(({ findings }, i) => {
        if (findings.length > 0) failed.push(`${JSON.stringify(batch[i]?.name)} ${JSON.stringify(findings)}`);
      });
    }
    expect(failed).toEqual([]);
  });

  it('takes less than 2 KB of the file, with its barcode', async () => {
    const size = async (count: number) => {
      const persons = Array.from({ length: count }, (_, i) =>
        numbered(i, { postalCode: '1000013', addressLines: [`東京都千代田区霞が関1丁目3番${i}号`] }),
      );
      return (await press.typeset({ prepared, persons })).pdf.length;
    };
    expect(((await size(400)) - (await size(100))) / 300).toBeLessThan(1500);
  });

  it('is never printed with one character set as another', async () => {
    const spoiled: PreparedLetter = {
      ...prepared,
      sha256: 'spoiled',
      files: {
        ...prepared.files,
        '/type-case.typ': (prepared.files['/type-case.typ'] ?? '').replace(
          'entry.cluster)',
          'if entry.cluster == "髙" { "高" } else { entry.cluster })',
        ),
      },
    };
    const persons = [person({ name: '髙橋' })];
    await expect(press.typeset({ prepared: spoiled, persons })).rejects.toMatchObject({
      ...{ code: 'render_failed', message: expect.stringContaining('set as another') },
    });
    expect((await press.typeset({ prepared, persons })).letters).toHaveLength(1);
  });
});
