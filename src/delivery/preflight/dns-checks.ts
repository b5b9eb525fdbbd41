import type { DNSResolver } from 'mailauth';
import { dmarc } from 'mailauth/lib/dmarc/index.js';
import { spf } from 'mailauth/lib/spf/index.js';
import type { Check, CheckName, CheckResult } from './checks.ts';
import { dkimName, judgeDkimRecord, type PublishedKey } from './dkim-record.ts';
import { type LookUps, NotLookedUp, within } from './look-ups.ts';
import { publicAddresses } from './relay-addresses.ts';

/** What is said of us in the DNS is asked for these. */
export interface DnsSubjects {
  /** The domain of the From address. */
  fromDomain: string;
  bounceDomain: string;
  keys: readonly PublishedKey[];
  /** Names or addresses of the relays. */
  relayHosts: readonly string[];
}

const MOST_MS = 8_000;
// Of documentation (RFC 5737): with it a record is read to its end, and nobody is let pass by mistake.
const NOBODY = '192.0.2.1';

/** The lines about the DNS. They never fail: what is not as it should be warns, what nobody answers is unknown. */
export async function checkDns(subjects: DnsSubjects, lookUps: LookUps, mostMs = MOST_MS): Promise<Check[]> {
  const { fromDomain, bounceDomain, keys, relayHosts } = subjects;
  const addresses = publicAddresses(relayHosts, lookUps);
  addresses.catch(() => undefined);
  const domains = [...new Set([fromDomain, bounceDomain])];
  const ask = (names: CheckName[], subject: string, work: Promise<Check[]>) => orUnknown(names, subject, work, mostMs);
  const lines = await Promise.all([
    ask(['spf'], bounceDomain, checkSpf(bounceDomain, addresses, lookUps)),
    ...(keys.length === 0 ? [missingKey(fromDomain)] : []),
    ...keys.map((key) => ask(['dkim_key'], dkimName(key), checkKey(key, lookUps))),
    ask(['dmarc', 'alignment'], fromDomain, checkDmarc(subjects, lookUps)),
    ...domains.map((domain) => ask(['mx'], domain, checkMx(domain, domain === fromDomain, lookUps))),
    ask(['ptr'], relayHosts.join(' '), checkPtr(relayHosts, addresses, lookUps)),
  ]);
  return lines.flat();
}

async function orUnknown(
  checks: CheckName[],
  subject: string,
  work: Promise<Check[]>,
  mostMs: number,
): Promise<Check[]> {
  try {
    return await within(mostMs, work);
  } catch (error) {
    if (!(error instanceof NotLookedUp)) throw error;
    return checks.map((check) => notLookedUp(check, subject));
  }
}

const line = (check: CheckName, subject: string, result: CheckResult, code: string, message: string): Check => ({
  ...{ check, subject, result, code, message: `${subject}: ${message}` },
});

const notLookedUp = (check: CheckName, subject: string): Check =>
  line(check, subject, 'unknown', 'not_looked_up', 'could not look up.');

/** RFC 7208. Whether the relay's own addresses pass is said, but mail may leave from others. */
async function checkSpf(domain: string, relays: Promise<string[]>, lookUps: LookUps): Promise<Check[]> {
  const spfLine = (result: CheckResult, code: string, message: string) => [line('spf', domain, result, code, message)];
  const records = (await lookUps.txt(domain)).filter((record) => /^v=spf1(?: |$)/i.test(record));
  if (records.length === 0) {
    return spfLine('warned', 'no_record', 'there is no SPF record: publish one that lists the addresses that send.');
  }
  if (records.length > 1) {
    return spfLine('warned', 'several_records', 'there are several SPF records, so none counts: publish one.');
  }
  const addresses = await relays.catch(() => []);
  const tried = addresses.length === 0 ? [NOBODY] : addresses;
  const found = await Promise.all(
    tried.map(async (ip) => {
      const options = { sender: `b@${domain}`, helo: domain, mta: domain, strict: true };
      const { status } = await spf({ ...options, ip, resolver: lookUps.resolve as DNSResolver });
      return { ip, result: status.result };
    }),
  );
  if (found.some(({ result }) => result === 'permerror')) {
    return spfLine('warned', 'invalid_record', 'the SPF record is faulty or asks for too much: correct it.');
  }
  if (found.some(({ result }) => result === 'temperror')) return [notLookedUp('spf', domain)];
  if (addresses.length === 0) {
    return spfLine(
      'passed',
      'record_found',
      'there is an SPF record. From which address mail leaves is not known here.',
    );
  }
  const unlisted = found.filter(({ result }) => result !== 'pass').map(({ ip, result }) => `${ip} (${result})`);
  if (unlisted.length === 0) return spfLine('passed', 'relays_listed', 'SPF lists the addresses of the relays.');
  return spfLine(
    'warned',
    'relays_not_listed',
    `SPF does not let pass ${unlisted.join(', ')}. That is well if mail leaves the relay from other addresses that it lists.`,
  );
}

async function missingKey(domain: string): Promise<Check[]> {
  const message = 'no key is set (DKIM_KEYS): mail is signed only if the relay does it.';
  return [line('dkim_missing', domain, 'warned', 'no_key', message)];
}

