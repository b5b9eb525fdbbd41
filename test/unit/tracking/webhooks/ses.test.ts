import { describe, expect, it } from 'vitest';
import { readWebhookEvent } from '../../../../src/tracking/webhooks/read-webhook-event.ts';

const TO = 'hanako@example.jp';
const SOURCE = 'b+token@bounce.example.com';
const mail = {
  ...{ timestamp: '2026-04-01T00:00:00.000Z', source: SOURCE, messageId: '0106018f-000000', destination: [TO] },
  headersTruncated: false,
  headers: [
    { name: 'From', value: 'Support <notice@example.com>' },
    { name: 'Message-ID', value: '<ours.1@bounce.example.com>' },
  ],
  commonHeaders: { messageId: '<ours.1@bounce.example.com>', subject: 'x' },
};
const read = (event: object) => readWebhookEvent('ses', Buffer.from(JSON.stringify({ mail, ...event })));
const only = (event: object) => {
  const { findings } = read(event);
  expect(findings).toHaveLength(1);
  return findings[0];
};
const bounce = (type: string, subType: string, recipient: object = {}, name = 'notificationType') =>
  only({
    [name]: 'Bounce',
    bounce: {
      ...{ bounceType: type, bounceSubType: subType, feedbackId: 'f', timestamp: '2026-04-01T00:00:01.000Z' },
      ...{ reportingMTA: 'dns; a8-1.smtp-out.amazonses.com', bouncedRecipients: [{ emailAddress: TO, ...recipient }] },
    },
  });
const said = (status: string, words: string) => ({ action: 'failed', status, diagnosticCode: `smtp; ${words}` });

describe('a bounce of Amazon SES', () => {
  it('is decided by what the receiver said', () => {
    const words = '550 5.1.1 <hanako@example.jp>: Recipient address rejected: User unknown';
    expect(bounce('Permanent', 'General', said('5.1.1', words))).toMatchObject({
      ...{ kind: 'bounce', recipient: TO, status: '5.1.1', class: 'invalid_mailbox', words },
      rule: expect.stringMatching(/^ses Permanent\/General, /),
    });
  });

  it('is read from event publishing too', () => {
    const words = said('5.2.2', '552 5.2.2 mailbox full');
    expect(bounce('Transient', 'MailboxFull', words, 'eventType')).toMatchObject({
      ...{ kind: 'bounce', class: 'mailbox_full', status: '5.2.2' },
    });
  });

  it('is what the receiver said, also where SES names it otherwise', () => {
    const words = said('5.4.4', '550 5.4.4 Invalid domain');
    expect(bounce('Transient', 'General', words)).toMatchObject({ kind: 'bounce', class: 'invalid_domain' });
  });

  it.each([
    ['Undetermined', 'Undetermined', 'undetermined'],
    ['Permanent', 'General', 'undetermined'],
    ['Permanent', 'NoEmail', 'undetermined'],
    ['Permanent', 'Suppressed', 'invalid_mailbox'],
    ['Permanent', 'OnAccountSuppressionList', 'undetermined'],
    ['Permanent', 'UnsubscribedRecipient', 'recipient_filter'],
    ['Transient', 'MailboxFull', 'mailbox_full'],
    ['Transient', 'MessageTooLarge', 'content'],
    ['Transient', 'ContentRejected', 'content'],
    ['Transient', 'AttachmentRejected', 'content'],
    ['Transient', 'CustomTimeoutExceeded', 'expired'],
    ['toString', 'constructor', 'undetermined'],
  ])('without words of a receiver is %s/%s as SES means it: %s', (type, subType, expected) => {
    expect(bounce(type, subType)).toMatchObject({ kind: 'bounce', class: expected, rule: `ses ${type}/${subType}` });
  });

  it('from a suppression list is not taken for what a receiver said', () => {
    const words = said('5.1.1', 'Amazon SES did not send the message to this address: on the suppression list');
    expect(bounce('Permanent', 'OnAccountSuppressionList', words)).toMatchObject({ class: 'undetermined' });
  });

  it('without anything of a delivery report is an out-of-office reply', () => {
    expect(bounce('Transient', 'General')).toMatchObject({ kind: 'auto_reply', class: null, recipient: TO });
    expect(bounce('Transient', 'General', { status: '4.0.0' })).toMatchObject({ kind: 'bounce' });
  });

  it('that hands on a warning is a delay', () => {
    expect(bounce('Transient', 'General', { ...said('4.4.1', 'x'), action: 'delayed' })).toMatchObject({
      kind: 'delay',
    });
  });

  it('is one finding for each recipient', () => {
    const bouncedRecipients = [{ emailAddress: 'Hanako <a@example.jp>' }, { emailAddress: 'b@example.jp' }, 'odd'];
    const { findings } = read({ notificationType: 'Bounce', bounce: { bouncedRecipients } });
    expect(findings.map(({ recipient }) => recipient)).toEqual(['a@example.jp', 'b@example.jp', null]);
  });
});

