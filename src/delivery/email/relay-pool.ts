import { isIP } from 'node:net';
import { parseConnectionUrl } from 'nodemailer/lib/shared';
import SMTPConnection from 'nodemailer/lib/smtp-connection';
import { type OutgoingMessage, type Submission, submitMessage } from './submit-message.ts';

/** Open connections to the relays, each carrying one message at a time. */
export interface RelayPool {
  /** How many messages can be under way at once. */
  size: number;
  /** Resolves when a relay answers; rejects when `signal` fires. Nothing is claimed before that. */
  ready(signal: AbortSignal): Promise<void>;
  /** Submits over a free connection. `mayGoOut`: see `submitMessage`. */
  submit(message: OutgoingMessage, mayGoOut: () => Promise<boolean>): Promise<Submission>;
  /** Cuts every connection at once: after this no byte goes out on them. */
  cut(): void;
  close(): Promise<void>;
}

interface RelayOptions {
  /** As nodemailer reads them: smtp://user:pass@host:port, smtps://…  */
  urls: string[];
  size: number;
  onDown(relay: string, code: string): void;
}

const CONNECT_TIMEOUT_MS = 20_000;
const IDLE_TIMEOUT_MS = 120_000;
const MESSAGES_PER_CONNECTION = 500;
const LONGEST_PAUSE_MS = 30_000;

interface Slot {
  relay: string;
  connection: SMTPConnection | null;
  sent: number;
}

/** A pool over one or more relays; the connections are shared out over them in turn. */
export function openRelayPool({ urls, size, onDown }: RelayOptions): RelayPool {
  const free: Slot[] = Array.from({ length: size }, (_, i) => ({
    ...{ relay: urls[i % urls.length] ?? '', connection: null, sent: 0 },
  }));
  const all = [...free];
  const waiting: ((slot: Slot) => void)[] = [];
  let closed = false;
  const take = (): Promise<Slot> => {
    const slot = free.pop();
    return slot ? Promise.resolve(slot) : new Promise((resolve) => waiting.push(resolve));
  };
  const giveBack = (slot: Slot): void => {
    const next = waiting.shift();
    if (next) next(slot);
    else free.push(slot);
  };
  const drop = (slot: Slot): void => {
    slot.connection?.close();
    slot.connection = null;
    slot.sent = 0;
  };
  const connected = async (slot: Slot): Promise<SMTPConnection> => {
    if (slot.connection) return slot.connection;
    const connection = await connect(slot.relay);
    connection.once('end', () => {
      if (slot.connection === connection) drop(slot);
    });
    slot.connection = connection;
    return connection;
  };
  return {
    size,
    async ready(signal) {
      for (let pauseMs = 500; ; pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS)) {
        signal.throwIfAborted();
        const slot = await take();
        try {
          await connected(slot);
          return;
        } catch (error) {
          onDown(hostOf(slot.relay), (error as { code?: string }).code ?? 'unknown');
          // Another relay may be up: the next try begins with the connection that has waited longest.
          const next = waiting.shift();
          if (next) next(slot);
          else free.unshift(slot);
        } finally {
          if (slot.connection) giveBack(slot);
        }
        await pause(pauseMs, signal);
      }
    },
    async submit(message, mayGoOut) {
      const slot = await take();
      try {
        if (closed) return { kind: 'not_allowed' };
        const connection = await connected(slot);
        const submission = await submitMessage(connection, message, mayGoOut);
        const usable = submission.kind === 'submitted' || (submission.kind === 'failed' && submission.connectionUsable);
        if (!usable || ++slot.sent >= MESSAGES_PER_CONNECTION) drop(slot);
        else if (submission.kind === 'failed') await reset(slot, drop);
        return submission;
      } catch (error) {
        drop(slot);
        return { kind: 'failed', failure: connectFailure(error), connectionUsable: false };
      } finally {
        giveBack(slot);
      }
    },
    cut() {
      for (const slot of all) {
        (slot.connection?._socket || null)?.destroy();
        drop(slot);
      }
    },
    async close() {
      closed = true;
      for (const slot of all) {
        slot.connection?.quit();
        slot.connection = null;
      }
    },
  };
}

/** How a relay is spoken to: what its URL says, and never without encryption over a network unless it says so. */
export function relayOptions(url: string): RelayConnection {
  const { auth, ...options } = parseConnectionUrl(url) as RelayConnection;
  return {
    ...{ connectionTimeout: CONNECT_TIMEOUT_MS, greetingTimeout: CONNECT_TIMEOUT_MS, socketTimeout: IDLE_TIMEOUT_MS },
    // Personal data does not cross a network in the clear unless the URL says so itself (?ignoreTLS=true).
    requireTLS: !options.secure && !options.ignoreTLS && !isLoopback(options.host ?? 'localhost'),
    ...options,
    ...(auth && { auth }),
  };
}

type RelayConnection = SMTPConnection.Options & { auth?: SMTPConnection.AuthenticationType };

function connect(url: string): Promise<SMTPConnection> {
  const { auth, ...options } = relayOptions(url);
  const connection = new SMTPConnection(options);
  return new Promise((resolve, reject) => {
    // The same error may come as an event and to the callback, some only one way: the first settles it, and the
    // listener stays, because without one the process would end.
    connection.on('error', reject);
    connection.once('end', () => reject(Object.assign(new Error('connection ended'), { code: 'ECONNECTION' })));
    connection.connect((error) => {
      if (error) return reject(error);
      if (!auth) return resolve(connection);
      connection.login(auth, (refused) => {
        if (!refused) return resolve(connection);
        connection.close();
        reject(refused);
      });
    });
  });
}

async function reset(slot: Slot, drop: (slot: Slot) => void): Promise<void> {
  const connection = slot.connection;
  if (!connection) return;
  await new Promise<void>((resolve) => {
    const settle = (): void => {
      connection.off('end', settle);
      resolve();
    };
    connection.on('end', settle);
    connection.reset((error) => {
      if (error) drop(slot);
      settle();
    });
  });
}

function connectFailure(error: unknown) {
  const { responseCode, response } = error as { responseCode?: number; response?: string };
  return { stage: 'connect' as const, reply: responseCode ?? null, enhanced: null, text: response ?? '' };
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
}

const hostOf = (url: string): string => (URL.canParse(url) ? new URL(url).host : 'relay');

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(done, ms);
    function done() {
      signal.removeEventListener('abort', aborted);
      resolve();
    }
    function aborted() {
      clearTimeout(timer);
      reject(signal.reason);
    }
    signal.addEventListener('abort', aborted, { once: true });
  });
}
