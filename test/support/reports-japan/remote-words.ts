import { bounces, type JapanKind, type Saying, saying } from './japan-kind.ts';
import { exim, postfix, qmail, sendmail } from './systems.ts';

/** What single receivers say, with their codes; the class is theirs, whatever the same words mean elsewhere. */
const receivers: readonly (readonly [domain: string, sayings: readonly Saying[]])[] = [
  [
    'orange.fr',
    [
      saying(
        550,
        '5.1.1',
        'Adresse d au moins un destinataire invalide. Invalid recipient. OFR_416 [416]',
        'invalid_mailbox',
      ),
      saying(552, '5.2.2', 'Boite du destinataire pleine. Recipient overquota. OFR_417 [417]', 'mailbox_full'),
    ],
  ],
  [
    'comcast.net',
    [
      saying(550, '5.1.1', 'Not our Customer', 'invalid_mailbox'),
      saying(
        554,
        null,
        'resimta-po-01.sys.comcast.net 192.0.2.10 found on one or more DNSBLs, see http://postmaster.comcast.net/smtp-error-codes.php#BL000001',
        'sender_blocked',
      ),
    ],
  ],
  [
    'secureserver.net',
    [
      saying(550, '5.1.1', '<%s> Recipient not found.  <http://x.co/irbounce>', 'invalid_mailbox'),
      saying(
        552,
        null,
        'This message has been rejected due to content judged to be spam by the internet community IB212 <http://x.co/srbounce>',
        'content',
        'sender_blocked',
      ),
    ],
  ],
  [
    'aol.com',
    [
      saying(550, '5.1.1', '<%s>: Recipient address rejected: aol.com', 'invalid_mailbox'),
      saying(
        554,
        null,
        '30 Sorry, your message to %s cannot be delivered. This mailbox is disabled (554.30).',
        'invalid_mailbox',
        'mailbox_suspended',
      ),
    ],
  ],
  [
    'icloud.com',
    [
      saying(550, '5.1.1', '<%s>: user does not exist', 'invalid_mailbox'),
      saying(552, '5.2.2', '<%s>: user is over quota', 'mailbox_full'),
      saying(
        550,
        '5.7.1',
        '[CS01] Message rejected due to local policy. Please visit https://support.apple.com/en-us/HT204137',
        'content',
        'sender_blocked',
      ),
    ],
  ],
  [
    'naver.com',
    [
      saying(550, '5.1.1', 'No such user: %s - nmail', 'invalid_mailbox'),
      saying(552, '5.2.2', 'Mailbox is full. It exceeded the storage limit', 'mailbox_full'),
    ],
  ],
  [
    'mail.ru',
    [
      saying(
        550,
        null,
        'Message was not accepted -- invalid mailbox.  Local mailbox %s is unavailable: user not found',
        'invalid_mailbox',
      ),
      saying(
        550,
        null,
        'Message was not accepted -- invalid mailbox.  Local mailbox %s is unavailable: account is disabled',
        'invalid_mailbox',
        'mailbox_suspended',
      ),
    ],
  ],
  ['yandex.ru', [saying(550, '5.7.1', 'No such user!', 'invalid_mailbox')]],
  [
    'qq.com',
    [
      saying(
        550,
        null,
        'Mailbox not found. http://service.mail.qq.com/cgi-bin/help?subtype=1&&id=20022&&no=1000728',
        'invalid_mailbox',
      ),
      saying(
        550,
        null,
        'Mail content denied. http://service.mail.qq.com/cgi-bin/help?subtype=1&&id=20022&&no=1000726',
        'content',
        'sender_blocked',
      ),
      saying(
        550,
        null,
        'Connection frequency limited. http://service.mail.qq.com/cgi-bin/help?subtype=1&&id=20022&&no=1000722',
        'throttled',
        'sender_blocked',
      ),
    ],
  ],
  [
    'yahoo.com',
    [
      saying(
        554,
        '5.7.9',
        'Message not accepted for policy reasons.  See https://postmaster.yahooinc.com/error-codes',
        'sender_auth',
      ),
    ],
  ],
  [
    'example.co.jp',
    [
      saying(550, '5.7.1', 'Access to recipient denied by user preference', 'recipient_filter', 'sender_blocked'),
      saying(
        550,
        '5.4.1',
        'Recipient address rejected: Access denied. [TYZAPC01FT004.eop-APC01.prod.protection.outlook.com]',
        'invalid_mailbox',
      ),
      saying(550, '5.1.8', 'Access denied, bad outbound sender', 'sender_blocked', 'sender_auth'),
      saying(
        553,
        '5.1.8',
        '<b@bounce.example.jp>... Domain of sender address does not exist',
        'sender_auth',
        'sender_blocked',
      ),
      saying(550, '5.5.0', 'Requested action not taken: mailbox unavailable', 'invalid_mailbox'),
      saying(554, '5.4.14', 'Hop count exceeded - possible mail loop', 'system', 'network', 'undetermined'),
      saying(554, null, 'Relay access denied', 'system', 'invalid_domain', 'invalid_mailbox', 'sender_blocked'),
    ],
  ],
];

const senders = {
  Postfix: (facts: Parameters<JapanKind['make']>[0]) => postfix(facts, { host: 'relay.example.jp' }),
  Sendmail: (facts: Parameters<JapanKind['make']>[0]) => sendmail(facts, { host: 'relay.example.jp' }),
  qmail: (facts: Parameters<JapanKind['make']>[0]) => qmail(facts, { host: 'relay.example.jp' }),
  Exim: (facts: Parameters<JapanKind['make']>[0]) => exim(facts, { host: 'relay.example.jp' }),
};

/** Known receivers, as they come back through each of the four great servers. */
export const remoteKinds: readonly JapanKind[] = receivers.flatMap(([domain, sayings]) =>
  Object.entries(senders).map(([server, make]) => bounces({ name: `${domain} by ${server}`, domain, sayings, make })),
);
