import { type DomainState, domainName, limitsOf } from '../delivery/dispatch/domain-limits.ts';
import { paceHour } from '../delivery/dispatch/permissions.ts';
import { afterOpenTime, type FrozenWindow, frozenWindowAt, type WindowState } from '../delivery/dispatch/window.ts';

const personOutcomes = ['reached', 'inProgress', 'unreached', 'excluded'] as const;
const emailStates = [
  ...(['pending', 'claimed', 'submitting', 'submitted', 'deferred', 'uncertain', 'bounced'] as const),
  ...(['complained', 'confirmed', 'suppressed', 'cancelled'] as const),
];
const letterStates = [
  ...(['pending', 'rendered', 'handedOver', 'posted', 'returned', 'unprintable', 'cancelled'] as const),
];

const reportKinds = ['bounce', 'delay', 'delivered', 'complaint', 'autoReply', 'other'] as const;

type Totals<States extends readonly string[]> = Record<States[number], number> & { total: number };

/** The figures of one notice at one moment (`http-api.md`, stats). */
export interface NoticeStats {
  noticeId: string;
  status: string;
  asOf: string;
  balanced: boolean;
  auditedAt: string | null;
  simulated: boolean;
  persons: Totals<typeof personOutcomes>;
  email: Totals<typeof emailStates>;
  letter: Totals<typeof letterStates>;
  pace: {
    lastMinute: number;
    perHour: number | null;
    /** Emails permitted in the present hour of the pace; null: no pace, or not sending. */
    usedThisHour: number | null;
    /** Null: no window, or not frozen yet. `opensAt` null: it does not open again. */
    window: { open: true; closesAt: string } | { open: false; opensAt: string | null } | null;
    estimatedEnd: string | null;
  };
  /** Mail domains with emails of this notice that are limited, slowed or held. */
  domains: DomainStats[];
  /** Of `email.submitted`: of how many nothing has been heard for so long that they are believed to have arrived. */
  believed: { afterHours: number; lasting: number; provisional: number };
  /** What mail systems have reported afterwards, each thing once. */
  reports: Record<(typeof reportKinds)[number], number>;
}

/** Mail systems give up after some days (RFC 5321 §4.5.4.1): until then a submitted email may still come back. */
export const BELIEVED_AFTER_HOURS = 120;

const HOUR_MS = 3_600_000;

/** Whether an email that stands as submitted is believed to have arrived, as the stats count it: by whole hours. */
export const isBelieved = (submittedAt: Date, now: Date): boolean =>
  Math.floor(submittedAt.getTime() / HOUR_MS) * HOUR_MS <= now.getTime() - (BELIEVED_AFTER_HOURS + 1) * HOUR_MS;

export interface DomainStats {
  /** A group, or the first eight digits of a domain's keyed hash. */
  domain: string;
  /** In force; null: no limit. */
  perMinute: number | null;
  usedThisMinute: number;
  concurrency: number | null;
  slowed: boolean;
  held: boolean;
  /** Why it is held. */
  because: string | null;
}

export interface NoticeFigures {
  noticeId: string;
  status: string;
  /** The database's clock. */
  now: Date;
  auditedAt: Date | null;
  auditAgreed: boolean | null;
  /** Persons of the snapshot as frozen; null before. */
  frozenPersons: number | null;
  counts: { channel: string; state: string; n: number }[];
  submittedLastMinute: number;
  perHour: number | null;
  window: FrozenWindow | null;
  approvedAt: Date | null;
  startAt: Date | null;
  /** Of the last hours, the newest first. */
  paceBudgets: { hour: string; used: number }[];
  domains: (DomainState & { domain: string; used: number })[];
  /** Of what stands as submitted: submitted longer ago than `BELIEVED_AFTER_HOURS`, by whole hours. */
  submittedLongAgo: number;
  reports: { kind: string; n: number }[];
}

