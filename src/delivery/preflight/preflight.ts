import type { Db } from '../../db/database.ts';
import { OwabiError } from '../../errors.ts';
import { addressIn, bounceAddress, domainOf } from '../email/addresses.ts';
import { heldRelays } from '../email/relays/held-relays.store.ts';
import { type Check, weighRelays } from './checks.ts';
import type { PublishedKey } from './dkim-record.ts';
import { checkDns } from './dns-checks.ts';
import { type Dns, makeLookUps, systemDns } from './look-ups.ts';
import { keepPreflight, type Preflight } from './preflights.store.ts';
import { type ProbedRelay, probeRelay } from './probe-relay.ts';
import { judgeRelay } from './relay-verdicts.ts';

/**
 * Checks the relays and what the DNS says of us, and keeps what was found. It takes 15 seconds at most: relays that
 * long, the DNS 8 seconds; what is late there is unknown.
 * @param by the user who wants it
 * @param noticeId the notice that is to be submitted; null: on demand
 */
export type RunPreflight = (by: string, noticeId: string | null) => Promise<Preflight>;

interface Parts {
  db: Db;
  relays: readonly ProbedRelay[];
  /** The From header. */
  from: string;
  bounceDomain: string;
  /** The keys that sign. */
  signers: readonly PublishedKey[];
  /** Nothing leaves this machine: the DNS does not matter. */
  simulated: boolean;
  dns?: Dns;
}

export function makePreflight({ db, relays, from, bounceDomain, signers, simulated, dns }: Parts): RunPreflight {
  const beginLookUps = makeLookUps(dns ?? systemDns());
  const sender = bounceAddress('preflight', bounceDomain);
  const subjects = {
    ...{ fromDomain: domainOf(addressIn(from)).toLowerCase(), bounceDomain: bounceDomain.toLowerCase(), keys: signers },
    relayHosts: [...new Set(relays.map(({ options }) => options.host ?? 'localhost'))],
  };
  const checkRelays = async (): Promise<Check[]> => {
    const held = new Set((await heldRelays(db)).map(({ name }) => name));
    const lines = relays.map(async (relay) => {
      const found = await probeRelay(relay, sender);
      return judgeRelay({ ...found, held: held.has(relay.name) }, new Date());
    });
    return weighRelays(await Promise.all(lines));
  };
  return async (by, noticeId) => {
    const checks = await Promise.all([checkRelays(), simulated ? [NOT_ASKED] : checkDns(subjects, beginLookUps())]);
    return await keepPreflight(db, { by, noticeId, checks: checks.flat() });
  };
}

const NOT_ASKED: Check = {
  ...{ check: 'dns', subject: 'catcher', result: 'passed', code: 'simulated' },
  message: 'catcher: nothing leaves this machine, so the DNS was not asked.',
};

/**
 * Lets only a preflight go on whose relays can take the notice; warnings are for the approver.
 * @throws OwabiError `preflight_failed`
 */
export function demandRelays({ id, checks }: Preflight): void {
  const failed = checks.filter(({ result }) => result === 'failed');
  const [first] = failed;
  if (!first) return;
  throw new OwabiError('preflight_failed', `${first.check}: ${first.message}`, { preflightId: id, checks: failed });
}
