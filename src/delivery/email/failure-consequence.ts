import type { FailureClass, SmtpFailure } from './classify-failure.ts';

/**
 * What follows from a failure (`docs/sending.md`, Failure classes):
 * `bounce`: the recipient cannot be reached so; a letter follows where the notice's channels say so.
 * `retry`: tried again until its time is over, then it has expired.
 * `retry_on`: tried again for as long as it takes; it is not the recipient's fault.
 * `hold_domain`: as `retry_on`, and the receiver refuses us as sender: nothing more should go to this domain.
 * `tell_operator`: as `retry_on`, and somebody has to mend something.
 */
export type Consequence = 'bounce' | 'retry' | 'retry_on' | 'hold_domain' | 'tell_operator';

// Told of a recipient, for now (4xx) and for good (5xx). A mailbox that is full or suspended may be so for a day,
// whatever the code says, and so may a receiver to whom we are too fast.
const ofRecipient: Record<FailureClass, readonly [forNow: Consequence, forGood: Consequence]> = {
  invalid_mailbox: ['retry', 'bounce'],
  invalid_domain: ['retry', 'bounce'],
  owner_changed: ['retry', 'bounce'],
  recipient_filter: ['retry', 'bounce'],
  mailbox_full: ['retry', 'retry'],
  mailbox_suspended: ['retry', 'retry'],
  throttled: ['retry', 'retry'],
  sender_auth: ['hold_domain', 'hold_domain'],
  sender_blocked: ['hold_domain', 'hold_domain'],
  content: ['tell_operator', 'tell_operator'],
  network: ['retry', 'retry'],
  expired: ['retry', 'bounce'],
  system: ['retry_on', 'tell_operator'],
  undetermined: ['retry', 'bounce'],
};

/**
 * What a class leads to, by the stage and the reply (`ledger.md`, What bounces). Only a reply that was given to a
 * recipient can end a delivery: one slip in our DNS must not bounce everybody and print letters for all. Pure.
 */
export function consequence(
  failureClass: FailureClass,
  { stage, reply }: Pick<SmtpFailure, 'stage' | 'reply'>,
): Consequence {
  if (reply === null) return 'retry_on';
  if (stage === 'connect' || stage === 'mail') {
    return failureClass === 'throttled' || reply < 500 ? 'retry_on' : 'tell_operator';
  }
  return ofRecipient[failureClass][reply < 500 ? 0 : 1];
}

/** What a failure says of how much may go to the recipient's domain, and whether anything may. */
export type DomainSignal = 'throttled' | 'blocked' | 'auth';

const signals: Partial<Record<FailureClass, DomainSignal>> = {
  ...{ throttled: 'throttled', sender_blocked: 'blocked', sender_auth: 'auth' },
};

/** The signal of a reply to RCPT or later, null for all else: before it, it is the relay that speaks. Pure. */
export function domainSignal(failureClass: FailureClass, { stage, reply }: Pick<SmtpFailure, 'stage' | 'reply'>) {
  if (reply === null || stage === 'connect' || stage === 'mail') return null;
  return signals[failureClass] ?? null;
}
