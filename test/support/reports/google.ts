import { statusFields } from './dsn.ts';
import { type ReportFacts, type ReportKind, replyLine } from './facts.ts';
import {
  base64,
  domainOf,
  lines,
  mailDate,
  multipart,
  originalBelow,
  originalParts,
  quotedPrintable,
  wire,
} from './mime.ts';

const titles: Record<string, string> = {
  invalid_mailbox: 'Address not found',
  invalid_domain: 'Address not found',
  mailbox_full: 'Recipient inbox full',
  content: 'Message too large',
  sender_blocked: 'Message blocked',
  sender_auth: 'Message blocked',
  delay: 'Delivery incomplete',
};

function newText(facts: ReportFacts): string {
  const { recipient } = facts;
  const response =
    facts.reply.code === null
      ? `The response was:\n\n${replyLine(facts)}`
      : `The response from the remote server was:\n\n${replyLine(facts)}`;
  if (facts.kind === 'delay')
    return lines`

      ** Delivery incomplete **

      There was a temporary problem delivering your message to ${recipient}. Gmail will retry for 46 more hours. You'll be notified if the delivery fails permanently.


      ${response}
    `;
  const title = titles[facts.reply.class] ?? 'Message not delivered';
  const why =
    title === 'Address not found'
      ? `Your message wasn't delivered to ${recipient} because the address couldn't be found, or is unable to receive mail.`
      : title === 'Recipient inbox full'
        ? `Your message couldn't be delivered to ${recipient}. Their inbox is full, or it's getting too much mail right now.`
        : title === 'Message blocked'
          ? `Your message to ${recipient} has been blocked. See technical details below for more information.`
          : `There was a problem delivering your message to ${recipient}. See the technical details below, or try resending in a few minutes.`;
  return lines`

    ** ${title} **

    ${why}



    ${response}
  `;
}

const htmlOf = (facts: ReportFacts): string =>
  `\n<html>\n<head>\n<style>\n* {\nfont-family:Roboto, "Helvetica Neue", Helvetica, Arial, sans-serif;\n}\n</style>\n</head>\n<body>\n<table cellpadding="0" cellspacing="0" class="email-wrapper" style="padding-top:32px;background-color:#ffffff;"><tbody>\n<tr><td>\n<img height="56" width="56" src="cid:icon.png" alt="Error Icon">\n</td></tr>\n${newText(
    facts,
  )
    .split('\n')
    .filter((line) => line !== '')
    .map(
      (line) =>
        `<tr><td><p style="color: #2F4858">${line.replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll(facts.recipient, `<b>${facts.recipient}</b>`)}</p></td></tr>`,
    )
    .join('\n')}\n</tbody></table>\n</body>\n</html>\n`;

/** Gmail and Workspace since 2016: text, HTML and a picture; the fields; the original. */
function gmail(facts: ReportFacts): Buffer {
  const delay = facts.kind === 'delay';
  const alternative = multipart('000000000000aaaa0605d1f2a3b5', [
    `Content-Type: text/plain; charset="UTF-8"\n\n${newText(facts)}`,
    `Content-Type: text/html; charset="UTF-8"\nContent-Transfer-Encoding: quoted-printable\n\n${quotedPrintable(htmlOf(facts))}`,
  ]);
  const related = multipart('000000000000aaaa0605d1f2a3b4', [
    `Content-Type: multipart/alternative; boundary="000000000000aaaa0605d1f2a3b5"\n\n${alternative}`,
    `Content-Type: image/png; name="icon.png"\nContent-Disposition: attachment; filename="icon.png"\nContent-Transfer-Encoding: base64\nContent-ID: <icon.png>\n\n${base64(Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex'))}`,
  ]);
  const own = facts.reply.code === null;
  const fields = statusFields(facts, {
    remote: own ? null : `dns; ${facts.remote}. (192.0.2.25, the server for the domain ${domainOf(facts.recipient)}.)`,
    diagnostic: `smtp; ${replyLine(facts)}`,
    perMessage: `\nReceived-From-MTA: dns; ${facts.sender}\nX-Original-Message-ID: ${facts.originalMessageId}`,
    perRecipient: `\nLast-Attempt-Date: ${mailDate(facts.date, '-0700')} (PDT)${delay ? `\nWill-Retry-Until: ${mailDate(facts.date, '-0700')} (PDT)` : ''}`,
  });
  const header = lines`
    Received: by 2002:a17:902:e845:b0:1d4:cb4e:4e4e with SMTP id t5so1234567plg;
            ${mailDate(facts.date, '-0700')} (PDT)
    Return-Path: <>
    Received: by 2002:a17:902:e845:b0:1d4:cb4e:4e4e with SMTP id t5so1234568plg; ${mailDate(facts.date, '-0700')} (PDT)
    From: Mail Delivery Subsystem <mailer-daemon@googlemail.com>
    To: ${facts.sender}
    Auto-Submitted: auto-replied
    Subject: Delivery Status Notification (${delay ? 'Delay' : 'Failure'})
    References: ${facts.originalMessageId}
    In-Reply-To: ${facts.originalMessageId}
    X-Failed-Recipients: ${facts.recipient}
    Message-ID: <6a0275a1.170a0220.1a2b3.c4d5.GMR@mx.google.com>
    Date: ${mailDate(facts.date, '-0700')} (PDT)
    Content-Type: multipart/report; boundary="000000000000aaaa0605d1f2a3b6"; report-type=delivery-status
  `;
  const parts = [
    `Content-Type: multipart/related; boundary="000000000000aaaa0605d1f2a3b4"\n\n${related}`,
    `Content-Type: message/delivery-status\n\n${fields}`,
    ...originalParts(facts),
  ];
  return wire(`${header}\n${multipart('000000000000aaaa0605d1f2a3b6', parts)}`);
}