describe('a complaint of Amazon SES', () => {
  const complaint = (fields: object) =>
    only({ notificationType: 'Complaint', complaint: { complainedRecipients: [{ emailAddress: TO }], ...fields } });

  it.each(['abuse', 'fraud', 'virus', 'other'])('is one of the kind %s', (complaintFeedbackType) => {
    expect(complaint({ complaintFeedbackType })).toMatchObject({ kind: 'complaint', recipient: TO, class: null });
  });

  it('may say no more than that', () => {
    expect(complaint({})).toMatchObject({ kind: 'complaint', rule: 'ses Complaint' });
  });

  it.each(['not-spam', 'auth-failure'])('is none when it says %s', (complaintFeedbackType) => {
    expect(complaint({ complaintFeedbackType })).toMatchObject({ kind: 'other' });
  });

  it('is a bounce when SES did not send the mail because of an earlier one', () => {
    expect(complaint({ complaintSubType: 'OnAccountSuppressionList' })).toMatchObject({
      ...{ kind: 'bounce', class: 'recipient_filter', recipient: TO },
    });
  });
});

describe('other events of Amazon SES', () => {
  it('a delay is one, with its reason', () => {
    const delay = (delayType: string, recipient: object) =>
      only({
        eventType: 'DeliveryDelay',
        deliveryDelay: { delayType, delayedRecipients: [{ emailAddress: TO, ...recipient }] },
      });
    expect(delay('TransientCommunicationFailure', {})).toMatchObject({
      kind: 'delay',
      class: 'network',
      recipient: TO,
    });
    expect(delay('MailboxFull', said('4.2.2', '452 4.2.2 The email account is over quota'))).toMatchObject({
      ...{ kind: 'delay', class: 'mailbox_full', status: '4.2.2' },
    });
  });

  it('a delivery is no proof that anything arrived', () => {
    const delivery = { recipients: [TO], smtpResponse: '250 2.6.0 Message received' };
    for (const name of ['notificationType', 'eventType']) {
      expect(only({ [name]: 'Delivery', delivery })).toMatchObject({ kind: 'other', recipient: TO, class: null });
    }
  });

  it('a rejected mail went to nobody', () => {
    expect(only({ eventType: 'Reject', reject: { reason: 'Bad content' } })).toMatchObject({
      ...{ kind: 'bounce', class: 'content', recipient: TO, words: 'Bad content' },
    });
  });

  it.each(['Send', 'Subscription', 'Rendering Failure', 'Something new'])('%s says nothing', (eventType) => {
    expect(only({ eventType })).toMatchObject({
      kind: 'other',
      recipient: TO,
      rule: `ses ${eventType === 'Something new' ? 'unknown' : eventType}`,
    });
  });

  it('what is not understood is one finding that says nothing', () => {
    for (const text of [
      '',
      '{',
      'null',
      '[]',
      '"x"',
      '{}',
      '{"mail":7,"bounce":[]}',
      '{"notificationType":"Bounce"}',
    ]) {
      const { findings } = readWebhookEvent('ses', Buffer.from(text));
      expect(findings, text).toMatchObject([{ kind: 'other', recipient: null, class: null }]);
    }
  });
});

describe('the marks of Amazon SES', () => {
  it('are our bounce address and our Message-ID', () => {
    expect(read({ notificationType: 'Delivery' }).marks).toEqual({
      ...{ bounceAddresses: [SOURCE], envelopeIds: [], messageIds: ['<ours.1@bounce.example.com>'] },
    });
  });

  it('are fewer where the original headers are not included', () => {
    const bare = { source: SOURCE, messageId: '0106018f-000000', destination: [TO] };
    expect(read({ notificationType: 'Delivery', mail: bare }).marks).toMatchObject({
      ...{ bounceAddresses: [SOURCE], messageIds: [] },
    });
  });
});
