import { BlockList, isIPv6 } from 'node:net';
import { TLSSocket } from 'node:tls';
import SMTPConnection from 'nodemailer/lib/smtp-connection';
import { enhancedIn, failureCode, type SmtpError } from '../email/relays/relay-failure.ts';
import type { RelayFindings, SeenTls, StepFailure } from './relay-verdicts.ts';

/** A relay as sending knows it: options for nodemailer's connection, with the login of its URL. */
export interface ProbedRelay {
  name: string;
  options: SMTPConnection.Options & { auth?: SMTPConnection.AuthenticationType | undefined };
}

interface Limits {
  /** From the look-up of the host to the reply to EHLO, TLS included. */
  connectMs: number;
  wholeMs: number;
}
const LIMITS: Limits = { connectMs: 10_000, wholeMs: 15_000 };
const CLOSE_MS = 1_000;

/**
 * Goes as far with a relay as one can without sending: EHLO, TLS, login, MAIL FROM, RSET, QUIT.
 * @param sender a bounce address of ours
 * @returns what was found; nothing is thrown for what a relay does
 */
export async function probeRelay(
  { name, options }: ProbedRelay,
  sender: string,
  limits: Limits = LIMITS,
): Promise<Omit<RelayFindings, 'held'>> {
  const { auth } = options;
  const found = { relay: name, hasLogin: auth !== undefined, unreachable: null, tls: null, login: null, sender: null };
  const { connection, step } = open(options, sender, limits);
  try {
    const refused = await step((done) => connection.connect(done));
    if (refused && !connection.upgrading && refused.code !== 'ETLS')
      return { ...found, unreachable: failureOf(refused) };
    if (refused) return { ...found, tls: { kind: 'broken', why: failureOf(refused).codes } };
    const tls = tlsOf(connection, options);
    // The password is not for a relay that is not who it should be, nor for whoever listens on the way.
    if (!isFit(tls)) return { ...found, tls };
    const login = auth && acceptedOr(await step((done) => connection.login({ ...auth }, done)));
    if (login !== undefined && login !== 'accepted') return { ...found, tls, login };
    const asked = await step((done) => connection.login({ method: ASK_SENDER }, done));
    return { ...found, tls, login: login ?? null, sender: acceptedOr(asked) };
  } finally {
    // Before there is a socket, and after the end, there is nobody to take leave of.
    if (connection._socket && !connection.destroyed) connection.quit();
    setTimeout(() => connection.close(), CLOSE_MS).unref();
  }
}

// The library sends a command of one's own in a way to log in only; MAIL FROM alone is nowhere else in it.
const ASK_SENDER = 'OWABI-ASK-SENDER';

type Done = (error?: Error | null) => void;

interface OpenConnection {
  connection: SMTPConnection;
  /** One step of the conversation: null when it succeeded, else why not, also when the connection ended in it. */
  step(begin: (done: Done) => void): Promise<SmtpError | null>;
}

function open(options: ProbedRelay['options'], sender: string, { connectMs, wholeMs }: Limits): OpenConnection {
  const { auth: _login, ...plain } = options;
  const connection = new SMTPConnection({
    ...plain,
    ...{
      connectionTimeout: connectMs,
      greetingTimeout: connectMs,
      socketTimeout: wholeMs,
      socketCloseTimeout: CLOSE_MS,
    },
    // Both are judged afterwards, so that the line says what is wrong: the handshake would only break.
    requireTLS: false,
    ignoreTLS: options.requireTLS ? false : options.ignoreTLS,
    tls: { ...options.tls, rejectUnauthorized: false },
    customAuth: {
      async [ASK_SENDER]({ sendCommand }) {
        const { status } = await sendCommand(`MAIL FROM:<${sender}>`);
        if (status !== 250) throw new Error('refused');
        await sendCommand('RSET');
      },
    },
  });
  const { promise: ended, resolve: end } = Promise.withResolvers<SmtpError>();
  connection.on('error', end);
  connection.once('end', () => end({ code: 'ECONNECTION' }));
  // A relay that says a byte now and then keeps every other timer from ringing.
  const timer = setTimeout(() => end({ code: 'ETIMEDOUT' }), wholeMs);
  connection.once('end', () => clearTimeout(timer));
  return {
    connection,
    step: (begin) =>
      Promise.race([
        ended,
        new Promise<SmtpError | null>((resolve) => begin((error) => resolve((error ?? null) as SmtpError | null))),
      ]),
  };
}

function tlsOf(connection: SMTPConnection, options: ProbedRelay['options']): SeenTls {
  const socket = connection._socket;
  if (!(socket instanceof TLSSocket)) {
    const remote = (socket || null)?.remoteAddress ?? '';
    return { kind: 'none', demanded: options.requireTLS === true, loopback: isLoopback(remote) };
  }
  const { subject, valid_to } = socket.getPeerCertificate();
  const validUntil = new Date(valid_to);
  // Node gives a code, its types say an error.
  const problem: unknown = socket.authorizationError;
  return {
    kind: 'certificate',
    subject: String(subject?.CN ?? 'no name').slice(0, 100),
    validUntil: Number.isNaN(validUntil.getTime()) ? null : validUntil,
    problem: socket.authorized ? null : problemCode(problem),
    mayBeInvalid: options.tls?.rejectUnauthorized === false,
  };
}

function problemCode(problem: unknown): string {
  return typeof problem === 'string' ? problem : ((problem as { code?: string } | null)?.code ?? 'not_trusted');
}

function isFit(tls: SeenTls): boolean {
  if (tls.kind === 'none') return !tls.demanded;
  return tls.kind === 'certificate' && (tls.problem === null || tls.mayBeInvalid);
}

const acceptedOr = (error: SmtpError | null): 'accepted' | StepFailure => (error ? failureOf(error) : 'accepted');

function failureOf(error: SmtpError): StepFailure {
  const { responseCode, response = '' } = error;
  const reply = responseCode || null;
  const enhanced = reply === null ? null : enhancedIn(response);
  return { reply, codes: failureCode(error, { stage: 'connect', reply, enhanced, text: '' }) };
}

const loopback = new BlockList();
loopback.addSubnet('127.0.0.0', 8, 'ipv4');
loopback.addAddress('::1', 'ipv6');

const isLoopback = (address: string): boolean => loopback.check(address, isIPv6(address) ? 'ipv6' : 'ipv4');
