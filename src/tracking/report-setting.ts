import { resolve } from 'node:path';
import { isEllipticKey } from '../vault/report-signatures.ts';
import { readMailboxSetting } from './mailbox/mailbox-setting.ts';

/** Where reports of what happened afterwards come in; what is not set is not open. */
export interface ReportSetting {
  /** The SMTP listener for `BOUNCE_DOMAIN`. */
  listen: { host: string; port: number } | null;
  /** PEM file with a private key and its certificates: then the listener offers STARTTLS. */
  tlsIdentity: string | null;
  /** A mailbox, as `imaps://user:password@host/INBOX`. */
  imapUrl: string | null;
  /** The topics by which Amazon SES tells (SNS). */
  sesTopicArns: string[];
  /** Public key of SendGrid's signed event webhook: SPKI in base64. */
  sendgridKey: string | null;
  /** Mailgun's HTTP webhook signing key. */
  mailgunKey: string | null;
  /** With which Postmark comes: it signs nothing. */
  postmarkLogin: { user: string; password: string } | null;
}

type SettingName =
  | 'BOUNCE_LISTEN'
  | 'BOUNCE_TLS_IDENTITY'
  | 'BOUNCE_IMAP_URL'
  | 'SES_TOPIC_ARNS'
  | 'SENDGRID_WEBHOOK_KEY'
  | 'MAILGUN_WEBHOOK_KEY'
  | 'POSTMARK_WEBHOOK_LOGIN';

/** Reads these settings. A sentence is added to `problems` for each that cannot be used. */
export function readReportSetting(text: (name: SettingName) => string | null, problems: string[]): ReportSetting {
  const listen = readListen(text('BOUNCE_LISTEN'), problems);
  const identity = text('BOUNCE_TLS_IDENTITY');
  if (identity !== null && listen === null) {
    problems.push('BOUNCE_TLS_IDENTITY is for the SMTP listener: set BOUNCE_LISTEN too.');
  }
  return {
    listen,
    tlsIdentity: identity === null ? null : resolve(identity),
    imapUrl: readImapUrl(text('BOUNCE_IMAP_URL'), problems),
    sesTopicArns: readTopics(text('SES_TOPIC_ARNS'), problems),
    sendgridKey: readSendgridKey(text('SENDGRID_WEBHOOK_KEY'), problems),
    mailgunKey: text('MAILGUN_WEBHOOK_KEY'),
    postmarkLogin: readLogin(text('POSTMARK_WEBHOOK_LOGIN'), problems),
  };
}

function readListen(given: string | null, problems: string[]): ReportSetting['listen'] {
  if (given === null) return null;
  const [, host, digits] = /^(\[[0-9a-fA-F:]+\]|[A-Za-z0-9.-]+):(\d{1,5})$/.exec(given) ?? [];
  const port = Number(digits);
  if (host && port <= 65_535) return { host: host.replace(/^\[|\]$/g, ''), port };
  problems.push('BOUNCE_LISTEN must be an address and a port, such as 0.0.0.0:25.');
  return null;
}

function readImapUrl(given: string | null, problems: string[]): string | null {
  if (given === null) return null;
  try {
    readMailboxSetting(given);
    return given;
  } catch (error) {
    problems.push((error as Error).message);
    return null;
  }
}

function readTopics(given: string | null, problems: string[]): string[] {
  if (given === null) return [];
  const topics = given.split(/\s+/);
  if (topics.every((topic) => /^arn:aws[a-z-]*:sns:[a-z0-9-]+:\d{12}:[A-Za-z0-9_-]+$/.test(topic))) return topics;
  problems.push(
    'SES_TOPIC_ARNS must be topics such as arn:aws:sns:ap-northeast-1:123456789012:bounces, with spaces between them.',
  );
  return [];
}

function readSendgridKey(given: string | null, problems: string[]): string | null {
  if (given === null || isEllipticKey(given)) return given;
  problems.push('SENDGRID_WEBHOOK_KEY must be the verification key of the signed event webhook, as SendGrid shows it.');
  return null;
}

function readLogin(given: string | null, problems: string[]): ReportSetting['postmarkLogin'] {
  if (given === null) return null;
  const [, user, password] = /^([^:]+):(.{12,})$/.exec(given) ?? [];
  if (user && password) return { user, password };
  problems.push(
    'POSTMARK_WEBHOOK_LOGIN must be user:password, the password of at least 12 characters, as in its webhook’s URL.',
  );
  return null;
}
