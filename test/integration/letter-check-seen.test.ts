import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openPostalData } from '../../src/intake/fields/postal-data.ts';
import { letterHash } from '../../src/notice/content-hash.ts';
import { barcodeFor } from '../../src/rendering/barcode/barcode-for.ts';
import { letterInputs, prepareLetter } from '../../src/rendering/letter.ts';
import { makeLetterPress } from '../../src/rendering/letter-press.ts';
import { shippedProfile } from '../../src/rendering/letter-profiles/shipped-profiles.ts';
import { loadTemplates } from '../../src/rendering/load-templates.ts';
import type { PreparedLetter } from '../../src/rendering/types.ts';
import { changePdf, draw } from '../support/change-pdf.ts';
import { codes, LETTERS, persons, printLetters } from '../support/printed-letters.ts';
import { person, templateOf, templatesDir, timeZone } from '../unit/rendering/rendering.fixtures.ts';

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

type Change = (content: string) => string;

/** The findings of the third letter when its first page is changed; those of the others must not be. */
async function found(change: Change): Promise<string[]> {
  const [first, second, third, fourth] = codes(await letters.check(letters.onPage(1, change)));
  expect([first, second, fourth]).toEqual([[], [], []]);
  return third as string[];
}

/** The matrix under which the barcode is drawn, of which both scales are negative or positive as they were. */
const MATRIX = /q 0\.0283465 0 0 -0\.0283465 0 841\.89 cm/;
const MM = 72 / 25.4 / 100;
/** The barcode of the page, grown by these factors about its upper left corner. */
const scaled =
  (wide: number, high: number): Change =>
  (content) => {
    const bars = [...content.matchAll(/\n(\d+) (\d+) \d+ \d+ re/g)];
    const [x, y] = [1, 2].map((at) => Math.min(...bars.map((bar) => Number(bar[at])))) as [number, number];
    const matrix = [MM * wide, 0, 0, -MM * high, x * MM * (1 - wide), 841.89 - y * MM * (1 - high)];
    return content.replace(MATRIX, `q ${matrix.map((part) => part.toFixed(7)).join(' ')} cm`);
  };
const widened =
  (hundredths: number): Change =>
  (content) =>
    content.replace(/ \d+ (\d+) re/g, ` ${hundredths} $1 re`);

/** The line of the page with this number, in the order in which they are printed. */
const line = (content: string, at: number) => {
  const all = [...content.matchAll(/1 0 0 1 ([\d.]+) ([\d.]+) Tm/g)];
  return { all: all[at]?.[0] ?? '', x: Number(all[at]?.[1]), y: Number(all[at]?.[2]) };
};
const moved =
  (at: number, x: number, y: number): Change =>
  (content) => {
    const from = line(content, at);
    return content.replace(from.all, `1 0 0 1 ${(from.x + x).toFixed(2)} ${(from.y + y).toFixed(2)} Tm`);
  };

describe('the barcode as it was printed', () => {
  it.each<[string, Change]>([
    ['too narrow together', scaled(0.8, 1)],
    ['too far apart', scaled(1.35, 1)],
    ['too low', scaled(1, 0.8)],
    ['too high', scaled(1, 1.3)],
    ['with bars too wide', widened(58)],
    ['with bars too narrow', widened(33)],
  ])('is found %s for the post', async (_, change) => {
    expect(await found(change)).toEqual(expect.arrayContaining(['barcode_size', 'own_misplaced']));
  });

  it('is found where a bar is not where it was planned, though the post could read it', async () => {
    const nudged: Change = (content) => content.replace(/\n(\d+)(?= \d+ \d+ \d+ re)/, (_, x) => `\n${Number(x) + 4}`);
    expect(await found(nudged)).toEqual(['own_misplaced']);
  });
});

