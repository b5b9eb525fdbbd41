import type { ReportFacts } from './facts.ts';
import { lines, mailDate, originalWhole, wire } from './mime.ts';

/** A recipient of a report about several, and what was said of it; the first line is a reply or words of the system. */
export interface Said {
  recipient: string;
  line: string;
}

const head = (facts: ReportFacts, from: string, subject: string): string => lines`
  Return-Path: <>
  Date: ${mailDate(facts.date)}
  From: ${from}
  To: ${facts.sender}
  Subject: ${subject}
  Message-ID: <several.1778549025@${facts.reporter}>
`;

const qmail = (facts: ReportFacts, all: Said[]): string => lines`
  ${head(facts, `MAILER-DAEMON@${facts.reporter}`, 'failure notice')}
  Hi. This is the qmail-send program at ${facts.reporter}.
  I'm afraid I wasn't able to deliver your message to the following addresses.
  This is a permanent error; I've given up. Sorry it didn't work out.

  ${all.map(({ recipient, line }) => `<${recipient}>:\n192.0.2.25 does not like recipient.\nRemote host said: ${line}\nGiving up on 192.0.2.25.\n`).join('\n')}
  --- Below this line is a copy of the message.

  Return-Path: <${facts.sender}>
  ${originalWhole(facts)}
`;

const postfix = (facts: ReportFacts, all: Said[]): string => lines`
  ${head(facts, `MAILER-DAEMON@${facts.reporter} (Mail Delivery System)`, 'Undelivered Mail Returned to Sender')}
  This is the mail system at host ${facts.reporter}.

  I'm sorry to have to inform you that your message could not
  be delivered to one or more recipients. It's attached below.

  For further assistance, please send mail to postmaster.

  If you do so, please include this problem report. You can
  delete your own text from the attached returned message.

                     The mail system

  ${all.map(({ recipient, line }) => `<${recipient}>: host mx.example.jp[192.0.2.25] said: ${line} (in reply to\n    RCPT TO command)\n`).join('\n')}
`;

const exim = (facts: ReportFacts, all: Said[]): string => lines`
  ${head(facts, `Mail Delivery System <Mailer-Daemon@${facts.reporter}>`, 'Mail delivery failed: returning message to sender')}
  This message was created automatically by mail delivery software.

  A message that you sent could not be delivered to one or more of its
  recipients. This is a permanent error. The following address(es) failed:

  ${all.map(({ recipient, line }) => `  ${recipient}\n    host mx.example.jp [192.0.2.25]\n    SMTP error from remote mail server after RCPT TO:<${recipient}>:\n    ${line}`).join('\n')}

  ------ This is a copy of the message, including all the headers. ------

  ${originalWhole(facts)}
`;

const sendmail = (facts: ReportFacts, all: Said[]): string => lines`
  ${head(facts, `Mail Delivery Subsystem <MAILER-DAEMON@${facts.reporter}>`, 'Returned mail: see transcript for details')}
  The original message was received at ${mailDate(facts.date)}
  from app1.notice.example.com [192.0.2.10]

     ----- The following addresses had permanent fatal errors -----
  ${all.map(({ recipient, line }) => `<${recipient}>\n    (reason: ${line})`).join('\n')}

     ----- Transcript of session follows -----
  ... while talking to mx.example.jp.:
  ${all.map(({ recipient, line }) => `>>> RCPT To:<${recipient}>\n<<< ${line}\n${line.slice(0, 3)} ${line.slice(4, 9)} <${recipient}>... see above`).join('\n')}
`;

const exchange = (facts: ReportFacts, all: Said[]): string => lines`
  ${head(facts, `postmaster@${facts.reporter}`, 'Undeliverable: Important notice')}
  Delivery has failed to these recipients or groups:

  ${all.map(({ recipient }) => `${recipient} (${recipient})\nYour message was not delivered. Please contact your helpdesk.\n`).join('\n')}

  Diagnostic information for administrators:

  Generating server: ${facts.reporter}

  ${all.map(({ recipient, line }) => `${recipient}\nmx.example.jp #<mx.example.jp #${line.slice(4, 9)} smtp;${line}> #SMTP#\n`).join('\n')}

  Original message headers:

  ${originalWhole(facts)}
`;

const gmail = (facts: ReportFacts, all: Said[]): string => lines`
  ${head(facts, 'Mail Delivery Subsystem <mailer-daemon@googlemail.com>', 'Delivery Status Notification (Failure)').trimEnd()}
  X-Failed-Recipients: ${all.map(({ recipient }) => recipient).join(', ')}

  Delivery to the following recipients failed permanently:

       ${all.map(({ recipient }) => recipient).join('\n     ')}

  Technical details of permanent failure: 
  Google tried to deliver your message, but it was rejected by the server for the recipient domain example.jp by mx.example.jp. [192.0.2.25].

  The error that the other server returned was:
  ${all[0]?.line ?? ''}

  ----- Original message -----

  ${originalWhole(facts)}
`;

const yahoo = (facts: ReportFacts, all: Said[]): string => lines`
  ${head(facts, 'MAILER-DAEMON@yahoo.com', 'Failure Notice')}
  Sorry, we were unable to deliver your message to the following addresses.

  ${all.map(({ recipient, line }) => `<${recipient}>:\nRemote host said:\n${line} [RCPT_TO]\n`).join('\n')}
  --- Below this line is a copy of the message.

  ${originalWhole(facts)}
`;

/** Reports of one part of text about several recipients. `alike`: the system says one thing of all of them. */
export const severalInWords: { name: string; alike: boolean; make: (facts: ReportFacts, all: Said[]) => Buffer }[] = [
  ...Object.entries({ qmail, postfix, exim, sendmail, exchange, yahoo }).map(([name, text]) => ({
    name,
    alike: false,
    make: (facts: ReportFacts, all: Said[]) => wire(text(facts, all)),
  })),
  { name: 'gmail', alike: true, make: (facts, all) => wire(gmail(facts, all)) },
];
