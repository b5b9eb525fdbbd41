import type { SmtpFailure } from './classify-failure.ts';
import { connectRelay, type RelayConnection, sever } from './relays/connect-relay.ts';
import { connectFailure, failureCode, type Refusal, type SmtpError } from './relays/relay-failure.ts';
import { makeRelayHealth } from './relays/relay-health.ts';
import { type Line, type Relay, RelayLines } from './relays/relay-lines.ts';
import type { RelaySetting } from './relays/relay-setting.ts';
import { type OutgoingMessage, type Submission, submitMessage } from './submit-message.ts';

/** Open connections to the relays, each carrying one message at a time. */
export interface RelayPool {
  /** How many messages can be under way at once. */
  size: number;
  /** Resolves when a relay answers; rejects when `signal` fires. Nothing is claimed before that. */
  ready(signal: AbortSignal): Promise<void>;
  /**
   * Submits over a free connection. `mayGoOut`: see `submitMessage`. A relay that fails before it has asked for the body
   * is left for another one; each is tried once. `not_allowed`, too, when there is none to try.
   */
  submit(message: OutgoingMessage, mayGoOut: () => Promise<boolean>): Promise<Submission>;
  /** Cuts every connection at once: after this no byte goes out on them. */
  cut(): void;
  close(): Promise<void>;
}

export interface RelayPoolOptions {
  relays: readonly RelaySetting[];
  /** Connections at most, to all of them together. */
  size: number;
  /** A relay does not answer, or breaks off: told once for each while that it is left alone. */
  onDown(relay: string, code: string): void;
  /** A relay refuses us as sender, which every worker has to know. Never rejects. */
  onRefused(relay: string, refusal: Refusal): Promise<void>;
  /** The names of the relays that are held, by whichever worker. */
  heldRelays(): Promise<ReadonlySet<string>>;
}

const POLL_MS = 250;
/** A step may take as long as `socketTimeout`, the whole of a message so many times that. */
const STEPS_OF_A_MESSAGE = 5;

const NONE: ReadonlySet<Relay> = new Set();

/** A pool over one or more relays, which share its connections by their weights. */
export function openRelayPool({ relays, size, ...rest }: RelayPoolOptions): RelayPool {
  const now = (): number => performance.now();
  const states = relays.map((setting) => ({ ...setting, open: 0, held: false, coolsUntil: 0, failures: 0 }));
  const lines = new RelayLines(states, size, now, ({ connection, limit }) => {
    clearTimeout(limit);
    connection.close();
  });
  const health = makeRelayHealth({ ...rest, lines, now });
  const opening = new Set<RelayConnection>();
  let cuts = 0;
  let closed = false;

  async function open(relay: Relay): Promise<Line | SmtpFailure> {
    const cutsBefore = cuts;
    const { connection, opened } = connectRelay(relay.options);
    opening.add(connection);
    try {
      await opened;
      // Cut in the moment in which it was open.
      if (connection.destroyed) throw new Error('the connection has ended');
    } catch (error) {
      const { code } = error as SmtpError;
      sever(connection);
      const failure = connectFailure(error as SmtpError);
      const told = { failure, code: failureCode(error as SmtpError, failure), atLogin: code === 'EAUTH' };
      if (cuts === cutsBefore) health.failed(relay, told);
      lines.cancel(relay);
      return failure;
    } finally {
      opening.delete(connection);
    }
    const limit = setTimeout(() => sever(connection), STEPS_OF_A_MESSAGE * relay.options.socketTimeout).unref();
    const line = { relay, connection, limit, sent: 0 };
    connection.once('end', () => lines.endIfFree(line));
    lines.add(line);
    return line;
  }

  /** @returns whether another try is due: over a new connection to the same relay, or elsewhere. */
  function settle(line: Line, submission: Submission): 'done' | 'anew' | 'elsewhere' {
    const isReused = line.sent++ > 0;
    if (submission.kind === 'submitted') {
      health.well(line.relay);
      lines.giveBack(line);
      return 'done';
    }
    if (submission.kind !== 'failed') {
      const code = submission.kind === 'uncertain' ? submission.detail : null;
      if (code !== null) health.failed(line.relay, { failure: null, code, atLogin: false });
      lines.end(line);
      return 'done';
    }
    const { failure, connectionUsable, brokeBy = '' } = submission;
    const isBeforeRecipient = failure.stage === 'connect' || failure.stage === 'mail';
    if (!isBeforeRecipient && failure.reply !== null) {
      health.well(line.relay);
      if (connectionUsable) void reset(line).then(() => lines.giveBack(line));
      else lines.end(line);
      return 'done';
    }
    // A connection that has carried enough, or waited too long, is closed by the relay without harm.
    const isWornOut = isReused && isBeforeRecipient && (failure.reply === 421 || CLOSED.has(brokeBy));
    if (!isWornOut)
      health.failed(line.relay, { failure, code: failureCode({ code: brokeBy }, failure), atLogin: false });
    lines.end(line);
    if (!isBeforeRecipient) return 'done';
    return isWornOut ? 'anew' : 'elsewhere';
  }

  async function reset(line: Line): Promise<void> {
    const done = Promise.withResolvers<void>();
    line.connection.once('end', done.resolve);
    line.connection.reset((error) => {
      if (error) lines.end(line);
      done.resolve();
    });
    await done.promise;
    line.connection.off('end', done.resolve);
    if (line.connection.destroyed) lines.end(line);
  }

  async function submit(message: OutgoingMessage, mayGoOut: () => Promise<boolean>): Promise<Submission> {
    const cutsBefore = cuts;
    let except = NONE;
    let last: Submission = { kind: 'not_allowed' };
    for (;;) {
      const place = closed ? null : await lines.take(except);
      if (place === null) return last;
      const relay = 'relay' in place ? place.relay : place;
      const line = 'relay' in place ? place : await open(place);
      if ('stage' in line) {
        last = { kind: 'failed', failure: line, connectionUsable: false };
      } else {
        line.limit.refresh();
        last = await submitMessage(line.connection, message, mayGoOut);
      }
      if (cuts !== cutsBefore) return last;
      const next = 'stage' in line ? 'elsewhere' : settle(line, last);
      if (next === 'done') return last;
      if (next === 'elsewhere') except = new Set([...except, relay]);
    }
  }

  return {
    ...{ size, submit },
    async ready(signal) {
      for (;;) {
        signal.throwIfAborted();
        await health.readHeld();
        if (lines.all.some(({ relay }) => !relay.held)) return;
        const place = lines.takeNow(NONE);
        if (place === null || place === 'later') {
          await pause(POLL_MS, signal);
          continue;
        }
        const line = 'relay' in place ? place : await open(place);
        if (!('stage' in line)) return lines.giveBack(line);
      }
    },
    cut() {
      cuts++;
      for (const connection of opening) sever(connection);
      for (const { connection } of lines.all) sever(connection);
      lines.endAll();
    },
    async close() {
      closed = true;
      for (const { connection } of lines.all) connection.quit();
      lines.sendAway();
    },
  };
}

/** How nodemailer tells of a connection that the other side has closed. */
const CLOSED: ReadonlySet<string> = new Set(['ECONNECTION', 'ESOCKET']);

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
