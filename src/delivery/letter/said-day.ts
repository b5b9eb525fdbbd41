/** A day that somebody says of a batch, and between which it can be true: all `YYYY-MM-DD` in the incident's time zone. */
export interface SaidDay {
  day: string;
  /** When the incident became known, by the facts that were approved. Null: they do not say. */
  knownOn: string | null;
  today: string;
  /** When the printer acknowledged the batch, where that was before. */
  handedOverOn?: string | null;
}

/** Half a year: what is announced for later is a year or a month mistyped. */
const MOST_DAYS_AHEAD = 183;
/** The printer writes down the evening, and the post the morning. */
const DAYS_APART = 1;

/**
 * Why a day cannot be that on which letters were handed over or posted, and what to do; null: it can. Wide, because printers
 * announce days and operators write them down late: it refuses what is mistyped.
 */
export function saidDayProblem({ day, knownOn, today, handedOverOn = null }: SaidDay): string | null {
  if (knownOn !== null && day < knownOn) {
    return `is before ${knownOn}, when the incident became known: correct the date.`;
  }
  const latest = dayAfter(today, MOST_DAYS_AHEAD);
  if (day > latest) return `is after ${latest}, more than half a year ahead: correct the date.`;
  if (handedOverOn !== null && day < dayAfter(handedOverOn, -DAYS_APART)) {
    return `is before the printer had the letters, on ${handedOverOn}: correct the date.`;
  }
  return null;
}

function dayAfter(day: string, days: number): string {
  const date = new Date(`${day}T00:00:00Z`);
  date.setUTCDate(date.getUTCDate() + days);
  return date.toISOString().slice(0, 10);
}
