import { isAscii } from 'node:buffer';
import { OwabiError } from '../../errors.ts';
import { firstBytes } from './bytes.ts';
import type { Text } from './contents.ts';
import { decoderNames, decodeText, type Encoding, encodingOfMark, nulByte } from './encoding.ts';
import { PLAUSIBLE, type Reading, readAsCp932, readAsEucJp, readAsWestern } from './plausibility.ts';

const HEAD_BYTES = 64 * 1024;

/**
 * How much of a file is looked at: all of it, or as much as holds this. Lists of Western names before Japanese ones do
 * not mislead it, because plain ASCII does not count. What follows is read strictly: a file that goes on in another
 * encoding fails there.
 */
const ENOUGH = { bytes: 1024 * 1024, high: 4096 };

/** How many points in all the likeliest reading must have, and have more than the next. */
const MARGIN = 4;

/**
 * Finds the encoding of a whole file, once: by its mark (BOM), by the NUL bytes of UTF-16, by the escapes of
 * ISO-2022-JP, by being valid UTF-8; else by what it says as CP932, EUC-JP or windows-1252.
 * @throws OwabiError `not_text`, `unknown_encoding`
 */
export async function detectEncoding(text: Text): Promise<Encoding> {
  const head = await firstBytes(text.read(), HEAD_BYTES);
  const marked = encodingOfMark(head);
  if (marked) return marked;
  if (head.includes(0)) return utf16WithoutMark(head);
  const evidence = makeEvidence();
  for await (const chunk of text.read()) {
    evidence.push(chunk);
    if (evidence.isEnough()) break;
  }
  const { encoding, begins, western } = evidence.verdict();
  if (encoding) return encoding;
  // Put together of two files: the strict reading says on which line the first of them ends.
  if (begins) for await (const _ of decodeText(text, begins, { meter: () => {}, notes: { replacements: 0 } }));
  throw unrecognised(western);
}

const SEPARATORS = Buffer.from('\t\n\r",;');

/**
 * UTF-16 without a mark. Plain letters, commas and line ends have a NUL as their upper half, all at odd offsets or all
 * at even ones; in a text of bytes with a NUL somewhere, commas and line ends have none beside them.
 */
function utf16WithoutMark(head: Buffer): Encoding {
  const nuls = [0, 0];
  const separators = { paired: 0, bare: 0 };
  for (let i = 0; i < head.length; i++) if (head[i] === 0) nuls[i % 2] = (nuls[i % 2] ?? 0) + 1;
  const [even = 0, odd = 0] = nuls;
  const encoding = odd > even ? 'utf-16le' : 'utf-16be';
  for (let i = 0; i < head.length; i++) {
    if (!SEPARATORS.includes(head[i] as number)) continue;
    const isLow = i % 2 === (encoding === 'utf-16le' ? 0 : 1);
    // 上 is 4E0A: what looks like a line end may be half of a character.
    if (isLow && head[i ^ 1] === 0) separators.paired++;
    else separators.bare++;
  }
  const isWide = separators.paired > separators.bare || (even + odd) * 2.5 > head.length;
  if (isWide && isUtf16(head, encoding)) return encoding;
  const before = head.subarray(0, head.indexOf(0)).toString('latin1');
  throw nulByte((before.match(/\r\n?|\n/g)?.length ?? 0) + 1);
}

function isUtf16(head: Buffer, encoding: Encoding): boolean {
  try {
    const text = new TextDecoder(decoderNames[encoding], { fatal: true }).decode(head, { stream: true });
    return !text.includes('\0');
  } catch {
    return false;
  }
}

interface Verdict {
  /** Null when it is not certain. */
  encoding: Encoding | null;
  /** What the file begins as, although all of it cannot be that. */
  begins: Encoding | null;
  /** It may well be Western, of whatever country. */
  western: boolean;
}

interface Evidence {
  push(chunk: Buffer): void;
  isEnough(): boolean;
  verdict(): Verdict;
}

function makeEvidence(): Evidence {
  const utf8 = utf8Evidence();
  const escapes = escapeEvidence();
  const western = readAsWestern();
  const readings: [Encoding, Reading][] = [
    ['cp932', readAsCp932()],
    ['euc-jp', readAsEucJp()],
    ['windows-1252', western],
  ];
  const seen = { bytes: 0, high: 0 };
  const certain = (encoding: Encoding): Verdict => ({ encoding, begins: null, western: false });
  return {
    push(chunk) {
      seen.bytes += chunk.length;
      utf8.push(chunk);
      if (seen.high === 0) escapes.push(chunk);
      const dense = highBytes(chunk);
      seen.high += dense.high;
      for (const [, reading] of readings) reading.push(dense.bytes);
    },
    isEnough: () => seen.bytes >= ENOUGH.bytes && seen.high + escapes.count() >= ENOUGH.high,
    verdict() {
      if (escapes.count() > 0) return certain('iso-2022-jp');
      if (utf8.holds()) return certain('utf-8');
      const encoding = likeliest(readings);
      if (encoding === 'windows-1252' && !western.certain()) return { encoding: null, begins: null, western: true };
      return { encoding, begins: encoding ? null : beginning(readings), western: false };
    },
  };
}