/** Gmail until about 2016: one part of text. */
function oldGmail(facts: ReportFacts): Buffer {
  const delay = facts.kind === 'delay';
  const code = facts.reply.code;
  const details =
    code === null
      ? replyLine(facts)
      : `Google tried to deliver your message, but it was rejected by the server for the recipient domain ${domainOf(facts.recipient)} by ${facts.remote}. [192.0.2.25].\n\nThe error that the other server returned was:\n${replyLine(facts)}`;
  const lead = delay
    ? 'This is an automatically generated Delivery Status Notification\n\nTHIS IS A WARNING MESSAGE ONLY.\n\nYOU DO NOT NEED TO RESEND YOUR MESSAGE.\n\nDelivery to the following recipient has been delayed:'
    : 'Delivery to the following recipient failed permanently:';
  return wire(lines`
    MIME-Version: 1.0
    Received: by 10.52.26.1 with SMTP id h1mr1234567vdg.12.1778549025; ${mailDate(facts.date, '-0700')} (PDT)
    From: Mail Delivery Subsystem <mailer-daemon@googlemail.com>
    To: ${facts.sender}
    X-Failed-Recipients: ${facts.recipient}
    Subject: Delivery Status Notification (${delay ? 'Delay' : 'Failure'})
    Message-ID: <bcaec51a8f9a1b2c3d04e5f6a7b8@google.com>
    Date: ${mailDate(facts.date, '+0000')}
    Content-Type: text/plain; charset=ISO-8859-1

    ${lead}

         ${facts.recipient}

    ${delay ? 'Message will be retried for 2 more day(s)\n\nTechnical details of temporary failure: ' : 'Technical details of permanent failure: '}
    ${details}

    ${originalBelow(facts, '----- Original message -----')}
  `);
}

/** Google Groups: a letter that gives several reasons at once, none of them sure. */
function googleGroups(facts: ReportFacts): Buffer {
  const text = lines`

    Hello ${facts.sender},

    We're writing to let you know that the group you tried to contact (${facts.recipient.split('@')[0] ?? ''}) may not exist, or you may not have permission to post messages to the group. A few more details on why you weren't able to post:

     * You might have spelled or formatted the group name incorrectly.
     * The owner of the group may have removed this group.
     * You may need to join the group before receiving permission to post.
     * This group may not be open to posting.

    If you have questions related to this or any other Google Group, visit the Help Center at https://support.google.com/a/${domainOf(facts.recipient)}/bin/topic.py?topic=25838.

    Thanks,

    ${domainOf(facts.recipient)} admins

    ${originalBelow(facts, '----- Original message -----')}
  `;
  return wire(
    `${lines`
    MIME-Version: 1.0
    Received: by 2002:a05:6a20:c18e:b0:1a3:7a3e:1f00 with SMTP id bg14; ${mailDate(facts.date, '-0700')} (PDT)
    From: Mail Delivery Subsystem <mailer-daemon@googlemail.com>
    To: ${facts.sender}
    X-Failed-Recipients: ${facts.recipient}
    Subject: Delivery Status Notification (Failure)
    Message-ID: <000000000000b1c2d305e1f2a3b4@google.com>
    Date: ${mailDate(facts.date, '+0000')}
    Auto-Submitted: auto-replied
    Content-Type: text/plain; charset=UTF-8
  `}\n${text}`,
  );
}

const shows = { namesRecipient: true, showsStatus: true, speaks: 'google' };

export const googleKinds: readonly ReportKind[] = [
  { name: 'gmail', make: gmail, kinds: ['bounce', 'delay'], ...shows },
  { name: 'gmail old', make: oldGmail, kinds: ['bounce', 'delay'], ...shows },
  {
    name: 'google groups',
    make: googleGroups,
    kinds: ['bounce'],
    namesRecipient: true,
    showsStatus: false,
    classes: [],
  },
];
