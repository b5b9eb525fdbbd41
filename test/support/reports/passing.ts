import { severalLines, statusFields } from './dsn.ts';
import { type ReportFacts, type ReportKind, replyLine } from './facts.ts';
import { base64, lines, mailDate, multipart, originalBelow, originalParts, wire, wrap } from './mime.ts';
import { verdict } from './sendmail.ts';

/** Reports of mail that passed an alias, a program or a gateway on its way, and of systems in older attire. */

const head = (facts: ReportFacts, from: string, subject: string, more = ''): string => lines`
  Return-Path: <>
  Date: ${mailDate(facts.date)}
  From: ${from}
  To: ${facts.sender}
  Subject: ${subject}
  Message-ID: <passing.1778549025@${facts.reporter}>${more}
`;

const postmaster = ({ reporter }: ReportFacts): string => `Mail Delivery System <MAILER-DAEMON@${reporter}>`;

/** Postfix names the alias behind the address that failed: `<a@b> (expanded from <info@c>): …`. */
function postfixAlias(facts: ReportFacts): Buffer {
  const said =
    facts.reply.code === null
      ? replyLine(facts)
      : `host ${facts.remote}[192.0.2.25] said: ${replyLine(facts)} (in reply to RCPT TO command)`;
  const boundary = 'A1B2C3D4E5.1778549025/mail';
  const text = lines`
    This is the mail system at host ${facts.reporter}.

    I'm sorry to have to inform you that your message could not
    be delivered to one or more recipients. It's attached below.

                       The mail system

    ${wrap(`<${facts.recipient}> (expanded from <info@alias.example.net>): ${said}`)}
  `;
  const fields = statusFields(facts, { originalRecipient: 'rfc822;info@alias.example.net' }).replace(
    /^Original-Recipient.*\n/m,
    '',
  );
  const type = `\nMIME-Version: 1.0\nContent-Type: multipart/report; report-type=delivery-status; boundary="${boundary}"`;
  const parts = [
    `Content-Type: text/plain\n\n${text}`,
    `Content-Type: message/delivery-status\n\n${fields}`,
    ...originalParts(facts),
  ];
  return wire(
    `${head(facts, postmaster(facts), 'Undelivered Mail Returned to Sender', type)}\n${multipart(boundary, parts)}`,
  );
}

/** The same words in one part of text. */
function postfixAliasWords(facts: ReportFacts): Buffer {
  const report = postfixAlias({ ...facts, attach: 'none' }).toString();
  const text = /This is the mail system[\s\S]*?(?=\r\n--A1B2)/.exec(report)?.[0] ?? '';
  return wire(`${head(facts, postmaster(facts), 'Undelivered Mail Returned to Sender')}\n${text}`);
}

/** Sendmail: `(expanded from: <info@…>)`. */
function sendmailAlias(facts: ReportFacts): Buffer {
  return wire(lines`
    ${head(facts, `Mail Delivery Subsystem <MAILER-DAEMON@${facts.reporter}>`, 'Returned mail: see transcript for details')}
    The original message was received at ${mailDate(facts.date)}
    from app1.notice.example.com [192.0.2.10]

       ----- The following addresses had permanent fatal errors -----
    <${facts.recipient}>
        (reason: ${replyLine(facts)})
        (expanded from: <info@alias.example.net>)

       ----- Transcript of session follows -----
    ... while talking to ${facts.remote}.:
    >>> RCPT To:<${facts.recipient}>
    <<< ${replyLine(facts)}
    ${verdict(facts)}

    ${originalBelow(facts, '   ----- Original message follows -----')}
  `);
}

/** Exim: a program to which an address leads has failed. */
const eximPipe = (facts: ReportFacts): Buffer =>
  wire(lines`
    ${head(facts, `Mail Delivery System <Mailer-Daemon@${facts.reporter}>`, 'Mail delivery failed: returning message to sender')}
    This message was created automatically by mail delivery software.

    A message that you sent could not be delivered to one or more of its
    recipients. This is a permanent error. The following address(es) failed:

      pipe to |/usr/local/bin/sort-mail
        generated from ${facts.recipient}
        Child process of address_pipe transport returned 127 (could mean unable to exec or command does not exist) from command: /usr/local/bin/sort-mail

    ${originalBelow(facts, '------ This is a copy of the message, including all the headers. ------')}
  `);

