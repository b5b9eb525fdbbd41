import { createHash } from 'node:crypto';
import { OwabiError } from '../../errors.ts';
import { loginVerifier, mailgunVerifier, sendgridVerifier } from '../../vault/report-signatures.ts';
import { objectOf, objectsOf, parseObject, textOf } from './event-fields.ts';

/** What came to a webhook: the header's fields by their names in lower case, and the body as it was sent. */
export interface WebhookPost {
  headers: Record<string, string | string[] | undefined>;
  body: Buffer;
}

/** One event of a post, to be stored by itself. */
export interface WebhookEvent {
  /** What the provider calls it, or the hash of what it is: the same event has the same. */
  key: string;
  bytes: Buffer;
}

/**
 * Makes sure that a post comes from its provider and lately, and takes it apart.
 * @throws OwabiError `bad_signature`, `stale_signature`, `invalid_body`
 */
export type AcceptPost = (post: WebhookPost, now: Date) => WebhookEvent[];

const HOUR_MS = 3600 * 1000;
/** Two clocks are never the same. */
const SKEW_MS = HOUR_MS / 4;
/**
 * How long a provider repeats a post that was not taken, in milliseconds; what was signed before that is a replay.
 * docs.aws.amazon.com/sns: "Message delivery retries" (3,600 s for HTTP); twilio.com/docs/sendgrid: "Event Webhook
 * Reference" (24 hours); documentation.mailgun.com: "Webhooks" (8 hours).
 */
export const repeatedForMs = { ses: HOUR_MS, sendgrid: 24 * HOUR_MS, mailgun: 8 * HOUR_MS };

/** @throws OwabiError `stale_signature` when `signedAt` (milliseconds since 1970) is too long ago, or still to come */
export function refuseStale(signedAt: number, longestMs: number, now: Date): void {
  const age = now.getTime() - signedAt;
  if (age >= -SKEW_MS && age <= longestMs + SKEW_MS) return;
  throw new OwabiError('stale_signature');
}

/** Opens and clicks hold the recipient's address on the net and device, and nothing that we want to know. */
export function isAboutReading(eventName: unknown): boolean {
  return /^(open|click)(ed)?$/i.test(textOf(eventName) ?? '');
}

/** Posts of SendGrid: an array of events, signed as a whole. @param publicKey SPKI in base64 */
export function acceptSendgrid(publicKey: string): AcceptPost {
  const isSigned = sendgridVerifier(publicKey);
  return ({ headers, body }, now) => {
    const signature = headers['x-twilio-email-event-webhook-signature'];
    const timestamp = headers['x-twilio-email-event-webhook-timestamp'];
    if (typeof signature !== 'string' || typeof timestamp !== 'string') throw new OwabiError('bad_signature');
    if (!isSigned(timestamp, body, signature)) throw new OwabiError('bad_signature');
    refuseStale(unixMs(timestamp), repeatedForMs.sendgrid, now);
    return objectsOf(parseList(body))
      .filter(({ event }) => !isAboutReading(event))
      .map((event) => {
        const bytes = Buffer.from(JSON.stringify(event), 'utf8');
        return { key: textOf(event.sg_event_id) ?? hashOf(bytes), bytes };
      });
  };
}

/** Posts of Mailgun: one event, with its signature beside it. @param key the HTTP webhook signing key */
export function acceptMailgun(key: string): AcceptPost {
  const isSigned = mailgunVerifier(key);
  return ({ body }, now) => {
    const post = parseObject(body);
    const { timestamp, token, signature } = objectOf(post.signature);
    const [at, once, proof] = [textOf(timestamp), textOf(token), textOf(signature)];
    if (at === null || once === null || proof === null || !isSigned(at, once, proof)) {
      throw new OwabiError('bad_signature');
    }
    refuseStale(unixMs(at), repeatedForMs.mailgun, now);
    if (isAboutReading(objectOf(post['event-data']).event)) return [];
    // The signature does not cover the event. With the token as its name, a token that was seen brings nothing new.
    return [{ key: once, bytes: body }];
  };
}

/** Posts of Postmark: one event, unsigned and undated; it comes with a login. */
export function acceptPostmark(login: { user: string; password: string }): AcceptPost {
  const isLogin = loginVerifier(login);
  return ({ headers, body }) => {
    if (!isLogin(headers.authorization?.toString() ?? '')) throw new OwabiError('bad_signature');
    const event = parseObject(body);
    const record = textOf(event.RecordType);
    if (record === null) throw new OwabiError('invalid_body', 'The body is no event of Postmark.');
    if (isAboutReading(record)) return [];
    const id = textOf(event.ID);
    return [{ key: id === null ? hashOf(body) : `${record} ${id}`, bytes: body }];
  };
}

function parseList(body: Buffer): unknown[] {
  try {
    const value: unknown = JSON.parse(body.toString('utf8'));
    if (Array.isArray(value)) return value;
  } catch {
    // Told below, like any other wrong form.
  }
  throw new OwabiError('invalid_body', 'The body is no array of events.');
}

/** Seconds since 1970 as text, in milliseconds; NaN when it is none. */
function unixMs(text: string): number {
  return /^\d{1,12}$/.test(text) ? Number(text) * 1000 : Number.NaN;
}

function hashOf(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}
