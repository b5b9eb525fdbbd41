import type { ReportFacts } from '../reports/facts.ts';
import { deliveryStatus, reportFields, standardReport } from './delivery-status.ts';
import { bounces, domainOf, type JapanKind, said, saying } from './japan-kind.ts';
import { encodedWords, type Line, leaf, mail, multipart } from './mail.ts';
import { DATE, originalBelow, originalHeader, originalParts, SUBJECT } from './original.ts';

/** A report of one part of text. */
const inWords = (
  name: string,
  head: { from: string; subject: string; more?: readonly Line[] },
  text: (facts: ReportFacts) => string,
  rest: Partial<JapanKind> = {},
): JapanKind =>
  bounces({
    ...{ name, ...rest },
    make: (facts) => mail(reportFields(facts, head.from, head.subject, head.more), leaf(text(facts))),
  });

const dragonFly = inWords(
  'DragonFly Mail Agent',
  { from: 'MAILER-DAEMON <>', subject: 'Mail delivery failed' },
  (facts) => `This is the DragonFly Mail Agent v0.13 at dma.example.com.

There was an error delivering your mail to <${facts.recipient}>.

mx.${domainOf(facts.recipient)} [198.51.100.7] did not like our RCPT TO:
${said(facts)}

${originalBelow(facts, 'Original message headers follow.')}`,
);

const iMail = (name: string, words: (facts: ReportFacts) => string, reply: ReturnType<typeof saying>) =>
  inWords(
    `Ipswitch IMail, ${name}`,
    {
      from: 'Postmaster <postmaster@imail.example.com>',
      subject: 'Undeliverable Mail',
      more: [['X-Mailer', '<SMTP32 v8.22>']],
    },
    (facts) => `${words(facts)}\n\n${originalBelow(facts, 'Original message follows.')}`,
    { sayings: [reply], showsStatus: false },
  );

const mailFoundry = bounces({
  name: 'MailFoundry',
  make: (facts) => {
    const text = `Unable to deliver message to: <${facts.recipient}>
Delivery failed for the following reason:
Server mx.${domainOf(facts.recipient)}[198.51.100.7] failed with: ${said(facts)}

This has been a permanent failure.  No further delivery attempts will be made.
`;
    const fields = reportFields(facts, 'MAILER-DAEMON@foundry.example.com', 'Message delivery has failed');
    return mail(fields, multipart('mixed', [leaf(text), ...originalParts(facts, 'message/rfc822')]));
  },
});

const oneAndOne = inWords(
  '1&1',
  {
    from: 'Mail Delivery System <mailer-daemon@kundenserver.example.de>',
    subject: 'Mail delivery failed: returning message to sender',
  },
  (facts) => `This message was created automatically by mail delivery software.

A message that you sent could not be delivered to one or more of
its recipients. This is a permanent error. The following address
failed:

${facts.recipient}
For the following reason:
${said(facts)}

--- The header of the original message is following. ---

${facts.attach === 'none' ? '' : originalHeader(facts)}`,
);

const trouble = inWords(
  'a server that had trouble',
  { from: 'Mail Delivery System <postmaster@trouble.example.com>', subject: 'There was an error sending your mail' },
  (facts) => `We had trouble delivering your message. Full details follow:

Subject: '${encodedWords(SUBJECT).replaceAll('\r\n ', '')}'
Date: '${DATE}'

1 error(s):

SMTP Server <mx.${domainOf(facts.recipient)}> rejected recipient <${facts.recipient}> 
  (Error following RCPT command). It responded as follows: [${said(facts)}]

${originalBelow(facts, '----- Original message headers -----')}`,
);

const deliveryErrors = inWords(
  'a server that lists delivery errors',
  { from: '"Mail Deliver System" <MAILER-DAEMON@errors.example.com>', subject: 'Returned Mail: User unknown' },
  (facts) => `The original message was received at ${DATE}
from ${facts.sender}

---The following addresses had delivery errors---

${facts.recipient} [User unknown]

---
${originalBelow(facts, 'Received: from app.example.jp')}`,
  { sayings: [saying(550, '5.1.1', 'User unknown', 'invalid_mailbox')], showsStatus: false },
);

