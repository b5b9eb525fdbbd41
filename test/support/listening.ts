import { sql } from 'kysely';
import { deliveryToken } from '../../src/delivery/email/addresses.ts';
import { makeLog } from '../../src/log.ts';
import type { Services } from '../../src/services.ts';
import type { ListenerLimits } from '../../src/tracking/listener/limits.ts';
import { type Listener, type ListenerParts, startListener } from '../../src/tracking/listener/listener.ts';
import { dataKeyStore } from '../../src/vault/data-keys.store.ts';
import { makeVault, type Vault } from '../../src/vault/vault.ts';
import { type TestDatabase, testDatabase } from './database.ts';
import { greetedClient, type SmtpClient, smtpClient } from './smtp-client.ts';

export const BOUNCE_DOMAIN = 'bounce.example.jp';
export const MASTER_KEY = Buffer.alloc(32, 7).toString('base64');

/** The bounce address of a delivery, which need not exist. */
export function bounceAddressOf(vault: Pick<Vault, 'bounceCode'>, deliveryId: string): string {
  return `b+${deliveryToken(deliveryId, vault.bounceCode(deliveryId))}@${BOUNCE_DOMAIN}`;
}

/** A report as short as can be. */
export const shortReport = (words = 'It came back.'): string =>
  `From: MAILER-DAEMON@mx.example.com\r\nSubject: Undelivered\r\n\r\n${words}`;

export interface Listening {
  database: TestDatabase;
  vault: Vault;
  /** Every line of the log. */
  logged: Record<string, unknown>[];
  hints: string[];
  /** Starts a listener, ended with the rest. */
  listen(limits?: Partial<ListenerLimits>, parts?: Partial<ListenerParts>): Promise<Listener>;
  addressOf(deliveryId: string): string;
  /** A connection that is ended with the rest: greeted, or before its greeting. */
  client(listener: Listener, greeted?: boolean): Promise<SmtpClient>;
  /** What is stored, in order, opened. */
  reports(): Promise<{ envelope: string[]; text: string; waiting: boolean }[]>;
  /** Ends listeners and connections, and forgets what was stored. */
  reset(): Promise<void>;
  close(): Promise<void>;
}

/** Listeners on a real PostgreSQL. */
export async function listening(): Promise<Listening> {
  const database = await testDatabase();
  const vault = makeVault({ masterKey: MASTER_KEY, keys: dataKeyStore(database.db) });
  const logged: Record<string, unknown>[] = [];
  const hints: string[] = [];
  const listeners: Listener[] = [];
  const clients: SmtpClient[] = [];
  const take = (line: object): void => void logged.push(line as Record<string, unknown>);
  const log = Object.assign(makeLog('silent'), { info: take, warn: take, error: take }) as Services['log'];
  const reset = async (): Promise<void> => {
    for (const client of clients.splice(0)) client.close();
    for (const listener of listeners.splice(0)) await listener.close();
    await sql`truncate reports cascade`.execute(database.db);
    logged.length = 0;
    hints.length = 0;
  };
  return {
    ...{ database, vault, logged, hints, reset },
    async listen(limits = {}, parts = {}) {
      const listener = await startListener({
        ...{ db: database.db, vault, log, hint: (kind) => void hints.push(kind), identity: null },
        ...{ listen: { host: '127.0.0.1', port: 0 }, bounceDomain: BOUNCE_DOMAIN, limits, ...parts },
      });
      listeners.push(listener);
      return listener;
    },
    addressOf: (deliveryId) => bounceAddressOf(vault, deliveryId),
    async client({ port }, greeted = true) {
      const client = await (greeted ? greetedClient(port) : smtpClient(port));
      clients.push(client);
      return client;
    },
    async reports() {
      const { rows } = await sql<{ envelope: string[]; sealed: Buffer; state: string }>`
        select envelope, sealed, state from reports order by id`.execute(database.db);
      return rows.map(({ envelope, sealed, state }) => ({
        ...{ envelope, text: vault.reception.open('report', sealed).toString('latin1'), waiting: state === 'waiting' },
      }));
    },
    async close() {
      await reset();
      await database.close();
    },
  };
}
