/** Transfer encodings and encoded words. Everything raw is a string of bytes (latin1). */
import { decodeCharset } from './charset.ts';

/** Undoes quoted-printable, as far as it is one: what is no code stays as it is. RFC 2045 §6.7. */
export function fromQuotedPrintable(raw: string): string {
  return raw
    .replace(/=[ \t]{0,40}\r?\n/g, '')
    .replace(/=([0-9A-Fa-f]{2})/g, (_code, digits: string) => String.fromCharCode(Number.parseInt(digits, 16)));
}

/** Undoes base64, as far as it is one: other characters are passed over, and it ends where it ends. RFC 2045 §6.8. */
export const fromBase64 = (raw: string): string => Buffer.from(raw, 'base64').toString('latin1');

const ENCODED_WORD = /=\?([^?\s]{1,60})\?([bBqQ])\?([^?\r\n]*)\?=/g;

/**
 * Decodes a header field's value: encoded words (RFC 2047), also where they are quoted or broken in the middle of a
 * character, and raw bytes of systems that know no encoded words.
 */
export function decodeField(raw: string): string {
  if (!raw.includes('=?')) return decodeCharset(raw, null);
  // Neighbours in one charset are one text: Japanese systems cut in the middle of a character.
  const joined = raw.replace(/\?=[ \t]+=\?/g, '?==?');
  let text = '';
  let end = 0;
  let pending: { charset: string; bytes: string } | null = null;
  const flush = (): void => {
    if (pending) text += decodeCharset(pending.bytes, pending.charset);
    pending = null;
  };
  for (const match of joined.matchAll(ENCODED_WORD)) {
    const [whole, said = '', coding = '', body = ''] = match;
    const between = joined.slice(end, match.index);
    if (between !== '') {
      flush();
      text += decodeCharset(between, null);
    }
    // RFC 2231 adds a language: `=?utf-8*ja?B?…?=`.
    const charset = said.replace(/\*.*$/, '').toLowerCase();
    const bytes = /b/i.test(coding) ? fromBase64(body) : fromQuotedPrintable(body.replaceAll('_', '=20'));
    if (pending && (pending as { charset: string }).charset === charset) (pending as { bytes: string }).bytes += bytes;
    else {
      flush();
      pending = { charset, bytes };
    }
    end = (match.index ?? 0) + whole.length;
  }
  flush();
  return text + decodeCharset(joined.slice(end), null);
}
