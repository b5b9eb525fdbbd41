import fc from 'fast-check';
import { expect } from 'vitest';
import type { ListRow } from '../../../src/intake/lists/list.store.ts';
import type { intakeDesk } from './lists.ts';

/** Rows of few names, emails, addresses and numbers, so that everything meets everything; none of them is anybody's. */
export interface TestRow {
  name: string;
  kana: string;
  emails: string[];
  place: string;
  id: string;
  birth: string;
  units: number;
}

const NAMES = ['見本 太郎', '見本 花子', '髙橋 一郎', '高橋 一郎'];
const PLACES = ['東京都千代田区千代田1-1', '大阪府大阪市北区梅田3-3-1', ''];

export const anyRow: fc.Arbitrary<TestRow> = fc.record({
  name: fc.constantFrom(...NAMES),
  kana: fc.constantFrom('', 'ミホン タロウ'),
  emails: fc.uniqueArray(fc.constantFrom('a@example.jp', 'b@example.jp', 'c@example.jp'), { maxLength: 2 }),
  place: fc.constantFrom(...PLACES),
  id: fc.constantFrom('', '', '1', '2'),
  birth: fc.constantFrom('', '', '', '1970-01-01', '1980-02-02'),
  units: fc.integer({ min: 1, max: 3 }),
});

/** Rows without an email, a number or a birth date: nothing can speak against an address. */
export const plainRow: fc.Arbitrary<TestRow> = fc.record({
  name: fc.constantFrom(...NAMES),
  kana: fc.constant(''),
  emails: fc.constant([]),
  place: fc.constantFrom('東京都千代田区千代田1-1', '大阪府大阪市北区梅田3-3-1'),
  id: fc.constant(''),
  birth: fc.constant(''),
  units: fc.integer({ min: 1, max: 2 }),
});

export const isUsable = (row: TestRow): boolean => row.emails.length > 0 || row.place !== '';
/** What makes two rows the same row. */
export const contentOf = (row: TestRow): string => JSON.stringify(row);

/** A row by its place in what was generated. */
export interface Numbered extends TestRow {
  n: number;
}

export function fileOf(rows: readonly Numbered[]): string {
  const lines = rows.map(({ n, name, kana, emails, place, id, birth, units }) => {
    const postal = place === '' ? '' : place.startsWith('東京都') ? '1000001' : '5300001';
    return [n, name, kana, emails.join(';'), postal, place, id, birth, units].join();
  });
  return ['備考,氏名,フリガナ,メール,郵便番号,住所,会員ID,生年月日,件数', ...lines].join('\n');
}

type Desk = Awaited<ReturnType<typeof intakeDesk>>;

/** Whose each row is, by its number; rows in quarantine are nobody's. */
export async function ownersOf(desk: Desk, lists: readonly ListRow[]): Promise<Map<number, string>> {
  const owners = new Map<number, string>();
  for (const { id } of lists) {
    for (const { person_id, data } of await desk.rows(id)) {
      if (person_id !== null) owners.set(Number(data.cells[0]), person_id);
    }
  }
  return owners;
}

/** The rows of each person, by their numbers, in an order of their own. */
export function partitionOf(owners: ReadonlyMap<number, string>): number[][] {
  const groups = [...Map.groupBy(owners.keys(), (n) => owners.get(n)).values()];
  return groups.map((group) => group.sort((a, b) => a - b)).sort((a, b) => (a[0] ?? 0) - (b[0] ?? 0));
}

/** Every figure of the incident agrees with its rows. */
export async function expectConserved(desk: Desk, incidentId: string, lists: readonly ListRow[]): Promise<void> {
  for (const { id } of lists) {
    const list = await desk.listOf(id);
    const rows = await desk.rows(id);
    const count = (outcome: string) => rows.filter((row) => row.outcome === outcome).length;
    expect([list.rows_total, list.rows_accepted, list.rows_merged, list.rows_quarantined]).toEqual([
      ...[rows.length, count('accepted'), count('merged'), count('quarantined')],
    ]);
    expect(rows.filter((row) => (row.person_id === null) !== (row.outcome === 'quarantined'))).toEqual([]);
    // Those of an earlier list may have become one since.
    const persons = new Set(rows.flatMap((row) => row.person_id ?? [])).size;
    if (id === lists.at(-1)?.id) expect(list.persons).toBe(persons);
    else expect(list.persons).toBeGreaterThanOrEqual(persons);
    expect(Number(list.exposures)).toBe(sum(rows.filter((row) => row.outcome !== 'quarantined').map(unitsOf)));
  }
  const all = (await Promise.all(lists.map(({ id }) => desk.rows(id)))).flat();
  const ofPerson = Map.groupBy(all, (row) => row.person_id);
  const persons = await desk.persons(incidentId);
  for (const person of persons) {
    const own = ofPerson.get(person.id) ?? [];
    expect(own.length).toBeGreaterThan(0);
    expect(sum(person.exposures.map((exposure) => exposure.units))).toBe(sum(own.map(unitsOf)));
  }
  expect(new Set(persons.map(({ reference }) => reference)).size).toBe(persons.length);
}

const unitsOf = (row: { exposure_units: number }) => row.exposure_units;
export const sum = (numbers: readonly number[]): number => numbers.reduce((all, one) => all + one, 0);

/** Pairs of persons who are asked about, kept apart or merged, as things stand: `low high`. */
export async function pairsOf(desk: Desk, incidentId: string): Promise<string[]> {
  const rows = await desk.db
    .selectFrom('candidates')
    .select(['low_id', 'high_id'])
    .where('incident_id', '=', incidentId)
    .execute();
  return rows.map(({ low_id, high_id }) => `${low_id} ${high_id}`);
}
