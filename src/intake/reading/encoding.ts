import { isUtf8 } from 'node:buffer';
import { OwabiError } from '../../errors.ts';
import type { Meter } from './bytes.ts';
import type { Text } from './contents.ts';

export const encodings = ['utf-8', 'utf-16le', 'utf-16be', 'cp932', 'euc-jp', 'iso-2022-jp', 'windows-1252'] as const;
export type Encoding = (typeof encodings)[number];

/**
 * The names of the Encoding Standard (WHATWG). What it calls shift_jis is windows-31J, that is CP932, with 髙, ① and ㈱
 * (§12.3.1); its euc-jp and iso-2022-jp hold ① and ㈱ too, and iso-2022-jp half-width kana (ESC ( I).
 */
export const decoderNames: Record<Encoding, string> = {
  ...{ 'utf-8': 'utf-8', 'utf-16le': 'utf-16le', 'utf-16be': 'utf-16be', 'windows-1252': 'windows-1252' },
  ...{ cp932: 'shift_jis', 'euc-jp': 'euc-jp', 'iso-2022-jp': 'iso-2022-jp' },
};

const SPELLINGS: Record<Encoding, string> = {
  'utf-8': 'utf8 utf8bom utf8sig ascii usascii',
  // Without an end named: the mark at the beginning decides, and Windows writes little-endian.
  'utf-16le': 'utf16le utf16 unicode ucs2 ucs2le',
  'utf-16be': 'utf16be ucs2be',
  cp932: 'cp932 ms932 sjis shiftjis windows31j mskanji xsjis',
  'euc-jp': 'eucjp xeucjp ujis eucjpms cp51932',
  'iso-2022-jp': 'iso2022jp jis cp50220 cp50221 csiso2022jp',
  // Not "ANSI": in Japan that is what Windows calls CP932.
  'windows-1252': 'windows1252 cp1252 latin1 iso88591 l1',
};

/** The encoding that an operator names, in one of its usual spellings; null when we do not read it. */
export function encodingNamed(name: string): Encoding | null {
  const bare = name.toLowerCase().replace(/[^a-z0-9]/g, '');
  return encodings.find((encoding) => SPELLINGS[encoding].split(' ').includes(bare)) ?? null;
}

/** The encoding that the mark at the beginning of a file says (BOM, Unicode §23.8), or null. */
export function encodingOfMark(head: Buffer): Encoding | null {
  if (head[0] === 0xef && head[1] === 0xbb && head[2] === 0xbf) return 'utf-8';
  if (head[0] === 0xff && head[1] === 0xfe) return 'utf-16le';
  return head[0] === 0xfe && head[1] === 0xff ? 'utf-16be' : null;
}

/** Told what is doubtful of the text, as it goes by. */
export interface TextNotes {
  /** U+FFFD that stand in the file: some program has lost a character before. */
  replacements: number;
}

/**
 * The file as text, without its mark. Strict: what is not of this encoding ends it.
 * @throws OwabiError `not_text`, `unknown_encoding`, both with the `line` (counted from 1)
 */
export async function* decodeText(
  text: Text,
  encoding: Encoding,
  { meter, notes }: { meter: Meter; notes: TextNotes },
): AsyncGenerator<string> {
  const decode = makeDecoder(encoding);
  let sound = 0;
  try {
    for await (const chunk of text.read(meter)) {
      const piece = decode(chunk);
      if (piece.includes('\0')) throw new Flaw();
      if (encoding === 'cp932') refuseUtf8(piece, chunk, sound);
      if (piece.includes('\uFFFD')) notes.replacements += piece.split('\uFFFD').length - 1;
      sound += chunk.length;
      yield piece;
    }
    yield decode();
  } catch (error) {
    throw error instanceof Flaw ? await explain(text, encoding, { sound, place: error.place }) : error;
  }
}