describe('the person’s own text as it was printed', () => {
  it.each<[string, Change, string[]]>([
    ['half a millimetre lower', moved(1, 0, -1.4), ['own_misplaced']],
    ['smaller', (content) => content.replace(/(\/f\d) 13 Tf/, '$1 10 Tf'), ['own_misplaced']],
    ['condensed', (content) => content.replace(/BT\n/, 'BT 90 Tz\n'), ['own_misplaced']],
    ['spaced', (content) => content.replace(/BT\n/, 'BT 0.2 Tc\n'), ['own_misplaced']],
    ['raised', (content) => content.replace(/BT\n/, 'BT 1 Ts\n'), ['own_misplaced']],
    ['outlined', (content) => content.replace(/BT\n/, 'BT 2 Tr\n'), ['own_misplaced']],
    ['tilted', (content) => content.replace('1 0 0 1', '1 0.01 0 1'), ['own_misplaced']],
    [
      'as it was, but for white behind it',
      (content) => `${content.replace('Do 0 g', 'Do 1 g 0 0 1 1 re f 0 g')}`,
      ['own_hidden'],
    ],
  ])('is found %s', async (_, change, expected) => {
    expect(await found(change)).toEqual(expected);
  });

  it('is found over other text of one’s own', async () => {
    const upper = (content: string) => line(content, 1).y - line(content, 2).y;
    const over: Change = (content) => moved(2, 0, upper(content))(content);
    expect(await found(over)).toEqual(expect.arrayContaining(['own_misplaced', 'own_overlaps']));
  });

  it('is found in another order', async () => {
    const swapped: Change = (content) => {
      const [one, other] = [...content.matchAll(/1 0 0 1 [\d.]+ [\d.]+ Tm\(.*?[^\\]\)Tj\n/gs)].map(([each]) => each);
      return content.replace(`${one}${other}`, `${other}${one}`);
    };
    expect(await found(swapped)).toContain('own_misplaced');
  });

  it.each<[string, Change]>([
    ['grey', (content) => content.replace('Do 0 g', 'Do 0.3 g')],
    ['nearly white', (content) => content.replace('Do 0 g', 'Do 0.99 g')],
    ['pink', (content) => content.replace('Do 0 g', 'Do 1 0.9 0.9 rg')],
    ['without ink of any colour', (content) => content.replace('Do 0 g', 'Do 0 0 0 0 k')],
    ['grey beside black bars', (content) => content.replace(/BT\n(.*)ET\n/s, 'BT 0.5 g\n$10 g ET\n')],
    ['behind a black rectangle', (content) => draw(content, '60 640 200 30 re f')],
    ['behind a white rectangle', (content) => draw(content, 'q 1 g 40 740 300 100 re f Q')],
    ['behind a white line', (content) => draw(content, 'q 1 G 40 w 40 780 m 300 780 l S Q')],
    ['clipped away', (content) => content.replace('Do 0 g', 'Do 0 0 1 1 re W n 0 g')],
    ['under the shared page', (content) => draw(content, '/b1 Do')],
  ])('is found %s', async (_, change) => {
    expect(await found(change)).toContain('own_hidden');
  });

  it('is found with a barcode that is not black', async () => {
    expect(await found((content) => content.replace(MATRIX, (all) => all.replace('q ', 'q 0.5 g ')))).toEqual([
      'own_hidden',
    ]);
  });

  it('is not passed where it is only outlined, invisible, or a clip', async () => {
    for (const mode of [1, 3, 4, 5, 6, 7]) {
      expect(await found((content) => content.replace(/BT\n/, `BT ${mode} Tr\n`))).toEqual(['unreadable']);
    }
  });

  it('is found with a line or a shape anywhere that nobody planned', async () => {
    expect(await found((content) => draw(content, 'q 20 w 60 500 m 300 500 l S Q'))).toEqual(['ink_unexpected']);
    expect(await found((content) => draw(content, '60 300 m 90 300 l 70 320 l f'))).toEqual(['ink_unexpected']);
  });
});

describe('the shared pages as they were printed', () => {
  /** The findings that all letters have when their first shared page is changed. */
  async function foundInBody(change: Change): Promise<string[]> {
    let first = true;
    const changed = changePdf(letters.pdf, (object) => {
      if (!first || !object.includes('/Subtype/Form')) return object;
      first = false;
      return change(object);
    });
    const all = codes(await letters.check(changed));
    expect(all).toEqual(Array(LETTERS).fill(all[0]));
    return all[0] as string[];
  }
  const everywhere = '0 0 595 842 re';

  it.each<[string, Change]>([
    ['covered', (object) => draw(object, `q 1 g ${everywhere} f Q`)],
    ['covered in black', (object) => draw(object, 'q 0 g 100 200 300 20 re f Q')],
    ['clipped away', (object) => object.replace(/stream\n/, 'stream\n0 0 9 9 re W n\n')],
  ])('are found %s', async (_, change) => {
    expect(await foundInBody(change)).toContain('body_hidden');
  });

  it('are not passed with a mask, which can hide anything', async () => {
    const masked: Change = (object) =>
      draw(object, '/x gs').replace('/Resources<<', '/Resources<</ExtGState<</x<</SMask<<>>>>>>');
    expect(await foundInBody(masked)).toEqual(['unreadable']);
  });

  it('may be clipped where nothing is lost, and have white behind their text', async () => {
    const framed: Change = (object) =>
      object.replace(/stream\n/, `stream\n1 g ${everywhere} f 0 g ${everywhere} W n\n`);
    expect(await foundInBody(framed)).toEqual([]);
  });
});

