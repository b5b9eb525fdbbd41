import type { FailureClass } from '../../../src/delivery/email/classify-failure.ts';
import { outcomeLine, severalLines, statusFields } from './dsn.ts';
import { type ReportFacts, type ReportKind, replyLine } from './facts.ts';
import {
  commandOf,
  lines,
  mailDate,
  multipart,
  originalBelow,
  originalHeader,
  originalParts,
  originalWhole,
  wire,
} from './mime.ts';

/** qmail-send.c and qmail-remote.c; https://cr.yp.to/proto/qsbmf.txt */
function qmail(facts: ReportFacts): Buffer {
  const { code } = facts.reply;
  const refused: Partial<Record<FailureClass, string>> = {
    sender_blocked: 'Connected to 192.0.2.25 but sender was rejected.',
    content: '192.0.2.25 failed after I sent the message.',
    undetermined: '192.0.2.25 failed after I sent the message.',
    throttled: 'Connected to 192.0.2.25 but greeting failed.',
    sender_auth: '192.0.2.25 failed on DATA command.',
  };
  const lead = refused[facts.reply.class] ?? '192.0.2.25 does not like recipient.';
  const said =
    code === null ? replyLine(facts) : `${lead}\nRemote host said: ${severalLines(facts)}\nGiving up on 192.0.2.25.`;
  return wire(lines`
    Return-Path: <>
    Received: (qmail 12345 invoked for bounce); 12 May 2026 01:23:45 -0000
    Date: 12 May 2026 01:23:45 -0000
    From: MAILER-DAEMON@${facts.reporter}
    To: ${facts.sender}
    Subject: failure notice

    Hi. This is the qmail-send program at ${facts.reporter}.
    I'm afraid I wasn't able to deliver your message to the following addresses.
    This is a permanent error; I've given up. Sorry it didn't work out.

    <${facts.recipient}>:
    ${said}

    ${below(facts, '--- Below this line is a copy of the message.')}
  `);
}

const below = (facts: ReportFacts, line: string): string =>
  facts.attach === 'none' ? '' : originalBelow(facts, line).replace('\n\n', `\n\nReturn-Path: <${facts.sender}>\n`);

function eximWords(facts: ReportFacts): string {
  const { recipient, remote } = facts;
  const step = commandOf(facts) === 'RCPT TO' ? `RCPT TO:<${recipient}>` : 'end of data';
  const said =
    facts.reply.code === null
      ? `    ${replyLine(facts)}`
      : `    host ${remote} [192.0.2.25]\n    SMTP error from remote mail server after ${step}:\n    ${severalLines(facts, '\n    ')}`;
  if (facts.kind === 'delay')
    return lines`
      This message was created automatically by mail delivery software.
      A message that you sent has not yet been delivered to one or more of its
      recipients after more than 24 hours on the queue on ${facts.reporter}.

      The message identifier is:     1wMabc-0001aB-2C
      The date of the message is:    ${mailDate(facts.date)}

      The address to which the message has not yet been delivered is:

        ${recipient}
      ${said}

      No action is required on your part. Delivery attempts will continue for
      some time, and this warning may be repeated at intervals if the message
      remains undelivered. Eventually the mail delivery software will give up,
      and when that happens, the message will be returned to you.
    `;
  return lines`
    This message was created automatically by mail delivery software.

    A message that you sent could not be delivered to one or more of its
    recipients. This is a permanent error. The following address(es) failed:

      ${recipient}
    ${said}
  `;
}

function eximHeader(facts: ReportFacts, type: string): string {
  const delay = facts.kind === 'delay';
  return lines`
    Return-path: <>
    Received: from Debian-exim by ${facts.reporter} with local (Exim 4.96)
    	id 1wMabd-0001aD-1f
    	for ${facts.sender}; ${mailDate(facts.date)}${delay ? '' : `\nX-Failed-Recipients: ${facts.recipient}`}
    Auto-Submitted: auto-replied
    From: Mail Delivery System <Mailer-Daemon@${facts.reporter}>
    To: ${facts.sender}
    ${type}
    Subject: ${delay ? 'Warning: message 1wMabc-0001aB-2C delayed 24 hours' : 'Mail delivery failed: returning message to sender'}
    Message-Id: <E1wMabd-0001aD-1f@${facts.reporter}>
    Date: ${mailDate(facts.date)}
  `;
}

