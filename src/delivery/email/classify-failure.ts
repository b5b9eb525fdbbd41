/** What a failed submission means (`email.md`, Reply → class table). */
export type FailureClass =
  | 'invalid_mailbox'
  | 'invalid_domain'
  | 'owner_changed'
  | 'recipient_filter'
  | 'mailbox_full'
  | 'mailbox_suspended'
  | 'throttled'
  | 'sender_auth'
  | 'sender_blocked'
  | 'content'
  | 'network'
  | 'expired'
  | 'system'
  | 'undetermined';

/** The SMTP step that failed. `connect` is everything before MAIL: greeting, TLS, login. */
export type SmtpStage = 'connect' | 'mail' | 'rcpt' | 'data' | 'body';

export interface SmtpFailure {
  stage: SmtpStage;
  /** Three-digit reply code; null when no reply came. */
  reply: number | null;
  /** Enhanced status code such as `5.1.1` (RFC 3463); null when the reply had none. */
  enhanced: string | null;
  text: string;
}

type Rule = [FailureClass, RegExp];

// Enhanced codes beat basic codes. RFC 3463, RFC 7372 and the receivers' own lists, as gathered in email.md.
const byEnhanced: Rule[] = [
  ['owner_changed', /^[45]\.7\.1[78]$/],
  ['sender_auth', /^[45]\.7\.2[0-7]$|^4\.7\.(29|30|32)$|^5\.7\.9$/],
  ['invalid_mailbox', /^5\.1\.[0136]$|^5\.2\.1$|^5\.7\.13$/],
  ['invalid_domain', /^5\.1\.(2|10)$|^5\.4\.4$/],
  ['recipient_filter', /^5\.2\.0$|^5\.1\.4$/],
  ['mailbox_full', /^[45]\.2\.2$/],
  ['mailbox_suspended', /^4\.2\.1$/],
  ['content', /^5\.3\.4$|^5\.2\.3$|^5\.6\.\d+$|^5\.7\.0$/],
  ['throttled', /^4\.7\.(0|28)$|^4\.3\.2$|^4\.4\.5$|^[45]\.5\.3$/],
  ['sender_blocked', /^[45]\.7\.1$|^5\.7\.28$/],
  ['expired', /^[45]\.4\.7$/],
  ['network', /^4\.4\.\d+$/],
  ['system', /^4\.3\.\d+$|^5\.3\.[05]$|^5\.5\.\d+$/],
];

const byText: Rule[] = [
  ['mailbox_full', /over ?quota|mailbox (is )?full|insufficient (system )?storage/i],
  ['mailbox_suspended', /account is disabled|temporarily limited/i],
  ['sender_blocked', /\bspam\b|black ?list|block ?list|reputation|blocked|PTR\b|reverse DNS/i],
  ['throttled', /too many|rate limit|try again later/i],
  ['invalid_mailbox', /user unknown|unknown user|no such (user|mailbox|recipient)|does not exist|mailbox unavailable/i],
  ['invalid_domain', /no such domain|domain not found|host unknown/i],
];

/**
 * Decides what a failed submission means, from the step, the reply code, the enhanced code and the text.
 * RFC 5321 §4.2, RFC 3463, `email.md`. Pure.
 */
export function classifyFailure(failure: SmtpFailure): FailureClass {
  if (failure.reply === null) return 'network';
  // Before RCPT nobody's mailbox has been named: whatever it is, it is our trouble.
  if (failure.stage === 'connect' || failure.stage === 'mail') return beforeRecipient(failure);
  const enhanced = failure.enhanced;
  const coded = enhanced ? byEnhanced.find(([, codes]) => codes.test(enhanced))?.[0] : undefined;
  // docomo answers 550 at DATA for its recipient's filter, at RCPT for an unknown user: the same words, two meanings.
  if (!coded && failure.reply === 550 && failure.stage !== 'rcpt' && !/spam|block/i.test(failure.text)) {
    return 'recipient_filter';
  }
  const worded = coded ?? byText.find(([, words]) => words.test(failure.text))?.[0];
  return worded ?? byReply(failure);
}

function beforeRecipient({ reply, enhanced, text }: SmtpFailure): FailureClass {
  const code = enhanced ?? '';
  if (/^[45]\.7\.(2[0-7]|9|29|30|32)$/.test(code)) return 'sender_auth';
  if (reply === 421 || /too many|rate limit/i.test(text)) return 'throttled';
  return (reply ?? 0) >= 500 ? 'sender_blocked' : 'system';
}

function byReply({ reply, stage }: SmtpFailure): FailureClass {
  switch (reply) {
    case 421:
    case 450:
    case 451:
      return 'throttled';
    case 452:
    case 552:
      return 'mailbox_full';
    case 550:
    case 551:
    case 553:
      return stage === 'rcpt' ? 'invalid_mailbox' : 'recipient_filter';
    case 554:
      return 'sender_blocked';
    default:
      return (reply ?? 0) >= 500 ? 'undetermined' : 'throttled';
  }
}

const ends: ReadonlySet<FailureClass> = new Set([
  ...(['invalid_mailbox', 'invalid_domain', 'owner_changed', 'recipient_filter', 'undetermined', 'expired'] as const),
]);
const endsWhenPermanent: ReadonlySet<FailureClass> = new Set(['mailbox_full', 'mailbox_suspended']);

/**
 * Whether a failure ends the delivery (`ledger.md`, What bounces): only what is about this recipient. Everything that is
 * our own trouble is deferred, so that one slip in our DNS does not bounce everybody and print letters for all.
 */
export function isFinal(failure: SmtpFailure, failureClass: FailureClass): boolean {
  if (failure.stage === 'connect' || failure.stage === 'mail' || failure.reply === null) return false;
  if (failure.reply < 500) return false;
  // A full or suspended mailbox is tried for its 72 hours even when the server says 5xx: `expire` ends it.
  if (endsWhenPermanent.has(failureClass)) return false;
  return ends.has(failureClass);
}
