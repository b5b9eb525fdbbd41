import { ImapFlow } from 'imapflow';
import type { MailboxSetting } from './mailbox-setting.ts';

const CONNECT_TIMEOUT_MS = 20_000;
/** Silence in the middle of a command. */
const SOCKET_TIMEOUT_MS = 120_000;
/** Room for what stands around a literal, and for a list of a million numbers. */
const FRAME_BYTES = 16 * 1024 * 1024;

/**
 * A client for one connection to the mailbox; it does not connect yet. Over a network the password and the mail go
 * encrypted, to a valid certificate of that host, or not at all.
 * @param mostBytes the largest message that will be asked for; a server that sends more is cut off
 */
export function mailboxClient(setting: MailboxSetting, mostBytes: number): ImapFlow {
  const { host, port, secure, isLoopback, user, password } = setting;
  return new ImapFlow({
    ...{ host, port, secure, auth: { user, pass: password } },
    ...(!secure && !isLoopback && { doSTARTTLS: true }),
    ...(isLoopback && { tls: { rejectUnauthorized: false } }),
    ...{ connectionTimeout: CONNECT_TIMEOUT_MS, greetingTimeout: CONNECT_TIMEOUT_MS, socketTimeout: SOCKET_TIMEOUT_MS },
    ...{ maxLiteralSize: mostBytes + 1, maxLineLength: FRAME_BYTES, maxResponseSize: mostBytes + FRAME_BYTES },
    // A few bytes that become gigabytes would get past these limits.
    disableCompression: true,
    // Its log quotes what the server says, addresses included.
    logger: false,
    disableAutoIdle: true,
    clientInfo: { name: 'Owabi' },
  });
}

/** The code alone: what servers say in words may quote the account. */
export function codeOf(error: unknown): string {
  if (typeof error !== 'object' || error === null) return 'unknown';
  const { name, code, serverResponseCode, responseStatus, mailboxMissing } = error as Record<string, unknown>;
  if (mailboxMissing === true) return 'no_such_folder';
  const said = [code, serverResponseCode, responseStatus, name].find((one) => typeof one === 'string' && one !== '');
  return /^[\w.-]{1,60}$/.test(String(said)) ? String(said) : 'unknown';
}

/** Whether the login itself was refused: it will be refused again, and an account that is tried too often is locked. */
export function isLoginRefused(error: unknown): boolean {
  const { authenticationFailed, serverResponseCode } = (error ?? {}) as Record<string, unknown>;
  // RFC 5530: a subsystem is down; nothing was said about the password.
  return authenticationFailed === true && serverResponseCode !== 'UNAVAILABLE';
}
