import type { FailureClass } from '../../delivery/email/classify-failure.ts';
import type { Finding, FindingKind, Marks, Reading } from '../reading/finding.ts';
import { readReport } from '../reading/read-report.ts';
import { type JsonObject, objectOf, parseObject, textOf } from './event-fields.ts';
import { findingOf, marksOf } from './event-finding.ts';

// postmarkapp.com/developer/api/bounce-api: "Bounce types", with what each means where no words came with it. What is not
// here says nothing of a message of ours.
const BOUNCE_TYPES = new Map<string, [FindingKind, FailureClass | null]>([
  ['HardBounce', ['bounce', 'invalid_mailbox']],
  ['SoftBounce', ['bounce', null]],
  ['Unknown', ['bounce', null]],
  ['DnsError', ['bounce', 'network']],
  ['SpamNotification', ['bounce', 'recipient_filter']],
  ['VirusNotification', ['bounce', 'content']],
  ['BadEmailAddress', ['bounce', 'invalid_mailbox']],
  ['ManuallyDeactivated', ['bounce', null]],
  ['Blocked', ['bounce', 'sender_blocked']],
  ['DMARCPolicy', ['bounce', 'sender_auth']],
  ['SMTPApiError', ['bounce', 'system']],
  ['TemplateRenderingFailed', ['bounce', 'system']],
  // "Message delayed": Postmark goes on trying and tells its end by another type.
  ['Transient', ['delay', null]],
  ['AutoResponder', ['auto_reply', null]],
  ['AddressChange', ['auto_reply', null]],
  ['ChallengeVerification', ['auto_reply', null]],
  ['SpamComplaint', ['complaint', null]],
]);

/**
 * Reads one event of Postmark's webhooks. `Delivery` says that the receiver's server took the mail, which is no more than a
 * relay's reply: it is `other`.
 */
export function readPostmarkEvent(bytes: Buffer): Reading {
  const event = parseObject(bytes);
  return { findings: [findingFrom(event)], marks: marksFrom(event) };
}

function findingFrom(event: JsonObject): Finding {
  const record = textOf(event.RecordType)?.slice(0, 40) ?? 'unknown';
  const recipient = event.Email ?? event.Recipient;
  if (record === 'SpamComplaint') return findingOf({ kind: 'complaint', recipient, rule: 'postmark SpamComplaint' });
  const type = textOf(event.Type)?.slice(0, 40) ?? '';
  const [kind, fallback] = (record === 'Bounce' && BOUNCE_TYPES.get(type)) || (['other', null] as const);
  return findingOf({
    // `Description` is Postmark's text of the type; `Details` is what the receiver said.
    ...{ kind, recipient, rule: `postmark ${record} ${type}`.trim(), text: event.Details },
    ...(fallback && { fallback }),
  });
}

/**
 * Postmark sends from an address and with a Message-ID of its own, and names only that: `<id>@mtasv.net`. Ours stands in
 * the bounce itself, when the webhook includes its content, and in the metadata when the sender put it there.
 */
function marksFrom(event: JsonObject): Marks {
  const metadata = Object.values(objectOf(event.Metadata));
  const own = textOf(event.MessageID);
  const content = textOf(event.Content);
  const inside = content === null ? null : readReport(Buffer.from(content, 'utf8')).marks;
  const addresses = metadata.filter((value) => textOf(value)?.includes('@'));
  const marks = marksOf(addresses, [...metadata, own === null ? null : `${own}@mtasv.net`]);
  return {
    bounceAddresses: [...new Set([...marks.bounceAddresses, ...(inside?.bounceAddresses ?? [])])],
    envelopeIds: inside?.envelopeIds ?? [],
    messageIds: [...new Set([...marks.messageIds, ...(inside?.messageIds ?? [])])],
  };
}
