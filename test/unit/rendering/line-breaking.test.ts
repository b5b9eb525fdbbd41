import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { widthInEm } from '../../../src/rendering/glyph-table.ts';
import { breakLines } from '../../../src/rendering/line-breaking.ts';
import { loadTemplates } from '../../../src/rendering/load-templates.ts';
import { templateOf, templatesDir } from './rendering.fixtures.ts';

const { sans } = templateOf(await loadTemplates(templatesDir), 'apology', 'ja').letterParts.fonts;
const lines = (text: string, widthEm: number) => breakLines(sans, text, widthEm).lines;

describe('breakLines', () => {
  it.each([
    ['東京都千代田区見本町1丁目2番3号見本マンション101', 17, ['東京都千代田区見本町1丁目2番3号', '見本マンション101']],
    ['東京都千代田区見本町1-2-3見本マンション1001号室', 16, ['東京都千代田区見本町1-2-3', '見本マンション1001号室']],
    ['東京都千代田区見本町十一丁目六番地', 12, ['東京都千代田区見本町', '十一丁目六番地']],
    ['大阪府大阪市北区見本町12-34-56', 13, ['大阪府大阪市北区見本町', '12-34-56']],
    ['京都府京都市見本区見本通 見本上る', 12.5, ['京都府京都市見本区見本通', '見本上る']],
    ['見本県見本市見本サービスタワー', 9, ['見本県見本市', '見本サービスタワー']],
    ['123 Example Boulevard, Springfield Heights', 14, ['123 Example Boulevard,', 'Springfield Heights']],
  ])('breaks %s where a part ends', (text, width, expected) => {
    expect(lines(text, width)).toEqual(expected);
  });

  it('leaves no character alone', () => {
    expect(lines('見本見本見本見本見本見', 10)).toEqual(['見本見本見本見本見', '本見']);
  });

  it('keeps a variation selector with its character', () => {
    expect(lines('葛\u{E0100}葛\u{E0100}葛\u{E0100}葛\u{E0100}', 2)).toEqual([
      '葛\u{E0100}葛\u{E0100}',
      '葛\u{E0100}葛\u{E0100}',
    ]);
  });

  it('cuts a word only when it is longer than a line', () => {
    const word = 'a'.repeat(60);
    expect(lines(word, 10).join('')).toBe(word);
    expect(lines(`見本 ${'1-'.repeat(60)}`, 10).join('')).toBe(`見本${'1-'.repeat(60)}`);
  });

  const parts = fc.constantFrom(
    ...[
      '東京都',
      '見本区',
      '丁目',
      '番地',
      '号',
      '1',
      '23',
      '-',
      'ー',
      'F',
      'ビル',
      '々',
      '（',
      '）',
      '、',
      ' ',
      '　',
      'Ave',
      '十一',
    ],
  );
  const texts = fc.array(parts, { minLength: 1, maxLength: 40 }).map((list) => list.join('').trim());

  it('drops nothing but white space, and fits every line', () => {
    fc.assert(
      fc.property(texts, fc.integer({ min: 4, max: 30 }), (text, widthEm) => {
        const broken = lines(text, widthEm);
        expect(broken.join('').replace(/\s/gu, '')).toBe(text.replace(/\s/gu, ''));
        for (const line of broken) expect(widthInEm(sans, line)).toBeLessThanOrEqual(widthEm);
      }),
    );
  });

  it('never breaks a run of numbers and hyphens that fits on a line', () => {
    const numbers = fc.array(fc.integer({ min: 1, max: 999 }), { minLength: 2, maxLength: 4 }).map((n) => n.join('-'));
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 30 }),
        numbers,
        fc.integer({ min: 12, max: 20 }),
        (before, run, widthEm) => {
          const broken = lines(`${'見本'.repeat(before)}${run}見本館`, widthEm);
          expect(broken.some((line) => line.includes(run))).toBe(true);
        },
      ),
    );
  });
});
