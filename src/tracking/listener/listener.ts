import type { AddressInfo } from 'node:net';
import type { SecureContext } from 'node:tls';
import type { SMTPServerDataStream, SMTPServerOptions, SMTPServerSession } from 'smtp-server';
import type { Services } from '../../services.ts';
import { MOST_REPORT_BYTES } from '../reports.store.ts';
import { judgeRecipient } from './judge-recipient.ts';
import { type Keeper, makeKeeper } from './keep-report.ts';
import { type ListenerLimits, limitsByDefault } from './limits.ts';
import { type ByteBudget, MessageBody, makeByteBudget } from './message-body.ts';
import { networkOf } from './networks.ts';
import { makeRates } from './rates.ts';
import { makeRefusals, type RefusalReason } from './refusals.ts';
import { ReportServer } from './report-server.ts';

const MOST_SENDERS = 10_000;
/** Only what is ours is counted here: nobody can fill it, and many reports must not share one place. */
const MOST_RECIPIENTS = 200_000;
const CLOSE_MS = 10_000;
/** Not for us: login, telling us who somebody else is, and what sendmail once joked. */
const NOT_OFFERED = ['AUTH', 'XCLIENT', 'XFORWARD', 'WIZ', 'SHELL', 'KILL'];

export interface ListenerCounts {
  connections: number;
  heldBytes: number;
  reports: ReadonlyMap<'stored' | 'repeated', number>;
  refusals: ReadonlyMap<RefusalReason, number>;
}

export interface Listener {
  port: number;
  counts(): ListenerCounts;
  /** Takes nothing new, ends the messages that are on their way, and resolves when what was taken is stored. */
  close(): Promise<void>;
}

export interface ListenerParts extends Pick<Services, 'db' | 'vault' | 'hint' | 'log'> {
  /** Port 0 takes a free one. */
  listen: { host: string; port: number };
  bounceDomain: string;
  /** Offers STARTTLS with it; null: does not. */
  identity: SecureContext | null;
  /** For tests. */
  limits?: Partial<ListenerLimits>;
}

/**
 * Listens by SMTP (RFC 5321) for the reports that come to our bounce addresses. It says 250 when a report is stored, and
 * 451 when it cannot be: then its sender tries again, and what comes twice is kept once. Rejects when the port cannot be
 * had. Logs `listener.started`, `listener.stored`, and `listener.refused` once a minute for each reason.
 */
export async function startListener(parts: ListenerParts): Promise<Listener> {
  const { listen, log, identity } = parts;
  const limits = { messageBytes: MOST_REPORT_BYTES, ...limitsByDefault, ...parts.limits };
  const refusals = makeRefusals();
  const refuse = (reason: RefusalReason, err?: unknown): void => {
    const count = refusals.count(reason, Date.now());
    if (count !== null) log.warn({ event: 'listener.refused', reason, count, ...(err ? { err } : {}) });
  };
  const budget = makeByteBudget(limits.heldBytes);
  const keeper = makeKeeper({ ...parts, storeMs: limits.storeMs, onFailed: (err) => refuse('not_stored', err) });
  const receiver = { ...{ parts, limits, budget, refuse, keeper }, serverOf: () => server };
  const server: ReportServer = new ReportServer(
    { ...optionsOf(parts.bounceDomain, identity, limits), ...handlersOf(receiver) },
    {
      ...{ connections: limits.connections, connectionsPerAddress: limits.connectionsPerAddress },
      ...{ errors: limits.errorsPerConnection, repliesWithoutMessage: limits.repliesWithoutMessage },
      ...{ messageMs: limits.messageMs, onRefused: refuse },
    },
  );
  if (identity) server.secureContext.set('*', identity);
  const { address, port } = await bind(server, listen);
  log.info({ event: 'listener.started', host: address, port, tls: identity !== null });
  return {
    port,
    counts: () => ({
      ...{ connections: server.connections.size, heldBytes: budget.held() },
      ...{ reports: keeper.counts, refusals: refusals.totals() },
    }),
    async close() {
      await server.finish();
      await keeper.idle();
    },
  };
}

function bind(server: ReportServer, { host, port }: ListenerParts['listen']): Promise<AddressInfo> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host, port, backlog: 512 }, () => {
      server.off('error', reject);
      // What goes wrong with one socket concerns nobody else.
      server.on('error', () => undefined);
      resolve(server.server.address() as AddressInfo);
    });
  });
}

