import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import iconv from 'iconv-lite';
import { describe, expect, it } from 'vitest';
import { luhnCheckDigit } from '../../src/demo/breakage.ts';
import { halfWidthKana, hiragana } from '../../src/demo/kana.ts';
import { buildDemoLists, type DemoList } from '../../src/demo/lists.ts';
import { GIVEN_NAMES, SURNAMES, SURNAMES_VARIANT } from '../../src/demo/name-tables.ts';
import { demoPerson } from '../../src/demo/people.ts';
import { BUILDINGS, PLACES } from '../../src/demo/places.ts';

const built = buildDemoLists({ persons: 12_000, seed: 2017 });
const [members, payment, oldShop] = built.lists;

function records(list: DemoList): string[][] {
  const text = list.kind === 'members' ? list.bytes.toString('utf8') : iconv.decode(list.bytes, 'cp932');
  return parse(text, { bom: true, relax_column_count: true });
}

/** Reads the lists back by header, knowing nothing of how they were made. */
function readBack(list: DemoList): { reasons: Record<string, number>; usable: { key: string; name: string }[] } {
  const [header = [], ...rows] = records(list);
  const reasons: Record<string, number> = {};
  const usable: { key: string; name: string }[] = [];
  for (const row of rows) {
    const cell = (name: RegExp) =>
      header
        .map((title, i) => (name.test(title) ? row[i] : ''))
        .join('')
        .normalize('NFKC')
        .trim();
    const name = cell(/^(お名前(\([姓名]\))?|氏名)$/).replaceAll(' ', '');
    const email = cell(/メール|E-mail/).toLowerCase();
    const digits = row
      .join('\n')
      .normalize('NFKC')
      .match(/\d{4}-\d{4}-\d{4}-\d{4}/)?.[0]
      .replaceAll('-', '');
    const reason =
      row.length !== header.length
        ? 'cell_count'
        : name === ''
          ? 'no_name'
          : /[?〓]/.test(name)
            ? 'damaged_name'
            : email + cell(/住所|〒/) === ''
              ? 'no_contact'
              : digits && luhnCheckDigit([...digits.slice(0, -1)].map(Number)) === Number(digits.at(-1))
                ? 'card_number_present'
                : undefined;
    if (reason) reasons[reason] = (reasons[reason] ?? 0) + 1;
    // Whoever has no email is known again by their address.
    else usable.push({ key: email || cell(/都道府県|住所/), name });
  }
  return { reasons, usable };
}

describe('the lists of the demo', () => {
  it('play the seed at its real size', () => {
    expect(members.expected.rows).toBe(12_000);
    expect(built.exposures).toBe(9_822);
    expect(built.exposed.persons).toBe(9_300);
  });

  it('contain exactly what they say, when read back from their bytes', () => {
    const known = new Set<string>();
    for (const list of built.lists) {
      const { reasons, usable } = readBack(list);
      const before = known.size;
      for (const { key, name } of usable) known.add(`${key}\n${name}`);
      const accepted = known.size - before;
      expect(list.expected).toEqual({
        rows: records(list).length - 1,
        accepted,
        merged: usable.length - accepted,
        quarantined: list.expected.rows - usable.length,
        reasons,
        exposures: list.kind === 'affected' ? usable.length : 0,
      });
    }
    expect(known.size).toBe(built.all.persons);
  });

  it('are broken in one row of a hundred, in every way', () => {
    expect(members.expected.quarantined).toBe(120);
    expect(payment.expected.quarantined + oldShop.expected.quarantined).toBe(98);
    for (const { expected } of built.lists) expect(Object.keys(expected.reasons)).toHaveLength(5);
  });

  it('have about 4 % without email, 1 % that is refused, and 3 % of the exposed who are not members', () => {
    const { persons, withEmail, refused } = built.exposed;
    expect(withEmail / persons).toBeCloseTo(0.96, 2);
    expect(refused / persons).toBeCloseTo(0.01, 2);
    expect(members.bytes.toString().match(/@defer-once\.example/g)?.length).toBeGreaterThan(80);
  });

  it('are the same bytes for the same seed, and others for another', () => {
    const again = buildDemoLists({ persons: 500, seed: 1 });
    const same = buildDemoLists({ persons: 500, seed: 1 });
    const other = buildDemoLists({ persons: 500, seed: 2 });
    for (const [i, list] of again.lists.entries()) {
      expect(list.bytes.equals(same.lists[i]?.bytes ?? Buffer.alloc(0))).toBe(true);
      expect(list.bytes.equals(other.lists[i]?.bytes ?? Buffer.alloc(0))).toBe(false);
    }
  });

  it('keep their proportions and their sums at every size', () => {
    fc.assert(
      fc.property(fc.integer({ min: 100, max: 3000 }), fc.nat({ max: 1000 }), (persons, seed) => {
        const { lists, exposures, all, exposed } = buildDemoLists({ persons, seed });
        expect(exposures).toBe(Math.round((9822 * persons) / 12000));
        expect(exposed.persons).toBe(Math.round((9300 * persons) / 12000));
        expect(lists.reduce((sum, { expected }) => sum + expected.accepted, 0)).toBe(all.persons);
        for (const { expected } of lists) {
          expect(expected.accepted + expected.merged + expected.quarantined).toBe(expected.rows);
        }
      }),
      { numRuns: 30 },
    );
  });
});

describe('the invented people', () => {
  it('have addresses at reserved domains and phone numbers of nobody', () => {
    for (let index = 0; index < 2000; index += 1) {
      const { email, phone } = demoPerson(5, index);
      if (email) expect(email).toMatch(/@([a-z-]+\.example|example\.(jp|com|org|ne\.jp|co\.jp))$/);
      expect(phone).toMatch(/^000-0000-\d{4}$/);
    }
  });

  it('are spelled in characters that CP932 keeps, except the few who are marked', () => {
    const texts = [...SURNAMES, ...SURNAMES_VARIANT, ...GIVEN_NAMES].flat();
    for (const { prefecture, city, town } of PLACES) texts.push(prefecture, city, town);
    for (const text of [...texts, ...BUILDINGS]) expect(iconv.decode(iconv.encode(text, 'cp932'), 'cp932')).toBe(text);
    const spoilt = Array.from({ length: 3000 }, (_, index) => demoPerson(5, index)).filter(({ inCp932 }) => !inCp932);
    expect(spoilt.length).toBeGreaterThan(3);
    for (const { family } of spoilt) expect(iconv.encode(family, 'cp932').toString('latin1')).toContain('?');
  });

  it('live in places with a postal code of seven digits', () => {
    for (const place of PLACES) {
      expect(place.postalCode).toMatch(/^\d{3}-\d{4}$/);
      expect(place.prefecture).toMatch(/[都道府県]$/);
      expect(place.town).not.toBe('');
    }
  });
});

it('writes kana as old systems do', () => {
  expect(halfWidthKana('ヤマダ パーヴ ジョ')).toBe('ﾔﾏﾀﾞ ﾊﾟｰｳﾞ ｼﾞｮ');
  expect(hiragana('ワタナベ ユウコ')).toBe('わたなべ ゆうこ');
});
