import type { Socket } from 'node:net';
import type { Readable } from 'node:stream';
import type SMTPConnection from 'nodemailer/lib/smtp-connection';
import type { SmtpFailure, SmtpStage } from './classify-failure.ts';
import { envelopeAddress } from './envelope-address.ts';
import { enhancedIn, isRefusalCode, type SmtpError } from './relays/relay-failure.ts';

export interface OutgoingMessage {
  /** MAIL FROM, a VERP address. */
  from: string;
  to: string;
  /** A finished message with CRLF line ends, in pieces. */
  pieces: readonly Buffer[];
  /** ENVID for delivery reports, where the server offers DSN (RFC 3461). */
  envelopeId: string;
  /** Told when the last byte has been handed to the connection. */
  onBodySent?: () => void;
}

/** How a submission ended. `uncertain`: the whole body went out and no reply came; nobody knows. */
export type Submission =
  | { kind: 'submitted'; reply: string }
  | {
      kind: 'failed';
      failure: SmtpFailure;
      connectionUsable: boolean;
      /** Where no reply came: nodemailer's code for how the connection failed. */
      brokeBy?: string;
    }
  | { kind: 'uncertain'; detail: string }
  | { kind: 'not_allowed' };

// In slices: what the connection has not taken yet did not go out, so a break before the last slice is no doubt.
const SLICE_BYTES = 64 * 1024;
const DOT = 0x2e;
const LINE_WITH_DOT = Buffer.from('\n.');
const END_OF_DATA = Buffer.from('.\r\n');

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
  const to = envelopeAddress(message.to);
  if (to === null) return Promise.resolve(IMPOSSIBLE_ADDRESS);
  return new Promise((resolve) => {
    let asked = false;
    let bodyEnded = false;
    const body = preparedBody(message.pieces, {
      gather: (write) => writeAtOnce(connection._socket || null, write),
      begin(start, refuse) {
        if (asked) return;
        asked = true;
        mayGoOut().then((allowed) => (allowed ? start() : refuse()), refuse);
      },
      refused: () => resolve({ kind: 'not_allowed' }),
      ended() {
        bodyEnded = true;
        setSilence(connection, SILENCE_AFTER_DOT);
        message.onBodySent?.();
      },
    });
    const envelope = {
      ...{ from: message.from, to: [to], size: lengthOf(message.pieces) },
      dsn: { ret: 'HDRS', envid: message.envelopeId, notify: ['FAILURE', 'DELAY'], orcpt: `rfc822;${to}` },
    };
    const fail = (error: SmtpError): void => resolve(readFailure(error, asked, bodyEnded));
    // A connection that we cut ourselves tells nobody: its end is the end of the message too. In the next turn, because
    // a reply that ends the connection is told after the end.
    const ended = (): void => void setImmediate(fail, { code: 'ECONNECTION' });
    connection.once('end', ended);
    connection.send(envelope, body, (error, info) => {
      connection.off('end', ended);
      if (bodyEnded) setSilence(connection, 1);
      if (error) fail(error as SmtpError);
      // Said before the final dot, a yes is no answer to it.
      else if (!bodyEnded) fail({ code: 'EPROTOCOL' });
      else resolve({ kind: 'submitted', reply: info?.response ?? '' });
    });
  });
}

/** How much longer the reply to the final dot may take than any other. RFC 5321 §4.5.3.2.6 wants patience: who gives up
 * too early does not know whether the message was taken. */
const SILENCE_AFTER_DOT = 5;

function setSilence(connection: SMTPConnection, times: number): void {
  const { socketTimeout } = connection.options;
  if (connection._socket && socketTimeout) connection._socket.setTimeout(times * socketTimeout);
}

/** Does what writes several pieces, and lets the socket give them to the system in one go. */
function writeAtOnce(socket: Socket | null, write: () => void): void {
  socket?.cork();
  write();
  // Pieces that go through the stream are written later in this turn.
  process.nextTick(() => socket?.uncork());
}

