import { emailKey } from '../../intake/matching/match-keys.ts';
import type { IncidentVault } from '../../vault/vault.ts';
import { clearRule, clearStatus } from '../found-finding.ts';
import type { Finding } from '../reading/finding.ts';
import type { MatchedBy, Said } from './report-plan.ts';

/**
 * What a finding says of a delivery, its words sealed. A recipient that is not the delivery's own address was reached from
 * there: the mail was forwarded. Pure.
 * @param vault that of the delivery's incident
 */
export function saidOf(
  { kind, class: failure, status, rule, recipient, words }: Finding,
  delivery: { id: string; addressKey: string | null },
  matchedBy: MatchedBy,
  vault: Pick<IncidentVault, 'seal' | 'lookupKey'>,
): Said {
  return {
    ...{ deliveryId: delivery.id, kind, class: failure, status: clearStatus(status), rule: clearRule(rule), matchedBy },
    forwarded:
      recipient !== null &&
      delivery.addressKey !== null &&
      vault.lookupKey('suppression', emailKey(recipient)) !== delivery.addressKey,
    words: words === null ? null : vault.seal('report-words', words),
    reply: words === null ? null : vault.seal('smtp-reply', words),
  };
}
