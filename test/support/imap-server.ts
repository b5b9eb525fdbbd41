import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { createSecureContext, TLSSocket } from 'node:tls';

interface Message {
  uid: number;
  bytes: Buffer;
  flags: Set<string>;
}

interface Folder {
  uidValidity: number;
  nextUid: number;
  messages: Message[];
}

/** What is done with a command instead of obeying it: a reply without its tag, or what is done with the connection. */
type Whim = string | ((socket: Socket) => void) | null;

interface ImapOptions {
  /** Beside IMAP4rev1. */
  capabilities?: string[];
  password?: string;
  /** Offers STARTTLS with this certificate; speaks TLS from the first byte when it is `implicit`. */
  tls?: { cert: string; key: string; implicit?: boolean };
  port?: number;
}

export interface TestImapServer {
  port: number;
  url: string;
  /** Every command of every connection, in order, without its tag and without what was logged in with. */
  commands: string[];
  /** Connections that are open now. */
  connections(): number;
  password: string;
  folders: Map<string, Folder>;
  /** A new message, of which those who idle are told. */
  deliver(bytes: Buffer | string, folder?: string): number;
  /** Bodies in a folder that are not marked as deleted. */
  bodies(folder?: string): string[];
  /** Asked before each command is obeyed. */
  whim: (command: string) => Whim;
  /** Whether those who idle are told of new mail. */
  tellsIdlers: boolean;
  /** Cuts every connection. */
  drop(): void;
  close(): Promise<void>;
}

export const drop = (socket: Socket): void => void socket.destroy();

/** A small IMAP server (RFC 3501) on 127.0.0.1 with one account. It obeys what the mailbox reader asks, and no more. */
export async function startImapServer(options: ImapOptions = {}): Promise<TestImapServer> {
  const folders = new Map<string, Folder>([['INBOX', newFolder()]]);
  const sessions = new Set<Session>();
  const server = createServer((plain) => {
    const socket = options.tls?.implicit ? encrypted(plain, options.tls) : plain;
    const session = new Session(socket, shared, options);
    sessions.add(session);
    socket.on('close', () => sessions.delete(session));
  });
  const shared: TestImapServer = {
    ...{
      port: 0,
      url: '',
      commands: [],
      password: options.password ?? 'secret',
      folders,
      whim: () => null,
      tellsIdlers: true,
    },
    connections: () => sessions.size,
    deliver(bytes, name = 'INBOX') {
      const folder = folders.get(name) as Folder;
      const uid = folder.nextUid++;
      folder.messages.push({ uid, bytes: Buffer.from(bytes), flags: new Set() });
      if (shared.tellsIdlers) for (const session of sessions) session.tellIdler();
      return uid;
    },
    bodies: (name = 'INBOX') =>
      (folders.get(name)?.messages ?? [])
        .filter(({ flags }) => !flags.has('\\DELETED'))
        .map(({ bytes }) => bytes.toString()),
    drop: () => {
      for (const session of sessions) session.socket.destroy();
    },
    close: () => closeServer(server, shared),
  };
  server.listen(options.port ?? 0, '127.0.0.1');
  await once(server, 'listening');
  shared.port = (server.address() as AddressInfo).port;
  shared.url = `imap${options.tls?.implicit ? 's' : ''}://bounces%40example.jp:${shared.password}@127.0.0.1:${shared.port}/INBOX`;
  return shared;
}

async function closeServer(server: Server, shared: TestImapServer): Promise<void> {
  if (!server.listening) return;
  server.close();
  shared.drop();
  await once(server, 'close');
}

const encrypted = (socket: Socket, tls: ImapOptions['tls']): TLSSocket =>
  new TLSSocket(socket, { isServer: true, secureContext: createSecureContext(tls) });

const newFolder = (): Folder => ({
  ...{ uidValidity: 1000 + Math.floor(Math.random() * 1e6), nextUid: 1, messages: [] },
});

/** One connection, with its own view of the folder: numbers change only when it has been told. */
class Session {
  socket: Socket;
  #shared: TestImapServer;
  #options: ImapOptions;
  #input = Buffer.alloc(0);
  #line = '';
  #isLoggedIn = false;
  #folder: Folder | null = null;
  #seen: number[] = [];
  #idleTag: string | null = null;
  #saslTag: string | null = null;

  constructor(socket: Socket, shared: TestImapServer, options: ImapOptions) {
    this.socket = socket;
    this.#shared = shared;
    this.#options = options;
    this.#attach(socket);
    this.#say(`* OK [CAPABILITY ${this.#capabilities()}] ready`);
  }

  tellIdler(): void {
    if (this.#idleTag !== null) this.#tellChanges();
  }

  #attach(socket: Socket): void {
    this.socket = socket;
    socket.on('error', () => undefined);
    socket.on('data', (piece: Buffer) => {
      this.#input = Buffer.concat([this.#input, piece]);
      this.#read();
    });
  }

