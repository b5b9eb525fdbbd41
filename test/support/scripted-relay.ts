import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { TLSSocket } from 'node:tls';

export interface RelayScript {
  /** Offers STARTTLS with this certificate; with `implicit` it speaks TLS from the first byte. */
  tls?: { cert: string; key: string; implicit?: boolean };
  /** What it answers to a command that begins so; `null`: nothing. Others get 250. `GREETING` is the first line. */
  replies?: Record<string, string | null>;
  /** To this command it answers line after line, and never the last. */
  endlessly?: string;
}

export interface ScriptedRelay {
  port: number;
  /** Every command that came, in order. */
  commands: string[];
  close(): Promise<void>;
}

/** A relay on 127.0.0.1 that does what it is told, for what the sink does not do: TLS, logins, silence. */
export async function startScriptedRelay({ tls, replies = {}, endlessly }: RelayScript): Promise<ScriptedRelay> {
  const commands: string[] = [];
  const open = new Set<Socket>();
  const answerTo = (command: string): string | null => {
    const scripted = Object.entries(replies).find(([start]) => command.startsWith(start));
    if (scripted) return scripted[1];
    if (command.startsWith('EHLO')) {
      return ['250-relay', ...(tls && !tls.implicit ? ['250-STARTTLS'] : []), '250 AUTH PLAIN'].join('\r\n');
    }
    if (command === 'GREETING' || command === 'STARTTLS') return '220 relay';
    if (command.startsWith('AUTH')) return '235 2.7.0 welcome';
    return command === 'QUIT' ? '221 bye' : '250 ok';
  };
  const talk = (socket: Socket): void => {
    let rest = '';
    socket.on('error', () => undefined);
    socket.on('data', (piece) => {
      const lines = (rest + piece).split('\r\n');
      rest = lines.pop() ?? '';
      for (const command of lines) {
        commands.push(command);
        if (endlessly !== undefined && command.startsWith(endlessly)) {
          const timer = setInterval(() => socket.write('250-wait\r\n'), 50);
          socket.once('close', () => clearInterval(timer));
          continue;
        }
        const reply = answerTo(command);
        if (reply !== null) socket.write(`${reply}\r\n`);
        if (command === 'QUIT') socket.end();
        if (command !== 'STARTTLS' || !tls || reply?.startsWith('220') !== true) continue;
        socket.removeAllListeners('data');
        talk(new TLSSocket(socket, { isServer: true, ...tls }));
      }
    });
  };
  const server = createServer((socket) => {
    open.add(socket);
    socket.once('close', () => open.delete(socket));
    const spoken = tls?.implicit ? new TLSSocket(socket, { isServer: true, ...tls }) : socket;
    const greeting = answerTo('GREETING');
    talk(spoken);
    if (greeting !== null) spoken.write(`${greeting}\r\n`);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    commands,
    async close() {
      for (const socket of open) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
