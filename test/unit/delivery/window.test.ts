import holidayJp from '@holiday-jp/holiday_jp';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  afterOpenTime,
  type FrozenWindow,
  type PaceWindow,
  resolveWindow,
  type SendingWindow,
  windowAt,
  windowProblem,
} from '../../../src/delivery/dispatch/window.ts';
import type { Facts } from '../../../src/incident/facts.ts';
import { localTime } from '../../../src/reporting/local-time.ts';

const TOKYO = 'Asia/Tokyo';
const NEW_YORK = 'America/New_York';
const workdays: SendingWindow['days'] = ['mon', 'tue', 'wed', 'thu', 'fri'];
const everyDay: SendingWindow['days'] = [...workdays, 'sat', 'sun'];
const window = (over: Partial<SendingWindow> = {}): SendingWindow => ({
  ...{ days: workdays, from: '10:00', to: '19:00', skipHolidays: false, openings: [] },
  ...over,
});

/** What a window is at an instant, told by the wall clock. */
function told(of: SendingWindow, timeZone: string, at: string): string {
  const state = windowAt(of, timeZone, new Date(at));
  const local = (instant: Date) => localTime(instant, timeZone).slice(0, 16);
  if ('openUntil' in state) return `open ${local(state.openSince)} to ${local(state.openUntil)}`;
  return state.opensAt ? `opens ${local(state.opensAt)}` : 'never';
}

describe('a window of days and hours', () => {
  it.each([
    ['before it opens', '2017-07-25T09:59:59+09:00', 'opens 2017-07-25T10:00'],
    ['as it opens', '2017-07-25T10:00:00+09:00', 'open 2017-07-25T10:00 to 2017-07-25T19:00'],
    ['just before it closes', '2017-07-25T18:59:59.999+09:00', 'open 2017-07-25T10:00 to 2017-07-25T19:00'],
    ['as it closes', '2017-07-25T19:00:00+09:00', 'opens 2017-07-26T10:00'],
    ['on Friday evening', '2017-07-28T19:00:00+09:00', 'opens 2017-07-31T10:00'],
    ['on Sunday', '2017-07-30T12:00:00+09:00', 'opens 2017-07-31T10:00'],
    ['told in another offset', '2017-07-25T02:00:00+01:00', 'open 2017-07-25T10:00 to 2017-07-25T19:00'],
  ])('%s', (_when, at, state) => {
    expect(told(window(), TOKYO, at)).toBe(state);
  });

  it('may end at midnight, and then goes on where the next day begins at midnight', () => {
    const late = window({ from: '20:00', to: '24:00' });
    expect(told(late, TOKYO, '2017-07-25T23:59:59+09:00')).toBe('open 2017-07-25T20:00 to 2017-07-26T00:00');
    expect(told(late, TOKYO, '2017-07-26T00:00:00+09:00')).toBe('opens 2017-07-26T20:00');
    const always = window({ days: everyDay, from: '00:00', to: '24:00' });
    expect(told(always, TOKYO, '2017-07-26T00:00:00+09:00')).toBe('open 2017-07-25T00:00 to 2017-07-28T00:00');
  });

  it('opens on extra dates with the same hours, on other days too', () => {
    const extra = window({ openings: [{ date: '2017-07-29', from: '10:00', to: '19:00' }] });
    expect(told(extra, TOKYO, '2017-07-28T20:00:00+09:00')).toBe('opens 2017-07-29T10:00');
    expect(told(extra, TOKYO, '2017-07-29T12:00:00+09:00')).toBe('open 2017-07-29T10:00 to 2017-07-29T19:00');
    expect(told(extra, TOKYO, '2017-07-29T19:00:00+09:00')).toBe('opens 2017-07-31T10:00');
  });

  it('has the hours of a special opening in place of the usual ones, both when there are two', () => {
    const special = window({
      openings: [
        { date: '2017-07-25', from: '08:00', to: '09:00' },
        { date: '2017-07-25', from: '12:00', to: '13:00' },
      ],
    });
    expect(told(special, TOKYO, '2017-07-25T08:30:00+09:00')).toBe('open 2017-07-25T08:00 to 2017-07-25T09:00');
    expect(told(special, TOKYO, '2017-07-25T10:30:00+09:00')).toBe('opens 2017-07-25T12:00');
    expect(told(special, TOKYO, '2017-07-25T15:00:00+09:00')).toBe('opens 2017-07-26T10:00');
  });

  it('stays closed on holidays of Japan when it says so, but for its extra dates', () => {
    // 2026-05-04 to 06 are a Monday to a Wednesday, the last one in lieu of a Sunday.
    const closed = window({ skipHolidays: true });
    expect(told(closed, TOKYO, '2026-05-01T19:00:00+09:00')).toBe('opens 2026-05-07T10:00');
    expect(told(window(), TOKYO, '2026-05-01T19:00:00+09:00')).toBe('opens 2026-05-04T10:00');
    const extra = window({ skipHolidays: true, openings: [{ date: '2026-05-05', from: '10:00', to: '12:00' }] });
    expect(told(extra, TOKYO, '2026-05-01T19:00:00+09:00')).toBe('opens 2026-05-05T10:00');
  });

  it('never opens again when its dates are over, or more than a year away', () => {
    const dates = window({ days: [], openings: [{ date: '2017-07-29', from: '10:00', to: '19:00' }] });
    expect(told(dates, TOKYO, '2017-07-29T19:00:00+09:00')).toBe('never');
    expect(told(dates, TOKYO, '2016-07-27T00:00:00+09:00')).toBe('never');
    expect(told(dates, TOKYO, '2016-07-29T00:00:00+09:00')).toBe('opens 2017-07-29T10:00');
  });
});

