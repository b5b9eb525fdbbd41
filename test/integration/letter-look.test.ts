import { afterAll, describe, expect, it } from 'vitest';
import type { Facts } from '../../src/incident/facts.ts';
import { prepareLetter } from '../../src/rendering/letter.ts';
import { makeLetterPress } from '../../src/rendering/letter-press.ts';
import type { EnvelopeProfile } from '../../src/rendering/letter-profiles/envelope-profile.ts';
import { shippedProfile, shippedProfiles } from '../../src/rendering/letter-profiles/shipped-profiles.ts';
import { loadTemplates } from '../../src/rendering/load-templates.ts';
import type { NoticeLocale, PreparedLetter } from '../../src/rendering/types.ts';
import { printedLines, printedMarks } from '../support/printed-lines.ts';
import { everyTemplate, person, templateOf, templatesDir, timeZone } from '../unit/rendering/rendering.fixtures.ts';

const templates = await loadTemplates(templatesDir);
const press = makeLetterPress({ threads: 1 });
afterAll(() => press.close());

const profileOf = (id: string): EnvelopeProfile => {
  const profile = shippedProfile(id);
  if (!profile) throw new Error(`No profile ${id}.`);
  return profile;
};
const prepare = (id: string, name: string, locale: NoticeLocale, facts: Partial<Facts> = {}): PreparedLetter => {
  const template = templateOf(templates, name, locale);
  const all = { ...template.sampleFacts, ...facts };
  return prepareLetter({ template, locale, facts: all, timeZone, envelope: profileOf(id) });
};
const organisation = (locale: NoticeLocale, changes: Partial<Facts['organisation']>) => ({
  organisation: { ...templateOf(templates, 'apology', locale).sampleFacts.organisation, ...changes },
});

/** Somebody with more cards than the first page lists. */
const manyCards = Array.from({ length: 14 }, (_, i) => ({
  ...{ kind: 'card', units: 1, brand: 'VISA', last4: String(1000 + i) },
}));
const print = async (prepared: PreparedLetter) => {
  const persons = [person({ name: '見本', addressLines: ['東京都千代田区見本1'], exposures: manyCards })];
  const { pdf, letters, checks } = await press.typeset({ prepared, persons, check: true });
  const sides = Array.from({ length: letters[0]?.pages ?? 0 }, (_, i) => printedLines(pdf, i + 1, 'shared'));
  // The last side may be blank.
  const shared = sides.filter((lines) => lines.length > 0);
  return { pdf, shared, findings: checks[0]?.findings };
};

const everyLetter = shippedProfiles.flatMap(({ id }) =>
  everyTemplate(templates).map(([name, locale]) => [id, name, locale] as const),
);
const FOLD_CLEAR = 2;

describe('a fold', () => {
  it.each(everyLetter)(
    'in %s goes through no line of the person’s own, nor the title of %s in %s',
    async (...which) => {
      const prepared = prepare(...which);
      const { pdf, shared } = await print(prepared);
      const { folds, own, bodyY } = prepared.profile;
      const title = shared[0]?.find(({ size }) => size > 13.5);
      expect(title?.y).toBeGreaterThan(bodyY - 1);
      const block = printedLines(pdf, 1, 'own').filter(({ y }) => y >= own.y - 1);
      expect(block.length).toBe(prepared.listsExposures ? 8 : 2);
      for (const line of [...block, ...(title ? [title] : [])]) {
        for (const fold of folds) {
          const clear = fold <= line.y - FOLD_CLEAR || fold >= line.y + line.height + FOLD_CLEAR;
          expect(clear, `${line.text} at ${line.y}, fold at ${fold}`).toBe(true);
        }
      }
    },
  );

  it.each(shippedProfiles.map(({ id }) => id))(
    'in %s is marked at the left edge of the first page alone',
    async (id) => {
      const { pdf } = await print(prepare(id, 'apology', 'ja'));
      const atEdge = (page: number) => printedMarks(pdf, page).filter(({ x, width }) => x < 10 && width < 10);
      expect(atEdge(1).map(({ y, height }) => Math.round((y + height / 2) * 10) / 10)).toEqual(profileOf(id).folds);
      for (const { x, width } of atEdge(1)) {
        expect(x).toBeCloseTo(5, 0);
        expect(width).toBeCloseTo(3, 0);
      }
      expect(atEdge(2)).toEqual([]);
    },
  );
});

