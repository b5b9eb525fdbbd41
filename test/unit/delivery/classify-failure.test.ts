import { describe, expect, it } from 'vitest';
import { classifyFailure, isFinal, type SmtpFailure } from '../../../src/delivery/email/classify-failure.ts';

const failure = (over: Partial<SmtpFailure>): SmtpFailure => ({
  stage: 'rcpt',
  reply: 550,
  enhanced: null,
  text: '',
  ...over,
});
const outcome = (over: Partial<SmtpFailure>): string => {
  const given = failure(over);
  const failureClass = classifyFailure(given);
  return `${failureClass}${isFinal(given, failureClass) ? ' ends' : ' waits'}`;
};

describe('what a failed submission means', () => {
  it.each([
    ['an unknown user at RCPT', { enhanced: '5.1.1' }, 'invalid_mailbox ends'],
    ['550 without an enhanced code at RCPT', { text: '550 sorry' }, 'invalid_mailbox ends'],
    ['550 after the body, as docomo says for a filter', { stage: 'body' as const }, 'recipient_filter ends'],
    ['a domain that does not exist', { enhanced: '5.1.2' }, 'invalid_domain ends'],
    ['a mailbox that belongs to someone else now', { enhanced: '5.7.17' }, 'owner_changed ends'],
    ['a full mailbox, said with 552', { reply: 552, enhanced: '5.2.2' }, 'mailbox_full waits'],
    ['a full mailbox, said with 452', { reply: 452 }, 'mailbox_full waits'],
    ['greylisting', { reply: 451, enhanced: '4.7.0' }, 'throttled waits'],
    ['too many of us', { reply: 421, text: 'too many connections' }, 'throttled waits'],
    ['our SPF failed', { reply: 550, enhanced: '5.7.23', stage: 'body' as const }, 'sender_auth waits'],
    ['our address is on a list', { reply: 554, text: '554 blocked using blacklist' }, 'sender_blocked waits'],
    ['a message too large', { reply: 552, enhanced: '5.3.4', stage: 'body' as const }, 'content waits'],
    ['a server in trouble', { reply: 451, enhanced: '4.3.0' }, 'system waits'],
    ['no reply at all', { reply: null, stage: 'connect' as const }, 'network waits'],
  ])('%s', (_case, given, expected) => {
    expect(outcome(given)).toBe(expected);
  });

  it('never ends a delivery for what happened before a recipient was named', () => {
    for (const stage of ['connect', 'mail'] as const) {
      for (const reply of [421, 450, 530, 535, 550, 553, 554]) {
        for (const enhanced of [null, '5.1.1', '5.7.1', '5.1.2']) {
          expect(outcome({ stage, reply, enhanced })).toMatch(/ waits$/);
        }
      }
    }
  });

  it('never ends a delivery for a 4xx reply', () => {
    for (const enhanced of [null, '4.1.1', '4.2.1', '4.4.7', '4.7.1']) {
      expect(outcome({ reply: 450, enhanced })).toMatch(/ waits$/);
    }
  });
});
