import { addressOf, domainOfAddress, maskAddresses, sameAddress } from './addresses.ts';
import { type Classified, classifyReport, type Said } from './classify-report.ts';
import { type Finding, MOST_WORDS } from './finding.ts';
import { formats } from './formats/known-formats.ts';
import { readGenericReport, recipientOutside } from './generic-report.ts';
import type { ReportMail, TextFinding } from './report-mail.ts';
import { stageOf } from './report-words.ts';

const LONGEST_JUDGED = 8_000;
const LONGEST_SEARCH = 64 * 1024;

/** What the words of a mail say; worked out when it is asked for, and once, however many recipients there are. */
export interface Spoken {
  /** By the first reader whose form the mail has; null when it has none of them. */
  inForm(): { name: string; found: TextFinding[] } | null;
  /** By whatever names an address and a failure. */
  inAnyForm(): TextFinding[] | null;
  /** The paragraph that names an address; empty when there is none. */
  about(recipient: string | null): string;
  /** What is said of many in the same words is decided once. */
  classify(said: Said): Classified;
}

export function spokenIn(mail: ReportMail): Spoken {
  const { words } = mail;
  const decided = new Map<string, Classified>();
  const lowered = once(() => words.slice(0, LONGEST_SEARCH).toLowerCase());
  return {
    inForm: once(() => readFormats(mail)),
    inAnyForm: once(() => readGenericReport(mail)),
    about(recipient) {
      const at = recipient === null ? -1 : lowered().indexOf(recipient.toLowerCase());
      if (at < 0) return '';
      const end = words.indexOf('\n\n', at);
      return words.slice(at, Math.min(end < 0 ? words.length : end, at + 4_000));
    },
    classify(said) {
      const key = JSON.stringify(said);
      const before = decided.get(key) ?? classifyReport(said);
      decided.set(key, before);
      return before;
    },
  };
}

function once<T>(make: () => T): () => T {
  let made: { it: T } | null = null;
  return () => {
    made ??= { it: make() };
    return made.it;
  };
}

function readFormats(mail: ReportMail): { name: string; found: TextFinding[] } | null {
  for (const { name, read } of formats) {
    const found = read(mail);
    if (found?.length) return { name, found };
  }
  return null;
}

/**
 * A status alone says little: then the mail system's own sentence about the address is what decides. The SMTP step stands
 * only there too, and the same words mean another thing after the whole message than at RCPT.
 * @param alone the report is about nobody else
 */
export function withWords<T extends TextFinding>(said: T, mail: ReportMail, spoken: Spoken, alone: boolean): T {
  const about = alone ? mail.words.slice(0, LONGEST_JUDGED) : spoken.about(said.recipient);
  const finding = { ...said, stage: stageOf(said.text) ?? stageOf(about.replace(/\s+/g, ' ')) };
  if (/[a-z]{3}.*[a-z]{3}|[\u3040-\u9fff]{3}/is.test(withoutAddresses(finding.text))) return finding;
  const found = spoken.inForm()?.found ?? spoken.inAnyForm();
  const own = found?.find(({ recipient }) => sameAddress(recipient, finding.recipient)) ?? found?.[0];
  return own ? { ...finding, text: `${finding.text} ${own.text}`.trim() } : finding;
}

/** Nobody's `5.1.1@…` is a status. Cut, so that a text without end takes no time without end. */
const withoutAddresses = (text: string): string => maskAddresses(text.slice(0, LONGEST_JUDGED));

const kinds = { failed: 'bounce', delayed: 'delay', delivered: 'delivered' } as const;
const ENHANCED = /(?:^|[^\d.])([245]\.\d{1,3}\.\d{1,3})(?![\d.]*\d)/;

/**
 * What one reader has found, with its class.
 * @param reader its name, which becomes part of the rule
 */
export function judgeFinding(found: TextFinding, mail: ReportMail, spoken: Spoken, reader: string): Finding {
  const commanded = /\brcpt to: ?<([^<>\s]{1,320})>/i.exec(found.text.slice(0, LONGEST_JUDGED))?.[1];
  const recipient =
    found.recipient ?? recipientOutside(mail) ?? addressOf(commanded) ?? spoken.inAnyForm()?.[0]?.recipient ?? null;
  const kind = kinds[found.action ?? 'failed'];
  const words = found.text.slice(0, LONGEST_JUDGED).replace(/\s+/g, ' ').trim().slice(0, MOST_WORDS) || null;
  const status = found.status ?? ENHANCED.exec(withoutAddresses(found.text))?.[1] ?? null;
  if (kind === 'delivered') return { kind, recipient, status, class: null, words, rule: reader };
  const { class: failure, by } = spoken.classify({
    ...{ status, reply: found.reply ?? null, text: found.text.slice(0, LONGEST_JUDGED), stage: found.stage ?? null },
    ...{ recipientDomain: domainOfAddress(recipient), remote: found.remote ?? null },
  });
  return { kind, recipient, status, class: failure, words, rule: `${reader} ${by}` };
}
