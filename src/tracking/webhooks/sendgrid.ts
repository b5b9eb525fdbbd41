import type { FailureClass } from '../../delivery/email/classify-failure.ts';
import type { Finding, Reading } from '../reading/finding.ts';
import { type JsonObject, parseObject, textOf } from './event-fields.ts';
import { findingOf, marksOf } from './event-finding.ts';

// twilio.com/docs/sendgrid: "Event Webhook Reference", bounce classifications and reasons of dropped messages.
const CLASSIFICATIONS = new Map<string, FailureClass>([
  ['Invalid Address', 'invalid_mailbox'],
  ['Mailbox Unavailable', 'mailbox_suspended'],
  ['Content', 'content'],
  ['Reputation', 'sender_blocked'],
  ['Frequency or Volume Too High', 'throttled'],
  ['Technical Failure', 'network'],
]);
// Dropped: SendGrid has not even tried.
const DROP_REASONS: [RegExp, FailureClass][] = [
  [/^bounced address/i, 'invalid_mailbox'],
  [/^invalid(?! smtpapi)/i, 'invalid_mailbox'],
  [/^(spam reporting|unsubscribed) address/i, 'recipient_filter'],
  [/^spam content/i, 'content'],
  [/smtpapi|quota/i, 'system'],
];

/**
 * Reads one event of SendGrid's event webhook. `delivered` says that the receiver's server took the mail, which is no more
 * than a relay's reply: it is `other`.
 */
export function readSendgridEvent(bytes: Buffer): Reading {
  const event = parseObject(bytes);
  // SendGrid sends from an address of its own, so that only the Message-ID is ours.
  return { findings: [findingFrom(event)], marks: marksOf([], [event['smtp-id']]) };
}

function findingFrom(event: JsonObject): Finding {
  const name = textOf(event.event)?.slice(0, 40) ?? 'unknown';
  const recipient = event.email;
  switch (name) {
    case 'bounce':
      return bounce(event);
    case 'dropped': {
      const fallback = DROP_REASONS.find(([words]) => words.test(textOf(event.reason) ?? ''))?.[1];
      const told = { text: event.reason, status: event.status, ownWords: true };
      return findingOf({ kind: 'bounce', recipient, rule: 'sendgrid dropped', ...told, ...(fallback && { fallback }) });
    }
    case 'deferred': {
      const text = event.response ?? event.reason;
      return findingOf({ kind: 'delay', recipient, text, status: event.status, rule: 'sendgrid deferred' });
    }
    case 'spamreport':
      return findingOf({ kind: 'complaint', recipient, rule: 'sendgrid spamreport' });
    default:
      return findingOf({ kind: 'other', recipient, rule: `sendgrid ${name}` });
  }
}

/** A `blocked` one is not tried again either: SendGrid only goes on mailing that address with later messages. */
function bounce(event: JsonObject): Finding {
  const classification = textOf(event.bounce_classification);
  const fallback = CLASSIFICATIONS.get(classification ?? '');
  const type = textOf(event.type)?.slice(0, 40) ?? 'bounce';
  return findingOf({
    ...{ kind: 'bounce', recipient: event.email, status: event.status, text: event.reason },
    ...{
      rule: `sendgrid ${[type, classification?.slice(0, 40)].filter(Boolean).join(' ')}`,
      ...(fallback && { fallback }),
    },
  });
}
