import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { TLSSocket } from 'node:tls';

/** A step of the conversation: `GREETING`, the verb of a command, `BODY` at its first bytes, `DOT` at its end. */
export type RawStep =
  | 'GREETING'
  | 'EHLO'
  | 'HELO'
  | 'AUTH'
  | 'MAIL'
  | 'RCPT'
  | 'DATA'
  | 'BODY'
  | 'DOT'
  | 'RSET'
  | 'QUIT';
/** What it writes, byte for byte but for the line end; or what it does with the socket. */
type RawAnswer = string | ((socket: Socket) => void);

export interface RawRelay {
  port: number;
  url: string;
  /** Every command that came, in order, over all connections. */
  commands: string[];
  /** Bodies that came whole, up to the final dot. */
  bodies: string[];
  connections: { opened: number; open: number };
  /** Replaces what it does at these steps. */
  behave(steps: Partial<Record<RawStep, RawAnswer>>): void;
  close(): Promise<void>;
}

interface RawOptions {
  steps?: Partial<Record<RawStep, RawAnswer>>;
  /** Offers STARTTLS with this certificate. */
  tls?: { cert: string; key: string };
  port?: number;
}

const POLITE: Record<RawStep, string> = {
  ...{
    GREETING: '220 relay',
    EHLO: '250 relay',
    HELO: '250 relay',
    AUTH: '235 2.7.0 welcome',
    MAIL: '250 ok',
    RCPT: '250 ok',
  },
  ...{ DATA: '354 go on', BODY: '', DOT: '250 2.0.0 taken', RSET: '250 ok', QUIT: '221 bye' },
};

/** Closes without a word. */
export const drop = (socket: Socket): void => void socket.destroy();
export const silence = (): void => undefined;
/** Answers, and closes as soon as that has gone out. */
export const thenClose =
  (reply: string) =>
  (socket: Socket): void =>
    void socket.end(`${reply}\r\n`);

/** A relay on 127.0.0.1 written on bare sockets: it breaks every rule that it is told to break. */
export async function startRawRelay({ steps = {}, tls, port = 0 }: RawOptions = {}): Promise<RawRelay> {
  let told = steps;
  const open = new Set<Socket>();
  const relay = { commands: [] as string[], bodies: [] as string[], opened: 0 };
  const answer = (socket: Socket, step: RawStep): void => {
    const said =
      told[step] ??
      (step === 'EHLO' && tls && !(socket instanceof TLSSocket) ? '250-relay\r\n250 STARTTLS' : POLITE[step]);
    if (typeof said === 'function') said(socket);
    else if (said !== '') socket.write(`${said}\r\n`);
  };
  const talk = (socket: Socket): void => {
    let rest = '';
    let body: string[] | null = null;
    socket.on('error', () => undefined);
    const take = (line: string): void => {
      if (body === null) {
        relay.commands.push(line);
        const verb = (line.split(' ')[0] ?? '').toUpperCase();
        if (verb === 'STARTTLS' && tls) {
          socket.write('220 go on\r\n');
          socket.removeAllListeners('data');
          talk(new TLSSocket(socket, { isServer: true, ...tls }));
          return;
        }
        if (!(verb in POLITE)) return void socket.write('502 5.5.1 unknown\r\n');
        answer(socket, verb as RawStep);
        if (verb === 'DATA') body = [];
        if (verb === 'QUIT') socket.end();
      } else if (line === '.') {
        relay.bodies.push(body.join('\r\n'));
        body = null;
        answer(socket, 'DOT');
      } else {
        if (body.length === 0) answer(socket, 'BODY');
        body.push(line);
      }
    };
    socket.on('data', (piece) => {
      const pieces = (rest + piece).split('\r\n');
      rest = pieces.pop() ?? '';
      for (const line of pieces) if (!socket.destroyed) take(line);
    });
  };
  const server = createServer({ noDelay: true }, (socket) => {
    relay.opened++;
    open.add(socket);
    socket.once('close', () => open.delete(socket));
    talk(socket);
    answer(socket, 'GREETING');
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  const at = (server.address() as AddressInfo).port;
  return {
    ...{ port: at, url: `smtp://127.0.0.1:${at}`, commands: relay.commands, bodies: relay.bodies },
    get connections() {
      return { opened: relay.opened, open: open.size };
    },
    behave(next) {
      told = next;
    },
    async close() {
      for (const socket of open) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
