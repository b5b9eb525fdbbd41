import { setTimeout as after } from 'node:timers/promises';
import type { ImapFlow } from 'imapflow';
import type { Logger } from '../../log.ts';
import { makeCollector, type StoreReport } from './collect-reports.ts';
import { codeOf, isLoginRefused, mailboxClient } from './connect-mailbox.ts';
import type { MailboxSetting } from './mailbox-setting.ts';

/** A mailbox that is being read. */
export interface Mailbox {
  /** Whether the last time through it went well and the connection stands. */
  isRead(): boolean;
  /** Ends with the message in hand; cuts the connection when that takes too long. */
  stop(): Promise<void>;
}

interface MailboxDeps {
  setting: MailboxSetting;
  store: StoreReport;
  log: Logger;
  mostBytes: number;
  /** Looked at this often, whatever the server tells. */
  pollMs?: number;
  /** Before the second try to connect; it doubles. */
  firstWaitMs?: number;
  /** The same, when the login is refused. */
  refusedWaitMs?: number;
}

const POLL_MS = 60_000;
const FIRST_WAIT_MS = 1_000;
const LONGEST_WAIT_MS = 60_000;
const REFUSED_WAIT_MS = 60_000;
const LONGEST_REFUSED_WAIT_MS = 15 * 60_000;
const STOP_MS = 5_000;

/** Starts to read a mailbox and goes on until it is stopped, whatever becomes of the server. */
export function startMailbox({ setting, store, log, mostBytes, ...waits }: MailboxDeps): Mailbox {
  const { pollMs = POLL_MS, firstWaitMs = FIRST_WAIT_MS, refusedWaitMs = REFUSED_WAIT_MS } = waits;
  const { name } = setting;
  const collector = makeCollector({ setting, store, log, mostBytes });
  const stopping = new AbortController();
  const { signal } = stopping;
  let client = mailboxClient(setting, mostBytes);
  let bell = listen(client);
  let isRead = false;
  let failures = 0;

  async function readOn(): Promise<void> {
    await client.connect();
    log.info({ event: 'mailbox.open', mailbox: name });
    while (!signal.aborted) {
      bell.clear();
      await collector.collect(client, signal);
      failures = 0;
      isRead = true;
      if (signal.aborted) break;
      await bell.wait(pollMs);
      if (!client.usable) throw bell.broken();
    }
    await client.logout();
  }

  function noteFailure(error: unknown): number {
    failures++;
    isRead = false;
    const doubled = 2 ** Math.min(failures - 1, 20);
    if (isLoginRefused(error)) {
      const waitMs = Math.min(refusedWaitMs * doubled, LONGEST_REFUSED_WAIT_MS);
      log.error({ event: 'mailbox.login_refused', mailbox: name, code: codeOf(error), waitMs });
      return waitMs;
    }
    const waitMs = Math.min(firstWaitMs * doubled, LONGEST_WAIT_MS);
    log.warn({ event: 'mailbox.down', mailbox: name, code: codeOf(error), err: error, waitMs });
    return waitMs;
  }

  const loop = (async () => {
    while (!signal.aborted) {
      client = mailboxClient(setting, mostBytes);
      bell = listen(client);
      const failure = await readOn().then(
        () => null,
        (error: unknown) => ({ error }),
      );
      client.close();
      if (failure && !signal.aborted) await after(noteFailure(failure.error), null, { signal }).catch(() => undefined);
    }
    isRead = false;
  })();

  return {
    isRead: () => isRead,
    async stop() {
      stopping.abort();
      bell.ring();
      const cut = setTimeout(() => client.close(), STOP_MS);
      await loop;
      clearTimeout(cut);
    },
  };
}

/** What wakes whoever waits for mail: new mail, the end of the connection, or whoever rings. */
function listen(client: ImapFlow) {
  let rings = false;
  let last: Error | null = null;
  let wake: () => void = () => undefined;
  const ring = (): void => {
    rings = true;
    wake();
  };
  client.on('exists', ({ count, prevCount }) => count > prevCount && ring());
  client.on('close', ring);
  // Without a listener the process would end.
  client.on('error', (error) => {
    last ??= error;
  });
  return {
    ring,
    clear(): void {
      rings = false;
    },
    /** Waits for a ring since `clear`, and at most so long. */
    async wait(pollMs: number): Promise<void> {
      if (rings || !client.usable) return;
      // How it ends is heard as a ring; a server that refuses it is looked at when the time has come.
      if (client.capabilities.has('IDLE')) void client.idle().catch(() => undefined);
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, pollMs);
        wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    },
    broken: (): Error => last ?? Object.assign(new Error('connection closed'), { code: 'closed' }),
  };
}
