import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openPostalData } from '../../src/intake/fields/postal-data.ts';
import { barcodeFor } from '../../src/rendering/barcode/barcode-for.ts';
import { prepareLetter } from '../../src/rendering/letter.ts';
import { makeLetterPress } from '../../src/rendering/letter-press.ts';
import { defaultProfile, shippedProfiles } from '../../src/rendering/letter-profiles/shipped-profiles.ts';
import { loadTemplates } from '../../src/rendering/load-templates.ts';
import type { LetterCheck } from '../../src/rendering/types.ts';
import { changePdf, draw, pageObjects } from '../support/change-pdf.ts';
import { checkFile, codes, LETTERS, layouts, persons, printLetters, SIDES } from '../support/printed-letters.ts';
import { everyTemplate, person, templateOf, templatesDir, timeZone } from '../unit/rendering/rendering.fixtures.ts';

const postal = openPostalData(null);
const templates = await loadTemplates(templatesDir, (who, maxWidthMm) =>
  barcodeFor({ person: who, postal: postal(), maxWidthMm }),
);
const template = templateOf(templates, 'apology', 'ja');
const prepared = prepareLetter({ template, locale: 'ja', facts: template.sampleFacts, timeZone });
const press = makeLetterPress({ threads: 1 });
afterAll(() => press.close());

let letters: Awaited<ReturnType<typeof printLetters>>;
beforeAll(async () => {
  letters = await printLetters(press, prepared);
});
const at: typeof letters.at = (letter, page) => letters.at(letter, page);
const check: typeof letters.check = (changed) => letters.check(changed);
const onPage: typeof letters.onPage = (page, change) => letters.onPage(page, change);
const expectOnly: typeof letters.expectOnly = (changed, found) => letters.expectOnly(changed, found);

