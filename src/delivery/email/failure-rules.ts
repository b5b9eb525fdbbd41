import type { MailGroup } from '../mail-groups.ts';
import type { FailureClass, SmtpStage } from './classify-failure.ts';

/** What receivers mean by their replies, as data. The first rule that fits decides. */
export interface FailureRule {
  /** The receiver whose own reading this is; null: everybody's. */
  group: MailGroup | null;
  stage?: readonly SmtpStage[];
  reply?: number;
  /** The reply has no enhanced code: then it is the receiver's own, not that of a relay between. */
  bare?: true;
  text?: RegExp;
  class: FailureClass;
  source: string;
  verifiedOn: string;
  effectiveFrom: string;
}

type Reading = Pick<FailureRule, 'class' | 'stage' | 'reply' | 'bare' | 'text'>;

function rules(group: MailGroup | null, source: string, readings: Reading[]): FailureRule[] {
  return readings.map((reading) => ({
    ...{ group, ...reading, source },
    ...{ verifiedOn: '2026-11-24', effectiveFrom: '2026-11-24' },
  }));
}

const RCPT = ['rcpt'] as const;
const AFTER_RCPT = ['data', 'body'] as const;
// What can be a relay's or a receiver's word about us is never read as one about the recipient.
const NOT_ABOUT_US = /^(?!.*(?:spam|block|reputation|SPF|DKIM|DMARC|sender|relay|too many|rate))/is;