  #read(): void {
    for (;;) {
      const end = this.#input.indexOf('\r\n');
      if (end < 0) return;
      const text = this.#line + this.#input.toString('utf8', 0, end);
      const literal = /\{(\d+)(\+?)\}$/.exec(text);
      const size = Number(literal?.[1] ?? 0);
      if (literal && this.#input.length < end + 2 + size) {
        // Asked for once: what follows comes when the client has been told to go on.
        if (literal[2] === '' && this.#input.length === end + 2) this.#say('+ go on');
        return;
      }
      const data = this.#input.toString('utf8', end + 2, end + 2 + size);
      this.#input = this.#input.subarray(end + 2 + size);
      if (literal) {
        this.#line = `${text.slice(0, literal.index)}"${data}"`;
        continue;
      }
      this.#line = '';
      this.#obeyLine(text);
    }
  }

  #obeyLine(line: string) {
    if (this.#saslTag !== null) {
      const tag = this.#saslTag;
      this.#saslTag = null;
      return this.#logIn(tag, passwordOf(line));
    }
    if (this.#idleTag !== null) {
      const tag = this.#idleTag;
      this.#idleTag = null;
      return this.#say(`${tag} OK no longer idle`);
    }
    const [, tag = '*', command = ''] = /^(\S+) (.*)$/.exec(line) ?? [];
    this.#shared.commands.push(command.replace(/^(LOGIN|AUTHENTICATE PLAIN) .*/i, '$1'));
    const whim = this.#shared.whim(command);
    if (typeof whim === 'string') return this.#say(`${tag} ${whim}`);
    if (whim) return whim(this.socket);
    this.#obey(tag, command);
  }

  #obey(tag: string, command: string) {
    const [verb = '', ...rest] = command.split(' ');
    const words = [...rest.join(' ').matchAll(/"((?:[^"\\]|\\.)*)"|(\S+)/g)].map(
      ([, quoted, atom]) => quoted?.replace(/\\(.)/g, '$1') ?? atom ?? '',
    );
    const ok = (): void => this.#say(`${tag} OK done`);
    const simple: Record<string, () => void> = {
      CAPABILITY: () => this.#answer(tag, `* CAPABILITY ${this.#capabilities()}`),
      STARTTLS: () => this.#startTls(tag),
      LOGIN: () => this.#logIn(tag, words[1] ?? ''),
      AUTHENTICATE: () => this.#authenticate(tag, words[1]),
      ID: () => this.#answer(tag, '* ID NIL'),
      NAMESPACE: () => this.#answer(tag, '* NAMESPACE (("" "/")) NIL NIL'),
      ...{ LIST: () => this.#list(tag, words[1] ?? ''), LSUB: ok, SUBSCRIBE: ok, NOOP: () => this.#finish(tag) },
      CREATE: () => this.#create(tag, words[0] ?? ''),
      SELECT: () => this.#select(tag, words[0] ?? ''),
      IDLE: () => this.#idle(tag),
      EXPUNGE: () => this.#expunge(tag, null),
      LOGOUT: () => {
        this.#say('* BYE');
        ok();
        this.socket.end();
      },
    };
    const isOpen = /^(CAPABILITY|STARTTLS|LOGIN|AUTHENTICATE|ID|LOGOUT)$/.test(verb);
    if (!isOpen && !this.#isLoggedIn) return this.#say(`${tag} BAD log in first`);
    if (verb === 'UID') return this.#obeyByUid(tag, words, command);
    const act = simple[verb];
    if (act) act();
    else this.#say(`${tag} BAD not known`);
  }

  #obeyByUid(tag: string, [verb = '', range = '', to = '']: string[], command: string) {
    if (verb === 'SEARCH') return this.#search(tag, command);
    const chosen = (this.#folder?.messages ?? []).filter(({ uid }) => isWithin(range, uid));
    if (verb === 'FETCH') return this.#fetch(tag, chosen, command);
    if (verb === 'EXPUNGE') return this.#expunge(tag, range);
    if (verb === 'COPY' || verb === 'MOVE') return this.#transfer(tag, chosen, { to, isMove: verb === 'MOVE' });
    if (verb !== 'STORE') return this.#say(`${tag} BAD not known`);
    for (const flag of command.match(/\\\w+/g) ?? [])
      for (const message of chosen) message.flags.add(flag.toUpperCase());
    this.#finish(tag);
  }

  #capabilities(): string {
    const { capabilities = ['IDLE', 'MOVE', 'UIDPLUS', 'AUTH=PLAIN', 'NAMESPACE', 'ID'], tls } = this.#options;
    const offersTls = tls && !(this.socket instanceof TLSSocket);
    return ['IMAP4rev1', ...capabilities, ...(offersTls ? ['STARTTLS'] : [])].join(' ');
  }

  #startTls(tag: string): void {
    const plain = this.socket;
    plain.removeAllListeners('data');
    this.#say(`${tag} OK begin`);
    this.#attach(encrypted(plain, this.#options.tls));
  }

  #authenticate(tag: string, response: string | undefined) {
    if (response) return this.#logIn(tag, passwordOf(response));
    this.#saslTag = tag;
    this.#say('+ ');
  }

  #logIn(tag: string, password: string): void {
    this.#isLoggedIn = password === this.#shared.password;
    this.#say(`${tag} ${this.#isLoggedIn ? 'OK welcome' : 'NO [AUTHENTICATIONFAILED] not bounces@example.jp'}`);
  }

  #list(tag: string, pattern: string): void {
    for (const name of this.#shared.folders.keys())
      if (pattern === '*' || pattern === name) this.#say(`* LIST (\\HasNoChildren) "/" "${name}"`);
    this.#say(`${tag} OK done`);
  }

  #create(tag: string, name: string) {
    if (this.#shared.folders.has(name)) return this.#say(`${tag} NO [ALREADYEXISTS] it is there`);
    this.#shared.folders.set(name, newFolder());
    this.#say(`${tag} OK made`);
  }

  #select(tag: string, name: string) {
    const folder = this.#shared.folders.get(name);
    if (!folder) return this.#say(`${tag} NO [NONEXISTENT] not here`);
    this.#folder = folder;
    this.#seen = folder.messages.map(({ uid }) => uid);
    this.#say(`* ${this.#seen.length} EXISTS`);
    this.#say(`* OK [UIDVALIDITY ${folder.uidValidity}] valid`);
    this.#say(`${tag} OK [READ-WRITE] selected`);
  }

  #search(tag: string, command: string): void {
    const isWanted = ({ flags }: Message) => !command.includes('UNDELETED') || !flags.has('\\DELETED');
    const uids = (this.#folder?.messages ?? []).filter(isWanted).map(({ uid }) => uid);
    this.#say(`* SEARCH${uids.map((uid) => ` ${uid}`).join('')}`);
    this.#finish(tag);
  }

  #fetch(tag: string, chosen: readonly Message[], command: string): void {
    const [, start = '', most = ''] = /BODY\.PEEK\[\]<(\d+)\.(\d+)>/.exec(command) ?? [];
    for (const { uid, bytes } of chosen) {
      const part = bytes.subarray(Number(start), Number(start) + Number(most));
      const seq = this.#seen.indexOf(uid) + 1;
      this.#say(`* ${seq} FETCH (UID ${uid} RFC822.SIZE ${bytes.length} BODY[]<${start}> {${part.length}}`);
      this.socket.write(part);
      this.#say(')');
    }
    this.#say(`${tag} OK fetched`);
  }

  #transfer(tag: string, chosen: readonly Message[], { to, isMove }: { to: string; isMove: boolean }) {
    const target = this.#shared.folders.get(to);
    if (!target || !this.#folder) return this.#say(`${tag} NO [TRYCREATE] no such folder`);
    for (const { bytes } of chosen) target.messages.push({ uid: target.nextUid++, bytes, flags: new Set() });
    if (isMove) this.#folder.messages = this.#folder.messages.filter((message) => !chosen.includes(message));
    this.#finish(tag);
  }

  #expunge(tag: string, range: string | null): void {
    const folder = this.#folder as Folder;
    const isGone = ({ uid, flags }: Message) => flags.has('\\DELETED') && (range === null || isWithin(range, uid));
    folder.messages = folder.messages.filter((message) => !isGone(message));
    this.#finish(tag);
  }

  #idle(tag: string): void {
    this.#say('+ idling');
    this.#idleTag = tag;
    this.#tellChanges();
  }

  #tellChanges(): void {
    const now = this.#folder?.messages.map(({ uid }) => uid) ?? [];
    for (const gone of this.#seen.filter((uid) => !now.includes(uid))) {
      this.#say(`* ${this.#seen.indexOf(gone) + 1} EXPUNGE`);
      this.#seen = this.#seen.filter((uid) => uid !== gone);
    }
    if (now.length > this.#seen.length) this.#say(`* ${now.length} EXISTS`);
    this.#seen = now;
  }

  #answer(tag: string, line: string): void {
    this.#say(`${line}\r\n${tag} OK done`);
  }

  #finish(tag: string): void {
    this.#tellChanges();
    this.#say(`${tag} OK done`);
  }

  #say(line: string): void {
    this.socket.write(`${line}\r\n`);
  }
}

/** Of a response of SASL PLAIN (RFC 4616). */
const passwordOf = (response: string): string => Buffer.from(response, 'base64').toString().split('\0').at(-1) ?? '';

/** A sequence set such as `3,5:7`. */
function isWithin(range: string, uid: number): boolean {
  return range.split(',').some((part) => {
    const [from, to = from] = part.split(':').map(Number);
    return uid >= (from as number) && uid <= (to as number);
  });
}
