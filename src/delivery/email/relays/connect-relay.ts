import SMTPConnection from 'nodemailer/lib/smtp-connection';
import type { RelayOptions } from './relay-setting.ts';

/** Far more than any real reply: a relay that never ends a line must not fill the memory. */
const LONGEST_REPLY_BYTES = 64 * 1024;

/** A connection to a relay. */
export type RelayConnection = SMTPConnection;

interface Opening {
  /** To be cut while it opens, too. */
  connection: RelayConnection;
  /** Resolves when messages may be sent; rejects with nodemailer's error, which has codes. */
  opened: Promise<void>;
}

/** Opens a connection: greeting, TLS, login. All of it takes at most twice the time to connect. */
export function connectRelay({ auth, ...options }: RelayOptions): Opening {
  const connection = new SMTPConnection({ maxResponseSize: LONGEST_REPLY_BYTES, ...options });
  const { promise: opened, resolve, reject } = Promise.withResolvers<void>();
  // A relay that says a byte now and then keeps every other timer from ringing.
  const timer = setTimeout(() => reject(broken('ETIMEDOUT')), 2 * options.connectionTimeout);
  // The same error may come as an event and to the callback, some only one way: the first settles it, and the listener
  // stays, because without one the process would end.
  connection.on('error', reject);
  connection.once('end', () => reject(broken('ECONNECTION')));
  connection.connect((error) => {
    if (error) reject(error);
    else if (!auth) resolve();
    else connection.login({ ...auth }, (refused) => (refused ? reject(refused) : resolve()));
  });
  const done = (): void => clearTimeout(timer);
  opened.then(done, done);
  return { connection, opened };
}

const broken = (code: string): Error => Object.assign(new Error('connection broken'), { code });

/** Cuts a connection: not a byte goes out on it any more. Whoever sends over it is told of its end. */
export function sever(connection: RelayConnection): void {
  (connection._socket || null)?.destroy();
  connection.close();
}
