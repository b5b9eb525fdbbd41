import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readRelay } from './delivery/email/relays/relay-setting.ts';
import { type PrinterSetting, readPrinterSetting } from './delivery/letter/printer/printer-setting.ts';
import { isStage, type Stage, stages } from './delivery/stages.ts';
import { type ReportSetting, readReportSetting } from './tracking/report-setting.ts';
import { type BucketSetting, readBucketSetting } from './vault/bucket/bucket-setting.ts';

export type Role = 'api' | 'worker';

export type MailSetting =
  | { kind: 'none' }
  | { kind: 'catcher' }
  | { kind: 'relays'; urls: string[]; from: string; bounceDomain: string; publicUrl: string };

/** A key that signs mail (RFC 6376): its selector, the domain that publishes it, and the PEM file of the private key. */
export interface DkimKeySetting {
  selector: string;
  domain: string;
  path: string;
}

/** Where operators are told what needs them. */
export interface AlertSetting {
  webhook: { url: string; secret: string } | null;
  /** Addresses of the operators. */
  emails: string[];
}

/** All settings of one process, read once at the start. Units are in the names. */
export interface Config {
  host: string;
  port: number;
  dataDir: string;
  databaseUrl: string | null;
  redisUrl: string | null;
  /** The folder of the blobs, where no bucket is set. */
  blobDir: string;
  blobBucket: BucketSetting | null;
  mail: MailSetting;
  adminApiKey: string | null;
  masterKey: string | null;
  roles: ReadonlySet<Role>;
  maxUploadBytes: number;
  logLevel: string;
  lettersPerBatch: number;
  letterCutOff: string;
  smtpConnections: number;
  firstRetrySeconds: number;
  /** After this long an email that its receiver keeps putting off is given up. */
  retryHours: number;
  dkimKeys: DkimKeySetting[];
  /** PEM file with the key, the certificate and its chain that sign messages (S/MIME); null: not signed so. */
  smimeIdentity: string | null;
  alerts: AlertSetting;
  /** The ways by which reports of what happened afterwards come in. */
  reports: ReportSetting;
  /** For tests: the process kills itself when it passes this stage of sending the n-th time. */
  crashAt: { stage: Stage; passing: number } | null;
  /** Japan Post's file of postal codes; null: the one of a package. */
  postalData: string | null;
  /** How letter batches get to the printer. */
  printer: PrinterSetting;
}

/** The settings and what they mean when absent: `docs/operations.md` and `docker-compose.yml` are compared with this. */
export const settingNames = [
  'PORT',
  'HOST',
  'DATA_DIR',
  'DATABASE_URL',
  'REDIS_URL',
  'BLOB_URL',
  'SMTP_URL',
  'MAIL_FROM',
  'BOUNCE_DOMAIN',
  'PUBLIC_URL',
  'ADMIN_API_KEY',
  'MASTER_KEY',
  'ROLES',
  'MAX_UPLOAD_BYTES',
  'LOG_LEVEL',
  'LETTERS_PER_BATCH',
  'LETTER_CUT_OFF',
  'SMTP_CONNECTIONS',
  'FIRST_RETRY_SECONDS',
  'RETRY_HOURS',
  'DKIM_KEYS',
  'SMIME_IDENTITY',
  'ALERT_WEBHOOK_URL',
  'ALERT_WEBHOOK_SECRET',
  'ALERT_EMAIL',
  'BOUNCE_LISTEN',
  'BOUNCE_TLS_IDENTITY',
  'BOUNCE_IMAP_URL',
  'SES_TOPIC_ARNS',
  'SENDGRID_WEBHOOK_KEY',
  'MAILGUN_WEBHOOK_KEY',
  'POSTMARK_WEBHOOK_LOGIN',
  'CRASH_AT',
  'POSTAL_DATA',
  'PRINTER_AGE_RECIPIENT',
  'PRINTER_SFTP_URL',
  'PRINTER_SFTP_KEY',
  'PRINTER_SFTP_HOST_KEY',
  'PRINTER_S3_URL',
] as const;

type Environment = Record<string, string | undefined>;

/** Settings that cannot be used: every sentence says which setting and what to set. */
export class ConfigError extends Error {
  readonly problems: string[];

  constructor(problems: string[]) {
    super(problems.join('\n'));
    this.name = 'ConfigError';
    this.problems = problems;
  }
}

/**
 * Reads the settings: here and nowhere else is `process.env` read.
 * @throws ConfigError with one sentence for each setting that is wrong or contradicts another
 */
