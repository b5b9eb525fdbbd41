import { describe, expect, it } from 'vitest';
import { formats } from '../../../src/tracking/reading/formats/known-formats.ts';
import { told } from '../../support/reports/format-reading.ts';

/** Name of the format, words as its documentation gives them, and what they say of `taro@example.jp`. */
const samples: [string, string, RegExp, string[]?][] = [
  [
    'courier',
    `This is a delivery status notification from mail.example.net,
running the Courier mail server, version 0.65.2.

---------------------------------------------------------------------------

                           UNDELIVERABLE MAIL

Your message to the following recipients cannot be delivered:

<taro@example.jp>:
    mx.example.jp [192.0.2.25]:
>>> RCPT TO:<taro@example.jp>
<<< 550 5.1.1 <taro@example.jp>... User Unknown

---------------------------------------------------------------------------
`,
    /550 5\.1\.1 <taro@example\.jp>\.\.\. User Unknown$/,
  ],
  [
    'opensmtpd',
    `    Hi!

    This is the MAILER-DAEMON, please DO NOT REPLY to this e-mail.

    An error has occurred while attempting to deliver a message for
    the following list of recipients:

taro@example.jp: 550 5.2.2 <taro@example.jp>... Mailbox Full

    Below is a copy of the original message:
`,
    /^550 5\.2\.2/,
  ],
  [
    'dragonfly',
    `This is the DragonFly Mail Agent v0.13 at mail.example.net.

There was an error delivering your mail to <taro@example.jp>.

mx.example.jp [192.0.2.25] did not like our RCPT TO:
552 5.2.2 <taro@example.jp>: Mailbox full

Original message follows.
`,
    /552 5\.2\.2/,
  ],
  ['haraka', 'Intended Recipients: <taro@example.jp>\nFailure Reason: Error: 550 no such user\n', /550 no such user/],
  [
    'communigate',
    "Failed to deliver to '<taro@example.jp>'\nSMTP module(domain example.jp) reports:\n mx.example.jp: 550 unknown\n",
    /550 unknown/,
  ],
  [
    'mdaemon',
    `The attached message had PERMANENT fatal delivery errors!

Failed address: taro@example.jp

--- Session Transcript ---
 Thu: --> RCPT To:<taro@example.jp>
 Thu: <-- 550 5.1.1 User unknown
--- End Transcript ---
`,
    /550 5\.1\.1 User unknown/,
  ],
  [
    'smartermail',
    'Could not deliver message to the following recipient(s):\n\nFailed Recipient: taro@example.jp\nReason: Remote host said: 550 no mailbox\n',
    /550 no mailbox/,
  ],
  [
    'hmailserver',
    `Your message did not reach some or all of the intended recipients.

   Sent: Thu, 2 Apr 2020 10:15:30 +0900
   Subject: Notice

The following recipient(s) could not be reached:

taro@example.jp
   Error Type: SMTP
   Remote server (192.0.2.25) issued an error.
   hMailServer sent: RCPT TO:<taro@example.jp>
   Remote server replied: 550 5.1.1 User unknown

hMailServer
`,
    /550 5\.1\.1 User unknown$/,
  ],
  [
    'smtp_server',
    `We had trouble delivering your message. Full details follow:

SMTP Server <mx.example.jp> rejected recipient <taro@example.jp>
  (Error following RCPT command). It responded as follows: [550 5.1.1 User unknown]
`,
    /\[550 5\.1\.1 User unknown\]/,
  ],
  [
    'technical_details',
    `Delivery to the following recipients failed permanently:

  * taro@example.jp

============
            Technical details:

SMTP:RCPT host 192.0.2.8: 553 5.3.0 <taro@example.jp>... No such user here
`,
    /^SMTP:RCPT host/,
  ],
  [
    'delivery_errors',
    '---The following addresses had delivery errors---\n\ntaro@example.jp [User unknown]\n',
    /^User unknown$/,
  ],
  [
    'kerio',
    'Your message could not be delivered to the following recipients:\n\n  taro@example.jp\n    550 unknown user\n',
    /^550 unknown user$/,
  ],
  [
    'messaging_server',
    `This report relates to a message you sent with the following header fields:

  Message-id: <x@example.com>
  To: taro@example.jp

Your message cannot be delivered to the following recipients:

  Recipient address: @relay.example.net:taro@server
  Original address: taro@example.jp
  Reason: Remote SMTP server has rejected address
  Diagnostic code: smtp;550 5.1.1 <taro@example.jp>... User Unknown
  Remote system: dns;mx.example.jp (TCP|192.0.2.1|47323|192.0.2.225|25)
`,
    /550 5\.1\.1/,
  ],
  [
    'amazon_ses',
    'An error occurred while trying to deliver the mail to the following recipients:\ntaro@example.jp\n',
    /^An error occurred while trying to deliver/,
  ],
  [
    'sendgrid',
    `This is an automatically generated message from SendGrid.

I'm sorry to have to tell you that your message was not able to be
delivered to one of its intended recipients.

account:000000:<taro@example.jp> : 192.0.2.250 : mx.example.jp:[192.0.2.153] : 550 5.1.1 User Unknown in RCPT TO
`,
    /550 5\.1\.1 User Unknown in RCPT TO$/,
  ],
  [
    'powermta',
    `Hello, this is the mail server on mail.example.net.

I am sending you this message to inform you on the delivery status of a
message you previously sent.

  <taro@example.jp>; 550 5.1.1 unknown user
`,
    /^550 5\.1\.1 unknown user$/,
  ],
  [
    'james',
    `Error message below:
550 - Requested action not taken: no such user here

Message details:
  Subject: Notice
  MAIL FROM: b@example.com
  RCPT TO: taro@example.jp
`,
    /no such user here$/,
  ],
  [
    'imail',
    'Unknown user: taro@example.jp\n\nOriginal message follows.\n',
    /^Unknown user$/,
    ['Subject: Undeliverable Mail'],
  ],
  [
    'mailmarshal',
    `Your message:
   From:    b@example.com
   Subject: Notice

Could not be delivered because of

550 5.1.1 User unknown

The following recipients were affected:
    taro@example.jp

Additional Information
======================
Original Sender:    <b@example.com>
`,
    /^550 5\.1\.1 User unknown$/,
  ],
  [
    'trend_micro',
    `Unable to deliver message to <taro@example.jp>.

Sent <<< RCPT TO:<taro@example.jp>
Received >>> 550 5.1.1 <taro@example.jp>... user unknown
`,
    /550 5\.1\.1/,
  ],
  [
    'mailfoundry',
    `Unable to deliver message to: <taro@example.jp>
Delivery failed for the following reason:
Server mx.example.jp[192.0.2.25] failed with: 550 <taro@example.jp> No such user here

This has been a permanent failure.  No further delivery attempts will be made.
`,
    /^Server mx\.example\.jp\[192\.0\.2\.25\] failed with: 550/,
  ],
  [
    'surfcontrol',
    `Your message could not be sent.
A transcript of the attempts to send the message follows.
The number of attempts made: 1
Addressed To: taro@example.jp

Thu 02 Apr 2009 23:34:45 +0900
Failed to send to identified host,
taro@example.jp: [192.0.2.5], 550 taro@example.jp... No such user
--- Message non-deliverable.
`,
    /No such user$/,
  ],
  [
    'mimecast',
    `An email that you attempted to send to the following address could not be delivered:
-- taro@example.jp

The problem appears to be :
-- Recipient email address is possibly incorrect

Additional information follows :
-- 5.4.1 Recipient address rejected: Access denied.
`,
    /possibly incorrect -- 5\.4\.1/,
  ],
  [
    'mcafee',
    '   --- The following addresses had delivery problems ---\n\n<taro@example.jp>   (User unknown taro@example.jp)\n',
    /^User unknown/,
  ],
  [
    'barracuda',
    'Your message to: taro@example.jp\nwas blocked by our Spam Firewall. The email you sent with the following subject has NOT BEEN DELIVERED:\n\nSubject: Notice\n',
    /^was blocked by our Spam Firewall/,
  ],
  [
    'messagelabs',
    `This is the mail delivery agent at messagelabs.com.
I was unable to deliver your message to the following addresses:

taro@example.jp

Reason: 550 5.1.1 unknown user

The message subject was: Notice
`,
    /^Reason: 550 5\.1\.1 unknown user$/,
  ],
  [
    'groupwise',
    'The message that you sent was undeliverable to the following:\n\ttaro@example.jp (user not found)\n\nPossibly truncated original message follows:\n',
    /^user not found$/,
  ],
];

