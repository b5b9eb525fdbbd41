/** Hours of a wall clock in a time zone, and the instants that they are, on days on which clocks change too. */

/** An interval of instants in milliseconds since 1970: `since` belongs to it, `until` does not. */
export interface Span {
  since: number;
  until: number;
}

const weekdays = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] as const;
export type Weekday = (typeof weekdays)[number];

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

// Making a format costs a hundred times as much as using it.
const formats = new Map<string, Intl.DateTimeFormat>();

function formatOf(timeZone: string): Intl.DateTimeFormat {
  const known = formats.get(timeZone);
  if (known) return known;
  const format = new Intl.DateTimeFormat('en-US', {
    ...{ timeZone, calendar: 'iso8601', hourCycle: 'h23' },
    ...{ year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric', second: 'numeric' },
  });
  formats.set(timeZone, format);
  return format;
}

/** How far a zone's wall clock is ahead of UTC at an instant, in milliseconds. */
function offsetAt(at: number, timeZone: string): number {
  const parts = Object.fromEntries(
    formatOf(timeZone)
      .formatToParts(at)
      .map(({ type, value }) => [type, Number(value)]),
  );
  const { year = 0, month = 0, day = 0, hour, minute, second } = parts;
  return Date.UTC(year, month - 1, day, hour, minute, second) - Math.floor(at / 1000) * 1000;
}

/** The date `YYYY-MM-DD` that a zone's calendar shows at an instant. */
export function dateAt(at: number, timeZone: string): string {
  return new Date(at + offsetAt(at, timeZone)).toISOString().slice(0, 10);
}

export function addDays(date: string, days: number): string {
  return new Date(Date.parse(date) + days * DAY_MS).toISOString().slice(0, 10);
}

export function weekdayOf(date: string): Weekday {
  return weekdays[new Date(date).getUTCDay()] as Weekday;
}

/** Minutes since midnight of `HH:MM`, up to `24:00`. */
const minutesOf = (time: string): number => Number(time.slice(0, 2)) * 60 + Number(time.slice(3));

/**
 * The instants at which a zone's wall clock shows this date and a time of `from` up to, not including, `to`. One span on
 * nearly all days; none where clocks skip these hours, two where they show them twice with something else in between.
 * @param from `HH:MM`; `to` may be `24:00`
 */
export function spansOf(date: string, from: string, to: string, timeZone: string): Span[] {
  const since = Date.parse(date) + minutesOf(from) * MINUTE_MS;
  const until = Date.parse(date) + minutesOf(to) * MINUTE_MS;
  // No zone is further from UTC than 14 hours.
  const first = since - 15 * HOUR_MS;
  const last = until + 15 * HOUR_MS;
  const before = offsetAt(first, timeZone);
  const after = offsetAt(last, timeZone);
  if (before === after) return [{ since: since - before, until: until - before }];
  const change = changeOfClocks(first, last, timeZone);
  const spans = [
    { since: since - before, until: Math.min(until - before, change) },
    { since: Math.max(since - after, change), until: until - after },
  ];
  return joinSpans(spans.filter((span) => span.since < span.until));
}

/** Where between two instants with different offsets the clocks change: by halves, to the second. */
function changeOfClocks(first: number, last: number, timeZone: string): number {
  const before = offsetAt(first, timeZone);
  let [same, changed] = [Math.floor(first / 1000), Math.ceil(last / 1000)];
  while (changed - same > 1) {
    const middle = Math.floor((same + changed) / 2);
    if (offsetAt(middle * 1000, timeZone) === before) same = middle;
    else changed = middle;
  }
  return changed * 1000;
}

/** Spans in order, those that touch or overlap made one. */
export function joinSpans(spans: readonly Span[]): Span[] {
  const joined: Span[] = [];
  for (const span of spans.toSorted((a, b) => a.since - b.since)) {
    const previous = joined.at(-1);
    if (previous && span.since <= previous.until) previous.until = Math.max(previous.until, span.until);
    else joined.push({ ...span });
  }
  return joined;
}
