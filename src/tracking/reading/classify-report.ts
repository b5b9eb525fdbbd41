import type { FailureClass, SmtpStage } from '../../delivery/email/classify-failure.ts';
import { enhancedCodes } from '../../delivery/email/failure-rules.ts';
import { mailGroup } from '../../delivery/mail-groups.ts';
import { cutReport, replyOf, stageOf, statusOf, wordsOf } from './report-words.ts';
import { clearWords, plainWords, type WordRule } from './rules/all-words.ts';
import { ownCodes } from './rules/own-codes.ts';
import { type OwnRule, receivers } from './rules/own-words.ts';
import { certainCodes, definiteCodes, replyCodes, reportCodes } from './rules/status-codes.ts';

/** What a report says of why a message did not arrive. */
export interface Said {
  /** Enhanced status, where the report has a field for it; codes in the text are found there. */
  status: string | null;
  /** Three-digit reply code, likewise. */
  reply: number | null;
  /** In any language, as long as it likes, with or without codes. */
  text: string;
  /** The SMTP step that failed, where the report has named it; else it is looked for in the text. */
  stage?: SmtpStage | null | undefined;
  recipientDomain: string | null;
  /** The host that refused. */
  remote?: string | null | undefined;
}

/** A class, and the name of the rule by which it was found: `words mailbox_full`, `google status 5.2.1`, `reply 550`. */
export interface Classified {
  class: FailureClass;
  by: string;
}

interface Facts {
  words: string;
  text: string;
  status: string | null;
  reply: number | null;
  stage: SmtpStage | null;
}

/**
 * Decides what a late report means. A report is not a reply in a session: several servers speak in it, its basic code is
 * often the only number, 5.0.0 and 5.1.1 and 5.7.1 are given for everything, so words come before codes. In order: what
 * this receiver is known to mean, codes with one meaning, words that are clear anywhere, codes that say more than faint
 * words, faint words, every other code. RFC 3463, RFC 5321 §4.2. Pure, linear, never throws.
 */
export function classifyReport(said: Said): Classified {
  const text = cutReport(said.text);
  const facts: Facts = {
    ...{ text, words: wordsOf(text) },
    ...{ status: statusOf(text, said.status), reply: said.reply ?? replyOf(text), stage: said.stage ?? stageOf(text) },
  };
  return (
    byOwnCodes(facts) ??
    byReceiver(facts, said) ??
    byStatus(certainCodes, facts) ??
    byWords(clearWords, facts) ??
    byStatus(definiteCodes, facts) ??
    byWords(plainWords, facts) ??
    byStatus(reportCodes, facts) ??
    byStatus(enhancedCodes, facts) ??
    byReply(facts) ?? { class: 'undetermined', by: 'nothing said' }
  );
}

function byOwnCodes({ text }: Facts): Classified | undefined {
  for (const { name, code, classes } of ownCodes) {
    const found = code.exec(text)?.[1]?.toUpperCase();
    const known = found === undefined ? undefined : classes.find(([, pattern]) => pattern.test(found));
    if (known) return { class: known[0], by: `${name} code ${found}` };
  }
}

function byReceiver(facts: Facts, { recipientDomain, remote }: Said): Classified | undefined {
  const group = recipientDomain === null ? null : mailGroup(recipientDomain.toLowerCase());
  const host = remote?.toLowerCase() ?? '';
  for (const { name, groups, hosts, marks, rules } of receivers) {
    const speaks = (group !== null && groups.includes(group)) || hosts.test(host) || marks?.test(facts.text);
    const rule = speaks ? rules.find((one) => fitsOwn(one, facts)) : undefined;
    if (rule)
      return { class: rule.class, by: `${name} ${rule.words ? `words ${rule.class}` : `status ${facts.status}`}` };
  }
}

function fitsOwn({ words, status, stage }: OwnRule, facts: Facts) {
  return (
    (words?.test(facts.words) ?? true) &&
    (status === undefined || (facts.status !== null && status.test(facts.status))) &&
    (stage === undefined || (facts.stage !== null && stage.includes(facts.stage)))
  );
}

// Who refuses the whole message as one for nobody has known the address at RCPT: it is the recipient's filter.
const NOT_OF_ADDRESS = /^[45]\.(?:0\.0|[12]\.0|2\.1)$/;

function byWords(rules: readonly WordRule[], facts: Facts): Classified | undefined {
  const rule = rules.find((one) => fits(one, facts));
  if (!rule) return undefined;
  const late = facts.stage === 'data' || facts.stage === 'body';
  const filtered = rule.class === 'invalid_mailbox' && late && NOT_OF_ADDRESS.test(facts.status ?? '5.0.0');
  return filtered
    ? { class: 'recipient_filter', by: 'words invalid_mailbox after DATA' }
    : { class: rule.class, by: `words ${rule.class}` };
}

function fits({ words, status, unanswered }: WordRule, facts: Facts) {
  return (
    (status === undefined || (facts.status !== null && status.test(facts.status))) &&
    !(unanswered && facts.reply !== null) &&
    words.test(facts.words)
  );
}

function byStatus(codes: readonly (readonly [FailureClass, RegExp])[], { status }: Facts): Classified | undefined {
  const known = status === null ? undefined : codes.find(([, pattern]) => pattern.test(status));
  return known && { class: known[0], by: `status ${status}` };
}

function byReply({ reply, stage }: Facts): Classified | undefined {
  const known = replyCodes.find(
    ([, replies, stages]) =>
      reply !== null && replies.includes(reply) && (stages === null || (stage !== null && stages.includes(stage))),
  );
  return known && { class: known[0], by: `reply ${reply}` };
}