export function readConfig(environment: Environment = process.env): Config {
  const problems: string[] = [];
  const text = (name: (typeof settingNames)[number]): string | null => environment[name]?.trim() || null;
  const whole = (name: (typeof settingNames)[number], fallback: number, min: number, max: number): number => {
    const given = text(name);
    if (given === null) return fallback;
    const value = Number(given);
    if (Number.isInteger(value) && value >= min && value <= max) return value;
    problems.push(`${name} must be a whole number from ${min} to ${max}.`);
    return fallback;
  };
  const roles = readRoles(text('ROLES'), problems);
  const databaseUrl = readUrl('DATABASE_URL', text('DATABASE_URL'), ['postgres:', 'postgresql:'], problems);
  const redisUrl = readUrl('REDIS_URL', text('REDIS_URL'), ['redis:', 'rediss:'], problems);
  const dataDir = resolve(text('DATA_DIR') ?? './.data');
  const blobPlace = readBlobPlace(text('BLOB_URL'), problems);
  const masterKey = readMasterKey(text('MASTER_KEY'), databaseUrl !== null, problems);
  if (roles.size < 2 && databaseUrl === null) {
    problems.push('ROLES is split over processes, which needs a database that they share: set DATABASE_URL.');
  }
  if (roles.size < 2 && databaseUrl !== null && blobPlace === null) {
    problems.push('ROLES is split over processes, which need one place for files: set BLOB_URL (file:///… or s3://…).');
  }
  const letterCutOff = text('LETTER_CUT_OFF') ?? '17:00';
  if (!/^([01]\d|2[0-3]):[0-5]\d$/.test(letterCutOff)) problems.push('LETTER_CUT_OFF must be a time such as 17:00.');
  const logLevel = text('LOG_LEVEL') ?? 'info';
  if (!['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'].includes(logLevel)) {
    problems.push('LOG_LEVEL must be one of trace, debug, info, warn, error, fatal, silent.');
  }
  const config: Config = {
    host: text('HOST') ?? '127.0.0.1',
    port: whole('PORT', 3000, 0, 65_535),
    dataDir,
    databaseUrl,
    redisUrl,
    blobDir: resolve(dataDir, 'blobs'),
    blobBucket: null,
    ...blobPlace,
    mail: readMail(text, problems),
    adminApiKey: readAdminKey(text('ADMIN_API_KEY'), problems),
    masterKey,
    roles,
    maxUploadBytes: whole('MAX_UPLOAD_BYTES', 1024 ** 3, 1, 64 * 1024 ** 3),
    logLevel,
    lettersPerBatch: whole('LETTERS_PER_BATCH', 500, 1, 1000),
    letterCutOff,
    smtpConnections: whole('SMTP_CONNECTIONS', 10, 1, 100),
    firstRetrySeconds: whole('FIRST_RETRY_SECONDS', 20, 1, 3600),
    retryHours: whole('RETRY_HOURS', 72, 1, 120),
    dkimKeys: readDkimKeys(text('DKIM_KEYS'), problems),
    smimeIdentity: readPath(text('SMIME_IDENTITY')),
    alerts: readAlerts(text, problems),
    reports: readReportSetting(text, problems),
    crashAt: readCrashAt(text('CRASH_AT'), problems),
    postalData: readPath(text('POSTAL_DATA')),
    printer: readPrinterSetting(text, problems),
  };
  if (problems.length > 0) throw new ConfigError(problems);
  return config;
}

function readRoles(given: string | null, problems: string[]): Set<Role> {
  const named = (given ?? 'api,worker').split(',').map((role) => role.trim());
  const known = named.filter((role): role is Role => role === 'api' || role === 'worker');
  if (known.length !== named.length) problems.push('ROLES must be api, worker, or both with a comma between.');
  return new Set(known);
}