/** Receivers' own readings; they come before everything else. */
export const groupReadings: readonly FailureRule[] = [
  // The same words twice: at RCPT nobody has this address, after it the recipient's filter has refused the message.
  ...rules('docomo', 'sisimai rhost/nttdocomo; note.com/sendmagic/n/neb6bbe7e51cf', [
    { class: 'mailbox_full', reply: 552, text: /too much mail data/i },
    { class: 'throttled', reply: 552, text: /too many recipients/i },
    { class: 'content', reply: 500, text: /line too long/i },
    { class: 'invalid_mailbox', stage: RCPT, reply: 550, bare: true, text: NOT_ABOUT_US },
    { class: 'recipient_filter', stage: AFTER_RCPT, reply: 550, bare: true, text: NOT_ABOUT_US },
  ]),
  ...rules('kddi', 'sisimai rhost/kddi, lhost/ezweb, lhost/kddi; note.com/sendmagic/n/n875d8dcb6cb8', [
    { class: 'invalid_mailbox', reply: 550, text: /<[^>]+>[:.\s]*user unknown/i },
    { class: 'recipient_filter', reply: 550, text: /(?:^|[\s\d]): *user unknown/i },
    { class: 'mailbox_full', text: /account is temporarily over quota|as their mailbox is full/i },
    { class: 'mailbox_suspended', text: /account is (?:disabled|temporarily limited)/i },
    { class: 'invalid_domain', text: /as the remote domain doesn'?t exist/i },
  ]),
  // "<domain> does not exist" is our sender's domain; softbank and J:COM answer in the same words.
  ...(['softbank', 'jcom'] as const).flatMap((group) =>
    rules(group, 'note.com/sendmagic/n/n5afbf98aeb25 and n59a9f610bc0e', [
      { class: 'invalid_mailbox', reply: 550, text: /invalid recipient/i },
      { class: 'sender_auth', reply: 553, text: /does not exist/i },
      { class: 'throttled', reply: 421, text: /too many messages for this session/i },
    ]),
  ),
  // Yahoo! JAPAN and Yahoo speak of unknown users only after the whole message.
  ...(['yahoo_jp', 'yahoo'] as const).flatMap((group) =>
    rules(group, 'help.yahoo.com abuse-57 (2008); sisimai rhost/yahooinc; KumoMTA community/shaping.toml', [
      {
        class: 'invalid_mailbox',
        text: /this user doesn'?t have an? \S+ account|mailbox not found|is no longer valid/i,
      },
      { class: 'invalid_mailbox', text: /account has been disabled or discontinued|this mailbox is disabled/i },
      { class: 'sender_blocked', text: /permanently deferred|not allowed - VS\d|VS\d\d?-IP\d? deferred|\[BL\d+\]/i },
      { class: 'throttled', text: /temporarily deferred|excessive unknown recipients|resources temporarily/i },
      { class: 'content', reply: 554, text: /not accepted for policy reasons/i },
    ]),
  ),
  ...rules('gmail', 'support.google.com/a/answer/3726730; sisimai rhost/google', [
    // This mailbox takes nothing for now; the domain has nothing against us.
    { class: 'mailbox_suspended', text: /receiving mail (?:too quickly|at a rate)|rate that prevents additional/i },
    { class: 'mailbox_full', text: /email quota exceeded/i },
  ]),
  ...rules('microsoft', 'learn.microsoft.com non-delivery-reports-in-exchange-online; sisimai rhost/microsoft', [
    { class: 'invalid_mailbox', text: /mailbox unavailable/i, reply: 550 },
  ]),
  ...rules('icloud', 'support.apple.com/102322; sisimai rhost/apple', [
    { class: 'throttled', text: /excessive volume|\[HCM\d\]/i },
    { class: 'invalid_mailbox', text: /inactive email address|unknown or illegal alias|no longer on server/i },
  ]),
];

/** Words that mean the same everywhere, and more than the code beside them. */
export const clearWords: readonly FailureRule[] = rules(null, 'sisimai reason/*; KumoMTA bounces.toml; own grouping', [
  { class: 'sender_auth', text: /DMARC (?:policy|verification|check)|DmarcRejection|5322\.From\b/i },
  { class: 'sender_auth', text: /\bSPF (?:check|record|validation|fail)|sender policy framework|unauthenticated/i },
  { class: 'sender_auth', text: /either SPF (?:or|and) DKIM|both SPF and DKIM|authenticat\w+ (?:with|checks)/i },
  {
    class: 'sender_auth',
    text: /sender address rejected|(?:envelope )?sender domain|domain of sender|unresolvable\b.*\bdomain/i,
  },
  { class: 'sender_auth', text: /TLS (?:is )?required|must issue a STARTTLS|use TLS\/SSL/i },
  { class: 'throttled', text: /gr[ea]y-?list(?:ed|ing)|rate[ -]limited|frequency limited|server (?:is )?busy/i },
  {
    class: 'throttled',
    text: /too many (?:connections|messages|concurrent|sessions)|max(?:imum)? messages? per connection/i,
  },
  { class: 'throttled', text: /(?:relay|sending|user) (?:sending )?(?:limit|quota) exceeded|same message-id/i },
  { class: 'mailbox_suspended', text: /message receive limit|receiving mail too quickly/i },
  // Ours: the relay does not know us.
  { class: 'system', text: /relay(?:ing)? (?:access )?denied|relay not permitted|not allowed to relay/i },
  { class: 'content', text: /message (?:is )?too (?:large|big)|message size (?:limit|exceed)|size limits?\b/i },
  { class: 'content', text: /\bvirus\b|illegal attachment|malformed|rfc ?5322 compliant|line too long/i },
  { class: 'mailbox_full', text: /over ?-?quota|(?:mail|in)box (?:is )?full|out of storage space/i },
  {
    class: 'mailbox_full',
    text: /(?:mailbox|storage) (?:quota|limit|allocation) ?(?:exceeded|exeeded)|exceeded storage/i,
  },
  { class: 'invalid_mailbox', text: /recipient address rejected: (?:user unknown|unknown user|undeliverable)/i },
  // Exchange Online at its edge: nobody has this address.
  { class: 'invalid_mailbox', text: /RecipientNotFound|5\.4\.1 recipient address rejected: access denied/i },
  { class: 'invalid_domain', text: /null MX|(?:tenant or )?domain not found|does not accept mail\b/i, stage: RCPT },
]);

/** Words that decide only where no code does. */
export const plainWords: readonly FailureRule[] = rules(null, 'sisimai reason/*; KumoMTA bounces.toml; own grouping', [
  { class: 'mailbox_full', text: /insufficient (?:system )?storage|(?:mailbox|user|account|storage)\b.*quota/i },
  {
    class: 'mailbox_suspended',
    text: /account is (?:disabled|suspended|temporarily limited)|mailbox (?:is )?disabled/i,
  },
  { class: 'sender_blocked', text: /\bspam\b|(?:black|block|deny) ?-?list|DNSBL|reputation|blocked|\bPTR\b/i },
  { class: 'sender_blocked', text: /reverse (?:DNS|hostname)|client host rejected|helo command rejected/i },
  { class: 'throttled', text: /too many|rate limit|try again later|temporarily deferred/i },
  { class: 'invalid_mailbox', text: /user (?:is )?unknown|unknown user|invalid recipient|recipient unrecognized/i },
  {
    class: 'invalid_mailbox',
    text: /no such (?:user|mailbox|recipient)|no mail-?box|mailbox (?:unavailable|not found)/i,
  },
  { class: 'invalid_domain', text: /no such domain|domain not found|host unknown|unrouteable/i },
  { class: 'invalid_mailbox', text: /(?:user|mailbox|address|account|recipient)\b.*(?:does not|doesn't) exist/i },
]);

/** Enhanced codes (RFC 3463, 5248, 7293, 7372, 7505; receivers' own) in the order of the classes. First match. */
export const enhancedCodes: readonly (readonly [FailureClass, RegExp])[] = [
  ['owner_changed', /^[45]\.7\.1[78]$/],
  ['sender_auth', /^[45]\.7\.(?:2[0-7]|29|30|32)$|^5\.7\.9$|^5\.7\.5(?:09|15)$|^[45]\.1\.[78]$/],
  ['invalid_mailbox', /^[45]\.1\.[0136]$|^5\.2\.1$|^5\.7\.13$|^5\.7\.50[45]$/],
  ['invalid_domain', /^[45]\.1\.(?:2|10)$|^5\.4\.(?:4|310)$/],
  ['recipient_filter', /^[45]\.2\.0$|^5\.1\.4$|^5\.7\.(?:124|13[34])$/],
  ['mailbox_full', /^[45]\.2\.2$/],
  ['mailbox_suspended', /^4\.2\.1$|^[45]\.2\.12[12]$/],
  ['content', /^[45]\.3\.4$|^5\.2\.3$|^[45]\.6\.\d+$|^5\.7\.0$/],
  ['throttled', /^4\.7\.(?:0|28)$|^4\.3\.2$|^[45]\.4\.5$|^[45]\.5\.3$/],
  ['sender_blocked', /^[45]\.7\.1$|^5\.7\.28$/],
  ['expired', /^[45]\.4\.7$/],
  ['network', /^4\.4\.\d+$/],
  ['system', /^[45]\.3\.\d+$|^[45]\.5\.\d+$/],
  ['undetermined', /^5\.4\.\d+$/],
  // Whatever else is said of security and policy is said of us: it must not be taken for a mailbox that is not there.
  ['throttled', /^4\.7\.\d+$/],
  ['sender_blocked', /^5\.7\.\d+$/],
];
