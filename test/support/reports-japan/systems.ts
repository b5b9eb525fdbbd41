import type { FailureClass } from '../../../src/delivery/email/classify-failure.ts';
import type { ReportFacts } from '../reports/facts.ts';
import { deliveryStatus, reportFields, standardReport } from './delivery-status.ts';
import { domainOf, said } from './japan-kind.ts';
import { type LeafForm, leaf, mail, multipart } from './mail.ts';
import { DATE, originalBelow, originalParts } from './original.ts';

export interface PostfixForm {
  host: string;
  remote?: string;
  /** What follows the reply in brackets. */
  step?: string;
  /** Words of the operator in place of the usual ones (bounce(5)). */
  words?: string;
  subject?: string;
  textForm?: LeafForm;
  /** Between the address and the colon: `(expanded from <…>)`. */
  expanded?: string;
}

const POSTFIX = (host: string) => `This is the mail system at host ${host}.

I'm sorry to have to inform you that your message could not
be delivered to one or more recipients. It's attached below.

For further assistance, please send mail to postmaster.

If you do so, please include this problem report. You can
delete your own text from the attached returned message.

                   The mail system
`;

const fold = (text: string, width = 72) => text.replaceAll(new RegExp(`(.{1,${width}})(?: |$)`, 'g'), '$1\n').trimEnd();

/** Postfix, with the words of its operator. bounce(5), bounce(8). */
export function postfix(facts: ReportFacts, form: PostfixForm): Buffer {
  const remote = form.remote ?? `mx.${domainOf(facts.recipient)}`;
  const step = form.step ?? 'RCPT TO command';
  const line = `<${facts.recipient}>${form.expanded ?? ''}: host ${remote}[198.51.100.7] said: ${said(facts)} (in reply to ${step})`;
  return standardReport(facts, {
    from: `MAILER-DAEMON@${form.host} (Mail Delivery System)`,
    subject: form.subject ?? 'Undelivered Mail Returned to Sender',
    text: `${form.words ?? POSTFIX(form.host)}\n${fold(line).replaceAll('\n', '\n    ')}\n`,
    textForm: { ...form.textForm, fields: [['Content-Description', 'Notification']] },
    boundary: `4XyZ1k2Lm3z9.1795484130/${form.host}`,
    status: {
      mta: form.host,
      remote,
      more: [
        `X-Postfix-Queue-ID: 4XyZ1k2Lm3z9`,
        `X-Postfix-Sender: rfc822; ${facts.sender}`,
        `Arrival-Date: ${DATE} (JST)`,
      ],
      moreOfRecipient: [`Original-Recipient: rfc822;${facts.recipient}`],
      diagnostic: `smtp; ${fold(said(facts)).replaceAll('\n', '\n    ')}`,
    },
  });
}

export interface SendmailForm {
  host: string;
  remote?: string;
  command?: 'RCPT To' | 'DATA' | 'MAIL From';
  subject?: string;
  /** The last line of the transcript; what Sendmail makes of the status when absent. */
  outcome?: string;
}

const OUTCOMES: Partial<Record<FailureClass, string>> = {
  invalid_mailbox: 'User unknown',
  invalid_domain: 'Host unknown (Name server: host not found)',
  mailbox_full: 'Mailbox full',
};

/** Sendmail 8: transcript in words, and a report beside it. */
export function sendmail(facts: ReportFacts, form: SendmailForm): Buffer {
  const remote = form.remote ?? `mx.${domainOf(facts.recipient)}`;
  const command = form.command ?? 'RCPT To';
  const sent = command === 'DATA' ? 'DATA' : `${command}:<${facts.recipient}>`;
  const text = `The original message was received at ${DATE}
from app.example.jp [192.0.2.10]

   ----- The following addresses had permanent fatal errors -----
<${facts.recipient}>
    (reason: ${said(facts)})

   ----- Transcript of session follows -----
... while talking to ${remote}.:
>>> ${sent}
<<< ${said(facts)}
${form.outcome ?? `${facts.reply.code} ${facts.reply.status ?? '5.0.0'} <${facts.recipient}>... ${OUTCOMES[facts.reply.class] ?? 'Service unavailable'}`}
`;
  return standardReport(facts, {
    from: `Mail Delivery Subsystem <MAILER-DAEMON@${form.host}>`,
    subject: form.subject ?? 'Returned mail: see transcript for details',
    fields: [['Auto-Submitted', 'auto-generated (failure)']],
    boundary: `uAO1FUab012345.1795484130/${form.host}`,
    text,
    textForm: { type: null },
    status: { mta: form.host, remote, more: [`Received-From-MTA: DNS; app.example.jp`, `Arrival-Date: ${DATE}`] },
  });
}

