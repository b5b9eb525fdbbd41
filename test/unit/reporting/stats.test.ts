import { describe, expect, it } from 'vitest';
import { localTime } from '../../../src/reporting/local-time.ts';
import { type NoticeFigures, noticeStats } from '../../../src/reporting/stats.ts';

const figures: NoticeFigures = {
  ...{ noticeId: '1', status: 'sending', now: new Date('2017-07-25T01:04:05Z'), auditedAt: null, auditAgreed: true },
  ...{ frozenPersons: 10, submittedLastMinute: 60, perHour: null },
  counts: [
    { channel: 'email', state: 'pending', n: 4 },
    { channel: 'email', state: 'submitted', n: 5 },
    { channel: 'letter', state: 'handed_over', n: 1 },
    { channel: 'person', state: 'in_progress', n: 5 },
    { channel: 'person', state: 'reached', n: 5 },
  ],
};
const stats = (over: Partial<NoticeFigures> = {}) =>
  noticeStats({ ...figures, ...over }, false, (at) => localTime(at, 'Asia/Tokyo'));

describe('the stats of a notice', () => {
  it('add up and name every state', () => {
    expect(stats()).toMatchObject({
      ...{ balanced: true, asOf: '2017-07-25T10:04:05+09:00' },
      persons: { total: 10, reached: 5, inProgress: 5, unreached: 0, excluded: 0 },
      email: { total: 9, pending: 4, submitted: 5, uncertain: 0 },
      letter: { total: 1, handedOver: 1, posted: 0 },
      pace: { lastMinute: 60, perHour: null, estimatedEnd: '2017-07-25T10:04:09+09:00' },
    });
  });

  it('are not balanced when the recount disagreed, when persons are missing, or when a counter is below zero', () => {
    expect(stats({ auditAgreed: false }).balanced).toBe(false);
    expect(stats({ frozenPersons: 11 }).balanced).toBe(false);
    expect(stats({ counts: [...figures.counts, { channel: 'email', state: 'deferred', n: -1 }] }).balanced).toBe(false);
  });
});
