import { describe, expect, it } from 'vitest';
import type { CheckName } from '../../../src/delivery/preflight/checks.ts';
import { checkDns, type DnsSubjects } from '../../../src/delivery/preflight/dns-checks.ts';
import { type Dns, makeLookUps } from '../../../src/delivery/preflight/look-ups.ts';
import { dnsOfZone, type Zone } from '../../support/dns-zone.ts';

const RELAY = '203.0.113.5';
const KEY = {
  selector: 's1',
  domain: 'example.jp',
  algorithm: 'ed25519-sha256',
  publicKey: 'b3VycyBpcyAzMiBieXRlcyBsb25nLCBhIGtleSEhISE=',
} as const;

const subjects: DnsSubjects = {
  ...{ fromDomain: 'example.jp', bounceDomain: 'bounce.example.jp', keys: [KEY], relayHosts: ['relay.example.jp'] },
};
/** Everything as it should be. */
const good: Zone = {
  'TXT bounce.example.jp': [['v=spf1 ip4:203.0.113.0/24 ', '-all'], ['other']],
  'TXT s1._domainkey.example.jp': [[`v=DKIM1; k=ed25519; p=${KEY.publicKey}`]],
  'TXT _dmarc.example.jp': [['v=DMARC1; p=reject; rua=mailto:d@example.jp']],
  'MX example.jp': [{ exchange: 'mx.example.jp', priority: 10 }],
  'MX bounce.example.jp': [{ exchange: 'mx.example.jp', priority: 10 }],
  'A relay.example.jp': [RELAY],
  [`PTR ${RELAY}`]: ['relay.example.jp'],
};

const run = (zone: Zone, changed: Partial<DnsSubjects> = {}) =>
  checkDns({ ...subjects, ...changed }, makeLookUps(dnsOfZone({ ...good, ...zone }))());

/** The lines of one check, as `result code`. */
async function said(check: CheckName, zone: Zone, changed: Partial<DnsSubjects> = {}): Promise<string[]> {
  const lines = (await run(zone, changed)).filter((line) => line.check === check);
  return lines.map(({ result, code }) => `${result} ${code}`);
}

describe('the DNS', () => {
  it('passes every check when all is as it should be', async () => {
    const lines = await run({});
    expect(lines.map(({ check, subject, result }) => `${check} ${subject}: ${result}`)).toEqual([
      'spf bounce.example.jp: passed',
      'dkim_key s1._domainkey.example.jp: passed',
      'dmarc example.jp: passed',
      'alignment example.jp: passed',
      'mx example.jp: passed',
      'mx bounce.example.jp: passed',
      `ptr ${RELAY}: passed`,
    ]);
  });

  it('never fails a check: what nobody answers is unknown, and says so', async () => {
    const silent: Dns = { resolve: () => new Promise(() => undefined), reverse: () => new Promise(() => undefined) };
    const broken: Dns = {
      resolve: () => Promise.reject(Object.assign(new Error(), { code: 'ESERVFAIL' })),
      reverse: () => Promise.reject(Object.assign(new Error(), { code: 'ECONNREFUSED' })),
    };
    const lying: Dns = { ...dnsOfZone({ 'NS .': 'ENOTFOUND' }) };
    for (const dns of [silent, broken, lying]) {
      const lines = await checkDns(subjects, makeLookUps(dns, { lookUpMs: 20 })());
      expect(lines.map(({ result, code }) => `${result} ${code}`)).toEqual(Array(7).fill('unknown not_looked_up'));
      expect(lines.every(({ message }) => message.endsWith('could not look up.'))).toBe(true);
    }
  });

  it('is not waited for longer than it may take', async () => {
    const slow: Dns = { ...dnsOfZone(good), resolve: () => new Promise(() => undefined) };
    const lines = await checkDns(subjects, makeLookUps(slow, { lookUpMs: 1e6 })(), 20);
    expect(lines.find(({ check }) => check === 'spf')).toMatchObject({ result: 'unknown' });
  });

  it('of one name that fails leaves the other checks as they are', async () => {
    const zone = { 'TXT bounce.example.jp': 'ESERVFAIL' };
    expect(await said('spf', zone)).toEqual(['unknown not_looked_up']);
    expect(await said('alignment', zone)).toEqual(['passed aligned']);
    expect(await said('mx', zone)).toEqual(['passed found', 'passed found']);
  });
});

