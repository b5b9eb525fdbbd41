import type { ReportFacts } from '../reports/facts.ts';
import { reportFields, standardReport } from './delivery-status.ts';
import { bounces, domainOf, type JapanKind, said, saying } from './japan-kind.ts';
import { encodedWords, leaf, mail, multipart } from './mail.ts';
import { originalBelow, originalHeader, originalParts, SUBJECT } from './original.ts';

const kerio = bounces({
  name: 'Kerio Connect',
  make: (facts) =>
    standardReport(facts, {
      ...{ from: 'Kerio Connect <postmaster@kerio.example.com>', subject: 'Delivery failed: An important notice' },
      text: `Hello,

this is an automatically generated message from the mail server kerio.example.com.

Your message could not be delivered to the following recipient(s):

  ${facts.recipient}
  Reason: ${said(facts)}
`,
      status: { mta: 'kerio.example.com', addressType: 'rfc822;' },
    }),
});

const communiGate = bounces({
  name: 'CommuniGate Pro',
  make: (facts) =>
    standardReport(facts, {
      ...{ from: 'MAILER-DAEMON@cgp.example.com', subject: 'Undeliverable mail: An important notice' },
      text: `Failed to deliver to '${facts.recipient}'
SMTP module(domain ${domainOf(facts.recipient)}) reports:
 host mx.${domainOf(facts.recipient)} says:
 ${said(facts)}

`,
      boundary: '_===1234567====cgp.example.com===_',
      status: {
        mta: 'cgp.example.com',
        addressType: 'rfc822;',
        moreOfRecipient: [`Original-Recipient: rfc822;<${facts.recipient}>`],
        brackets: true,
      },
    }),
});

const communiGateLocal = bounces({
  ...{ name: 'CommuniGate Pro, at home', showsStatus: false },
  sayings: [saying(null, '5.2.2', 'account is full (quota exceeded)', 'mailbox_full')],
  make: (facts) =>
    mail(
      reportFields(facts, 'MAILER-DAEMON@cgp.example.com', 'Undeliverable mail: An important notice'),
      multipart('mixed', [
        leaf(`Failed to deliver to '${facts.recipient}'
LOCAL module(account ${facts.recipient.split('@')[0]}) reports:
 account is full (quota exceeded)
`),
        ...originalParts(facts),
      ]),
    ),
});

const groupWise = bounces({
  ...{ name: 'GroupWise', showsStatus: false },
  sayings: [
    saying(550, null, 'user unknown', 'invalid_mailbox'),
    saying(550, null, 'No such user', 'invalid_mailbox'),
    saying(552, null, 'mailbox full', 'mailbox_full'),
  ],
  make: (facts) => {
    const text = `The message that you sent was undeliverable to the following:
\t${facts.recipient} (${said(facts)})

Possibly truncated original message follows:

`;
    const fields = reportFields(facts, 'GroupWise <postmaster@gw.example.com>', 'Message status - undeliverable', [
      ['X-Mailer', 'Novell GroupWise Internet Agent 8.0.2'],
    ]);
    return mail(
      fields,
      multipart('mixed', [leaf(text), ...originalParts(facts, 'message/rfc822')], '=__Part4A2B3C1D.0__='),
    );
  },
});

const iceWarp = bounces({
  name: 'IceWarp (Merak)',
  make: (facts) => {
    const text = `Your message was undeliverable to the following recipient(s):

<${facts.recipient}>
    ${said(facts)}

Original message headers:

${facts.attach === 'none' ? '' : originalHeader(facts)}`;
    return mail(
      reportFields(facts, 'Mail Delivery <MAILER-DAEMON@icewarp.example.com>', 'Message undeliverable'),
      leaf(text),
    );
  },
});

const zimbra = bounces({
  name: 'Zimbra',
  make: (facts) =>
    standardReport(facts, {
      ...{
        from: 'MAILER-DAEMON@zimbra.example.com (Mail Delivery System)',
        subject: 'Undelivered Mail Returned to Sender',
      },
      text: `This is the mail system at host zimbra.example.com.

I'm sorry to have to inform you that your message could not
be delivered to one or more recipients. It's attached below.

<${facts.recipient}>: ${said(facts)}
`,
      textForm: { fields: [['Content-Description', 'Notification']] },
      status: {
        mta: 'zimbra.example.com',
        moreOfRecipient: [`Original-Recipient: rfc822;${facts.recipient}`],
        diagnostic: `x-postfix; ${said(facts)}`,
      },
    }),
});

