import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ListRow } from '../../../src/intake/lists/list.store.ts';
import { intakeDesk } from './lists.ts';
import { certainly, circles, inDoubt, numbers, persons } from './naive-matching.ts';
import {
  anyRow,
  contentOf,
  expectConserved,
  fileOf,
  isUsable,
  type Numbered,
  ownersOf,
  pairsOf,
  partitionOf,
  plainRow,
  sum,
  type TestRow,
} from './people.ts';

let desk: Awaited<ReturnType<typeof intakeDesk>>;
beforeAll(async () => {
  desk = await intakeDesk();
});
afterAll(() => desk.close());

const number = (rows: readonly TestRow[]): Numbered[] => rows.map((row, n) => ({ ...row, n }));
const rowsOf = (row: fc.Arbitrary<TestRow>) => fc.array(row, { minLength: 2, maxLength: 14 }).map(number);
/** Rows, and the same rows in another order. */
const shuffled = (row: fc.Arbitrary<TestRow>) =>
  rowsOf(row)
    .filter((rows) => rows.some(isUsable))
    .chain((rows) => fc.tuple(fc.constant(rows), fc.shuffledSubarray(rows, { minLength: rows.length })));
/** Rows, and the same rows in another order over up to three lists. */
const spread = (row: fc.Arbitrary<TestRow>) =>
  shuffled(row).chain(([rows, other]) =>
    fc.array(fc.nat(2), { minLength: rows.length, maxLength: rows.length }).map((where) => ({
      rows,
      lists: [0, 1, 2].map((list) => other.filter((_, i) => where[i] === list)).filter((list) => list.some(isUsable)),
      left: other.filter((_, i) => !other.some((one, j) => where[j] === where[i] && isUsable(one))),
    })),
  );

async function takeIn(lists: readonly (readonly Numbered[])[], incidentId?: string) {
  const incident = incidentId ?? (await desk.newIncident());
  const taken: ListRow[] = [];
  for (const rows of lists) taken.push(await desk.checkAndAccept(incident, fileOf(rows), { source: 'shop' }));
  return { incidentId: incident, lists: taken, owners: await ownersOf(desk, taken) };
}

/** Whoever may be one and is not stands as a pair for a person to decide. */
async function expectAsked(incidentId: string, rows: readonly Numbered[], owners: ReadonlyMap<number, string>) {
  const pairs = new Set(await pairsOf(desk, incidentId));
  for (const a of rows) {
    for (const b of rows) {
      const [one, other] = [owners.get(a.n), owners.get(b.n)];
      if (!one || !other || BigInt(one) >= BigInt(other) || !inDoubt(a, b)) continue;
      expect({ a, b, asked: pairs.has(`${one} ${other}`) }).toEqual({ a, b, asked: true });
    }
  }
}

const runs = (numRuns: number) => ({ numRuns, interruptAfterTimeLimit: 40_000 });

describe('rows of one file', () => {
  it('come to the same persons in whatever order they stand, and to those that the rules say', async () => {
    await fc.assert(
      fc.asyncProperty(shuffled(anyRow), async ([rows, other]) => {
        const expected = persons(rows);
        for (const order of [rows, other]) {
          const { incidentId, lists, owners } = await takeIn([order]);
          expect(partitionOf(owners)).toEqual(expected);
          await expectConserved(desk, incidentId, lists);
          await expectAsked(incidentId, rows, owners);
          expect(sum((await desk.persons(incidentId)).flatMap((one) => one.exposures.map((of) => of.units)))).toBe(
            sum(rows.filter(isUsable).map((row) => row.units)),
          );
        }
      }),
      runs(25),
    );
  });

  it('change nothing when they come again in another order, and say so', async () => {
    await fc.assert(
      fc.asyncProperty(shuffled(anyRow), async ([rows, other]) => {
        const { incidentId, owners } = await takeIn([rows]);
        const before = [await desk.persons(incidentId), await pairsOf(desk, incidentId)];
        const { lists, owners: again } = await takeIn([other], incidentId);
        expect([await desk.persons(incidentId), await pairsOf(desk, incidentId)]).toEqual(before);
        expect(again).toEqual(new Map([...again.keys()].map((n) => [n, owners.get(n)])));
        const usable = rows.filter(isUsable).length;
        expect(lists[0]).toMatchObject({ rows_accepted: 0, rows_merged: usable, exposures: '0' });
        expect(lists[0]?.reasons).toMatchObject({ duplicate_row: usable });
      }),
      runs(15),
    );
  });
});

describe('the same rows over several lists of one source', () => {
  it('are one person where that is certain, two where names differ, and asked about where it is neither', async () => {
    await fc.assert(
      fc.asyncProperty(spread(anyRow), async ({ rows: all, lists: files, left }) => {
        const rows = all.filter((row) => !left.includes(row));
        const { incidentId, lists, owners } = await takeIn(files);
        const partition = partitionOf(owners);
        const whole = (of: readonly number[]) => new Set(of.map((n) => owners.get(n))).size === 1;
        for (const group of numbers(certainly(rows)))
          expect({ group, whole: whole(group) }).toEqual({ group, whole: true });
        for (const person of partition) {
          expect(new Set(person.map((n) => all[n]?.name)).size).toBe(1);
          expect(circles(rows).some((circle) => person.every((n) => circle.rows.includes(n)))).toBe(true);
        }
        // Where nothing could speak against an address, it is the same as in one file.
        for (const circle of circles(rows)) if (circle.clear) expect(whole(circle.rows)).toBe(true);
        await expectConserved(desk, incidentId, lists);
        await expectAsked(incidentId, rows, owners);
        const most = (content: string) =>
          Math.max(...files.map((file) => file.filter((row) => sameAs(row) === content).length));
        const contents = new Map(rows.filter(isUsable).map((row) => [sameAs(row), row.units]));
        expect(sum((await desk.persons(incidentId)).flatMap((one) => one.exposures.map((of) => of.units)))).toBe(
          sum([...contents].map(([content, units]) => most(content) * units)),
        );
      }),
      runs(25),
    );
  });

  it('are the same persons in any order of lists and rows, as long as nothing speaks against an address', async () => {
    await fc.assert(
      fc.asyncProperty(spread(plainRow), async ({ rows, lists, left }) => {
        const { owners } = await takeIn(lists);
        expect(partitionOf(owners)).toEqual(persons(rows.filter((row) => !left.includes(row))));
      }),
      runs(10),
    );
  });
});

function sameAs({ n: _, ...row }: Numbered): string {
  return contentOf(row);
}