function readUrl(name: string, given: string | null, protocols: string[], problems: string[]): string | null {
  if (given === null) return null;
  const url = URL.canParse(given) ? new URL(given) : null;
  if (url && protocols.includes(url.protocol)) return given;
  problems.push(`${name} must be a URL that begins with ${protocols.map((p) => `${p}//`).join(' or ')}.`);
  return null;
}

/** @returns null when none is named, or none that can be used */
function readBlobPlace(
  given: string | null,
  problems: string[],
): Partial<Pick<Config, 'blobDir' | 'blobBucket'>> | null {
  // Not a URL to everybody: a slash in the secret makes another of it.
  if (given?.startsWith('s3:')) return { blobBucket: readBucketSetting('BLOB_URL', given, problems) };
  const url = readUrl('BLOB_URL', given, ['file:', 's3:'], problems);
  return url === null ? null : { blobDir: fileURLToPath(url) };
}

function readPath(given: string | null): string | null {
  return given === null ? null : resolve(given);
}

function readMasterKey(given: string | null, needed: boolean, problems: string[]): string | null {
  if (given === null) {
    if (needed) {
      problems.push('MASTER_KEY is needed with DATABASE_URL: set 32 random bytes in base64 (openssl rand -base64 32).');
    }
    return null;
  }
  if (Buffer.from(given, 'base64').length === 32) return given;
  problems.push('MASTER_KEY must be 32 bytes in base64 (openssl rand -base64 32).');
  return null;
}

/** `selector._domainkey.example.jp=/path/to/key.pem`, several separated by spaces. All of them sign. */
function readDkimKeys(given: string | null, problems: string[]): DkimKeySetting[] {
  if (given === null) return [];
  const keys = given.split(/\s+/).flatMap((one) => {
    const [, selector, domain, path] = /^([A-Za-z0-9-]+)\._domainkey\.([A-Za-z0-9.-]+)=(.+)$/.exec(one) ?? [];
    return selector && domain && path ? [{ selector, domain: domain.toLowerCase(), path: resolve(path) }] : [];
  });
  if (keys.length === given.split(/\s+/).length) return keys;
  problems.push(
    'DKIM_KEYS must be pairs such as s1._domainkey.example.jp=/etc/owabi/s1.pem, with spaces between them.',
  );
  return [];
}

const SECRET_LENGTH = 16;

function readAlerts(text: (name: (typeof settingNames)[number]) => string | null, problems: string[]): AlertSetting {
  const url = readUrl('ALERT_WEBHOOK_URL', text('ALERT_WEBHOOK_URL'), ['http:', 'https:'], problems);
  const secret = text('ALERT_WEBHOOK_SECRET');
  if (url !== null && (secret === null || secret.length < SECRET_LENGTH)) {
    problems.push(
      `ALERT_WEBHOOK_SECRET is needed with ALERT_WEBHOOK_URL: at least ${SECRET_LENGTH} characters that sign what is told.`,
    );
  }
  const emails = text('ALERT_EMAIL')?.split(/[\s,]+/) ?? [];
  if (emails.some((address) => !/^[^\s@<>"]+@[^\s@<>"]+$/.test(address))) {
    problems.push('ALERT_EMAIL must be addresses with a comma between them.');
  }
  return { webhook: url !== null && secret !== null ? { url, secret } : null, emails };
}

function readCrashAt(given: string | null, problems: string[]): Config['crashAt'] {
  if (given === null) return null;
  const [, stage, passing] = /^([a-z-]+)(?::([1-9]\d{0,6}))?$/.exec(given) ?? [];
  if (stage && isStage(stage)) return { stage, passing: Number(passing ?? 1) };
  problems.push(`CRASH_AT must be one of ${stages.join(', ')}, with :n for the n-th time. It is for tests only.`);
  return null;
}

function readAdminKey(given: string | null, problems: string[]): string | null {
  if (given !== null && given.length < 16) problems.push('ADMIN_API_KEY must have at least 16 characters.');
  return given;
}

function readMail(text: (name: (typeof settingNames)[number]) => string | null, problems: string[]): MailSetting {
  const given = text('SMTP_URL');
  if (given === null) return { kind: 'none' };
  if (given === 'catcher') return { kind: 'catcher' };
  const urls = given.split(/\s+/);
  checkRelays(urls, problems);
  const from = text('MAIL_FROM');
  const bounceDomain = text('BOUNCE_DOMAIN');
  const publicUrl = readUrl('PUBLIC_URL', text('PUBLIC_URL'), ['http:', 'https:'], problems);
  if (!from?.includes('@')) {
    problems.push('MAIL_FROM is needed with SMTP_URL: the sender, such as "Support" <notice@example.jp>.');
  }
  if (!bounceDomain) problems.push('BOUNCE_DOMAIN is needed with SMTP_URL: the domain of bounce addresses.');
  if (!publicUrl && !text('PUBLIC_URL'))
    problems.push('PUBLIC_URL is needed with SMTP_URL: the outside address of this service.');
  return { kind: 'relays', urls, from: from ?? '', bounceDomain: bounceDomain ?? '', publicUrl: publicUrl ?? '' };
}

function checkRelays(urls: string[], problems: string[]): void {
  const names = new Set<string>();
  for (const url of urls) {
    try {
      const { name } = readRelay(url);
      // A relay is held and released by its name.
      if (names.has(name)) problems.push(`SMTP_URL names ${name} twice: give it a larger weight instead.`);
      names.add(name);
    } catch (error) {
      problems.push((error as Error).message);
    }
  }
}