describe('a window on days on which clocks change', () => {
  // New York: 2026-03-08 02:00 becomes 03:00, 2026-11-01 02:00 becomes 01:00.
  const hours = (from: string, to: string) => window({ days: everyDay, from, to });

  it('is an hour shorter in spring and an hour longer in autumn', () => {
    const length = (at: string) => {
      const state = windowAt(hours('00:00', '12:00'), NEW_YORK, new Date(at));
      return 'openUntil' in state ? (state.openUntil.getTime() - state.openSince.getTime()) / 3_600_000 : 0;
    };
    expect(length('2026-03-07T08:00:00-05:00')).toBe(12);
    expect(length('2026-03-08T08:00:00-04:00')).toBe(11);
    expect(length('2026-11-01T08:00:00-05:00')).toBe(13);
  });

  it('keeps its hours by the wall clock on both sides', () => {
    expect(told(hours('10:00', '19:00'), NEW_YORK, '2026-03-08T09:59:00-04:00')).toBe('opens 2026-03-08T10:00');
    expect(told(hours('10:00', '19:00'), NEW_YORK, '2026-03-07T20:00:00-05:00')).toBe('opens 2026-03-08T10:00');
    expect(told(hours('10:00', '19:00'), NEW_YORK, '2026-11-01T09:59:00-05:00')).toBe('opens 2026-11-01T10:00');
  });

  it('does not open in hours that are skipped, and opens twice in hours that come twice', () => {
    expect(told(hours('02:00', '02:45'), NEW_YORK, '2026-03-08T00:00:00-05:00')).toBe('opens 2026-03-09T02:00');
    expect(told(hours('02:30', '04:00'), NEW_YORK, '2026-03-08T00:00:00-05:00')).toBe('opens 2026-03-08T03:00');
    const twice = hours('01:00', '01:30');
    expect(told(twice, NEW_YORK, '2026-11-01T01:10:00-04:00')).toBe('open 2026-11-01T01:00 to 2026-11-01T01:30');
    expect(told(twice, NEW_YORK, '2026-11-01T01:40:00-04:00')).toBe('opens 2026-11-01T01:00');
    expect(told(twice, NEW_YORK, '2026-11-01T01:10:00-05:00')).toBe('open 2026-11-01T01:00 to 2026-11-01T01:30');
  });
});

const time = fc.integer({ min: 0, max: 96 }).map((quarters) => clock(quarters * 15));
const clock = (minutes: number) =>
  `${String(Math.floor(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`;
const zones = fc.constantFrom(
  TOKYO,
  NEW_YORK,
  'Europe/London',
  'Australia/Lord_Howe',
  'Asia/Kathmandu',
  'Pacific/Apia',
);
const instants = fc.date({ min: new Date('2011-12-01'), max: new Date('2030-01-01'), noInvalidDate: true });
const windows = fc
  .record({
    days: fc.subarray([...everyDay], { minLength: 1 }),
    times: fc.tuple(time, time).filter(([from, to]) => from < to),
    skipHolidays: fc.boolean(),
  })
  .map(({ days, times: [from, to], skipHolidays }) => window({ days, from, to, skipHolidays }));

/** Open by the wall clock alone, without the spans that the code works with. */
function isOpen({ days, from, to, skipHolidays }: SendingWindow, timeZone: string, at: Date): boolean {
  const local = localTime(at, timeZone);
  const date = local.slice(0, 10);
  const weekday = new Intl.DateTimeFormat('en', { timeZone, weekday: 'short' }).format(at).toLowerCase();
  if (skipHolidays && holidayJp.isHoliday(new Date(`${date}T12:00:00`))) return false;
  return days.some((day) => day === weekday) && local.slice(11, 16) >= from && local.slice(11, 16) < to;
}