/**
 * What tells encodings apart: bytes above 7F and the ones beside them, which may be halves of characters or letters of
 * the same word. The ends of a chunk are beside what is not in it. Most lists are plain ASCII to nine tenths.
 */
function highBytes(chunk: Buffer): { bytes: Buffer; high: number } {
  if (isAscii(chunk)) return { bytes: Buffer.from([chunk[0] ?? 0, chunk.at(-1) ?? 0]), high: 0 };
  const bytes = Buffer.allocUnsafe(chunk.length);
  let [length, high] = [0, 0];
  for (let i = 0; i < chunk.length; i++) {
    const byte = chunk[i] as number;
    if (byte > 0x7f) high++;
    else if (i > 0 && i < chunk.length - 1 && (chunk[i - 1] as number) < 0x80 && (chunk[i + 1] as number) < 0x80)
      continue;
    bytes[length++] = byte;
  }
  return { bytes: bytes.subarray(0, length), high };
}

/** Counts escapes up to the first byte that ISO-2022-JP has none of. */
function escapeEvidence() {
  let tail: Buffer = Buffer.alloc(0);
  let count = 0;
  return {
    count: () => count,
    push(chunk: Buffer): void {
      const high = chunk.findIndex((byte) => byte > 0x7f);
      // An escape may be cut in two.
      const plain = Buffer.concat([tail, high === -1 ? chunk : chunk.subarray(0, high)]);
      if (plain.includes(0x1b)) count += countEscapes(plain.toString('latin1'));
      tail = plain.subarray(-3);
    },
  };
}

/** ESC $ @, ESC $ B, ESC $ ( D, ESC ( I: what follows is JIS X 0208, 0212 or half-width kana (RFC 1468, CP50221). */
function countEscapes(text: string): number {
  const [, ...after] = text.split(String.fromCharCode(0x1b));
  return after.filter((rest) => /^(\$[@B]|\$\(D|\(I)/.test(rest)).length;
}

/** UTF-8 holds when all is valid; or when so much was valid before something was not that it must be the file's. */
function utf8Evidence() {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let valid = true;
  let wide = 0;
  const countWide = (text: string) => text.match(/[\u0800-\uFFFC]/g)?.length ?? 0;
  return {
    push(chunk: Buffer): void {
      if (!valid) return;
      try {
        const text = decoder.decode(chunk, { stream: true });
        if (wide < ENOUGH.high) wide += countWide(text);
      } catch {
        valid = false;
        wide += countWide(chunk.toString('utf8').split('\uFFFD', 1)[0] ?? '');
      }
    },
    // Three valid characters of three bytes each are no chance: CP932 and EUC-JP break the rule at the first or second.
    holds: (): boolean => valid || wide >= 3,
  };
}

/** The reading that says most, when it says enough and clearly more than the next. */
function likeliest(readings: readonly [Encoding, Reading][]): Encoding | null {
  const total = ([, reading]: [Encoding, Reading]) => reading.points() * reading.counted();
  const [best, next] = readings
    .filter(([, reading]) => reading.valid() && reading.points() >= PLAUSIBLE)
    .sort((a, b) => total(b) - total(a));
  if (!best || total(best) - (next ? total(next) : 0) < MARGIN) return null;
  return best[0];
}

/** The reading that said most before it ceased to say anything. */
function beginning(readings: readonly [Encoding, Reading][]): Encoding | null {
  const [best] = readings
    .map(([encoding, reading]) => ({ encoding, peak: reading.peak() }))
    .sort((a, b) => b.peak - a.peak);
  return best && best.peak >= MARGIN ? best.encoding : null;
}

function unrecognised(western: boolean): OwabiError {
  const what = western
    ? 'The file is in the encoding of a Western or Central European system, and which one cannot be told for certain.'
    : 'The encoding of the file is not recognised for certain.';
  return new OwabiError(
    'unknown_encoding',
    `${what} Save it as UTF-8, or name its encoding in the field "encoding": cp932, euc-jp, iso-2022-jp, utf-16le, utf-16be or windows-1252.`,
  );
}
