import { generateKeyPairSync, hash } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import ssh2 from 'ssh2';

const { Server, utils } = ssh2;
const { STATUS_CODE } = utils.sftp;
/** In place of a status: what was asked for has been sent. */
const ANSWERED = -1;

/** What becomes of a request: nothing unusual; the connection ends before it is done, or before it is answered; an error; no answer. */
type Fate = 'served' | 'cut' | 'unanswered' | 'refused' | 'silent';

export interface SftpServer {
  port: number;
  /** Files by path, as they are now. */
  files: Map<string, Buffer>;
  /** Every path under which something was opened, renamed to, or removed, in order. */
  steps: string[];
  hostKey: string;
  /** PEM of a key that is let in. */
  clientKey: string;
  /** Called with each step as it is taken, before it is answered. */
  onStep(listen: (step: string) => void): void;
  /** From now on, break the connection after so many bytes of a file; null: no more. */
  breakAfter(bytes: number | null): void;
  /** Decides of renaming, looking and writing (`rename /in/a`, `stat /in/a`, `write /in/a`); null: all is served. */
  fate(decide: ((request: string) => Fate) | null): void;
  close(): Promise<void>;
}

/** A printer's SFTP server that keeps files in memory and lets one key in. */
export async function startSftpServer(): Promise<SftpServer> {
  const host = utils.generateKeyPairSync('ed25519');
  const { privateKey } = generateKeyPairSync('rsa', {
    ...{ modulusLength: 2048, publicKeyEncoding: { type: 'spki', format: 'pem' } },
    privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
  });
  const allowed = utils.parseKey(privateKey);
  if (allowed instanceof Error) throw allowed;
  const files = new Map<string, Buffer>();
  const steps: string[] = [];
  let limit: number | null = null;
  let listener: (step: string) => void = () => undefined;
  let decide: ((request: string) => Fate) | null = null;
  const take = (step: string): void => {
    steps.push(step);
    listener(step);
  };
  const server = new Server({ hostKeys: [host.private] }, (client) => {
    client.on('error', () => undefined);
    // The types do not know it.
    (client as unknown as { setNoDelay(on: boolean): void }).setNoDelay(true);
    client.on('authentication', (ask) => {
      const known = ask.method === 'publickey' && ask.key.data.equals(allowed.getPublicSSH());
      if (!known) ask.reject(['publickey']);
      else if (ask.signature === undefined || ask.blob === undefined) ask.accept();
      else if (allowed.verify(ask.blob, ask.signature, ask.hashAlgo) === true) ask.accept();
      else ask.reject(['publickey']);
    });
    client.on('session', (accept) =>
      accept().on('sftp', (begin) => {
        const sftp = begin();
        const handles = new Map<number, string>();
        const serve = (id: number, request: string, act: () => number): void => {
          const fate = decide?.(request) ?? 'served';
          const isDone = fate === 'served' || fate === 'unanswered';
          const status = isDone ? act() : STATUS_CODE.FAILURE;
          if (fate === 'cut' || fate === 'unanswered') client.end();
          else if (fate !== 'silent' && status !== ANSWERED) sftp.status(id, status);
        };
        sftp.on('OPEN', (id, path) => {
          const handle = Buffer.alloc(4);
          handle.writeUInt32BE(handles.size);
          handles.set(handles.size, path);
          files.set(path, Buffer.alloc(0));
          take(`open ${path}`);
          sftp.handle(id, handle);
        });
        sftp.on('WRITE', (id, handle, offset, data) => {
          const path = handles.get(handle.readUInt32BE(0)) ?? '';
          serve(id, `write ${path}`, () => {
            const before = files.get(path) ?? Buffer.alloc(0);
            // A client may send pieces in any order.
            const after = Buffer.alloc(Math.max(before.length, offset + data.length));
            before.copy(after);
            data.copy(after, offset);
            files.set(path, after);
            if (limit !== null && offset + data.length > limit) client.end();
            return STATUS_CODE.OK;
          });
        });
        sftp.on('FSETSTAT', (id) => sftp.status(id, STATUS_CODE.OK));
        sftp.on('CLOSE', (id) => sftp.status(id, STATUS_CODE.OK));
        sftp.on('REMOVE', (id, path) => {
          const isThere = files.delete(path);
          if (isThere) take(`remove ${path}`);
          sftp.status(id, isThere ? STATUS_CODE.OK : STATUS_CODE.NO_SUCH_FILE);
        });
        sftp.on('STAT', (id, path) => {
          const size = files.get(path)?.length;
          serve(id, `stat ${path}`, () => {
            if (size === undefined) return STATUS_CODE.NO_SUCH_FILE;
            sftp.attrs(id, { size, mode: 0o100600, uid: 0, gid: 0, atime: 0, mtime: 0 });
            return ANSWERED;
          });
        });
        sftp.on('RENAME', (id, from, to) => {
          serve(id, `rename ${to}`, () => {
            const file = files.get(from);
            if (!file || files.has(to)) return STATUS_CODE.FAILURE;
            files.delete(from);
            files.set(to, file);
            take(`rename ${to}`);
            return STATUS_CODE.OK;
          });
        });
      }),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const key = utils.parseKey(host.private);
  if (key instanceof Error) throw key;
  return {
    ...{ port: (server.address() as AddressInfo).port, files, steps, clientKey: privateKey },
    hostKey: `SHA256:${hash('sha256', key.getPublicSSH(), 'base64').replace(/=+$/, '')}`,
    onStep: (listen) => {
      listener = listen;
    },
    fate: (next) => {
      decide = next;
    },
    breakAfter: (bytes) => {
      limit = bytes;
    },
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}
