import type { ReportFacts } from '../reports/facts.ts';
import { reportFields, standardReport } from './delivery-status.ts';
import { bounces, type JapanKind, said, saying } from './japan-kind.ts';
import { encodedWords, inCharset, leaf, mail, multipart } from './mail.ts';
import { DATE, originalBelow, originalParts, SUBJECT } from './original.ts';
import { exim, interMail, postfix, qmail, sendmail } from './systems.ts';

const UNKNOWN = saying(550, '5.1.1', '<%s>... User unknown', 'invalid_mailbox');

// Yahoo! JAPAN answers with sentences that begin with two letters, and reports in a manner like that of qmail.
const yahooJapan: JapanKind[] = [
  bounces({
    ...{ name: 'to Yahoo! JAPAN by Postfix', domain: 'yahoo.co.jp', showsStatus: false },
    sayings: [
      saying(
        554,
        null,
        "delivery error: dd This user doesn't have a yahoo.co.jp account (%s) [0] - mta1001.mail.djm.yahoo.co.jp",
        'invalid_mailbox',
      ),
      saying(
        554,
        null,
        'delivery error: dd Sorry, your message to %s cannot be delivered. This account is over quota. - mta1002.mail.djm.yahoo.co.jp',
        'mailbox_full',
      ),
      saying(
        554,
        null,
        'delivery error: dd Sorry, your message to %s cannot be delivered. This account has been disabled or discontinued [#102]. - mta1003.mail.djm.yahoo.co.jp',
        'invalid_mailbox',
        'mailbox_suspended',
      ),
    ],
    make: (facts) =>
      postfix(facts, { host: 'relay.example.jp', remote: 'mx1.mail.yahoo.co.jp', step: 'end of DATA command' }),
  }),
  bounces({
    name: 'from Yahoo! JAPAN',
    showsStatus: false,
    make: (facts) => {
      const text = `Message from yahoo.co.jp.
Unable to deliver message to the following address(es).

<${facts.recipient}>:
Remote host said: ${said(facts)} [RCPT_TO]

${originalBelow(facts, '--- Original message follows.')}`;
      return mail(reportFields(facts, 'MAILER-DAEMON@yahoo.co.jp', 'Failure Notice'), leaf(text, { type: null }));
    },
  }),
];

const nifty: JapanKind[] = [
  bounces({
    ...{ name: 'nifty, refused at RCPT', domain: 'nifty.com' },
    sayings: [
      saying(550, '5.1.1', '<%s>... User Unknown', 'invalid_mailbox'),
      saying(552, '5.2.2', '<%s>... Mailbox Full', 'mailbox_full'),
    ],
    make: (facts) => sendmail(facts, { host: 'mx.nifty.com', remote: 'mx01.nifty.com' }),
  }),
  bounces({
    ...{ name: 'nifty, a report in Japanese', domain: 'nifty.com' },
    sayings: [saying(550, '5.1.1', '<%s>: user unknown', 'invalid_mailbox')],
    make: (facts) =>
      standardReport(facts, {
        from: `${encodedWords('@niftyメール', 'iso-2022-jp')} <postmaster@nifty.com>`,
        subject: encodedWords('メールをお届けできませんでした', 'iso-2022-jp'),
        text: `お送りいただいたメールは、次の宛先にお届けできませんでした。

  ${facts.recipient}

宛先のメールアドレスが存在しないか、使われていません。

  ${said(facts)}
`,
        textForm: { charset: 'iso-2022-jp' },
        status: { mta: 'mta01.nifty.com', remote: 'mx01.nifty.com' },
      }),
  }),
];

const NON_DELIVERED = {
  full: "The number of messages in recipient's mailbox exceeded the local limit.",
  filtered: 'Mail Delivery Failed... User unknown',
};

const biglobe = (name: string, words: string, reply: ReturnType<typeof saying>): JapanKind =>
  bounces({
    ...{ name: `BIGLOBE, ${name}`, domain: 'kxa.biglobe.ne.jp', showsStatus: false, sayings: [reply] },
    make: (facts) => {
      const text = `   ----- The following addresses had delivery problems -----
${facts.recipient}

   ----- Non-delivered information -----
${words}

`;
      const fields = reportFields(facts, 'postmaster@biglobe.ne.jp', `Returned mail: ${words.slice(0, 22)}`);
      const parts = [leaf(text, { charset: 'iso-2022-jp' }), ...originalParts(facts, 'message/rfc822')];
      return mail(
        fields,
        multipart(
          'mixed',
          parts,
          '----_Biglobe000101/12345.biglobe.ne.jp',
          'This is a MIME-encapsulated message.\r\n\r\n',
        ),
      );
    },
  });