/** Exim 4's local deliveries: the reason alone, below the address. */
function eximLocal(facts: ReportFacts): Buffer {
  const reasons: Record<string, string> = {
    mailbox_full: 'mailbox is full (MTA-imposed quota exceeded while writing to tmp/1778549025)',
    invalid_mailbox: 'unknown local-part "taro.yamada" in domain "mail.example.jp"',
    expired: 'retry timeout exceeded',
    content: 'message is too big (transport limit = 10485760)',
  };
  return wire(lines`
    ${head(facts, `Mail Delivery System <Mailer-Daemon@${facts.reporter}>`, 'Mail delivery failed: returning message to sender', `\nX-Failed-Recipients: ${facts.recipient}\nAuto-Submitted: auto-replied`)}
    This message was created automatically by mail delivery software.

    A message that you sent could not be delivered to all of its recipients.
    This is a permanent error. The following address(es) failed:

      ${facts.recipient}
        ${reasons[facts.reply.class] ?? ''}

    ${originalBelow(facts, '------ This is a copy of your message, including all the headers. ------')}
  `);
}

/** Exim: a filter of the system refuses what is attached. */
const eximFilter = (facts: ReportFacts): Buffer =>
  wire(lines`
    ${head(facts, `Mail Delivery System <Mailer-Daemon@${facts.reporter}>`, 'Mail delivery failed: returning message to sender', `\nX-Failed-Recipients: ${facts.recipient}\nAuto-Submitted: auto-replied`)}
    This message was created automatically by mail delivery software.

    A message that you sent could not be delivered to all of its recipients.
    The following address(es) failed:

      ${facts.recipient}
        This message has been rejected because it has
        a potentially executable attachment "notice.exe"
        This form of attachment has been used by
        recent viruses or other malware.
        If you meant to send this file then please
        package it up as a zip file and resend it.

    ${originalBelow(facts, '------ This is a copy of the message, including all the headers. ------')}
  `);

/** Gmail of 2010: codes twice, `(state 14)` at the end. */
const gmail2010 = (facts: ReportFacts): Buffer =>
  wire(lines`
    ${head(facts, 'Mail Delivery Subsystem <mailer-daemon@googlemail.com>', 'Delivery Status Notification (Failure)', `\nX-Failed-Recipients: ${facts.recipient}\nMIME-Version: 1.0\nContent-Type: text/plain; charset=ISO-8859-1`)}
    Delivery to the following recipient failed permanently:

         ${facts.recipient}

    Technical details of permanent failure: 
    Google tried to deliver your message, but it was rejected by the recipient domain. We recommend contacting the other email provider for further information about the cause of this error. The error that the other server returned was: ${facts.reply.code ?? ''} ${replyLine(facts)} (state 14).

    ${originalBelow(facts, '----- Original message -----')}
  `);

/** A gateway has kept Sendmail's words alone: a warning and a receipt without fields. */
function sendmailWords(facts: ReportFacts): Buffer {
  const received = `The original message was received at ${mailDate(facts.date)}\nfrom app1.notice.example.com [192.0.2.10]`;
  const from = `Mail Delivery Subsystem <MAILER-DAEMON@${facts.reporter}>`;
  if (facts.kind === 'delivered')
    return wire(
      `${head(facts, from, 'Return receipt')}\n${received}\n\n   ----- The following addresses had successful delivery notifications -----\n<${facts.recipient}>  (successfully delivered to mailbox)\n\n   ----- Transcript of session follows -----\n<${facts.recipient}>... Successfully delivered\n`,
    );
  return wire(lines`
    ${head(facts, from, 'Warning: could not send message for past 4 hours')}
        **********************************************
        **      THIS IS A WARNING MESSAGE ONLY      **
        **  YOU DO NOT NEED TO RESEND YOUR MESSAGE  **
        **********************************************

    ${received}

       ----- The following addresses had transient non-fatal errors -----
    <${facts.recipient}>

       ----- Transcript of session follows -----
    <${facts.recipient}>... Deferred: ${replyLine(facts)}
    Warning: message still undelivered after 4 hours
    Will keep trying until message is 5 days old
  `);
}

