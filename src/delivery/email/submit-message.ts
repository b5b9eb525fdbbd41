import type { Readable } from 'node:stream';
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
  /** Told when the last byte has been handed to the connection. */
  onBodySent?: () => void;
}

/** How a submission ended. `uncertain`: the whole body went out and no reply came; nobody knows. */
export type Submission =
  | { kind: 'submitted'; reply: string }
  | { kind: 'failed'; failure: SmtpFailure; connectionUsable: boolean }
  | { kind: 'uncertain'; detail: string }
  | { kind: 'not_allowed' };

// In slices: what the connection has not taken yet did not go out, so a break before the last slice is no doubt.
const SLICE_BYTES = 64 * 1024;
const DOT = 0x2e;
const END_OF_DATA = Buffer.from('.\r\n');

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
    let bodyEnded = false;
    const body = preparedBody(message.bytes, {
      begin(start, refuse) {
        if (asked) return;
        asked = true;
        mayGoOut().then((allowed) => (allowed ? start() : refuse()), refuse);
      },
      refused: () => resolve({ kind: 'not_allowed' }),
      ended() {
        bodyEnded = true;
        message.onBodySent?.();
      },
    });
    const envelope = {
      ...{ from: message.from, to: [message.to], size: message.bytes.length },
      dsn: { ret: 'HDRS', envid: message.envelopeId, notify: ['FAILURE', 'DELAY'] },
    };
    const fail = (error: SmtpError): void => resolve(readFailure(error, bodyEnded));
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

interface BodyEvents {
  /** The server waits for the body: `start` lets it go out, `refuse` never does. */
  begin(start: () => void, refuse: () => void): void;
  refused(): void;
  /** The last of it has been handed to the connection. */
  ended(): void;
}

/**
 * A body for nodemailer's connection that is ready to go out. The connection would look at every byte for lines that
 * begin with a dot and for bare line ends; a finished message has neither, and this took two fifths of the time of
 * sending. So what is asked for is given to the reading side of its stream, escaped and with the end of data already
 * (RFC 5321 §4.5.2).
 */
function preparedBody(bytes: Buffer, { begin, refused, ended }: BodyEvents): Readable {
  const data = Buffer.concat([escapeDots(bytes), END_OF_DATA]);
  const body = {
    pipe(out: Readable): Readable {
      let sent = 0;
      const pushNext = (): void => {
        const slice = data.subarray(sent, sent + SLICE_BYTES);
        sent += SLICE_BYTES;
        const isLast = sent >= data.length;
        out.push(slice);
        if (!isLast) return;
        out.push(null);
        ended();
      };
      out._read = () => (sent > 0 ? pushNext() : begin(pushNext, refused));
      return out;
    },
  };
  // All that the connection wants of a body is to be piped.
  return body as Readable;
}

/** Doubles a dot at the beginning of a line. */
function escapeDots(bytes: Buffer): Buffer {
  if (bytes[0] !== DOT && !bytes.includes('\n.')) return bytes;
  return Buffer.from(bytes.toString('latin1').replaceAll(/^\./gm, '..'), 'latin1');
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