const zoho = bounces({
  ...{ name: 'Zoho' },
  make: (facts) => {
    const { code, status } = facts.reply;
    const words = `ERROR_CODE :${code ?? 550}, ERROR_CODE :${status ?? ''} ${said(facts)
      .replace(/^\d{3} /, '')
      .replace(status ?? '', '')
      .trim()}`;
    const text = `This message was created automatically by mail delivery software.
 A message that you sent could not be delivered to one or more of its recipients. This is a permanent error.

${facts.recipient} Invalid Address, ${words}

${originalBelow(facts, '---------------------------------Original message-----------------------------')}`;
    return mail(
      reportFields(facts, 'mailer-daemon@mail.zoho.example.com', 'Undelivered Mail Returned to Sender', [
        ['X-Mailer', 'Zoho Mail'],
      ]),
      leaf(text, { charset: 'utf-8' }),
    );
  },
});

const gmx = bounces({
  name: 'GMX',
  make: (facts) => {
    const text = `This message was created automatically by mail delivery software.

A message that you sent could not be delivered to one or more of
its recipients. This is a permanent error. The following address
failed:

"${facts.recipient}":
SMTP error from remote server after RCPT command:
host: mx.${domainOf(facts.recipient)}
${said(facts)}

--- The header of the original message is following. ---

${facts.attach === 'none' ? '' : originalHeader(facts)}`;
    return mail(
      reportFields(
        facts,
        '"GMX Mailer Daemon" <mailer-daemon@gmx.example.net>',
        'Mail delivery failed: returning message to sender',
      ),
      leaf(text, { charset: 'utf-8', transfer: '8bit' }),
    );
  },
});

const mailRu = bounces({
  name: 'Mail.ru',
  make: (facts) => {
    const text = `This message was created automatically by mail delivery software.

A message that you sent could not be delivered to one or more of its
recipients. This is a permanent error. The following address(es) failed:

  ${facts.recipient}
    SMTP error from remote mail server after RCPT TO:<${facts.recipient}>:
    host mx.${domainOf(facts.recipient)} [198.51.100.7]: ${said(facts)}

${originalBelow(facts, '------ This is a copy of the message, including all the headers. ------')}`;
    const fields = reportFields(facts, 'Mail Delivery System <mailer-daemon@f123.mail.example.ru>', 'Mail failure.', [
      ['X-Failed-Recipients', facts.recipient],
      ['X-Mailru-Sender', ''],
    ]);
    return mail(fields, leaf(text, { charset: 'utf-8' }));
  },
});

const yandex = bounces({
  name: 'Yandex',
  make: (facts) =>
    standardReport(facts, {
      ...{ from: 'mailer-daemon@yandex.example.ru', subject: encodedWords('Недоставленное сообщение') },
      fields: [['X-Yandex-Front', 'mxback1.yandex.example.ru']],
      text: `This is the mail system at host yandex.ru.

I'm sorry to have to inform you that your message could not
be delivered to one or more recipients. It's attached below.

Please, do not reply to this message.

*****

Это письмо отправлено почтовым сервером yandex.ru.

К сожалению, мы вынуждены сообщить Вам о том, что Ваше письмо не может
быть отправлено одному или нескольким адресатам.

<${facts.recipient}>: host mx.${domainOf(facts.recipient)}[198.51.100.7] said:
    ${said(facts)} (in reply to RCPT TO command)
`,
      textForm: { charset: 'utf-8', transfer: '8bit' },
      status: { mta: 'mxback1.yandex.example.ru', remote: `mx.${domainOf(facts.recipient)}` },
    }),
});

const CHINESE = {
  invalid_mailbox: '收件人邮件地址不存在，邮件无法送达。',
  mailbox_full: '收件人的邮箱空间已满，暂时无法接收邮件。',
};
const chineseSayings = [
  saying(550, null, 'User not found: %s', 'invalid_mailbox'),
  saying(550, '5.1.1', 'Mailbox not found. http://service.mail.example.com/22/1', 'invalid_mailbox'),
  saying(552, '5.2.2', 'Mailbox quota exceeded', 'mailbox_full'),
];
const chinese = (facts: ReportFacts) => CHINESE[facts.reply.class as 'mailbox_full'];

