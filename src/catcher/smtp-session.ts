import type { Socket } from 'node:net';
import { type Body, DotReader } from './dot-reader.ts';
import { type PathArgument, parseCommand, parsePath } from './smtp-lines.ts';
import type { Decision, SmtpHandler, SmtpLimits, Transaction, Verdict } from './smtp-protocol.ts';

const LF = 0x0a;
const NOTHING = Buffer.alloc(0);
// In the middle of a body nobody awaits a reply.
const IN_BODY = '';
const MAX_LINE_BYTES = 4096;
const MAX_WAITING_BYTES = 1024 * 1024;
const MAX_ERRORS = 20;
const MAX_RECIPIENTS = 100;
const MAIL_PARAMS = new Set(['SIZE', 'BODY', 'SMTPUTF8', 'RET', 'ENVID']);
const RCPT_PARAMS = new Set(['NOTIFY', 'ORCPT']);
// A web page can make a browser post to this port; its first line tells, and nothing of it is read.
const HTTP_VERBS = new Set(['GET', 'POST', 'PUT', 'HEAD', 'OPTIONS']);

/** One SMTP conversation. Commands are answered in order; while a decision is awaited, further input waits. */
export class SmtpSession {
  private readonly socket: Socket;
  private readonly connection: number;
  private readonly handler: SmtpHandler;
  private readonly limits: SmtpLimits;
  private input: Buffer = NOTHING;
  private out = '';
  private busy = false;
  private over = false;
  private greeted = false;
  private errors = 0;
  private mail: Transaction | undefined;
  private reader: DotReader | undefined;
  private bodyAsked = false;

  constructor(socket: Socket, connection: number, handler: SmtpHandler, limits: SmtpLimits) {
    this.socket = socket;
    this.connection = connection;
    this.handler = handler;
    this.limits = limits;
  }

  start(): void {
    this.socket.setTimeout(this.limits.idleMs, () => this.end('421 4.4.2 Idle for too long'));
    this.socket.on('data', (chunk: Buffer) => this.take(chunk));
    this.socket.on('close', () => {
      this.over = true;
    });
    this.decide(this.handler.connect?.(this.connection), '220 owabi.catcher ESMTP', () => {
      this.greeted = true;
    });
    this.pump();
  }

  private take(chunk: Buffer): void {
    if (this.over) return;
    this.input = this.input.length > 0 ? Buffer.concat([this.input, chunk]) : chunk;
    if (!this.busy) this.pump();
    else if (this.input.length > MAX_WAITING_BYTES) this.socket.pause();
  }

  private pump(): void {
    while (!this.busy && !this.over && this.input.length > 0) {
      if (!(this.reader ? this.readBody(this.reader) : this.readLine())) break;
    }
    this.flush();
  }

  /** Answers to pipelined commands leave in one write. */
  private flush(): void {
    if (this.out === '' || this.over) return;
    this.socket.write(this.out);
    this.out = '';
  }

  private readLine(): boolean {
    const at = this.input.indexOf(LF);
    if (at < 0 || at > MAX_LINE_BYTES) {
      if (at >= 0 || this.input.length > MAX_LINE_BYTES) this.end('500 5.5.2 Line too long');
      return false;
    }
    const line = this.input.toString('utf8', 0, at).trimEnd();
    this.input = this.input.subarray(at + 1);
    this.command(line);
    return true;
  }

  private command(line: string): void {
    const { verb, rest } = parseCommand(line);
    if (HTTP_VERBS.has(verb)) this.drop();
    else if (verb === 'MAIL') this.onMail(rest);
    else if (verb === 'RCPT') this.onRcpt(rest);
    else if (verb === 'DATA') this.onData();
    else if (verb === 'EHLO') this.onEhlo();
    else if (verb === 'HELO') this.onHelo();
    else if (verb === 'RSET') this.onReset();
    else if (verb === 'NOOP') this.say('250 2.0.0 OK');
    else if (verb === 'VRFY') this.say('252 2.5.0 Send some mail and see');
    else if (verb === 'QUIT') this.end('221 2.0.0 Bye');
    else this.fault('502 5.5.1 Command not known');
  }

  private onEhlo(): void {
    this.mail = undefined;
    const extensions = ['PIPELINING', `SIZE ${this.limits.maxMessageBytes}`, '8BITMIME', 'SMTPUTF8', 'DSN'];
    this.out += `250-owabi.catcher\r\n${extensions.map((name) => `250-${name}\r\n`).join('')}250 ENHANCEDSTATUSCODES\r\n`;
  }

  private onHelo(): void {
    this.mail = undefined;
    this.say('250 owabi.catcher');
  }

  private onReset(): void {
    this.mail = undefined;
    this.say('250 2.0.0 OK');
  }

