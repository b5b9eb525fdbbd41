import type { IncidentVault } from '../../vault/vault.ts';
import { cutCardNumbers } from '../fields/card-numbers.ts';

/** A decision of an operator. */
export interface Decided {
  reason: string;
  userId: string;
}

/** Seals why an operator decided something. A card number is stored nowhere, not even there. */
export function sealReason(vault: Pick<IncidentVault, 'seal'>, reason: string): Buffer {
  return vault.seal('reason', cutCardNumbers(reason) ?? reason);
}
