import { groupRules } from '../mail-groups.ts';

/** What is kept of a mail domain: a group of `mail-groups.ts`, or the keyed hash of a domain. */
export interface DomainState {
  /** An operator's own limits; null: the rule of the group. */
  perMinute: number | null;
  concurrency: number | null;
  /** Emails a minute, while it is slowed. */
  slowedTo: number | null;
  /** When it was last slowed, or let go faster again. */
  slowedAt: Date | null;
  /** The last answers that asked for less and have not slowed it yet, three at most. */
  throttles: Date[];
  /** When the very last one came. */
  throttledAt: Date | null;
  /** The last refusals of us as sender since the last release, three at most. */
  refusals: Date[];
  heldAt: Date | null;
  heldBecause: string | null;
  heldCode: string | null;
}

export const nothingKnown: DomainState = {
  ...{ perMinute: null, concurrency: null, slowedTo: null, slowedAt: null, throttles: [], throttledAt: null },
  ...{ refusals: [], heldAt: null, heldBecause: null, heldCode: null },
};

/** The groups of mail domains. */
export const groups: readonly string[] = Object.keys(groupRules);

export const isGroup = (domain: string): boolean => Object.hasOwn(groupRules, domain);

/** How a domain is named to people: by its group, or by the first eight digits of its keyed hash. */
export const domainName = (domain: string): string => (isGroup(domain) ? domain : domain.slice(0, 8));

/** Whether the freeze puts the emails of a domain into a lane of their own, because its group has a limit. */
export function hasLaneByRule(domain: string): boolean {
  const rule = ruleOf(domain, false);
  return rule !== null && (rule.perMinute !== null || rule.concurrency !== null);
}

/** What is in force. Null: no limit. */
export interface DomainLimits {
  /** Emails a minute. */
  perMinute: number | null;
  /** Emails on their way at the same moment. */
  concurrency: number | null;
  held: boolean;
}

/**
 * The limits in force: an operator's own come before the group's, and slowing lowers either.
 * @param simulated nothing leaves the machine, so that no group has to be spared
 */
export function limitsOf(domain: string, state: DomainState, simulated: boolean): DomainLimits {
  const base = baseRate(domain, state, simulated);
  const rule = ruleOf(domain, simulated);
  return {
    perMinute: state.slowedTo === null ? base : Math.min(state.slowedTo, base ?? state.slowedTo),
    concurrency: state.concurrency ?? rule?.concurrency ?? null,
    held: state.heldAt !== null,
  };
}

const ruleOf = (domain: string, simulated: boolean) =>
  simulated || !isGroup(domain) ? null : groupRules[domain as keyof typeof groupRules];

/** Emails a minute while nothing slows the domain; null: no limit. */
export const baseRate = (domain: string, state: DomainState, simulated: boolean): number | null =>
  state.perMinute ?? ruleOf(domain, simulated)?.perMinute ?? null;

const MINUTE_MS = 60_000;
const BURST_MS = 5_000;

/** What has been permitted for a domain, and is on its way. */
export interface DomainUse {
  /** Permitted in the present minute. */
  used: number;
  /** Until when the rate is spoken for; null: nothing was ever permitted. */
  pacedUntil: Date | null;
  /** Permissions that are not used yet, and deliveries claimed and not written back. */
  inFlight: number;
}

/**
 * How many emails may be permitted now; null: no limit. What is permitted is paid for with time: of the rate's time at
 * most five seconds lie ahead of the clock, so that neither a minute that has just begun nor one that is nearly over
 * lets much go at once. A rate of less than one in five seconds permits one when its time has come.
 */
