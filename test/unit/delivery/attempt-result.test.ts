import { describe, expect, it } from 'vitest';
import { readResult } from '../../../src/delivery/email/attempt-result.ts';
import { LIFETIME_MS, retryWait } from '../../../src/delivery/email/retry-wait.ts';

const now = new Date('2017-07-25T10:00:00Z');
const delivery = { id: '7', attempt: 2, firstTriedAt: now };
const circumstances = { now, random: 0.5, firstRetrySeconds: 20 };

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
    const late = { ...circumstances, now: new Date(now.getTime() + LIFETIME_MS + 1) };
    const of = (over: object) => {
      const failure = { stage: 'rcpt' as const, reply: 451, enhanced: '4.2.2', text: '451 4.2.2 full', ...over };
      return readResult(delivery, { kind: 'failed', failure, connectionUsable: true }, late);
    };
    expect(of({})).toMatchObject({ state: 'bounced', class: 'expired' });
    expect(of({ stage: 'connect', reply: null, enhanced: null }).state).toBe('deferred');
    expect(of({ reply: 554, enhanced: '5.7.1', text: '554 5.7.1 spam' }).state).toBe('deferred');
  });

  it('waits longer each time, at most an hour and a fifth', () => {
    const waits = [1, 2, 3, 4, 20].map((attempt) => retryWait(attempt, 20, 0.5));
    expect(waits).toEqual([20, 40, 80, 160, 3600]);
    expect(retryWait(30, 20, 1)).toBeLessThanOrEqual(3600 * 1.2 + 1e-6);
  });
});
