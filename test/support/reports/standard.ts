import { actionOf, outcomeLine, severalLines, statusFields } from './dsn.ts';
import { type ReportFacts, type ReportKind, statusOf } from './facts.ts';
import {
  base64,
  lines,
  mailDate,
  multipart,
  originalHeader,
  originalParts,
  quotedPrintable,
  wire,
  wrap,
} from './mime.ts';

const BOUNDARY = 'dsn-=_7f3a.1778549025';

const outcomes: Record<string, string> = {
  bounce: 'could not be delivered',
  delay: 'has not been delivered yet',
  delivered: 'was delivered',
};

/** What the words of a report say that leaves all else to its fields. */
const shortWords = (facts: ReportFacts): string =>
  `Your message ${outcomes[facts.kind] ?? ''}. Details are in the attached report.\n`;

function header(
  facts: ReportFacts,
  type = `multipart/report; report-type=delivery-status; boundary="${BOUNDARY}"`,
): string {
  const subjects: Record<string, string> = {
    bounce: 'Delivery report',
    delay: 'Delivery report (delayed)',
    delivered: 'Delivery report (success)',
  };
  return lines`
    Return-Path: <>
    Received: from ${facts.reporter} by mail.example.com; ${mailDate(facts.date)}
    From: Mail Delivery Subsystem <mailer-daemon@${facts.reporter}>
    To: <${facts.sender}>
    Date: ${mailDate(facts.date)}
    Subject: ${subjects[facts.kind] ?? 'Delivery report'}
    Message-ID: <dsn.1778549025@${facts.reporter}>
    Auto-Submitted: auto-replied
    MIME-Version: 1.0
    Content-Type: ${type}
  `;
}

interface Parts {
  words?: string | null;
  status: string;
  original?: string[];
}

const textPart = (words: string): string => `Content-Type: text/plain; charset=us-ascii\n\n${words}`;
const statusPart = (fields: string): string => `Content-Type: message/delivery-status\n\n${fields}`;

function report(facts: ReportFacts, { words, status, original }: Parts, type?: string): Buffer {
  const parts = [
    ...(words === null ? [] : [textPart(words ?? shortWords(facts))]),
    status,
    ...(original ?? originalParts(facts)),
  ];
  return wire(`${header(facts, type)}\n${multipart(BOUNDARY, parts)}`);
}

/** A report whose fields are those of `statusFields`, changed as text. */
const changed = (change: (fields: string, facts: ReportFacts) => string) => (facts: ReportFacts) =>
  report(facts, { status: statusPart(change(statusFields(facts), facts)) });