describe('a template', () => {
  /** A letter from a template that is changed in one place. */
  async function withBody(place: string, replacement: string, file = '/letter.typ') {
    const envelope = shippedProfile('din-5008-b');
    const english = templateOf(templates, 'apology', 'en');
    const order = { template: english, locale: 'en' as const, facts: english.sampleFacts, timeZone };
    const shared = prepareLetter({ ...order, ...(envelope && { envelope }) });
    const source = (shared.files[file] as string).replace(place, () => replacement);
    const changed: PreparedLetter = {
      ...shared,
      sha256: replacement,
      files: { ...shared.files, [file]: source },
    };
    const { checks } = await press.typeset({ prepared: changed, persons: [person({ name: 'Jane Doe' })], check: true });
    return { found: codes(checks)[0], profile: shared.profile };
  }

  it('whose text is pale, white, see-through or patterned is found', async () => {
    for (const fill of [
      'luma(98%)',
      'white',
      'luma(55%)',
      'rgb("#ff9999")',
      'rgb(0, 0, 0, 20%)',
      'cmyk(0%, 0%, 20%, 0%)',
      'gradient.linear(black, navy)',
    ]) {
      const { found: each } = await withBody('#below-panel', `#set text(fill: ${fill})\n#below-panel`);
      expect(each, fill).toEqual(['body_hidden']);
    }
    const outlined = await withBody('#below-panel', '#set text(stroke: 2pt + white)\n#below-panel');
    expect(outlined.found).toEqual(['body_hidden']);
    for (const fill of ['luma(40%)', 'rgb("#8b0000")', 'cmyk(0%, 0%, 0%, 80%)']) {
      const { found: each } = await withBody('#below-panel', `#set text(fill: ${fill})\n#below-panel`);
      expect(each, fill).toEqual([]);
    }
  });

  it('has the sender and nothing else where the return line stands', async () => {
    const { profile, found: fine } = await withBody('#below-panel', '#below-panel');
    expect([fine, profile.returnLine !== null]).toEqual([[], true]);
    const { x, y, width } = profile.returnLine as NonNullable<typeof profile.returnLine>;
    const put = (dx: number, dy: number, what: string) =>
      withBody(
        '#below-panel',
        `#place(top + left, dx: ${x - profile.margin.left + dx}mm, dy: ${y - profile.margin.top + dy}mm, ${what})\n#below-panel`,
      );
    const title = await put(2, 1, 'text(size: 6pt)[Notice of Data Breach: your card was leaked]');
    expect(title.found).toEqual(['body_in_window', 'body_return_line', 'body_too_small']);
    const small = await withBody('let size = pt * 1pt', 'let size = pt * 0.8pt', '/frame.typ');
    expect(small.found).toEqual(['body_in_window', 'body_return_line', 'body_too_small']);
    const ink = await put(1, 1, 'line(length: 20mm)');
    expect(ink.found).toEqual(['body_in_window']);
    const hidden = await put(0, 0, `rect(width: ${width}mm, height: 5mm, fill: white)`);
    expect(hidden.found).toEqual(['body_hidden']);
  });
});

describe('letters to anybody', () => {
  it('stand as they were planned', async () => {
    const names = ['Ấ Ế Ộ gjpqy ÅÅ', '見本 花子', 'か\u309aき\u309a', '葛\u{E0100}城', '—――ー', '𠮷野家'];
    const people = names.map((name, i) => person({ ...persons[0], name, reference: `2000000${i}X` }));
    const { checks } = await press.typeset({ prepared, persons: people, check: true });
    expect(codes(checks)).toEqual(names.map(() => []));
  });
});

describe('the sheets for which a batch was cut', () => {
  const pagesOf = async (shared: PreparedLetter, who = person()) => {
    const { letters: places, checks } = await press.typeset({ prepared: shared, persons: [who], check: true });
    return { pages: places[0]?.pages, found: codes(checks)[0] };
  };

  it('are those of everybody, however much stands on a letter of one’s own', async () => {
    const exposures = Array.from({ length: 40 }, (_, i) => ({
      kind: 'card' as const,
      units: 1,
      brand: 'VISA',
      last4: String(1000 + i),
    }));
    const much = person({ exposures, company: '見本商事株式会社', department: '総務部', name: 'J'.repeat(30) });
    for (const who of [person(), much, person({ exposures: [], addressLines: ['東京都'] })]) {
      expect(await pagesOf(prepared, who)).toEqual({ pages: 4, found: [] });
    }
  });

  it('change with nothing that leaves the hash of a letter as it was approved', async () => {
    const { sampleFacts: facts } = template;
    const of = (change: Partial<Parameters<typeof prepareLetter>[0]>) =>
      prepareLetter({ template, locale: 'ja', facts, timeZone, ...change });
    const longer = of({ facts: { ...facts, requests: Array(40).fill(facts.requests[0] ?? '') } });
    const taller = of({ template: { ...template, letter: `${template.letter}\n#pagebreak()\n#pagebreak()\n見本` } });
    for (const other of [longer, taller]) {
      expect((await pagesOf(other)).pages).toBeGreaterThan(4);
      const hash = (shared: PreparedLetter) => letterHash(shared, letterInputs(shared, person())).toString('hex');
      expect(hash(other)).not.toBe(hash(prepared));
    }
    expect(of({}).sha256).toBe(prepared.sha256);
  });
});
