import { domainOf } from './smtp-lines.ts';
import type { Verdict } from './smtp-protocol.ts';

/** Every recipient at this domain is refused for good, as an unknown mailbox. */
export const REFUSING_DOMAIN = 'refuse.example';
/** Every recipient at this domain is put off at its first RCPT and accepted from the second on. */
export const DEFERRING_DOMAIN = 'defer-once.example';

/**
 * What the catcher answers to RCPT. A sink that always accepts misleads, so two domains behave as real ones do:
 * `refuse.example` → 550 5.1.1 always; `defer-once.example` → 451 4.2.0 once per address, then accepted.
 * Who was put off is kept in memory only: after a restart an address is put off once more.
 */
export function makeRecipientRules(): (to: string) => Verdict {
  const putOff = new Set<string>();
  return (to) => {
    const domain = domainOf(to);
    if (domain === REFUSING_DOMAIN) return { reply: `550 5.1.1 <${to}>: User unknown` };
    if (domain !== DEFERRING_DOMAIN || putOff.has(to)) return 'accept';
    putOff.add(to);
    return { reply: `451 4.2.0 <${to}>: Try again later` };
  };
}
