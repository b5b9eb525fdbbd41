import { afterAll, describe, expect, it } from 'vitest';
import { openPostalData } from '../../src/intake/fields/postal-data.ts';
import { barcodeFor } from '../../src/rendering/barcode/barcode-for.ts';
import { dataMatrix } from '../../src/rendering/barcode/data-matrix.ts';
import { markText } from '../../src/rendering/barcode/inserter-mark.ts';
import { prepareLetter } from '../../src/rendering/letter.ts';
import { readInOrder } from '../../src/rendering/letter-check/printed-text.ts';
import { makeLetterPress } from '../../src/rendering/letter-press.ts';
import { defaultProfile } from '../../src/rendering/letter-profiles/shipped-profiles.ts';
import { loadTemplates } from '../../src/rendering/load-templates.ts';
import type { Ink } from '../../src/rendering/pdf/ink.ts';
import { readPages } from '../../src/rendering/pdf/read-pages.ts';
import { differentDots } from '../support/compare-pages.ts';
import { modulesOn } from '../support/mark-modules.ts';
import { everyTemplate, person, templatesDir, timeZone } from '../unit/rendering/rendering.fixtures.ts';

const postal = openPostalData(null);
const templates = await loadTemplates(templatesDir, (who, maxWidthMm) =>
  barcodeFor({ person: who, postal: postal(), maxWidthMm }),
);
const press = makeLetterPress({ threads: 1 });
afterAll(() => press.close());

const whole = (ink: Ink): Ink[] => [ink, ...ink.forms.flatMap((form) => whole(form.ink))];
const textOf = (ink: Ink): string => readInOrder(whole(ink).flatMap(({ texts }) => texts));
const countBars = (ink: Ink): number => whole(ink).flatMap(({ rectangles }) => rectangles).length;

describe('a letter for keeping', () => {
  it.each(everyTemplate(templates))(
    'says in %s in %s what the printed one says, at the same places',
    async (_, locale, each) => {
      const prepared = prepareLetter({ template: each, locale, facts: each.sampleFacts, timeZone });
      const who = person({ postalCode: '1000013', addressLines: ['東京都千代田区霞が関1丁目3番2号'] });
      const [archived, { pdf: printed }] = await Promise.all([
        press.archive({ prepared, person: who, sequence: 1 }),
        press.typeset({ prepared, persons: [who] }),
      ]);
      const text = Buffer.from(archived).toString('latin1');
      expect(text).toMatch(/<pdfaid:part>2<\/pdfaid:part>\s*<pdfaid:conformance>B</);
      const [kept, sent] = [readPages(archived), readPages(printed)];
      // The printed one has a blank last side where the pages are odd.
      expect(kept.count + (kept.count % 2)).toBe(sent.count);
      for (let page = 1; page <= kept.count; page++) {
        const [ours, theirs] = [kept.read(page).ink, sent.read(page).ink];
        expect(textOf(ours)).toEqual(textOf(theirs));
        expect(countBars(ours)).toBe(countBars(theirs));
        // English lines are set in one run here, and word by word there.
        expect(await differentDots(archived, printed, page)).toBeLessThan(10);
      }
    },
  );

  it('is the same every time', async () => {
    const [[, locale, template] = []] = everyTemplate(templates);
    if (!locale || !template) throw new Error('no template');
    const prepared = prepareLetter({ template, locale, facts: template.sampleFacts, timeZone });
    const [one, two] = [
      await press.archive({ prepared, person: person(), sequence: 1 }),
      await press.archive({ prepared, person: person(), sequence: 1 }),
    ];
    expect(Buffer.from(one).equals(Buffer.from(two))).toBe(true);
  });

  it('has the mark for the inserter that its printed page has, with its place in the batch and its generation', async () => {
    const [[, locale, template] = []] = everyTemplate(templates);
    if (!locale || !template) throw new Error('no template');
    const MARK = { x: 8, y: 150 };
    const envelope = { ...defaultProfile(locale), inserterMark: MARK };
    const prepared = prepareLetter({ template, locale, facts: template.sampleFacts, timeZone, envelope });
    const third = { ...person(), generation: 3 };
    const persons = Array.from({ length: 23 }, () => third);
    const [archived, printed] = [
      await press.archive({ prepared, person: third, sequence: 23 }),
      await press.typeset({ prepared, persons }),
    ];
    const { firstPage = 0 } = printed.letters.at(-1) ?? {};
    const last = readPages(archived).count;
    const told = { reference: third.reference, sequence: 23, page: 1, last, generation: 3 };
    const modules = modulesOn(archived, 1, MARK, 22);
    expect(modules).toEqual(dataMatrix(markText(told), 22)?.modules);
    expect(modules).toEqual(modulesOn(printed.pdf, firstPage, MARK, 22));
  });
});
