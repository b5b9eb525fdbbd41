import { outcomeLine, statusFields } from './dsn.ts';
import { type ReportFacts, type ReportKind, replyLine } from './facts.ts';
import { commandOf, lines, mailDate, multipart, originalParts, wire, wrap } from './mime.ts';

const QUEUE = '4D1xKq0Vz9z2xGh';

const subjects = {
  bounce: 'Undelivered Mail Returned to Sender',
  delay: 'Delayed Mail (still being retried)',
  delivered: 'Successful Mail Delivery Report',
};

/** One recipient's line: `<a@b>: host mx[…] said: 550 … (in reply to RCPT TO command)`. bounce_notify_util.c. */
function said(facts: ReportFacts): string {
  const who = `<${facts.recipient}>:`;
  const host = `${facts.remote}[192.0.2.25]`;
  if (facts.kind === 'delivered') return wrap(`${who} delivery via ${host}:25: ${outcomeLine(facts)}`);
  if (facts.reply.code === null) return wrap(`${who} ${replyLine(facts)}`);
  return wrap(`${who} host ${host} said: ${replyLine(facts)} (in reply to ${commandOf(facts)} command)`);
}

function words(facts: ReportFacts): string {
  const opening = `This is the mail system at host ${facts.reporter}.\n`;
  if (facts.kind === 'delivered')
    return lines`
      ${opening}
      Your message was successfully delivered to the destination(s)
      listed below. If the message was delivered to mailbox you will
      receive no further notifications. Otherwise you may still receive
      notifications of mail delivery errors from other systems.

                         The mail system

      ${said(facts)}
    `;
  if (facts.kind === 'delay')
    return lines`
      ${opening}
      ####################################################################
      # THIS IS A WARNING ONLY.  YOU DO NOT NEED TO RESEND YOUR MESSAGE. #
      ####################################################################

      Your message could not be delivered for more than 4 hour(s).
      It will be retried until it is 5 day(s) old.

      For further assistance, please send mail to postmaster.

      If you do so, please include this problem report. You can
      delete your own text from the attached returned message.

                         The mail system

      ${said(facts)}
    `;
  return lines`
    ${opening}
    I'm sorry to have to inform you that your message could not
    be delivered to one or more recipients. It's attached below.

    For further assistance, please send mail to postmaster.

    If you do so, please include this problem report. You can
    delete your own text from the attached returned message.

                       The mail system

    ${said(facts)}
  `;
}

function header(facts: ReportFacts, type: string, subject: string): string {
  return lines`
    Return-Path: <>
    Received: by ${facts.reporter} (Postfix)
    	id ${QUEUE}; ${mailDate(facts.date)} (JST)
    Date: ${mailDate(facts.date)} (JST)
    From: MAILER-DAEMON@${facts.reporter} (Mail Delivery System)
    Subject: ${subject}
    To: ${facts.sender}
    Auto-Submitted: auto-replied
    MIME-Version: 1.0
    ${type}
    Message-Id: <20260512012345.${QUEUE}@${facts.reporter}>
  `;
}

/** Postfix 2.x and 3.x, bounce(8). */
function postfix(facts: ReportFacts): Buffer {
  const boundary = `${QUEUE}.1778549025/${facts.reporter}`;
  const type = `Content-Type: multipart/report; report-type=delivery-status;\n\tboundary="${boundary}"`;
  const relayed = facts.kind === 'delivered' ? { action: 'relayed' } : {};
  const diagnostic = `${facts.reply.code === null && facts.kind !== 'delivered' ? 'X-Postfix' : 'smtp'}; ${outcomeLine(facts)}`;
  const fields = statusFields(facts, {
    ...relayed,
    diagnostic: wrap(diagnostic),
    originalRecipient: `rfc822;${facts.recipient}`,
    perMessage: `\nX-Postfix-Queue-ID: ${QUEUE}\nX-Postfix-Sender: rfc822; ${facts.sender}`,
    perRecipient: facts.kind === 'delay' ? `\nWill-Retry-Until: ${mailDate(facts.date)} (JST)` : '',
  });
  const parts = [
    `Content-Description: Notification\nContent-Type: text/plain; charset=us-ascii\n\n${words(facts)}`,
    `Content-Description: Delivery report\nContent-Type: message/delivery-status\n\n${fields}`,
    ...originalParts(facts, 'Content-Description: Undelivered Message\n'),
  ];
  const body = multipart(boundary, parts, 'This is a MIME-encapsulated message.\n\n');
  return wire(`${header(facts, type, subjects[facts.kind as keyof typeof subjects])}\n${body}`);
}

