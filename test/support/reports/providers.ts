import { statusFields } from './dsn.ts';
import { type ReportFacts, type ReportKind, replyLine, replyText, statusOf } from './facts.ts';
import { commandOf, encodedWord, lines, mailDate, multipart, originalBelow, originalParts, wire } from './mime.ts';

/** Yahoo!, AOL after 2018: one part of text, the original below. */
function yahoo(facts: ReportFacts): Buffer {
  const said =
    facts.reply.code === null
      ? replyLine(facts)
      : `Remote host said:\n${replyLine(facts)} [${commandOf(facts) === 'RCPT TO' ? 'RCPT_TO' : 'BODY'}]`;
  return wire(lines`
    X-YMailISG: aGVsbG8gd29ybGQ.
    Received: from 192.0.2.44 by atlas101.free.mail.ne1.yahoo.com; ${mailDate(facts.date, '+0000')}
    Date: 12 May 2026 01:23:45 -0000
    From: MAILER-DAEMON@yahoo.com
    To: ${facts.sender}
    Subject: Failure Notice
    X-yahoo-newman-property: ydsn
    MIME-Version: 1.0
    Content-Type: text/plain; charset=utf-8

    Sorry, we were unable to deliver your message to the following address.

    <${facts.recipient}>:
    ${said}

    ${originalBelow(facts, '--- Below this line is a copy of the message.')}
  `);
}

/** Yahoo! of today: status as `550: 5.1.1`, a copy as attachment. */
function yahooReport(facts: ReportFacts): Buffer {
  const { code, status } = facts.reply;
  const said = code === null ? replyLine(facts) : `${code}${status === null ? '' : `: ${status}`} ${replyText(facts)}`;
  const boundary = 'a1b2c3d4e5f60718';
  const header = lines`
    From: MAILER-DAEMON@yahoo.com
    To: ${facts.sender}
    Date: ${mailDate(facts.date, '+0000')}
    Subject: Failure Notice
    Message-ID: <1.77778888@mta4001.omega.mail.ne1.yahoo.com>
    MIME-Version: 1.0
    Content-Type: multipart/report; report-type=delivery-status; boundary="${boundary}"
  `;
  const text = lines`
    Sorry, we were unable to deliver your message to the following address.

    <${facts.recipient}>:
    ${said}

  `;
  const parts = [
    `Content-Type: text/plain; charset=utf-8\n\n${text}`,
    `Content-Type: message/delivery-status\n\n${statusFields(facts)}`,
    ...originalParts(facts),
  ];
  return wire(`${header}\n${multipart(boundary, parts)}`);
}

/** Oracle (Sun, iPlanet) Messaging Server as Apple used it for icloud.com: a report of its own form. */
function icloud(facts: ReportFacts): Buffer {
  const boundary = 'Boundary_(ID_aBcDeFgHiJkLmNoPqRsTuV)';
  const delay = facts.kind === 'delay';
  const text = lines`
    This report relates to a message you sent with the following header fields:

      Message-id: ${facts.originalMessageId}
      Date: ${mailDate(facts.date)}
      From: notice@example.com
      To: ${facts.recipient}
      Subject: Important notice

    ${delay ? 'Your message is still being delivered to the following recipients; this is only a warning:' : 'Your message cannot be delivered to the following recipients:'}

      Recipient address: ${facts.recipient}
      Reason: ${facts.reply.code === null ? replyLine(facts) : `Remote SMTP server has rejected ${facts.reply.code >= 500 && commandOf(facts) === 'RCPT TO' ? 'address' : 'message'}`}
      Diagnostic code: smtp;${replyLine(facts)}
      Remote system: dns;${facts.remote} (TCP|17.58.63.1|52345|192.0.2.25|25) (${facts.remote} ESMTP)

  `;
  const header = lines`
    Return-path: <>
    Received: from process-dkim-sign-daemon.${facts.reporter} by ${facts.reporter}
     (Oracle Communications Messaging Server 8.1.0.1.20200619 64bit)
     id <0QTS00700ABC1234@${facts.reporter}>; ${mailDate(facts.date, '+0000')}
    Date: ${mailDate(facts.date, '+0000')}
    From: Internet Mail Delivery <postmaster@${facts.reporter}>
    To: ${facts.sender}
    Subject: Delivery Notification: Delivery ${delay ? 'has been delayed' : 'has failed'}
    Message-id: <0QTS00703ABC1234@${facts.reporter}>
    Auto-submitted: auto-replied
    MIME-version: 1.0
    Content-type: multipart/report; report-type=delivery-status;
     boundary="${boundary}"
  `;
  const fields = statusFields(facts, {
    type: 'rfc822;',
    perMessage: '\nX-Original-Envelope: 0QTS00701ABC',
    diagnostic: `smtp;${replyLine(facts)}`,
    remote:
      facts.reply.code === null
        ? null
        : `dns;${facts.remote} (TCP|17.58.63.1|52345|192.0.2.25|25) (${facts.remote} ESMTP)`,
    originalRecipient: `rfc822;${facts.recipient}`,
  });
  const parts = [
    `Content-type: text/plain; charset=us-ascii\nContent-language: en-US\n\n${text}`,
    `Content-type: message/delivery-status\n\n${fields}`,
    ...originalParts(facts),
  ];
  return wire(`${header}\n${multipart(boundary, parts)}`);
}

