import type { SmtpStage } from '../../../delivery/email/classify-failure.ts';
import { addressesIn, addressOf } from '../addresses.ts';
import type { ReportFormat, ReportMail, TextFinding } from '../report-mail.ts';
import { anyOf, findingOf, isLate, joined, linesOf, MOST_FINDINGS, says } from './report-text.ts';

/** What a line of the transcript says, and of whom; of everybody when it names none. */
interface Saying {
  address: string | null;
  text: string;
  stage: SmtpStage | null;
}

interface Transcript {
  introduction: string[];
  delivered: boolean;
  /** Addresses, or programs in their place, with what is said in brackets beside and below them. */
  listed: Map<string, string[]>;
  /** The last of them. */
  last: string | null;
  sayings: Saying[];
  remote: string | null;
}

const ADDRESSES =
  /^[ \t]*-{2,} ?the following address(?:es|\(es\))? had (?:permanent|transient|fatal|successful|delivery)|^[ \t]*-{2,} ?the following addresses have|^[ \t]*-{2,} ?(?:recipients?|addresses?) (?:that|which|of this delivery)/i;
const SUCCESS = /^[ \t]*-{2,} ?the following addresses had successful delivery/i;
const TRANSCRIPT = /^[ \t]*-{2,} ?transcript of (?:the )?session/i;
const END =
  /^[ \t]*-{2,} ?(?:unsent message|original message|message header|no message was|returned message|message text)|^[ \t]*(?:reporting-mta|content-type|final-recipient):/i;
const LONGEST_ENTRY = 2000;
const TALKING = /while talking to (?<host>[^\s:]{1,253}?)\.?:/i;

/** Sendmail of all ages and those that imitate it: Active!hunter, Bigfoot, docomo, Sun's and HP's. */
export const sendmail: ReportFormat = {
  name: 'sendmail',
  source:
    'sendmail savemail.c and deliver.c; Sendmail Installation and Operation Guide; 4.x BSD sendmail for the old form',
  read: (mail) => (isIt(mail) ? readTranscript(mail) : null),
};

const isIt = anyOf(
  says(/^[ \t]*-{2,} ?Transcript of (?:the )?session/im),
  says(
    /^[ \t]*-{2,} ?The following address(?:es|\(es\))? (?:had|have) (?:permanent|transient|fatal|successful|delivery notif)/im,
  ),
);

function readTranscript(mail: ReportMail): TextFinding[] | null {
  const transcript = transcriptOf(linesOf(mail));
  const { introduction, listed, sayings, remote } = transcript;
  const named = sayings.flatMap(({ address }) => address ?? []);
  const recipients = (listed.size > 0 ? [...listed.keys()] : [...new Set(named)]).slice(0, MOST_FINDINGS);
  if (recipients.length === 0 && sayings.length === 0) return null;
  // Only Sendmail's own warning counts: a server that speaks of delays has refused all the same.
  const warnings = sayings.map(({ text }) => text).filter((text) => /^(?:Warning: |Will keep trying)/i.test(text));
  const late = isLate(mail, [...introduction, ...warnings]);
  const action = transcript.delivered ? 'delivered' : late ? 'delayed' : 'failed';
  return (recipients.length > 0 ? recipients : [null]).map((recipient) => {
    const about = sayingsAbout(recipient, sayings, recipients.length < 2);
    const said = [...(listed.get(recipient ?? '') ?? []), ...about.map(({ text }) => text)];
    const address = recipient?.includes('@') ? recipient : null;
    const finding = findingOf(address, said.length > 0 ? said : introduction, { action, remote });
    const stage = about.findLast((saying) => saying.stage !== null)?.stage ?? finding.stage ?? null;
    return { ...finding, stage };
  });
}

/** With several addresses, what names none of them is said to those of whom nothing else is known. */
function sayingsAbout(recipient: string | null, sayings: readonly Saying[], alone: boolean): Saying[] {
  const about = sayings.filter(({ address }) => isSame(address, recipient) || (alone && address === null));
  const known = about.length > 0 ? about : sayings.filter(({ address }) => address === null);
  // What Sendmail makes of a reply after DATA says less than the reply.
  return known.some(({ stage }) => stage) ? known.filter(({ text }) => !/\bService unavailable$/.test(text)) : known;
}

