import type { ReportFacts } from '../reports/facts.ts';
import { reportFields, standardReport } from './delivery-status.ts';
import { bounces, domainOf, type JapanKind, said, saying } from './japan-kind.ts';
import { encodedWords, leaf, mail, multipart } from './mail.ts';
import { DATE, originalParts, SUBJECT } from './original.ts';
import { sunMessaging } from './providers.ts';

const POWER_MTA = {
  bounce: 'delivery failed; will not continue trying',
  delay: 'delivery temporarily suspended',
  delivered: 'delivered',
};
const categoryOf: Record<string, string> = {
  invalid_mailbox: 'bad-mailbox',
  invalid_domain: 'bad-domain',
  mailbox_full: 'quota-issues',
  sender_blocked: 'spam-related',
  content: 'content-related',
};

const powerMta: JapanKind = {
  ...bounces({ name: 'PowerMTA', make: () => Buffer.alloc(0) }),
  kinds: ['bounce', 'delay', 'delivered'],
  make: (facts) =>
    standardReport(facts, {
      from: 'Mail Delivery System <mailer-daemon@pmta.example.com>',
      subject: facts.kind === 'delay' ? 'Delivery Delayed' : 'Delivery report',
      text: `Hello, this is the mail server on pmta.example.com.

I am sending you this message to inform you on the delivery status of a
message you previously sent.  Immediately below you will find a list of
the affected recipients;  also attached is a Delivery Status Notification
(DSN) report in standard format, as well as the headers of the original
message.

  <${facts.recipient}>  ${POWER_MTA[facts.kind as 'bounce']}

`,
      status: {
        ...{
          mta: 'pmta.example.com',
          addressType: 'rfc822;',
          remote: `mx.${domainOf(facts.recipient)} (198.51.100.7)`,
        },
        diagnostic: `smtp;${said(facts)}`,
        moreOfRecipient: [
          `Original-Recipient: rfc822;${facts.recipient}`,
          `X-PowerMTA-BounceCategory: ${categoryOf[facts.reply.class] ?? 'other'}`,
        ],
      },
    }),
};

const kumoMta = bounces({
  name: 'KumoMTA',
  make: (facts) =>
    standardReport(facts, {
      ...{ from: 'Mail Delivery Subsystem <mailer-daemon@kumo.example.com>', subject: 'Returned mail' },
      text: `The message was received at ${DATE}
from ${facts.sender} and addressed to ${facts.recipient}.
While communicating with mx.${domainOf(facts.recipient)} (198.51.100.7):
Response: ${said(facts)}

The message will be deleted from the queue.
`,
      status: {
        ...{
          mta: 'kumo.example.com',
          addressType: 'rfc822;',
          diagnostic: `smtp; ${said(facts)}`,
          remote: `mx.${domainOf(facts.recipient)}`,
        },
        moreOfRecipient: [`Original-Recipient: rfc822;${facts.recipient}`],
      },
    }),
});

const mDaemon = bounces({
  name: 'MDaemon',
  make: (facts) => {
    const text = `The following data may contain sections which represent BASE64 encoded
file attachments.  These sections will be unreadable without MIME aware
tools.  Seek your system administrator if you need help extracting any
files which may be embedded within this message.

-----------------------------------------------------------------------

The attached message had PERMANENT fatal delivery errors!

After one or more unsuccessful delivery attempts the attached message has
been removed from the mail queue on this server.  The number and frequency
of delivery attempts are determined by local configuration parameters.

YOUR MESSAGE WAS NOT DELIVERED TO ONE OR MORE RECIPIENTS!

Failed address: ${facts.recipient}

--- Session Transcript ---
 Tue 2026-11-24 10:15:30: Parsing message <xxxxxx\\pd35000001234.msg>
 Tue 2026-11-24 10:15:30: *  From: ${facts.sender}
 Tue 2026-11-24 10:15:30: *  To: ${facts.recipient}
 Tue 2026-11-24 10:15:30: *  Subject: An important notice
 Tue 2026-11-24 10:15:30: *  Message-ID: ${facts.originalMessageId}
 Tue 2026-11-24 10:15:31: Attempting SMTP connection to [198.51.100.7:25]
 Tue 2026-11-24 10:15:31: <-- 220 mx.example.com ESMTP
 Tue 2026-11-24 10:15:31: --> MAIL From:<${facts.sender}> SIZE=1234
 Tue 2026-11-24 10:15:31: <-- 250 2.1.0 Ok
 Tue 2026-11-24 10:15:31: --> RCPT To:<${facts.recipient}>
 Tue 2026-11-24 10:15:31: <-- ${said(facts)}
 Tue 2026-11-24 10:15:31: --> QUIT
--- End Transcript ---

`;
    const parts = [leaf(text), ...originalParts(facts, 'message/rfc822')];
    const fields = reportFields(facts, 'MDaemon@mdaemon.example.com', 'Permanent Delivery Failure', [
      ['X-MDaemon-Deliver-To', facts.sender],
    ]);
    return mail(fields, multipart('mixed', parts));
  },
});

