import holidayJp from '@holiday-jp/holiday_jp';
import Type, { type Static } from 'typebox';
import type { Facts } from '../../incident/facts.ts';
import { addDays, dateAt, joinSpans, type Span, spansOf, type Weekday, weekdayOf } from './wall-clock.ts';

const closed = { additionalProperties: false } as const;
const ClockTime = Type.String({
  ...{ pattern: '^([01]\\d|2[0-3]):[0-5]\\d$|^24:00$', description: "HH:MM in the incident's time zone." },
});

/** Days and hours in which emails may go, as an operator gives them; `"hotline"`: when the hotline is open. */
export const PaceWindow = Type.Union([
  Type.Literal('hotline'),
  Type.Object(
    {
      days: Type.Array(Type.Enum(['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun']), {
        ...{ maxItems: 7, uniqueItems: true, description: 'May be empty: then only on the extra dates.' },
      }),
      ...{ from: ClockTime, to: ClockTime },
      extra: Type.Optional(
        Type.Array(Type.String({ format: 'date' }), {
          ...{ maxItems: 60, uniqueItems: true },
          description: 'Further dates, with the same hours, also on other days and on holidays.',
        }),
      ),
      holidays: Type.Optional(
        Type.Enum(['skip', 'send'], { description: "Japan's; `send` when absent. `skip` needs Asia/Tokyo." }),
      ),
    },
    closed,
  ),
]);
export type PaceWindow = Static<typeof PaceWindow>;

/** A window in full: what the hotline's hours were when the notice was frozen is part of it. */
export interface SendingWindow {
  days: Weekday[];
  /** `HH:MM` of the wall clock; `to` may be `24:00`. */
  from: string;
  to: string;
  skipHolidays: boolean;
  /** Dates with hours of their own, which hold there in place of the usual ones. */
  openings: { date: string; from: string; to: string }[];
}

/** A window that was given with its hours, in full. */
export function fullWindow({ days, from, to, extra = [], holidays }: Exclude<PaceWindow, 'hotline'>): SendingWindow {
  const openings = extra.map((date) => ({ date, from, to }));
  return { days: days as Weekday[], from, to, skipHolidays: holidays === 'skip', openings };
}

/** Any window in full: of `"hotline"` the facts say when. */
export function resolveWindow(given: PaceWindow, { hours, specialOpenings }: Facts['contact']): SendingWindow {
  if (given !== 'hotline') return fullWindow(given);
  const { days, from, to, closedOnHolidays } = hours;
  return { days, from, to, skipHolidays: closedOnHolidays ?? false, openings: specialOpenings };
}

/** The window of a notice as it was frozen. */
export interface FrozenWindow {
  given: PaceWindow;
  contact: Facts['contact'];
  /** IANA name. */
  timeZone: string;
}

/** The time zone in which holidays are known. */
export const WITH_HOLIDAYS = 'Asia/Tokyo';
/** Dates, `YYYY-MM-DD`. */
export const japaneseHolidays: ReadonlySet<string> = new Set(Object.keys(holidayJp.holidays));

/** Why a window cannot be used, and what to do instead; null when it can. */
export function windowProblem(window: SendingWindow, timeZone: string): { field: string; message: string } | null {
  if (window.to <= window.from) {
    const message = 'to must be after from: a window does not reach into the next day, "24:00" is the end of a day.';
    return { field: 'to', message };
  }
  if (window.days.length === 0 && window.openings.length === 0) {
    return { field: 'days', message: 'The window never opens: name days, or dates in extra.' };
  }
  if (window.skipHolidays && timeZone !== WITH_HOLIDAYS) {
    const message =
      `Holidays are known for ${WITH_HOLIDAYS} alone, and the time zone is ${timeZone}: give a window with the days ` +
      'on which nothing is a holiday and further dates in extra, and leave out holidays.';
    return { field: 'holidays', message };
  }
  return null;
}

/** The hours of one date; none when the window stays closed. */
function hoursOn(window: SendingWindow, date: string): { from: string; to: string }[] {
  const own = window.openings.filter((opening) => opening.date === date);
  if (own.length > 0) return own;
  if (window.skipHolidays && japaneseHolidays.has(date)) return [];
  return window.days.includes(weekdayOf(date)) ? [window] : [];
}

const spansOn = (window: SendingWindow, date: string, timeZone: string): Span[] =>
  hoursOn(window, date).flatMap(({ from, to }) => spansOf(date, from, to, timeZone));

/** Open now, since and until when; or closed, and when it opens next: null for never, which is not within 366 days. */
export type WindowState = { openSince: Date; openUntil: Date } | { opensAt: Date | null };

const SEARCH_DAYS = 366;

/**
 * Whether a window is open at an instant. Days that follow each other without a gap are one opening; of one that is
 * longer than a day only its nearer part is looked at, from yesterday to tomorrow.
 */
export function windowAt(window: SendingWindow, timeZone: string, at: Date): WindowState {
  const now = at.getTime();
  const today = dateAt(now, timeZone);
  const near = joinSpans([-1, 0, 1].flatMap((days) => spansOn(window, addDays(today, days), timeZone)));
  const open = near.find(({ since, until }) => since <= now && now < until);
  if (open) return { openSince: new Date(open.since), openUntil: new Date(open.until) };
  for (let days = 0; days <= SEARCH_DAYS; days++) {
    const next = joinSpans(spansOn(window, addDays(today, days), timeZone)).find(({ since }) => since > now);
    if (next) return { opensAt: new Date(next.since) };
  }
  return { opensAt: null };
}

/** Whether the window of a frozen notice is open. */
export const frozenWindowAt = ({ given, contact, timeZone }: FrozenWindow, at: Date): WindowState =>
  windowAt(resolveWindow(given, contact), timeZone, at);

const MOST_OPENINGS = 400;

/**
 * When so much time of the open window will have passed from an instant on; null when that is more than about a year
 * away, or never.
 */
export function afterOpenTime(frozen: FrozenWindow, from: Date, openMs: number): Date | null {
  let at = from;
  let left = openMs;
  for (let openings = 0; openings < MOST_OPENINGS; openings++) {
    let state = frozenWindowAt(frozen, at);
    if ('opensAt' in state) {
      if (state.opensAt === null) return null;
      at = state.opensAt;
      state = frozenWindowAt(frozen, at);
    }
    if (!('openUntil' in state)) return null;
    const open = state.openUntil.getTime() - at.getTime();
    if (left <= open) return new Date(at.getTime() + left);
    left -= open;
    at = state.openUntil;
  }
  return null;
}
