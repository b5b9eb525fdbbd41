import { describe, expect, it } from 'vitest';
import { readResult } from '../../../src/delivery/email/attempt-result.ts';
import { isOver, retryWait } from '../../../src/delivery/email/retry-wait.ts';

const now = new Date('2017-07-25T10:00:00Z');
const delivery = { id: '7', attempt: 2, firstTriedAt: now };
const circumstances = { now, random: 0.5, firstRetrySeconds: 20, retryHours: 72 };
const HOUR = 3_600_000;

describe('what an attempt means for its delivery', () => {
  it('keeps the codes in the clear and the words apart, because they may quote the address', () => {
    const failure = {
      stage: 'rcpt' as const,
      reply: 550,
      enhanced: '5.1.1',
      text: '550 5.1.1 <taro@example.jp> unknown',
    };
    const result = readResult(delivery, { kind: 'failed', failure, connectionUsable: true }, circumstances);
    expect(result).toMatchObject({ state: 'bounced', class: 'invalid_mailbox', code: '550 5.1.1' });
    expect(JSON.stringify({ ...result, replyText: null })).not.toContain('taro');
  });

  it('is uncertain when the body went out and no reply came', () => {
    expect(readResult(delivery, { kind: 'uncertain', detail: 'ETIMEDOUT' }, circumstances).state).toBe('uncertain');
  });

  it('goes back to be sent when it was not allowed to go out', () => {
    expect(readResult(delivery, { kind: 'not_allowed' }, circumstances).state).toBe('pending');
  });

  it('gives up a recipient after 72 hours, but never for our own trouble', () => {
    const late = { ...circumstances, now: new Date(now.getTime() + 72 * HOUR + 1) };
    const of = (over: object) => {
      const failure = { stage: 'rcpt' as const, reply: 451, enhanced: '4.2.2', text: '451 4.2.2 full', ...over };
      return readResult(delivery, { kind: 'failed', failure, connectionUsable: true }, late);
    };
    expect(of({})).toMatchObject({ state: 'bounced', class: 'expired' });
    expect(of({ stage: 'connect', reply: null, enhanced: null }).state).toBe('deferred');
    expect(of({ reply: 554, enhanced: '5.7.1', text: '554 5.7.1 spam' }).state).toBe('deferred');
  });

  it('is given up when the time set is over, not before', () => {
    const isOverAfter = (ms: number) => isOver(now, new Date(now.getTime() + ms), 5);
    expect([isOverAfter(5 * HOUR), isOverAfter(5 * HOUR + 1)]).toEqual([false, true]);
    const failure = { stage: 'rcpt' as const, reply: 552, enhanced: '5.2.2', text: '552 5.2.2 full' };
    const inHours = (hours: number) => {
      const then = { ...circumstances, retryHours: 5, now: new Date(now.getTime() + hours * HOUR + 1) };
      return readResult(delivery, { kind: 'failed', failure, connectionUsable: true }, then);
    };
    expect(inHours(4)).toMatchObject({ state: 'deferred', class: 'mailbox_full' });
    expect(inHours(5)).toMatchObject({ state: 'bounced', class: 'expired', code: '552 5.2.2' });
  });

  it('reads a reply as the carrier means it, and says what it asks for the whole domain', () => {
    const read = (stage: 'rcpt' | 'body', text: string, domain: string | null) => {
      const failure = { stage, reply: Number(text.slice(0, 3)), enhanced: null, text };
      return readResult({ ...delivery, domain }, { kind: 'failed', failure, connectionUsable: true }, circumstances);
    };
    const unknown = '550 Unknown user taro@docomo.ne.jp';
    expect(read('rcpt', unknown, 'docomo')).toMatchObject({ class: 'invalid_mailbox', domainSignal: null });
    expect(read('body', unknown, 'docomo')).toMatchObject({ class: 'recipient_filter', domainSignal: null });
    expect(read('rcpt', '421 busy', 'docomo')).toMatchObject({ state: 'deferred', domainSignal: 'throttled' });
    expect(read('body', '554 blocked', '00ff')).toMatchObject({ state: 'deferred', domainSignal: 'blocked' });
    expect(readResult(delivery, { kind: 'submitted', reply: '250 ok' }, circumstances).domainSignal).toBeNull();
  });

  it('waits longer each time, at most an hour and a fifth', () => {
    const waits = [1, 2, 3, 4, 20].map((attempt) => retryWait(attempt, 20, 0.5));
    expect(waits).toEqual([20, 40, 80, 160, 3600]);
    expect(retryWait(30, 20, 1)).toBeLessThanOrEqual(3600 * 1.2 + 1e-6);
  });
});