const H_MAIL = (
  facts: ReportFacts,
  reason: string,
) => `Your message did not reach some or all of the intended recipients.

   Sent: ${DATE}
   Subject: ${SUBJECT}

The following recipient(s) could not be reached:

${facts.recipient}
${reason}


hMailServer
`;

const hMailServer = (name: string, reason: (facts: ReportFacts) => string, sayings?: JapanKind['sayings']): JapanKind =>
  bounces({
    ...{ name: `hMailServer, ${name}`, ...(sayings ? { sayings, showsStatus: false } : {}) },
    make: (facts) => {
      const parts = [
        leaf(H_MAIL(facts, reason(facts)), { charset: 'utf-8', transfer: 'quoted-printable' }),
        ...originalParts(facts, 'message/rfc822'),
      ];
      return mail(
        reportFields(facts, 'mailer-daemon@hmail.example.com', `Message undeliverable: ${encodedWords(SUBJECT)}`),
        multipart('mixed', parts),
      );
    },
  });

const sendGrid = bounces({
  name: 'SendGrid',
  make: (facts) =>
    standardReport(facts, {
      ...{ from: 'MAILER-DAEMON (Mail Delivery System)', subject: 'Undelivered Mail Returned to Sender' },
      text: `This is an automatically generated message from SendGrid.

I'm sorry to have to tell you that your message was not able to be
delivered to one of its intended recipients.

If you require assistance with this, please contact SendGrid support.

${facts.recipient}:${said(facts)}
`,
      status: {
        ...{
          mta: 'filter0001p1las1.sendgrid.example.net',
          more: [
            'X-SendGrid-QueueID: 1234567890',
            `X-SendGrid-Sender: <${facts.sender}>`,
            `Arrival-Date: 2026-11-24 10-15-30`,
          ],
        },
        moreOfRecipient: [`Original-recipient: rfc822; ${facts.recipient}`],
        diagnostic: said(facts),
      },
    }),
});

const mailgunLike = bounces({
  name: 'a sending service, DSN without words',
  make: (facts) =>
    standardReport(facts, {
      ...{
        from: 'Mail Delivery System <postmaster@mg.example.com>',
        subject: 'Delivery Status Notification (Failure)',
      },
      text: 'Delivery to the recipient failed permanently. Details are attached.\n',
      status: { mta: 'mg.example.com', addressType: 'rfc822;' },
    }),
});

/** Mail transports and sending services. */
export const transportKinds: readonly JapanKind[] = [
  ...[powerMta, kumoMta, mDaemon, sendGrid, mailgunLike],
  sunMessaging('Sun Messaging Server'),
  hMailServer(
    'refused by another server',
    (facts) => `   Error Type: SMTP
   Remote server (198.51.100.7) issued an error.
   hMailServer sent: RCPT TO:<${facts.recipient}>
   Remote server replied: ${said(facts)}`,
  ),
  hMailServer(
    'no server to be found',
    () => `   Error Type: SMTP
   Error Description: No mail servers appear to exists for the recipient's address.
   Additional information: Please check that you have not misspelled the recipient's email address.`,
    [saying(null, null, 'no mail servers', 'invalid_domain')],
  ),
];
