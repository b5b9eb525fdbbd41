import { Resolver } from 'node:dns/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { type Dns, makeLookUps, systemDns } from '../../../src/delivery/preflight/look-ups.ts';
import { startDnsServer } from '../../support/dns-server.ts';

let closing: (() => void) | undefined;
afterEach(() => {
  closing?.();
  closing = undefined;
});

async function dnsOf(zone: Parameters<typeof startDnsServer>[0]) {
  const { server, questions, close } = await startDnsServer(zone);
  closing = close;
  const resolver = new Resolver({ timeout: 200, tries: 1 });
  resolver.setServers([server]);
  return { dns: systemDns(resolver), questions };
}

const ROOT = { 'NS .': { name: 'a.root-servers.net' } };

describe('a look-up', () => {
  it('tells "there is none" from "nobody answers"', async () => {
    const { dns } = await dnsOf({
      ...ROOT,
      'TXT a.jp': ['one ', 'two'],
      'TXT b.jp': 'SERVFAIL',
      'TXT c.jp': 'silence',
    });
    const lookUps = makeLookUps(dns)();
    expect(await lookUps.txt('a.jp')).toEqual(['one two']);
    expect(await lookUps.txt('nothing.jp')).toEqual([]);
    await expect(lookUps.txt('b.jp')).rejects.toMatchObject({ name: 'NotLookedUp', code: 'ESERVFAIL' });
    await expect(lookUps.txt('c.jp')).rejects.toMatchObject({ name: 'NotLookedUp', code: 'ETIMEOUT' });
  });

  it('finds the names of an address', async () => {
    const { dns } = await dnsOf({ ...ROOT, 'PTR 5.113.0.203.in-addr.arpa': { name: 'mail.example.jp' } });
    const lookUps = makeLookUps(dns)();
    expect(await lookUps.namesOf('203.0.113.5')).toEqual(['mail.example.jp']);
    expect(await lookUps.namesOf('203.0.113.6')).toEqual([]);
  });

  it('does not believe "there is none" from a resolver that does not know the root either', async () => {
    const { dns } = await dnsOf({ 'TXT a.jp': ['here'] });
    const lookUps = makeLookUps(dns)();
    expect(await lookUps.txt('a.jp')).toEqual(['here']);
    await expect(lookUps.txt('b.jp')).rejects.toMatchObject({ code: 'ENOROOT' });
  });

  it('asks each question once in a preflight, and again in the next', async () => {
    const { dns, questions } = await dnsOf({ ...ROOT, 'TXT a.jp': ['here'] });
    const begin = makeLookUps(dns);
    const first = begin();
    await Promise.all([first.txt('a.jp'), first.txt('a.jp'), first.resolve('a.jp', 'TXT')]);
    expect(questions).toEqual(['TXT a.jp']);
    await begin().txt('a.jp');
    expect(questions).toHaveLength(2);
  });
});

describe('a DNS that is silent', () => {
  const silent: Dns = { resolve: () => new Promise(() => undefined), reverse: () => new Promise(() => undefined) };

  it('is waited for once, then not again for a minute', async () => {
    let now = 0;
    let asked = 0;
    const resolve: Dns['resolve'] = (name, type) => {
      asked++;
      return silent.resolve(name, type);
    };
    const dns: Dns = { ...silent, resolve };
    const begin = makeLookUps(dns, { lookUpMs: 20, now: () => now });
    await expect(begin().txt('a.jp')).rejects.toMatchObject({ code: 'ETIMEOUT' });
    await expect(begin().txt('b.jp')).rejects.toMatchObject({ code: 'ETIMEOUT' });
    expect(asked).toBe(1);
    now = 60_001;
    await expect(begin().txt('c.jp')).rejects.toMatchObject({ code: 'ETIMEOUT' });
    expect(asked).toBe(2);
  });

  it('is not one that answers other questions', async () => {
    const dns: Dns = {
      ...silent,
      resolve: (name, type) => (name === 'a.jp' ? Promise.resolve([['x']]) : silent.resolve(name, type)),
    };
    const begin = makeLookUps(dns, { lookUpMs: 20 });
    const first = begin();
    await Promise.all([first.txt('a.jp'), expect(first.txt('b.jp')).rejects.toThrow()]);
    expect(await begin().txt('a.jp')).toEqual(['x']);
  });
});
