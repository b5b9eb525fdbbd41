import { Readable } from 'node:stream';
import type SMTPConnection from 'nodemailer/lib/smtp-connection';
import type { SmtpFailure, SmtpStage } from './classify-failure.ts';

export interface OutgoingMessage {
  /** MAIL FROM, a VERP address. */
  from: string;
  to: string;
  /** A finished message with CRLF line ends. */
  bytes: Buffer;
  /** ENVID for delivery reports, where the server offers DSN (RFC 3461). */
  envelopeId: string;
}

/** How a submission ended. `uncertain`: the whole body went out and no reply came; nobody knows. */
export type Submission =
  | { kind: 'submitted'; reply: string }
  | { kind: 'failed'; failure: SmtpFailure; connectionUsable: boolean }
  | { kind: 'uncertain'; detail: string }
  | { kind: 'not_allowed' };

// In slices: what the connection has not taken yet did not go out, so a break before the last slice is no doubt.
const SLICE_BYTES = 64 * 1024;

interface SmtpError {
  code?: string;
  command?: string;
  response?: string;
  responseCode?: number;
}

/**
 * Submits one message over an open connection.
 *
 * The transport reads the body only after the server's 354, and never for a refused recipient: `mayGoOut` is asked at
 * that moment and must have made "submitting" durable when it says yes. Where a connection broke is told by what was
 * read of the body: nothing or not all of it, then the final dot did not go out and a new try is safe; all of it, then
 * only a reply can tell (measured.md).
 */
export function submitMessage(
  connection: SMTPConnection,
  message: OutgoingMessage,
  mayGoOut: () => Promise<boolean>,
): Promise<Submission> {
  return new Promise((resolve) => {
    let asked = false;
    let refusedByUs = false;
    let bodyEnded = false;
    let sent = 0;
    const pushNext = (): void => {
      body.push(message.bytes.subarray(sent, sent + SLICE_BYTES));
      sent += SLICE_BYTES;
      if (sent >= message.bytes.length) body.push(null);
    };
    const refuse = (): void => {
      refusedByUs = true;
      body.destroy(new Error('not to be sent'));
    };
    const body = new Readable({
      read() {
        if (asked) return sent > 0 ? pushNext() : undefined;
        asked = true;
        mayGoOut().then((allowed) => (allowed ? pushNext() : refuse()), refuse);
      },
    });
    body.once('end', () => {
      bodyEnded = true;
    });
    body.on('error', () => undefined);
    const envelope = {
      ...{ from: message.from, to: [message.to], size: message.bytes.length },
      dsn: { ret: 'HDRS', envid: message.envelopeId, notify: ['FAILURE', 'DELAY'] },
    };
    const fail = (error: SmtpError): void =>
      resolve(refusedByUs ? { kind: 'not_allowed' } : readFailure(error, bodyEnded));
    // A connection that we cut ourselves tells nobody: its end is the end of the message too. In the next turn, because
    // a reply that ends the connection is told after the end.
    const ended = (): void => void setImmediate(fail, { code: 'ECONNECTION' });
    connection.once('end', ended);
    connection.send(envelope, body, (error, info) => {
      connection.off('end', ended);
      if (error) fail(error as SmtpError);
      else resolve({ kind: 'submitted', reply: info?.response ?? '' });
    });
  });
}

function readFailure(error: SmtpError, bodyEnded: boolean): Submission {
  if (error.responseCode === undefined && bodyEnded) return { kind: 'uncertain', detail: error.code ?? 'no_reply' };
  const text = error.response ?? '';
  return {
    kind: 'failed',
    failure: {
      stage: bodyEnded ? 'body' : stageOf(error),
      reply: error.responseCode ?? null,
      enhanced: /^\d{3}[ -]([245]\.\d{1,3}\.\d{1,3})\b/.exec(text)?.[1] ?? null,
      text,
    },
    // After a refusal of the envelope or the message the server waits for the next one; after anything else it is gone.
    connectionUsable: error.responseCode !== undefined && error.responseCode !== 421 && error.code !== 'ECONNECTION',
  };
}

function stageOf(error: SmtpError): SmtpStage {
  switch (error.command) {
    case 'MAIL FROM':
      return 'mail';
    case 'RCPT TO':
      return 'rcpt';
    case 'DATA':
      return 'data';
    default:
      // An address that the library itself refuses never reaches the server: it is about this recipient.
      return error.code === 'EENVELOPE' ? 'rcpt' : 'connect';
  }
}
