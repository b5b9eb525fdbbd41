import type { AttemptResult, ClaimedDelivery } from '../ledger.store.ts';
import { classifyFailure, type SmtpFailure } from './classify-failure.ts';
import { consequence, type DomainSignal, domainSignal } from './failure-consequence.ts';
import { isOver, retryWait } from './retry-wait.ts';
import type { Submission } from './submit-message.ts';

/** A result as it was read; the reply's text is not yet sealed. */
export interface ReadResult extends Omit<AttemptResult, 'reply'> {
  replyText: string | null;
  /** What the reply asks of us for the recipient's whole domain. */
  domainSignal: DomainSignal | null;
}

interface Circumstances {
  now: Date;
  /** From 0 to 1: spreads the waits. */
  random: number;
  firstRetrySeconds: number;
  /** How long a delivery that its receiver puts off is tried. */
  retryHours: number;
}

/** A delivery on its way; `domain` is a group of `mail-groups.ts`, or a hash, which is no group's name. */
type Tried = Pick<ClaimedDelivery, 'id' | 'attempt' | 'firstTriedAt'> & { domain?: string | null };

/** What an attempt's end means for its delivery (`ledger.md`, Deliveries by email). Pure. */
export function readResult(delivery: Tried, submission: Submission, circumstances: Circumstances): ReadResult {
  const base = {
    id: delivery.id,
    attempt: delivery.attempt,
    class: null,
    code: null,
    replyText: null,
    waitSeconds: null,
    domainSignal: null,
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
  delivery: Tried,
  failure: SmtpFailure,
  { now, random, firstRetrySeconds, retryHours }: Circumstances,
): ReadResult {
  const failureClass = classifyFailure({ ...failure, group: delivery.domain ?? null });
  const told = {
    ...{ ...base, class: failureClass, code: codesOf(failure.text), replyText: failure.text || null },
    domainSignal: domainSignal(failureClass, failure),
  };
  const next = consequence(failureClass, failure);
  if (next === 'bounce') return { ...told, state: 'bounced' };
  if (next === 'retry' && isOver(delivery.firstTriedAt, now, retryHours)) {
    return { ...told, state: 'bounced', class: 'expired' };
  }
  return { ...told, state: 'deferred', waitSeconds: retryWait(delivery.attempt, firstRetrySeconds, random) };
}

/** The reply's codes without its words, which may quote the address: `550 5.1.1`. */
function codesOf(reply: string): string | null {
  const [, basic, enhanced] = /^(\d{3})(?:[ -]([245]\.\d{1,3}\.\d{1,3})\b)?/.exec(reply) ?? [];
  return basic ? [basic, enhanced].filter(Boolean).join(' ') : null;
}
