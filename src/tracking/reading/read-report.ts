import { readSesEvent } from '../webhooks/ses.ts';
import { readDeliveryStatus } from './delivery-status.ts';
import { readFeedback } from './feedback-report.ts';
import { type Finding, type Marks, MOST_WORDS, type Reading } from './finding.ts';
import { judgeFinding, spokenIn, withWords } from './judge-finding.ts';
import { answererOf, isAutoReply, isFromMailSystem } from './mail-system.ts';
import { joinMarks, marksOf, noMarks } from './marks.ts';
import { type ParsedMail, parseReportMail } from './parse-mail.ts';
import type { ReportMail } from './report-mail.ts';

// A mail that was forwarded to us as an attachment, and that within another.
const DEEPEST_FORWARD = 3;
const MOST_ATTACHED = 20;

/**
 * Reads a mail that came back: what it is, about whom, and why. Reports of the standards (RFC 3464, 5965, 3834) first,
 * then those of mail systems with a form of their own, then whatever names an address and a failure. Never throws.
 * @param bytes the whole mail
 * @param hints `envelope`: the addresses to which it came, when the way knows them
 */
export function readReport(bytes: Buffer, hints: { envelope?: readonly string[] } = {}): Reading {
  const raw = bytes.toString('latin1');
  const mail = parseReportMail(raw);
  const marks = marksOf(raw, mail, hints.envelope ?? []);
  return readParsed(mail, 0, marks) ?? { findings: [nothing(mail)], marks };
}

function readParsed(mail: ParsedMail, depth: number, marks: Marks): Reading | null {
  const feedback = readFeedback(mail);
  if (feedback) return { findings: complaints(feedback), marks };
  if (isReadReceipt(mail)) return { findings: [nothing(mail)], marks };
  const status = readDeliveryStatus(mail);
  if (status) {
    const alone = status.findings.length === 1;
    const spoken = spokenIn(mail);
    const findings = status.findings.map((one) =>
      judgeFinding(withWords(one, mail, spoken, alone), mail, spoken, 'rfc3464'),
    );
    return { findings, marks: { ...marks, envelopeIds: [...status.envelopeIds, ...marks.envelopeIds] } };
  }
  if (isAutoReply(mail)) return { findings: [autoReply(mail)], marks };
  return readWords(mail, marks) ?? readForwarded(mail, depth, marks);
}

/** Amazon SNS tells by email too: then the event of Amazon SES is the text. */
function readEvent({ words }: ReportMail, marks: Marks): Reading | null {
  const text = words.trimStart();
  if (!text.startsWith('{') || !/"(?:notificationType|eventType)"\s*:/.test(text.slice(0, 64 * 1024))) return null;
  const { findings, marks: own } = readSesEvent(Buffer.from(text.slice(0, text.lastIndexOf('}') + 1)));
  return { findings, marks: joinMarks(own, marks) };
}

function readWords(mail: ParsedMail, marks: Marks): Reading | null {
  const event = readEvent(mail, marks);
  if (event) return event;
  const spoken = spokenIn(mail);
  const known = spoken.inForm();
  if (known) return { findings: known.found.map((one) => judgeFinding(one, mail, spoken, known.name)), marks };
  // A person who forwards a report says nothing of it: it is read where it is attached.
  if (!isFromMailSystem(mail) && mail.attached.some(isReport)) return null;
  const found = spoken.inAnyForm();
  return found && { findings: found.map((one) => judgeFinding(one, mail, spoken, 'generic')), marks };
}

/** Somebody has forwarded it to us. What several attached reports say of different messages is for a person to see. */
function readForwarded(mail: ParsedMail, depth: number, marks: Marks): Reading | null {
  if (depth >= DEEPEST_FORWARD) return null;
  const inner = mail.attached.slice(0, MOST_ATTACHED).flatMap((raw) => {
    const one = parseReportMail(raw);
    return readParsed(one, depth + 1, marksOf(raw, one, [])) ?? [];
  });
  const [first] = inner;
  if (!first) return null;
  const findings = inner.flatMap((reading) => reading.findings);
  if (inner.length === 1) return { findings, marks: joinMarks(first.marks, marks) };
  return { findings, marks: noMarks };
}

/** RFC 8098: somebody has opened, or thrown away, a mail. It says nothing that the ledger has a word for. */
const isReadReceipt = ({ parts }: ReportMail): boolean =>
  parts.some(({ type }) => type === 'message/disposition-notification');

const isReport = (raw: string): boolean => {
  const mail = parseReportMail(raw);
  return isFromMailSystem(mail) || readDeliveryStatus(mail) !== null;
};

function complaints({ complaint, type, recipients }: NonNullable<ReturnType<typeof readFeedback>>): Finding[] {
  const kind = complaint ? 'complaint' : 'other';
  const base = { kind, status: null, class: null, words: null, rule: `rfc5965 ${type}` } as const;
  if (recipients.length === 0) return [{ ...base, recipient: null }];
  return recipients.map((recipient) => ({ ...base, recipient }));
}

function autoReply(mail: ReportMail): Finding {
  const words = mail.fields.get('subject')?.slice(0, MOST_WORDS) ?? null;
  return { kind: 'auto_reply', recipient: answererOf(mail), status: null, class: null, words, rule: 'rfc3834' };
}

function nothing(mail: ReportMail): Finding {
  const words = mail.fields.get('subject')?.slice(0, MOST_WORDS) || null;
  return { kind: 'other', recipient: answererOf(mail), status: null, class: null, words, rule: 'none' };
}