interface BodyEvents {
  gather(write: () => void): void;
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
function preparedBody(pieces: readonly Buffer[], { gather, begin, refused, ended }: BodyEvents): Readable {
  const queue = [...escapeDots(pieces).flatMap(cut), END_OF_DATA].values();
  const body = {
    pipe(out: Readable): Readable {
      let began = false;
      const pushNext = (): void => {
        began = true;
        for (let pushed = 0; pushed < SLICE_BYTES; ) {
          const { value, done } = queue.next();
          if (done) {
            out.push(null);
            ended();
            return;
          }
          out.push(value);
          pushed += value.length;
        }
      };
      const start = (): void => gather(pushNext);
      out._read = () => (began ? start() : begin(start, refused));
      return out;
    },
  };
  // All that the connection wants of a body is to be piped.
  return body as Readable;
}

/** Doubles a dot at the beginning of a line. */
function escapeDots(pieces: readonly Buffer[]): readonly Buffer[] {
  if (!pieces.some(hasDots)) return pieces;
  return [Buffer.from(Buffer.concat(pieces).toString('latin1').replaceAll(/^\./gm, '..'), 'latin1')];
}

// What is the same in every message is looked through once.
const withoutDots = new WeakSet<Buffer>();

function hasDots(piece: Buffer): boolean {
  if (withoutDots.has(piece)) return false;
  if (piece[0] === DOT || piece.includes(LINE_WITH_DOT)) return true;
  withoutDots.add(piece);
  return false;
}

/** A piece in slices. */
function cut(piece: Buffer): Buffer[] {
  if (piece.length <= SLICE_BYTES) return [piece];
  const slices = Math.ceil(piece.length / SLICE_BYTES);
  return Array.from({ length: slices }, (_, i) => piece.subarray(i * SLICE_BYTES, (i + 1) * SLICE_BYTES));
}

const lengthOf = (pieces: readonly Buffer[]): number => pieces.reduce((sum, { length }) => sum + length, 0);

/** As a server would say it: it is about this recipient, whom no server can be told of. */
const IMPOSSIBLE_ADDRESS: Submission = {
  ...{ kind: 'failed', connectionUsable: true },
  failure: { stage: 'rcpt', reply: 553, enhanced: '5.1.3', text: '' },
};
/** The server has told its limit beforehand (RFC 1870), so the library did not ask. */
const TOO_LARGE: Submission = {
  ...{ kind: 'failed', connectionUsable: true },
  failure: { stage: 'data', reply: 552, enhanced: '5.3.4', text: '' },
};

function readFailure(error: SmtpError, asked: boolean, bodyEnded: boolean): Submission {
  const { code, command, response = '', responseCode } = error;
  if (code === 'EMESSAGE' && command === 'MAIL FROM') return TOO_LARGE;
  // Whatever is no yes and no no, or was said to nothing that we asked, leaves open what became of the message. Only 421
  // may be said at any time (RFC 5321 §3.8).
  const isAnswer = command !== 'CONN' || (responseCode === 421 && !bodyEnded);
  if (!isAnswer || !isRefusalCode(responseCode)) return unanswered(code ?? 'ECONNECTION', asked, bodyEnded);
  return {
    kind: 'failed',
    failure: {
      stage: asked ? 'body' : stageOf(command),
      reply: responseCode,
      enhanced: enhancedIn(response),
      text: response,
    },
    // After a refusal the server waits for the next message; in the middle of a body there is no way to it.
    connectionUsable: responseCode !== 421 && code !== 'ECONNECTION' && asked === bodyEnded,
  };
}

function unanswered(brokeBy: string, asked: boolean, bodyEnded: boolean): Submission {
  if (bodyEnded) return { kind: 'uncertain', detail: brokeBy };
  const stage = asked ? 'body' : 'connect';
  return {
    kind: 'failed',
    failure: { stage, reply: null, enhanced: null, text: '' },
    connectionUsable: false,
    brokeBy,
  };
}

function stageOf(command: string | undefined): SmtpStage {
  switch (command) {
    case 'MAIL FROM':
      return 'mail';
    case 'RCPT TO':
      return 'rcpt';
    case 'DATA':
      return 'data';
    default:
      return 'connect';
  }
}
