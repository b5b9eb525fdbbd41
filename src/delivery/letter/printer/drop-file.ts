import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { Client, type SFTPWrapper } from 'ssh2';
import type { PrinterLogin } from '../../../vault/printer-login.ts';
import type { SftpSetting } from './printer-setting.ts';

/** What connecting may take, and what a server may stay silent for, ms. */
const PATIENCE_MS = 20_000;

/**
 * Puts a file into the printer's folder. It appears under its name only when it is whole: whoever watches the folder takes
 * nothing that is still growing. What stood there under the name is replaced.
 * @throws Error when the server is another, does not let us in, or does not take the file
 */
export async function dropFile(sftp: SftpSetting, login: PrinterLogin, name: string, source: Readable): Promise<void> {
  const client = new Client();
  // The library leaves waiting whoever waits for an answer when the connection ends.
  const ended = once(client, 'close').then(() => {
    throw new Error('The connection to the printer ended.');
  });
  const put = async (): Promise<void> => {
    await connect(client, sftp, login);
    const session = await openSftp(client);
    const path = `${sftp.folder}/${name}`;
    const growing = `${path}.part`;
    await pipeline(source, session.createWriteStream(growing, { mode: 0o600 }));
    // Plain SFTP renames to no name that is taken.
    await call((done) => session.unlink(path, done)).catch(() => undefined);
    await call((done) => session.rename(growing, path, done));
  };
  try {
    await Promise.race([put(), ended]);
  } finally {
    ended.catch(() => undefined);
    source.destroy();
    client.end();
  }
}

async function connect(client: Client, { host, port, user }: SftpSetting, login: PrinterLogin): Promise<void> {
  const ready = once(client, 'ready');
  client.connect({
    ...{ host, port, username: user, privateKey: login.privateKey, hostVerifier: login.isRightHost },
    ...{ readyTimeout: PATIENCE_MS, keepaliveInterval: PATIENCE_MS / 2, keepaliveCountMax: 2 },
  });
  await ready;
  // Else each piece waits for the acknowledgement of the one before, which the other side holds back.
  client.setNoDelay(true);
  // What goes wrong from here on ends the streams, which tell.
  client.on('error', () => undefined);
}

const openSftp = (client: Client): Promise<SFTPWrapper> =>
  new Promise((resolve, reject) => client.sftp((error, session) => (error ? reject(error) : resolve(session))));

const call = (ask: (done: (error?: Error | null) => void) => void): Promise<void> =>
  new Promise((resolve, reject) => ask((error) => (error ? reject(error) : resolve())));
