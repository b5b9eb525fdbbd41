import { type JsonObject, parseObject } from './event-fields.ts';

const TYPES = ['Notification', 'SubscriptionConfirmation', 'UnsubscribeConfirmation'] as const;
type SnsType = (typeof TYPES)[number];

/** What Amazon SNS posts. docs.aws.amazon.com/sns: "HTTP/HTTPS notification JSON format". */
export interface SnsMessage {
  type: SnsType;
  messageId: string;
  topicArn: string;
  subject: string | null;
  message: string;
  /** As it stands there: it is signed as text. */
  timestamp: string;
  signatureVersion: string;
  signature: string;
  signingCertUrl: string;
  /** Of the confirmations; empty in a notification. */
  token: string;
  subscribeUrl: string;
}

/** Reads the body of a post; null when it has not the form of a message of SNS. */
export function parseSnsMessage(body: Buffer): SnsMessage | null {
  const given: JsonObject = parseObject(body);
  const text = (name: string): string => (typeof given[name] === 'string' ? given[name] : '');
  const type = TYPES.find((known) => known === given.Type);
  if (!type) return null;
  const message: SnsMessage = {
    ...{ type, messageId: text('MessageId'), topicArn: text('TopicArn'), message: text('Message') },
    ...{ subject: typeof given.Subject === 'string' ? given.Subject : null, timestamp: text('Timestamp') },
    ...{ signatureVersion: text('SignatureVersion'), signature: text('Signature') },
    ...{ signingCertUrl: text('SigningCertURL'), token: text('Token'), subscribeUrl: text('SubscribeURL') },
  };
  const needed = [message.messageId, message.topicArn, message.timestamp, message.signature, message.signingCertUrl];
  return needed.every((value) => value !== '') ? message : null;
}

/** What is signed: names and values, a line each, in this order. docs.aws.amazon.com/sns: "Verifying the signatures". */
export function signedText(message: SnsMessage): string {
  const isNotification = message.type === 'Notification';
  const lines: [string, string][] = [
    ['Message', message.message],
    ['MessageId', message.messageId],
    ...(isNotification && message.subject !== null ? [['Subject', message.subject] as [string, string]] : []),
    ...(isNotification ? [] : [['SubscribeURL', message.subscribeUrl] as [string, string]]),
    ['Timestamp', message.timestamp],
    ...(isNotification ? [] : [['Token', message.token] as [string, string]]),
    ['TopicArn', message.topicArn],
    ['Type', message.type],
  ];
  return lines.map(([name, value]) => `${name}\n${value}\n`).join('');
}

/**
 * Whether a URL is one of Amazon SNS in the region of `topicArn`: https, `sns.<region>.amazonaws.com`, or with `.cn` in
 * China. It is compared as it was written, and not as a URL parser would mend it: no name or password, no port, no
 * dots or letters that only look alike.
 * @param what `certificate`: the path of a file `.pem`; `subscription`: the confirmation of one
 */
export function isSnsUrl(url: string, what: 'certificate' | 'subscription', topicArn: string): boolean {
  const [, partition, region] = /^arn:(aws[a-z-]*):sns:([a-z0-9-]+):/.exec(topicArn) ?? [];
  if (!partition || !region) return false;
  const host = `https://sns.${region}.amazonaws.com${partition === 'aws-cn' ? '.cn' : ''}`;
  if (!url.startsWith(`${host}/`)) return false;
  const rest = url.slice(host.length);
  return what === 'certificate'
    ? /^\/[A-Za-z0-9_-]+\.pem$/.test(rest)
    : /^\/\?Action=ConfirmSubscription&[A-Za-z0-9&=%:._~+-]+$/.test(rest);
}