/** Exim 3 and 4 up to 4.8x: one part of text. moan.c, deliver.c */
function exim(facts: ReportFacts): Buffer {
  const line =
    facts.attach === 'whole' || facts.attach === 'text'
      ? '------ This is a copy of the message, including all the headers. ------'
      : "------ This is a copy of the message's headers. ------";
  const original = facts.kind === 'delay' ? '' : below(facts, line).replace('Return-Path', 'Return-path');
  return wire(
    `${eximHeader(facts, 'MIME-Version: 1.0\nContent-Type: text/plain; charset=us-ascii')}\n${eximWords(facts)}\n${original}`,
  );
}

/** Exim 4.9x: a report in parts; its status is 5.0.0 whatever was said. */
function eximReport(facts: ReportFacts): Buffer {
  const boundary = '1778549025-eximdsn-1804289383';
  const type = `MIME-Version: 1.0\nContent-Type: multipart/report; report-type=delivery-status; boundary=${boundary}`;
  const delay = facts.kind === 'delay';
  const fields = lines`
    Reporting-MTA: dns; ${facts.reporter}

    Action: ${delay ? 'delayed' : 'failed'}
    Final-Recipient: rfc822;${facts.recipient}
    Status: ${delay ? '4.0.0' : '5.0.0'}${facts.reply.code === null ? '' : `\nRemote-MTA: dns; ${facts.remote}\nDiagnostic-Code: smtp; ${replyLine(facts)}`}
  `;
  const parts = [
    `Content-type: text/plain; charset=us-ascii\n\n${eximWords(facts)}`,
    `Content-type: message/delivery-status\n\n${fields}`,
    ...originalParts(facts),
  ];
  return wire(`${eximHeader(facts, type)}\n${multipart(boundary, parts)}`);
}

/** An address that went through an alias: `address (generated from …)` or `(ultimately generated from …)`. */
function eximGenerated(facts: ReportFacts): Buffer {
  const alias = `info@${facts.reporter}`;
  const text = eximWords(facts).replace(
    `  ${facts.recipient}\n`,
    `  ${facts.recipient}\n    (generated from ${alias})\n`,
  );
  return wire(
    `${eximHeader(facts, 'Precedence: bulk')}\n${text}\n${below(facts, '------ This is a copy of the message, including all the headers. ------')}`,
  );
}

/** Courier 0.6x and later: courier/module.dsn */
function courier(facts: ReportFacts): Buffer {
  const delay = facts.kind === 'delay';
  const boundary = '=_courier-2345-1778549025-0001';
  const command = commandOf(facts) === 'RCPT TO' ? `RCPT TO:<${facts.recipient}>` : 'DATA';
  const said =
    facts.reply.code === null
      ? `    ${replyLine(facts)}`
      : `    ${facts.remote} [192.0.2.25]:\n>>> ${command}\n<<< ${replyLine(facts)}`;
  const text = lines`
    This is a delivery status notification from ${facts.reporter},
    running the Courier mail server, version 0.65.2.

    The original message was received on ${mailDate(facts.date)}
    from app1.notice.example.com (app1.notice.example.com [192.0.2.10])

    ---------------------------------------------------------------------------

    ${delay ? '                         DELAYED MAIL' : '                           UNDELIVERABLE MAIL'}

    ${delay ? 'Your message to the following recipients has been delayed, and it has not\nbeen delivered yet:' : 'Your message to the following recipients cannot be delivered:'}

    <${facts.recipient}>:
    ${said}

    ---------------------------------------------------------------------------

    If your message was also sent to additional recipients, their delivery
    status is not included in this report.  You may or may not receive
    other delivery status notifications for additional recipients.

    The original message follows as a separate attachment.
  `;
  const header = lines`
    Return-Path: <>
    Received: from localhost (localhost [127.0.0.1])
      by ${facts.reporter} with local; ${mailDate(facts.date)}
    From: "Courier mail server at ${facts.reporter}" <@>
    To: ${facts.sender}
    Subject: ${delay ? 'WARNING: DELAYED MAIL' : 'NOTICE: mail delivery status.'}
    Mime-Version: 1.0
    Content-Type: multipart/report; report-type=delivery-status; boundary="${boundary}"
    Content-Transfer-Encoding: 7bit
    Message-ID: <courier.000000006A0275A1.000009291@${facts.reporter}>
    Date: ${mailDate(facts.date)}
  `;
  const parts = [
    `Content-Transfer-Encoding: 8bit\nContent-Type: text/plain; charset=us-ascii\n\n${text}`,
    `Content-Type: message/delivery-status\nContent-Transfer-Encoding: 7bit\n\n${statusFields(facts, { diagnostic: facts.reply.code === null ? `unknown; ${replyLine(facts)}` : `smtp; ${outcomeLine(facts)}` })}`,
    ...originalParts(facts, 'Content-Transfer-Encoding: 8bit\n'),
  ];
  return wire(`${header}\n${multipart(boundary, parts)}`);
}