describe('SPF of the bounce domain', () => {
  const NAME = 'TXT bounce.example.jp';
  it.each([
    ['no record', { [NAME]: [['other']] }, 'warned no_record'],
    ['no such name', { [NAME]: 'ENOTFOUND' }, 'warned no_record'],
    ['two records', { [NAME]: [['v=spf1 -all'], ['v=spf1 +all']] }, 'warned several_records'],
    ['a faulty record', { [NAME]: [['v=spf1 ipx:1 -all']] }, 'warned invalid_record'],
    [
      'a fault after the relay',
      { [NAME]: [['v=spf1 ip4:203.0.113.0/24 ip4:300.1.1.1 -all']] },
      'warned invalid_record',
    ],
    [
      'a record with an include that is not there',
      { [NAME]: [['v=spf1 include:gone.jp -all']] },
      'warned invalid_record',
    ],
    [
      'an include that nobody answers',
      { [NAME]: [['v=spf1 include:x.jp -all']], 'TXT x.jp': 'ETIMEOUT' },
      'unknown not_looked_up',
    ],
    ['a record without the relay', { [NAME]: [['v=spf1 ip4:192.0.2.0/24 ~all']] }, 'warned relays_not_listed'],
    [
      'an include with the relay',
      { [NAME]: [['v=spf1 include:x.jp -all']], 'TXT x.jp': [['v=spf1 a:relay.example.jp -all']] },
      'passed relays_listed',
    ],
    ['a relay whose addresses nobody knows', { 'A relay.example.jp': 'ETIMEOUT' }, 'passed record_found'],
  ] as [string, Zone, string][])('with %s', async (_what, zone, verdict) => {
    expect(await said('spf', zone)).toEqual([verdict]);
  });

  it('says which address does not pass, and that mail may leave from another', async () => {
    const lines = await run({ [NAME]: [['v=spf1 ip4:192.0.2.0/24 ~all']] });
    expect(lines[0]?.message).toContain(`${RELAY} (softfail)`);
    expect(lines[0]?.message).toContain('other addresses');
  });

  it('is read, and no address tried, where no relay has a public one', async () => {
    for (const host of ['127.0.0.1', '10.1.2.3', 'fd00::1', 'unlisted.jp']) {
      expect(await said('spf', {}, { relayHosts: [host] }), host).toEqual(['passed record_found']);
    }
  });
});

describe('DKIM', () => {
  it('warns when no key signs', async () => {
    expect(await said('dkim_missing', {}, { keys: [] })).toEqual(['warned no_key']);
    expect(await said('dkim_key', {}, { keys: [] })).toEqual([]);
  });

  it('warns when the key is not published, or another is', async () => {
    const name = 'TXT s1._domainkey.example.jp';
    expect(await said('dkim_key', { [name]: 'ENODATA' })).toEqual(['warned no_record']);
    expect(await said('dkim_key', { [name]: [['v=DKIM1; k=ed25519; p=AAAA']] })).toEqual(['warned other_key']);
    expect(await said('dkim_key', { [name]: 'ETIMEOUT' })).toEqual(['unknown not_looked_up']);
  });
});

