import { resolve } from 'node:path';
import { type BucketSetting, readBucketSetting } from '../../../vault/bucket/bucket-setting.ts';

/** A folder in which a printer takes files. */
export interface SftpSetting {
  way: 'sftp';
  host: string;
  port: number;
  user: string;
  /** The folder, without a slash at the end. */
  folder: string;
  /** File of the private key with which we log in. */
  keyPath: string;
  /** SHA-256 of the server's key, base64 without padding, as `ssh-keygen -l` shows it after `SHA256:`. */
  hostKey: string;
}

/** What is set of the printer; what is not set is not done. */
export interface PrinterSetting {
  /** The printer's public key (age, X25519): bundles can be encrypted to it. */
  ageRecipient: string | null;
  /** Where bundles are put by themselves. */
  drop: SftpSetting | ({ way: 's3' } & BucketSetting) | null;
}

type SettingName =
  | 'PRINTER_AGE_RECIPIENT'
  | 'PRINTER_SFTP_URL'
  | 'PRINTER_SFTP_KEY'
  | 'PRINTER_SFTP_HOST_KEY'
  | 'PRINTER_S3_URL';

/** Reads these settings. A sentence is added to `problems` for each that cannot be used. */
export function readPrinterSetting(text: (name: SettingName) => string | null, problems: string[]): PrinterSetting {
  const ageRecipient = readRecipient(text('PRINTER_AGE_RECIPIENT'), problems);
  const sftp = readSftp(text, problems);
  const bucket = readBucket(text('PRINTER_S3_URL'), text('PRINTER_AGE_RECIPIENT') !== null, problems);
  if (text('PRINTER_SFTP_URL') !== null && text('PRINTER_S3_URL') !== null) {
    problems.push('PRINTER_SFTP_URL and PRINTER_S3_URL are two places for the same bundles: set one of them.');
  }
  return { ageRecipient, drop: sftp ?? (bucket && { way: 's3', ...bucket }) };
}

function readRecipient(given: string | null, problems: string[]): string | null {
  if (given === null || /^age1[02-9ac-hj-np-z]{58}$/.test(given)) return given;
  problems.push('PRINTER_AGE_RECIPIENT must be the printer’s public key, such as age1… (58 characters after age1).');
  return null;
}

function readSftp(text: (name: SettingName) => string | null, problems: string[]): SftpSetting | null {
  const given = text('PRINTER_SFTP_URL');
  if (given === null) return null;
  const url = URL.canParse(given) ? new URL(given) : null;
  const key = text('PRINTER_SFTP_KEY');
  const [, hostKey] = /^SHA256:([A-Za-z0-9+/]{43})$/.exec(text('PRINTER_SFTP_HOST_KEY') ?? '') ?? [];
  if (url?.protocol !== 'sftp:' || url.hostname === '' || url.username === '' || url.password !== '') {
    problems.push('PRINTER_SFTP_URL must be sftp://user@host/folder, without a password.');
    return null;
  }
  if (key === null) problems.push('PRINTER_SFTP_KEY is needed with PRINTER_SFTP_URL: the file of the private key.');
  // Whoever answered in the printer's place would get everybody's letters.
  if (!hostKey) {
    problems.push(
      'PRINTER_SFTP_HOST_KEY is needed with PRINTER_SFTP_URL: SHA256:… of the server’s key (ssh-keygen -lf).',
    );
  }
  if (key === null || !hostKey) return null;
  return {
    way: 'sftp',
    ...{ host: url.hostname.replace(/^\[|\]$/g, ''), port: url.port === '' ? 22 : Number(url.port) },
    ...{ user: decodeURIComponent(url.username), folder: decodeURIComponent(url.pathname).replace(/\/+$/, '') },
    ...{ keyPath: resolve(key), hostKey },
  };
}

function readBucket(given: string | null, isEncrypted: boolean, problems: string[]): BucketSetting | null {
  const bucket = given === null ? null : readBucketSetting('PRINTER_S3_URL', given, problems);
  if (bucket === null) return null;
  const { protocol, hostname } = new URL(bucket.endpoint);
  const isHere = hostname === 'localhost' || hostname === '[::1]' || hostname.startsWith('127.');
  // Names and addresses would cross the network for everybody to read.
  if (protocol !== 'https:' && !isEncrypted && !isHere) {
    problems.push('PRINTER_S3_URL needs an endpoint with https://, or PRINTER_AGE_RECIPIENT.');
    return null;
  }
  return bucket;
}