/** OpenSMTPD before 5.9: a letter with the copy below. bounce.c */
function openSmtpd(facts: ReportFacts): Buffer {
  const delay = facts.kind === 'delay';
  const happened = delay
    ? '    A message is delayed for more than 4 hours for the following\n    list of recipients:'
    : '    An error has occurred while attempting to deliver a message for\n    the following list of recipients:';
  const copy = facts.attach === 'headers' ? originalHeader(facts) : originalWhole(facts);
  return wire(lines`
    Received: from localhost (localhost [local])
    	by ${facts.reporter} (OpenSMTPD) with ESMTPA id 1a2b3c4d
    	for <${facts.sender}>; ${mailDate(facts.date)}
    Subject: Delivery status notification: ${delay ? 'delayed' : 'failed'}
    From: Mailer Daemon <MAILER-DAEMON@${facts.reporter}>
    To: ${facts.sender}
    Date: ${mailDate(facts.date)}
    Message-ID: <1a2b3c4d5e6f@${facts.reporter}>

        Hi!

        This is the MAILER-DAEMON, please DO NOT REPLY to this email.

    ${happened}

    ${facts.recipient}: ${replyLine(facts)}

    ${facts.attach === 'none' ? '' : `    Below is a copy of the original message${facts.attach === 'headers' ? ' headers' : ''}:\n\n${copy}`}
  `);
}

/** OpenSMTPD 5.9 and later: a report in parts, without Diagnostic-Code. bounce.c */
function openSmtpdReport(facts: ReportFacts): Buffer {
  const delay = facts.kind === 'delay';
  const boundary = `1a2b3c4d5e6f/${facts.reporter}`;
  const text = lines`
        Hi!

        This is the MAILER-DAEMON, please DO NOT REPLY to this email.

        ${delay ? 'A message is delayed for more than 4 hours for the following\n    list of recipients:' : 'An error has occurred while attempting to deliver a message for\n    the following list of recipients:'}

    ${facts.recipient}: ${replyLine(facts)}

        Below is a copy of the original message:
  `;
  const fields = lines`
    Reporting-MTA: dns; ${facts.reporter}

    Final-Recipient: rfc822; ${facts.recipient}
    Action: ${delay ? 'delayed' : 'failed'}
    Status: ${facts.reply.status ?? (delay ? '4.0.0' : '5.0.0')}
  `;
  const header = lines`
    Received: from localhost (${facts.reporter} [local])
    	by ${facts.reporter} (OpenSMTPD) with ESMTPA id 1a2b3c4d
    	for <${facts.sender}>; ${mailDate(facts.date)}
    Subject: Delivery status notification: ${delay ? 'delayed' : 'failed'}
    From: Mailer Daemon <MAILER-DAEMON@${facts.reporter}>
    To: ${facts.sender}
    Date: ${mailDate(facts.date)}
    MIME-Version: 1.0
    Content-Type: multipart/mixed;boundary="${boundary}"
  `;
  const parts = [
    `Content-Description: Notification\nContent-Type: text/plain; charset=us-ascii\n\n${text}`,
    `Content-Description: Delivery Report\nContent-Type: message/delivery-status\n\n${fields}`,
    ...originalParts(facts, 'Content-Description: Message headers\n'),
  ];
  return wire(`${header}\n${multipart(boundary, parts, 'This is a MIME-encapsulated message.\n\n')}`);
}

const shows = { namesRecipient: true, showsStatus: true };

export const unixKinds: readonly ReportKind[] = [
  { name: 'qmail', speaks: 'qmail', make: qmail, kinds: ['bounce'], ...shows },
  { name: 'exim', speaks: 'exim', make: exim, kinds: ['bounce', 'delay'], ...shows },
  {
    name: 'exim report',
    speaks: 'exim',
    make: eximReport,
    kinds: ['bounce', 'delay'],
    namesRecipient: true,
    showsStatus: false,
  },
  { name: 'exim alias', speaks: 'exim', make: eximGenerated, kinds: ['bounce'], ...shows },
  { name: 'courier', speaks: 'courier', make: courier, kinds: ['bounce', 'delay'], ...shows },
  { name: 'opensmtpd', make: openSmtpd, kinds: ['bounce', 'delay'], ...shows },
  { name: 'opensmtpd report', make: openSmtpdReport, kinds: ['bounce', 'delay'], ...shows },
];
