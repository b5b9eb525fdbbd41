import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { keptApart, makeBonds } from '../../../../src/intake/matching/bonds.ts';
import { makeDoubts } from '../../../../src/intake/matching/doubts.ts';
import type { Evidence } from '../../../../src/intake/matching/evidence.ts';
import { makeGroups, type Someone } from '../../../../src/intake/matching/groups.ts';
import { judgePlaces, makePlaces } from '../../../../src/intake/matching/places.ts';

const ROWS = 12;
const nothing: Evidence = { email: false, sources: [], births: [] };

/** Judges places of rows, of which some have an email. */
function judged(places: readonly Someone[][], withEmail: readonly number[]) {
  const groups = makeGroups(ROWS);
  const found = makePlaces(groups);
  for (const place of places) found.add(place);
  const evidenceOf = (group: number) => ({ ...nothing, email: withEmail.includes(group) });
  return { found, verdicts: judgePlaces(found, groups, evidenceOf) };
}

describe('places where several have one name', () => {
  it('hold one person while at most one of them has an email', () => {
    expect(judged([[1, 2, 3]], [2]).verdicts).toEqual([true]);
    expect(judged([[1, 2, 3]], [1, 2]).verdicts).toEqual([false]);
  });

  it('never join two with emails through a third who stands at both places', () => {
    expect(
      judged(
        [
          [1, 2],
          [2, 3],
        ],
        [1, 3],
      ).verdicts,
    ).toEqual([false, false]);
    expect(
      judged(
        [
          [1, 2],
          [2, 3],
          [5, 6],
        ],
        [1, 6],
      ).verdicts,
    ).toEqual([true, true, true]);
  });

  it('do not lose a clear place to a quarrel at another', () => {
    expect(
      judged(
        [
          [1, 2, 3],
          [3, 4],
        ],
        [1, 2],
      ).verdicts,
    ).toEqual([false, true]);
  });

  it('are none where all are one group already', () => {
    const groups = makeGroups(ROWS);
    groups.join(1, 2);
    groups.join(2, '7');
    const places = makePlaces(groups);
    places.add([1, 2, '7']);
    places.add([1, 2, 3, '7', '9']);
    expect(places.count()).toBe(1);
    expect(places.at(0)).toEqual([1, 3, '9']);
  });

  it('are judged as the naive model judges them, in whatever order they and their people come', () => {
    const place = fc.uniqueArray(fc.integer({ min: 1, max: ROWS }), { minLength: 2, maxLength: 4 });
    const cases = fc
      .tuple(fc.array(place, { maxLength: 6 }), fc.uniqueArray(fc.integer({ min: 1, max: ROWS }), { maxLength: 4 }))
      .chain(([places, emails]) =>
        fc.record({
          ...{ places: fc.constant(places), emails: fc.constant(emails) },
          other: fc.shuffledSubarray(places, { minLength: places.length }),
        }),
      );
    fc.assert(
      fc.property(cases, ({ places, emails, other }) => {
        const verdictOf = (all: readonly number[][], one: readonly number[]) =>
          judged(all, emails).verdicts[all.indexOf(one as number[])];
        const turned = new Map(places.map((one) => [one, one.toReversed()]));
        for (const one of places) {
          const expected = naive(places, one, emails);
          expect(verdictOf(places, one)).toBe(expected);
          expect(verdictOf(other, one)).toBe(expected);
          expect(verdictOf([...turned.values()], turned.get(one) ?? [])).toBe(expected);
        }
      }),
    );
  });
});

/** A place is clear, and so is everything that clear places hold together with it. */
function naive(places: readonly number[][], place: readonly number[], emails: readonly number[]): boolean {
  const quarrel = (people: Iterable<number>) => [...people].filter((row) => emails.includes(row)).length > 1;
  const clear = places.filter((one) => !quarrel(one));
  if (!clear.some((one) => one === place)) return false;
  const circle = new Set(place);
  for (let before = 0; before !== circle.size; ) {
    before = circle.size;
    for (const one of clear) if (one.some((row) => circle.has(row))) for (const row of one) circle.add(row);
  }
  return !quarrel(circle);
}

