import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { intakeDesk } from './lists.ts';
import { expectConserved } from './people.ts';

let desk: Awaited<ReturnType<typeof intakeDesk>>;
beforeAll(async () => {
  desk = await intakeDesk();
});
afterAll(() => desk.close());

const HEADER = '会員ID,氏名,フリガナ,メール,郵便番号,住所,生年月日';
const TOKYO = '1000001,東京都千代田区千代田1-1';
const OSAKA = '5300001,大阪府大阪市北区梅田3-3-1';
const NOWHERE = ',';
const file = (...rows: string[]) => [HEADER, ...rows].join('\n');

interface Outcome {
  persons: number;
  candidates: string[];
  /** Warnings of the last row. */
  warnings: string[];
}

async function outcomeOf(incidentId: string, listId: string): Promise<Outcome> {
  const candidates = await desk.db
    .selectFrom('candidates')
    .select(['reason', 'status'])
    .where('incident_id', '=', incidentId)
    .orderBy('id')
    .execute();
  expect(candidates.filter(({ status }) => status !== 'open')).toEqual([]);
  return {
    persons: (await desk.persons(incidentId)).length,
    candidates: candidates.map(({ reason }) => reason),
    warnings: (await desk.rows(listId)).at(-1)?.warnings ?? [],
  };
}

const rules: [rule: string, rows: [string, string], expected: Omit<Outcome, 'warnings'>, warnings?: string[]][] = [
  [
    'the same number and name of one source are one person',
    [`7,見本 太郎,,a@example.jp,${NOWHERE},`, `７,見本　太郎,,b@example.jp,${NOWHERE},`],
    { persons: 1, candidates: [] },
  ],
  [
    'the same number and another name of one source are a pair to decide',
    [`7,見本 太郎,,a@example.jp,${NOWHERE},`, `7,見本 花子,,b@example.jp,${NOWHERE},`],
    { persons: 2, candidates: ['external_id_other_name'] },
  ],
  [
    'the same email and name are one person',
    [`,見本 太郎,,A@example.jp,${NOWHERE},`, `,見本太郎,,ａ@EXAMPLE.jp,${NOWHERE},`],
    { persons: 1, candidates: [] },
  ],
  [
    'the same email and another name are two persons, and nobody is asked',
    [`,見本 太郎,,a@example.jp,${NOWHERE},`, `,見本 花子,,a@example.jp,${NOWHERE},`],
    { persons: 2, candidates: [] },
  ],
  [
    'the same name and address and another email are a pair to decide',
    [`,見本 太郎,,a@example.jp,${TOKYO},`, `,見本 太郎,,b@example.jp,${TOKYO},`],
    { persons: 2, candidates: ['possible_duplicate'] },
  ],
  [
    'the same name and address, one without an email, are one person',
    [`,見本 太郎,,a@example.jp,${TOKYO},`, `,見本 太郎,,,${TOKYO},`],
    { persons: 1, candidates: [] },
    ['joined_by_address'],
  ],
  [
    'the same name and address written in another way are one person',
    ['1,見本 太郎,,,1000001,東京都千代田区千代田1丁目1番,', ',見本 太郎,,,1000001,東京都千代田区千代田１－１,'],
    { persons: 1, candidates: [] },
    ['joined_by_address'],
  ],
  [
    'the same name and address and another number of one source are a pair to decide',
    [`1,見本 太郎,,,${TOKYO},`, `2,見本 太郎,,,${TOKYO},`],
    { persons: 2, candidates: ['possible_duplicate'] },
  ],
  [
    'the same name and address and another birth date are a pair to decide',
    [`,見本 太郎,,,${TOKYO},1950-01-01`, `,見本 太郎,,,${TOKYO},1980-01-01`],
    { persons: 2, candidates: ['possible_duplicate'] },
  ],
  [
    'the same name and address and the same birth date are one person',
    [`,見本 太郎,,a@example.jp,${TOKYO},昭和55年1月1日`, `,見本 太郎,,,${TOKYO},1980-01-01`],
    { persons: 1, candidates: [] },
    ['joined_by_address'],
  ],
  [
    'the same address and another name are two persons, and nobody is asked',
    [`,見本 太郎,,,${TOKYO},`, `,見本 花子,,,${TOKYO},`],
    { persons: 2, candidates: [] },
  ],
  [
    'a variant of the name at one address is a pair to decide',
    [`,髙橋 太郎,,,${TOKYO},`, `,高橋 太郎,,,${TOKYO},`],
    { persons: 2, candidates: ['similar_name'] },
  ],
  [
    'a variant of the name with one email is a pair to decide',
    [`,髙橋 太郎,,a@example.jp,${NOWHERE},`, `,高橋 太郎,,a@example.jp,${NOWHERE},`],
    { persons: 2, candidates: ['similar_name'] },
  ],
  [
    'the same reading and other characters at one address are a pair to decide',
    [`,見本 太郎,ミホン タロウ,,${TOKYO},`, `,三本 多朗,みほん たろう,,${TOKYO},`],
    { persons: 2, candidates: ['similar_name'] },
  ],
  [
    'the same reading elsewhere is nothing',
    [`,見本 太郎,ミホン タロウ,,${TOKYO},`, `,三本 多朗,ミホン タロウ,,${OSAKA},`],
    { persons: 2, candidates: [] },
  ],
  [
    'the same name alone is nothing',
    [`,見本 太郎,,a@example.jp,${TOKYO},`, `,見本 太郎,,b@example.jp,${OSAKA},`],
    { persons: 2, candidates: [] },
  ],
];

