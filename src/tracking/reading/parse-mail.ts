import { readFields } from './mime/fields.ts';
import { htmlToText } from './mime/html-text.ts';
import { bytesOf, type Leaf, leavesOf, textOf } from './mime/split-parts.ts';
import { cutOriginal } from './original.ts';
import type { Part, ReportMail } from './report-mail.ts';

/** A mail with the messages that are attached to it, as they are: a report may have been forwarded. */
export interface ParsedMail extends ReportMail {
  /** Raw bytes as characters (latin1), in their order. One that stands in the text counts when no other is there. */
  attached: string[];
}

const ATTACHED = /^message\/(?:rfc822|global)$/;
const HEADERS_ONLY = /^(?:text\/rfc822-headers?|message\/(?:rfc822|global)-headers?)$/;
const LONGEST_LINE = 10_000;
const MOST_WORDS = 256 * 1024;

/**
 * Takes a mail apart as far as it goes: broken MIME, wrong charsets and missing boundaries too. Never throws; takes time
 * in proportion to the length. RFC 5322, 2045 to 2047.
 * @param bytes the whole mail; each character of a string is one byte (latin1)
 */
export function parseReportMail(bytes: Buffer | string): ParsedMail {
  const raw = typeof bytes === 'string' ? bytes : bytes.toString('latin1');
  const { fields, bodyAt } = readFields(raw);
  const leaves = leavesOf(fields, raw, bodyAt);
  const parts = leaves.map(partOf);
  const attached = leaves.filter(({ type }) => ATTACHED.test(type)).map(bytesOf);
  const headersOnly = leaves.find(({ type }) => HEADERS_ONLY.test(type));
  const told = cutOriginal(wordsOf(leaves, parts));
  if (attached.length === 0 && told.rest !== '') attached.push(Buffer.from(told.rest, 'utf8').toString('latin1'));
  const original = attached[0] ?? (headersOnly && bytesOf(headersOnly));
  const attachedFields = original === undefined ? null : readFields(original).fields;
  return {
    ...{ fields, parts, attached },
    words: told.words,
    original: attachedFields?.names().length ? { fields: attachedFields } : told.original && { fields: told.original },
  };
}

function partOf(leaf: Leaf): Part {
  const readable = /^(?:text|message)\//.test(leaf.type) && !ATTACHED.test(leaf.type);
  return { type: leaf.type, fields: leaf.fields, text: readable ? textOf(leaf) : '' };
}

/** The text parts before the original, or behind it when none stands before; HTML where there is no plain text. */
function wordsOf(leaves: readonly Leaf[], parts: readonly Part[]): string {
  const end = leaves.findIndex(({ type }) => ATTACHED.test(type) || HEADERS_ONLY.test(type));
  const before = parts.slice(0, end < 0 ? parts.length : end);
  const own = before.some(({ type, text }) => type.startsWith('text/') && text.trim() !== '')
    ? before
    : parts.filter(({ type }) => !ATTACHED.test(type) && !HEADERS_ONLY.test(type));
  const plain = own.filter(({ type, text }) => type.startsWith('text/') && type !== 'text/html' && text.trim() !== '');
  const html = own.filter(({ type }) => type === 'text/html');
  const texts = plain.map(({ text }) => (looksLikeHtml(text) ? htmlToText(text) : text));
  if (texts.join('').trim().length < 20) texts.push(...html.map(({ text }) => htmlToText(text)));
  return texts
    .join('\n')
    .slice(0, MOST_WORDS)
    .split('\n')
    .map((line) => line.slice(0, LONGEST_LINE).trimEnd())
    .join('\n');
}

const looksLikeHtml = (text: string): boolean => /^\s*<(?:!doctype html|html)\b/i.test(text.slice(0, 500));
