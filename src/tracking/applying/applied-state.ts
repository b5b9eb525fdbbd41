import type { FindingKind } from '../reading/finding.ts';

/** What a report does to its delivery: a step to another state, nothing, or not yet. */
export type Effect = { to: 'confirmed' | 'bounced' | 'complained' } | 'none' | 'wait';

/**
 * The states from which a report of this kind takes a delivery further, and those in which it has come too early: what it
 * says is then about an attempt whose end is not written yet, or that is about to be made again.
 */
const effects: Partial<
  Record<FindingKind, { to: 'confirmed' | 'bounced' | 'complained'; from: string[]; early: string[] }>
> = {
  delivered: {
    to: 'confirmed',
    from: ['submitted', 'uncertain'],
    early: ['pending', 'claimed', 'submitting', 'deferred'],
  },
  bounce: {
    to: 'bounced',
    from: ['submitted', 'confirmed', 'uncertain', 'deferred'],
    early: ['pending', 'claimed', 'submitting'],
  },
  complaint: {
    to: 'complained',
    from: ['submitted', 'confirmed', 'uncertain', 'bounced'],
    early: ['pending', 'claimed', 'submitting', 'deferred'],
  },
};

/**
 * What a report does to a delivery (`docs/invariants.md`, Reports): uncertain < submitted < confirmed < bounced <
 * complained, and the highest stands, in whatever order they come. What says nothing for good changes nothing. Pure.
 * @param state of a delivery by email
 */
export function effectOf(kind: FindingKind, state: string): Effect {
  const effect = effects[kind];
  if (!effect) return 'none';
  if (effect.early.includes(state)) return 'wait';
  return effect.from.includes(state) ? { to: effect.to } : 'none';
}
