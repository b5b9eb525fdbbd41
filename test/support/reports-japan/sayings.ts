import { type Saying, saying } from './japan-kind.ts';

/** What any server may have said when it refused for good, with the class that its words have. */
export const refusals: readonly Saying[] = [
  saying(550, '5.1.1', '<%s>: Recipient address rejected: User unknown in virtual mailbox table', 'invalid_mailbox'),
  saying(550, '5.1.1', '<%s>... User unknown', 'invalid_mailbox'),
  saying(550, '5.1.1', 'unknown or illegal alias: %s', 'invalid_mailbox'),
  saying(550, null, '<%s>: User unknown in local recipient table', 'invalid_mailbox'),
  saying(550, null, 'No such user here', 'invalid_mailbox'),
  saying(511, null, 'sorry, no mailbox here by that name (#5.1.1 - chkuser)', 'invalid_mailbox'),
  saying(550, '5.1.0', '#5.1.0 Address rejected.', 'invalid_mailbox'),
  saying(553, '5.1.1', 'sorry, this recipient is not in my validrcptto list (#5.7.1)', 'invalid_mailbox'),
  saying(
    550,
    '5.1.10',
    'RESOLVER.ADR.RecipientNotFound; Recipient %s not found by SMTP address lookup',
    'invalid_mailbox',
    'invalid_domain',
  ),
  saying(
    550,
    '5.2.1',
    '<%s>: The email account that you tried to reach is inactive.',
    'invalid_mailbox',
    'mailbox_suspended',
  ),
  saying(550, '5.2.1', '<%s>... Mailbox disabled for this recipient', 'invalid_mailbox', 'mailbox_suspended'),
  saying(550, '5.1.2', 'Host unknown (Name server: example.invalid: host not found)', 'invalid_domain'),
  saying(556, '5.1.10', 'Recipient address has null MX', 'invalid_domain'),
  saying(552, '5.2.2', '<%s>... Mailbox full', 'mailbox_full'),
  saying(
    552,
    '5.2.2',
    "This message is larger than the current system limit or the recipient's mailbox is full. Over quota",
    'mailbox_full',
  ),
  saying(554, '5.2.2', 'mailbox full', 'mailbox_full'),
  saying(550, '5.7.18', 'Mailbox owner has changed since 2019', 'owner_changed'),
  saying(
    554,
    '5.7.1',
    'Service unavailable; Client host [192.0.2.10] blocked using zen.spamhaus.org',
    'sender_blocked',
  ),
  saying(550, '5.7.1', 'Our system has detected that this message is likely unsolicited mail', 'sender_blocked'),
  saying(
    550,
    '5.7.25',
    'The IP address sending this message does not have a PTR record',
    'sender_auth',
    'sender_blocked',
  ),
  saying(
    550,
    '5.7.26',
    "Unauthenticated email from example.jp is not accepted due to domain's DMARC policy",
    'sender_auth',
  ),
  saying(550, '5.7.23', 'SPF validation failed', 'sender_auth'),
  saying(552, '5.3.4', 'Message size exceeds fixed maximum message size', 'content'),
  saying(554, '5.6.0', 'Message contains a malformed MIME part', 'content'),
  saying(554, '5.7.0', 'Message rejected: virus found (Eicar-Test-Signature)', 'content'),
  saying(550, '5.2.0', 'The recipient rejects mail from unknown senders', 'recipient_filter'),
  saying(554, '5.4.7', 'Delivery expired (message too old)', 'expired'),
];

/** What keeps a message waiting. */
export const postponements: readonly Saying[] = [
  saying(450, '4.2.0', '<%s>: Recipient address rejected: Greylisted, see http://postgrey.example.org/', 'throttled'),
  saying(421, '4.7.0', 'Too many connections from your host, try again later', 'throttled'),
  saying(452, '4.2.2', '<%s>: mailbox is over quota', 'mailbox_full'),
  // Said when the tries are over, and while they last.
  saying(421, '4.4.1', 'Connection timed out', 'network', 'expired'),
  saying(451, '4.3.2', 'System not accepting network messages', 'throttled', 'system'),
];

/** What a server says when it took the message. */
export const receipts: readonly Saying[] = [
  saying(250, '2.0.0', 'Ok: queued as 4F2B1C0A', 'undetermined'),
  saying(250, '2.1.5', 'Recipient ok', 'undetermined'),
];
