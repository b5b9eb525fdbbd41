import type { ReportFacts, ReportKind } from './facts.ts';
import { domainOf, lines, mailDate, multipart, optional, originalHeader, originalWhole, wire } from './mime.ts';

interface Loop {
  from: string;
  subject: string;
  words: (facts: ReportFacts) => string;
  agent: string;
  /** `abuse` where nothing is said: RFC 5965 §7.3, RFC 6650, RFC 6430. */
  feedbackType?: string;
  extra?: (facts: ReportFacts) => string;
  redacted?: boolean;
}

const loops: Record<string, Loop> = {
  yahoo: {
    from: 'Yahoo! Mail AntiSpam Feedback <feedback@arf.mail.yahoo.com>',
    subject: 'お知らせ',
    words: () =>
      'This is an email abuse report for an email message from example.com received on Tue, 12 May 2026 01:23:45 +0000\n',
    agent: 'Yahoo!-Mail-Feedback/2.0',
    extra: (facts) =>
      `\nOriginal-Mail-From: <${facts.sender}>\nOriginal-Rcpt-To: ${facts.recipient}\nReceived-Date: ${mailDate(facts.date)}\nReported-Domain: example.com\nAuthentication-Results: authentication result string is not available`,
  },
  aol: {
    from: 'scomp@aol.net',
    subject: 'Email Feedback Report for IP 192.0.2.10',
    words: () =>
      'This is an email abuse report for an email message with the message-id of n1 received from IP address 192.0.2.10 on Tue, 12 May 2026 01:23:45 -0400 (EDT)\n\nFor information, please review the top portion of the following page: http://postmaster.aol.com/tools/fbl.html\n',
    agent: 'AOL SComp',
    extra: () => '\nRedacted-Address: redacted\nRedacted-Address: redacted@',
    redacted: true,
  },
  redacted: {
    from: 'feedback loop <fbl@fbl.example.net>',
    subject: 'FW: notice',
    words: () =>
      'This is an email abuse report for an email message received from IP 192.0.2.10.\nThe recipient has been removed.\n',
    agent: 'ReturnPathFBL/1.0',
    redacted: true,
  },
  comcast: {
    from: 'feedbackloop@feedback.postmaster.example.net',
    subject: '[FBL] abuse report',
    words: () => 'This is a spam report\n',
    agent: 'ReturnPathFBL/2.0',
    extra: (facts) =>
      `\nOriginal-Mail-From: ${facts.sender}\nOriginal-Rcpt-To: <${facts.recipient}>\nArrival-Date: ${mailDate(facts.date)}\nSource-IP: 192.0.2.10\nAbuse-Type: complaint\nSubscription-Link: https://fbl.example.net/manage/1`,
  },
  'amazon ses': {
    from: 'complaints@us-west-2.email-abuse.amazonses.com',
    subject: 'Complaint: notice',
    words: (facts) =>
      `This is an email abuse report for an email message from amazonses.com on ${mailDate(facts.date)}\n`,
    agent: 'Yahoo!-Mail-Feedback/1.0',
    extra: (facts) =>
      `\nRemoval-Recipient: ${facts.recipient}\nReceived-Date: ${mailDate(facts.date)}\nReported-Domain: example.com`,
  },
  fraud: {
    from: 'abusedesk@example.net',
    subject: 'FW: Earn money',
    words: () => 'This is an email abuse report for an email message received from IP 192.0.2.10.\n',
    agent: 'SomeGenerator/1.0',
    feedbackType: 'fraud',
    extra: (facts) =>
      `\nOriginal-Mail-From: <${facts.sender}>\nOriginal-Rcpt-To: <${facts.recipient}>\nReporting-MTA: dns; mail.example.net\nSource-IP: 192.0.2.10\nReported-URI: mailto:${facts.sender}`,
  },
};

/** The address is hidden where the loop hides it, in the original too. */
const hidden = (loop: Loop, facts: ReportFacts, text: string): string =>
  loop.redacted ? text.replaceAll(facts.recipient, `redacted@${domainOf(facts.recipient)}`) : text;

/** A report as in RFC 5965 §3: words, `message/feedback-report`, the original. */
const arf =
  (loop: Loop) =>
  (facts: ReportFacts): Buffer => {
    const boundary = 'part1_13d.2e68ed54_boundary';
    const header = lines`
    From: ${loop.from}
    To: abuse@example.com
    Date: ${mailDate(facts.date, '+0000')}
    Subject: ${loop.subject}
    Message-ID: <fbl.1778549025.1@${domainOf(loop.from).replace('>', '')}>
    MIME-Version: 1.0
    Content-Type: multipart/report; report-type=feedback-report;
         boundary="${boundary}"
  `;
    const fields = lines`
    Feedback-Type: ${loop.feedbackType ?? 'abuse'}
    User-Agent: ${loop.agent}
    Version: 1${optional('Original-Envelope-Id', facts.envelopeId)}${loop.extra?.(facts) ?? ''}
  `;
    const original = hidden(loop, facts, facts.attach === 'whole' ? originalWhole(facts) : originalHeader(facts));
    const type = facts.attach === 'whole' ? 'message/rfc822' : 'text/rfc822-headers';
    const parts = [
      `Content-Type: text/plain; charset="US-ASCII"\nContent-Transfer-Encoding: 7bit\n\n${loop.words(facts)}`,
      `Content-Type: message/feedback-report\n\n${fields}`,
      ...(facts.attach === 'none' ? [] : [`Content-Type: ${type}\nContent-Disposition: inline\n\n${original}`]),
    ];
    return wire(`${header}\n${multipart(boundary, parts)}`);
  };

