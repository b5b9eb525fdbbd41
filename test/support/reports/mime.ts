import { type ReportFacts, replyText } from './facts.ts';

/**
 * A mail as it is written in a template: the indentation of the source and the first line end are taken away, before values
 * are put in, so that a value may have lines of its own.
 */
export function lines(parts: TemplateStringsArray, ...values: (string | number)[]): string {
  const texts = parts.map((part, at) => (at === parts.length - 1 ? part.trimEnd() : part));
  const depths = texts.flatMap((text) =>
    [...text.matchAll(/\n( *)(?=[^ \n]|$)/g)].map((match) => match[1]?.length ?? 0),
  );
  const margin = `\n${' '.repeat(Math.min(...depths.filter((depth) => depth > 0), 40))}`;
  const whole = texts.map((text, at) => text.replaceAll(margin, '\n') + String(values[at] ?? '')).join('');
  return `${whole.replace(/^\n/, '').trimEnd()}\n`;
}

/** A header field that is there or not; stands at the end of the line before it. */
export const optional = (name: string, value: string | null): string => (value === null ? '' : `\n${name}: ${value}`);

/** Bytes of a mail with the line ends of the wire. */
export const wire = (text: string): Buffer => Buffer.from(text.replaceAll(/\r?\n/g, '\r\n'), 'utf8');

const two = (number: number): string => String(number).padStart(2, '0');
const DAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** `Tue, 12 May 2026 10:23:45 +0900`, RFC 5322 §3.3. */
export function mailDate(date: Date, zone: '+0900' | '+0000' | '-0700' = '+0900'): string {
  const there = new Date(date.getTime() + Number(zone.slice(0, 3)) * 3_600_000);
  const day = `${DAYS[there.getUTCDay()]}, ${there.getUTCDate()} ${MONTHS[there.getUTCMonth()]} ${there.getUTCFullYear()}`;
  return `${day} ${two(there.getUTCHours())}:${two(there.getUTCMinutes())}:${two(there.getUTCSeconds())} ${zone}`;
}

/** Domain of an address. */
export const domainOf = (address: string): string => address.slice(address.lastIndexOf('@') + 1);

/** Breaks text at spaces, as mail systems do: lines after the first are indented. */
export function wrap(text: string, { width = 79, indent = '    ' } = {}): string {
  const out: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      out.push(line);
      line = indent + word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...out, line].join('\n');
}

/** Text in base64 with lines of 76 characters. */
export function base64(text: string | Buffer): string {
  const encoded = Buffer.from(text as string).toString('base64');
  return encoded.replaceAll(/.{76}(?=.)/g, '$&\n');
}

/** RFC 2045 §6.7. */
export function quotedPrintable(text: string): string {
  return text
    .split('\n')
    .map((line) => {
      const units = [...Buffer.from(line, 'utf8')].map((byte, at, all) => {
        const last = at === all.length - 1;
        const plain = byte > 32 && byte < 127 && byte !== 61;
        return plain || (byte === 32 && !last)
          ? String.fromCharCode(byte)
          : `=${byte.toString(16).toUpperCase().padStart(2, '0')}`;
      });
      return softBroken(units);
    })
    .join('\n');
}

function softBroken(units: string[]): string {
  let out = '';
  let width = 0;
  for (const unit of units) {
    if (width + unit.length > 75) {
      out += '=\n';
      width = 0;
    }
    out += unit;
    width += unit.length;
  }
  return out;
}

/** `=?UTF-8?B?…?=`, RFC 2047. */
export const encodedWord = (text: string): string => `=?UTF-8?B?${Buffer.from(text).toString('base64')}?=`;

/** A multipart body: parts with their own headers, between boundaries. */
export function multipart(boundary: string, parts: string[], preamble = ''): string {
  const body = parts.map((part) => `--${boundary}\n${part.endsWith('\n') ? part : `${part}\n`}\n`).join('');
  return `${preamble}${body}--${boundary}--\n`;
}

/** The header of the notice that went out. */
export function originalHeader(facts: ReportFacts): string {
  return lines`
    Received: from app1.notice.example.com (app1.notice.example.com [192.0.2.10])
    	by ${facts.reporter} with ESMTPS id 4D1xKq0Vz9z2xGh
    	for <${facts.recipient}>; ${mailDate(new Date(facts.date.getTime() - 3000))}
    From: ${encodedWord('サンプル商店 お客様窓口')} <notice@example.com>
    Reply-To: madoguchi@example.com
    To: ${facts.recipient}
    Subject: ${encodedWord('【重要】お客様情報に関するお知らせ')}
    Date: ${mailDate(new Date(facts.date.getTime() - 5000))}
    Message-ID: ${facts.originalMessageId}
    Auto-Submitted: auto-generated
    X-Auto-Response-Suppress: OOF, AutoReply
    MIME-Version: 1.0
    Content-Type: text/plain; charset=utf-8
    Content-Transfer-Encoding: ${facts.attach === 'text' ? '8bit' : 'base64'}
  `;
}

/**
 * The notice that went out, whole: its text in base64, or as it is where the facts want `text`. It speaks of mailboxes and
 * errors itself: nothing in it may decide.
 */
export function originalWhole(facts: ReportFacts): string {
  const text =
    'お客様各位\n\nメールボックスの容量を超えた、宛先が存在しない等の場合は郵送いたします。\n\nuser unknown, mailbox full:\n<madoguchi@example.com>:\n550 5.1.1 unknown user\n';
  return `${originalHeader(facts)}\n${facts.attach === 'text' ? text : base64(text)}\n`;
}

/**
 * The part that holds the original, as the facts want it: `message/rfc822`, `text/rfc822-headers`, or nothing.
 * @returns parts for `multipart`
 */
export function originalParts(facts: ReportFacts, extra = ''): string[] {
  if (facts.attach === 'none') return [];
  const whole = facts.attach !== 'headers';
  const type = whole ? 'message/rfc822' : 'text/rfc822-headers';
  return [`${extra}Content-Type: ${type}\n\n${whole ? originalWhole(facts) : originalHeader(facts)}`];
}

/** The original below a line of text, for systems that write one part only; empty where the facts want none. */
export function originalBelow(facts: ReportFacts, line: string): string {
  if (facts.attach === 'none') return '';
  return `${line}\n\n${facts.attach === 'headers' ? originalHeader(facts) : originalWhole(facts)}`;
}

/** The step in which servers usually say such a thing. */
export function commandOf({ reply }: ReportFacts): 'RCPT TO' | 'end of DATA' {
  const late = ['content', 'sender_blocked', 'sender_auth', 'recipient_filter', 'undetermined'].includes(reply.class);
  return late && !/recipient/i.test(replyText({ reply, recipient: '' })) ? 'end of DATA' : 'RCPT TO';
}
