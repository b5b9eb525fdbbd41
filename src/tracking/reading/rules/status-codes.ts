import type { FailureClass, SmtpStage } from '../../../delivery/email/classify-failure.ts';

type Codes = readonly (readonly [FailureClass, RegExp])[];

/**
 * Enhanced codes with one meaning, whatever the words beside them: they were made for that (RFC 7293, 7372, 8689).
 * X.7.25 is about our address on the network, not about our domain.
 */
export const certainCodes: Codes = [
  ['owner_changed', /^[45]\.7\.1[78]$/],
  ['sender_auth', /^[45]\.7\.(?:2[0-46-7]|29|30|32)$/],
];

/** Codes that say more than words about spam, policy, or another time. RFC 3463; sisimai smtp/status. */
export const definiteCodes: Codes = [
  ['invalid_mailbox', /^[45]\.1\.[136]$/],
  ['invalid_domain', /^[45]\.1\.(?:2|10)$/],
  ['sender_auth', /^[45]\.1\.[78]$/],
  ['mailbox_full', /^[45]\.2\.2$/],
  ['mailbox_suspended', /^4\.2\.1$|^5\.7\.13$/],
  ['content', /^5\.2\.3$|^[45]\.3\.4$|^[45]\.6\.\d+$/],
  ['throttled', /^[45]\.2\.12[12]$|^4\.3\.2$|^4\.7\.0$/],
  ['network', /^[45]\.4\.312$/],
  ['recipient_filter', /^5\.7\.(?:12|124|13[3-6])$/],
];

/**
 * What codes mean in a report where they mean something else than in a session: a report comes when the tries are over,
 * and is sent by servers of which some say 5.2.1 of every refusal. For all others the codes of the session hold.
 */
export const reportCodes: Codes = [
  ['expired', /^4\.4\.1$|^[45]\.4\.7$|^5\.4\.(?:300|316)$/],
  ['recipient_filter', /^[45]\.2\.[04]$|^5\.2\.1$/],
  ['network', /^[45]\.4\.(?:[026]|1[24]|31[2-8])$|^4\.4\.4$|^[45]\.7\.32[1-5]$|^4\.7\.[4-7]$/],
  ['invalid_domain', /^5\.3\.2$/],
  ['system', /^[45]\.4\.3$|^[45]\.3\.1$|^[45]\.1\.9$/],
  ['content', /^4\.2\.3$|^[45]\.7\.16$/],
  ['sender_blocked', /^[45]\.7\.25$/],
  ['sender_auth', /^5\.7\.(?:[3-9]|1[0145]|57)$/],
];

/** Reply codes that stand for themselves. RFC 7504 (521, 556), RFC 5248 (5.7.13 with 525), RFC 5321 §4.2.3. */
export const replyCodes: readonly (readonly [FailureClass, readonly number[], readonly SmtpStage[] | null])[] = [
  ['invalid_domain', [521, 556], null],
  ['mailbox_suspended', [525], null],
  ['network', [523, 524], null],
  ['sender_auth', [530, 534, 535, 538], null],
  ['system', [500, 501, 502, 503, 504, 555], null],
  ['mailbox_full', [452, 552], null],
  ['throttled', [421, 450, 451], null],
  ['sender_blocked', [550, 553, 554], ['connect', 'mail']],
  ['invalid_mailbox', [550, 551, 553], ['rcpt']],
  ['recipient_filter', [550, 551, 553], ['data', 'body']],
  // Without a step nobody knows of whom 550 speaks.
  ['sender_blocked', [554], ['data', 'body']],
  ['invalid_mailbox', [551], null],
];
