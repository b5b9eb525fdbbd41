import iconv from 'iconv-lite';
import type { Encoding } from '../../src/intake/reading/encoding.ts';

const ESC = '\x1b';

/** Text in one of the encodings that lists come in. Half-width kana of EUC-JP and ISO-2022-JP are put in by hand. */
export function encode(text: string, encoding: Encoding): Buffer {
  if (encoding === 'utf-16be') return Buffer.from(text, 'utf16le').swap16();
  if (encoding === 'utf-16le') return Buffer.from(text, 'utf16le');
  if (encoding === 'iso-2022-jp') return iso2022(text);
  if (encoding === 'euc-jp') return eucJp(text);
  return iconv.encode(text, encoding === 'windows-1252' ? 'win1252' : encoding);
}

const isKana = (character: string) => character >= '｡' && character <= 'ﾟ';

function eucJp(text: string): Buffer {
  const encoded = (one: string) =>
    isKana(one) ? Buffer.concat([Buffer.of(0x8e), iconv.encode(one, 'cp932')]) : iconv.encode(one, 'euc-jp');
  return Buffer.concat([...text].map(encoded));
}

/** RFC 1468, and ESC ( I for half-width kana as mail programs of Windows write it (CP50221). */
function iso2022(text: string): Buffer {
  const out: Buffer[] = [];
  let mode = '(B';
  for (const one of text) {
    const wanted = isKana(one) ? '(I' : one < '\x80' ? '(B' : '$B';
    if (wanted !== mode) out.push(Buffer.from(ESC + wanted));
    mode = wanted;
    if (mode === '(B') out.push(Buffer.from(one));
    else out.push(Buffer.from(iconv.encode(one, mode === '(I' ? 'cp932' : 'euc-jp').map((byte) => byte & 0x7f)));
  }
  if (mode !== '(B') out.push(Buffer.from(`${ESC}(B`));
  return Buffer.concat(out);
}

/** `ヤマダ` as `ﾔﾏﾀﾞ`. */
export function halfWidth(text: string): string {
  return [...text].map((one) => HALF.get(one) ?? one).join('');
}

const HALF = new Map<string, string>();
for (let code = 0xff61; code <= 0xff9f; code++) {
  const half = String.fromCharCode(code);
  HALF.set(half.normalize('NFKC'), half);
  for (const mark of ['ﾞ', 'ﾟ']) {
    const composed = (half + mark).normalize('NFKC');
    if (composed.length === 1) HALF.set(composed, half + mark);
  }
}
