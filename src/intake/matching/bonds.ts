import { byId, type Groups, type Someone } from './groups.ts';

/** Pairs of persons of whom somebody said that they are two. */
export interface KeptApart {
  any: boolean;
  /** Whether somebody is kept apart from anybody. */
  concerns(person: string): boolean;
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
    concerns: (person) => others.has(person),
    divides: (these, those) => these.some((one) => those.some((other) => others.get(one)?.has(other))),
  };
}

/**
 * Joins rows and persons, and never two persons who are kept apart, not even through others. Where rows fit both, they
 * go to the one known first: nobody is lost, and neither the order of rows nor that of keys matters.
 */
export interface Bonds {
  /**
   * Joins all of one set. Where somebody in it is kept apart from anybody, it waits until `settle`.
   * @param onJoined called when any of the set were joined, with the set
   */
  joinAll(people: readonly Someone[], onJoined?: (people: readonly Someone[]) => void): void;
  /** Ends a step of the matching: joins the sets that wait. What one step decided, the next does not doubt. */
  settle(): void;
  /** Rows that could as well have gone to another person. */
  torn(): number[];
}

interface Waiting {
  people: readonly Someone[];
  first: string | null;
  onJoined?: ((people: readonly Someone[]) => void) | undefined;
}

export function makeBonds(groups: Groups, apart: KeptApart): Bonds {
  const torn = new Set<number>();
  let waiting: Waiting[] = [];
  /** Rows that found their person in this step. */
  let found = new Set<number>();
  const personsOf = (who: Someone) => groups.personsIn(groups.groupOf(who));
  const unite = (one: Someone, other: Someone): boolean => {
    if (groups.groupOf(one) === groups.groupOf(other)) return false;
    groups.join(one, other);
    return true;
  };
  const joinSet = (people: readonly Someone[]): boolean => {
    const [first, ...others] = people;
    let joined = false;
    for (const other of others) joined = unite(first ?? other, other) || joined;
    return joined;
  };
  const joinDivided = (people: readonly Someone[]): boolean => {
    const centres: Someone[] = [];
    const loose = people.filter((who) => typeof who === 'number' && (found.has(who) || personsOf(who).length === 0));
    let joined = false;
    for (const who of inOrder(people, personsOf)) {
      const centre = centres.find((one) => !apart.divides(personsOf(one), personsOf(who)));
      if (centre === undefined) centres.push(who);
      else joined = unite(centre, who) || joined;
    }
    for (const row of loose as number[]) {
      found.add(row);
      if (centres.length > 1) torn.add(row);
    }
    return joined;
  };
  return {
    torn: () => [...torn],
    joinAll(people, onJoined) {
      const persons = apart.any ? people.flatMap(personsOf).sort(byId) : [];
      if (persons.some(apart.concerns)) waiting.push({ people, first: persons[0] ?? null, onJoined });
      else if (joinSet(people)) onJoined?.(people);
    },
    settle() {
      const sets = waiting.sort((a, b) => byFirst(a.first, b.first));
      waiting = [];
      for (const { people, onJoined } of sets) if (joinDivided(people)) onJoined?.(people);
      found = new Set();
    },
  };
}

/** Those who are known, or with somebody known, go first: the first known before the others. */
function inOrder(people: readonly Someone[], personsOf: (who: Someone) => string[]): Someone[] {
  const known = people.map((who) => ({ who, first: personsOf(who)[0] ?? null }));
  return known.sort((a, b) => byFirst(a.first, b.first)).map(({ who }) => who);
}

function byFirst(a: string | null, b: string | null): number {
  if (a !== null && b !== null) return byId(a, b);
  return Number(a === null) - Number(b === null);
}