describe('any window at any instant', () => {
  it('is open exactly when the wall clock says so, and until then', () => {
    fc.assert(
      fc.property(windows, zones, instants, (of, timeZone, at) => {
        const state = windowAt(of, timeZone, at);
        expect('openUntil' in state).toBe(isOpen(of, timeZone, at));
        if ('openUntil' in state) {
          expect(isOpen(of, timeZone, state.openSince)).toBe(true);
          expect(isOpen(of, timeZone, new Date(state.openUntil.getTime() - 1))).toBe(true);
        } else if (state.opensAt) {
          expect(isOpen(of, timeZone, state.opensAt)).toBe(true);
          expect(isOpen(of, timeZone, new Date(state.opensAt.getTime() - 1))).toBe(false);
        }
      }),
      { numRuns: 400 },
    );
  });

  it('misses no opening on the way to the next one', () => {
    fc.assert(
      fc.property(windows, zones, instants, fc.double({ min: 0, max: 1, noNaN: true }), (of, timeZone, at, share) => {
        const state = windowAt(of, timeZone, at);
        if (!('opensAt' in state) || state.opensAt === null) return;
        const between = new Date(at.getTime() + share * (state.opensAt.getTime() - 1 - at.getTime()));
        expect(isOpen(of, timeZone, between)).toBe(false);
      }),
      { numRuns: 400 },
    );
  });
});

describe('time of an open window', () => {
  const frozen = ({ days, from, to, openings }: SendingWindow): FrozenWindow => ({
    given: { days, from, to, extra: openings.map(({ date }) => date) },
    ...{ contact: {} as Facts['contact'], timeZone: TOKYO },
  });

  it('passes over what is closed', () => {
    const passed = (hours: number) =>
      afterOpenTime(frozen(window()), new Date('2017-07-28T18:00:00+09:00'), hours * 3_600_000)?.toISOString();
    expect(passed(0.5)).toBe(new Date('2017-07-28T18:30:00+09:00').toISOString());
    expect(passed(2)).toBe(new Date('2017-07-31T11:00:00+09:00').toISOString());
    expect(passed(11)).toBe(new Date('2017-08-01T11:00:00+09:00').toISOString());
    expect(passed(9 * 400)).toBeUndefined();
  });

  it('is none where nothing opens any more', () => {
    const over = window({ days: [], openings: [{ date: '2017-07-29', from: '10:00', to: '19:00' }] });
    expect(afterOpenTime(frozen(over), new Date('2017-08-01'), 1)).toBeNull();
  });
});

describe('a window as given', () => {
  const contact = {
    hours: { days: ['mon', 'sat'], from: '09:00', to: '17:00', closedOnHolidays: true },
    specialOpenings: [{ date: '2017-07-30', from: '10:00', to: '12:00' }],
  } as Facts['contact'];

  it('takes days, hours, holidays and special openings of the hotline from the facts', () => {
    expect(resolveWindow('hotline', contact)).toEqual({
      ...{ days: ['mon', 'sat'], from: '09:00', to: '17:00', skipHolidays: true },
      openings: [{ date: '2017-07-30', from: '10:00', to: '12:00' }],
    });
  });

  it('sends on holidays unless it says otherwise, and on extra dates at its own hours', () => {
    const given: PaceWindow = { days: ['mon'], from: '10:00', to: '19:00', extra: ['2017-07-29'] };
    expect(resolveWindow(given, contact)).toEqual({
      ...{ days: ['mon'], from: '10:00', to: '19:00', skipHolidays: false },
      openings: [{ date: '2017-07-29', from: '10:00', to: '19:00' }],
    });
    expect(resolveWindow({ ...given, holidays: 'skip' }, contact).skipHolidays).toBe(true);
  });

  it.each([
    ['ends before it begins', window({ from: '19:00', to: '10:00' }), TOKYO, 'to'],
    ['ends as it begins', window({ from: '10:00', to: '10:00' }), TOKYO, 'to'],
    ['has no day and no date', window({ days: [] }), TOKYO, 'days'],
    ['skips holidays that nobody knows', window({ skipHolidays: true }), NEW_YORK, 'holidays'],
  ])('is refused when it %s', (_why, of, timeZone, field) => {
    expect(windowProblem(of, timeZone)?.field).toBe(field);
  });

  it('says what to give in place of holidays that nobody knows', () => {
    expect(windowProblem(window({ skipHolidays: true }), NEW_YORK)?.message).toMatch(/days .* extra/);
    expect(windowProblem(window({ skipHolidays: true }), TOKYO)).toBeNull();
    expect(windowProblem(window(), NEW_YORK)).toBeNull();
  });
});