/** Exchange 2003 with a name from the address book in place of an address: only the original says who it was. */
function exchangeName(facts: ReportFacts): Buffer {
  const boundary = '----_=_NextPart_001_01C4';
  const text = lines`
    Your message did not reach some or all of the intended recipients.

          Subject:	Important notice
          Sent:	5/12/2026 10:23 AM

    The following recipient(s) could not be reached:

          Sato, Hanako on 5/12/2026 10:23 AM
                The e-mail account does not exist at the organization this message was sent to.  Check the e-mail address, or contact the recipient directly to find out the correct address.
                <${facts.reporter} #5.1.1>
  `;
  const more = `\nX-MimeOLE: Produced By Microsoft Exchange V6.5\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary="${boundary}"`;
  const parts = [
    `Content-Type: text/plain; charset=us-ascii\n\n${text}`,
    ...originalParts({ ...facts, attach: 'headers' }),
  ];
  return wire(
    `${head(facts, 'System Administrator <postmaster@example.jp>', 'Undeliverable: Important notice', more)}\n${multipart(boundary, parts)}`,
  );
}

/** A page of HTML alone, as some gateways make of Exchange's report. */
function exchangePage(facts: ReportFacts): Buffer {
  const escaped = (text: string): string =>
    text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
  const page = lines`
    <html>
    <head><meta name="Generator" content="Microsoft Exchange Server"></head>
    <body>
    <p><b><font color="#000066" size="3" face="Arial">Delivery has failed to these recipients or groups:</font></b></p>
    <font color="#000000" size="2" face="Tahoma"><p><a href="mailto:${facts.recipient}">${facts.recipient}</a><br>
    Your message wasn't delivered. Please contact the recipient by some other means (by phone, for example).</p></font>
    <p>Diagnostic information for administrators:</p>
    <p>Generating server: ${facts.reporter}</p>
    <p>${facts.recipient}<br>
    ${facts.reply.code === null ? `#${escaped(replyLine(facts))} ##` : `Remote Server returned '${escaped(replyLine(facts))}'`}</p>
    <p>Original message headers:</p>
    <pre>Message-ID: ${escaped(facts.originalMessageId)}</pre>
    </body>
    </html>
  `;
  const more = '\nMIME-Version: 1.0\nContent-Type: text/html; charset="us-ascii"\nContent-Transfer-Encoding: base64';
  return wire(
    `${head(facts, `Microsoft Outlook <postmaster@${facts.reporter}>`, 'Undeliverable: Important notice', more)}\n${base64(page)}\n`,
  );
}

/** AOL before 2018: Sendmail's form, the whole answer in several lines. */
const aol = (facts: ReportFacts): Buffer =>
  wire(lines`
    ${head(facts, 'Mail Delivery Subsystem <MAILER-DAEMON@aol.com>', 'Mail Delivery Problem')}

    Your mail to the following recipients could not be delivered because they are not accepting mail, or an error occurred:

       ----- The following addresses had delivery problems -----
    <${facts.recipient}>   (unrecoverable error)

       ----- Transcript of session follows -----
    ... while talking to ${facts.remote}.:
    >>> RCPT To:<${facts.recipient}>
    <<< ${severalLines(facts, '\n<<< ')}
    554 <${facts.recipient}>... Service unavailable

    ${originalBelow(facts, '   ----- Original message follows -----')}
  `);

const bounce = { kinds: ['bounce'], namesRecipient: true, showsStatus: true } as const;

export const passingKinds: readonly ReportKind[] = [
  { name: 'postfix alias', speaks: 'postfix', make: postfixAlias, ...bounce },
  { name: 'postfix alias words', speaks: 'postfix', make: postfixAliasWords, ...bounce },
  { name: 'sendmail alias', make: sendmailAlias, ...bounce },
  { name: 'sendmail words only', speaks: 'sendmail', make: sendmailWords, ...bounce, kinds: ['delay', 'delivered'] },
  { name: 'exim pipe', make: eximPipe, ...bounce, showsStatus: false, classes: ['system'] },
  {
    name: 'exim local',
    make: eximLocal,
    ...bounce,
    showsStatus: false,
    classes: ['mailbox_full', 'invalid_mailbox', 'expired', 'content'],
  },
  { name: 'exim filter', make: eximFilter, ...bounce, showsStatus: false, classes: ['content'] },
  { name: 'gmail 2010', make: gmail2010, ...bounce },
  { name: 'exchange name', make: exchangeName, ...bounce, showsStatus: false, classes: ['invalid_mailbox'] },
  { name: 'exchange page', make: exchangePage, ...bounce },
  { name: 'aol', make: aol, ...bounce },
];
