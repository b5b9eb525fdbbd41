import { resolve } from 'node:path';

/** Where a printer takes files. */
export interface SftpSetting {
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
  sftp: SftpSetting | null;
}

type SettingName = 'PRINTER_AGE_RECIPIENT' | 'PRINTER_SFTP_URL' | 'PRINTER_SFTP_KEY' | 'PRINTER_SFTP_HOST_KEY';

/** Reads these settings. A sentence is added to `problems` for each that cannot be used. */
export function readPrinterSetting(text: (name: SettingName) => string | null, problems: string[]): PrinterSetting {
  return { ageRecipient: readRecipient(text('PRINTER_AGE_RECIPIENT'), problems), sftp: readSftp(text, problems) };
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
    ...{ host: url.hostname.replace(/^\[|\]$/g, ''), port: url.port === '' ? 22 : Number(url.port) },
    ...{ user: decodeURIComponent(url.username), folder: decodeURIComponent(url.pathname).replace(/\/+$/, '') },
    ...{ keyPath: resolve(key), hostKey },
  };
}
