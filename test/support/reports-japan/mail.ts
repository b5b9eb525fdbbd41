import { createHash } from 'node:crypto';
import iconv from 'iconv-lite';
import { encode } from '../encode.ts';

/** A header field; bytes where a mail system writes its charset raw. */
export type Line = readonly [name: string, value: string | Buffer];

/** One part of a mail. */
export interface Entity {
  fields: readonly Line[];
  body: Buffer;
}

export interface LeafForm {
  /** `text/plain` when absent. Null: no Content-Type at all. */
  type?: string | null;
  charset?: string;
  /** What the Content-Type says the charset is; null: it says nothing. The charset itself when absent. */
  label?: string | null;
  transfer?: '7bit' | '8bit' | 'quoted-printable' | 'base64';
  fields?: readonly Line[];
}

/** Text in any charset that mail comes in. Servers that say US-ASCII hand on what others have said as it came: UTF-8. */
export function inCharset(text: string, charset: string): Buffer {
  if (charset === 'iso-2022-jp' || charset === 'euc-jp') return encode(text, charset);
  return iconv.encode(text, charset === 'us-ascii' ? 'utf-8' : charset);
}

/** A part of text, `\n` or `\r\n` in it alike. */
export function leaf(text: string, form: LeafForm = {}): Entity {
  const { type = 'text/plain', charset = 'us-ascii', transfer = '7bit', fields = [] } = form;
  const label = form.label === undefined ? charset : form.label;
  const bytes = inCharset(text.replaceAll(/\r?\n/g, '\r\n'), charset);
  const said: Line[] = [];
  if (type !== null) said.push(['Content-Type', label === null ? type : `${type}; charset=${label}`]);
  if (transfer !== '7bit') said.push(['Content-Transfer-Encoding', transfer]);
  return { fields: [...said, ...fields], body: Buffer.concat([transferred(bytes, transfer), Buffer.from('\r\n')]) };
}

function transferred(bytes: Buffer, transfer: LeafForm['transfer']): Buffer {
  if (transfer === 'base64') return Buffer.from((bytes.toString('base64').match(/.{1,76}/g) ?? []).join('\r\n'));
  return transfer === 'quoted-printable' ? Buffer.from(quotedPrintable(bytes)) : bytes;
}

function quotedPrintable(bytes: Buffer): string {
  const lines = bytes.toString('latin1').split('\r\n');
  return lines
    .map((line) =>
      softened(
        [...line]
          .map(printable)
          .join('')
          .replace(/[ \t]$/, spaced),
      ),
    )
    .join('\r\n');
}

const spaced = (end: string) => (end === ' ' ? '=20' : '=09');
const printable = (one: string) => (/[\t -<>-~]/.test(one) ? one : `=${hex(one.charCodeAt(0))}`);
const hex = (byte: number) => byte.toString(16).toUpperCase().padStart(2, '0');
// Lines of at most 76 characters that do not cut an escape in two (RFC 2045 §6.7).
const softened = (line: string) => line.match(/(?:=[0-9A-F]{2}|[^=]){1,73}/g)?.join('=\r\n') ?? '';

/** A multipart of the given subtype, with parameters after it if it has any: `report; report-type=delivery-status`. */
export function multipart(
  subtype: string,
  parts: readonly Entity[],
  boundary = boundaryOf(parts),
  preamble = '',
): Entity {
  const [name, ...parameters] = subtype.split(';');
  const type = [`multipart/${name}`, ...parameters, ` boundary="${boundary}"`].join(';');
  const chunks = parts.flatMap((part) => [Buffer.from(`--${boundary}\r\n`), written(part), Buffer.from('\r\n')]);
  const body = Buffer.concat([Buffer.from(preamble), ...chunks, Buffer.from(`--${boundary}--\r\n`)]);
  return { fields: [['Content-Type', type]], body };
}

function boundaryOf(parts: readonly Entity[]): string {
  const hash = createHash('sha256');
  for (const { body } of parts) hash.update(body);
  return `--=_Part_${hash.digest('hex').slice(0, 20)}`;
}

function written({ fields, body }: Entity): Buffer {
  const lines = fields.flatMap(([name, value]) => [Buffer.from(`${name}: `), Buffer.from(value), Buffer.from('\r\n')]);
  return Buffer.concat([...lines, Buffer.from('\r\n'), body]);
}

/** A whole mail: the fields of the mail, then those of its content. */
export function mail(fields: readonly Line[], content: Entity): Buffer {
  const version: Line[] = content.fields.length > 0 ? [['MIME-Version', '1.0']] : [];
  return written({ fields: [...fields, ...version, ...content.fields], body: content.body });
}

/** Text as RFC 2047 encoded words, each in itself whole, folded. */
export function encodedWords(text: string, charset = 'utf-8', how: 'B' | 'Q' = 'B'): string {
  const groups = text.match(/.{1,10}/gsu) ?? [];
  return groups.map((group) => encodedWord(inCharset(group, charset), charset, how)).join('\r\n ');
}

function encodedWord(bytes: Buffer, charset: string, how: 'B' | 'Q'): string {
  const q = () =>
    [...bytes].map((byte) => (/\w/.test(String.fromCharCode(byte)) ? String.fromCharCode(byte) : `=${hex(byte)}`));
  return `=?${charset.toUpperCase()}?${how}?${how === 'B' ? bytes.toString('base64') : q().join('')}?=`;
}
