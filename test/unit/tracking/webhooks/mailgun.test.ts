import { describe, expect, it } from 'vitest';
import { readWebhookEvent } from '../../../../src/tracking/webhooks/read-webhook-event.ts';

const TO = 'hanako@example.jp';
const read = (event: object) =>
  readWebhookEvent(
    'mailgun',
    Buffer.from(
      JSON.stringify({
        signature: { timestamp: '1775000000', token: 't', signature: 's' },
        'event-data': {
          ...{ id: 'G', timestamp: 1_775_000_000.123, recipient: TO, 'recipient-domain': 'example.jp' },
          envelope: { sender: 'b+token@bounce.example.com', targets: TO, transport: 'smtp' },
          message: { headers: { 'message-id': 'ours.1@bounce.example.com', to: TO, subject: 'x' } },
          ...event,
        },
      }),
    ),
  );
const only = (event: object) => {
  const { findings } = read(event);
  expect(findings).toHaveLength(1);
  return findings[0];
};
const failed = (severity: string | undefined, reason: string, status: object) =>
  only({ event: 'failed', severity, reason, 'delivery-status': status });

describe('an event of Mailgun', () => {
  it('that failed for good is a bounce, decided by what the receiver said', () => {
    const status = { code: 550, message: '5.1.1 <hanako@example.jp> User unknown', 'mx-host': 'mx.example.jp' };
    expect(failed('permanent', 'bounce', status)).toMatchObject({
      ...{ kind: 'bounce', recipient: TO, status: '5.1.1', class: 'invalid_mailbox' },
      words: '550 5.1.1 <hanako@example.jp> User unknown',
      rule: expect.stringMatching(/^mailgun failed permanent bounce, /),
    });
  });

  it('is read with its enhanced code where there is one', () => {
    const status = { code: 552, 'enhanced-code': '5.2.2', message: 'The mailbox is over quota' };
    expect(failed('permanent', 'bounce', status)).toMatchObject({ class: 'mailbox_full', status: '5.2.2' });
  });

  it.each([
    ['suppress-bounce', 605, 'invalid_mailbox'],
    ['suppress-complaint', 607, 'recipient_filter'],
    ['suppress-unsubscribe', 606, 'recipient_filter'],
  ])('that Mailgun did not send because of its own list is a bounce: %s', (reason, code, expected) => {
    const status = { code, message: '', description: 'Not delivering to previously bounced address' };
    expect(failed('permanent', reason, status)).toMatchObject({
      ...{ kind: 'bounce', class: expected, status: null, words: 'Not delivering to previously bounced address' },
    });
  });

  it.each([
    ['old', 'expired'],
    ['espblock', 'sender_blocked'],
    ['generic', 'undetermined'],
  ])('that failed without a word is %s as Mailgun means it: %s', (reason, expected) => {
    expect(failed('permanent', reason, {})).toMatchObject({ kind: 'bounce', class: expected });
  });

  it('that failed for now is a delay, and so is one that does not say', () => {
    for (const severity of ['temporary', undefined, 'odd']) {
      expect(failed(severity, 'generic', { code: 452, message: '4.2.2 mailbox full' })).toMatchObject({
        ...{ kind: 'delay', class: 'mailbox_full', status: '4.2.2' },
      });
    }
  });

  it('that Mailgun rejected went to nobody', () => {
    const reject = { reason: 'Sandbox subdomains are for test purposes only', description: '' };
    expect(only({ event: 'rejected', reject })).toMatchObject({
      kind: 'bounce',
      class: 'content',
      words: reject.reason,
    });
  });

  it('may be a complaint', () => {
    expect(only({ event: 'complained' })).toMatchObject({ kind: 'complaint', recipient: TO, class: null });
  });

  it.each(['accepted', 'delivered', 'opened', 'unsubscribed', 'stored', 'something_new'])(
    'that was %s proves nothing',
    (event) => {
      const status = { code: 250, message: 'OK' };
      expect(only({ event, 'delivery-status': status })).toMatchObject({ kind: 'other', class: null, recipient: TO });
    },
  );

  it('is marked by the sender of the envelope and our Message-ID', () => {
    expect(read({ event: 'delivered' }).marks).toEqual({
      ...{ bounceAddresses: ['b+token@bounce.example.com'], envelopeIds: [] },
      messageIds: ['<ours.1@bounce.example.com>'],
    });
  });

  it('that is not understood says nothing', () => {
    for (const text of ['', '[]', '{"event-data":[]}', '{"event-data":{"event":7}}']) {
      const { findings } = readWebhookEvent('mailgun', Buffer.from(text));
      expect(findings, text).toMatchObject([{ kind: 'other', recipient: null }]);
    }
  });
});
