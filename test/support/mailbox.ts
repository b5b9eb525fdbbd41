import { randomBytes } from 'node:crypto';
import { sql } from 'kysely';
import type { Db } from '../../src/db/database.ts';
import type { Logger } from '../../src/log.ts';
import { type Mailbox, startMailbox } from '../../src/tracking/mailbox/mailbox.ts';
import { type MailboxSetting, readMailboxSetting } from '../../src/tracking/mailbox/mailbox-setting.ts';
import { storeReport } from '../../src/tracking/reports.store.ts';
import { dataKeyStore } from '../../src/vault/data-keys.store.ts';
import { makeVault } from '../../src/vault/vault.ts';

type LogEvent = Record<string, unknown> & { event: string };

export interface TestMailbox extends Mailbox {
  events: LogEvent[];
  /** Every event of this name. */
  told(event: string): LogEvent[];
}

interface Options extends Partial<Pick<MailboxSetting, 'isLoopback'>> {
  mostBytes?: number;
  pollMs?: number;
  refusedWaitMs?: number;
}

/** What the reports of a test were kept in. */
export function reportRows(db: Db) {
  const vault = makeVault({ masterKey: randomBytes(32).toString('base64'), keys: dataKeyStore(db) });
  return {
    /** A reader of its own, as in another process. */
    open(
      url: string,
      { isLoopback = true, mostBytes = 1_000_000, pollMs = 60_000, ...waits }: Options = {},
    ): TestMailbox {
      const events: LogEvent[] = [];
      const add = (event: LogEvent) => void events.push(event);
      const mailbox = startMailbox({
        setting: { ...readMailboxSetting(url), isLoopback },
        store: (report) => storeReport({ db, vault, hint: () => undefined }, { way: 'imap', ...report }),
        log: { info: add, warn: add, error: add } as unknown as Logger,
        ...{ mostBytes, pollMs, firstWaitMs: 20, ...waits },
      });
      return { ...mailbox, events, told: (name) => events.filter(({ event }) => event === name) };
    },
    /** All that is kept, in the clear, in its order. */
    async all(): Promise<string[]> {
      const { rows } = await sql<{ sealed: Buffer }>`select sealed from reports order by id`.execute(db);
      return rows.map(({ sealed }) => vault.reception.open('report', sealed).toString());
    },
    async clear(): Promise<void> {
      await sql`delete from reports; delete from tasks`.execute(db);
    },
  };
}
