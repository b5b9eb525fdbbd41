import { describe, expect, it } from 'vitest';
import { saidDayProblem } from '../../../../src/delivery/letter/said-day.ts';

const said = (day: string, handedOverOn: string | null = null) =>
  saidDayProblem({ day, knownOn: '2017-06-02', today: '2026-11-24', handedOverOn });

describe('a day that is said of a batch', () => {
  it.each(['2017-06-02', '2025-11-24', '2026-11-23', '2026-12-01', '2027-05-26'])('can be %s', (day) => {
    expect(said(day)).toBeNull();
  });

  it.each(['1999-11-25', '2017-06-01'])('is not %s, before anybody knew of the incident', (day) => {
    expect(said(day)).toBe('is before 2017-06-02, when the incident became known: correct the date.');
    expect(saidDayProblem({ day, knownOn: null, today: '2026-11-24' })).toBeNull();
  });

  it.each(['2027-05-27', '2062-11-25', '9999-12-31'])('is not %s, more than half a year ahead', (day) => {
    expect(said(day)).toBe('is after 2027-05-26, more than half a year ahead: correct the date.');
  });

  it('of posting is at most a day before the printer had the letters', () => {
    expect([said('2026-11-19', '2026-11-20'), said('2026-11-20', '2026-11-20')]).toEqual([null, null]);
    expect(said('2026-11-18', '2026-11-20')).toBe(
      'is before the printer had the letters, on 2026-11-20: correct the date.',
    );
  });
});
