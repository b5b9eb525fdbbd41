import { readDeliveryToken } from '../../delivery/email/addresses.ts';
import type { Vault } from '../../vault/vault.ts';

/** An address that is ours, in lower case, or why it is not. */
export type Judgement = { address: string } | { refused: 'unknown_address' | 'forged_token' };

/**
 * Decides for whom reports are taken: bounce addresses whose code proves that we made them, and the postmaster, with or
 * without our domain (RFC 5321 §4.1.1.3 and §4.5.1). In any case of letters.
 */
export function judgeRecipient(
  address: string,
  { bounceDomain, vault }: { bounceDomain: string; vault: Pick<Vault, 'isBounceCode'> },
): Judgement {
  const folded = address.toLowerCase();
  const domain = bounceDomain.toLowerCase();
  if (folded === 'postmaster' || folded === `postmaster@${domain}`) return { address: `postmaster@${domain}` };
  if (!folded.startsWith('b+') || !folded.endsWith(`@${domain}`)) return { refused: 'unknown_address' };
  const token = readDeliveryToken(folded.slice('b+'.length, -(domain.length + 1)));
  const ours = token !== null && vault.isBounceCode(token.deliveryId, token.code);
  return ours ? { address: folded } : { refused: 'forged_token' };
}