const isSame = (address: string | null, other: string | null): boolean =>
  address !== null && address.toLowerCase() === other?.toLowerCase();

function transcriptOf(lines: readonly string[]): Transcript {
  const found: Transcript = {
    introduction: [],
    delivered: false,
    listed: new Map(),
    last: null,
    sayings: [],
    remote: null,
  };
  const session = new Session();
  let place: 'introduction' | 'addresses' | 'transcript' = 'introduction';
  for (const line of lines) {
    found.delivered ||= SUCCESS.test(line);
    if (ADDRESSES.test(line)) place = 'addresses';
    else if (TRANSCRIPT.test(line)) place = 'transcript';
    else if (END.test(line)) place = 'introduction';
    else if (place === 'introduction') found.introduction.push(line);
    else if (place === 'addresses') readAddress(found, line.slice(0, LONGEST_ENTRY));
    else {
      found.remote ??= TALKING.exec(line)?.groups?.host?.toLowerCase() ?? null;
      const saying = session.read(line);
      if (saying && found.sayings.length < 2 * MOST_FINDINGS) found.sayings.push(saying);
    }
  }
  return found;
}

/** A line of the list: an address, with `(unrecoverable error)` beside it, or `(reason: …)` and more below it. */
function readAddress(found: Transcript, line: string): void {
  const { listed, last } = found;
  const source = /\(expanded from:? (.*)/.exec(line)?.[1];
  if (source !== undefined && last !== null && !/^[ \t]*[<>"]?[^\s(]/.test(line)) {
    // Mail to a program or a file: the person is the one whose address was turned into it.
    const address = last.includes('@') ? null : addressOf(source);
    if (address) found.last = moveTo(listed, last, address);
    return;
  }
  if (last !== null && /^[ \t]*\(|^[ \t]+(?!<)[^@]*$/.test(line)) {
    listed.get(last)?.push(line.replace(/^[ \t]*\((?:reason: )?/, '').replace(/\)[ \t]*$/, ''));
    return;
  }
  if (listed.size === MOST_FINDINGS) return;
  const beside = /\((?!expanded from)(.*)\)/.exec(line)?.[1];
  found.last = addressesIn(line.replace(/\(.*$/, '')).at(-1) ?? line.trim();
  listed.set(found.last, beside ? [beside] : []);
}

function moveTo(listed: Map<string, string[]>, from: string, to: string): string {
  const said = listed.get(from) ?? [];
  listed.delete(from);
  listed.set(to, said);
  return to;
}

/** Follows the commands of a transcript: a reply is about the command before it. */
class Session {
  #stage: SmtpStage | null = null;
  #recipient: string | null = null;

  read(line: string): Saying | null {
    const command = /^[ \t]*>>> ?(.*)$/.exec(line)?.[1];
    if (command !== undefined) {
      this.#stage = stageOf(command) ?? this.#stage;
      this.#recipient = this.#stage === 'rcpt' ? addressOf(command) : null;
      return null;
    }
    const reply = /^[ \t]*<<< ?(.*)$/.exec(line)?.[1];
    if (reply !== undefined) {
      if (!/^[45]/.test(reply)) return null;
      return { address: this.#recipient, text: reply, stage: this.#stage };
    }
    return statementIn(line);
  }
}

/** Sendmail's own words: `550 5.1.1 <a@b>... User unknown`, `a@b... Deferred: …`, `Message could not be delivered for …`. */
function statementIn(line: string): Saying | null {
  if (TALKING.test(line)) return null;
  const [, subject] = /^[ \t]*(?:[245]\d\d[- ](?:[245]\.\d{1,3}\.\d{1,3} )?)?([^\s]{1,600}?)\.\.\. /.exec(line) ?? [];
  return { address: subject ? addressOf(subject) : null, text: joined([line]), stage: null };
}

const commands: [RegExp, SmtpStage][] = [
  [/^RCPT/i, 'rcpt'],
  [/^DATA/i, 'data'],
  [/^\.$|^BDAT/i, 'body'],
  [/^MAIL/i, 'mail'],
  [/^(?:HELO|EHLO|LHLO|STARTTLS|AUTH)/i, 'connect'],
];

const stageOf = (command: string): SmtpStage | null =>
  commands.find(([pattern]) => pattern.test(command.trim()))?.[1] ?? null;
