import { byId, type Groups, type Someone } from './groups.ts';

/** Pairs of persons of whom somebody said that they are two. */
export interface KeptApart {
  any: boolean;
  /** Whether some of these and some of those are such a pair. */
  divides(these: readonly string[], those: readonly string[]): boolean;
}

/** @param pairs ids of persons, in any order */
export function keptApart(pairs: Iterable<readonly [string, string]>): KeptApart {
  const others = new Map<string, Set<string>>();
  const note = (one: string, other: string) => others.set(one, (others.get(one) ?? new Set()).add(other));
  for (const [one, other] of pairs) {
    note(one, other);
    note(other, one);
  }
  return {
    any: others.size > 0,
    divides: (these, those) => these.some((one) => those.some((other) => others.get(one)?.has(other))),
  };
}

/** Joins rows and persons, and never two persons who are kept apart, not even through others. */
export interface Bonds {
  /**
   * Joins all of them. Where two of them are kept apart, the rest go to the one known first: nobody is lost, and the
   * order of rows does not matter.
   * @returns whether any were joined
   */
  joinAll(people: readonly Someone[]): boolean;
  /** Rows that could have gone to another person as well. */
  torn(): number[];
}

export function makeBonds(groups: Groups, apart: KeptApart): Bonds {
  const torn = new Set<number>();
  const personsOf = (who: Someone) => groups.personsIn(groups.groupOf(who));
  const unite = (one: Someone, other: Someone): boolean => {
    if (groups.groupOf(one) === groups.groupOf(other)) return false;
    groups.join(one, other);
    return true;
  };
  const joinDivided = (people: readonly Someone[]): boolean => {
    const centres: Someone[] = [];
    const loose = people.filter((who) => typeof who === 'number' && personsOf(who).length === 0) as number[];
    let joined = false;
    for (const who of inOrder(people, personsOf)) {
      const centre = centres.find((one) => !apart.divides(personsOf(one), personsOf(who)));
      if (centre === undefined) centres.push(who);
      else joined = unite(centre, who) || joined;
    }
    for (const row of loose) if (centres.length > 1) torn.add(row);
    return joined;
  };
  return {
    torn: () => [...torn],
    joinAll(people) {
      if (apart.any) return joinDivided(people);
      const [first, ...others] = people;
      let joined = false;
      for (const other of others) joined = unite(first ?? other, other) || joined;
      return joined;
    },
  };
}

/** Those who are known, or with somebody known, go first: the first known before the others. */
function inOrder(people: readonly Someone[], personsOf: (who: Someone) => string[]): Someone[] {
  const found = people.map((who) => ({ who, known: personsOf(who)[0] ?? null }));
  return found
    .sort((a, b) => {
      if (a.known !== null && b.known !== null) return byId(a.known, b.known);
      return Number(a.known === null) - Number(b.known === null);
    })
    .map(({ who }) => who);
}
