import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { connect as connectTls, type TLSSocket } from 'node:tls';

/** A sender that says exactly what it is told to say. */
export interface SmtpClient {
  socket: Socket | TLSSocket;
  /** Writes as it is. */
  write(bytes: string | Buffer): void;
  /** The next whole reply, its lines joined by `\n`; empty when the server has closed. */
  reply(): Promise<string>;
  /** Sends a line, and gives the reply. */
  say(line: string): Promise<string>;
  /** One mail up to its final dot; gives the last reply, or the first that refuses. */
  mail(to: string | readonly string[], body: string | Buffer, from?: string): Promise<string>;
  /** After 220 to STARTTLS. */
  upgrade(ca: string): Promise<void>;
  ended: Promise<unknown>;
  close(): void;
}

/** Connects to a server on this machine and reads its greeting, which is the first reply. */
export async function smtpClient(port: number): Promise<SmtpClient> {
  // Without this the final dot waits 40 ms for the body to be acknowledged: it is the kernel that would be measured.
  const first = connect({ port, host: '127.0.0.1', noDelay: true });
  await once(first, 'connect');
  let replies = readReplies(first);
  const client: SmtpClient = {
    socket: first,
    ended: once(first, 'close'),
    write: (bytes) => void client.socket.write(bytes),
    reply: () => replies(),
    async say(line) {
      client.write(`${line}\r\n`);
      return await client.reply();
    },
    async mail(to, body, from = '<>') {
      const commands = [`MAIL FROM:${from}`, ...[to].flat().map((one) => `RCPT TO:<${one}>`), 'DATA'];
      for (const command of commands) {
        const reply = await client.say(command);
        if (!/^[23]/.test(reply)) return reply;
      }
      client.write(body);
      return await client.say('\r\n.');
    },
    async upgrade(ca) {
      first.removeAllListeners('data');
      const socket = connectTls({ socket: first, ca, host: '127.0.0.1' });
      await once(socket, 'secureConnect');
      client.socket = socket;
      replies = readReplies(socket);
    },
    close: () => void client.socket.destroy(),
  };
  return client;
}

/** A client that has been greeted and has said EHLO. */
export async function greetedClient(port: number): Promise<SmtpClient> {
  const client = await smtpClient(port);
  await client.reply();
  await client.say('EHLO client.example.jp');
  return client;
}

function readReplies(socket: Socket): () => Promise<string> {
  let text = '';
  let over = false;
  let wake = (): void => undefined;
  socket.on('data', (piece: Buffer) => {
    text += piece.toString('latin1');
    wake();
  });
  socket.on('error', () => undefined);
  socket.on('close', () => {
    over = true;
    wake();
  });
  return async () => {
    for (;;) {
      const [reply] = /^(?:\d{3}-[^\r\n]*\r\n)*\d{3}(?: [^\r\n]*)?\r\n/.exec(text) ?? [];
      if (reply !== undefined) {
        text = text.slice(reply.length);
        return reply.trimEnd().replaceAll('\r\n', '\n');
      }
      if (over) return '';
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  };
}
