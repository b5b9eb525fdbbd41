import type { ReportFacts } from '../reports/facts.ts';
import { reportFields, standardReport } from './delivery-status.ts';
import { bounces, domainOf, type JapanKind, said } from './japan-kind.ts';
import { encodedWords, leaf, mail, multipart } from './mail.ts';
import { DATE } from './original.ts';
import { postfix, qmail } from './systems.ts';

const FORWARDED_TO = 'kept.elsewhere@forward.example.com';
const elsewhere = (facts: ReportFacts): ReportFacts => ({ ...facts, recipient: FORWARDED_TO });

// A .forward of the recipient: the address that failed is not the one we wrote to.
const byServer: JapanKind[] = [
  bounces({
    ...{ name: 'a .forward, Postfix', forwardedTo: FORWARDED_TO },
    make: (facts) => postfixExpanded(facts),
  }),
  bounces({
    ...{ name: 'a .forward, Original-Recipient beside Final-Recipient', forwardedTo: FORWARDED_TO },
    make: (facts) =>
      standardReport(elsewhere(facts), {
        ...{ from: 'MAILER-DAEMON@mail.example.jp', subject: 'Returned mail: see transcript for details' },
        text: `The following address had permanent fatal errors\n\n<${FORWARDED_TO}>\n    (reason: ${said(elsewhere(facts))})\n    (expanded from: <${facts.recipient}>)\n`,
        status: { mta: 'mail.example.jp', moreOfRecipient: [`Original-Recipient: rfc822;${facts.recipient}`] },
      }),
  }),
  bounces({
    ...{ name: 'a .forward, qmail', forwardedTo: FORWARDED_TO },
    make: (facts) => qmail(elsewhere(facts), { host: 'mail.example.jp' }),
  }),
];

const postfixExpanded = (facts: ReportFacts) =>
  Buffer.from(
    postfix(elsewhere(facts), { host: 'mail.example.jp', expanded: ` (expanded from <${facts.recipient}>)` })
      .toString('latin1')
      .replace(`Original-Recipient: rfc822;${FORWARDED_TO}`, `Original-Recipient: rfc822;${facts.recipient}`),
    'latin1',
  );

const bounceText = (facts: ReportFacts) => `This is the mail system at host mail.example.jp.

I'm sorry to have to inform you that your message could not
be delivered to one or more recipients. It's attached below.

<${facts.recipient}>: host mx.${domainOf(facts.recipient)}[198.51.100.7] said: ${said(facts)} (in reply to RCPT TO command)
`;

const person = (facts: ReportFacts, subject: string) =>
  reportFields(facts, `${encodedWords('受付 太郎', 'iso-2022-jp')} <uketsuke@example.jp>`, subject).slice(1);

// Somebody in the office gets the bounce and hands it on to the mailbox that Owabi reads.
const byPerson: JapanKind[] = [
  bounces({
    name: 'handed on by a person, inline',
    make: (facts) =>
      mail(
        person(facts, 'Fwd: Undelivered Mail Returned to Sender'),
        leaf(
          `エラーメールが届きましたので転送します。

---------- Forwarded message ---------
From: Mail Delivery System <MAILER-DAEMON@mail.example.jp>
Date: ${DATE}
Subject: Undelivered Mail Returned to Sender
To: <${facts.sender}>


${bounceText(facts)}`,
          { charset: 'utf-8', transfer: 'base64' },
        ),
      ),
  }),
  bounces({
    name: 'handed on by a person, Outlook in Japanese',
    make: (facts) =>
      mail(
        person(facts, encodedWords('FW: Undelivered Mail Returned to Sender', 'iso-2022-jp')),
        leaf(
          `転送します。

-----Original Message-----
差出人: Mail Delivery System <MAILER-DAEMON@mail.example.jp>
送信日時: 2026年11月24日 10:15
宛先: ${facts.sender}
件名: Undelivered Mail Returned to Sender

${bounceText(facts)}`,
          { charset: 'iso-2022-jp' },
        ),
      ),
  }),
  bounces({
    name: 'handed on by a person, as an attachment',
    make: (facts) => {
      const bounce = postfix(facts, { host: 'mail.example.jp' });
      const attachment = { fields: [['Content-Type', 'message/rfc822; name="bounce.eml"']] as const, body: bounce };
      const parts = [leaf('エラーメールを添付します。\n', { charset: 'iso-2022-jp' }), attachment];
      return mail(
        person(facts, 'Fwd: Undelivered Mail Returned to Sender'),
        multipart('mixed', parts, 'outer-of-the-forward'),
      );
    },
  }),
];

/** Reports that came on another way than straight. */
export const forwardedKinds: readonly JapanKind[] = [...byServer, ...byPerson];