  private onMail(rest: string): void {
    const path = this.path(rest, 'FROM', MAIL_PARAMS);
    if (!path) return;
    const mail: Transaction = { connection: this.connection, from: path.address, to: [] };
    if (this.mail) {
      this.fault('503 5.5.1 A mail is already under way');
    } else if (Number(path.params.get('SIZE') ?? 0) > this.limits.maxMessageBytes) {
      this.say('552 5.3.4 Too large');
    } else {
      this.decide(this.handler.mail?.(mail), '250 2.1.0 OK', () => {
        this.mail = mail;
      });
    }
  }

  private onRcpt(rest: string): void {
    const mail = this.mail;
    const path = this.path(rest, 'TO', RCPT_PARAMS);
    if (!path) return;
    if (!mail) this.fault('503 5.5.1 MAIL first');
    else if (path.address === '') this.fault('501 5.1.3 No address');
    else if (mail.to.length >= MAX_RECIPIENTS) this.say('452 4.5.3 Too many recipients');
    else this.decide(this.handler.rcpt?.(mail, path.address), '250 2.1.5 OK', () => mail.to.push(path.address));
  }

  private path(rest: string, keyword: 'FROM' | 'TO', known: Set<string>): PathArgument | undefined {
    const path = parsePath(rest, keyword);
    if (!path) {
      this.fault('501 5.5.4 Address cannot be read');
      return undefined;
    }
    for (const name of path.params.keys()) {
      if (known.has(name)) continue;
      this.fault('555 5.5.4 Parameter not known');
      return undefined;
    }
    return path;
  }

  private onData(): void {
    const mail = this.mail;
    if (!mail || mail.to.length === 0) {
      this.fault('503 5.5.1 RCPT first');
      return;
    }
    this.decide(this.handler.data?.(mail), '354 Go on, end with a dot', () => {
      this.reader = new DotReader(this.limits.maxMessageBytes);
      this.bodyAsked = false;
    });
  }

  private readBody(reader: DotReader): boolean {
    const mail = this.mail as Transaction;
    if (!this.bodyAsked && this.handler.body) {
      this.bodyAsked = true;
      this.decide(this.handler.body(mail), IN_BODY);
      return true;
    }
    const rest = reader.push(this.input);
    this.input = rest ?? NOTHING;
    if (!rest) return false;
    this.reader = undefined;
    this.mail = undefined;
    if (reader.tooLarge) this.say('552 5.3.4 Too large');
    else this.onDot(mail, { parts: reader.parts, size: reader.size });
    return true;
  }

  private onDot(mail: Transaction, body: Body): void {
    this.decide(this.handler.message(mail, body), '250 2.0.0 OK', undefined, (reply) =>
      this.handler.answered?.(mail, body, reply),
    );
  }

  private decide(
    decision: Decision | undefined,
    okReply: string,
    onAccept?: () => void,
    onReply?: (reply: string) => void,
  ): void {
    if (!(decision instanceof Promise)) {
      this.apply(decision ?? 'accept', okReply, onAccept, onReply);
      return;
    }
    this.busy = true;
    this.flush();
    const goOn = (verdict: Verdict) => {
      if (this.over) return;
      this.busy = false;
      this.apply(verdict, okReply, onAccept, onReply);
      this.socket.resume();
      this.pump();
    };
    decision.then(goOn, () => goOn({ reply: '451 4.3.0 Local trouble' }));
  }

  private apply(verdict: Verdict, okReply: string, onAccept?: () => void, onReply?: (reply: string) => void): void {
    if (verdict === 'hang') this.busy = true;
    else if (verdict === 'drop') this.drop();
    else this.reply(verdict, okReply, onAccept, onReply);
  }

  private reply(
    verdict: Exclude<Verdict, 'drop' | 'hang'>,
    okReply: string,
    onAccept?: () => void,
    onReply?: (reply: string) => void,
  ): void {
    const reply = verdict === 'accept' ? okReply : verdict.reply;
    if (reply !== IN_BODY) this.out += `${reply}\r\n`;
    if (verdict === 'accept' || /^[23]/.test(reply)) onAccept?.();
    // A greeting that refuses, and a reply in the middle of a body, leave nothing sensible to go on with.
    const dead = !this.greeted || (verdict !== 'accept' && (okReply === IN_BODY || verdict.thenDrop === true));
    if (dead) this.end();
    else if (onReply) this.flush();
    onReply?.(reply);
  }

  private say(reply: string): void {
    this.out += `${reply}\r\n`;
  }

  private fault(reply: string): void {
    this.errors += 1;
    if (this.errors > MAX_ERRORS) this.end('421 4.7.0 Too many errors');
    else this.say(reply);
  }

  private end(reply?: string): void {
    if (this.over) return;
    if (reply) this.out += `${reply}\r\n`;
    this.over = true;
    // Written and closed in both directions: what the peer still sends is nobody's business any more.
    this.socket.end(this.out, () => this.socket.destroy());
    this.out = '';
  }

  private drop(): void {
    this.over = true;
    this.socket.destroy();
  }
}
