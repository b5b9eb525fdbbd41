import { classifyFailure, type SmtpFailure } from '../classify-failure.ts';

/** What nodemailer's connection tells of a failure. */
export interface SmtpError {
  code?: string;
  /** The system's or OpenSSL's own code, such as ECONNREFUSED or CERT_HAS_EXPIRED. */
  originalCode?: string;
  command?: string;
  response?: string;
  responseCode?: number;
}

/** A relay does not want us as sender: trying again changes nothing until somebody has mended something. */
export interface Refusal {
  because: 'sender_auth' | 'sender_blocked';
  /** The codes of its reply, such as `535 5.7.8`. */
  code: string;
}

/** The enhanced status code of a reply (RFC 3463); null when it has none. */
export function enhancedIn(reply: string): string | null {
  return /^\d{3}[ -]([245]\.\d{1,3}\.\d{1,3})\b/.exec(reply)?.[1] ?? null;
}

/** A connection that did not come about: greeting, TLS or login. */
export function connectFailure({ code, response = '', responseCode }: SmtpError): SmtpFailure {
  // A relay that cannot do STARTTLS says nothing of us as sender.
  if (!isRefusalCode(responseCode) || code === 'ETLS')
    return { stage: 'connect', reply: null, enhanced: null, text: '' };
  return { stage: 'connect', reply: responseCode, enhanced: enhancedIn(response), text: response };
}

/** Whether a reply code says no (RFC 5321 §4.2.1). */
export const isRefusalCode = (code: number | undefined): code is number =>
  code !== undefined && code >= 400 && code < 600;

/** Why a connection failed, in codes alone: a reply's text may hold anything. */
export function failureCode({ code, originalCode }: SmtpError, { reply, enhanced }: SmtpFailure): string {
  if (reply !== null) return [reply, enhanced].filter(Boolean).join(' ');
  // The more exact of the two: nodemailer calls all that breaks a socket ESOCKET.
  const exact = originalCode && /^[A-Z][A-Z0-9_]+$/.test(originalCode) ? originalCode : code;
  return exact ?? 'ECONNECTION';
}

const NOT_UNDERSTOOD: ReadonlySet<number> = new Set([500, 502, 503]);

/**
 * Reads a reply to the greeting, EHLO, the login or MAIL as a refusal of us as sender; null when it is none. Before RCPT
 * nobody's mailbox has been named. Pure.
 */
export function readRefusal(failure: SmtpFailure, atLogin: boolean): Refusal | null {
  const { stage, reply, enhanced } = failure;
  if (reply === null || reply < 500 || (stage !== 'connect' && stage !== 'mail')) return null;
  // Said of a command, not of us: it does not know EHLO, or has lost the thread.
  if (!atLogin && NOT_UNDERSTOOD.has(reply)) return null;
  const meaning = classifyFailure(failure);
  // "Too many connections" is no refusal for good, whatever its code.
  if (meaning !== 'sender_auth' && meaning !== 'sender_blocked') return null;
  return { because: atLogin ? 'sender_auth' : meaning, code: [reply, enhanced].filter(Boolean).join(' ') };
}
