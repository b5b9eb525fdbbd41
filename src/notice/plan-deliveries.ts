/** The channel policies of a notice (`ledger.md`, Channel policies). */
export const channelPolicies = ['email', 'letter', 'both', 'email_then_letter'] as const;
export type ChannelPolicy = (typeof channelPolicies)[number];

/** What planning needs to know of a person: a code where something is wrong, null where all is well. */
export interface Reachability {
  hasEmail: boolean;
  emailProblem: string | null;
  letterProblem: string | null;
}

export interface PlannedDelivery {
  channel: 'email' | 'letter';
  state: 'pending' | 'suppressed' | 'unprintable';
  reason: string | null;
}

/** The deliveries with which a notice begins for one person; later letters follow failed emails by themselves. */
export function planDeliveries(policy: ChannelPolicy, person: Reachability): PlannedDelivery[] {
  const email: PlannedDelivery[] = !person.hasEmail
    ? []
    : [{ channel: 'email', state: person.emailProblem ? 'suppressed' : 'pending', reason: person.emailProblem }];
  const letter: PlannedDelivery = {
    channel: 'letter',
    state: person.letterProblem ? 'unprintable' : 'pending',
    reason: person.letterProblem,
  };
  switch (policy) {
    case 'email':
      return email;
    case 'letter':
      return [letter];
    case 'both':
      return [...email, letter];
    case 'email_then_letter':
      if (email[0]?.state === 'pending') return email;
      return [...email, { ...letter, reason: letter.reason ?? person.emailProblem ?? 'no_email' }];
  }
}

/** The outcome with which a person begins, and its cause where nothing can reach them. */
export function firstOutcome(planned: PlannedDelivery[]): {
  outcome: 'in_progress' | 'unreached';
  cause: string | null;
} {
  if (planned.some((delivery) => delivery.state === 'pending')) return { outcome: 'in_progress', cause: null };
  return { outcome: 'unreached', cause: planned.at(-1)?.reason ?? 'no_email' };
}

export const usesEmail = (policy: ChannelPolicy): boolean => policy !== 'letter';
export const usesLetter = (policy: ChannelPolicy): boolean => policy !== 'email';
