import { describe, expect, it } from 'vitest';
import { readWebhookEvent } from '../../../../src/tracking/webhooks/read-webhook-event.ts';

const TO = 'hanako@example.jp';
const ID = '00000000-0000-4000-8000-000000000001';
const read = (event: object) =>
  readWebhookEvent(
    'postmark',
    Buffer.from(
      JSON.stringify({
        ...{
          RecordType: 'Bounce',
          ID: 42,
          MessageID: ID,
          Email: TO,
          From: 'notice@example.com',
          Metadata: {},
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

describe('an event of Postmark', () => {
  it('that bounced is decided by what the receiver said', () => {
    const Details = 'smtp;550 5.1.1 The email account that you tried to reach does not exist.';
    expect(
      only({ Type: 'HardBounce', TypeCode: 1, Description: 'The server was unable to deliver', Details }),
    ).toMatchObject({
      ...{ kind: 'bounce', recipient: TO, status: '5.1.1', class: 'invalid_mailbox' },
      words: '550 5.1.1 The email account that you tried to reach does not exist.',
      rule: expect.stringMatching(/^postmark Bounce HardBounce, /),
    });
    expect(only({ Type: 'SoftBounce', Details: 'smtp;552 5.2.2 mailbox full' })).toMatchObject({
      class: 'mailbox_full',
    });
  });

  it.each([
    ['HardBounce', 'invalid_mailbox'],
    ['SoftBounce', 'undetermined'],
    ['Unknown', 'undetermined'],
    ['DnsError', 'network'],
    ['SpamNotification', 'recipient_filter'],
    ['VirusNotification', 'content'],
    ['BadEmailAddress', 'invalid_mailbox'],
    ['ManuallyDeactivated', 'undetermined'],
    ['Blocked', 'sender_blocked'],
    ['DMARCPolicy', 'sender_auth'],
    ['SMTPApiError', 'system'],
  ])('that bounced without a word is %s as Postmark means it: %s', (Type, expected) => {
    expect(only({ Type })).toMatchObject({ kind: 'bounce', class: expected, rule: `postmark Bounce ${Type}` });
  });

  it('that is delayed is not over yet', () => {
    expect(only({ Type: 'Transient', Details: '452 4.2.2 mailbox full' })).toMatchObject({
      ...{ kind: 'delay', class: 'mailbox_full' },
    });
  });

  it.each(['AutoResponder', 'AddressChange', 'ChallengeVerification'])('of the type %s is an auto-reply', (Type) => {
    expect(only({ Type })).toMatchObject({ kind: 'auto_reply', class: null, recipient: TO });
  });

  it('may be a complaint, by its type or its record', () => {
    expect(only({ Type: 'SpamComplaint' })).toMatchObject({ kind: 'complaint', class: null });
    expect(only({ RecordType: 'SpamComplaint', Type: 'SpamComplaint' })).toMatchObject({
      kind: 'complaint',
      recipient: TO,
    });
  });

  it.each([
    { RecordType: 'Delivery', Recipient: TO, Email: undefined, Details: 'smtp;250 2.0.0 OK' },
    { RecordType: 'SubscriptionChange', Recipient: TO, Email: undefined, SuppressSending: true },
    { RecordType: 'Open', Recipient: TO, Email: undefined },
    { RecordType: 'constructor' },
    { Type: 'Subscribe' },
    { Type: 'InboundError' },
    { Type: 'toString' },
  ])('that says anything else proves nothing: %o', (event) => {
    expect(only(event)).toMatchObject({ kind: 'other', class: null, recipient: TO });
  });

  it('is marked by the Message-ID that Postmark gave it, and by what the sender put beside it', () => {
    const marks = read({ Type: 'HardBounce', Metadata: { id: '<ours.1@bounce.example.com>', n: 7 } }).marks;
    expect(marks.messageIds).toEqual(['<ours.1@bounce.example.com>', `<${ID}@mtasv.net>`]);
  });

  it('is marked by our own where the bounce is included', () => {
    const Content = [
      ...['Return-Path: <>', 'From: MAILER-DAEMON@mx.example.jp', 'Subject: Undelivered Mail Returned to Sender'],
      ...['MIME-Version: 1.0', 'Content-Type: multipart/report; report-type=delivery-status; boundary="b"', '', '--b'],
      ...['Content-Type: message/delivery-status', '', 'Reporting-MTA: dns; mx.example.jp', ''],
      ...[`Final-Recipient: rfc822; ${TO}`, 'Action: failed', 'Status: 5.1.1', '', '--b'],
      ...[
        'Content-Type: text/rfc822-headers',
        '',
        'Message-ID: <ours.1@bounce.example.com>',
        `To: ${TO}`,
        '',
        '--b--',
        '',
      ],
    ].join('\r\n');
    const { marks } = read({ Type: 'HardBounce', Content });
    expect(marks.messageIds).toContain('<ours.1@bounce.example.com>');
  });

  it('that is not understood says nothing', () => {
    for (const text of ['', '[]', 'null', '{"RecordType":7}', '{"Metadata":"x","Content":{}}']) {
      const { findings } = readWebhookEvent('postmark', Buffer.from(text));
      expect(findings, text).toMatchObject([{ kind: 'other', recipient: null }]);
    }
  });
});
