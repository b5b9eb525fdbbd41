import type { SmtpStage } from '../../../delivery/email/classify-failure.ts';
import { hasReportSubject, isFromMailSystem } from '../mail-system.ts';
import type { ReportMail, TextFinding } from '../report-mail.ts';

// A report says what it is at its beginning; what goes on for longer is somebody's original message.
const MOST_RECOGNISED = 1 << 16;
const MOST_READ = 1 << 18;
/** More addresses than this nobody writes to at once; a list that goes on is there to be laborious. */
export const MOST_FINDINGS = 500;
const MOST_TEXT = 2000;

/** Tells a format by one piece of evidence. */
export type Evidence = (mail: ReportMail) => boolean;

/** True when the mail's own words, near their beginning, match. The pattern must be linear. */
export const says =
  (pattern: RegExp): Evidence =>
  ({ words }) =>
    pattern.test(words.slice(0, MOST_RECOGNISED));

/** True when a field of this name matches. */
export const hasField =
  (name: string, pattern: RegExp): Evidence =>
  ({ fields }) =>
    fields.all(name).some((value) => pattern.test(value));

/** True when the header says that a mail system has written: for forms whose words people write too. */
export const isReport: Evidence = (mail) => isFromMailSystem(mail) || hasReportSubject(mail);

export const allOf =
  (...evidence: Evidence[]): Evidence =>
  (mail) =>
    evidence.every((isIt) => isIt(mail));

export const anyOf =
  (...evidence: Evidence[]): Evidence =>
  (mail) =>
    evidence.some((isIt) => isIt(mail));

/** The lines of what the mail system says, without empty ones. */
export function linesOf({ words }: ReportMail): string[] {
  return words
    .slice(0, MOST_READ)
    .split('\n')
    .filter((line) => line.trim() !== '');
}

