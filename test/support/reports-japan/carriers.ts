import type { ReportFacts } from '../reports/facts.ts';
import { reportFields } from './delivery-status.ts';
import { bounces, type JapanKind, said, saying } from './japan-kind.ts';
import { leaf, mail, multipart } from './mail.ts';
import { DATE, originalBelow, originalParts } from './original.ts';
import { exim, interMail, postfix, qmail, sendmail } from './systems.ts';

const DOCOMO = { domain: 'docomo.ne.jp' };
const docomoUnknown = [saying(550, null, 'Unknown user %s', 'invalid_mailbox')];
const docomoFiltered = [saying(550, null, 'Unknown user %s', 'recipient_filter')];
const docomoFull = [
  saying(552, '5.2.2', 'Mailbox is full', 'mailbox_full'),
  saying(452, '4.2.2', 'Mailbox full', 'mailbox_full'),
];

// What docomo says by which step it means: at RCPT nobody is there, at the end of DATA the filter of somebody.
const docomo: JapanKind[] = [
  bounces({
    ...DOCOMO,
    name: 'docomo by Postfix, refused at RCPT',
    sayings: docomoUnknown,
    make: (facts) => postfix(facts, { host: 'relay.example.jp', remote: 'mfsmax.docomo.ne.jp' }),
  }),
  bounces({
    ...DOCOMO,
    name: 'docomo by Postfix, refused after DATA',
    sayings: docomoFiltered,
    make: (facts) =>
      postfix(facts, { host: 'relay.example.jp', remote: 'mfsmax.docomo.ne.jp', step: 'end of DATA command' }),
  }),
  bounces({
    ...DOCOMO,
    name: 'docomo by Sendmail, refused at RCPT',
    showsStatus: false,
    sayings: docomoUnknown,
    make: (facts) =>
      sendmail(facts, {
        ...{ host: 'relay.example.jp', remote: 'mfsmax.docomo.ne.jp' },
        outcome: `550 5.1.1 <${facts.recipient}>... User unknown`,
      }),
  }),
  bounces({
    ...DOCOMO,
    name: 'docomo by Sendmail, refused after DATA',
    showsStatus: false,
    sayings: docomoFiltered,
    make: (facts) =>
      sendmail(facts, {
        ...{ host: 'relay.example.jp', remote: 'mfsmax.docomo.ne.jp', command: 'DATA' },
        outcome: `550 5.1.1 <${facts.recipient}>... User unknown`,
      }),
  }),
  bounces({
    ...DOCOMO,
    name: 'docomo by qmail, mailbox full',
    sayings: docomoFull,
    make: (facts) => qmail(facts, { host: 'relay.example.jp' }),
  }),
  bounces({
    ...DOCOMO,
    name: 'docomo by Exim, refused after DATA',
    sayings: docomoFiltered,
    make: (facts) =>
      exim(facts, {
        host: 'relay.example.jp',
        lines: `host mfsmax.docomo.ne.jp [203.0.113.5]
    SMTP error from remote mail server after end of data:
    ${said(facts)}`,
      }),
  }),
];

const EZWEB = {
  from: 'Postmaster@ezweb.ne.jp',
  subject: 'Mail System Error - Returned Mail',
  host: 'lsean.ezweb.ne.jp',
};
const REJECTED = (facts: ReportFacts) => `Each of the following recipients was rejected by a remote mail server.
The reasons given by the server are included to help you determine why
each recipient was rejected.

    Recipient: <${facts.recipient}>
    Reason:    <${facts.recipient}>... User Unknown
`;

const ezweb = (name: string, reason: (facts: ReportFacts) => string, reply: ReturnType<typeof saying>): JapanKind =>
  bounces({
    ...{ name: `au/ezweb, ${name}`, domain: 'ezweb.ne.jp', showsStatus: false, sayings: [reply] },
    make: (facts) => interMail(facts, { ...EZWEB, reason: reason(facts), mixed: facts.attach === 'text' }),
  });

const kddi = (name: string, because: string, reply: ReturnType<typeof saying>): JapanKind =>
  bounces({
    ...{ name: `KDDI, ${name}`, showsStatus: false, sayings: [reply] },
    make: (facts) => {
      const text = `Your mail sent on: ${DATE}
    Could not be delivered to: <${facts.recipient}>
    ${because}

`;
      const fields = reportFields(facts, 'no-reply@app.auone-net.jp', 'Mail System Error - Returned Mail');
      return mail(fields, multipart('mixed', [leaf(text), ...originalParts(facts, 'message/rfc822')]));
    },
  });

