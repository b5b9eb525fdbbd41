import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { Client, type SFTPWrapper } from 'ssh2';
import type { PrinterLogin } from '../../../vault/printer-login.ts';
import type { DropPlace } from './drop-place.ts';
import type { SftpSetting } from './printer-setting.ts';

/** What connecting may take, ms. */
const CONNECT_MS = 20_000;
/** A server that takes nothing of a file and answers nothing for so long is left, ms. */
const SILENCE_MS = 60_000;

/**
 * A folder on an SFTP server. A file grows there as `<name>.part` and is renamed when it is whole.
 * @param logIn read for each connection
 * @param silenceMs what a server may stay silent for
 */
export function sftpPlace(
  sftp: SftpSetting,
  logIn: () => Promise<PrinterLogin>,
  silenceMs: number = SILENCE_MS,
): DropPlace {
  const within = async <T>(use: (folder: Folder) => Promise<T>) =>
    await withFolder({ sftp, login: await logIn(), silenceMs }, use);
  return {
    async put(name, open, appearing) {
      let source: Readable | undefined;
      try {
        await within(async (folder) => {
          const [path, part] = pathsOf(sftp, name);
          // What another try has begun may still be written to: that file has no name any more.
          await folder.remove(part);
          source = await open();
          await folder.write(part, source);
          await appearing(part);
          await folder.finish(part, path);
        });
      } finally {
        // Where the connection has ended, whoever writes to it waits for ever.
        source?.destroy();
      }
    },
    settle: (name, part) =>
      within(async (folder) => {
        const [path] = pathsOf(sftp, name);
        if (await folder.has(part)) {
          await folder.finish(part, path);
          return 'there';
        }
        return (await folder.has(path)) ? 'there' : 'unknown';
      }),
  };
}

const pathsOf = ({ folder }: SftpSetting, name: string): [path: string, part: string] => [
  `${folder}/${name}`,
  `${folder}/${name}.part`,
];

interface Folder {
  write(path: string, source: Readable): Promise<void>;
  /** Gives a whole file its name, in place of what stood under it. */
  finish(part: string, path: string): Promise<void>;
  /** False also where we may not look. */
  has(path: string): Promise<boolean>;
  /** Where that cannot be done, the next step shows it. */
  remove(path: string): Promise<void>;
}

interface Connecting {
  sftp: SftpSetting;
  login: PrinterLogin;
  silenceMs: number;
}

/** @throws Error when the server is another, does not let us in, does not take the file, or stays silent */
async function withFolder<T>({ sftp, login, silenceMs }: Connecting, use: (folder: Folder) => Promise<T>): Promise<T> {
  const client = new Client();
  // The library leaves waiting whoever waits for an answer when the connection ends.
  let because = 'The connection to the printer ended.';
  const ended = once(client, 'close').then(() => {
    throw new Error(because);
  });
  const leave = () => {
    because = `The printer’s server has been silent for ${silenceMs / 1_000} s.`;
    client.destroy();
  };
  let silence: NodeJS.Timeout | undefined;
  const used = async (): Promise<T> => {
    await connect(client, sftp, login);
    silence = setTimeout(leave, silenceMs);
    const session = await openSftp(client);
    return await use(folderOf(session, () => silence?.refresh()));
  };
  try {
    return await Promise.race([used(), ended]);
  } finally {
    clearTimeout(silence);
    ended.catch(() => undefined);
    client.end();
  }
}

async function connect(client: Client, { host, port, user }: SftpSetting, login: PrinterLogin): Promise<void> {
  const ready = once(client, 'ready');
  client.connect({
    ...{ host, port, username: user, privateKey: login.privateKey, hostVerifier: login.isRightHost },
    ...{ readyTimeout: CONNECT_MS, keepaliveInterval: CONNECT_MS / 2, keepaliveCountMax: 2 },
  });
  await ready;
  // Else each piece waits for the acknowledgement of the one before, which the other side holds back.
  client.setNoDelay(true);
  // What goes wrong from here on ends the streams, which tell.
  client.on('error', () => undefined);
}

const openSftp = (client: Client): Promise<SFTPWrapper> =>
  new Promise((resolve, reject) => client.sftp((error, session) => (error ? reject(error) : resolve(session))));

/** @param heard called whenever the server has answered or taken something */
function folderOf(session: SFTPWrapper, heard: () => void): Folder {
  const call = async (ask: (done: (error?: Error | null) => void) => void): Promise<void> => {
    await new Promise<void>((resolve, reject) => ask((error) => (error ? reject(error) : resolve())));
    heard();
  };
  const has = (path: string): Promise<boolean> =>
    call((done) => session.stat(path, (error) => done(error))).then(
      () => true,
      (error: unknown) => {
        // Any other lack of an answer can pass.
        if (isAnswer(error)) return false;
        throw error;
      },
    );
  const remove = (path: string): Promise<void> =>
    call((done) => session.unlink(path, done)).catch((error: unknown) => {
      if (!isAnswer(error)) throw error;
    });
  return {
    write: (path, source) =>
      pipeline(
        source,
        async function* (pieces: AsyncIterable<Buffer>) {
          for await (const piece of pieces) {
            yield piece;
            heard();
          }
        },
        session.createWriteStream(path, { mode: 0o600 }),
      ),
    async finish(part, path) {
      // Plain SFTP renames to no name that is taken.
      await remove(path);
      await call((done) => session.rename(part, path, done));
    },
    has,
    remove,
  };
}

/** Whether the server itself said no: the connection's errors have no number. */
const isAnswer = (error: unknown): boolean => typeof (error as { code?: unknown }).code === 'number';