// In the order of the session backwards: what is named last in a text counts, and of two at one place the later step.
const stages: [SmtpStage, RegExp][] = [
  [
    'body',
    /(?:in reply to|after|at|following|:) *(?:pipelined )?end of data|end of DATA|failed after I sent the message|after (?:the )?message was sent|\[(?:EOM|EOD|DATA[_ ]END|BODY)\]|(?:>>>|-->|<<<) \.(?= |$)/gi,
  ],
  [
    'data',
    /(?:in reply to|after|following|for|in|our|to|command|SMTP:|>>>|-->|Sent <<<|\[)[ :-]*(?:the |pipelined |sending )?(?:DATA|TEXT)\b(?! connection)|failed on DATA command/g,
  ],
  [
    'rcpt',
    /(?:in reply to|after|following|for|in|our|to|command|SMTP:|>>>|-->|<<<|\[)[ :-]*(?:the |pipelined |sending )?RCPT(?=$|[^a-z])|does not like recipient|rejected recipient </gi,
  ],
  [
    'mail',
    /(?:in reply to|after|following|for|our|to|command|SMTP:|>>>|-->|<<<|\[)[ :-]*(?:the |pipelined |sending )?MAIL[ _](?:FROM|command)|but sender was rejected/gi,
  ],
  [
    'connect',
    /(?:in reply to|after|following|our|>>>|-->) *(?:the )?(?:(?:HELO|EHLO|LHLO)\b|initial (?:connection|greeting)|greeting)|refused to talk to me|but greeting failed|but my name was rejected/gi,
  ],
];

/** The SMTP step that a text names last, such as `in reply to RCPT TO command`. */
function stageIn(text: string): SmtpStage | null {
  let last: { stage: SmtpStage; at: number } | null = null;
  for (const [stage, pattern] of stages) {
    for (const { index } of text.matchAll(pattern)) if (!last || index > last.at) last = { stage, at: index };
  }
  return last?.stage ?? null;
}

const HOST = String.raw`\[?([A-Za-z0-9](?:[A-Za-z0-9.:_-]{0,252}[A-Za-z0-9])?)\.?\]?`;
const remotes = [
  String.raw`\bhost:? ${HOST}(?= ?[[(]| said|:| )`,
  `while talking to ${HOST}[.:]`,
  `(?:Giving up on|Connected to|remote host) ${HOST}(?=[ .]|$)`,
  `${HOST} (?:does not like recipient|failed after I sent|failed on DATA)`,
  `Remote[ -](?:Server|MTA)(?: at|:| returned by)? (?:dns; ?)?${HOST}(?= |;|$)`,
  `Remote system: dns;${HOST}`,
  String.raw`(?:SMTP Server <|Server |rejected by (?:the server )?|recipient domain \S{1,253} by )${HOST}(?=>|\[| \[|\. \[)`,
].map((pattern) => new RegExp(pattern, 'i'));

/** The host that refused, when the text names one. */
function remoteIn(text: string): string | null {
  for (const pattern of remotes) {
    const host = pattern.exec(text)?.[1];
    if (host?.includes('.') || host?.includes(':')) return host.replace(/\.$/, '').toLowerCase();
  }
  return null;
}

/** Lines as one text, with single spaces, at most 2,000 characters. */
export function joined(lines: readonly string[]): string {
  // Long before the end of what could be joined, so that a list of thousands is not joined for each of its addresses.
  return lines.slice(0, 200).join(' ').replace(/\s+/g, ' ').trim().slice(0, MOST_TEXT);
}

// What a mail system says before the reply that it was given; its own words must not be read as the reply.
const INTRODUCTION =
  /^.*?\b(?:SMTP|LMTP) error from remote (?:mail ?server|mailer|server) (?:after|for) (?:[a-z ]*(?:RCPT TO|MAIL FROM): ?<[^<>]*>(?: [A-Z0-9=]+)*|[^:<,]{1,60})[:,]* ?(?:host:? \S+ (?:\[[^\]]*\]|\([^)]*\))?:? ?)?(?:reason: )?(?=\S.*[A-Za-z]{3})/;

// Advice that goes with every failure says nothing of this one, and names what others are told by.
const ADVICE =
  /(?:Please verify the e-?mail address and (?:retry|try again)|If (?:that fails|the problem (?:continues|persists))[^.]{0,200})\. ?|(?:電子メール|メール) ?アドレスを確認して、再試行してください。/gi;

/** The reply, without how the mail system leads to it and what it advises. */
const replyOf = (text: string): string =>
  text
    .slice(INTRODUCTION.exec(text)?.[0].length ?? 0)
    .replace(ADVICE, '')
    .trim();

/**
 * What was said about one recipient, with the step and the host that the words name.
 * @param said the remote server's or the mail system's lines
 */
export function findingOf(
  recipient: string | null,
  said: readonly string[],
  more: Partial<TextFinding> = {},
): TextFinding {
  const text = joined(said);
  return { recipient, text: replyOf(text), stage: stageIn(text), remote: remoteIn(text), ...more };
}

/**
 * One finding for each recipient: alternatives of a mail (plain text, HTML) say everything twice. The first that says
 * anything is kept. An address without words of its own takes those of the next one: they were listed together.
 */
export function oncePerRecipient(findings: readonly TextFinding[]): TextFinding[] {
  const filled = findings.toReversed().reduce<TextFinding[]>((later, finding) => {
    const next = later.at(-1);
    const { text, stage, remote } = finding.text || !next ? finding : next;
    later.push({ ...finding, text, stage: stage ?? null, remote: remote ?? null });
    return later;
  }, []);
  const kept = new Map<string, TextFinding>();
  for (const finding of filled.toReversed()) {
    const key = finding.recipient?.toLowerCase() ?? '';
    if (!kept.get(key)?.text) kept.set(key, finding);
  }
  return [...kept.values()];
}

const LATE =
  /warning (?:message )?only|(?:do|does) ?n[o']t need to re-?send|not yet been delivered|n[o']t been delivered yet|(?:has been|is|are|was) delayed|delivery (?:has been |is )?delayed|delays in delivering|still being retried|will (?:be retried|retry|keep trying|continue)|temporary (?:failure|problem|error) (?:report|delivering)|配信が遅れて|遅延して|再送を(?:試み|続け)|遅延のお知らせ/i;
const LATE_SUBJECT =
  /^(?:(?:fwd?|re): ?)*(?:\*+ ?)?(?:warning: (?:could not send|message .{1,60}delayed|delayed|mail delay)|delay(?:ed)?\b|delivery delayed|.{0,40}\((?:delay|delayed|still being retried)\)|配信(?:の)?遅延)/i;

/** True when the report warns of a delay: by its subject, or by what it says before it names an address. */
export function isLate({ fields }: ReportMail, introduction: readonly string[]): boolean {
  return LATE_SUBJECT.test(fields.get('subject') ?? '') || LATE.test(joined(introduction));
}