export function laneAllowance(
  { perMinute, concurrency, held }: DomainLimits,
  use: DomainUse,
  now: Date,
): number | null {
  if (held) return 0;
  if (perMinute === null && concurrency === null) return null;
  const places = concurrency === null ? Number.POSITIVE_INFINITY : concurrency - use.inFlight;
  if (perMinute === null) return Math.max(0, places);
  const msEach = MINUTE_MS / perMinute;
  const spoken = Math.max(use.pacedUntil?.getTime() ?? 0, now.getTime()) - now.getTime();
  // A little more than the sum, which may come out a breath below a whole number.
  const inTime = Math.floor((Math.max(BURST_MS, msEach) - spoken) / msEach + 1e-6);
  return Math.max(0, Math.min(places, inTime, Math.max(1, Math.floor(perMinute)) - use.used));
}

/** What answers say of a domain: it asks for less, it refuses us as sender, it finds our mail not authenticated. */
export interface DomainAnswer {
  kind: 'throttled' | 'blocked' | 'auth';
  /** The reply's codes. */
  code: string | null;
}

const ENOUGH = 3;
const THROTTLES_WITHIN_MS = 60_000;
const REFUSALS_WITHIN_MS = 600_000;
/** What was on its way when a domain was slowed still comes back, and is no news. */
const SETTLE_MS = 10_000;
const SLOWEST = 6;
const RECOVER_AFTER_MS = 30_000;
const RECOVER_FACTOR = 1.5;
/** A domain without a limit of its own is no longer slowed when it takes this many a minute. */
const FULL_SPEED = 6_000;

/** Takes one more, and forgets what has become old. */
const noted = (times: Date[], now: Date, withinMs: number): Date[] =>
  [...times, now].filter((at) => now.getTime() - at.getTime() < withinMs).slice(-ENOUGH);

/**
 * What a domain is after one more answer, and whether it is to be slowed for it: at the third answer within a minute
 * that asks for less. It is held at the third refusal of us as sender within ten minutes, and at the first answer that
 * finds our mail not authenticated: that is our own slip, and every further mail would meet it.
 */
export function noteAnswer(state: DomainState, answer: DomainAnswer, now: Date): { state: DomainState; slow: boolean } {
  if (answer.kind === 'throttled') {
    if (state.slowedAt && now.getTime() - state.slowedAt.getTime() < SETTLE_MS) {
      return { state: { ...state, throttledAt: now }, slow: false };
    }
    const throttles = noted(state.throttles, now, THROTTLES_WITHIN_MS);
    const slow = throttles.length === ENOUGH;
    return { state: { ...state, throttles: slow ? [] : throttles, throttledAt: now }, slow };
  }
  const refusals = answer.kind === 'blocked' ? noted(state.refusals, now, REFUSALS_WITHIN_MS) : state.refusals;
  const next = { ...state, refusals };
  if (state.heldAt !== null || (answer.kind === 'blocked' && refusals.length < ENOUGH)) {
    return { state: next, slow: false };
  }
  const heldBecause = answer.kind === 'auth' ? 'sender_auth' : 'sender_blocked';
  return { state: { ...next, heldAt: now, heldBecause, heldCode: answer.code }, slow: false };
}

/**
 * Slows a domain to half of what it gets now.
 * @param present emails a minute
 */
export const slowed = (state: DomainState, present: number, now: Date): DomainState => ({
  ...{ ...state, slowedTo: Math.max(SLOWEST, present / 2), slowedAt: now },
});

/**
 * Lets a slowed domain go half as fast again after thirty seconds in which it did not ask for less, until it is back at
 * what it had. The same state when it is not time.
 */
export function recovered(domain: string, state: DomainState, simulated: boolean, now: Date): DomainState {
  const since = Math.max(state.slowedAt?.getTime() ?? 0, state.throttledAt?.getTime() ?? 0);
  if (state.slowedTo === null || now.getTime() - since < RECOVER_AFTER_MS) return state;
  const faster = state.slowedTo * RECOVER_FACTOR;
  const full = baseRate(domain, state, simulated) ?? FULL_SPEED;
  return { ...state, slowedTo: faster < full ? faster : null, slowedAt: now };
}