const netEase = bounces({
  ...{ name: 'NetEase (163)', sayings: chineseSayings },
  make: (facts) => {
    const text = `
         抱歉，您的邮件被退回来了……

原邮件信息：
    时　间：2026-11-24 10:15:30
    主　题：An important notice
    收件人：${facts.recipient}

退信原因：
    ${chinese(facts)}
    英文说明：SMTP error, RCPT TO: ${said(facts)}

建议解决方案：
    请核实收件人邮件地址后重新发送。
`;
    const parts = [
      leaf(text, { charset: 'gb18030', label: 'GBK', transfer: 'base64' }),
      ...originalParts(facts, 'message/rfc822'),
    ];
    return mail(
      reportFields(facts, 'Postmaster@163.example.com', encodedWords('系统退信', 'gb18030')),
      multipart('mixed', parts),
    );
  },
});

const qq = bounces({
  ...{ name: 'QQ', sayings: chineseSayings },
  make: (facts) => {
    const html = `<html><body><div>抱歉，您的邮件被退回来了……</div>
<table><tr><td>邮件主题</td><td>${SUBJECT}</td></tr><tr><td>收件人</td><td>&lt;${facts.recipient}&gt;</td></tr>
<tr><td>退信原因</td><td>${chinese(facts)}<br>host mx.${domainOf(facts.recipient)}[198.51.100.7] said: ${said(facts)}</td></tr></table></body></html>`;
    const parts = [
      leaf(html, { type: 'text/html', charset: 'gb18030', transfer: 'base64' }),
      ...originalParts(facts, 'message/rfc822'),
    ];
    return mail(
      reportFields(facts, 'PostMaster@qq.example.com', encodedWords('系统退信/Systems bounce', 'gb18030')),
      multipart('mixed', parts),
    );
  },
});

const haraka = bounces({
  name: 'Haraka',
  make: (facts) => {
    const text = `Hi. This is the Haraka Mailer program at haraka.example.com.
I'm afraid I wasn't able to deliver your message to the following addresses.
This is a permanent error; I've given up. Sorry it didn't work out.

Intended Recipients: <${facts.recipient}>
Failure Reason: Some recipients failed: <${facts.recipient}>: ${said(facts)}

${originalBelow(facts, '--- Below this line is a copy of the message.')}`;
    return mail(reportFields(facts, 'MAILER-DAEMON@haraka.example.com', 'failure notice'), leaf(text, { type: null }));
  },
});

const james: JapanKind[] = [
  bounces({
    name: 'Apache James, DSN',
    make: (facts) =>
      standardReport(facts, {
        ...{ from: 'postmaster@james.example.com', subject: 'Re: An important notice' },
        text: `Hi. This is the James mail server at james.example.com.
I'm afraid I wasn't able to deliver your message to the following addresses.
This is a permanent error; I've given up. Sorry it didn't work out.  Below
I include the list of recipients and the reason why I was unable to deliver
your message.

Failed recipient(s):
${facts.recipient}

Error message:
${said(facts)}
`,
        status: { mta: 'james.example.com', addressType: 'rfc822; ' },
      }),
  }),
  bounces({
    name: 'Apache James, bounce of old',
    make: (facts) => {
      const text = `
This message has been returned because it could not be delivered.

Message details:
  Subject: An important notice
  Sent date: Tue Nov 24 10:15:30 JST 2026
  MAIL FROM: ${facts.sender}
  RCPT TO: ${facts.recipient}
  From: notice@example.jp
  To: ${facts.recipient}
  Size (in bytes): 1234
  Number of lines: 12

Error message below:
${said(facts)}
`;
      const parts = [leaf(text), ...originalParts(facts, 'message/rfc822')];
      return mail(reportFields(facts, 'postmaster@james.example.com', '[BOUNCE]'), multipart('mixed', parts));
    },
  }),
];

/** Mail servers and services of the world, the first half. */
export const serverKinds: readonly JapanKind[] = [
  ...[kerio, communiGate, communiGateLocal, groupWise, iceWarp, zimbra, zoho, gmx, mailRu, yandex],
  ...[netEase, qq, haraka, ...james],
];
