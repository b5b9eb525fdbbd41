import { OwabiError } from '../../errors.ts';
import type { SnsCertificate } from '../../vault/report-signatures.ts';
import { isAboutReading, refuseStale, repeatedForMs, type WebhookEvent, type WebhookPost } from './accept-post.ts';
import { parseObject } from './event-fields.ts';
import { isSnsUrl, parseSnsMessage, type SnsMessage, signedText } from './sns-message.ts';

/** What a post of Amazon SNS asks for. */
export type SesPost =
  | { kind: 'event'; events: WebhookEvent[] }
  /** The topic wants to send here: it does when this URL is asked. */
  | { kind: 'subscription'; topic: string; confirmUrl: string }
  /** The topic will send nothing more. */
  | { kind: 'end'; topic: string };

interface SesParts {
  /** The topics from which events are taken. */
  topics: readonly string[];
  /** Null when there is no certificate of SNS at the URL. Rejects when SNS cannot be asked. */
  findCertificate(url: string): Promise<SnsCertificate | null>;
}

/**
 * Makes sure that a post comes from Amazon SNS, of a topic of ours, and lately.
 * What costs nothing is checked first: SNS is asked for a certificate only by what could be its own.
 * @returns a function that throws OwabiError `bad_signature`, `stale_signature`, `unknown_topic`, and `unavailable` when
 *   the certificate cannot be had now
 */
export function acceptSes({ topics, findCertificate }: SesParts): (post: WebhookPost, now: Date) => Promise<SesPost> {
  return async ({ body }, now) => {
    const message = parseSnsMessage(body);
    if (!message) throw new OwabiError('bad_signature', 'The body is no signed message of Amazon SNS.');
    if (!topics.includes(message.topicArn)) throw new OwabiError('unknown_topic');
    if (!isSnsUrl(message.signingCertUrl, 'certificate', message.topicArn)) throw new OwabiError('bad_signature');
    refuseStale(Date.parse(message.timestamp), repeatedForMs.ses, now);
    const certificate = await findCertificate(message.signingCertUrl).catch(() => {
      throw new OwabiError('unavailable', 'The certificate of Amazon SNS cannot be had now.');
    });
    const isSigned = certificate?.verify(message.signatureVersion, signedText(message), message.signature);
    if (!isSigned || !certificate?.isValidAt(now)) throw new OwabiError('bad_signature');
    return meaningOf(message);
  };
}

function meaningOf(message: SnsMessage): SesPost {
  const { type, topicArn: topic, subscribeUrl: confirmUrl } = message;
  if (type === 'UnsubscribeConfirmation') return { kind: 'end', topic };
  if (type === 'SubscriptionConfirmation') {
    if (!isSnsUrl(confirmUrl, 'subscription', topic)) throw new OwabiError('bad_signature');
    return { kind: 'subscription', topic, confirmUrl };
  }
  const bytes = Buffer.from(message.message, 'utf8');
  const { eventType } = parseObject(bytes);
  return { kind: 'event', events: isAboutReading(eventType) ? [] : [{ key: message.messageId, bytes }] };
}
