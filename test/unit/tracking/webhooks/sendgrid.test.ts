import { describe, expect, it } from 'vitest';
import { readWebhookEvent } from '../../../../src/tracking/webhooks/read-webhook-event.ts';

const TO = 'hanako@example.jp';
const read = (event: object) =>
  readWebhookEvent(
    'sendgrid',
    Buffer.from(
      JSON.stringify({
        ...{ email: TO, timestamp: 1_775_000_000, sg_event_id: 'e', sg_message_id: 'm.recvd-1' },
        ...{ 'smtp-id': '<ours.1@bounce.example.com>', ...event },
      }),
    ),
  );
const only = (event: object) => {
  const { findings } = read(event);
  expect(findings).toHaveLength(1);
  return findings[0];
};

describe('an event of SendGrid', () => {
  it('that bounced is decided by what the receiver said', () => {
    const reason = '550 5.1.1 The email account that you tried to reach does not exist.';
    const event = {
      event: 'bounce',
      type: 'bounce',
      status: '5.1.1',
      reason,
      bounce_classification: 'Invalid Address',
    };
    expect(only(event)).toMatchObject({
      ...{ kind: 'bounce', recipient: TO, status: '5.1.1', class: 'invalid_mailbox', words: reason },
      rule: expect.stringMatching(/^sendgrid bounce Invalid Address, /),
    });
  });

  it('that was blocked will not be tried again: it is a bounce', () => {
    const reason = '552 5.2.2 The recipient mailbox is over quota';
    expect(only({ event: 'bounce', type: 'blocked', reason })).toMatchObject({
      ...{ kind: 'bounce', class: 'mailbox_full', status: '5.2.2' },
    });
  });

  it.each([
    ['Invalid Address', 'invalid_mailbox'],
    ['Mailbox Unavailable', 'mailbox_suspended'],
    ['Content', 'content'],
    ['Reputation', 'sender_blocked'],
    ['Frequency or Volume Too High', 'throttled'],
    ['Technical Failure', 'network'],
    ['Unclassified', 'undetermined'],
    ['constructor', 'undetermined'],
  ])('that bounced without a word is %s as SendGrid means it: %s', (bounce_classification, expected) => {
    expect(only({ event: 'bounce', type: 'bounce', bounce_classification })).toMatchObject({
      ...{ kind: 'bounce', class: expected, rule: `sendgrid bounce ${bounce_classification}` },
    });
  });

  it.each([
    ['Bounced Address', 'invalid_mailbox'],
    ['Invalid', 'invalid_mailbox'],
    ['Spam Reporting Address', 'recipient_filter'],
    ['Unsubscribed Address', 'recipient_filter'],
    ['Spam Content', 'content'],
    ['Invalid SMTPAPI header', 'system'],
    ['Recipient List over Package Quota', 'system'],
    ['Something new', 'undetermined'],
  ])('that was dropped went to nobody: %s', (reason, expected) => {
    expect(only({ event: 'dropped', reason })).toMatchObject({ kind: 'bounce', class: expected, words: reason });
  });

  it('that was deferred is a delay', () => {
    expect(only({ event: 'deferred', response: '452 4.2.2 mailbox full', attempt: '5' })).toMatchObject({
      ...{ kind: 'delay', class: 'mailbox_full', status: '4.2.2', recipient: TO },
    });
  });

  it('may be a complaint', () => {
    expect(only({ event: 'spamreport' })).toMatchObject({ kind: 'complaint', recipient: TO, class: null });
  });

  it.each(['processed', 'delivered', 'open', 'unsubscribe', 'group_unsubscribe', 'something_new'])(
    'that was %s proves nothing',
    (event) => {
      expect(only({ event, response: '250 OK' })).toMatchObject({
        kind: 'other',
        class: null,
        rule: `sendgrid ${event}`,
      });
    },
  );

  it('is marked by our Message-ID alone', () => {
    const marks = { bounceAddresses: [], envelopeIds: [], messageIds: ['<ours.1@bounce.example.com>'] };
    expect(read({ event: 'bounce' }).marks).toEqual(marks);
    expect(read({ event: 'bounce', 'smtp-id': 'ours.1@bounce.example.com' }).marks).toEqual(marks);
    expect(read({ event: 'bounce', 'smtp-id': 7 }).marks.messageIds).toEqual([]);
  });

  it('that is not understood says nothing', () => {
    for (const text of ['', '[]', 'null', '{"event":{}}', '{"event":"bounce'])
      expect(readWebhookEvent('sendgrid', Buffer.from(text)).findings, text).toMatchObject([
        { kind: 'other', recipient: null },
      ]);
  });
});
