import { describe, expect, it } from 'vitest';
import { makeGroups } from '../../../../src/intake/matching/groups.ts';
import { makeGroupCollector } from '../../../../src/intake/persons/collect-groups.ts';
import type { GroupRow, PersonGroup } from '../../../../src/intake/persons/write-persons.store.ts';

const row = (ordinal: number) => ({ ordinal, outcome: 'merged', units: 1 }) as GroupRow;

/** A writer that remembers which rows went to which person. */
function makeLedger() {
  const rowsOf = new Map<string, number[]>();
  let [next, batches] = [1_000, 0];
  const write = async (groups: readonly PersonGroup[]): Promise<string[]> => {
    batches++;
    const ids = groups.map(({ person }) => person ?? String(next++));
    expect(new Set(ids).size).toBe(ids.length);
    groups.forEach(({ rows }, i) => {
      const known = rowsOf.get(ids[i] ?? '') ?? [];
      for (const { ordinal } of rows) known.push(ordinal);
      rowsOf.set(ids[i] ?? '', known);
    });
    return ids;
  };
  return { rowsOf, write, batches: () => batches };
}

async function collect(groups: ReturnType<typeof makeGroups>, rows: number, asked: number[], mostWaiting?: number) {
  const ledger = makeLedger();
  const collector = makeGroupCollector(groups, ledger.write, new Set(asked.map(groups.groupOf)), mostWaiting);
  for (let ordinal = 1; ordinal <= rows; ordinal++) await collector.add(groups.groupOf(ordinal), row(ordinal));
  await collector.end();
  return { ...ledger, personOf: (ordinal: number) => collector.personOf(groups.groupOf(ordinal)) };
}

describe('gathering the rows of persons', () => {
  it('writes 15,000 rows of one person, whose last comes at the end, among 25,000 that wait, and each row once', async () => {
    const rows = 15_000 * 2 + 25_000;
    const groups = makeGroups(rows);
    // Rows of one person are every other row; the rest are pairs that stand far apart.
    for (let i = 1; i < 15_000; i++) groups.join(1, i * 2 + 1);
    const others = Array.from({ length: rows }, (_, i) => i + 1).filter((n) => n > 29_999 || n % 2 === 0);
    const half = Math.floor(others.length / 2);
    for (let i = 0; i < half; i++) groups.join(others[i] ?? 1, others[i + half] ?? 1);
    const began = performance.now();
    const { rowsOf, personOf } = await collect(groups, rows, [1, 2]);
    expect(performance.now() - began).toBeLessThan(5_000);
    expect([...rowsOf.values()].flat().sort((a, b) => a - b)).toEqual(Array.from({ length: rows }, (_, i) => i + 1));
    expect(rowsOf.get(personOf(1) ?? '')).toHaveLength(15_000);
    expect(rowsOf.get(personOf(2) ?? '')).toEqual([2, others[others.indexOf(2) + half]]);
    expect(rowsOf.size).toBe(1 + Math.ceil(others.length / 2));
  });

  it('gives rows that come after their person was written to the same person', async () => {
    const groups = makeGroups(9);
    for (const other of [4, 9]) groups.join(1, other);
    groups.join(2, 5);
    groups.join(3, '77');
    groups.join(3, 8);
    const { rowsOf } = await collect(groups, 9, [], 1);
    const partition = [...rowsOf].map(([id, of]) => [id === '77', of.sort()]).sort();
    expect(partition).toEqual(
      [
        [false, [1, 4, 9]],
        [false, [2, 5]],
        [true, [3, 8]],
        [false, [6]],
        [false, [7]],
      ].sort(),
    );
  });

  it('writes persons of one row in batches, not one by one', async () => {
    const { batches, rowsOf } = await collect(makeGroups(2_500), 2_500, []);
    expect([rowsOf.size, batches()]).toEqual([2_500, 3]);
  });
});