/** Microsoft's Junk Mail Reporting Program: no feedback report, the recipient in a field of the original. */
function jmrp(facts: ReportFacts): Buffer {
  const boundary = '----=_NextPart_000_0001_01DA1234.5678ABCD';
  const header = lines`
    From: staff@hotmail.com
    To: abuse@example.com
    Date: ${mailDate(facts.date, '-0700')}
    Subject: complaint about message from 192.0.2.10
    Message-ID: <jmrp.1778549025@hotmail.com>
    MIME-Version: 1.0
    Content-Type: multipart/mixed; boundary="${boundary}"
  `;
  const original = `X-HmXmrOriginalRecipient: ${facts.recipient}\nX-Originating-IP: [192.0.2.10]\nReturn-Path: ${facts.sender}\n${originalWhole(facts)}`;
  return wire(
    `${header}\n${multipart(boundary, [`Content-Type: message/rfc822\nContent-Disposition: inline\n\n${original}`])}`,
  );
}

/** Reports that are none of a complaint, for the tests that must not take them for one. */
export const notSpam = (facts: ReportFacts): Buffer =>
  arf({
    from: 'fbl@example.net',
    subject: 'not spam',
    words: () => 'This message was marked as not spam.\n',
    agent: 'FBL/1.0',
    feedbackType: 'not-spam',
    extra: (of) => `\nOriginal-Rcpt-To: ${of.recipient}`,
  })(facts);

/** RFC 6591: a failure of authentication, no complaint and no bounce. */
export const authFailure = (facts: ReportFacts): Buffer =>
  arf({
    from: 'dmarc-noreply@example.net',
    subject: 'FW: notice',
    words: () => 'This is an authentication failure report for an email message received from IP 192.0.2.10.\n',
    agent: 'szn-mime/2.0',
    feedbackType: 'auth-failure',
    extra: (of) =>
      `\nOriginal-Mail-From: ${of.sender}\nOriginal-Rcpt-To: ${of.recipient}\nAuth-Failure: dmarc\nDelivery-Result: delivered\nIdentity-Alignment: none\nReported-Domain: example.com`,
  })(facts);

/** The person wants no more: RFC 5965's registry has `opt-out` from some loops. */
export const optOut = (facts: ReportFacts): Buffer =>
  arf({
    from: 'fbl@example.net',
    subject: 'opt-out',
    words: () => 'The recipient asks to be removed.\n',
    agent: 'FBL/1.0',
    feedbackType: 'opt-out',
    extra: (of) => `\nOriginal-Rcpt-To: ${of.recipient}`,
  })(facts);

/** The same program since 2021: a feedback report that names nobody, the recipient in the original. */
function newJmrp(facts: ReportFacts): Buffer {
  const boundary = '_jmrp_0001_';
  const header = lines`
    From: Microsoft Outlook <staff@hotmail.com>
    To: abuse@example.com
    Date: ${mailDate(facts.date, '+0000')}
    Subject: complaint about message from 192.0.2.10
    Message-ID: <jmrp.1778549026@hotmail.com>
    MIME-Version: 1.0
    Content-Type: multipart/report; report-type=feedback-report; boundary="${boundary}"
  `;
  const fields = `Feedback-Type: abuse\nUser-Agent: Microsoft-JMRP/1.0\nVersion: 0.1\nSource-IP: 192.0.2.10\nArrival-Date: ${mailDate(facts.date)}\n`;
  const original = `X-HmXmrOriginalRecipient: ${facts.recipient}\n${originalWhole(facts)}`;
  const parts = [
    'Content-Type: text/plain\n\nThis is an email abuse report for an email message received from IP 192.0.2.10.\n',
    `Content-Type: message/feedback-report\n\n${fields}`,
    `Content-Type: message/rfc822\n\n${original}`,
  ];
  return wire(`${header}\n${multipart(boundary, parts)}`);
}

export const complaintKinds: readonly ReportKind[] = [
  ...Object.entries(loops).map(([name, loop]) => ({
    name: `complaint ${name}`,
    make: arf(loop),
    kinds: ['complaint'] as const,
    namesRecipient: loop.redacted !== true,
    showsStatus: false,
  })),
  { name: 'complaint hotmail 2021', make: newJmrp, kinds: ['complaint'], namesRecipient: true, showsStatus: false },
  { name: 'complaint hotmail', make: jmrp, kinds: ['complaint'], namesRecipient: true, showsStatus: false },
];