const variants: Record<string, (facts: ReportFacts) => Buffer> = {
  plain: (facts) => report(facts, { status: statusPart(statusFields(facts)) }),
  'line feeds alone': (facts) =>
    Buffer.from(
      report(facts, { status: statusPart(statusFields(facts)) })
        .toString()
        .replaceAll('\r\n', '\n'),
    ),
  'folded diagnostic': (facts) =>
    report(facts, {
      status: statusPart(
        statusFields(facts, { diagnostic: wrap(`smtp; ${outcomeLine(facts)}`, { width: 40, indent: '\t' }) }),
      ),
    }),
  'diagnostic of many lines': (facts) =>
    report(facts, {
      status: statusPart(
        statusFields(facts, facts.reply.code === null ? {} : { diagnostic: `smtp; ${severalLines(facts, '\n ')}` }),
      ),
    }),
  'x-unix diagnostic': changed((fields) =>
    fields.replace(/Diagnostic-Code: (smtp|x-local);/, 'Diagnostic-Code: x-unix;'),
  ),
  'diagnostic without type': changed((fields) =>
    fields.replace(/Diagnostic-Code: (smtp|x-local); /, 'Diagnostic-Code: '),
  ),
  'status with comment': changed((fields) => fields.replace(/^Status: (\S+)$/m, 'Status: $1 (see the diagnostic)')),
  'address in brackets': changed((fields, { recipient }) =>
    fields.replace(`rfc822; ${recipient}`, `rfc822;<${recipient}>`),
  ),
  'upper case': changed((fields) =>
    fields
      .replace('Final-Recipient: rfc822; ', 'FINAL-RECIPIENT: RFC822;')
      .replace('Action:', 'ACTION:')
      .replace('Status:', 'STATUS:'),
  ),
  'lower case': changed((fields) => fields.replaceAll(/^[A-Z][A-Za-z-]+:/gm, (name) => name.toLowerCase())),
  'action with capital': changed((fields, facts) =>
    fields.replace(
      `Action: ${actionOf(facts)}`,
      `Action: ${actionOf(facts).replace(/^./, (first) => first.toUpperCase())}`,
    ),
  ),
  'local address type': changed((fields) => fields.replace('Final-Recipient: rfc822; ', 'Final-Recipient: LOCAL; ')),
  'original recipient too': changed((fields, { recipient }) =>
    fields.replace('Action:', `Original-Recipient: rfc822;${recipient}\nAction:`),
  ),
  'actual recipient': changed((fields, { recipient }) =>
    fields.replace('Action:', `X-Actual-Recipient: rfc822; ${recipient}\nAction:`),
  ),
  'original envelope': (facts) =>
    report(
      { ...facts, envelopeId: facts.envelopeId ?? 'ENV-1778549025' },
      { status: statusPart(statusFields({ ...facts, envelopeId: facts.envelopeId ?? 'ENV-1778549025' })) },
    ),
  'comment behind the address': changed((fields, { recipient }) =>
    fields.replace(`Final-Recipient: rfc822; ${recipient}`, `Final-Recipient: rfc822; ${recipient} (unverified)`),
  ),
  'only the original recipient': changed((fields) =>
    fields.replace('Final-Recipient: rfc822; ', 'Original-Recipient: rfc822;'),
  ),
  'original recipient in xtext': changed((fields, { recipient }) =>
    fields.replace(
      'Action:',
      `Original-Recipient: rfc822;${recipient.replaceAll(/[+=]/g, (one) => (one === '+' ? '+2B' : '+3D'))}\nAction:`,
    ),
  ),
  'fields after blank lines': changed((fields) => `\n${fields.replace('\n\nFinal', '\n\n\n\nFinal')}\n\n`),
  'no group of the message': changed((fields) => fields.slice(fields.indexOf('Final-Recipient'))),
  'no blank line between': changed((fields) => fields.replace('\n\nFinal', '\nFinal')),
  'fields in base64': (facts) =>
    report(facts, {
      status: `Content-Type: message/delivery-status\nContent-Transfer-Encoding: base64\n\n${base64(statusFields(facts))}\n`,
    }),
  'fields in quoted-printable': (facts) =>
    report(facts, {
      status: `Content-Type: message/delivery-status\nContent-Transfer-Encoding: quoted-printable\n\n${quotedPrintable(statusFields(facts))}\n`,
    }),
  'no words': (facts) => report(facts, { words: null, status: statusPart(statusFields(facts)) }),
  'html words': (facts) => {
    const page = `Content-Type: text/html; charset=utf-8\n\n<html><body><h1>Delivery report</h1><p>${shortWords(facts)}</p></body></html>\n`;
    return wire(
      `${header(facts)}\n${multipart(BOUNDARY, [page, statusPart(statusFields(facts)), ...originalParts(facts)])}`,
    );
  },
  'multipart/mixed': (facts) =>
    report(facts, { status: statusPart(statusFields(facts)) }, `multipart/mixed; boundary="${BOUNDARY}"`),
  'no report-type': (facts) =>
    report(facts, { status: statusPart(statusFields(facts)) }, `multipart/report; boundary="${BOUNDARY}"`),
  'quoted report-type, boundary first': (facts) =>
    report(
      facts,
      { status: statusPart(statusFields(facts)) },
      `Multipart/Report; boundary="${BOUNDARY}";\n report-type="delivery-status"`,
    ),
  'global delivery status': (facts) =>
    report(facts, {
      status: `Content-Type: message/global-delivery-status\nContent-Transfer-Encoding: 8bit\n\n${statusFields(facts, { type: 'utf-8; ' })}`,
      original: facts.attach === 'none' ? [] : [`Content-Type: message/global-headers\n\n${originalHeader(facts)}`],
    }),
  'original in base64': (facts) =>
    report(facts, {
      status: statusPart(statusFields(facts)),
      original:
        facts.attach === 'none'
          ? []
          : [
              `Content-Type: text/rfc822-headers\nContent-Transfer-Encoding: base64\n\n${base64(originalHeader(facts))}\n`,
            ],
    }),
  'fields as text': (facts) =>
    report(facts, { status: `Content-Type: text/plain; name="delivery-status.txt"\n\n${statusFields(facts)}` }),
  'fields as attachment': (facts) =>
    report(facts, {
      status: `Content-Type: message/delivery-status; name="details.txt"\nContent-Disposition: attachment; filename="details.txt"\n\n${statusFields(facts)}`,
    }),
  'wrong charset of the words': (facts) => {
    const words = `Content-Type: text/plain; charset=x-unknown-8bit\nContent-Transfer-Encoding: 8bit\n\n${shortWords(facts)}`;
    return wire(
      `${header(facts)}\n${multipart(BOUNDARY, [words, statusPart(statusFields(facts)), ...originalParts(facts)])}`,
    );
  },
  'closing boundary missing': (facts) =>
    wire(
      report(facts, { status: statusPart(statusFields(facts)) })
        .toString()
        .replace(`--${BOUNDARY}--`, ''),
    ),
};

