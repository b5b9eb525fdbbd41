import { isGroup } from '../../delivery/dispatch/domain-limits.ts';
import type { DomainTally } from '../../delivery/dispatch/domain-minutes.store.ts';
import type { DomainSignal } from '../../delivery/dispatch/mail-domains.store.ts';
import type { Said } from './report-plan.ts';

/** What mail domains have said of us, and of how many of their mailboxes that there are none. */
export interface DomainNews {
  signals: DomainSignal[];
  tallies: DomainTally[];
}

const kinds: Partial<Record<string, DomainSignal['kind']>> = {
  // A report may be anybody's: what would hold a domain at the first answer in a session takes three here.
  ...{ throttled: 'throttled', sender_blocked: 'blocked', sender_auth: 'blocked' },
};

/**
 * What emails that came back say of the domains of their deliveries. A forwarder's target is another domain: it says
 * nothing. Pure.
 * @param said of each delivery once
 */
export function domainNews(
  said: readonly (Pick<Said, 'class' | 'status' | 'forwarded'> & { domain: string | null; incidentId: string })[],
): DomainNews {
  const heard = said.flatMap(({ domain, forwarded, ...one }) =>
    domain === null || forwarded ? [] : { ...one, domain },
  );
  const signals = heard.flatMap(({ domain, incidentId, class: failure, status: code }) => {
    const kind = kinds[failure ?? ''];
    return kind ? { domain, incidentId, kind, code } : [];
  });
  const invalid = heard.filter((one) => one.class === 'invalid_mailbox' && isGroup(one.domain));
  // They were counted as tried when they were sent.
  const tallies = [...Map.groupBy(invalid, ({ domain }) => domain)].map(([domain, { length }]) => ({
    ...{ domain, tried: 0, invalid: length },
  }));
  return { signals, tallies };
}
