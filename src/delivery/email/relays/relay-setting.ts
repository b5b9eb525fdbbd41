import { type ConnectionUrlOptions, parseConnectionUrl } from 'nodemailer/lib/shared';

/** A relay as its URL in SMTP_URL describes it. */
export interface RelaySetting {
  /** `host:port`, without user and password: it may be shown, logged and stored. */
  name: string;
  /** Its share of the connections, beside the weights of the other relays. */
  weight: number;
  /** Connections that one process opens to it at most; null: as many as SMTP_CONNECTIONS allows. */
  connections: number | null;
  /** Messages that go over one connection; after that a new one is opened. */
  messages: number;
  /** For nodemailer's connection; `auth` is for its login. Times in ms. */
  options: RelayOptions;
}

export interface RelayOptions extends ConnectionUrlOptions {
  host: string;
  port: number;
  /** From the look-up of the host to the handshake, TLS included. */
  connectionTimeout: number;
  greetingTimeout: number;
  /** Silence in the middle of a step. */
  socketTimeout: number;
  requireTLS: boolean;
  servername?: string;
}

const CONNECT_TIMEOUT_MS = 20_000;
const IDLE_TIMEOUT_MS = 120_000;
const MESSAGES_PER_CONNECTION = 500;

/** What a URL may say. Anything else is a slip, and one in `requireTLS` should not go unseen. */
const NUMBERS = ['connectionTimeout', 'greetingTimeout', 'socketTimeout', 'dnsTimeout'];
const SWITCHES = ['ignoreTLS', 'requireTLS', 'opportunisticTLS'];
const TEXTS = ['name', 'servername', 'localAddress', 'authMethod'];
const OURS = ['weight', 'connections', 'messages'];
/** Of nodemailer's own pool, which is not used here: a URL that was made for it can stay as it is. */
const OF_A_POOL = ['pool', 'maxConnections', 'maxMessages', 'rateDelta', 'rateLimit'];
const KNOWN = [...OURS, ...SWITCHES, ...NUMBERS, ...TEXTS, ...OF_A_POOL];

/**
 * Reads one URL of SMTP_URL: `smtp://user:password@host:587?weight=3&connections=5&messages=100`, or `smtps://` for TLS
 * from the first byte. Over a network mail goes encrypted, to a valid certificate, unless the URL itself says otherwise.
 * @throws Error with a sentence for whoever set it, which does not hold the URL: there is a password in it
 */
export function readRelay(url: string): RelaySetting {
  const parsed = URL.canParse(url) ? new URL(url) : null;
  if (!parsed || !/^smtps?:$/.test(parsed.protocol) || parsed.hostname === '') {
    throw new Error('SMTP_URL must be a URL that begins with smtp:// or smtps://.');
  }
  const port = Number(parsed.port) || (parsed.protocol === 'smtps:' ? 465 : 587);
  const name = `${parsed.hostname.toLowerCase()}:${port}`;
  demandKnown(name, parsed);
  const ours = {
    weight: take(name, parsed, 'weight', 1000) ?? 1,
    connections: take(name, parsed, 'connections', 100),
    messages: take(name, parsed, 'messages', 1_000_000) ?? MESSAGES_PER_CONNECTION,
  };
  const options = parseConnectionUrl(parsed.href);
  const host = options.host ?? parsed.hostname;
  return {
    ...{ name, ...ours },
    options: {
      ...{ connectionTimeout: CONNECT_TIMEOUT_MS, greetingTimeout: CONNECT_TIMEOUT_MS, socketTimeout: IDLE_TIMEOUT_MS },
      // Personal data does not cross a network in the clear unless the URL says so itself (?ignoreTLS=true).
      requireTLS: !options.secure && !options.ignoreTLS && !isLoopback(host),
      ...{ ...options, host, port },
      // A relay on this machine often has a certificate that it made itself, and nobody listens on the way to it.
      ...(isLoopback(host) && { tls: { rejectUnauthorized: false, ...options.tls } }),
    },
  };
}

function demandKnown(name: string, url: URL): void {
  const wrong = (problem: string): never => {
    throw new Error(`SMTP_URL: ${name} ${problem}`);
  };
  if ((url.username === '') !== (url.password === '')) wrong('needs a user and a password, or neither of them.');
  for (const [key, value] of url.searchParams) {
    // Not told by its name: half a password stands here when there is a ? in it that should be %3F.
    if (!key.startsWith('tls.') && !KNOWN.includes(key)) {
      wrong(`has a parameter that is not known; known are ${KNOWN.join(', ')} and tls.….`);
    }
    if (url.searchParams.getAll(key).length > 1) wrong(`has ${key} twice.`);
    if (SWITCHES.includes(key) && value !== 'true' && value !== 'false') wrong(`needs true or false for ${key}.`);
    if (NUMBERS.includes(key) && !/^[1-9]\d{0,8}$/.test(value)) wrong(`needs a number of milliseconds for ${key}.`);
  }
}

/** Takes one of our own numbers out of the URL, so that nodemailer does not see it. */
function take(name: string, url: URL, key: string, most: number): number | null {
  const given = url.searchParams.get(key);
  if (given === null) return null;
  const value = Number(given);
  if (!/^\d+$/.test(given) || value < 1 || value > most) {
    throw new Error(`SMTP_URL: ${name} needs a whole number from 1 to ${most} for ${key}.`);
  }
  url.searchParams.delete(key);
  return value;
}

// By the name alone: what a name resolves to is decided by whoever answers for the DNS.
function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host);
}