const KEY_MESSAGES: Record<ReturnType<typeof judgeDkimRecord>, string> = {
  matches: 'the published key is ours.',
  no_record: 'the key is not published: receivers cannot check our signatures.',
  several_records: 'there are several records: publish one.',
  invalid_record: 'the record is faulty, or not for this kind of key or for mail: correct it.',
  revoked: 'the key is revoked (p= is empty): sign with another.',
  other_key: 'another key is published than the one that signs: receivers will find our signatures false.',
  testing: 'the key is published as being tested (t=y): receivers treat what it signs as unsigned.',
};

async function checkKey(key: PublishedKey, lookUps: LookUps): Promise<Check[]> {
  const name = dkimName(key);
  const finding = judgeDkimRecord(await lookUps.txt(name), key);
  return [line('dkim_key', name, finding === 'matches' ? 'passed' : 'warned', finding, KEY_MESSAGES[finding])];
}

/** The policy of the From domain, and whether our SPF or DKIM domain is aligned with it (RFC 9989). */
async function checkDmarc({ fromDomain, bounceDomain, keys }: DnsSubjects, lookUps: LookUps): Promise<Check[]> {
  const found = await dmarc({
    headerFrom: fromDomain,
    spfDomains: [bounceDomain],
    dkimDomains: keys.map(({ domain }) => ({ domain })),
    resolver: lookUps.resolve as DNSResolver,
  });
  const outcome = found ? found.status.result : 'none';
  if (!found || outcome === 'temperror')
    return [notLookedUp('dmarc', fromDomain), notLookedUp('alignment', fromDomain)];
  if (outcome === 'none') {
    const missing = 'there is no DMARC record: large receivers refuse mail to many without one. Publish one.';
    const unasked = 'without a DMARC record nobody has said what would have to align.';
    return [
      line('dmarc', fromDomain, 'warned', 'no_record', missing),
      line('alignment', fromDomain, 'unknown', 'no_record', unasked),
    ];
  }
  const { policy, policyDomain } = found;
  const policyLine = line('dmarc', fromDomain, 'passed', policy, `DMARC of ${policyDomain} asks for ${policy}.`);
  const { spf: bySpf, dkim: byDkim } = found.alignment;
  const aligned = [
    ...(bySpf.result ? [`SPF (${bySpf.result})`] : []),
    ...(byDkim.result ? [`DKIM (${byDkim.result})`] : []),
  ];
  if (aligned.length > 0) {
    return [policyLine, line('alignment', fromDomain, 'passed', 'aligned', `aligned by ${aligned.join(' and ')}.`)];
  }
  const domains = [bounceDomain, ...keys.map(({ domain }) => domain)].join(', ');
  const consequence =
    policy === 'none' ? 'Large receivers refuse mail to many that is not.' : `Mail will be refused (${policy}).`;
  const message = `none of ${domains} is aligned with it. ${consequence} Use a BOUNCE_DOMAIN or a DKIM key of this domain.`;
  return [policyLine, line('alignment', fromDomain, 'warned', 'not_aligned', message)];
}

async function checkMx(domain: string, isFrom: boolean, lookUps: LookUps): Promise<Check[]> {
  const mxLine = (result: CheckResult, code: string, message: string) => [line('mx', domain, result, code, message)];
  const lost = isFrom ? 'answers of recipients' : 'reports of mail that bounced';
  const exchanges = await lookUps.mx(domain);
  // RFC 7505 §4.2.
  if (exchanges.some((exchange) => exchange === '' || exchange === '.')) {
    return mxLine('warned', 'null_mx', 'it says that it takes no mail (null MX): receivers may refuse ours (5.7.27).');
  }
  if (exchanges.length > 0) return mxLine('passed', 'found', 'it has an MX record.');
  // RFC 5321 §5.1: without an MX the host itself is asked.
  if ((await lookUps.addresses(domain)).length > 0) return mxLine('passed', 'host', 'mail to it goes to its own host.');
  return mxLine('warned', 'no_mx', `it takes no mail (no MX, no address): ${lost} are lost.`);
}

/** Large receivers want an address that sends to have a name that leads back to it. */
async function checkPtr(hosts: readonly string[], relays: Promise<string[]>, lookUps: LookUps): Promise<Check[]> {
  const addresses = await relays;
  if (addresses.length === 0) {
    const message = 'no address of a relay is a public one: look at the one from which mail leaves.';
    return [line('ptr', hosts.join(' '), 'passed', 'not_applicable', message)];
  }
  return await Promise.all(addresses.map((address) => checkAddress(address, lookUps)));
}

async function checkAddress(address: string, lookUps: LookUps): Promise<Check> {
  try {
    const names = await lookUps.namesOf(address);
    if (names.length === 0) {
      return line(
        'ptr',
        address,
        'warned',
        'no_ptr',
        'it has no name (PTR): receivers refuse it if mail leaves from it.',
      );
    }
    const back = await Promise.all(names.map((name) => lookUps.addresses(name)));
    const confirmed = names[back.findIndex((found) => found.includes(address))];
    if (confirmed) return line('ptr', address, 'passed', 'confirmed', `its name ${confirmed} leads back to it.`);
    const message = `its name ${names[0]} does not lead back to it: receivers refuse it if mail leaves from it.`;
    return line('ptr', address, 'warned', 'ptr_differs', message);
  } catch (error) {
    if (!(error instanceof NotLookedUp)) throw error;
    return notLookedUp('ptr', address);
  }
}