describe('DMARC of the From domain', () => {
  const stranger = { bounceDomain: 'bounce.example.com', keys: [] };
  const record = (text: string): Zone => ({ 'TXT _dmarc.example.jp': [[text]] });

  it('that is missing warns, and leaves open what would align', async () => {
    const zone: Zone = { 'TXT _dmarc.example.jp': 'ENOTFOUND' };
    expect(await said('dmarc', zone)).toEqual(['warned no_record']);
    expect(await said('alignment', zone)).toEqual(['unknown no_record']);
  });

  it.each([
    ['none', 'Large receivers'],
    ['quarantine', 'Mail will be refused (quarantine)'],
    ['reject', 'Mail will be refused (reject)'],
  ])('that asks for %s says what follows when nothing is aligned', async (policy, consequence) => {
    const lines = await run(record(`v=DMARC1; p=${policy}`), stranger);
    expect(lines.find(({ check }) => check === 'dmarc')).toMatchObject({ result: 'passed', code: policy });
    const alignment = lines.find(({ check }) => check === 'alignment');
    expect(alignment).toMatchObject({ result: 'warned', code: 'not_aligned' });
    expect(alignment?.message).toContain(consequence);
  });

  it('is satisfied by a subdomain for bounces or by a key, unless it is strict', async () => {
    const key = { ...stranger, keys: [KEY] };
    expect(await said('alignment', {}, { keys: [] })).toEqual(['passed aligned']);
    expect(await said('alignment', {}, key)).toEqual(['passed aligned']);
    const strict = record('v=DMARC1; p=reject; aspf=s; adkim=s');
    expect(await said('alignment', strict, { keys: [] })).toEqual(['warned not_aligned']);
    expect(await said('alignment', strict, key)).toEqual(['passed aligned']);
  });

  it('holds for a subdomain that has none of its own', async () => {
    const below = { fromDomain: 'shop.example.jp', bounceDomain: 'bounce.example.jp' };
    const lines = await run(record('v=DMARC1; p=reject; sp=quarantine'), below);
    expect(lines.find(({ check }) => check === 'dmarc')).toMatchObject({ code: 'quarantine' });
    expect(lines.find(({ check }) => check === 'alignment')).toMatchObject({ code: 'aligned' });
  });
});

describe('MX and PTR', () => {
  it.each([
    ['null MX', { 'MX example.jp': [{ exchange: '', priority: 0 }] }, 'warned null_mx'],
    ['no MX but an address', { 'MX example.jp': 'ENODATA', 'A example.jp': ['203.0.113.9'] }, 'passed host'],
    ['neither', { 'MX example.jp': 'ENODATA' }, 'warned no_mx'],
    ['no answer', { 'MX example.jp': 'ESERVFAIL' }, 'unknown not_looked_up'],
  ] as [string, Zone, string][])('a From domain with %s', async (_what, zone, verdict) => {
    expect((await said('mx', zone))[0]).toBe(verdict);
  });

  it('says what follows of a null MX', async () => {
    const lines = await run({ 'MX bounce.example.jp': [{ exchange: '', priority: 0 }] });
    expect(lines.find(({ code }) => code === 'null_mx')?.message).toContain('5.7.27');
  });

  it.each([
    ['no name', { [`PTR ${RELAY}`]: 'ENOTFOUND' }, 'warned no_ptr'],
    [
      'a name that leads elsewhere',
      { [`PTR ${RELAY}`]: ['a.isp.jp'], 'A a.isp.jp': ['203.0.113.8'] },
      'warned ptr_differs',
    ],
    ['a name that leads nowhere', { [`PTR ${RELAY}`]: ['a.isp.jp'] }, 'warned ptr_differs'],
    ['no answer', { [`PTR ${RELAY}`]: 'ETIMEOUT' }, 'unknown not_looked_up'],
    ['addresses that nobody knows', { 'AAAA relay.example.jp': 'ESERVFAIL' }, 'unknown not_looked_up'],
  ] as [string, Zone, string][])('a relay with %s', async (_what, zone, verdict) => {
    expect(await said('ptr', zone)).toEqual([verdict]);
  });

  it('does not ask for the name of an address that nobody outside sees', async () => {
    expect(await said('ptr', {}, { relayHosts: ['127.0.0.1', '::1', '192.168.1.1'] })).toEqual([
      'passed not_applicable',
    ]);
  });
});