/** Variants that leave out what others have. */
const silent: Record<string, (facts: ReportFacts) => Buffer> = {
  'no diagnostic': changed((fields) => fields.replace(/\nDiagnostic-Code: .*/, '')),
  'no action': changed((fields) => fields.replace(/\nAction: .*/, '')),
};

const forwarded = (facts: ReportFacts): Buffer => {
  const inner = report(facts, { status: statusPart(statusFields(facts)) }).toString();
  const outer = 'fwd-0001';
  const head = lines`
    From: postmaster@example.com
    To: ${facts.sender}
    Date: ${mailDate(facts.date)}
    Subject: FW: Delivery report
    Message-ID: <fwd.1@example.com>
    MIME-Version: 1.0
    Content-Type: multipart/mixed; boundary="${outer}"
  `;
  return wire(
    `${head}\n${multipart(outer, ['Content-Type: text/plain\n\nSee below.\n', `Content-Type: message/rfc822\n\n${inner}`])}`,
  );
};

/**
 * One report about several recipients, each with an outcome of its own; the address, the reply and the kind are each one's,
 * all else is the first's.
 */
export function severalRecipients(all: readonly ReportFacts[]): Buffer {
  const [first] = all;
  if (!first) throw new Error('a report is about somebody');
  const groups = all.map((facts) => statusFields(facts).split('\n\n')[1] ?? '');
  const head = statusFields(first).split('\n\n')[0] ?? '';
  return report(first, { status: statusPart(`${head}\n\n${groups.map((group) => group.trim()).join('\n\n')}\n`) });
}

/** A message was handed on: the address that failed is not the one that it was sent to. */
export function handedOn(facts: ReportFacts, failedAt: string): Buffer {
  const fields = statusFields({ ...facts, recipient: failedAt }, { originalRecipient: `rfc822;${facts.recipient}` });
  return report(facts, { status: statusPart(fields) });
}

/** `Action: relayed` and `expanded`: the message went on to a system that tells no more, or to a list. RFC 3464 §2.3.3 */
export function passedOn(facts: ReportFacts, action: 'relayed' | 'expanded'): Buffer {
  return report(
    { ...facts, kind: 'delivered' },
    { status: statusPart(statusFields({ ...facts, kind: 'delivered' }, { action })) },
  );
}

/** Only a diagnostic and no Status at all, against RFC 3464 §2.3.4. */
export const withoutStatus = (facts: ReportFacts): Buffer =>
  report(facts, { status: statusPart(statusFields(facts).replace(`\nStatus: ${statusOf(facts)}`, '')) });

const shows = { namesRecipient: true, showsStatus: true, speaks: 'any' };
const all = ['bounce', 'delay', 'delivered'] as const;

export const standardKinds: readonly ReportKind[] = [
  ...Object.entries(variants).map(([name, make]) => ({ name: `rfc 3464 ${name}`, make, kinds: all, ...shows })),
  ...Object.entries(silent).map(([name, make]) => ({
    name: `rfc 3464 ${name}`,
    make,
    kinds: name === 'no action' ? (['bounce'] as const) : all,
    ...shows,
    ...(name === 'no diagnostic' ? { classes: [] } : {}),
  })),
  { name: 'rfc 3464 no status', make: withoutStatus, kinds: all, namesRecipient: true, showsStatus: true },
  { name: 'rfc 3464 forwarded', make: forwarded, kinds: ['bounce'], ...shows },
];
