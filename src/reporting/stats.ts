const personOutcomes = ['reached', 'inProgress', 'unreached', 'excluded'] as const;
const emailStates = [
  ...(['pending', 'claimed', 'submitting', 'submitted', 'deferred', 'uncertain', 'bounced'] as const),
  ...(['complained', 'confirmed', 'suppressed', 'cancelled'] as const),
];
const letterStates = [
  ...(['pending', 'rendered', 'handedOver', 'posted', 'returned', 'unprintable', 'cancelled'] as const),
];

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
  pace: { lastMinute: number; perHour: number | null; estimatedEnd: string | null };
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
  const perMinute = figures.perHour === null ? figures.submittedLastMinute : figures.perHour / 60;
  const minutesLeft = figures.status === 'sending' && left > 0 && perMinute > 0 ? left / perMinute : null;
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
    pace: {
      lastMinute: figures.submittedLastMinute,
      perHour: figures.perHour,
      estimatedEnd: minutesLeft === null ? null : asLocalTime(new Date(figures.now.getTime() + minutesLeft * 60_000)),
    },
  };
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
