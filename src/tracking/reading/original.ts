import { readFields } from './mime/fields.ts';
import type { Fields } from './report-mail.ts';

// Lines by which mail systems announce that what follows is the message that came back.
const ANNOUNCED = [
  /^[-_=*\s>]*(?:below this line is|this is) a copy of (?:the|your) (?:original )?message/i,
  /^[-_=*\s]*(?:original|returned|undelivered|unsent|rejected) (?:message|mail|e-?mail)(?: (?:text|follows|header(?:s)?|content(?:s)?))*[-_=*\s:.]*$/i,
  /^[-_=*\s]*(?:your (?:original )?|the (?:original )?|start of )?(?:message|mail)(?:'s)? ?headers?(?: follows?| follow)?[-_=*\s:.]*$/i,
  /^[-_=*\s]*(?:your|the) (?:original )?(?:message|mail)(?: text)? (?:follows|is (?:below|as follows|attached))[^.\n]{0,60}[-_=*\s:.]*$/i,
  /^[-_=*\s]*unsent message (?:follows|below)/i,
  /^[-_=*\s]*(?:start|begin) (?:of )?(?:returned|original|forwarded|attached) (?:message|mail)/i,
  /^[-_=*\s]*(?:included is|here is|following is|attached is) (?:a copy|the header|the (?:original )?message)/i,
  /^[-_=*\s]*(?:forwarded message|転送メッセージ|転送されたメッセージ)[-_=*\s:]*$/i,
  /^[-_=*\s]*(?:元|送信元?|原|オリジナル)?の?(?:メッセージ|メール)(?:の?(?:ヘッダー?|内容|本文))?(?:は?(?:以下|次)の?(?:とおり|通り)(?:です)?)?[-_=*\s:：。]*$/,
];
const HEADER_LINE = /^([A-Za-z][A-Za-z0-9-]{1,60}):(?:\s|$)/;
// A summary in a report names From, To and Subject too; what a header alone has are these.
const ONLY_IN_HEADERS =
  /^(?:received|return-path|message-id|mime-version|x-mailer|dkim-signature|content-type|delivered-to|x-[\w-]+)$/i;
const RULED = /^[-_=*]{2,}/;
const MOST_TRIES = 100;
const MOST_SKIPPED = 4;
const LONGEST_HEADER = 200;
const LONGEST_SEARCH = 256 * 1024;

/** A text cut at the message that it brings along. */
export interface CutText {
  words: string;
  /** The header of that message, when it has one. */
  original: Fields | null;
  /** That message from its header on, as it stands in the text; empty when it has no header. */
  rest: string;
}

/**
 * Cuts the original message off a report's text: at a line that announces it, or where a header begins.
 * @param text lines that end in `\n`
 */
export function cutOriginal(text: string): CutText {
  const lines = text.slice(0, LONGEST_SEARCH).split('\n');
  let triesLeft = MOST_TRIES;
  const cut = (end: number, from: number, original: Fields): CutText => ({
    words: [...lines.slice(0, end), ...behind(lines, from)].join('\n'),
    original,
    rest: lines.slice(from).map(unquoted).join('\n'),
  });
  for (let i = 0; i < lines.length && triesLeft > 0; i += 1) {
    const line = (lines[i] ?? '').slice(0, 300);
    if (line.length > 4 && ANNOUNCED.some((announced) => announced.test(line))) {
      triesLeft -= 1;
      const skipped = lines.slice(i + 1, i + 1 + MOST_SKIPPED).findIndex((one) => HEADER_LINE.test(unquoted(one)));
      const header = skipped < 0 ? null : headerFrom(lines, i + 1 + skipped, true);
      if (header !== null) return cut(i, i + 1 + skipped, header);
      // The message alone, without its header.
      if (RULED.test(line) && i > 0) return { words: lines.slice(0, i).join('\n'), original: null, rest: '' };
    }
    if (HEADER_LINE.test(unquoted(line)) && (i === 0 || !HEADER_LINE.test(unquoted(lines[i - 1] ?? '')))) {
      triesLeft -= 1;
      const header = headerFrom(lines, i, false);
      if (header !== null) return cut(i, i, header);
    }
  }
  return { words: text.slice(0, LONGEST_SEARCH), original: null, rest: '' };
}

// Some systems say the reason behind the message that they bring back.
const ENDED =
  /^[-_=*\s]*end (?:of )?(?:the )?(?:returned |original |undelivered |attached )?(?:message|mail)[-_=*\s.:]*$/i;
function behind(lines: string[], from: number): string[] {
  const at = lines.slice(from).findIndex((line) => ENDED.test(line.slice(0, 300)));
  return at < 0 ? [] : lines.slice(from + at + 1);
}

const QUOTED = /^(?:[>|] ?|\s{1,8}(?=[A-Za-z-]+:))/;
// As mail programs in Japanese write the header of what a person forwards.
const japaneseNames: readonly (readonly [RegExp, string])[] = [
  [/^(?:差出人|送信者|送信元|From)\s*[:：]/, 'From:'],
  [/^(?:宛先|あて先|送信先)\s*[:：]/, 'To:'],
  [/^(?:件名|題名)\s*[:：]/, 'Subject:'],
  [/^(?:送信日時|日時|日付)\s*[:：]/, 'Date:'],
];

function unquoted(line: string): string {
  const bare = line.replace(QUOTED, '');
  const [name, english] = /^[差送宛あ件題日]/.test(bare) ? (japaneseNames.find(([one]) => one.test(bare)) ?? []) : [];
  return name && english ? bare.replace(name, english) : bare;
}

/** A header that begins in this line; null when it is none. */
function headerFrom(lines: string[], at: number, announced: boolean): Fields | null {
  const block = lines
    .slice(at, at + LONGEST_HEADER)
    .map(unquoted)
    .join('\n');
  const { fields } = readFields(Buffer.from(`${block}\n\n`, 'utf8').toString('latin1'));
  const names = fields.names();
  const surely = names.filter((name) => ONLY_IN_HEADERS.test(name)).length;
  if (announced) return surely > 0 || names.some((name) => /^(?:from|to|subject|date)$/.test(name)) ? fields : null;
  const quoted =
    /^[>|]/.test(lines[at] ?? '') && names.includes('from') && (names.includes('to') || names.includes('subject'));
  return names.length > 2 && (surely > 1 || quoted || names.includes('received')) ? fields : null;
}
