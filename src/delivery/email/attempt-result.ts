import type { AttemptResult, ClaimedDelivery } from '../ledger.store.ts';
import { classifyFailure, isFinal, type SmtpFailure } from './classify-failure.ts';
import { LIFETIME_MS, retryWait } from './retry-wait.ts';
import type { Submission } from './submit-message.ts';

/** A result as it was read; the reply's text is not yet sealed. */
export interface ReadResult extends Omit<AttemptResult, 'reply'> {
  replyText: string | null;
}

interface Circumstances {
  now: Date;
  /** From 0 to 1: spreads the waits. */
  random: number;
  firstRetrySeconds: number;
}

/** What an attempt's end means for its delivery (`ledger.md`, Deliveries by email). Pure. */
export function readResult(
  delivery: Pick<ClaimedDelivery, 'id' | 'attempt' | 'firstTriedAt'>,
  submission: Submission,
  circumstances: Circumstances,
): ReadResult {
  const base = {
    id: delivery.id,
    attempt: delivery.attempt,
    class: null,
    code: null,
    replyText: null,
    waitSeconds: null,
  };
  switch (submission.kind) {
    case 'submitted':
      return { ...base, state: 'submitted', code: codesOf(submission.reply), replyText: submission.reply };
    case 'uncertain':
      return { ...base, state: 'uncertain', class: 'no_reply', code: submission.detail };
    case 'not_allowed':
      return { ...base, state: 'pending' };
    case 'failed':
      return readFailure(base, delivery, submission.failure, circumstances);
  }
}

function readFailure(
  base: Omit<ReadResult, 'state'>,
  delivery: Pick<ClaimedDelivery, 'attempt' | 'firstTriedAt'>,
  failure: SmtpFailure,
  { now, random, firstRetrySeconds }: Circumstances,
): ReadResult {
  const failureClass = classifyFailure(failure);
  const told = { ...base, class: failureClass, code: codesOf(failure.text), replyText: failure.text || null };
  if (isFinal(failure, failureClass)) return { ...told, state: 'bounced' };
  // Given up only when the server last spoke of this recipient; our own trouble waits for an operator instead.
  const ofRecipient = failure.reply !== null && failure.stage !== 'connect' && failure.stage !== 'mail';
  const ours = ['sender_auth', 'sender_blocked', 'content', 'system'].includes(failureClass);
  if (ofRecipient && !ours && now.getTime() - delivery.firstTriedAt.getTime() > LIFETIME_MS) {
    return { ...told, state: 'bounced', class: 'expired' };
  }
  return { ...told, state: 'deferred', waitSeconds: retryWait(delivery.attempt, firstRetrySeconds, random) };
}

/** The reply's codes without its words, which may quote the address: `550 5.1.1`. */
function codesOf(reply: string): string | null {
  const [, basic, enhanced] = /^(\d{3})(?:[ -]([245]\.\d{1,3}\.\d{1,3})\b)?/.exec(reply) ?? [];
  return basic ? [basic, enhanced].filter(Boolean).join(' ') : null;
}
