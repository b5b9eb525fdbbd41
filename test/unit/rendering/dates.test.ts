import { describe, expect, it } from 'vitest';
import { formatEraDate } from '../../../src/rendering/dates.ts';

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