describe('the list of what concerns a person', () => {
  it.each(['ja', 'en'] as const)(
    'leaves room above the title when it is full, in %s, and says who tells the rest',
    async (locale) => {
      const { pdf, shared } = await print(prepare('a4-naga3-90x45', 'apology', locale));
      const title = shared[0]?.find(({ size }) => size > 13.5);
      const rows = printedLines(pdf, 1, 'own').filter(({ y }) => y < (title?.y ?? 0));
      const last = rows.at(-1);
      expect(last?.text).toMatch(/ほか5件|and5more/);
      expect((title?.y ?? 0) - (last?.y ?? 0) - (last?.height ?? 0)).toBeGreaterThan(4);
      const text = shared
        .flat()
        .map((line) => line.text)
        .join('');
      expect(text).toMatch(/「ほか○件」と記載がある場合は.*お問い合わせ先|“and…more”,pleasecontactus/);
    },
  );
});

const LONG: Record<NoticeLocale, Partial<Facts['organisation']>> = {
  ja: {
    name: '独立行政法人見本総合情報システム研究開発機構東日本統括本部',
    addressLines: ['東京都千代田区霞が関一丁目二番三号', '見本総合ビルディング東館二十三階', '情報漏えい対応事務局'],
  },
  en: {
    name: 'Musterhausener Gesellschaft für elektronische Datenverarbeitung und Informationstechnik mbH & Co. KG',
    addressLines: ['Department of Information Security', 'Musterhausener Landstraße 1234', 'Industriegebiet Süd'],
  },
};
const withLine = shippedProfiles.filter(({ returnLine }) => returnLine).map(({ id }) => id);

describe('the sender above the address', () => {
  it.each(withLine.flatMap((id) => (['ja', 'en'] as const).map((locale) => [id, locale] as const)))(
    'is at least 6 points high in %s in %s, however long it is, and says at least name and postal code',
    async (id, locale) => {
      for (const changes of [{}, LONG[locale]]) {
        const prepared = prepare(id, 'apology', locale, organisation(locale, changes));
        const { pdf, findings } = await print(prepared);
        const { x, y, width, height } = prepared.profile.returnLine ?? { x: 0, y: 0, width: 0, height: 0 };
        const small = printedLines(pdf, 1, 'shared', { x: x - 1, y, width, height });
        expect([1, 2]).toContain(small.length);
        for (const { size } of small) expect(size).toBeGreaterThan(5.99);
        const text = small.map((line) => line.text).join('');
        expect(text).toContain((changes.name ?? '').replace(/\s/g, ''));
        expect(text).toContain('100-0000');
        expect(findings).toEqual([]);
      }
    },
  );

  it('that does not fit stops the notice before anybody approves it, in a sentence that says what to do', () => {
    const name = '独立行政法人見本総合情報システム研究開発機構'.repeat(4);
    expect(() => prepare('din-5008-b', 'apology', 'ja', organisation('ja', { name }))).toThrow(
      expect.objectContaining({
        code: 'does_not_fit',
        message: expect.stringMatching(/shorten it, or take an envelope/),
      }),
    );
    expect(() => prepare('a4-naga3-90x45', 'apology', 'ja', organisation('ja', { name }))).not.toThrow();
  });
});

describe('the sender beside the address', () => {
  it.each(shippedProfiles.map(({ id }) => id))('leaves no character and no house number alone in %s', async (id) => {
    for (const lines of [LONG.ja.addressLines, undefined]) {
      const changes = lines ? { addressLines: lines } : {};
      const prepared = prepare(id, 'apology', 'ja', organisation('ja', changes));
      const { pdf } = await print(prepared);
      const { senderX, own, page } = prepared.profile;
      const place = { x: senderX - 1, y: 0, width: page.width, height: own.y - 1 };
      const beside = printedLines(pdf, 1, 'shared', place);
      expect(beside.length).toBeGreaterThan(4);
      for (const { text } of beside) expect(text.length, text).toBeGreaterThan(3);
      expect(beside.map(({ text }) => text).join(' ')).not.toMatch(/ (?:番|号|丁目|番地|務局|階)/);
    }
  });
});

