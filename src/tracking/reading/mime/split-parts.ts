import type { Fields } from '../report-mail.ts';
import { decodeCharset } from './charset.ts';
import { fromBase64, fromQuotedPrintable } from './encodings.ts';
import { parameterOf, readFields } from './fields.ts';

/** A leaf of a message, not yet decoded. Everything raw is a string of bytes (latin1). */
export interface Leaf {
  /** In lower case; `text/plain` where nothing is said. */
  type: string;
  fields: Fields;
  raw: string;
}

/** Deeper is nobody's report: what lies there is one leaf. */
const DEEPEST = 12;
const MOST_PARTS = 300;
/** Of one part, as much is decoded: what a mail system has to say is shorter. */
const MOST_DECODED = 1024 * 1024;

const mediaType = (fields: Fields): string => {
  const value = fields.get('content-type') ?? '';
  return (
    /^\s*([\w.+-]+\/[\w.+-]+)/.exec(value)?.[1]?.toLowerCase() ?? (/^\s*text\s*(;|$)/i.test(value) ? 'text/plain' : '')
  );
};

/**
 * The leaves of a message in their order. Boundaries that are never closed, missing ones, and parts without a header are
 * taken for what they are meant to be. An attached message is one leaf. RFC 2046 §5.1.
 * @param raw the whole message
 */
export function leavesOf(fields: Fields, raw: string, bodyAt: number): Leaf[] {
  const leaves: Leaf[] = [];
  const split = (own: Fields, body: string, depth: number): void => {
    if (leaves.length >= MOST_PARTS) return;
    const type = mediaType(own) || 'text/plain';
    const boundary = type.startsWith('multipart/') && depth < DEEPEST ? boundaryOf(own, body) : null;
    if (boundary === null) {
      leaves.push({ type: type.startsWith('multipart/') ? 'text/plain' : type, fields: own, raw: body });
      return;
    }
    for (const part of partsBetween(body, boundary)) {
      const inner = readFields(part, true);
      split(inner.fields, part.slice(inner.bodyAt), depth + 1);
    }
  };
  split(fields, raw.slice(bodyAt), 0);
  return leaves;
}

/** As it is named; or, when the name does not occur or is missing, that of the first line that looks like one. */
function boundaryOf(fields: Fields, body: string): string | null {
  const named = parameterOf(fields.get('content-type'), 'boundary');
  if (named !== null && named !== '' && (body.startsWith(`--${named}`) || body.includes(`\n--${named}`))) return named;
  const [, seen] = /(?:^|\n)--([^\s-][^\r\n]{3,120}?)[ \t]*\r?\n(?=content-)/i.exec(body.slice(0, 64 * 1024)) ?? [];
  return seen ?? null;
}

/** What lies between the lines of a boundary; behind the last one up to the end, when it is never closed. */
function partsBetween(body: string, boundary: string): string[] {
  const mark = `--${boundary}`;
  const parts: string[] = [];
  let at = body.startsWith(mark) ? 0 : body.indexOf(`\n${mark}`) + 1;
  while (parts.length < MOST_PARTS) {
    const lineEnd = body.indexOf('\n', at);
    if (lineEnd < 0) break;
    if (body.startsWith('--', at + mark.length)) break;
    const next = body.indexOf(`\n${mark}`, lineEnd);
    parts.push(body.slice(lineEnd + 1, next < 0 ? body.length : next + 1).replace(/\r?\n$/, ''));
    if (next < 0) break;
    at = next + 1;
  }
  return parts;
}

/** The bytes of a leaf without their transfer encoding. */
export function bytesOf({ fields, raw }: Leaf): string {
  const coding = (fields.get('content-transfer-encoding') ?? '').trim().toLowerCase();
  const body = raw.slice(0, MOST_DECODED);
  if (coding.startsWith('quoted-printable')) return fromQuotedPrintable(body);
  // Said, and not so: a text of several words is no base64.
  if (coding.startsWith('base64') && !/[^\s]+ [^\s]+ [^\s]+ [^\s]+/.test(body.slice(0, 400))) return fromBase64(body);
  return body;
}

/** The text of a leaf, with line ends of `\n`. */
export function textOf(leaf: Leaf): string {
  const label = parameterOf(leaf.fields.get('content-type'), 'charset');
  return decodeCharset(bytesOf(leaf), label).replace(/\r\n?/g, '\n').replaceAll('\0', '');
}
