import { describe, expect, it } from 'vitest';
import { nothingKnown } from '../../../src/delivery/dispatch/domain-limits.ts';
import type { FrozenWindow } from '../../../src/delivery/dispatch/window.ts';
import { localTime } from '../../../src/reporting/local-time.ts';
import { isBelieved, type NoticeFigures, noticeStats } from '../../../src/reporting/stats.ts';

const figures: NoticeFigures = {
  ...{ noticeId: '1', status: 'sending', now: new Date('2017-07-25T01:04:05Z'), auditedAt: null, auditAgreed: true },
  ...{ frozenPersons: 10, submittedLastMinute: 60, perHour: null, window: null, domains: [] },
  ...{ approvedAt: new Date('2017-07-25T00:30:00Z'), startAt: null, paceBudgets: [] },
  ...{ submittedLongAgo: 0, reports: [] },
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
      pace: { lastMinute: 60, perHour: null, usedThisHour: null, window: null },
      domains: [],
    });
    expect(stats().pace.estimatedEnd).toBe('2017-07-25T10:04:09+09:00');
  });

  it('say of how many submitted emails nothing has been heard for 120 hours, and what was reported', () => {
    expect(stats().believed).toEqual({ afterHours: 120, lasting: 0, provisional: 5 });
    expect(stats({ submittedLongAgo: 3 }).believed).toEqual({ afterHours: 120, lasting: 3, provisional: 2 });
    // Whatever the hours say, the two are what is submitted.
    expect(stats({ submittedLongAgo: 9 }).believed).toEqual({ afterHours: 120, lasting: 5, provisional: 0 });
    const reports = [
      { kind: 'auto_reply', n: 2 },
      { kind: 'delay', n: 1 },
    ];
    expect(stats({ reports }).reports).toEqual({
      ...{ bounce: 0, delay: 1, delivered: 0, complaint: 0, autoReply: 2, other: 0 },
    });
  });

  it('believe of one person what they count of all: by whole hours', () => {
    const at = (text: string) => new Date(`2017-07-30T${text}Z`);
    const submitted = new Date('2017-07-25T01:40:00Z');
    expect(isBelieved(submitted, at('01:59'))).toBe(false);
    expect(isBelieved(submitted, at('02:00'))).toBe(true);
    expect(isBelieved(new Date('2017-07-25T01:00:00Z'), at('02:00'))).toBe(true);
    expect(isBelieved(new Date('2017-07-25T02:00:00Z'), at('02:00'))).toBe(false);
  });

  it('tell how much of the hour of the pace is used, and when a window closes', () => {
    const window: FrozenWindow = {
      given: { days: ['tue', 'wed'], from: '10:00', to: '10:05' },
      ...{ contact: {} as FrozenWindow['contact'], timeZone: 'Asia/Tokyo' },
    };
    const paceBudgets = [
      { hour: '2017-07-25T10:00:00+09:00', used: 3 },
      { hour: '2017-07-25T09:30:00+09:00', used: 7 },
    ];
    expect(stats({ perHour: 60, paceBudgets }).pace).toMatchObject({ usedThisHour: 7, window: null });
    // One goes at 10:04:05, and its like a minute each: 55 seconds are left today, and three minutes go on tomorrow.
    expect(stats({ perHour: 60, paceBudgets, window }).pace).toEqual({
      ...{ lastMinute: 60, perHour: 60, usedThisHour: 3, estimatedEnd: '2017-07-26T10:03:05+09:00' },
      window: { open: true, closesAt: '2017-07-25T10:05:00+09:00' },
    });
    const after = new Date('2017-07-25T01:06:00Z');
    expect(stats({ perHour: 60, paceBudgets, window, now: after }).pace).toEqual({
      ...{ lastMinute: 60, perHour: 60, usedThisHour: 0, estimatedEnd: '2017-07-26T10:04:00+09:00' },
      window: { open: false, opensAt: '2017-07-26T10:00:00+09:00' },
    });
  });

  it('name domains that are limited, slowed or held, and no others', () => {
    const domain = { ...nothingKnown, used: 4 };
    const held = {
      ...domain,
      domain: 'c0ffee1200112233445566778899aabb',
      heldAt: figures.now,
      heldBecause: 'sender_auth',
    };
    const domains = [{ ...domain, domain: 'docomo', slowedTo: 90 }, { ...domain, domain: 'gmail' }, held];
    const none = { slowed: false, held: false, because: null };
    expect(stats({ domains }).domains).toEqual([
      { ...none, domain: 'docomo', perMinute: 90, usedThisMinute: 4, concurrency: 60, slowed: true },
      {
        ...{ domain: 'c0ffee12', perMinute: null, usedThisMinute: 4, concurrency: null },
        ...{ slowed: false, held: true, because: 'sender_auth' },
      },
    ]);
  });

  it('are not balanced when the recount disagreed, when persons are missing, or when a counter is below zero', () => {
    expect(stats({ auditAgreed: false }).balanced).toBe(false);
    expect(stats({ frozenPersons: 11 }).balanced).toBe(false);
    expect(stats({ counts: [...figures.counts, { channel: 'email', state: 'deferred', n: -1 }] }).balanced).toBe(false);
  });
});