const REASONS = (facts: ReportFacts) => `This Message was undeliverable due to the following reason:

Each of the following recipients was rejected by a remote mail server.
The reasons given by the server are included to help you determine why
each recipient was rejected.

    Recipient: <${facts.recipient}>
    Reason:    ${said(facts)}

`;

const openwave = (name: string, domain: string, host: string): JapanKind[] => [
  bounces({
    ...{ name: `${name}, refused by another server`, domain },
    make: (facts) =>
      interMail(facts, {
        ...{ host, from: `Mail Administrator <Postmaster@${domain}>`, subject: 'Mail System Error - Returned Mail' },
        ...{
          reason: REASONS(facts),
          closing: `Please reply to <Postmaster@${domain}>\nif you feel this message to be in error.\n`,
          status: true,
        },
      }),
  }),
  bounces({
    ...{ name: `${name}, unknown at home`, domain, showsStatus: false },
    sayings: [saying(550, '5.1.1', 'User unknown', 'invalid_mailbox')],
    make: (facts) =>
      interMail(facts, {
        ...{ host, from: `Mail Administrator <Postmaster@${domain}>`, subject: 'Mail System Error - Returned Mail' },
        reason: `This Message was undeliverable due to the following reason:

The following destination addresses were unknown (please check
the addresses and re-mail the message):

SMTP <${facts.recipient}>

`,
        closing: `Please reply to Postmaster@${domain}\nif you feel this message to be in error.\n`,
      }),
  }),
  {
    ...bounces({ name: `${name}, host not answering`, domain, showsStatus: false, make: () => Buffer.alloc(0) }),
    sayings: [saying(450, '4.4.1', 'is not responding', 'expired', 'network')],
    make: (facts) =>
      interMail(facts, {
        ...{ host, from: `Mail Administrator <Postmaster@${domain}>`, subject: 'Mail System Error - Returned Mail' },
        reason: `This Message was undeliverable due to the following reason:

Your message was not delivered because the destination computer was
not reachable within the allowed queue period. The amount of time
a message is queued before it is returned depends on local configura-
tion parameters.

Most likely there is a network problem that prevented delivery, but
it is also possible that the computer is turned off, or does not
have a mail system running right now.

Your message was not delivered within 3 days and 0 hours.
Host mx.example.net is not responding.

The following recipients did not receive this message:

<${facts.recipient}>

`,
      }),
  },
];

const SUN = (
  facts: ReportFacts,
  reason: string,
) => `This report relates to a message you sent with the following header fields:

  Return-path: <${facts.sender}>
  Message-id: ${facts.originalMessageId}
  Date: ${DATE}
  From: notice@example.jp
  To: ${facts.recipient}
  Subject: ${encodedWords(SUBJECT).replaceAll('\r\n', '\n')}

Your message cannot be delivered to the following recipients:

  Recipient address: ${facts.recipient}
  Reason: ${reason}
  Diagnostic code: smtp;${said(facts)}
  Remote system: dns;mx.example.net (TCP|192.0.2.10|40123|198.51.100.7|25) (mx.example.net ESMTP)

`;

/** Sun and Oracle Messaging Server (iMS, JES), which several providers of Japan run or ran. */
export const sunMessaging = (name: string, domain?: string): JapanKind =>
  bounces({
    ...{ name, ...(domain ? { domain } : {}) },
    make: (facts) =>
      standardReport(facts, {
        from: 'Internet Mail Delivery <postmaster@ims.example.net>',
        subject: 'Delivery Notification: Delivery has failed',
        text: SUN(facts, 'Remote SMTP server has rejected address'),
        ...{
          boundary: 'Boundary_(ID_pQrStUvWxYz0123456789AB)',
          textForm: { charset: 'us-ascii', fields: [['Content-language', 'en-US']] },
        },
        status: {
          mta: 'ims.example.net (tcp-daemon)',
          addressType: 'rfc822;',
          remote: 'mx.example.net (TCP|192.0.2.10|40123|198.51.100.7|25)',
        },
      }),
  });

const rest: JapanKind[] = [
  sunMessaging('OCN', 'ocn.ne.jp'),
  bounces({
    ...{ name: 'plala by Postfix', domain: 'plala.or.jp' },
    sayings: [
      UNKNOWN,
      saying(550, null, '%s Account Unknown', 'invalid_mailbox'),
      saying(552, null, '%s Mailbox Full', 'mailbox_full'),
    ],
    make: (facts) => postfix(facts, { host: 'relay.example.jp', remote: 'mx.plala.or.jp' }),
  }),
  bounces({
    ...{ name: 'J:COM, whose gateway refuses', domain: 'jcom.home.ne.jp' },
    sayings: [saying(550, '5.1.0', '#5.1.0 Address rejected.', 'invalid_mailbox')],
    make: (facts) => postfix(facts, { host: 'relay.example.jp', remote: 'mx.jcom.home.ne.jp' }),
  }),
  bounces({
    ...{ name: 'IIJ by Sendmail', domain: 'example.iij.ad.jp' },
    sayings: [UNKNOWN],
    make: (facts) => sendmail(facts, { host: 'mo00.iij.ad.jp', subject: 'Returned mail: User unknown' }),
  }),
];

