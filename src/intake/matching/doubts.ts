import type { KeptApart } from './bonds.ts';
import type { Groups, Someone } from './groups.ts';

export type CandidateReason = 'external_id_other_name' | 'possible_duplicate' | 'similar_name';

/** Two who may be one person. */
export interface CandidatePair {
  one: Someone;
  other: Someone;
  reason: CandidateReason;
}

/** Gathers pairs in doubt while rows are still being joined. */
export interface Doubts {
  add(one: Someone, other: Someone, reason: CandidateReason): void;
  /** Everybody with everybody else. */
  among(people: readonly Someone[], reason: CandidateReason): void;
  /** The pairs that are not one person after all, and that nobody keeps apart, each once. */
  pairs(): CandidatePair[];
}

/** @param allWithAll where there are more, each is compared with the first only */
export function makeDoubts(groups: Groups, apart: KeptApart, allWithAll: number): Doubts {
  const found: CandidatePair[] = [];
  return {
    add: (one, other, reason) => void found.push({ one, other, reason }),
    among(people, reason) {
      people.forEach((other, i) => {
        const before = people.slice(0, people.length > allWithAll ? Math.min(i, 1) : i);
        for (const one of before) found.push({ one, other, reason });
      });
    },
    pairs() {
      const once = new Map<string, CandidatePair>();
      for (const pair of found) {
        const [a, b] = [groups.groupOf(pair.one), groups.groupOf(pair.other)];
        const name = a < b ? `${a} ${b}` : `${b} ${a}`;
        if (a === b || once.has(name)) continue;
        if (apart.any && apart.divides(groups.personsIn(a), groups.personsIn(b))) continue;
        once.set(name, pair);
      }
      return [...once.values()];
    },
  };
}
