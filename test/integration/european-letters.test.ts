import { afterAll, describe, expect, it } from 'vitest';
import { loadFonts } from '../../src/rendering/fonts.ts';
import { letterProblem, prepareLetter } from '../../src/rendering/letter.ts';
import { makeLetterPress } from '../../src/rendering/letter-press.ts';
import { loadTemplates } from '../../src/rendering/load-templates.ts';
import { differentDots } from '../support/compare-pages.ts';
import { person, templateOf, templatesDir, timeZone } from '../unit/rendering/rendering.fixtures.ts';

const fonts = await loadFonts();
const template = templateOf(await loadTemplates(templatesDir), 'apology', 'en');
const prepared = prepareLetter({ template, locale: 'en', facts: template.sampleFacts, timeZone });
const press = makeLetterPress({ threads: 1 });
afterAll(() => press.close());

const EUROPEAN = /(?!\p{M})[\u{100}-\u{24f}\u{370}-\u{52f}\u{1e00}-\u{1fff}]/u;
const lettersOf = ({ advances }: { advances: Uint16Array }): string[] =>
  [...advances.keys()]
    .map((point) => String.fromCodePoint(point))
    .filter((letter, point) => advances[point] !== 0 && EUROPEAN.test(letter));

/** A page with each of the letters between two others, as names have them. */
const page = (family: string, letters: string[]): Promise<Buffer> =>
  press
    .typesetPages({
      files: {
        '/fonts.typ': fonts.choice,
        '/letters.json': JSON.stringify(letters),
        '/main.typ': `#import "/fonts.typ": sans, serif
          #set page(width: 400mm, height: 420mm, margin: 5mm)
          #set text(size: 10pt, fallback: false, kerning: false, ligatures: false)
          #grid(columns: (7mm,) * 50, row-gutter: 4mm, ..json("/letters.json").map(it => text(font: ${family}, it)))`,
      },
      fontPaths: fonts.paths,
    })
    .then((pdf) => Buffer.from(pdf));

describe('a European letter', () => {
  it.each([
    ['sans', '"Noto Sans"'],
    ['serif', '"Noto Serif"'],
  ] as const)('is set by the European font of the %s family, its accent in its own place', async (family, oracle) => {
    const letters = lettersOf(fonts[family]);
    for (const letter of 'ČčĎďŘřŚśŠšŤťŹźŻżŽžŁłŐőŰűğİışĀāŌōΆΈήόύώЂћИйЇїḞḿễ') expect(letters).toContain(letter);
    const [ours, alone] = [await page(family, letters), await page(oracle, letters)];
    expect(await differentDots(ours, alone, 1)).toBe(0);
  });

  it('is as wide for us as it is set', async () => {
    const advances = prepared.fonts.sans.advances;
    // Noto Sans: 1000 units to the em, ř 413, İ 339, ή 608.
    expect(['ř', 'İ', 'ή'].map((letter) => (advances[letter.codePointAt(0) as number] ?? 0) - 1)).toEqual([
      413, 339, 608,
    ]);
  });

  it('may be typed as a letter and its mark', async () => {
    const decomposed = 'Dvor\u030c\u00e1k Ελε\u0301νη Андреи\u0306';
    const [typed, whole] = [person({ name: decomposed }), person({ name: decomposed.normalize('NFC') })];
    const [one, other] = [
      await press.typeset({ prepared, persons: [typed] }),
      await press.typeset({ prepared, persons: [whole] }),
    ];
    expect(await differentDots(one.pdf, other.pdf, 1)).toBe(0);
  });

  it.each([
    ['J\u030c. Novak', 'U+004A U+030C'],
    ['x\u0304', 'U+0078 U+0304'],
    ['ら\u309a', 'U+3089 U+309A'],
  ])('with a mark that makes no single character (%s) is named before anyone approves', (name, detail) => {
    expect(letterProblem(prepared, person({ name }))).toEqual({ reason: 'missing_glyph', detail });
  });

  it('may stand in what all letters say, too', async () => {
    const facts = {
      ...template.sampleFacts,
      organisation: { ...template.sampleFacts.organisation, name: 'Škoda Łódź Ελλάς' },
    };
    const told = prepareLetter({ template, locale: 'en', facts, timeZone });
    const { checks } = await press.typeset({ prepared: told, persons: [person()], check: true });
    expect(checks[0]?.findings).toEqual([]);
  });
});