describe('formats of servers, services and gateways', () => {
  it.each(samples)('%s is told by its words, with the recipient and the reason', (name, words, said, header = []) => {
    const { format, found } = told(words, header);
    expect(format).toBe(name);
    expect(found.map(({ recipient }) => recipient)).toEqual(['taro@example.jp']);
    expect(found[0]?.text).toMatch(said);
    expect(found[0]?.action).toBe('failed');
  });

  it('tell a delay, and an arrival', () => {
    const late = told(`This is a delivery status notification from mail.example.net,
running the Courier mail server, version 0.65.2.

                       DELAYS IN DELIVERING YOUR MESSAGE

<taro@example.jp>:
    mx.example.jp [192.0.2.25]:
<<< 450 try again
`);
    expect(late.found).toMatchObject([{ action: 'delayed', recipient: 'taro@example.jp' }]);
    const arrived = told(`    Hi!

    This is the MAILER-DAEMON, please DO NOT REPLY to this e-mail.

    Your message was successfully delivered to these recipients.

taro@example.jp: 250 2.0.0 Delivered
`);
    expect(arrived.found).toMatchObject([{ action: 'delivered', recipient: 'taro@example.jp' }]);
  });

  it('leave the address to the original message where only that names it', () => {
    const { format, found } = told(
      'Message could not be delivered to mobile.\nError: No valid recipients for this MM\n\nOriginal Message:\nFrom: b@example.com\nTo: 0000000000@vzwpix.com\n',
    );
    expect(format).toBe('vzwpix');
    expect(found).toMatchObject([{ recipient: null, text: 'No valid recipients for this MM' }]);
  });

  it('are told by the system that reports, not by the one whose reply it quotes', () => {
    const { format, found } = told(`This is the mail system at host mail.example.net.

<taro@example.jp>: host gmail-smtp-in.l.google.com[192.0.2.26] said: 550-5.1.1
    The email account that you tried to reach does not exist. 550 5.1.1
    https://support.google.com/mail/?p=NoSuchUser a1-1 - gsmtp (in reply to RCPT TO command)
`);
    expect([format, found[0]?.recipient]).toEqual(['postfix', 'taro@example.jp']);
  });

  it('tell the step that was refused', () => {
    const stages = samples.map(([name, words, , header]) => [name, told(words, header).found[0]?.stage]);
    expect(Object.fromEntries(stages)).toMatchObject({
      ...{ courier: 'rcpt', dragonfly: 'rcpt', mdaemon: 'rcpt', smtp_server: 'rcpt', technical_details: 'rcpt' },
      ...{ sendgrid: 'rcpt', opensmtpd: null, james: null },
    });
  });

  it('have a name of their own and a source each', () => {
    expect(new Set(formats.map(({ name }) => name)).size).toBe(formats.length);
    expect(formats.filter(({ name, source }) => !/^[a-z][a-z0-9_]*$/.test(name) || source.length < 10)).toEqual([]);
  });

  it('see nothing in the mail of a person', () => {
    const words = 'Dear all,\n\nplease write to <taro@example.jp>: he knows.\n\n-- \nHanako\nhanako@example.com\n';
    expect(told(words, ['From: hanako@example.com', 'Subject: hello']).format).toBe(null);
  });

  it('say the same once when a mail says it twice', () => {
    const block = '<taro@example.jp>:\nuser unknown\n\n';
    const { found } = told(`Hi. This is the qmail-send program at mail.example.net.\n\n${block}${block.toUpperCase()}`);
    expect(found).toMatchObject([{ recipient: 'taro@example.jp', text: 'user unknown' }]);
  });

  it('read what was cut off anywhere without an error', () => {
    for (const [, words, , header] of samples) {
      for (let length = 0; length < words.length; length += 13) told(words.slice(0, length), header);
    }
  });

  it.each([
    '<a@b.jp>: x\n',
    'a@b.jp\n',
    ' ',
    '\t',
    '\n',
    '@',
    'a@',
    '>>> RCPT To:<a@b.jp>\n<<< 550 x\n',
    '(',
    '- ',
    'あ',
  ])('take no longer than a moment over a quarter of a megabyte of %j', (filling) => {
    const hostile = filling.repeat(Math.ceil(2 ** 18 / filling.length));
    const longest = samples.map(([name, words, , header]) => {
      const before = performance.now();
      told(`${words.split('\n').slice(0, 3).join('\n')}\n${hostile}`, header);
      return { name, ms: performance.now() - before };
    });
    // Twenty times what it takes on one slow core: what grows with the square takes many seconds.
    expect(longest.filter(({ ms }) => ms > 2000)).toEqual([]);
  });
});