/** The same system's text alone: its machine-readable part was lost on the way. */
function icloudText(facts: ReportFacts): Buffer {
  const report = icloud({ ...facts, attach: 'none' }).toString();
  const text = /This report relates[\s\S]*?ESMTP\)\r\n/.exec(report)?.[0] ?? '';
  return wire(lines`
    From: Internet Mail Delivery <postmaster@${facts.reporter}>
    To: ${facts.sender}
    Subject: Delivery Notification: Delivery has failed
    Date: ${mailDate(facts.date, '+0000')}
    Message-id: <0QTS00704ABC1234@${facts.reporter}>

    ${text}
  `);
}

/** Amazon SES: https://docs.aws.amazon.com/ses/latest/dg/send-email-concepts-deliverability.html */
function ses(facts: ReportFacts): Buffer {
  const boundary = '----=_Part_1234567_89012345.1778549025123';
  const header = lines`
    Return-Path: <>
    Received: from a8-50.smtp-out.amazonses.com (a8-50.smtp-out.amazonses.com [192.0.2.50])
    	by ${facts.reporter} with ESMTP id q4CABC; ${mailDate(facts.date, '+0000')}
    Date: ${mailDate(facts.date, '+0000')}
    From: MAILER-DAEMON@ap-northeast-1.amazonses.com
    To: ${facts.sender}
    Message-ID: <0106018f6a1b2c3d-4e5f6071-8293-a4b5-c6d7-e8f901234567-000000@ap-northeast-1.amazonses.com>
    Subject: Delivery Status Notification (Failure)
    MIME-Version: 1.0
    Content-Type: multipart/report;
    	boundary="${boundary}";
    	report-type=delivery-status
    X-SES-Outgoing: 2026.05.12-192.0.2.50
  `;
  const text = `An error occurred while trying to deliver the mail to the following recipients:\n${facts.recipient}\n`;
  const fields = lines`
    Reporting-MTA: dns; a8-50.smtp-out.amazonses.com

    Action: failed
    Final-Recipient: rfc822; ${facts.recipient}
    Diagnostic-Code: smtp; ${replyLine(facts)}
    Status: ${statusOf(facts)}
  `;
  const parts = [
    `Content-Type: text/plain; charset=us-ascii\nContent-Transfer-Encoding: 7bit\n\n${text}`,
    `Content-Type: message/delivery-status\nContent-Transfer-Encoding: 7bit\n\n${fields}`,
    ...originalParts(facts),
  ];
  return wire(`${header}\n${multipart(boundary, parts)}`);
}

/** Amazon WorkMail: text, then a "Technical report" that repeats the fields as text. */
function workMail(facts: ReportFacts): Buffer {
  const boundary = '----=_Part_2345678_90123456.1778549025321';
  const header = lines`
    Return-Path: <>
    Date: ${mailDate(facts.date, '+0000')}
    From: MAILER-DAEMON@us-west-2.amazonses.com
    To: ${facts.sender}
    Message-ID: <0101018f6a1b2c3d-5e6f7081-000000@us-west-2.amazonses.com>
    Subject: ${encodedWord('Undeliverable: 【重要】お客様情報に関するお知らせ')}
    MIME-Version: 1.0
    Content-Type: multipart/report; report-type=delivery-status;
    	boundary="${boundary}"
    X-Mailer: Amazon WorkMail
    X-Original-Mailer: Amazon WorkMail
  `;
  const text = lines`
    Your message could not be delivered to the following recipients:

    ${facts.recipient}

    Technical report:

    Reporting-MTA: dns; ${facts.reporter}
    Final-Recipient: rfc822;${facts.recipient}
    Action: failed
    Status: ${statusOf(facts)}
    Diagnostic-Code: smtp; ${replyLine(facts)}
  `;
  const fields = statusFields(facts, { type: 'rfc822;' });
  const parts = [
    `Content-Type: text/plain; charset=UTF-8\n\n${text}`,
    `Content-Type: message/delivery-status\n\n${fields}`,
    ...originalParts(facts),
  ];
  return wire(`${header}\n${multipart(boundary, parts)}`);
}

