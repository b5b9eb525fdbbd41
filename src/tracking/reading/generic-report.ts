import { addressesIn, domainOfAddress, sameAddress } from './addresses.ts';
import { classifyReport } from './classify-report.ts';
import { STILL_TRYING } from './delivery-status.ts';
import { hasReportSubject, isFromMailSystem } from './mail-system.ts';
import type { Fields, ReportMail, TextFinding } from './report-mail.ts';

// A reply code with its enhanced code, or either, as servers write them.
const CODES =
  /(?:^|[\s:;"'(<>[#])([45]\d\d)[ -]#?[45]\.\d{1,3}\.\d{1,3}\b|(?:^|[\s:;"'(#])[45]\.\d{1,3}\.\d{1,3}\b|(?:said|respon\w+|reply|error|code|reason|status|message)\b[^\n]{0,60}?\b[45]\d\d\b/i;
const FAILED =
  /(?:not|n't|un|in|im)[ -]?(?:be )?(?:able to )?(?:deliver|reach|complet|process)|undeliver|deliver(?:y|ing)[^.\n]{0,60}fail|fail(?:ed|ure|s)?\b[^.\n]{0,60}(?:deliver|recipient|address)|permanent(?:ly)? (?:error|fail|fatal)|fatal error|rejected|bounced|refused|user[^.\n]{0,20}unknown|unknown (?:user|recipient|address|local)|no such (?:user|mailbox|address|recipient|person|account)|mailbox[^.\n]{0,30}(?:full|unavailable|not found|exceed)|over ?quota|does(?: not|n't) exist|invalid (?:recipient|address|user|mailbox)|host (?:unknown|not found)|配信(?:できません|不能|に失敗|されません)|配送(?:できません|不能|に失敗|されません)|届けられません|届けることができません|送信(?:できません|に失敗)|エラー|存在し(?:ない|ません)|見つかりません|宛先不明|不明/i;
const ABOUT_ADDRESS =
  /^(?:[\s>*・■●]*)(?:to|recipients?|(?:failed|intended|original|final|destination) (?:recipients?|address(?:es)?)|rcpt(?: to)?|address|e-?mail(?: address)?|user|mailbox|account|宛先(?:アドレス|メールアドレス)?|送信先|送り先|受信者|あて先|メールアドレス)\s*(?:[:：=]|は|->|<|$)/i;
// Who sent, who helps, who runs the server: addresses that stand in reports and are nobody's who did not get it.
const NOT_THE_RECIPIENT =
  /^(?:[\s>*・■●]*)(?:from|sender|reply-to|cc|return-path|reporting-mta|message-?id|in-reply-to|references|x-[\w-]+|送信者|差出人|送信元|発信者)\s*[:：=]|(?:contact|assistance|help|questions?|send (?:mail|a message|an? e-?mail) to|write to|report (?:this|the) (?:problem )?to|e-?mail(?:ing)? us|please (?:e-?mail|forward|mail)|お問い?合わせ|ご連絡|連絡先)/i;
const SYSTEM_LOCAL = /^(?:mailer-daemon|postmaster|abuse|hostmaster|support|help(?:desk)?)@/i;
// Fields that reports of some mail systems and list servers have, whoever seems to write.
const OWN_FIELDS = ['x-failed-recipients', 'x-mlserver'];
const MOST_FINDINGS = 50;

/**
 * Reads a report of no known form: who is named in the words, and what is said beside. Null when nothing says that a
 * message failed or is late.
 */
export function readGenericReport(mail: ReportMail): TextFinding[] | null {
  const { words, original } = mail;
  const fromSystem =
    isFromMailSystem(mail) ||
    hasReportSubject(mail) ||
    OWN_FIELDS.some((name) => mail.fields.get(name) !== null) ||
    (CODES.test(words) && ['from', 'return-path'].some((name) => /^\s*(?:<>)?\s*$/.test(mail.fields.get(name) ?? '-')));
  const evident =
    FAILED.test(words) ||
    CODES.test(words) ||
    STILL_TRYING.test(words) ||
    /^words/.test(classifyReport({ status: null, reply: null, text: words, recipientDomain: null }).by);
  if (!evident || !(fromSystem || (original !== null && CODES.test(words)))) return null;
  const delayed = STILL_TRYING.test(words.slice(0, 16 * 1024)) && !/permanent|gave up|giving up|given up/i.test(words);
  const action = delayed ? 'delayed' : 'failed';
  const named = recipientsIn(mail);
  const listed = addressesIn(mail.fields.all('x-failed-recipients').join(' '));
  if (named.length === 0 && listed.length > 1)
    return listed.map((recipient) => ({ recipient, text: excerpt(words), action }));
  if (named.length === 0) return [{ recipient: recipientOutside(mail), text: excerpt(words), action }];
  return named.map(({ recipient, text }) => ({ recipient, text, action }));
}

/** The recipient that a report names elsewhere than in its words; null when there is none, or not one alone. */
export function recipientOutside({ fields, original }: ReportMail): string | null {
  const failed = addressesIn(fields.all('x-failed-recipients').join(' '));
  if (failed[0]) return failed[0];
  if (original === null) return null;
  for (const name of ['x-failed-recipients', 'x-original-to', 'envelope-to', 'delivered-to', 'to', 'cc', 'bcc']) {
    const all = addressesIn(original.fields.all(name).join(' ')).filter(
      (one) => !ownAddresses(original.fields).has(one),
    );
    if (all.length > 0) return all[0] ?? null;
  }
  return null;
}

interface Named {
  recipient: string;
  text: string;
}

function recipientsIn(mail: ReportMail): Named[] {
  const lines = mail.words.split('\n', 4_000);
  const others = othersIn(mail);
  const best = new Map<string, Named & { weight: number }>();
  for (let i = 0; i < lines.length; i += 1) {
    const line = (lines[i] ?? '').slice(0, 1000);
    if (!line.includes('@')) continue;
    const sentences = line.split(/(?<=[a-z>)"'][.!?]) +(?=[A-Z])/).filter((one) => !NOT_THE_RECIPIENT.test(one));
    for (const recipient of sentences.flatMap((one) => addressesIn(one))) {
      if (others.has(recipient.toLowerCase()) || SYSTEM_LOCAL.test(recipient)) continue;
      const weight = weightOf(line, lines[i - 1] ?? '', recipient, mail);
      const key = recipient.toLowerCase();
      if ((best.get(key)?.weight ?? -1) >= weight) continue;
      best.set(key, { recipient, weight, text: aroundLine(lines, i, new Set([...others, key])) });
    }
  }
  const ranked = [...best.values()];
  const top = Math.max(0, ...ranked.map(({ weight }) => weight));
  // Where some are clearly the ones that failed, the rest are mentioned for another reason.
  return ranked.filter(({ weight }) => weight >= Math.min(top, 3)).slice(0, MOST_FINDINGS);
}

function weightOf(line: string, before: string, recipient: string, { original }: ReportMail): number {
  const alone = line.replace(recipient, '').replace(/[\s<>:.,;"'()[\]*・>-]|mailto:|smtp:|rfc822;/gi, '') === '';
  const to = original ? addressesIn(original.fields.all('to').join(' ')) : [];
  return (
    (alone ? 3 : 0) +
    (ABOUT_ADDRESS.test(line) || ABOUT_ADDRESS.test(before) ? 3 : 0) +
    (FAILED.test(line) || CODES.test(line) ? 3 : 0) +
    (to.some((one) => sameAddress(one, recipient)) ? 2 : 0)
  );
}

/**
 * The sentence about an address: its line and what follows up to an empty line or an address that is not known to stand
 * beside it.
 */
function aroundLine(lines: string[], at: number, known: ReadonlySet<string>): string {
  const text = [lines[at] ?? ''];
  let blanks = 0;
  for (let i = at + 1; i < Math.min(lines.length, at + 14); i += 1) {
    const line = lines[i] ?? '';
    if (line.trim() === '') {
      blanks += 1;
      // The reason often stands one empty line below.
      if (blanks > 1 || (text.length > 1 && CODES.test(text.join(' ')))) break;
      continue;
    }
    if (line.includes('@') && addressesIn(line).some((one) => !known.has(one.toLowerCase())) && !CODES.test(line))
      break;
    text.push(line);
  }
  const near = text.join(' ');
  return CODES.test(near) || FAILED.test(near) ? near : `${near} ${excerpt(lines.join('\n'))}`;
}

const excerpt = (words: string): string => words.replace(/\s+/g, ' ').trim().slice(0, 3_000);

/** Addresses that are known to be somebody else: who reports, to whom, who sent the original. */
function othersIn({ fields, original }: ReportMail): Set<string> {
  const own = ['from', 'to', 'sender', 'reply-to', 'return-path', 'delivered-to', 'x-original-to', 'cc'];
  const all = new Set(
    own
      .flatMap((name) => fields.all(name))
      .flatMap(addressesIn)
      .map((one) => one.toLowerCase()),
  );
  if (original) for (const one of ownAddresses(original.fields)) all.add(one.toLowerCase());
  const reporter = domainOfAddress(addressesIn(fields.get('from') ?? '')[0] ?? null);
  if (reporter) for (const local of ['postmaster', 'mailer-daemon', 'abuse']) all.add(`${local}@${reporter}`);
  return all;
}

const ownAddresses = (original: Fields): Set<string> =>
  new Set(['from', 'sender', 'return-path', 'reply-to'].flatMap((name) => addressesIn(original.all(name).join(' '))));