const au: JapanKind[] = [
  ezweb('user unknown', REJECTED, saying(550, '5.1.1', 'User Unknown', 'invalid_mailbox')),
  ezweb(
    'account disabled',
    ({ recipient }) => `The user(s) account is disabled.\n\n<${recipient}>\n`,
    saying(550, null, 'account is disabled', 'mailbox_suspended'),
  ),
  ezweb(
    'account temporarily limited',
    ({ recipient }) => `The user(s) account is temporarily limited.\n\n<${recipient}>\n`,
    saying(450, null, 'account is temporarily limited', 'mailbox_suspended'),
  ),
  ezweb(
    'over quota',
    ({ recipient }) => `The user(s) account is temporarily over quota.\n\n<${recipient}>\n`,
    saying(552, null, 'over quota', 'mailbox_full'),
  ),
  ezweb(
    'not delivered in time',
    ({ recipient }) => `Your mail was not delivered within 0 days and 2 hours.
Host mail.ezweb.ne.jp is not responding.

The following recipients did not receive this message:

<${recipient}>
`,
    saying(450, null, 'not delivered within', 'expired', 'network'),
  ),
  bounces({
    ...{ name: 'au/ezweb, transcript in place of a reason', domain: 'au.com', showsStatus: false },
    sayings: [saying(550, null, '<%s>: User unknown', 'invalid_mailbox')],
    make: (facts) =>
      interMail(facts, {
        ...{ ...EZWEB, from: 'Postmaster@au.com', mixed: true },
        reason: `The following recipients did not receive this message:

<${facts.recipient}>
>>> RCPT TO:<${facts.recipient}>
<<< ${said(facts)}
`,
      }),
  }),
  bounces({
    ...{ name: 'au by Postfix, the filter of the recipient', domain: 'ezweb.ne.jp' },
    sayings: [saying(550, null, ': User unknown', 'recipient_filter')],
    make: (facts) =>
      postfix(facts, { host: 'relay.example.jp', remote: 'lsean.ezweb.ne.jp', step: 'end of DATA command' }),
  }),
  bounces({
    ...{ name: 'au by Postfix, user unknown', domain: 'au.com' },
    sayings: [saying(550, null, '<%s>: User unknown', 'invalid_mailbox')],
    make: (facts) => postfix(facts, { host: 'relay.example.jp', remote: 'mx.au.com' }),
  }),
  kddi('full', 'As their mailbox is full.', saying(552, null, 'mailbox is full', 'mailbox_full')),
  kddi(
    'no such domain',
    'As the remote domain doesnt exist.',
    saying(550, null, 'the remote domain doesnt exist', 'invalid_domain'),
  ),
  kddi(
    'relay error',
    'Due to the following SMTP relay error\n    550 5.1.1 User unknown',
    saying(550, '5.1.1', 'User unknown', 'invalid_mailbox'),
  ),
];

const others: JapanKind[] = [
  bounces({
    ...{ name: 'SoftBank by Postfix', domain: 'softbank.ne.jp' },
    sayings: [
      saying(550, null, 'Invalid recipient: <%s>', 'invalid_mailbox'),
      saying(550, '5.1.1', '<%s> User unknown', 'invalid_mailbox'),
      saying(554, '5.2.2', '<%s> mailbox full', 'mailbox_full'),
    ],
    make: (facts) => postfix(facts, { host: 'relay.example.jp', remote: 'mx.softbank.ne.jp' }),
  }),
  bounces({
    ...{ name: 'i.softbank.jp by Sendmail', domain: 'i.softbank.jp' },
    sayings: [saying(550, '5.1.1', '%s recipient rejected', 'invalid_mailbox', 'recipient_filter')],
    make: (facts) => sendmail(facts, { host: 'relay.example.jp', remote: 'mx.i.softbank.jp' }),
  }),
  bounces({
    ...{ name: 'disney.ne.jp and vodafone in the old manner', domain: 'd.vodafone.ne.jp', showsStatus: false },
    sayings: [saying(550, null, 'Invalid recipient: <%s>', 'invalid_mailbox')],
    make: (facts) =>
      mail(
        reportFields(
          facts,
          'MAILER-DAEMON@d.vodafone.ne.jp',
          'Delivery Error / 送信エラー'.replace(' / 送信エラー', ''),
        ),
        leaf(
          `お客様がお送りになったメールは、以下の宛先に届きませんでした。

宛先: <${facts.recipient}>
理由: ${said(facts)}

${originalBelow(facts, '----- 元のメール -----')}`,
          { charset: 'iso-2022-jp' },
        ),
      ),
  }),
  bounces({
    ...{ name: 'Y!mobile by Postfix', domain: 'ymobile.ne.jp' },
    sayings: [
      saying(550, '5.1.1', '%s: user unknown', 'invalid_mailbox'),
      saying(552, '5.2.2', 'mailbox full', 'mailbox_full'),
    ],
    make: (facts) => postfix(facts, { host: 'relay.example.jp', remote: 'mx.ymobile.ne.jp' }),
  }),
  bounces({
    ...{ name: 'Rakuten by Postfix', domain: 'rakuten.jp' },
    sayings: [saying(550, '5.1.1', '<%s> User does not exist', 'invalid_mailbox')],
    make: (facts) => postfix(facts, { host: 'relay.example.jp', remote: 'mx.rakuten.jp' }),
  }),
];

/** Mail systems of the mobile carriers of Japan, and what becomes of their answers at the server that sent. */
export const carrierKinds: readonly JapanKind[] = [...docomo, ...au, ...others];
