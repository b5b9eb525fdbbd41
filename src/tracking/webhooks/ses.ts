import type { FailureClass } from '../../delivery/email/classify-failure.ts';
import type { Finding, FindingKind, Reading } from '../reading/finding.ts';
import { type JsonObject, objectOf, objectsOf, parseObject, textOf } from './event-fields.ts';
import { findingOf, marksOf } from './event-finding.ts';

// What SES says where no receiver's words came with it. docs.aws.amazon.com/ses: "Amazon SNS notification contents for
// Amazon SES", Bounce types, and "Contents of event data that Amazon SES publishes to Amazon SNS", Delivery delay object.
const BOUNCE_TYPES = new Map<string, FailureClass>([
  // "A recent history of bouncing as an invalid address", from whomever it was mailed.
  ['Permanent/Suppressed', 'invalid_mailbox'],
  // Our account's own list holds those who bounced and those who complained: it does not say which.
  ['Permanent/OnAccountSuppressionList', 'undetermined'],
  ['Permanent/UnsubscribedRecipient', 'recipient_filter'],
  ['Transient/MailboxFull', 'mailbox_full'],
  ['Transient/MessageTooLarge', 'content'],
  ['Transient/ContentRejected', 'content'],
  ['Transient/AttachmentRejected', 'content'],
  ['Transient/CustomTimeoutExceeded', 'expired'],
]);
const DELAY_TYPES = new Map<string, FailureClass>([
  ['InternalFailure', 'system'],
  ['MailboxFull', 'mailbox_full'],
  ['SpamDetected', 'sender_blocked'],
  ['RecipientServerError', 'throttled'],
  ['IPFailure', 'sender_blocked'],
  ['TransientCommunicationFailure', 'network'],
  ['BYOIPHostNameLookupUnavailable', 'system'],
  ['SendingDeferral', 'throttled'],
]);
// RFC 5965 §7.3 and "Complaint feedback types": a user who says that it is no spam, and a receiver's report on SPF and
// DKIM, are no complaints.
// Types are part of a rule's name, which stands in the clear: nothing that somebody else thought of.
const TYPES = new Set([
  'Bounce',
  'Complaint',
  'Delivery',
  'DeliveryDelay',
  'Reject',
  'Send',
  'Subscription',
  'Rendering Failure',
]);
const FEEDBACK = new Set(['abuse', 'auth-failure', 'fraud', 'not-spam', 'other', 'virus']);
const NO_COMPLAINTS = new Set(['not-spam', 'auth-failure']);

/**
 * Reads an event of Amazon SES: a notification or an event of event publishing, as the `Message` of SNS holds it.
 * A `Delivery` says that the receiver's server took the mail, which is no more than a relay's reply: it is `other`.
 */
export function readSesEvent(bytes: Buffer): Reading {
  const event = parseObject(bytes);
  const mail = objectOf(event.mail);
  const type = textOf(event.eventType) ?? textOf(event.notificationType) ?? 'unknown';
  const findings = findingsOf(type, event, mail);
  const recipients = Array.isArray(mail.destination) && mail.destination.length > 0 ? mail.destination : [null];
  const nothing = () =>
    recipients.map((recipient) =>
      findingOf({ kind: 'other', recipient, rule: `ses ${TYPES.has(type) ? type : 'unknown'}` }),
    );
  return { findings: findings.length > 0 ? findings : nothing(), marks: marksOfMail(mail) };
}

function findingsOf(type: string, event: JsonObject, mail: JsonObject): Finding[] {
  switch (type) {
    case 'Bounce':
      return bounces(objectOf(event.bounce));
    case 'Complaint':
      return complaints(objectOf(event.complaint));
    case 'DeliveryDelay':
      return delays(objectOf(event.deliveryDelay));
    case 'Reject':
      // SES found a virus and sent nothing to anybody.
      return (Array.isArray(mail.destination) ? mail.destination : []).map((recipient) =>
        findingOf({
          ...{ kind: 'bounce', recipient, rule: 'ses Reject', fallback: 'content', ownWords: true },
          text: objectOf(event.reject).reason,
        }),
      );
    default:
      return [];
  }
}

/** SES tells a transient bounce when it has stopped trying: it is as final as a permanent one. */
function bounces(bounce: JsonObject): Finding[] {
  const type = `${textOf(bounce.bounceType)}/${textOf(bounce.bounceSubType)}`.slice(0, 80);
  const fallback = BOUNCE_TYPES.get(type);
  return objectsOf(bounce.bouncedRecipients).map((one) =>
    findingOf({
      kind: bounceKind(type, one),
      ...{ recipient: one.emailAddress, status: one.status, text: one.diagnosticCode, rule: `ses ${type}` },
      remote: textOf(bounce.reportingMTA)?.replace(/^dns\s*;\s*/i, ''),
      ...(fallback && { fallback }),
      // What SES says of lists is its own status and words, not a receiver's.
      ownWords: /Suppress|Unsubscribed/.test(type),
    }),
  );
}

/**
 * "You are notified of out-of-the-office messages through the same method as bounces" (Setting up event notifications):
 * they come as `Transient/General`, without what a delivery report would have said of the recipient. When SES itself
 * gives up, its own report says it.
 */
function bounceKind(type: string, { action, status, diagnosticCode }: JsonObject): FindingKind {
  if (textOf(action)?.toLowerCase() === 'delayed') return 'delay';
  const hasReport = [action, status, diagnosticCode].some((field) => textOf(field) !== null);
  return type === 'Transient/General' && !hasReport ? 'auto_reply' : 'bounce';
}

function complaints(complaint: JsonObject): Finding[] {
  const feedback = textOf(complaint.complaintFeedbackType)?.toLowerCase() ?? '';
  // Taken by SES and sent to nobody: whoever complained once is on the account's list. It is no new complaint.
  const isSuppressed = textOf(complaint.complaintSubType) === 'OnAccountSuppressionList';
  return objectsOf(complaint.complainedRecipients).map(({ emailAddress: recipient }) => {
    if (isSuppressed) {
      const rule = 'ses Complaint/OnAccountSuppressionList';
      return findingOf({ kind: 'bounce', recipient, rule, fallback: 'recipient_filter', ownWords: true });
    }
    const rule = `ses Complaint ${FEEDBACK.has(feedback) ? feedback : ''}`.trim();
    return findingOf({ kind: NO_COMPLAINTS.has(feedback) ? 'other' : 'complaint', recipient, rule });
  });
}

function delays(delay: JsonObject): Finding[] {
  const type = textOf(delay.delayType)?.slice(0, 40) ?? '';
  const fallback = DELAY_TYPES.get(type);
  return objectsOf(delay.delayedRecipients).map((one) =>
    findingOf({
      ...{ kind: 'delay', recipient: one.emailAddress, status: one.status, text: one.diagnosticCode },
      ...{ rule: `ses DeliveryDelay ${type}`.trim(), ...(fallback && { fallback }) },
    }),
  );
}

/** SES puts a Message-ID of its own into the mail; `headers` hold the one with which it was handed over. */
function marksOfMail(mail: JsonObject) {
  const headers = objectsOf(mail.headers).filter(({ name }) => textOf(name)?.toLowerCase() === 'message-id');
  return marksOf([mail.source], [...headers.map(({ value }) => value), objectOf(mail.commonHeaders).messageId]);
}