function optionsOf(name: string, identity: SecureContext | null, limits: ListenerLimits): SMTPServerOptions {
  return {
    ...{ name, logger: false, disableReverseLookup: true, hideENHANCEDSTATUSCODES: false },
    ...{ size: limits.messageBytes, rejectOversized: true, maxRecipients: limits.recipients },
    ...{ socketTimeout: limits.idleMs, closeTimeout: CLOSE_MS, maxCommandLength: 4096 },
    // The library brings a certificate whose key everybody has: without one of our own there is no STARTTLS.
    disabledCommands: identity ? NOT_OFFERED : [...NOT_OFFERED, 'STARTTLS'],
  };
}

/** A refusal as the library wants it. */
function reply(responseCode: number, text: string): Error {
  return Object.assign(new Error(text), { responseCode });
}

interface Receiver {
  parts: ListenerParts;
  limits: ListenerLimits;
  budget: ByteBudget;
  refuse(reason: RefusalReason): void;
  keeper: Keeper;
  serverOf(): ReportServer;
}

type Handlers = Required<Pick<SMTPServerOptions, 'onMailFrom' | 'onRcptTo' | 'onData'>>;

function handlersOf(receiver: Receiver): Handlers {
  const { parts, limits, refuse } = receiver;
  const bySender = makeRates({ perMinute: limits.mailsPerMinute, mostKeys: MOST_SENDERS });
  const byRecipient = makeRates({ perMinute: limits.mailsPerRecipientAndMinute, mostKeys: MOST_RECIPIENTS });
  return {
    onMailFrom(_sender, session, done) {
      if (session.transaction > limits.messagesPerConnection) {
        done(reply(421, 'Enough for one connection'));
      } else if (!bySender.allows(networkOf(session.remoteAddress), Date.now())) {
        refuse('too_many_mails');
        done(reply(451, 'Too many mails in this minute'));
      } else {
        // Not at once: where mails come in one piece, without waiting for 354, the library loses its place otherwise.
        setImmediate(done);
      }
    },
    onRcptTo(recipient, _session, done) {
      const judgement = judgeRecipient(recipient.address, parts);
      if ('refused' in judgement) {
        refuse(judgement.refused);
        // Whoever guesses is not told how near it was.
        done(reply(550, 'No such address here'));
      } else if (!byRecipient.allows(judgement.address, Date.now())) {
        refuse('too_many_mails');
        done(reply(451, 'Too many mails for this address in this minute'));
      } else {
        recipient.address = judgement.address;
        done();
      }
    },
    onData: (stream, session, done) => void receive(receiver, stream, session).then(() => done(), done),
  };
}

/** Takes a message in and keeps it. @throws what is to be answered instead of 250 */
async function receive(receiver: Receiver, stream: SMTPServerDataStream, session: SMTPServerSession): Promise<void> {
  const { budget, limits, refuse, keeper } = receiver;
  const connection = receiver.serverOf().connectionOf(session);
  const body = new MessageBody({ mostBytes: limits.messageBytes, budget });
  // The next mail of this connection has another.
  const envelope = session.envelope.rcptTo.map(({ address }) => address);
  const whole = await readWhole(stream, body, () =>
    connection.cut('too_large', 552, 'Larger than what is taken, and no end of it'),
  );
  if (!whole || body.refused) {
    body.release();
    if (body.refused === 'no_room') refuse('no_room');
    // The library itself says 552 to what is too large.
    throw reply(452, 'No room for this now');
  }
  connection.deciding = true;
  try {
    await keeper.keep(envelope, body);
  } catch {
    throw reply(451, 'Cannot be stored now');
  } finally {
    connection.deciding = false;
  }
}

/** True when the message came to its end, false when its sender went away. */
function readWhole(stream: SMTPServerDataStream, body: MessageBody, cut: () => void): Promise<boolean> {
  return new Promise((resolve) => {
    stream.on('data', (piece: Buffer) => {
      body.add(piece);
      // Up to there it is let talk to its end, because hardly any sender listens before that.
      if (body.refused !== 'too_large' || body.size <= 2 * body.mostBytes) return;
      stream.removeAllListeners('data');
      cut();
    });
    stream.on('end', () => resolve(true));
    stream.on('error', () => resolve(false));
    stream.on('close', () => resolve(false));
  });
}