describe('two rows of one source', () => {
  it.each(rules)('%s', async (_rule, rows, { persons, candidates }, warnings = []) => {
    // In one list, in one list turned round, and in two lists one after the other.
    for (const lists of [[file(...rows)], [file(...rows.toReversed())], [file(rows[0]), file(rows[1])]]) {
      const incidentId = await desk.newIncident();
      const taken = [];
      for (const list of lists) {
        const ready = await desk.check(incidentId, list, { source: 'shop' });
        const forecast = (await desk.rows(ready.id)).map((row) => [row.outcome, row.warnings]);
        taken.push(await desk.accept(ready.id));
        expect((await desk.rows(ready.id)).map((row) => [row.outcome, row.warnings])).toEqual(forecast);
        expect(taken.at(-1)).toMatchObject({ warnings: ready.warnings, candidates: ready.candidates });
        expect(taken.at(-1)?.persons).toBe(ready.persons);
      }
      expect(await outcomeOf(incidentId, taken.at(-1)?.id ?? '')).toEqual({
        ...{ persons, candidates },
        warnings: candidates.length > 0 ? candidates : warnings,
      });
      await expectConserved(desk, incidentId, taken);
    }
  });
});

describe('two rows of two sources', () => {
  it.each<[string, [string, string], Omit<Outcome, 'warnings'>]>([
    [
      'with the same number are not the same for it, and nobody is asked',
      [`7,見本 太郎,,a@example.jp,${NOWHERE},`, `7,見本 太郎,,b@example.jp,${NOWHERE},`],
      { persons: 2, candidates: [] },
    ],
    [
      'with the same number and another name are no pair',
      [`7,見本 太郎,,a@example.jp,${NOWHERE},`, `7,見本 花子,,b@example.jp,${NOWHERE},`],
      { persons: 2, candidates: [] },
    ],
    [
      'with numbers of their own are one person by name and address',
      [`7,見本 太郎,,a@example.jp,${TOKYO},`, `8,見本 太郎,,,${TOKYO},`],
      { persons: 1, candidates: [] },
    ],
    [
      'are one person by email and name',
      [`7,見本 太郎,,a@example.jp,${NOWHERE},`, `8,見本 太郎,,a@example.jp,${TOKYO},`],
      { persons: 1, candidates: [] },
    ],
  ])('%s', async (_rule, rows, expected) => {
    const incidentId = await desk.newIncident();
    await desk.checkAndAccept(incidentId, file(rows[0]), { source: 'shop' });
    const { id } = await desk.checkAndAccept(incidentId, file(rows[1]), { source: 'crm' });
    expect(await outcomeOf(incidentId, id)).toMatchObject(expected);
  });

  it('do not become one through a third without a number, when two numbers of one source stand in between', async () => {
    const incidentId = await desk.newIncident();
    const shop = file(`1,見本 太郎,,,${TOKYO},`, `2,見本 太郎,,,${TOKYO},`);
    await desk.checkAndAccept(incidentId, shop, { source: 'shop' });
    const { id } = await desk.checkAndAccept(incidentId, file(`9,見本 太郎,,,${TOKYO},`), { source: 'crm' });
    expect(await outcomeOf(incidentId, id)).toEqual({
      ...{ persons: 3, candidates: Array(3).fill('possible_duplicate') },
      warnings: ['possible_duplicate'],
    });
  });
});

