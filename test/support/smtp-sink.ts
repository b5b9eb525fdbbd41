import type { Body } from '../../src/catcher/dot-reader.ts';
import { messageIdOf } from '../../src/catcher/message-id.ts';
import {
  DEFAULT_LIMITS,
  type Decision,
  type SmtpHandler,
  startSmtpServer,
  type Transaction,
  type Verdict,
} from '../../src/catcher/smtp-protocol.ts';

/** What the sink knows when it is asked what to do. */
export interface SinkMoment {
  /**
   * `connect` before the greeting, `data` before 354, `body` when the first bytes of the body are here,
   * `dot` when the message is complete and not answered yet.
   */
  stage: 'connect' | 'mail' | 'rcpt' | 'data' | 'body' | 'dot';
  from: string;
  /** The (first) recipient; empty at `connect` and `mail`. */
  to: string;
  /** How many RCPT for this address came so far, this one included; at `connect` and `mail` the connection's number. */
  attemptForAddress: number;
}

/** `{ reply: '250 2.0.0 OK', thenDrop: true }` answers and closes at once; `drop` closes without a word. */
export type SinkBehaviour = Verdict | { delayMs: number; thenDo: SinkBehaviour };

export interface SinkMessage {
  /** The first recipient; all of them are in `recipients`. */
  to: string;
  recipients: string[];
  from: string;
  messageId: string;
  at: Date;
  size: number;
  /** The message as it came; only with `keepRaw`. */
  raw?: Buffer;
}

export interface SinkOptions {
  behaviour?: (moment: SinkMoment) => SinkBehaviour;
  /** Default: a free port. Give the port of a closed sink to play a relay that comes back. */
  port?: number;
  keepRaw?: boolean;
}

export interface Sink {
  /** For `SMTP_URL`. */
  url: string;
  port: number;
  /** Messages whose final dot came, whatever was answered. */
  received(): SinkMessage[];
  /** Messages for which a 2xx reply was written. */
  accepted(): SinkMessage[];
  /** RCPT commands seen for this address. */
  attemptsFor(to: string): number;
  connections(): { open: number; opened: number };
  /** Replaces the behaviour from the next stage on. */
  behave(behaviour: (moment: SinkMoment) => SinkBehaviour): void;
  close(): Promise<void>;
}

/** A real SMTP server on 127.0.0.1 that accepts everything, or does at each stage what `behaviour` says. */
export async function startSink(options: SinkOptions = {}): Promise<Sink> {
  let behaviour = options.behaviour;
  const received: SinkMessage[] = [];
  const accepted: SinkMessage[] = [];
  const attempts = new Map<string, number>();
  const waiting = new Map<Body, SinkMessage>();

  const ask = (stage: SinkMoment['stage'], mail: Transaction, to = mail.to[0] ?? ''): Decision => {
    if (!behaviour) return 'accept';
    const attemptForAddress = to === '' ? mail.connection : (attempts.get(to) ?? 0);
    return settle(behaviour({ stage, from: mail.from, to, attemptForAddress }));
  };
  const handler: SmtpHandler = {
    connect: (connection) => ask('connect', { connection, from: '', to: [] }),
    mail: (mail) => ask('mail', mail),
    rcpt: (mail, to) => {
      attempts.set(to, (attempts.get(to) ?? 0) + 1);
      return ask('rcpt', mail, to);
    },
    data: (mail) => ask('data', mail),
    body: (mail) => ask('body', mail),
    message: (mail, body) => {
      const message = record(mail, body, options.keepRaw === true);
      received.push(message);
      waiting.set(body, message);
      return ask('dot', mail);
    },
    answered: (_mail, body, reply) => {
      const message = waiting.get(body);
      waiting.delete(body);
      if (message && reply.startsWith('2')) accepted.push(message);
    },
  };
  const server = await startSmtpServer(handler, options.port ?? 0, { ...DEFAULT_LIMITS, maxConnections: 10_000 });
  return {
    url: `smtp://127.0.0.1:${server.port}`,
    port: server.port,
    received: () => [...received],
    accepted: () => [...accepted],
    attemptsFor: (to) => attempts.get(to) ?? 0,
    connections: server.connections,
    behave: (next) => {
      behaviour = next;
    },
    close: server.close,
  };
}

function record(mail: Transaction, body: Body, keepRaw: boolean): SinkMessage {
  const message: SinkMessage = {
    to: mail.to[0] ?? '',
    recipients: mail.to,
    from: mail.from,
    messageId: messageIdOf(body),
    at: new Date(),
    size: body.size,
  };
  if (keepRaw) message.raw = Buffer.concat(body.parts);
  return message;
}

function settle(behaviour: SinkBehaviour): Decision {
  if (typeof behaviour === 'string' || !('delayMs' in behaviour)) return behaviour;
  const { delayMs, thenDo } = behaviour;
  return new Promise((resolve) => {
    setTimeout(() => resolve(settle(thenDo)), delayMs).unref();
  });
}
