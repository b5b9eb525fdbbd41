import type { Socket } from 'node:net';
import { SMTPServer, type SMTPServerAddress, type SMTPServerOptions, type SMTPServerSession } from 'smtp-server';
import { SMTPConnection } from 'smtp-server/lib/smtp-connection.js';
import { networkOf } from './networks.ts';
import type { RefusalReason } from './refusals.ts';
import { announcedSize, recipientOf } from './smtp-commands.ts';

/** What connections may do; the library has the limits on single commands and on idleness. */
export interface ConnectionRules {
  connections: number;
  connectionsPerAddress: number;
  /** Refused commands and recipients of one connection. */
  errors: number;
  /** Replies to one connection in which no message came to its end. */
  repliesWithoutMessage: number;
  /** Within this time each connection has to bring a message to its end. */
  messageMs: number;
  onRefused(reason: RefusalReason): void;
}

/**
 * One SMTP conversation, as the library has it but for three things: no sender and no parameter is too odd for it, it loses
 * patience, and it can be asked whether a message is on its way.
 */
class ReportConnection extends SMTPConnection {
  private readonly home: ReportServer;
  private readonly rules: ConnectionRules;
  private readonly patience: NodeJS.Timeout;
  private errors = 0;
  private replies = 0;
  /** The message has come whole, and its sender waits for us. */
  deciding = false;

  constructor(server: ReportServer, socket: Socket, rules: ConnectionRules) {
    super(server, socket);
    this.home = server;
    this.rules = rules;
    this.patience = setTimeout(() => this.loseTime(), rules.messageMs).unref();
  }

  get receiving(): boolean {
    return Boolean(this._dataStream);
  }

  /**
   * The library answers 501 to senders that do exist (`"a@b"@example.jp`, `taro..yamada@docomo.ne.jp`) and to parameters
   * it does not know, and the sender of a report would throw it away. Only the announced size is kept of them.
   */
  override _parseAddressCommand(name: string, command: Buffer | string): SMTPServerAddress | false {
    const line = command.toString();
    if (name !== 'mail from') {
      const address = recipientOf(line);
      return address === null ? false : { address, args: false };
    }
    const size = announcedSize(line);
    return size === undefined ? false : { address: '', args: size === null ? false : { SIZE: size } };
  }

  override send(code: number, data?: string | string[] | null, context?: string | false): void {
    if (this._closing || this._closed) return;
    if (context === 'DATA_OK') {
      this.replies = 0;
      this.patience.refresh();
    }
    this.replies += 1;
    if (code === 552) this.rules.onRefused('too_large');
    else if (code >= 500) this.errors += 1;
    if (code !== 421 && (this.errors > this.rules.errors || this.replies > this.rules.repliesWithoutMessage)) {
      this.rules.onRefused('too_many_errors');
      super.send(421, 'Too many errors');
      return;
    }
    // Of 452 the library thinks that it means a full mailbox.
    super.send(code, data, context ?? (code === 452 ? 'SYSTEM_FULL' : undefined));
    if (this.home.finishing && !this.receiving && code !== 421) super.send(421, 'Shutting down');
  }

  /** Ends a conversation with which nothing is to be had any more. */
  cut(reason: RefusalReason, code: number, text: string): void {
    this.rules.onRefused(reason);
    super.send(code, text);
    this.close();
  }

  override _onClose(): void {
    clearTimeout(this.patience);
    super._onClose();
  }

  private loseTime(): void {
    if (this.deciding) this.patience.refresh();
    else this.cut('too_slow', 421, 'Too slow');
  }
}

/** An SMTP server (RFC 5321) whose connections keep to `rules`. */
export class ReportServer extends SMTPServer {
  /** Nothing new is taken any more. */
  finishing = false;
  private readonly rules: ConnectionRules;
  private readonly bySession = new WeakMap<SMTPServerSession, ReportConnection>();

  constructor(options: SMTPServerOptions, rules: ConnectionRules) {
    super(options);
    this.rules = rules;
  }

  override connect(socket: Socket): void {
    if (this.isFull(networkOf(socket.remoteAddress ?? ''))) {
      this.rules.onRefused('too_many_connections');
      socket.on('error', () => socket.destroy());
      socket.end('421 4.7.0 Too many connections\r\n', () => socket.destroy());
      return;
    }
    const connection = new ReportConnection(this, socket, this.rules);
    this.connections.add(connection);
    this.bySession.set(connection.session, connection);
    // A peer that vanishes is an everyday event: what it has not been told is taken, it sends again.
    connection.on('error', () => connection.close());
    connection.init();
  }

  /** The connection of a session that is open. */
  connectionOf(session: SMTPServerSession): ReportConnection {
    return this.bySession.get(session) as ReportConnection;
  }

  /** Takes nothing new: whoever is not sending a message is sent away. Resolves when the others have been answered. */
  async finish(): Promise<void> {
    this.finishing = true;
    const closed = new Promise<void>((resolve) => this.close(resolve));
    for (const connection of this.connections as Set<ReportConnection>) {
      if (!connection.receiving) connection.send(421, 'Shutting down');
    }
    await closed;
  }

  private isFull(network: string): boolean {
    if (this.connections.size >= this.rules.connections) return true;
    let same = 0;
    for (const { remoteAddress } of this.connections) if (networkOf(remoteAddress) === network) same += 1;
    return same >= this.rules.connectionsPerAddress;
  }
}
