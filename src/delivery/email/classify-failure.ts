import { clearWords, enhancedCodes, type FailureRule, groupReadings, plainWords } from './failure-rules.ts';

/** What a failed submission means; docs/sending.md explains each. */
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

/**
 * Decides what a failed submission means, from the step, the reply code, the enhanced code, the text, and the group of
 * the recipient's mail domain. What a receiver is known to mean comes first, then words that are clear anywhere, then the
 * enhanced code, then the basic code. RFC 5321 §4.2, RFC 3463; the readings are data in `failure-rules.ts`. Pure.
 * @param said `group` as in `mail-groups.ts`; anything else stands for no group
 */
export function classifyFailure(said: SmtpFailure & { group?: string | null }): FailureClass {
  if (said.reply === null) return 'network';
  const failure = { ...said, text: wordsOf(said.text) };
  // Before RCPT nobody's mailbox has been named: whatever it is, it is our trouble.
  if (failure.stage === 'connect' || failure.stage === 'mail') return beforeRecipient(failure);
  const own = read(groupReadings, failure);
  if (own) return own;
  const { enhanced } = failure;
  const coded = enhanced === null ? undefined : enhancedCodes.find(([, codes]) => codes.test(enhanced))?.[0];
  // These codes have one meaning, and the words beside them often sound like another: "rate limited", "null MX".
  if (coded === 'sender_auth' || coded === 'owner_changed') return coded;
  const clear = read(clearWords, failure) ?? coded;
  if (clear) return clear;
  // After RCPT a bare 550 is the recipient's filter, whatever it says of the user.
  if (failure.reply === 550 && failure.stage !== 'rcpt' && !ABOUT_US.test(failure.text)) return 'recipient_filter';
  return read(plainWords, failure) ?? byReply(failure);
}

// A reply is a line or two; what goes on for longer is there to be laborious.
const LONGEST_TEXT = 2000;

/** The text without what stands in addresses: nobody's `no-spam@` makes it a reply about spam. */
function wordsOf(text: string): string {
  return text.slice(0, LONGEST_TEXT).replaceAll(/[^\s<>"']+@[^\s<>"'):;,]+/g, '@');
}

const ABOUT_US = /spam|block|reputation/i;

function read(
  rules: readonly FailureRule[],
  failure: SmtpFailure & { group?: string | null },
): FailureClass | undefined {
  return rules.find((rule) => fits(rule, failure))?.class;
}

function fits(rule: FailureRule, { stage, reply, enhanced, text, group }: SmtpFailure & { group?: string | null }) {
  return (
    (rule.group === null || rule.group === group) &&
    (rule.stage?.includes(stage) ?? true) &&
    (rule.reply === undefined || rule.reply === reply) &&
    !(rule.bare && enhanced !== null) &&
    (rule.text?.test(text) ?? true)
  );
}

function beforeRecipient({ reply, enhanced, text }: SmtpFailure): FailureClass {
  const code = enhanced ?? '';
  if (/^[45]\.7\.(2[0-7]|9|29|30|32)$/.test(code)) return 'sender_auth';
  if (reply === 421 || /too many|rate[ -]limit|server busy|temporarily deferred/i.test(text)) return 'throttled';
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