export interface QmailForm {
  host: string;
  greeting?: string;
  textForm?: LeafForm;
  local?: string;
}

/** qmail-send, by its protocol QSBMF: an introduction, a paragraph for each recipient, a line and the original. */
export function qmail(facts: ReportFacts, form: QmailForm): Buffer {
  const greeting =
    form.greeting ??
    `Hi. This is the qmail-send program at ${form.host}.
I'm afraid I wasn't able to deliver your message to the following addresses.
This is a permanent error; I've given up. Sorry it didn't work out.`;
  const reason =
    form.local ??
    `198.51.100.7 does not like recipient.
Remote host said: ${said(facts)}
Giving up on 198.51.100.7.`;
  const below = originalBelow(facts, '--- Below this line is a copy of the message.');
  const text = `${greeting}\n\n<${facts.recipient}>:\n${reason}\n\n${below}`;
  return mail(
    reportFields(facts, `MAILER-DAEMON@${form.host}`, 'failure notice'),
    leaf(text, form.textForm ?? { type: null }),
  );
}

export interface EximForm {
  host: string;
  lines?: string;
  fields?: readonly (readonly [string, string])[];
}

/** Exim before 4.70 as it comes from rented servers: one part of text, a field that names the recipient. */
export function exim(facts: ReportFacts, form: EximForm): Buffer {
  const lines =
    form.lines ??
    `SMTP error from remote mail server after RCPT TO:<${facts.recipient}>:
    host mx.${domainOf(facts.recipient)} [198.51.100.7]: ${said(facts)}`;
  const below = originalBelow(facts, '------ This is a copy of the message, including all the headers. ------');
  const text = `This message was created automatically by mail delivery software.

A message that you sent could not be delivered to one or more of its
recipients. This is a permanent error. The following address(es) failed:

  ${facts.recipient}
    ${lines}

${below}`;
  const fields = [
    ['X-Failed-Recipients', facts.recipient],
    ['Auto-Submitted', 'auto-replied'],
    ...(form.fields ?? []),
  ] as const;
  const from = `Mail Delivery System <Mailer-Daemon@${form.host}>`;
  return mail(
    reportFields(facts, from, 'Mail delivery failed: returning message to sender', fields),
    leaf(text, { type: null }),
  );
}

/** InterMail and its successors at carriers and providers: reasons in sentences, the address in brackets below. */
export function interMail(
  facts: ReportFacts,
  form: {
    host: string;
    from: string;
    subject: string;
    reason: string;
    closing?: string;
    status?: boolean;
    mixed?: boolean;
  },
): Buffer {
  const text = `${form.reason}\n\n${form.closing ?? ''}`;
  const status = deliveryStatus(facts, {
    ...{ mta: form.host, brackets: true, addressType: 'RFC822; ' },
    more: [`Arrival-Date: ${DATE}`, `Received-From-MTA: dns; relay.example.jp (192.0.2.10)`],
    ...(form.status ? {} : { diagnostic: null }),
  });
  const parts = [leaf(text), ...(form.status ? [status] : []), ...originalParts(facts, 'text/rfc822-headers')];
  const type = form.mixed ? 'mixed' : 'report; report-type=delivery-status';
  return mail(
    reportFields(facts, form.from, form.subject),
    multipart(type, parts, `===========================_ _= 5012(1234)1795484130`),
  );
}