const dominoReasons: Record<string, (address: string) => [en: string, ja: string]> = {
  invalid_mailbox: (address) => [
    `User ${address.split('@')[0] ?? ''} (${address}) not listed in Domino Directory`,
    `ユーザー ${address.split('@')[0] ?? ''} (${address}) は Domino ディレクトリにありません`,
  ],
  mailbox_full: () => [
    'Cannot route mail to user; database has exceeded its disk space quota',
    'データベースのディスク容量の制限を超えているため、メールを配信できません。',
  ],
  invalid_domain: () => [
    'Host example.jp not found: the domain name does not exist in DNS',
    'ドメイン名が見つかりません。ホスト不明',
  ],
};

function domino(facts: ReportFacts, tongue: 'en' | 'ja'): Buffer {
  const reason = dominoReasons[facts.reply.class]?.(facts.recipient)[tongue === 'en' ? 0 : 1] ?? '';
  const boundary = '==IFJRGLKFGIR25201654UHRUHIHD';
  const subject = tongue === 'en' ? `DELIVERY FAILURE: ${reason}` : encodedWord(`配信エラー: ${reason}`);
  const text =
    tongue === 'en'
      ? `Your message\n\n  Subject: Important notice\n\nwas not delivered to:\n\n  ${facts.recipient}\n\nbecause:\n\n  ${reason}\n`
      : `あなたのメッセージ\n\n  件名: お知らせ\n\nは以下の宛先に配信されませんでした:\n\n  ${facts.recipient}\n\n理由:\n\n  ${reason}\n`;
  const fields = lines`
    Reporting-MTA: dns;${facts.reporter}

    Final-Recipient: rfc822;${facts.recipient}
    Action: failed
    Status: ${facts.reply.class === 'mailbox_full' ? '5.2.2' : facts.reply.class === 'invalid_domain' ? '5.1.2' : '5.1.1'}
    Diagnostic-Code: X-Notes; ${reason}
  `;
  const header = lines`
    From: Postmaster@${facts.reporter}
    To: ${facts.sender}
    Date: ${mailDate(facts.date)}
    Subject: ${subject}
    MIME-Version: 1.0
    Message-ID: <OF1A2B3C4D.5E6F7081-ON49258B00.00079FC1@${facts.reporter}>
    Auto-submitted: auto-generated
    X-MIMETrack: Itemize by SMTP Server on MAIL01/EXAMPLE(Release 9.0.1|October 14, 2013) at 2026/05/12 10:23:45
    Content-Type: multipart/report; report-type=delivery-status; boundary="${boundary}"
  `;
  const parts = [
    `Content-Type: text/plain; charset=UTF-8\nContent-Transfer-Encoding: 8bit\n\n${text}`,
    `Content-Type: message/delivery-status\n\n${fields}`,
    ...originalParts(facts),
  ];
  return wire(`${header}\n${multipart(boundary, parts)}`);
}

/** Domino when it could not route over SMTP: it quotes the other server. */
function dominoRemote(facts: ReportFacts): Buffer {
  return wire(lines`
    From: Postmaster@${facts.reporter}
    To: ${facts.sender}
    Date: ${mailDate(facts.date)}
    Subject: DELIVERY FAILURE: ${replyLine(facts)}
    Message-ID: <OF1A2B3C4D.5E6F7082-ON49258B00.00079FC1@${facts.reporter}>
    MIME-Version: 1.0
    Content-Type: text/plain; charset=us-ascii

    Your message

      Subject: Important notice

    was not delivered to:

      ${facts.recipient}

    because:

      ${replyLine(facts)}

  `);
}

const shows = { kinds: ['bounce'], namesRecipient: true, showsStatus: true } as const;
const dominoShows = {
  ...shows,
  showsStatus: false,
  classes: ['invalid_mailbox', 'mailbox_full', 'invalid_domain'],
} as const;

export const providerKinds: readonly ReportKind[] = [
  { name: 'yahoo', make: yahoo, ...shows },
  { name: 'yahoo report', make: yahooReport, ...shows },
  { name: 'icloud', make: icloud, ...shows, kinds: ['bounce', 'delay'] },
  { name: 'icloud text', make: icloudText, ...shows },
  { name: 'amazon ses', make: ses, ...shows },
  { name: 'amazon workmail', make: workMail, ...shows },
  { name: 'domino', make: (facts) => domino(facts, 'en'), ...dominoShows },
  { name: 'domino ja', make: (facts) => domino(facts, 'ja'), ...dominoShows },
  { name: 'domino remote', make: dominoRemote, ...shows },
];
