import { createHash } from 'node:crypto';
import { PDFiumLibrary } from '@hyzyla/pdfium';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { prepareLetter } from '../../src/rendering/letter.ts';
import { makeLetterPress } from '../../src/rendering/letter-press.ts';
import { loadTemplates } from '../../src/rendering/load-templates.ts';
import type { RenderPerson } from '../../src/rendering/types.ts';
import { everyTemplate, person, templateOf, templatesDir, timeZone } from '../unit/rendering/rendering.fixtures.ts';

const templates = await loadTemplates(templatesDir);
const template = templateOf(templates, 'apology', 'ja');
const prepared = prepareLetter({ template, locale: 'ja', facts: template.sampleFacts, timeZone });
const press = makeLetterPress({ threads: 1 });
let pdfium: PDFiumLibrary;

beforeAll(async () => {
  pdfium = await PDFiumLibrary.init();
});
afterAll(async () => {
  await press.close();
  pdfium.destroy();
});

/** Text by page without white space: extraction puts spaces beside Latin characters. */
async function textByPage(pdf: Uint8Array): Promise<string[]> {
  const document = await pdfium.loadDocument(pdf);
  const pages = [...document.pages()].map((page) => page.getText().replace(/\s/gu, ''));
  document.destroy();
  return pages;
}

function persons(count: number): RenderPerson[] {
  return Array.from({ length: count }, (_, i) =>
    person({
      reference: `${String(10_000_000 + i)}X`,
      name: `見本 第${i}子`,
      addressLines: [`東京都千代田区見本${i}丁目2番3号`],
      exposures: [{ kind: 'card', units: 1, brand: 'VISA', last4: String(1000 + i) }],
    }),
  );
}

describe('the letter press', () => {
  it('prints on each letter its own name, address, reference and last four digits, and nobody else’s', async () => {
    const batch = persons(4);
    const { pdf, letters } = await press.typeset({ prepared, persons: batch });
    const pages = await textByPage(pdf);
    letters.forEach(({ firstPage, pages: count }, i) => {
      const first = pages[firstPage - 1] as string;
      const reference = `1000-000${i}-X`;
      expect(first).toContain(`東京都千代田区見本${i}丁目2番3号見本第${i}子様`);
      expect(first).toContain(`VISA下4桁100${i}`);
      expect(first).toContain('2017年7月25日');
      const own = pages.slice(firstPage - 1, firstPage - 1 + count).filter((text) => text !== '');
      for (const [n, text] of own.entries()) {
        expect(text).toContain(`お問い合わせ番号${reference}${n + 1}/${own.length}`);
        for (const other of [0, 1, 2, 3].filter((j) => j !== i)) expect(text).not.toContain(`1000-000${other}-X`);
      }
    });
  });

  it('begins each letter on a front side and accounts for every page', async () => {
    const { pdf, letters } = await press.typeset({ prepared, persons: persons(3) });
    const pages = await textByPage(pdf);
    expect(letters.every(({ firstPage }) => firstPage % 2 === 1)).toBe(true);
    expect(pages).toHaveLength(letters.reduce((sum, { pages: count }) => sum + count, 0));
    for (const { firstPage, pages: count } of letters) {
      expect(count % 2).toBe(0);
      const blank = pages.slice(firstPage - 1, firstPage - 1 + count).filter((text) => text === '');
      expect(blank.length).toBeLessThanOrEqual(1);
    }
  });

  it.each(everyTemplate(templates))('prints %s in %s whole, with nothing left over', async (_, locale, each) => {
    const shared = prepareLetter({ template: each, locale, facts: each.sampleFacts, timeZone });
    const { pdf } = await press.typeset({ prepared: shared, persons: [person({ name: 'Jane Sample' })] });
    const text = (await textByPage(pdf)).join('');
    for (const request of each.sampleFacts.requests) expect(text).toContain(request.replace(/\s/gu, ''));
    expect(text).toContain('0120-000-000');
    expect(text).not.toMatch(/\{\{|\}\}|\[\[|#[a-z]|none|undefined/);
    if (each.letterParts.listsExposures) expect(text).toContain('4821');
    else expect(text).not.toContain('4821');
  });

  it('prints the same bytes for the same people, and tells neither who nor when in the metadata', async () => {
    const [one, two] = [
      await press.typeset({ prepared, persons: persons(2) }),
      await press.typeset({ prepared, persons: persons(2) }),
    ];
    const hash = (pdf: Uint8Array) => createHash('sha256').update(pdf).digest('hex');
    expect(hash(one.pdf)).toBe(hash(two.pdf));
    expect(Buffer.from(one.pdf).toString('latin1')).not.toMatch(/CreationDate|ModDate|CreateDate|\/Author|\/Title/);
  });

  it('takes names for text, never for typesetting commands', async () => {
    const name = '#panic("x") *b* $x$ @a <b> \\';
    const { pdf } = await press.typeset({ prepared, persons: [person({ name })] });
    expect((await textByPage(pdf))[0]).toContain(name.replace(/\s/gu, ''));
  });

  it('refuses a batch with a letter that cannot be printed', async () => {
    const order = { prepared, persons: [person(), person({ name: '😀' })] };
    await expect(press.typeset(order)).rejects.toMatchObject({ code: 'missing_glyph' });
  });

  it('fails a broken template with its name and goes on with the next batch', async () => {
    const broken = { ...prepared, sha256: 'broken', files: { ...prepared.files, '/letter.typ': '#nothing-here' } };
    await expect(press.typeset({ prepared: broken, persons: [person()] })).rejects.toMatchObject({
      code: 'render_failed',
      message: expect.stringContaining('letter.typ'),
    });
    expect((await press.typeset({ prepared, persons: [person()] })).letters).toHaveLength(1);
  });

  it('typesets a batch of 500 letters in seconds', async () => {
    const started = performance.now();
    const { pdf, letters } = await press.typeset({ prepared, persons: persons(500) });
    expect(letters).toHaveLength(500);
    expect(pdf.length / 500).toBeLessThan(6_000);
    expect(performance.now() - started).toBeLessThan(10_000);
  });
});
