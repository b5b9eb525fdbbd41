import { OwabiError } from '../../errors.ts';

export const encodings = ['utf-8', 'cp932'] as const;
export type Encoding = (typeof encodings)[number];

// The WHATWG decoder called shift_jis is windows-31J, that is CP932, with 髙, ① and ㈱ (Encoding Standard, §12.3.1).
const DECODER_NAMES: Record<Encoding, string> = { 'utf-8': 'utf-8', cp932: 'shift_jis' };

const OTHER_NAMES: Record<string, Encoding> = {
  utf8: 'utf-8',
  utf8bom: 'utf-8',
  cp932: 'cp932',
  ms932: 'cp932',
  sjis: 'cp932',
  shiftjis: 'cp932',
  windows31j: 'cp932',
};

/** The encoding that an operator names, in one of its usual spellings; null when we do not read it. */
export function encodingNamed(name: string): Encoding | null {
  return OTHER_NAMES[name.toLowerCase().replace(/[^a-z0-9]/g, '')] ?? null;
}

/**
 * Finds the encoding of a whole file: BOM, then strict UTF-8, then CP932. Never guessed row by row.
 * @throws OwabiError `not_text`, `unknown_encoding`
 */
export async function detectEncoding(source: AsyncIterable<Uint8Array>): Promise<Encoding> {
  const utf8 = new TextDecoder('utf-8', { fatal: true });
  const high = { all: 0, leads: 0 };
  let isUtf8 = true;
  let first = true;
  for await (const chunk of source) {
    if (first) refuseByFirstBytes(chunk);
    first = false;
    refuseNul(chunk);
    isUtf8 &&= decodes(utf8, chunk);
    countHighBytes(chunk, high);
  }
  isUtf8 &&= decodes(utf8);
  if (isUtf8) return 'utf-8';
  if (looksLikeCp932(high)) return 'cp932';
  throw unknownEncoding('The file is neither UTF-8 nor CP932 (Shift_JIS).');
}

/**
 * The file as text, without its BOM; line numbers in the error count from 1.
 * @throws OwabiError `not_text`, `unknown_encoding`
 */
export async function* decodeText(source: AsyncIterable<Uint8Array>, encoding: Encoding): AsyncGenerator<string> {
  const decoder = new TextDecoder(DECODER_NAMES[encoding], { fatal: true });
  let lines = 1;
  let first = true;
  try {
    for await (const chunk of source) {
      // Here too, because a file whose encoding is named has not been looked at.
      if (first) refuseByFirstBytes(chunk);
      first = false;
      refuseNul(chunk);
      const text = decoder.decode(chunk, { stream: true });
      lines += text.split('\n').length - 1;
      yield text;
    }
    yield decoder.decode();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_ENCODING_INVALID_ENCODED_DATA') throw error;
    throw unknownEncoding(
      `The file is not ${encoding.toUpperCase()} throughout: it ceases to be on line ${lines} or after it.`,
    );
  }
}

function decodes(decoder: InstanceType<typeof TextDecoder>, chunk?: Uint8Array): boolean {
  try {
    decoder.decode(chunk, { stream: chunk !== undefined });
    return true;
  } catch {
    return false;
  }
}

function refuseByFirstBytes(chunk: Uint8Array): void {
  const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, Math.min(chunk.byteLength, 4)).toString('latin1');
  if (bytes.startsWith('PK\x03\x04')) {
    throw new OwabiError('not_text', 'The file is an Excel workbook or a zip file, not text. Save it as CSV in UTF-8.');
  }
  if (bytes.startsWith('\xFF\xFE') || bytes.startsWith('\xFE\xFF')) throw unknownEncoding('The file is in UTF-16.');
}

function refuseNul(chunk: Uint8Array): void {
  if (!chunk.includes(0)) return;
  throw new OwabiError('not_text', 'The file is not text: it holds NUL bytes. Save it as CSV in UTF-8.');
}

function countHighBytes(chunk: Uint8Array, counts: { all: number; leads: number }): void {
  for (const byte of chunk) {
    if (byte < 0x80) continue;
    counts.all++;
    if (byte >= 0x81 && byte <= 0x9f) counts.leads++;
  }
}

// Japanese in CP932 is full of lead bytes 81–9F. EUC-JP has none and Latin-1 hardly any, and both often decode as CP932
// without an error, to wrong names: where such bytes are rare, an operator must say what the file is.
function looksLikeCp932({ all, leads }: { all: number; leads: number }): boolean {
  return leads > all / 10;
}

function unknownEncoding(what: string): OwabiError {
  return new OwabiError(
    'unknown_encoding',
    `${what} Save it as UTF-8 and upload it again, or name its encoding (utf-8 or cp932) in the field "encoding".`,
  );
}