/** Something that is not of the encoding, or no text at all; `place` is its offset where that is known already. */
class Flaw extends Error {
  readonly place: number | null;

  constructor(place: number | null = null) {
    super('flaw');
    this.place = place;
  }
}

/** Decodes piece by piece, and the end when it is given nothing. @throws Flaw */
function makeDecoder(encoding: Encoding): (chunk?: Uint8Array) => string {
  const decoder = new TextDecoder(decoderNames[encoding], { fatal: true });
  return (chunk) => {
    const text = orFlaw(() => decoder.decode(chunk, { stream: chunk !== undefined }));
    // The standard maps the five bytes that windows-1252 leaves out to control characters: no name holds any.
    if (encoding === 'windows-1252' && /[\x81\x8D\x8F\x90\x9D]/.test(text)) throw new Flaw();
    return text;
  };
}

function orFlaw(decode: () => string): string {
  try {
    return decode();
  } catch (error) {
    throw (error as NodeJS.ErrnoException).code === 'ERR_ENCODING_INVALID_ENCODED_DATA' ? new Flaw() : error;
  }
}

// 縺, 繧 and 繝 are what kana of UTF-8 (E3 81–83) look like in CP932. They are next to unknown in names, and only where
// they occur is it worth looking whether the line is UTF-8: as the second half of a file that was put together of two.
function refuseUtf8(piece: string, chunk: Buffer, offset: number): void {
  if (!piece.includes('縺') && !piece.includes('繧') && !piece.includes('繝')) return;
  for (let start = 0; start < chunk.length; ) {
    const newline = chunk.indexOf(0x0a, start);
    const end = newline === -1 ? chunk.length : newline;
    const line = chunk.subarray(start, end);
    if (isUtf8(line) && /[\u3041-\u30FE]/.test(line.toString('utf8'))) throw new Flaw(offset + start);
    start = end + 1;
  }
}

/**
 * Reads again up to the place where the text ceases to be what it was taken for, and says which line that is. Lines are
 * not counted before, because that would cost every good file something.
 */
async function explain(
  text: Text,
  encoding: Encoding,
  { sound, place }: { sound: number; place: number | null },
): Promise<OwabiError> {
  const decode = makeDecoder(encoding);
  const lines = lineCounter();
  let before = 0;
  try {
    for await (const chunk of text.read()) {
      const certain = Math.min(chunk.length, (place ?? sound) - before);
      lines.add(decode(chunk.subarray(0, certain)));
      if (certain < chunk.length && place !== null) break;
      // Byte by byte, so that the flaw shows on its very line.
      for (let i = certain; i < chunk.length; i++) {
        const piece = decode(chunk.subarray(i, i + 1));
        if (piece.includes('\0')) return nulByte(lines.line());
        lines.add(piece);
      }
      before += chunk.length;
    }
  } catch (error) {
    if (!(error instanceof Flaw)) throw error;
  }
  return notThroughout(encoding, lines.line());
}

/** Counts lines that end in CRLF, LF or CR. */
function lineCounter() {
  let line = 1;
  let afterCr = false;
  return {
    line: () => line,
    add(text: string): void {
      if (text === '') return;
      line += text.match(/\r\n?|\n/g)?.length ?? 0;
      if (afterCr && text.startsWith('\n')) line--;
      afterCr = text.endsWith('\r');
    },
  };
}

function notThroughout(encoding: Encoding, line: number): OwabiError {
  const detail = `The file is not ${encoding.toUpperCase()} throughout: it ceases to be on line ${line} at the latest. Save all of it as UTF-8, or name its encoding in the field "encoding" if it is another.`;
  return new OwabiError('unknown_encoding', detail, { line });
}

/** The error of a file with a NUL byte that is not one half of a character. */
export function nulByte(line: number): OwabiError {
  const detail = `The file is not text: there is a NUL byte on line ${line}. Save the list as CSV in UTF-8.`;
  return new OwabiError('not_text', detail, { line });
}
