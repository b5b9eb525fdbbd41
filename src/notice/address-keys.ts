import { groupRules, mailGroup } from '../delivery/mail-groups.ts';
import { emailKey } from '../intake/matching/match-keys.ts';
import type { IncidentVault } from '../vault/vault.ts';

/** What the ledger holds of an address in the clear: enough to keep limits and to know it again, not to read it. */
export interface AddressKeys {
  /** The group of its mail domain, or the domain's keyed hash: 32 hexadecimal digits. */
  domain: string;
  /** Emails of one lane share a limit; '' has none of our own. */
  lane: string;
  /** Keyed hash of the folded address: 32 hexadecimal digits. */
  key: string;
}

export function addressKeys(address: string, vault: IncidentVault): AddressKeys {
  const domain = address.slice(address.lastIndexOf('@') + 1).toLowerCase();
  const group = mailGroup(domain);
  const key = vault.lookupKey('suppression', emailKey(address));
  if (group === null) return { domain: vault.lookupKey('domain', domain), lane: '', key };
  const { perMinute, concurrency } = groupRules[group];
  return { domain: group, lane: perMinute === null && concurrency === null ? '' : group, key };
}