describe('the check of printed letters', () => {
  it('finds nothing wrong with letters as the press makes them, and looks at one in a hundred', async () => {
    const { checks } = await press.typeset({ prepared, persons, check: true });
    expect(codes(checks)).toEqual([[], [], [], []]);
    expect(layouts(prepared, persons).map(({ barcode }) => barcode?.kind)).toEqual(Array(LETTERS).fill('customer'));
    expect(checks.map(({ picture }) => picture?.page ?? null)).toEqual([1, null, null, null]);
    expect(codes(await check(changePdf(letters.pdf, (object) => object)))).toEqual([[], [], [], []]);
  });

  it.each(everyTemplate(templates))('passes %s in %s in every envelope', async (_, locale, each) => {
    for (const envelope of shippedProfiles) {
      const shared = prepareLetter({ template: each, locale, facts: each.sampleFacts, timeZone, envelope });
      // Two lines and a postal code: the windows of some envelopes hold no more.
      const short = ['1', '2'].map((number) =>
        person({
          reference: `10000000${number}`,
          postalCode: '1000013',
          addressLines: [`東京都千代田区霞が関${number}`],
        }),
      );
      const { checks } = await press.typeset({ prepared: shared, persons: short, check: true });
      expect(codes(checks), envelope.id).toEqual([[], []]);
    }
  });

  it.each([
    '𠮷﨑 髙子',
    '𣘺本 葛\u{E0100}城',
    'か\u3099ぎ　やま',
    'José Müller-Ångström',
    'ｶﾅ ﾊﾝｶｸ ﾊﾞﾊﾟ',
    '見本〜～―－ー‐-',
    'fi fl ffi 1/2',
    '神戸 彦',
    'ＡＢＣ①Ⅳ㈱',
    '⼀⼆ 一二',
    'A\u00a0B  C',
    'µμ ΩΩ Åå ’',
  ])('reads the name %s as it was printed', async (name) => {
    const { checks } = await press.typeset({ prepared, persons: [person({ name }), ...persons], check: true });
    expect(codes(checks)).toEqual([[], [], [], [], []]);
  });

  it('finds an address that has moved by 5 mm', async () => {
    const shifted = onPage(1, (content) =>
      content.replace(/1 0 0 1 62\.36 (7[3-9]\d[.\d]*) Tm/g, '1 0 0 1 48.19 $1 Tm'),
    );
    await expectOnly(shifted, ['address_not_visible', 'own_misplaced', 'picture_in_window']);
  });

  it('finds two letters with each other’s page, and a page in another’s place', async () => {
    const [one, two] = [at(1, 1), at(2, 1)];
    const swap = (a: number, b: number) =>
      changePdf(letters.pdf, (object) => {
        if (!object.includes('/Type/Pages')) return object;
        return object.replace(/(?<=[[ ])(\d+)(?= 0 R[ \]])/g, (n) =>
          n === `${a}` ? `${b}` : n === `${b}` ? `${a}` : n,
        );
      });
    const [first, second, third, fourth] = codes(await check(swap(one.page, two.page)));
    expect([first, fourth]).toEqual([[], []]);
    for (const swapped of [second, third]) {
      expect(swapped).toEqual(expect.arrayContaining(['address_differs', 'barcode_differs', 'other_reference']));
    }
    const turned = codes(await check(swap(at(2, 2).page, at(2, 3).page)));
    expect(turned).toEqual([[], [], ['body_differs', 'reference_missing', 'text_unexpected'], []]);
  });

  it('finds a page left out, and one too many', async () => {
    const without = changePdf(letters.pdf, (object) =>
      object.includes('/Type/Pages') ? object.replace(` ${at(2, 2).page} 0 R`, '') : object,
    );
    const [first, second, third, fourth] = codes(await check(without));
    expect([first, second]).toEqual([[], []]);
    expect(third).toContain('reference_missing');
    expect(fourth).toContain('page_missing');
    const more = changePdf(letters.pdf, (object) =>
      object.includes('/Type/Pages') ? object.replace(/\]>>/, ` ${at(0, 4).page} 0 R]>>`) : object,
    );
    expect(codes(await check(more))[3]).toEqual(['page_unplanned']);
  });

  it('finds a font that is not in the file, wherever it is used', async () => {
    const embedded = (object: string) => object.includes('/FontFile2');
    const personal = changePdf(letters.pdf, (object) =>
      embedded(object) && object.includes('NotoSansJP-Regular') ? object.replace('/FontFile2', '/FontFileX') : object,
    );
    for (const found of codes(await check(personal))) expect(found).toContain('font_missing');
    const shared = changePdf(letters.pdf, (object) =>
      embedded(object) && object.includes('NotoSerifJP-Regular') ? object.replace('/FontFile2', '/FontFileX') : object,
    );
    for (const found of codes(await check(shared))) expect(found).toContain('font_missing');
  });

  it('finds a bar missing, a bar too many, and a bar of another height', async () => {
    const bar = /\n(\d+) (\d+) (\d+) (\d+) re(?=\n)/;
    await expectOnly(
      onPage(1, (content) => content.replace(bar, '')),
      ['barcode_differs'],
    );
    await expectOnly(
      onPage(1, (content) => draw(content, '200 745 1 1 re f')),
      ['barcode_crowded', 'barcode_differs'],
    );
    // A quarter of a millimetre shorter: no state that there is.
    const shorter = onPage(1, (content) =>
      content.replace(bar, (_, x, y, width, height) => `\n${x} ${Number(y) + 25} ${width} ${Number(height) - 25} re`),
    );
    expect(codes(await check(shorter))[2]).toEqual(['barcode_differs']);
  });

  it('makes a picture of each letter that fails, however many they are', async () => {
    const many = Array.from({ length: 25 }, (_, i) => person({ reference: `${20_000_000 + i}X` }));
    const shared = await press.typeset({ prepared, persons: many });
    const wrong = changePdf(shared.pdf, (object) =>
      object.includes('/Subtype/Form') ? draw(object, 'q 30 780 5 5 re f Q') : object,
    );
    const checks = await checkFile(prepared, many, wrong);
    expect(checks.every(({ picture }) => picture !== null)).toBe(true);
  });

  it('finds a mark for the inserter that is not that of the letter and page, or damaged', async () => {
    const envelope = { ...defaultProfile('ja'), inserterMark: { x: 192, y: 255 } };
    const shared = prepareLetter({ template, locale: 'ja', facts: template.sampleFacts, timeZone, envelope });
    const { pdf: marked, checks } = await press.typeset({ prepared: shared, persons, check: true });
    expect(codes(checks)).toEqual([[], [], [], []]);
    const kids = pageObjects(marked);
    const drawnOn = (letter: number, page: number) => kids[letter * SIDES + page - 1]?.content;
    const markOf = (content: string) =>
      content.slice(content.lastIndexOf('q 0.028'), content.lastIndexOf('\nendstream'));
    const contents = new Map<number, string>();
    const on = async (page: number, change: (content: string) => string) => {
      const changed = changePdf(marked, (object, number) => {
        contents.set(number, object);
        return number === drawnOn(2, page) ? change(object) : object;
      });
      return codes(await checkFile(shared, persons, changed));
    };
    expect(await on(3, (content) => content)).toEqual([[], [], [], []]);
    const theirs = markOf(contents.get(drawnOn(1, 3) ?? 0) ?? '');
    const wrong = [
      await on(3, (content) => content.replace(markOf(content), theirs)),
      await on(3, (content) => content.replace(markOf(content), '')),
      await on(3, (content) => content.replace(/\n\d+ \d+ \d+ \d+ re(?=\nf Q\n*endstream)/, '')),
      await on(1, (content) =>
        content.replace(
          /(\n\d+ \d+ \d+) (\d+) re(?=\nf Q\n*endstream)/,
          (_, head, h) => `${head} ${Number(h) + 10} re`,
        ),
      ),
    ];
    for (const found of wrong) expect(found).toEqual([[], [], ['mark_differs'], []]);
  });

  it('finds ink in the window, at the edge, and on a blank side', async () => {
    await expectOnly(
      onPage(1, (content) => draw(content, '100 700 m 200 700 l S')),
      ['ink_in_window', 'picture_in_window'],
    );
    await expectOnly(
      onPage(2, (content) => draw(content, '3 3 10 10 re f')),
      ['ink_at_edge', 'mark_differs', 'picture_at_edge'],
    );
    // There is one blank side, and all letters have it.
    const blank = onPage(4, (content) => draw(content, '300 300 10 10 re f'));
    expect(codes(await check(blank))).toEqual(Array(LETTERS).fill(['blank_side_printed']));
  });

  it('finds what belongs to somebody else, and what is missing of one’s own', async () => {
    const contents = new Map<number, string>();
    changePdf(letters.pdf, (object, number) => {
      contents.set(number, object);
      return object;
    });
    const theirs = contents.get(at(1, 1).content) ?? '';
    const runs = [...theirs.matchAll(/\/f\d ([\d.]+) Tf\n1 0 0 1 ([\d.]+) ([\d.]+) Tm(\(.*?[^\\]\))Tj/gs)];
    const run = (size: string, lower: number): string => {
      const [whole = '', , , y] = runs.find(([, each]) => each === size) ?? [];
      return `BT\n${whole.replace(` ${y} Tm`, ` ${Number(y) - lower} Tm`)}\nET`;
    };
    await expectOnly(
      onPage(1, (content) => draw(content, run('10.5', 400))),
      ['text_unexpected'],
    );
    await expectOnly(
      onPage(1, (content) => draw(content, run('13', 300))),
      ['other_reference', 'text_unexpected'],
    );
    const foot = /\/f\d 10 Tf\n.*(?=ET\n)/s;
    await expectOnly(
      onPage(2, (content) => content.replace(foot, '')),
      ['reference_missing', 'text_unexpected'],
    );
  });

  it('finds the box that stands for a character which the font lacks', async () => {
    const box = 'q BT /f0 10 Tf 1 0 0 1 300 300 Tm <0000> Tj ET Q';
    const { findings } = (await check(onPage(1, (content) => draw(content, box))))[2] as LetterCheck;
    expect(findings.map(({ code }) => code)).toContain('glyph_missing');
  });

  it('finds a page of another size', async () => {
    const { page } = at(2, 1);
    const letterSize = changePdf(letters.pdf, (object, number) =>
      number === page ? object.replace('/Parent', '/MediaBox[0 0 612 792]/Parent') : object,
    );
    expect(codes(await check(letterSize))[2]).toContain('page_size');
  });

  it('finds the shared pages wrong for everybody at once', async () => {
    const body = changePdf(letters.pdf, (object) =>
      object.includes('/Subtype/Form') ? draw(object, 'q 30 780 5 5 re f Q') : object,
    );
    for (const found of codes(await check(body))) expect(found).toEqual(expect.arrayContaining(['body_in_window']));
  });

  it('never passes what it cannot read, and says why', async () => {
    const odd = await expectOnly(
      onPage(2, (content) => draw(content, '/s0 sh')),
      ['unreadable'],
    );
    expect(odd.findings[0]).toEqual({ code: 'unreadable', page: 2, detail: 'the operator sh' });
    for (const broken of [
      letters.pdf.subarray(0, letters.pdf.length - 500),
      new Uint8Array(0),
      Buffer.from('%PDF-1.7 …'),
    ]) {
      expect(codes(await check(broken))).toEqual(Array(LETTERS).fill(['unreadable']));
    }
  });
});