describe('bonds', () => {
  const apart = keptApart([['7', '9']]);
  const bonded = (steps: readonly (readonly Someone[])[][], kept = apart, before: [number, string][] = []) => {
    const groups = makeGroups(ROWS);
    const bonds = makeBonds(groups, kept);
    const joined: (readonly Someone[])[] = [];
    for (const [row, person] of before) groups.join(row, person);
    for (const sets of steps) {
      for (const set of sets) bonds.joinAll(set, (people) => joined.push(people));
      bonds.settle();
    }
    return {
      groups,
      joined,
      torn: bonds.torn().sort(),
      personsOf: (who: Someone) => groups.personsIn(groups.groupOf(who)),
    };
  };

  it('join all, while nobody is kept apart, and say which sets were not one before', () => {
    const sets = [
      [1, 2, '7', '9'],
      [2, '9'],
    ];
    const { personsOf, joined } = bonded([sets], keptApart([]));
    expect(personsOf(2)).toEqual(['7', '9']);
    expect(joined).toEqual([[1, 2, '7', '9']]);
  });

  it('give rows that fit two who are kept apart to the one known first, and say so', () => {
    for (const people of [
      [1, 2, '7', '9'],
      ['9', 2, '7', 1],
      [2, '9', 1, '7'],
    ]) {
      const { personsOf, torn } = bonded([[people]]);
      expect([personsOf(1), personsOf(2), personsOf('9')]).toEqual([['7'], ['7'], ['9']]);
      expect(torn).toEqual([1, 2]);
    }
  });

  it('do so too where one key is of the one and another of the other, whichever key comes first', () => {
    for (const sets of [
      [
        [1, '9'],
        [1, '7'],
      ],
      [
        [1, '7'],
        ['9', 1],
      ],
    ]) {
      const { personsOf, torn } = bonded([sets]);
      expect([personsOf(1), torn]).toEqual([['7'], [1]]);
    }
  });

  it('say nothing of rows whose person an earlier step found', () => {
    const { personsOf, torn } = bonded([[[2, '9']], [[2, 1, '7', '9']]], apart, [[1, '7']]);
    expect([personsOf(1), personsOf(2), torn]).toEqual([['7'], ['9'], []]);
  });

  it('never bring two together who are kept apart, whatever is joined in whatever order', () => {
    const who = fc.oneof(fc.integer({ min: 1, max: 6 }), fc.constantFrom('7', '9', '11'));
    const sets = fc.array(fc.array(who, { minLength: 2, maxLength: 4 }), { maxLength: 6 });
    fc.assert(
      fc.property(fc.array(sets, { maxLength: 3 }), (steps) => {
        const { groups } = bonded(steps);
        expect(groups.groupOf('7')).not.toBe(groups.groupOf('9'));
      }),
    );
  });
});

describe('doubts', () => {
  const pairsOf = (work: (doubts: ReturnType<typeof makeDoubts>, groups: ReturnType<typeof makeGroups>) => void) => {
    const groups = makeGroups(ROWS);
    const doubts = makeDoubts(groups, keptApart([['7', '9']]), 4);
    work(doubts, groups);
    return doubts.pairs().map(({ one, other, reason }) => [one, other, reason]);
  };

  it('name each pair of groups once, for the first reason, and not those who are one after all', () => {
    expect(
      pairsOf((doubts, groups) => {
        doubts.among([[1], [2], [3]], 'possible_duplicate');
        doubts.among([[2], [1, 4]], 'similar_name');
        groups.join(1, 3);
      }),
    ).toEqual([
      [1, 2, 'possible_duplicate'],
      [2, 4, 'similar_name'],
    ]);
  });

  it('ask about everybody of one name and everybody of another, and not within one name', () => {
    const pairs = pairsOf((doubts) =>
      doubts.among(
        [
          [1, 2],
          ['5', 3],
        ],
        'similar_name',
      ),
    );
    expect(pairs.map(([one, other]) => `${one} ${other}`).sort()).toEqual(['1 3', '1 5', '2 3', '2 5']);
  });

  it('do not ask about those who are kept apart', () => {
    expect(
      pairsOf((doubts, groups) => {
        groups.join(1, '9');
        doubts.among([[1], ['7']], 'similar_name');
      }),
    ).toEqual([]);
  });

  it('compare each with the first of another name only, where they are many, and leave nobody out', () => {
    const pairs = pairsOf((doubts) =>
      doubts.among(
        [
          [1, 2],
          [3, 4],
          [5, 6],
        ],
        'similar_name',
      ),
    );
    expect(pairs.length).toBe(5);
    expect(new Set(pairs.flatMap(([one, other]) => [one, other].map(Number)))).toEqual(new Set([1, 2, 3, 4, 5, 6]));
  });
});