const JAPANESE = (facts: ReportFacts) => `以下のメールアドレス宛のメールは配送できませんでした。
お手数ですが、宛先をご確認のうえ再度お送りください。

  宛先: ${facts.recipient}

【サーバからの応答】
${said(facts)}
`;

const hosts: JapanKind[] = [
  bounces({ name: 'Sakura by Sendmail', make: (facts) => sendmail(facts, { host: 'www123.sakura.example.jp' }) }),
  bounces({ name: 'Xserver by Postfix', make: (facts) => postfix(facts, { host: 'sv123.xserver.example.jp' }) }),
  bounces({
    name: 'Lolipop by qmail, the host said',
    make: (facts) => qmail(facts, { host: 'users123.lolipop.example.jp' }),
  }),
  bounces({
    ...{ name: 'Lolipop by qmail and vpopmail, unknown at home', showsStatus: true },
    sayings: [saying(null, '5.1.1', 'Sorry, no mailbox here by that name. vpopmail', 'invalid_mailbox')],
    make: (facts) =>
      qmail(facts, {
        host: 'users123.lolipop.example.jp',
        local: 'Sorry, no mailbox here by that name. vpopmail (#5.1.1)',
      }),
  }),
  bounces({
    ...{ name: 'Heteml by qmail, over quota' },
    sayings: [saying(null, '5.2.2', 'over quota', 'mailbox_full')],
    make: (facts) =>
      qmail(facts, {
        host: 'heteml.example.jp',
        local: "Message rejected. Not enough storage space in user's mailbox to accept message. (#5.2.2)",
      }),
  }),
  bounces({
    ...{ name: 'CPI by qmail, no such host' },
    sayings: [saying(null, '5.1.2', 'host not found', 'invalid_domain')],
    make: (facts) =>
      qmail(facts, {
        host: 'cpi.example.jp',
        local: `Sorry, I couldn't find any host named ${facts.recipient.split('@')[1]}. (#5.1.2)`,
      }),
  }),
  bounces({
    ...{ name: 'WebARENA by qmail in Japanese', showsStatus: true },
    make: (facts) =>
      qmail(facts, {
        host: 'webarena.example.jp',
        greeting: `Hi. This is the qmail-send program at webarena.example.jp.
このメールは次の宛先に届けることができませんでした。
これは恒久的なエラーです。`,
        textForm: { charset: 'iso-2022-jp' },
      }),
  }),
  bounces({
    name: 'KAGOYA by Postfix, words in Japanese',
    make: (facts) =>
      postfix(facts, {
        ...{ host: 'smtp.kagoya.example.jp', words: JAPANESE(facts), textForm: { charset: 'iso-2022-jp' } },
        subject: encodedWords('メール配送エラーのお知らせ', 'iso-2022-jp'),
      }),
  }),
  bounces({
    name: 'a host by Postfix, words in UTF-8 and base64',
    make: (facts) =>
      postfix(facts, {
        ...{ host: 'mail.host.example.jp', words: JAPANESE(facts), textForm: { charset: 'utf-8', transfer: 'base64' } },
        subject: encodedWords('配信できませんでした'),
      }),
  }),
  bounces({ name: 'a host by Exim (cPanel)', make: (facts) => exim(facts, { host: 'cpanel.example.jp' }) }),
  bounces({
    name: 'a home-made report in Shift_JIS, header raw',
    make: (facts) => {
      const subject = inCharset('送信エラー：メールが届きませんでした', 'shift_jis');
      const text = `${JAPANESE(facts)}\n${originalBelow(facts, '---------- 以下、元のメール ----------')}`;
      return mail(
        reportFields(facts, 'mailer-daemon@mail.example.jp', subject),
        leaf(text, { charset: 'shift_jis', label: 'Shift_JIS', transfer: '8bit' }),
      );
    },
  }),
];

/** Providers and rented servers of Japan. */
export const providerKinds: readonly JapanKind[] = [
  ...yahooJapan,
  ...nifty,
  biglobe('full', NON_DELIVERED.full, saying(552, null, 'exceeded the local limit', 'mailbox_full')),
  biglobe(
    'user unknown',
    NON_DELIVERED.filtered,
    saying(550, null, 'User unknown', 'invalid_mailbox', 'recipient_filter'),
  ),
  ...openwave('So-net by InterMail', 'xx.so-net.ne.jp', 'ms-omx01.so-net.ne.jp'),
  ...rest,
  ...hosts,
];
