import 'reflect-metadata';
import { createHmac, generateKeyPairSync, KeyObject, sign, type webcrypto } from 'node:crypto';
import { BasicConstraintsExtension, SubjectAlternativeNameExtension, X509CertificateGenerator } from '@peculiar/x509';

/** A post as a provider makes it. */
export interface ProviderPost {
  body: string;
  headers: Record<string, string>;
}

export const TOPIC = 'arn:aws:sns:ap-northeast-1:123456789012:ses-events';
export const CERTIFICATE_URL =
  'https://sns.ap-northeast-1.amazonaws.com/SimpleNotificationService-0123456789abcdef.pem';
export const CONFIRM_URL = `https://sns.ap-northeast-1.amazonaws.com/?Action=ConfirmSubscription&TopicArn=${TOPIC}&Token=2336412f37`;

const DAY_MS = 24 * 3600 * 1000;
const SIGNED = {
  Notification: ['Message', 'MessageId', 'Subject', 'Timestamp', 'TopicArn', 'Type'],
  SubscriptionConfirmation: ['Message', 'MessageId', 'SubscribeURL', 'Timestamp', 'Token', 'TopicArn', 'Type'],
  UnsubscribeConfirmation: ['Message', 'MessageId', 'SubscribeURL', 'Timestamp', 'Token', 'TopicArn', 'Type'],
};

interface CertificateWishes {
  name?: string;
  /** Days from now. */
  from?: number;
  until?: number;
  bits?: number;
  isAuthority?: boolean;
}

/** One who signs as Amazon SNS does: with SHA-1 for version 1 and SHA-256 for 2, under a certificate of its own. */
export async function makeSns({
  name = 'sns.amazonaws.com',
  from = -30,
  until = 30,
  bits = 2048,
  isAuthority = false,
}: CertificateWishes = {}) {
  const algorithm = {
    ...{ name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256', modulusLength: bits },
    publicExponent: new Uint8Array([1, 0, 1]),
  };
  const keys = (await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])) as webcrypto.CryptoKeyPair;
  const certificate = await X509CertificateGenerator.createSelfSigned({
    ...{ serialNumber: '01', name: `CN=${name}, O=Example`, keys, signingAlgorithm: algorithm },
    ...{ notBefore: new Date(Date.now() + from * DAY_MS), notAfter: new Date(Date.now() + until * DAY_MS) },
    extensions: [
      new SubjectAlternativeNameExtension([{ type: 'dns', value: name }]),
      new BasicConstraintsExtension(isAuthority),
    ],
  });
  const key = KeyObject.from(keys.privateKey);
  return {
    pem: certificate.toString('pem'),
    /** A post with these fields instead of the usual ones. `version` is `SignatureVersion`. */
    post(fields: Record<string, string> = {}, version = '2'): ProviderPost {
      const message: Record<string, string> = {
        ...{ Type: 'Notification', MessageId: 'm-1', TopicArn: TOPIC, Message: '{}', SigningCertURL: CERTIFICATE_URL },
        ...{ Timestamp: new Date().toISOString(), SignatureVersion: version, ...fields },
      };
      const names = SIGNED[(message.Type ?? '') as keyof typeof SIGNED].filter((one) => message[one] !== undefined);
      const text = names.map((one) => `${one}\n${message[one]}\n`).join('');
      const digest = version === '1' ? 'sha1' : 'sha256';
      const Signature = sign(digest, Buffer.from(text), key).toString('base64');
      return {
        body: JSON.stringify({ ...message, Signature }),
        headers: { 'content-type': 'text/plain; charset=UTF-8', 'x-amz-sns-message-type': message.Type ?? '' },
      };
    },
  };
}

/** One who signs as SendGrid does. */
export function makeSendgrid() {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
  return {
    publicKey: publicKey.export({ type: 'spki', format: 'der' }).toString('base64'),
    post(events: unknown, at = new Date()): ProviderPost {
      const body = `${JSON.stringify(events)}\r\n`;
      const timestamp = String(Math.floor(at.getTime() / 1000));
      const signature = sign('sha256', Buffer.from(timestamp + body), privateKey).toString('base64');
      return {
        body,
        headers: {
          'content-type': 'application/json',
          'x-twilio-email-event-webhook-signature': signature,
          'x-twilio-email-event-webhook-timestamp': timestamp,
        },
      };
    },
  };
}

/** A post as Mailgun makes it: the signature is over timestamp and token. */
export function mailgunPost(key: string, event: object, { at = new Date(), token = 'token-1' } = {}): ProviderPost {
  const timestamp = String(Math.floor(at.getTime() / 1000));
  const signature = createHmac('sha256', key).update(`${timestamp}${token}`).digest('hex');
  return {
    body: JSON.stringify({ signature: { timestamp, token, signature }, 'event-data': event }),
    headers: { 'content-type': 'application/json' },
  };
}

/** A post as Postmark makes it: with the login of the webhook's URL. */
export function postmarkPost(login: string, event: object): ProviderPost {
  const authorization = `Basic ${Buffer.from(login).toString('base64')}`;
  return { body: JSON.stringify(event), headers: { 'content-type': 'application/json', authorization } };
}