/** Postfix of the time before 2.3: "This is the Postfix program at host". */
function oldPostfix(facts: ReportFacts): Buffer {
  const text = lines`
    This is the Postfix program at host ${facts.reporter}.

    I'm sorry to have to inform you that your message could not be
    be delivered to one or more recipients. It's attached below.

    For further assistance, please send mail to <postmaster>

    If you do so, please include this problem report. You can
    delete your own text from the attached returned message.

    			The Postfix program

    ${said(facts)}
  `;
  const boundary = `${QUEUE}.1110213245/${facts.reporter}`;
  const type = `Content-Type: multipart/report; report-type=delivery-status;\n\tboundary="${boundary}"`;
  const fields = statusFields(facts, { diagnostic: `X-Postfix; ${said(facts).replace(/^<.*?>: /, '')}`, remote: null });
  const parts = [
    `Content-Description: Notification\nContent-Type: text/plain\n\n${text}`,
    `Content-Description: Delivery error report\nContent-Type: message/delivery-status\n\n${fields}`,
    ...originalParts(facts, 'Content-Description: Undelivered Message\n'),
  ];
  return wire(
    `${header(facts, type, subjects.bounce)}\n${multipart(boundary, parts, 'This is a MIME-encapsulated message.\n\n')}`,
  );
}

/** `sendmail -bv` and `sendmail -v`: a report of what would happen or has happened, with nothing attached. */
function verifying(facts: ReportFacts): Buffer {
  const boundary = `${QUEUE}.1778549099/${facts.reporter}`;
  const type = `Content-Type: multipart/report; report-type=delivery-status;\n\tboundary="${boundary}"`;
  const text = `This is the mail system at host ${facts.reporter}.\n\nEnclosed is the mail delivery report that you requested.\n\n                   The mail system\n\n${said(facts)}\n`;
  const action = facts.kind === 'delivered' ? { action: 'relayed' } : {};
  const parts = [
    `Content-Description: Notification\nContent-Type: text/plain; charset=us-ascii\n\n${text}`,
    `Content-Description: Delivery report\nContent-Type: message/delivery-status\n\n${statusFields(facts, action)}`,
    ...originalParts(facts, 'Content-Description: Message\n'),
  ];
  return wire(
    `${header(facts, type, 'Mail Delivery Status Report')}\n${multipart(boundary, parts, 'This is a MIME-encapsulated message.\n\n')}`,
  );
}

/** A gateway has thrown the machine-readable part away: only the words of Postfix are left, and the header below. */
function wordsOnly(facts: ReportFacts): Buffer {
  const original = originalParts(facts).join('');
  const type = 'Content-Type: text/plain; charset=us-ascii';
  return wire(`${header(facts, type, subjects[facts.kind as keyof typeof subjects])}\n${words(facts)}\n${original}`);
}

const shows = { namesRecipient: true, showsStatus: true, speaks: 'postfix' };

export const postfixKinds: readonly ReportKind[] = [
  { name: 'postfix', make: postfix, kinds: ['bounce', 'delay', 'delivered'], ...shows },
  { name: 'postfix before 2.3', make: oldPostfix, kinds: ['bounce'], ...shows },
  { name: 'postfix verbose', make: verifying, kinds: ['bounce', 'delivered'], ...shows },
  { name: 'postfix words only', make: wordsOnly, kinds: ['bounce', 'delay'], ...shows },
];
