import { addressesIn } from './addresses.ts';
import type { Marks } from './finding.ts';
import { isAutoReply, isFromMailSystem } from './mail-system.ts';
import type { ReportMail } from './report-mail.ts';

// Our own tokens: base32 of a number and ten bytes. They are proven elsewhere; here it is only told where they stand.
const VERP = /\bb\+[a-z2-7]{17,32}@[a-z0-9.-]{3,200}/gi;
const MESSAGE_ID = /<[a-z2-7]{17,32}@[a-z0-9.-]{3,200}>/gi;
const SEARCHED = 1024 * 1024;

/**
 * Everything in a mail that may say which message it is about.
 * @param raw the whole mail; each character is one byte (latin1)
 * @param envelope the addresses to which it came
 */
export function marksOf(raw: string, mail: ReportMail, envelope: readonly string[]): Marks {
  const { fields, words, original } = mail;
  // Whoever answers our mail, or writes about it, names it too: that does not make what they write a report about it.
  const byMachine = isFromMailSystem(mail) || isAutoReply(mail) || original !== null || isReport(mail);
  const text = byMachine ? raw.slice(0, SEARCHED) : '';
  const own = ['delivered-to', 'x-original-to', 'envelope-to', 'to'].flatMap((name) =>
    addressesIn(fields.all(name).join(' ')),
  );
  const named = [...words.matchAll(/^[ \t]*message-id:[ \t]*(<[^<>\s]{1,250}>)/gim)].flatMap(([, id]) => id ?? []);
  const told = original ? ['message-id', 'x-message-id'].flatMap((name) => original.fields.all(name)) : named;
  const answered = (byMachine ? ['in-reply-to', 'references'] : []).flatMap((name) =>
    fields.all(name).flatMap((ids) => ids.match(/<[^<>\s]+>/g) ?? []),
  );
  return {
    bounceAddresses: distinct([...envelope, ...own.filter((one) => /^b\+/i.test(one)), ...(text.match(VERP) ?? [])]),
    envelopeIds: original ? distinct(original.fields.all('x-envelope-id')) : [],
    messageIds: distinct([...told, ...answered, ...(text.match(MESSAGE_ID) ?? [])]),
  };
}

const isReport = ({ parts }: ReportMail): boolean =>
  parts.some(({ type }) => /^message\/(?:global-)?(?:delivery-status|feedback-report)$/.test(type));

const MOST_MARKS = 50;
const distinct = (marks: string[]): string[] => [...new Set(marks)].slice(0, MOST_MARKS);

export const joinMarks = (first: Marks, second: Marks): Marks => ({
  bounceAddresses: distinct([...first.bounceAddresses, ...second.bounceAddresses]),
  envelopeIds: distinct([...first.envelopeIds, ...second.envelopeIds]),
  messageIds: distinct([...first.messageIds, ...second.messageIds]),
});

export const noMarks: Marks = { bounceAddresses: [], envelopeIds: [], messageIds: [] };
