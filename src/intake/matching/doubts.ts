import type { KeptApart } from './bonds.ts';
import type { Groups, Someone } from './groups.ts';

export type CandidateReason = 'external_id_other_name' | 'possible_duplicate' | 'similar_name';

/** Two who may be one person. */
export interface CandidatePair {
  one: Someone;
  other: Someone;
  reason: CandidateReason;
}

/** Gathers what is in doubt while rows are still being joined. */
export interface Doubts {
  /**
   * Everybody in one of these sets may be the same person as everybody in another of them. People of one set are told
   * apart, or joined, by other rules.
   */
  among(sets: readonly (readonly Someone[])[], reason: CandidateReason): void;
  /** The pairs that are not one person after all, and that nobody keeps apart, each once. */
  pairs(): CandidatePair[];
}

/** @param allWithAll where there are more, each is compared with the first of another set only */
export function makeDoubts(groups: Groups, apart: KeptApart, allWithAll: number): Doubts {
  const found: { sets: readonly (readonly Someone[])[]; reason: CandidateReason }[] = [];
  /** Of each group in a set one who stands for it. */
  const standIns = (set: readonly Someone[]): Someone[] => {
    const ofEach = new Map<number, Someone>();
    for (const who of set) if (!ofEach.has(groups.groupOf(who))) ofEach.set(groups.groupOf(who), who);
    return [...ofEach.values()];
  };
  const areAsked = (a: number, b: number): boolean =>
    a !== b && !(apart.any && apart.divides(groups.personsIn(a), groups.personsIn(b)));
  return {
    among: (sets, reason) => void found.push({ sets, reason }),
    pairs() {
      const once = new Map<string, CandidatePair>();
      for (const { sets, reason } of found) {
        for (const [one, other] of pairsAcross(sets.map(standIns), allWithAll)) {
          const [a, b] = [groups.groupOf(one), groups.groupOf(other)];
          const name = a < b ? `${a} ${b}` : `${b} ${a}`;
          if (!once.has(name) && areAsked(a, b)) once.set(name, { one, other, reason });
        }
      }
      return [...once.values()];
    },
  };
}

function* pairsAcross(sets: readonly (readonly Someone[])[], allWithAll: number): Generator<[Someone, Someone]> {
  const many = sets.reduce((all, set) => all + set.length, 0) > allWithAll;
  for (const [i, set] of sets.entries()) {
    // Where they are many, the first set is compared by its first alone, and its others with the first of the next.
    for (const before of many ? sets.slice(0, Math.min(i, 1)) : sets.slice(0, i)) {
      for (const other of set) for (const one of many ? before.slice(0, 1) : before) yield [one, other];
      if (many && i === 1) for (const one of before.slice(1)) for (const other of set.slice(0, 1)) yield [one, other];
    }
  }
}
