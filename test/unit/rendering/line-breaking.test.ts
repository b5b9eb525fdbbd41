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
    ['京都府京都市上京区見本通見本上る西入見本町1番地', 20, ['京都府京都市上京区見本通見本上る西入', '見本町1番地']],
    ['見本県四日市市見本町', 6.5, ['見本県', '四日市市', '見本町']],
    ['見本郡見本町字見本123番地の456館', 12, ['見本郡見本町字見本', '123番地の456館']],
    ['見本県見本市字見本123番地の456見本館', 14, ['見本県見本市字見本', '123番地の456見本館']],
    ['123 Example Boulevard, Springfield Heights', 14, ['123 Example Boulevard,', 'Springfield Heights']],
  ])('breaks %s where a part ends', (text, width, expected) => {
    expect(lines(text, width)).toEqual(expected);
  });

  it('leaves no character alone', () => {
    expect(lines('見本見本見本見本見本見', 10)).toEqual(['見本見本見本見本見', '本見']);
  });

  it.each([
    ['見本太郎左衛門花子 様', 9.5, ['見本太郎左衛門', '花子 様']],
    ['見本太郎左衛門花子様', 9.5, ['見本太郎左衛門', '花子様']],
    ['見本太郎左衛門之助花子 殿', 11.5, ['見本太郎左衛門之助', '花子 殿']],
    ['一般社団法人見本会 御中', 10.5, ['一般社団法人見', '本会 御中']],
    ['見本太郎左衛門 花子 先生', 10.5, ['見本太郎左衛門', '花子 先生']],
    ['見本見本見本見本見 本', 9.5, ['見本見本見本見本', '見 本']],
  ])('leaves no character alone, nor what is said behind a name: %s', (text, width, expected) => {
    expect(lines(text, width)).toEqual(expected);
  });

  it('leaves no character alone on the first line either', () => {
    expect(lines('見 セントラルレジデンス', 9)[0]).toMatch(/^見 セン/);
  });

  it('leaves the honorific with two characters of the name at any width', () => {
    const name = fc.array(fc.constantFrom('見', '本', 'ヶ', 'ン', 'ー', ' ', 'a', '葛\u{E0100}', '々'), {
      minLength: 3,
      maxLength: 40,
    });
    fc.assert(
      fc.property(
        name,
        fc.constantFrom(' 様', '様', ' 御中'),
        fc.integer({ min: 6, max: 30 }),
        (list, honorific, em) => {
          const last = lines(list.join('').trim() + honorific, em).at(-1) ?? '';
          const seen = list
            .filter((each) => each !== ' ')
            .slice(-2)
            .join('');
          expect(last.replaceAll(' ', '')).toContain(seen + honorific.trim());
        },
      ),
    );
  });

  it.each([
    ['セントラルレジデンス見本', 8, true, null],
    ['見本セントラルレジデンス', 11, false, ['見本', 'セントラルレジデンス']],
    ['見本タワー札幌駅前セントラルレジデンス', 13, false, ['見本タワー札幌駅前', 'セントラルレジデンス']],
    ['ジョン・クリストファー・スミス 様', 10, false, ['ジョン・', 'クリストファー・', 'スミス 様']],
    ['見本見本見本見本今出川町1番地', 11, true, null],
    ['見本見本見本さいたま市', 8, true, null],
    ['見本見本見本が丘1丁目', 7, true, null],
    ['見本見本見本が丘1丁目', 8, false, ['見本見本見本が丘', '1丁目']],
    ['東京都千代田区見本', 8, false, ['東京都千代田区', '見本']],
    ['見本マンション青葉台見本館', 11, false, null],
  ])('says of %s in %d em whether a word or the name of a place is cut', (text, width, cut, expected) => {
    const broken = breakLines(sans, text, width);
    expect(broken.cut).toBe(cut);
    if (expected) expect(broken.lines).toEqual(expected);
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
