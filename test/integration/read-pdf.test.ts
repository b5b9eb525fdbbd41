import { PDFiumLibrary } from '@hyzyla/pdfium';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { prepareLetter } from '../../src/rendering/letter.ts';
import { makeLetterPress } from '../../src/rendering/letter-press.ts';
import { loadTemplates } from '../../src/rendering/load-templates.ts';
import { type Box, type Ink, inkBoxes } from '../../src/rendering/pdf/ink.ts';
import { readPages } from '../../src/rendering/pdf/read-pages.ts';
import { everyTemplate, person, templatesDir, timeZone } from '../unit/rendering/rendering.fixtures.ts';

const templates = await loadTemplates(templatesDir);
const press = makeLetterPress({ threads: 1 });
let pdfium: PDFiumLibrary;
beforeAll(async () => {
  pdfium = await PDFiumLibrary.init();
});
afterAll(async () => {
  await press.close();
  pdfium.destroy();
});

const SCALE = 2;
const MM_PER_PIXEL = 25.4 / 72 / SCALE;
/** PDFium draws strokes thinner than a pixel as one. */
const SLIP_MM = 2 * MM_PER_PIXEL;
const whole = (ink: Ink): Ink[] => [ink, ...ink.forms.flatMap((form) => whole(form.ink))];
/** Characters in any order: PDFium tells them in the order of reading, we in that of printing. */
const characters = (text: string): string => [...text.replace(/\s|\u00ad|\ufffe/gu, '')].sort().join('');

/** What PDFium sees of each page: its characters, and where its picture is dark. */
async function seenPages(pdf: Uint8Array) {
  const document = await pdfium.loadDocument(pdf);
  const pages = [];
  for (const page of document.pages()) {
    // Before the picture: drawing a page closes it.
    const text = page.getText();
    const { width, data } = await page.render({ scale: SCALE, colorSpace: 'Gray' });
    const dark: [x: number, y: number][] = [];
    // Every tenth is plenty for a comparison.
    data.forEach((grey, i) => {
      if (grey < 100 && i % 10 === 0) dark.push([(i % width) + 0.5, Math.floor(i / width) + 0.5]);
    });
    const places = dark.map(([x, y]) => ({ x: x * MM_PER_PIXEL, y: y * MM_PER_PIXEL }));
    pages.push({ text, places, darkAt: darkness(data, width) });
  }
  document.destroy();
  return pages;
}

const darkness = (data: Uint8Array, width: number) => (box: Box) => {
  // A stroke thinner than a pixel may be drawn in the one beside.
  const [left, top] = [Math.floor(box.x / MM_PER_PIXEL) - 1, Math.floor(box.y / MM_PER_PIXEL) - 1];
  const [right, bottom] = [(box.x + box.width) / MM_PER_PIXEL, (box.y + box.height) / MM_PER_PIXEL + 1];
  for (let y = top; y <= bottom; y++) {
    for (let x = left; x <= right; x++) if ((data[y * width + x] ?? 255) < 250) return true;
  }
  return false;
};

describe('our reader of PDFs, beside PDFium', () => {
  it.each(everyTemplate(templates))(
    'reads the same in %s in %s, and sees ink where there is ink',
    async (_, locale, each) => {
      const prepared = prepareLetter({ template: each, locale, facts: each.sampleFacts, timeZone });
      const { pdf } = await press.typeset({ prepared, persons: [person(), person({ name: 'Jane Ångström' })] });
      const pages = readPages(pdf);
      const seen = await seenPages(pdf);
      expect(pages.count).toBe(seen.length);
      for (const [i, { text, places, darkAt }] of seen.entries()) {
        const parts = whole(pages.read(i + 1).ink);
        const ours = parts.flatMap(({ texts }) => texts.map((run) => run.text)).join('');
        expect(characters(ours)).toBe(characters(text));
        const boxes = parts.flatMap(inkBoxes);
        const isIn = ({ x, y }: { x: number; y: number }, box: Box) =>
          x > box.x - SLIP_MM &&
          x < box.x + box.width + SLIP_MM &&
          y > box.y - SLIP_MM &&
          y < box.y + box.height + SLIP_MM;
        expect(places.filter((place) => !boxes.some((box) => isIn(place, box)))).toEqual([]);
        expect(boxes.filter((box) => !darkAt(box))).toEqual([]);
        for (const { texts } of parts) for (const { font } of texts) expect(font.embedded).toBe(true);
      }
    },
  );
});
