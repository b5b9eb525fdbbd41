import type { FailureClass } from '../../delivery/email/classify-failure.ts';
import type { Finding, Reading } from '../reading/finding.ts';
import { type JsonObject, objectOf, parseObject, textOf } from './event-fields.ts';
import { findingOf, marksOf } from './event-finding.ts';

// documentation.mailgun.com: "Events", Event structure: the reasons that are Mailgun's own. It has not even tried.
const OWN_REASONS = new Map<string, FailureClass>([
  ['suppress-bounce', 'invalid_mailbox'],
  ['suppress-complaint', 'recipient_filter'],
  ['suppress-unsubscribe', 'recipient_filter'],
]);
const REASONS = new Map<string, FailureClass>([
  ['old', 'expired'],
  ['espblock', 'sender_blocked'],
  ['greylisted', 'throttled'],
]);

/**
 * Reads one event of Mailgun's webhooks (`event-data`). `delivered` says that the receiver's server took the mail, which is
 * no more than a relay's reply: it is `other`.
 */
export function readMailgunEvent(bytes: Buffer): Reading {
  const event = objectOf(parseObject(bytes)['event-data']);
  const headers = objectOf(objectOf(event.message).headers);
  const marks = marksOf([objectOf(event.envelope).sender], [headers['message-id']]);
  return { findings: [findingFrom(event)], marks };
}

function findingFrom(event: JsonObject): Finding {
  const name = textOf(event.event)?.slice(0, 40) ?? 'unknown';
  const { recipient } = event;
  switch (name) {
    case 'failed':
      return failure(event);
    case 'rejected': {
      const { reason, description } = objectOf(event.reject);
      // Mailgun itself would not send it: spam, a virus, or a sender that it does not allow.
      const text = [textOf(reason), textOf(description)].filter((part) => part !== null).join(': ');
      return findingOf({
        kind: 'bounce',
        recipient,
        rule: 'mailgun rejected',
        text,
        fallback: 'content',
        ownWords: true,
      });
    }
    case 'complained':
      return findingOf({ kind: 'complaint', recipient, rule: 'mailgun complained' });
    default:
      return findingOf({ kind: 'other', recipient, rule: `mailgun ${name}` });
  }
}

function failure(event: JsonObject): Finding {
  const status = objectOf(event['delivery-status']);
  const reason = textOf(event.reason)?.slice(0, 40) ?? '';
  // Without a word on how bad it is, nobody is told that it failed for good.
  const isFinal = textOf(event.severity) === 'permanent';
  const own = OWN_REASONS.get(reason);
  const fallback = own ?? REASONS.get(reason);
  const said = textOf(status.message) ?? textOf(status.description);
  const code = textOf(status.code);
  return findingOf({
    ...{ kind: isFinal ? 'bounce' : 'delay', recipient: event.recipient },
    ...{ rule: `mailgun failed ${isFinal ? 'permanent' : 'temporary'} ${reason}`.trim(), remote: status['mx-host'] },
    // Codes from 600 on are Mailgun's own. What the receiver said comes without its code or with it.
    text:
      said !== null && code !== null && /^[45]\d\d$/.test(code) && !said.startsWith(code) ? `${code} ${said}` : said,
    ...{ status: status['enhanced-code'], ...(fallback && { fallback }), ownWords: own !== undefined },
  });
}
