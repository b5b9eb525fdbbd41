import { japaneseClear, japanesePlain } from './japanese-words.ts';
import { fullMailbox, movedMailbox, suspendedMailbox, unknownMailbox } from './mailbox-words.ts';
import { harmful, malformed, tooLarge } from './message-words.ts';
import { recipientFilter, suppressed, unknownDomain } from './recipient-words.ts';
import {
  authenticationMissing,
  blockedSender,
  ownIdentity,
  ownLimits,
  relayDenied,
  takenForPolicy,
  takenForSpam,
  tooMuch,
} from './sender-words.ts';
import {
  directoryDown,
  encryptionMissing,
  expired,
  faint,
  loops,
  mailer,
  nameServiceDown,
  network,
  refusals,
} from './system-words.ts';
import type { WordRule } from './word-rule.ts';

export type { WordRule } from './word-rule.ts';

/**
 * Words that say more than the code beside them; the first that fits decides. What is said of us stands before what is
 * said of addresses and domains, because the same words are used for both; what is said of the recipient stands before
 * what is said of the ways to him.
 */
export const clearWords: readonly WordRule[] = [
  ...ownLimits,
  ...fullMailbox,
  ...tooLarge,
  ...suppressed,
  ...encryptionMissing,
  ...nameServiceDown,
  ...loops,
  ...ownIdentity,
  ...suspendedMailbox,
  ...movedMailbox,
  ...relayDenied,
  ...recipientFilter,
  ...unknownDomain,
  ...unknownMailbox,
  ...directoryDown,
  ...authenticationMissing,
  ...tooMuch,
  ...blockedSender,
  ...japaneseClear,
];

/** Words that decide where no code does that has a meaning of its own. */
export const plainWords: readonly WordRule[] = [
  ...harmful,
  ...takenForSpam,
  ...malformed,
  ...takenForPolicy,
  ...expired,
  ...network,
  ...mailer,
  ...japanesePlain,
  ...refusals,
  ...faint,
];
