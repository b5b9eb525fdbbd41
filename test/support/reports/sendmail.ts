import { outcomeLine, statusFields } from './dsn.ts';
import { type ReportFacts, type ReportKind, replyLine, replyText } from './facts.ts';
import { commandOf, lines, mailDate, multipart, originalBelow, originalParts, wire } from './mime.ts';

const QUEUE = 'k4C1NjB1001234';

const talk = {
  bounce: ['Returned mail: see transcript for details', 'failure'],
  delay: ['Warning: could not send message for past 4 hours', 'warning-timeout'],
  delivered: ['Return receipt', 'return-receipt'],
} as const;

/**
 * What Sendmail itself says at the end: a 550 in reply to RCPT is a user unknown to it, whatever the other server meant.
 * deliver.c, smtprcptstat(): EX_NOUSER for 550, 551 and 553.
 */
export function verdict(facts: ReportFacts): string {
  const { code } = facts.reply;
  if (code !== null && code < 500) return `<${facts.recipient}>... Deferred: ${replyLine(facts)}`;
  const atRecipient = commandOf(facts) === 'RCPT TO' && (code === 550 || code === 551 || code === 553);
  return atRecipient ? `550 5.1.1 <${facts.recipient}>... User unknown` : '554 5.0.0 Service unavailable';
}

function transcript(facts: ReportFacts): string {
  const { recipient, remote } = facts;
  if (facts.reply.code === null)
    return /unknown/.test(facts.reply.text) ? `550 5.1.2 <${recipient}>... ${replyText(facts)}` : replyText(facts);
  const command = commandOf(facts) === 'RCPT TO' ? `RCPT To:<${recipient}>` : 'DATA';
  return `... while talking to ${remote}.:\n>>> ${command}\n<<< ${replyLine(facts)}\n${verdict(facts)}`;
}

function words(facts: ReportFacts): string {
  const received = `The original message was received at ${mailDate(facts.date)}\nfrom app1.notice.example.com [192.0.2.10]`;
  if (facts.kind === 'delivered')
    return lines`
      ${received}

         ----- The following addresses had successful delivery notifications -----
      <${facts.recipient}>  (relayed to non-DSN-aware mailer)

         ----- Transcript of session follows -----
      <${facts.recipient}>... relayed; expect no further notifications
    `;
  if (facts.kind === 'delay')
    return lines`
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
    `;
  return lines`
    ${received}

       ----- The following addresses had permanent fatal errors -----
    <${facts.recipient}>
        (reason: ${replyLine(facts)})

       ----- Transcript of session follows -----
    ${transcript(facts)}
  `;
}

/** Sendmail 8.9 and later. savemail.c */
function sendmail(facts: ReportFacts): Buffer {
  const [subject, why] = talk[facts.kind as keyof typeof talk];
  const boundary = `${QUEUE}.1778549025/${facts.reporter}`;
  const fields = statusFields(facts, {
    type: 'RFC822; ',
    diagnostic: facts.reply.code === null || facts.kind === 'delivered' ? null : `SMTP; ${outcomeLine(facts)}`,
    remote: `DNS; ${facts.remote}`,
    perMessage: '\nReceived-From-MTA: DNS; app1.notice.example.com',
    perRecipient: `\nLast-Attempt-Date: ${mailDate(facts.date)}`,
    ...(facts.kind === 'delivered' ? { action: 'relayed', status: '2.1.5' } : {}),
  });
  const parts = [`\n${words(facts)}`, `Content-Type: message/delivery-status\n\n${fields}`, ...originalParts(facts)];
  const header = lines`
    Return-Path: <MAILER-DAEMON>
    Received: from localhost (localhost)
    	by ${facts.reporter} (8.14.4/8.14.4) id ${QUEUE};
    	${mailDate(facts.date)}
    Date: ${mailDate(facts.date)}
    From: Mail Delivery Subsystem <MAILER-DAEMON@${facts.reporter}>
    Message-Id: <202605120123.${QUEUE}@${facts.reporter}>
    To: <${facts.sender}>
    MIME-Version: 1.0
    Content-Type: multipart/report; report-type=delivery-status;
    	boundary="${boundary}"
    Subject: ${subject}
    Auto-Submitted: auto-generated (${why})
  `;
  return wire(`${header}\n${multipart(boundary, parts, 'This is a MIME-encapsulated message\n\n')}`);
}

/** Sendmail 5 and others of its age: one part, the transcript first. */
function sendmailFive(facts: ReportFacts): Buffer {
  return wire(lines`
    Received: from localhost by ${facts.reporter} (5.65c/1.7)
    	id AA12345; ${mailDate(facts.date)}
    Date: ${mailDate(facts.date)}
    From: Mail Delivery Subsystem <MAILER-DAEMON@${facts.reporter}>
    Subject: Returned mail: see transcript
    Message-Id: <9605120123.AA12345@${facts.reporter}>
    To: ${facts.sender}

       ----- Transcript of session follows -----
    While talking to ${facts.remote}:
    >>> RCPT To:<${facts.recipient}>
    <<< ${replyLine(facts)}
    ${facts.reply.code === null ? `550 <${facts.recipient}>... ${replyText(facts)}` : verdict(facts).replace(' 5.1.1', '')}

    ${originalBelow(facts, '   ----- Unsent message follows -----').replace('\n\n', '\n')}
  `);
}

/** Sendmail 8.6 to 8.8: no machine-readable part. */
function sendmailEight(facts: ReportFacts): Buffer {
  return wire(lines`
    Received: from localhost (localhost) by ${facts.reporter} (8.6.12/8.6.12) with internal id KAA12345; ${mailDate(facts.date)}
    Date: ${mailDate(facts.date)}
    From: Mail Delivery Subsystem <MAILER-DAEMON@${facts.reporter}>
    Subject: Returned mail: Service unavailable
    Message-Id: <199605120123.KAA12345@${facts.reporter}>
    To: <${facts.sender}>

    The original message was received at ${mailDate(facts.date)}
    from app1.notice.example.com [192.0.2.10]

       ----- The following addresses had delivery problems -----
    <${facts.recipient}>  (unrecoverable error)

       ----- Transcript of session follows -----
    ${transcript(facts)}

    ${originalBelow(facts, '   ----- Original message follows -----')}
  `);
}

const shows = { namesRecipient: true, showsStatus: true, speaks: 'sendmail' };

export const sendmailKinds: readonly ReportKind[] = [
  { name: 'sendmail', make: sendmail, kinds: ['bounce', 'delay', 'delivered'], ...shows },
  { name: 'sendmail 8.6', make: sendmailEight, kinds: ['bounce'], ...shows },
  { name: 'sendmail 5', make: sendmailFive, kinds: ['bounce'], ...shows },
];
