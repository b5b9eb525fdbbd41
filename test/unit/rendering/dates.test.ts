import { describe, expect, it } from 'vitest';
import {
  dateStyle,
  formatDate,
  formatEraDate,
  formatMoment,
  formatNearDate,
  formatSpan,
} from '../../../src/rendering/dates.ts';

describe('formatEraDate', () => {
  it.each([
    ['ja', '2017-07-25', '平成29年7月25日'],
    ['ja', '2019-04-30', '平成31年4月30日'],
    ['ja', '2019-05-01', '令和元年5月1日'],
    ['ja', '2026-11-24', '令和8年11月24日'],
    ['en', '2026-11-24', '24 November 2026'],
  ] as const)('writes in %s the day %s as %s', (locale, date, expected) => {
    expect(formatEraDate(locale, date)).toBe(expected);
  });
});

describe('dateStyle', () => {
  it.each([
    ['en', 'America/New_York', 'en-US'],
    ['en', 'America/Indiana/Knox', 'en-US'],
    ['en', 'Pacific/Honolulu', 'en-US'],
    ['en', 'America/Toronto', 'en'],
    ['en', 'Asia/Tokyo', 'en'],
    ['ja', 'America/New_York', 'ja'],
  ] as const)('of %s in %s is %s', (locale, zone, style) => {
    expect(dateStyle(locale, zone)).toBe(style);
  });
});

describe('American dates and times', () => {
  it('have the month first', () => {
    expect(formatDate('en-US', '2017-07-25')).toBe('July 25, 2017');
    expect(formatNearDate('en-US', '2017-07-29', '2017-07-25')).toBe('Saturday, July 29');
    expect(formatNearDate('en-US', '2018-01-06', '2017-07-25')).toBe('Saturday, January 6, 2018');
    expect(formatEraDate('en-US', '2017-07-25')).toBe('July 25, 2017');
  });

  it('have twelve hours, of which noon and midnight are 12', () => {
    expect(formatMoment('en-US', '2017-06-02T13:05', 'minute')).toBe('Friday, June 2, 2017, 1:05 p.m.');
    expect(formatSpan('en-US', { from: '09:00', to: '12:00' })).toBe('9:00 a.m.–12:00 p.m.');
    expect(formatSpan('en-US', { from: '00:00', to: '24:00' })).toBe('12:00 a.m.–12:00 a.m.');
  });

  it('do not change those of others', () => {
    expect(formatDate('en', '2017-07-25')).toBe('25 July 2017');
    expect(formatNearDate('en', '2017-07-29', '2017-07-25')).toBe('Saturday, 29 July');
    expect(formatSpan('en', { from: '09:00', to: '19:00' })).toBe('9:00–19:00');
    expect(formatMoment('ja', '2017-06-02T09:05', 'minute')).toBe('2017年6月2日（金）9:05');
  });
});
