import type { FindingKind } from '../reading/finding.ts';

/** What a report does to its delivery: a step to another state, nothing, or not yet. */
export type Effect = { to: 'confirmed' | 'bounced' | 'complained' } | 'none' | 'wait';

/**
 * The states from which a report of this kind takes a delivery further, and those in which it has come too early: what it
 * says is then about an attempt whose end is not written yet. What is due to be sent again (a report about it shows that it
 * was sent before) is not sent again: it has arrived, or come back.
 */
const effects: Partial<
  Record<FindingKind, { to: 'confirmed' | 'bounced' | 'complained'; from: string[]; early: string[] }>
> = {
  delivered: {
    to: 'confirmed',
    from: ['pending', 'submitted', 'uncertain'],
    early: ['not_sent', 'claimed', 'submitting', 'deferred'],
  },
  bounce: {
    to: 'bounced',
    from: ['pending', 'submitted', 'confirmed', 'uncertain', 'deferred'],
    early: ['not_sent', 'claimed', 'submitting'],
  },
  complaint: {
    to: 'complained',
    from: ['pending', 'submitted', 'confirmed', 'uncertain', 'bounced'],
    early: ['not_sent', 'claimed', 'submitting', 'deferred'],
  },
};

/**
 * What a report does to a delivery (`docs/invariants.md`, Reports): uncertain < submitted < confirmed < bounced <
 * complained, and the highest stands, in whatever order they come. What says nothing for good changes nothing. Pure.
 * @param state of a delivery by email; `not_sent`: pending, and never tried
 */
export function effectOf(kind: FindingKind, state: string): Effect {
  const effect = effects[kind];
  if (!effect) return 'none';
  if (effect.early.includes(state)) return 'wait';
  return effect.from.includes(state) ? { to: effect.to } : 'none';
}