const amavis = bounces({
  name: 'Amavis',
  make: (facts) =>
    standardReport(facts, {
      ...{
        from: '"Content-filter at mx.example.com" <postmaster@mx.example.com>',
        subject: 'Undeliverable mail, MTA-BLOCKED',
      },
      text: `This message was created automatically by mail system at mx.example.com.

Your message

Subject: An important notice
Message-ID: ${facts.originalMessageId}

WAS NOT delivered to:

<${facts.recipient}>:
   ${said(facts)}
`,
      status: { mta: 'mx.example.com', addressType: 'rfc822;', diagnostic: `smtp; ${said(facts)}` },
    }),
});

const listRejects: JapanKind[] = [
  inWords(
    'FML, not a member',
    {
      from: 'news-admin@lists.example.jp',
      subject: 'NOT MEMBER article from notice@example.jp',
      more: [['X-MLServer', 'fml [fml 4.0.3 release]']],
    },
    (facts) => `You <${facts.sender}> are not a member of this mailing list <${facts.recipient}>.
Your mail is rejected.

Original mail as follows:

${originalHeader(facts)}`,
    {
      namesRecipient: false,
      showsStatus: false,
      sayings: [
        saying(
          null,
          null,
          'not a member',
          'sender_blocked',
          'undetermined',
          'recipient_filter',
          'content',
          'system',
          'sender_auth',
        ),
      ],
    },
  ),
];

// Gateways code the status part, or wrap the report with words of warning.
const wrapped: JapanKind[] = [
  bounces({
    name: 'a status part in base64',
    make: (facts) => withStatus(facts, 'base64'),
  }),
  bounces({
    name: 'a status part in quoted-printable',
    make: (facts) => withStatus(facts, 'quoted-printable'),
  }),
  bounces({
    name: 'a report within a warning of the company',
    make: (facts) => {
      const inner = multipart('report; report-type=delivery-status', [
        leaf(`Delivery to the following recipients failed.\n\n       ${facts.recipient}\n`),
        deliveryStatus(facts, { mta: 'dns.example.com', addressType: 'rfc822;' }),
        ...originalParts(facts),
      ]);
      const warning = leaf('【注意】このメールは社外から送信されています。添付ファイルにご注意ください。\n', {
        ...{ charset: 'utf-8', transfer: 'base64' },
      });
      const subject = encodedWords('[社外] Delivery Status Notification (Failure)');
      return mail(reportFields(facts, 'postmaster@mail.example.com', subject), multipart('mixed', [warning, inner]));
    },
  }),
  bounces({
    name: 'HTML alone in ISO-2022-JP',
    make: (facts) => {
      const html = `<html><head><title>配信エラー</title><style>p { color: #333 }</style></head><body>
<p>以下の宛先へメールを配信できませんでした。</p>
<table border="1"><tr><th>宛先</th><td>${facts.recipient}</td></tr>
<tr><th>エラー</th><td>${said(facts).replaceAll('<', '&lt;').replaceAll('>', '&gt;')}</td></tr></table></body></html>`;
      const fields = reportFields(
        facts,
        'MAILER-DAEMON@mail.example.jp',
        encodedWords('配信エラー通知', 'iso-2022-jp'),
      );
      return mail(fields, leaf(html, { type: 'text/html', charset: 'iso-2022-jp' }));
    },
  }),
];

function withStatus(facts: ReportFacts, transfer: 'base64' | 'quoted-printable'): Buffer {
  const status = deliveryStatus(facts, { mta: 'mail.example.com', addressType: 'rfc822;' });
  const parts = [
    leaf('Your message could not be delivered.\n', { charset: 'utf-8', transfer }),
    leaf(status.body.toString('utf8'), { type: 'message/delivery-status', label: null, transfer }),
    ...originalParts(facts),
  ];
  const fields = reportFields(facts, 'postmaster@mail.example.com', 'Undeliverable: An important notice');
  return mail(fields, multipart('report; report-type=delivery-status', parts));
}

/** Rarer servers, lists, and reports that gateways have handled. */
export const moreKinds: readonly JapanKind[] = [
  ...[dragonFly, mailFoundry, oneAndOne, trouble, deliveryErrors, amavis],
  iMail(
    'unknown user',
    ({ recipient }) => `Unknown user: ${recipient}`,
    saying(550, null, 'Unknown user', 'invalid_mailbox'),
  ),
  iMail(
    'over quota',
    ({ recipient }) => `User mailbox exceeds allowed size: ${recipient}`,
    saying(552, null, 'User mailbox exceeds allowed size', 'mailbox_full'),
  ),
  ...listRejects,
  ...wrapped,
];
