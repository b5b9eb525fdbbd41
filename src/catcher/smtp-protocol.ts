import { type AddressInfo, createServer, type Socket } from 'node:net';
import type { Body } from './dot-reader.ts';
import { SmtpSession } from './smtp-session.ts';

/** What the server does at one stage: a reply of class 2 or 3 goes on, one of class 4 or 5 refuses. */
export type Verdict = 'accept' | 'drop' | 'hang' | { reply: string; thenDrop?: true };
export type Decision = Verdict | Promise<Verdict>;

/** The mail being handed over on one connection. Addresses are without angle brackets and needless quotes. */
export interface Transaction {
  connection: number;
  from: string;
  to: string[];
}

/** Decides at each stage of a conversation; a stage without a method accepts. A rejected promise answers 451. */
export interface SmtpHandler {
  connect?(connection: number): Decision;
  mail?(mail: Transaction): Decision;
  rcpt?(mail: Transaction, to: string): Decision;
  /** At DATA, before 354. */
  data?(mail: Transaction): Decision;
  /** When the first bytes of the body are here and its end is not known yet. */
  body?(mail: Transaction): Decision;
  /** When the final dot has come. */
  message(mail: Transaction, body: Body): Decision;
  /** When the reply to the final dot has been handed to the socket. */
  answered?(mail: Transaction, body: Body, reply: string): void;
}

export interface SmtpLimits {
  maxMessageBytes: number;
  maxConnections: number;
  idleMs: number;
}

export interface SmtpServer {
  port: number;
  /** Connections open now, and opened since the start (refused ones included). */
  connections(): { open: number; opened: number };
  /** Stops listening and cuts what is open. */
  close(): Promise<void>;
}

export const DEFAULT_LIMITS: SmtpLimits = { maxMessageBytes: 25 * 1024 * 1024, maxConnections: 500, idleMs: 300_000 };

/**
 * A small SMTP server for catching and testing (RFC 5321 with SIZE, 8BITMIME, PIPELINING, SMTPUTF8, DSN parameters;
 * no TLS, no AUTH). Listens on 127.0.0.1 only; port 0 takes a free one. Rejects when the port cannot be had.
 */
export function startSmtpServer(handler: SmtpHandler, port: number, limits = DEFAULT_LIMITS): Promise<SmtpServer> {
  const open = new Set<Socket>();
  let opened = 0;
  const server = createServer({ noDelay: true }, (socket) => {
    opened += 1;
    open.add(socket);
    socket.on('close', () => open.delete(socket));
    // A peer that vanishes is an everyday event here; what it means is judged by the sender.
    socket.on('error', () => socket.destroy());
    if (open.size > limits.maxConnections) socket.end('421 4.7.0 Too many connections\r\n');
    else new SmtpSession(socket, opened, handler, limits).start();
  });
  const close = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      for (const socket of open) socket.destroy();
    });
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ port, host: '127.0.0.1', backlog: 1024 }, () => {
      server.off('error', reject);
      const bound = server.address() as AddressInfo;
      resolve({ port: bound.port, connections: () => ({ open: open.size, opened }), close });
    });
  });
}
