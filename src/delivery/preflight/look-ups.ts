import { Resolver } from 'node:dns/promises';

/** Where names are looked up. A name without such records is an error with the code ENOTFOUND or ENODATA. */
export interface Dns {
  /** Records as `node:dns` gives them: TXT as lists of strings, MX as `{ exchange, priority }`, others as strings. */
  resolve(name: string, type: string): Promise<unknown[]>;
  /** The names of an address (PTR). */
  reverse(address: string): Promise<string[]>;
}

/** The DNS of one preflight: each question is asked once. All of it rejects with `NotLookedUp` when nobody answers. */
export interface LookUps extends Dns {
  txt(name: string): Promise<string[]>;
  /** Exchanges; `''` is the null MX (RFC 7505). */
  mx(name: string): Promise<string[]>;
  /** Addresses of a host, IPv4 and IPv6. */
  addresses(host: string): Promise<string[]>;
  namesOf(address: string): Promise<string[]>;
}

/** Nobody knows whether there is such a record: no answer, or one that is not to be believed. */
export class NotLookedUp extends Error {
  readonly code: string;

  constructor(code: string) {
    super(`no answer from the DNS (${code})`);
    this.name = 'NotLookedUp';
    this.code = code;
  }
}

const LOOK_UP_MS = 5_000;
const SILENCE_MS = 60_000;

/** The DNS as `resolver` finds it: by default as the system is set up. */
export function systemDns(resolver = new Resolver({ timeout: LOOK_UP_MS, tries: 1 })): Dns {
  return {
    resolve: async (name, type) => (await resolver.resolve(name, type)) as unknown[],
    reverse: (address) => resolver.reverse(address),
  };
}

/**
 * Begins the look-ups of a preflight. A DNS that answers nothing at all is not waited for again for a minute: without
 * one, every notice would be held up.
 */
export function makeLookUps(dns: Dns, { lookUpMs = LOOK_UP_MS, now = () => performance.now() } = {}): () => LookUps {
  const silence = { until: 0 };
  return () => {
    let answered = false;
    const ask = async <T>(question: () => Promise<T[]>): Promise<T[]> => {
      if (now() < silence.until) throw new NotLookedUp('ETIMEOUT');
      try {
        const records = await within(lookUpMs, question());
        answered = true;
        return records;
      } catch (error) {
        if (isNone(error)) answered = true;
        else if (!answered && codeOf(error) === 'ETIMEOUT') silence.until = now() + SILENCE_MS;
        throw isNone(error) ? error : new NotLookedUp(codeOf(error));
      }
    };
    return lookUpsOf({
      resolve: (name, type) => ask(() => dns.resolve(name, type)),
      reverse: (address) => ask(() => dns.reverse(address)),
    });
  };
}

function lookUpsOf(dns: Dns): LookUps {
  const asked = new Map<string, Promise<unknown[]>>();
  const once = <T>(key: string, question: () => Promise<T[]>): Promise<T[]> => {
    const answer = asked.get(key) ?? question();
    asked.set(key, answer);
    return answer as Promise<T[]>;
  };
  // The root has name servers. Behind a firewall or without a network some resolvers say that no name exists, this one
  // included: "there is no such record" is believed only of one that knows the root.
  const knowsRoot = () =>
    once('NS .', () => dns.resolve('.', 'NS')).then(
      (servers) => servers.length > 0,
      () => false,
    );
  const believed = async <T>(answer: Promise<T[]>): Promise<T[]> => {
    try {
      return await answer;
    } catch (error) {
      if (isNone(error) && !(await knowsRoot())) throw new NotLookedUp('ENOROOT');
      throw error;
    }
  };
  const resolve: Dns['resolve'] = (name, type) => believed(once(`${type} ${name}`, () => dns.resolve(name, type)));
  const reverse: Dns['reverse'] = (address) => believed(once(`PTR ${address}`, () => dns.reverse(address)));
  const records = async <T>(name: string, type: string): Promise<T[]> => (await orNone(resolve(name, type))) as T[];
  return {
    ...{ resolve, reverse },
    txt: async (name) => (await records<string[]>(name, 'TXT')).map((strings) => strings.join('')),
    mx: async (name) => (await records<{ exchange: string }>(name, 'MX')).map(({ exchange }) => exchange),
    addresses: async (host) => (await Promise.all([records<string>(host, 'A'), records<string>(host, 'AAAA')])).flat(),
    namesOf: (address) => orNone(reverse(address)),
  };
}

async function orNone<T>(answer: Promise<T[]>): Promise<T[]> {
  try {
    return await answer;
  } catch (error) {
    if (isNone(error)) return [];
    throw error;
  }
}

const codeOf = (error: unknown): string => (error as { code?: string }).code ?? 'EUNKNOWN';

const isNone = (error: unknown): boolean => codeOf(error) === 'ENOTFOUND' || codeOf(error) === 'ENODATA';

/** @throws NotLookedUp when `work` takes longer */
export async function within<T>(ms: number, work: Promise<T>): Promise<T> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new NotLookedUp('ETIMEOUT')), ms);
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