describe('matching', () => {
  it('gives two names at one email a reference each', async () => {
    const incidentId = await desk.newIncident();
    const rows = [`,見本 太郎,,a@example.jp,${TOKYO},`, `,見本 花子,,a@example.jp,${TOKYO},`];
    await desk.checkAndAccept(incidentId, file(...rows));
    const persons = await desk.persons(incidentId);
    expect(new Set(persons.map(({ reference }) => reference)).size).toBe(2);
    expect(persons.map(({ data }) => data.emails.map(({ address }) => address))).toEqual([
      ...[['a@example.jp'], ['a@example.jp']],
    ]);
  });

  it('finds a person by each of the emails of a row', async () => {
    const incidentId = await desk.newIncident();
    const rows = [
      `,見本 太郎,,a@example.jp;b@example.jp,${NOWHERE},`,
      `,見本 太郎,,c@example.jp;b@example.jp,${NOWHERE},`,
    ];
    await desk.checkAndAccept(incidentId, file(rows[0] ?? ''));
    await desk.checkAndAccept(incidentId, file(rows[1] ?? '', `,見本 太郎,,c@example.jp,${NOWHERE},`));
    const [person, ...others] = await desk.persons(incidentId);
    expect(others).toEqual([]);
    expect(person?.data.emails.map(({ address }) => address)).toEqual(['a@example.jp', 'b@example.jp', 'c@example.jp']);
  });

  it('matches rows across the bounds of what is sealed together, past rows in quarantine', async () => {
    const incidentId = await desk.newIncident();
    // Rows 100 and 101 are one person, as are the first and the last; each third row holds no name.
    const rows = Array.from({ length: 402 }, (_, i) => {
      const n = i + 1;
      if (n % 3 === 0) return `${n},,,p${n}@example.jp,${NOWHERE},`;
      const id = n === 101 ? 100 : n === 401 ? 1 : n;
      return `${id},見本 ${[100, 101].includes(n) ? '百' : [1, 401].includes(n) ? '一' : '他'},,p${n}@example.jp,${NOWHERE},`;
    });
    const list = await desk.checkAndAccept(incidentId, file(...rows), { source: 'shop' });
    expect(list).toMatchObject({ rows_quarantined: 134, rows_merged: 2, rows_accepted: 266, persons: 266 });
    const of = new Map((await desk.rows(list.id)).map((row) => [row.ordinal, row.person_id]));
    expect([of.get(101), of.get(401)]).toEqual([of.get(100), of.get(1)]);
    await expectConserved(desk, incidentId, [list]);
  });

  it('takes 15,000 rows of one person among 25,000 whose other row comes late, within seconds', async () => {
    const incidentId = await desk.newIncident();
    const one = (i: number) => `77,見本 太郎,,p${i % 40}@example.jp,${TOKYO},`;
    const other = (i: number) => `${1_000 + (i % 12_500)},見本 ${i % 12_500},,m${i % 12_500}@example.jp,${NOWHERE},`;
    const others = Array.from({ length: 25_000 }, (_, i) => other(i));
    const rows = others.flatMap((row, i) => (i < 15_000 ? [row, one(i)] : [row]));
    const began = performance.now();
    const list = await desk.checkAndAccept(incidentId, file(...rows), { source: 'shop' });
    expect(performance.now() - began).toBeLessThan(60_000);
    expect(list).toMatchObject({ rows_total: 40_000, persons: 12_501, rows_accepted: 12_501, exposures: '40000' });
    await expectConserved(desk, incidentId, [list]);
  }, 120_000);

  it('warns when a later list speaks against a match by address, and leaves the person to an operator', async () => {
    const incidentId = await desk.newIncident();
    const first = file(`,見本 太郎,,a@example.jp,${TOKYO},`, `1,見本 太郎,,,${TOKYO},`);
    await desk.checkAndAccept(incidentId, first, { source: 'shop' });
    expect(await desk.persons(incidentId)).toHaveLength(1);
    const second = await desk.checkAndAccept(incidentId, file(`1,見本 太郎,,b@example.jp,${OSAKA},`), {
      source: 'shop',
    });
    expect(await desk.persons(incidentId)).toHaveLength(1);
    expect((await desk.rows(second.id))[0]?.warnings).toEqual(['address_match_in_doubt']);
    expect(second.warnings).toContainEqual({ code: 'address_match_in_doubt', count: 1 });
    // Said once: more of the same is no news.
    const third = await desk.checkAndAccept(incidentId, file(`1,見本 太郎,,c@example.jp,${OSAKA},`), {
      source: 'shop',
    });
    expect((await desk.rows(third.id))[0]?.warnings).toEqual([]);
  });

  it('makes one of many known persons in one go, writes each merge down, and keeps all exposures', async () => {
    const incidentId = await desk.newIncident();
    const many = Array.from({ length: 1_200 }, (_, i) => i);
    await desk.checkAndAccept(incidentId, file(...many.map((i) => `${i},見本 ${i},,,${TOKYO},1980-01-01`)), {
      source: 'shop',
    });
    await desk.checkAndAccept(incidentId, file(...many.map((i) => `,見本 ${i},,m${i}@example.jp,${NOWHERE},`)), {
      source: 'shop',
    });
    expect(await desk.persons(incidentId)).toHaveLength(2_400);
    const bridge = file(...many.map((i) => `${i},見本 ${i},,m${i}@example.jp,${NOWHERE},`));
    const list = await desk.checkAndAccept(incidentId, bridge, { source: 'shop' });
    expect(list).toMatchObject({ rows_accepted: 0, rows_merged: 1_200, persons: 1_200 });
    const persons = await desk.persons(incidentId);
    expect(persons).toHaveLength(1_200);
    for (const { exposures, data } of persons) {
      expect([exposures.length, data.emails.length, data.addressLines.length > 0]).toEqual([3, 1, true]);
    }
    const changes = await desk.db
      .selectFrom('person_changes')
      .select(['kind', 'list_id', 'user_id'])
      .where('incident_id', '=', incidentId)
      .execute();
    expect(changes).toHaveLength(1_200);
    expect(changes.every((one) => one.kind === 'merge' && one.list_id === list.id && one.user_id === null)).toBe(true);
  });
});
