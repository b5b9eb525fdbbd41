import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { makeGroups, type Someone } from '../../../../src/intake/matching/groups.ts';
import { makeNumbers } from '../../../../src/intake/matching/numbers.ts';
import { outcomesOf } from '../../../../src/intake/matching/outcomes.ts';

const ROWS = 30;
const someone: fc.Arbitrary<Someone> = fc.oneof(
  { weight: 3, arbitrary: fc.integer({ min: 1, max: ROWS }) },
  { weight: 1, arbitrary: fc.integer({ min: 7, max: 14 }).map(String) },
);
const joins = fc.array(fc.tuple(someone, someone), { maxLength: 40 });
const shuffledJoins = joins.chain((list) =>
  fc.tuple(fc.constant(list), fc.shuffledSubarray(list, { minLength: list.length })),
);

function joined(list: readonly (readonly [Someone, Someone])[]) {
  const groups = makeGroups(ROWS);
  for (const [a, b] of list) groups.join(a, b);
  return groups;
}

/** The naive model: labels that spread along the joins until nothing changes. */
function labelled(list: readonly (readonly [Someone, Someone])[]): Map<Someone, number> {
  const everybody: Someone[] = [...Array.from({ length: ROWS }, (_, i) => i + 1), ...new Set(list.flat())];
  const labels = new Map(everybody.map((who, i) => [who, i]));
  for (let changed = true; changed; ) {
    changed = false;
    for (const [a, b] of list) {
      const [x = 0, y = 0] = [labels.get(a), labels.get(b)];
      if (x === y) continue;
      labels.set(a, Math.min(x, y));
      labels.set(b, Math.min(x, y));
      changed = true;
    }
  }
  return labels;
}

/** What can be asked of a grouping, in words that do not depend on how it came about. */
function described(groups: ReturnType<typeof makeGroups>) {
  return Array.from({ length: ROWS }, (_, i) => {
    const group = groups.groupOf(i + 1);
    return {
      ...{ head: groups.headOf(group), rows: groups.rowsIn(group), persons: groups.personsIn(group) },
      members: groups.nodesIn(group).map(groups.whoIs).map(String).sort(),
    };
  });
}

describe('groups of rows and known persons', () => {
  it('are the same in whatever order they are joined', () => {
    fc.assert(
      fc.property(shuffledJoins, ([list, other]) => {
        expect(described(joined(other))).toEqual(described(joined(list)));
        expect(described(joined(list.map(([a, b]) => [b, a] as const)))).toEqual(described(joined(list)));
      }),
    );
  });

  it('hold two together exactly when a chain of joins does', () => {
    fc.assert(
      fc.property(joins, (list) => {
        const groups = joined(list);
        const labels = labelled(list);
        for (const [a, x] of labels) {
          for (const [b, y] of labels) expect(groups.groupOf(a) === groups.groupOf(b)).toBe(x === y);
        }
      }),
      { numRuns: 50 },
    );
  });

  it('know their first row, how many rows and which persons they have, the first known first', () => {
    fc.assert(
      fc.property(joins, (list) => {
        const groups = joined(list);
        const members = Map.groupBy(labelled(list).entries(), ([, label]) => label);
        for (const of of members.values()) {
          const people = of.map(([who]) => who);
          const group = groups.groupOf(people[0] ?? 1);
          const rows = people.filter((who) => typeof who === 'number');
          const persons = people.filter((who) => typeof who === 'string');
          expect(groups.rowsIn(group)).toBe(rows.length);
          expect(groups.headOf(group)).toBe(Math.min(...rows));
          expect(groups.personsIn(group)).toEqual(persons.sort((a, b) => Number(a) - Number(b)));
          expect(groups.isKnown(group)).toBe(persons.length > 0);
        }
      }),
    );
  });

  it('put ids in the order of their numbers, not of their letters', () => {
    const groups = makeGroups(1);
    for (const id of ['1000', '9', '30']) groups.join(1, id);
    expect(groups.personsIn(groups.groupOf(1))).toEqual(['9', '30', '1000']);
  });

  it('take a million rows of one person, and a million of as many, in a second or two', () => {
    const groups = makeGroups(1_000_000);
    for (let row = 2; row <= 1_000_000; row++) groups.join(row, row - 1);
    expect(groups.rowsIn(groups.groupOf(500_000))).toBe(1_000_000);
    const others = makeGroups(1_000_000);
    for (let row = 1; row <= 1_000_000; row++) others.join(row, String(row));
    expect(others.personsIn(others.groupOf(77))).toEqual(['77']);
  });
});

describe('what rows come to', () => {
  it('calls one row of each new person accepted, every other usable row merged, and counts each person once', () => {
    fc.assert(
      fc.property(joins, fc.uniqueArray(fc.integer({ min: 1, max: ROWS })), (list, quarantined) => {
        const usable = (who: Someone) => typeof who === 'string' || !quarantined.includes(who);
        const groups = joined(list.filter((pair) => pair.every(usable)));
        const { merged, accepted, persons } = outcomesOf(groups, ROWS, usable);
        const rows = Array.from({ length: ROWS }, (_, i) => i + 1).filter(usable);
        const found = new Set(rows.map((row) => groups.groupOf(row)));
        const fresh = [...found].filter((group) => !groups.isKnown(group));
        expect({ accepted, persons }).toEqual({ accepted: fresh.length, persons: found.size });
        expect(merged.length + accepted).toBe(rows.length);
        expect(new Set(merged).size).toBe(merged.length);
        expect(merged.filter((row) => quarantined.includes(row))).toEqual([]);
      }),
    );
  });
});

describe('numbers that grow', () => {
  it('hold what was written, and 0 elsewhere', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(5_000), fc.integer({ min: -9, max: 9 }))), (writes) => {
        const numbers = makeNumbers(1);
        for (const [index, value] of writes) numbers.set(index, value);
        const model = new Map(writes);
        for (const [index] of writes) expect(numbers.at(index)).toBe(model.get(index));
        expect(numbers.at(9_999)).toBe(0);
      }),
    );
  });
});