/** Puts one snapshot of the counters into the form that is shown, and says whether they add up. Pure. */
export function noticeStats(
  figures: NoticeFigures,
  simulated: boolean,
  asLocalTime: (at: Date) => string,
): NoticeStats {
  const persons = totals(figures, 'person', personOutcomes);
  const email = totals(figures, 'email', emailStates);
  const letter = totals(figures, 'letter', letterStates);
  const sane = figures.counts.every(({ n }) => n >= 0);
  const complete = figures.frozenPersons === null || persons.total === figures.frozenPersons;
  const left = email.pending + email.claimed + email.submitting + email.deferred;
  return {
    noticeId: figures.noticeId,
    status: figures.status,
    asOf: asLocalTime(figures.now),
    balanced: sane && complete && figures.auditAgreed !== false,
    auditedAt: figures.auditedAt ? asLocalTime(figures.auditedAt) : null,
    simulated,
    persons,
    email,
    letter,
    pace: paceStats(figures, left, asLocalTime),
    domains: figures.domains.flatMap((domain) => domainStats(domain, simulated)),
    believed: believedOf(email.submitted, figures.submittedLongAgo),
    reports: reportsOf(figures.reports),
  };
}

function believedOf(submitted: number, longAgo: number): NoticeStats['believed'] {
  const lasting = Math.min(submitted, Math.max(0, longAgo));
  return { afterHours: BELIEVED_AFTER_HOURS, lasting, provisional: submitted - lasting };
}

function reportsOf(counts: NoticeFigures['reports']): NoticeStats['reports'] {
  const of = (name: string) => counts.find(({ kind }) => camelCase(kind) === name)?.n ?? 0;
  return Object.fromEntries(reportKinds.map((name) => [name, of(name)])) as NoticeStats['reports'];
}

function paceStats(figures: NoticeFigures, left: number, asLocalTime: (at: Date) => string): NoticeStats['pace'] {
  const { now, perHour, submittedLastMinute, window, status } = figures;
  const state = window && frozenWindowAt(window, now);
  const perMinute = perHour === null ? submittedLastMinute : perHour / 60;
  const msLeft = status === 'sending' && left > 0 && perMinute > 0 ? (left / perMinute) * 60_000 : null;
  const end = msLeft === null ? null : window ? afterOpenTime(window, now, msLeft) : new Date(now.getTime() + msLeft);
  return {
    ...{ lastMinute: submittedLastMinute, perHour, usedThisHour: usedThisHour(figures, state) },
    window: state && showWindow(state, asLocalTime),
    estimatedEnd: end && asLocalTime(end),
  };
}

function showWindow(state: WindowState, asLocalTime: (at: Date) => string): NoticeStats['pace']['window'] {
  if ('openUntil' in state) return { open: true, closesAt: asLocalTime(state.openUntil) };
  return { open: false, opensAt: state.opensAt && asLocalTime(state.opensAt) };
}

function usedThisHour(figures: NoticeFigures, state: WindowState | null): number | null {
  const { status, perHour, now, approvedAt, startAt, paceBudgets } = figures;
  if (perHour === null || status !== 'sending') return null;
  if (state && 'opensAt' in state) return 0;
  const hour = paceHour(now, [approvedAt, startAt, state?.openSince ?? null]).getTime();
  return paceBudgets.find((budget) => Date.parse(budget.hour) === hour)?.used ?? 0;
}

/** One line of a domain that is limited, slowed or held; nothing of any other. */
function domainStats(state: NoticeFigures['domains'][number], simulated: boolean): DomainStats[] {
  const { perMinute, concurrency, held } = limitsOf(state.domain, state, simulated);
  if (perMinute === null && concurrency === null && !held) return [];
  return [
    {
      ...{ domain: domainName(state.domain), perMinute, usedThisMinute: state.used, concurrency },
      ...{ slowed: state.slowedTo !== null, held, because: state.heldBecause },
    },
  ];
}

function totals<const States extends readonly string[]>(
  { counts }: NoticeFigures,
  channel: string,
  states: States,
): Totals<States> {
  const figures: Record<string, number> = { total: 0 };
  for (const state of states) figures[state] = 0;
  for (const count of counts) {
    if (count.channel !== channel) continue;
    const name = camelCase(count.state);
    figures[name] = (figures[name] ?? 0) + count.n;
    figures.total = (figures.total ?? 0) + count.n;
  }
  return figures as Totals<States>;
}

const camelCase = (state: string): string => state.replace(/_(\w)/g, (_match, letter: string) => letter.toUpperCase());
