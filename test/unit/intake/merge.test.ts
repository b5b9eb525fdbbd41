import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { makeKeyIndex } from '../../../src/intake/matching/key-index.ts';
import { makeMerger } from '../../../src/intake/matching/merge.ts';
import { emailFor, joinPersons, type PersonData } from '../../../src/intake/persons/person-data.ts';

interface TestRow {
  id: number;
  keys: number[];
  persons: string[];
  units: number;
}

const keyOf = (n: number) => Uint8Array.from({ length: 16 }, (_, i) => (n * 31 + i * 7) % 256);
const rows = fc
  .array(
    fc.record({
      keys: fc.uniqueArray(fc.nat(25), { maxLength: 3 }),
      persons: fc.uniqueArray(fc.nat(8).map(String), { maxLength: 1 }),
      units: fc.integer({ min: 1, max: 5 }),
    }),
    { maxLength: 40 },
  )
  .map((list): TestRow[] => list.map((row, id) => ({ ...row, id })));

function merge(list: readonly TestRow[]) {
  const merger = makeMerger();
  const accepted = new Set<number>();
  for (const row of list) {
    const placed = merger.add(row.keys.map(keyOf), row.persons);
    if (placed.outcome === 'accepted') accepted.add(placed.row);
    for (const other of placed.demoted) accepted.delete(other);
  }
  const groups = Map.groupBy(
    list.map((row, at) => ({ row, at })),
    ({ at }) => merger.groupOf(at),
  );
  const partition = [...groups].map(([group, members]) => ({
    rows: members.map(({ row }) => row.id).sort((a, b) => a - b),
    persons: [...merger.personsIn(group)],
    units: members.reduce((sum, { row }) => sum + row.units, 0),
  }));
  return { merger, accepted, groups, partition: partition.sort((a, b) => (a.rows[0] ?? 0) - (b.rows[0] ?? 0)) };
}

const shuffled = fc.tuple(rows, fc.infiniteStream(fc.nat())).map(([list, keys]) => ({
  list,
  other: list
    .map((row) => ({ row, key: keys.next().value ?? 0 }))
    .sort((a, b) => a.key - b.key)
    .map(({ row }) => row),
}));

describe('merging rows', () => {
  it('finds the same persons in whatever order the rows come', () => {
    fc.assert(
      fc.property(shuffled, ({ list, other }) => {
        expect(merge(other).partition).toEqual(merge(list).partition);
      }),
    );
  });

  it('puts two rows together exactly when a chain of shared keys or persons joins them', () => {
    fc.assert(
      fc.property(rows, (list) => {
        let label = list.map((row) => row.id);
        const linked = (a: TestRow, b: TestRow) =>
          a.keys.some((key) => b.keys.includes(key)) || a.persons.some((person) => b.persons.includes(person));
        for (let round = 0; round < list.length; round++) {
          label = list.map((row) =>
            Math.min(
              ...list.filter((other) => other === row || linked(row, other)).map((other) => label[other.id] ?? 0),
            ),
          );
        }
        const { merger } = merge(list);
        for (const a of list) {
          for (const b of list) expect(merger.groupOf(a.id) === merger.groupOf(b.id)).toBe(label[a.id] === label[b.id]);
        }
      }),
      { numRuns: 50 },
    );
  });

  it('conserves exposures, and calls one row of each new person accepted and no other', () => {
    fc.assert(
      fc.property(rows, (list) => {
        const { merger, accepted, groups, partition } = merge(list);
        const sum = (units: readonly { units: number }[]) => units.reduce((all, one) => all + one.units, 0);
        expect(sum(partition)).toBe(sum(list));
        const heads = [...groups.keys()].map((group) => merger.headOf(group)).filter((head) => head !== -1);
        expect([...accepted].sort((a, b) => a - b)).toEqual(heads.sort((a, b) => a - b));
        for (const [group, members] of groups) {
          expect(merger.rowsIn(group)).toBe(members.length);
          expect(merger.headOf(group)).toBe(merger.personsIn(group).length > 0 ? -1 : members[0]?.at);
        }
      }),
    );
  });
});

describe('an index of keys', () => {
  it('holds what was put into it', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.uint8Array({ minLength: 16, maxLength: 16 }), fc.nat())), (entries) => {
        const index = makeKeyIndex(2);
        const model = new Map<string, number>();
        for (const [key, value] of entries) {
          expect(index.get(key)).toBe(model.get(key.join()) ?? -1);
          index.set(key, value);
          model.set(key.join(), value);
        }
        for (const [key] of entries) expect(index.get(key)).toBe(model.get(key.join()));
      }),
    );
  });
});

describe('the email of a person', () => {
  const nobody: PersonData = {
    ...{ name: '山田 太郎', kana: null, honorific: null, company: null, department: null, emails: [], phone: null },
    ...{ postalCode: null, addressLines: [], country: 'JP', externalIds: [], locale: null },
  };
  const email = fc.record({
    address: fc.constantFrom('a@example.jp', 'A@example.jp', 'b@example.jp', 'c@example.com'),
    lastUse: fc.constantFrom(null, '2017-05-01', '2017-06-02'),
  });

  it('is the one of the latest use, in whatever order the lists come', () => {
    fc.assert(
      fc.property(fc.array(email, { minLength: 1, maxLength: 6 }), (emails) => {
        const persons = emails.map((one): PersonData => ({ ...nobody, emails: [one] }));
        const used = emailFor(persons.reduce(joinPersons));
        expect(emailFor(persons.toReversed().reduce(joinPersons))).toBe(used);
        const latest = emails
          .map((one) => one.lastUse ?? '')
          .sort()
          .at(-1);
        const ofUsed = emails.filter((one) => one.address.toLowerCase() === used?.toLowerCase());
        expect(ofUsed.map((one) => one.lastUse ?? '')).toContain(latest);
      }),
    );
  });

  it('is the one that an operator chose, whatever a later list says', () => {
    const chosen: PersonData = { ...nobody, emails: [{ address: 'right@example.jp', lastUse: null, chosen: true }] };
    const later: PersonData = { ...nobody, emails: [{ address: 'old@example.jp', lastUse: '2020-01-01' }] };
    expect(emailFor(joinPersons(chosen, later))).toBe('right@example.jp');
    expect(emailFor(nobody)).toBeNull();
  });
});