describe('what is read as one', () => {
  it('stays on one line: dates, counts, hours, telephone numbers, web addresses', async () => {
    const words = ['2017年7月14日', '1,234名', '10:00～19:00', '0120-000-000', 'https://www.example.jp/inquiry'];
    const facts = {
      // Each moved on by one character: sooner or later each stands at the end of a line.
      requests: Array.from(
        { length: 20 },
        (_, i) => `${'見本の文章'.repeat(9).slice(0, 26 + i)}${words.join('または')}まで`,
      ),
    };
    const { shared } = await print(prepare('a4-naga3-90x45', 'apology', 'ja', facts));
    const text = shared
      .flat()
      .map((line) => line.text)
      .join('\n');
    for (const word of words) {
      expect(text.split(word).length - 1, word).toBeGreaterThanOrEqual(20);
    }
  });
});

describe('the end of a letter', () => {
  it.each(everyLetter)('in %s is not parted: the last words of %s in %s stand with the contact', async (...which) => {
    const { shared } = await print(prepare(...which));
    const text = (shared.at(-1) ?? []).map((line) => line.text).join('');
    const texts = shared.map((lines) => lines.map((line) => line.text).join(''));
    const end = texts.find((each) => /重ねてお詫び申し上げ|Weapologise(?:oncemore)?forthe/.test(each)) ?? '';
    expect(end).toContain('0120-000-000');
    expect(end).toBe(text);
  });

  it('fills a page and more where the contact has many opening days, and is all there', async () => {
    const specialOpenings = Array.from({ length: 60 }, (_, i) => ({
      ...{ date: `2017-0${8 + Math.floor(i / 30)}-${String((i % 30) + 1).padStart(2, '0')}` },
      ...{ from: `0${i % 10}:${i % 6}0`, to: `1${i % 9}:${Math.floor(i / 10)}0` },
    }));
    const { contact } = templateOf(templates, 'apology', 'ja').sampleFacts;
    const { findings } = await print(
      prepare('a4-naga3-90x45', 'apology', 'ja', { contact: { ...contact, specialOpenings } }),
    );
    expect(findings).toEqual([]);
  });
});

describe('the form of a Japanese letter', () => {
  it.each(['apology', 'warning'])('of %s has 謹啓 and 謹白, 記 in the middle, and 以上 at the end', async (name) => {
    const prepared = prepare('a4-naga3-90x45', name, 'ja');
    const { shared } = await print(prepared);
    const lines = shared.flat();
    const at = (test: (text: string) => boolean) => lines.findIndex(({ text }) => test(text));
    const places = [
      at((text) => text.startsWith('謹啓')),
      at((text) => text === '謹白'),
      at((text) => text === '記'),
      at((text) => text === '以上'),
      at((text) => text.includes('お問い合わせ先】')),
    ];
    expect(places).not.toContain(-1);
    expect(places).toEqual(places.toSorted((a, b) => a - b));
    const { page, margin } = prepared.profile;
    const line = (i: number) => lines[places[i] as number] ?? { x: 0, width: 0 };
    for (const i of [1, 3]) expect(line(i).x + line(i).width).toBeCloseTo(page.width - margin.right, -0.3);
    expect(line(2).x + line(2).width / 2).toBeCloseTo(page.width / 2, -0.3);
  });
});

describe('an English letter', () => {
  it.each(['apology', 'warning'])('of %s has the headings that California wants, letter by letter', async (name) => {
    const confirmed = { certainty: 'confirmed' as const };
    const { shared } = await print(prepare('letter-10-114x29', name, 'en', confirmed));
    const text = shared.flat().map((line) => line.text);
    for (const heading of [
      ...['NoticeofDataBreach', 'WhatHappened', 'WhatInformationWasInvolved', 'WhatWeAreDoing', 'WhatYouCanDo'],
      'ForMoreInformation',
    ]) {
      expect(text).toContain(heading);
    }
  });

  it('has the postal code before the country', async () => {
    const { shared } = await print(prepare('a4-dl-90x35', 'apology', 'en'));
    expect(shared[0]?.map((line) => line.text).slice(1, 5)).toEqual([
      ...['SampleShopInc.', '4FSampleBuilding,1-2-3Mihon-cho', 'Chiyoda-ku,Tokyo100-0000', 'Japan'],
    ]);
  });
});
