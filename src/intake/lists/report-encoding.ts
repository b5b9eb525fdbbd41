import { decoderNames, type Encoding } from '../reading/encoding.ts';

/** Writes text in the encoding in which a list came in. */
export interface ReportEncoding {
  /** What Content-Type calls it. */
  charset: string;
  /** What a file in it begins with. */
  mark: Buffer;
  /** Whether every character can be written. */
  canWrite(text: string): boolean;
  /** Each text by itself. @throws when a character cannot be written: nothing is put in its place */
  encode(text: string): Buffer;
}

/** @param encoding null: the list was a workbook */
export function reportEncoding(encoding: Encoding | null): ReportEncoding {
  if (encoding === null || encoding === 'utf-8') return utf8;
  if (encoding === 'utf-16le' || encoding === 'utf-16be') return utf16;
  return legacy(encoding);
}

const any = (text: string): boolean => text.isWellFormed();

// Without the mark, Excel takes UTF-8 for the encoding of the country.
const utf8: ReportEncoding = {
  ...{ charset: 'utf-8', mark: Buffer.from('\uFEFF'), canWrite: any },
  encode: (text) => Buffer.from(text),
};
// Little-endian whatever came in: what Excel writes, and reads by the mark. RFC 2781 calls it so when it has one.
const utf16: ReportEncoding = {
  ...{ charset: 'utf-16', mark: Buffer.from([0xff, 0xfe]), canWrite: any },
  encode: (text) => Buffer.from(text, 'utf16le'),
};

type Legacy = Exclude<Encoding, 'utf-8' | 'utf-16le' | 'utf-16be'>;

/** Shift_JIS alone would be read without 髙 and ①, which only Windows-31J (CP932) has. */
const CHARSETS: Record<Legacy, string> = {
  ...{ cp932: 'Windows-31J', 'euc-jp': 'EUC-JP', 'iso-2022-jp': 'ISO-2022-JP', 'windows-1252': 'windows-1252' },
};

/** Byte sequences of one character each, after what switches to them. */
interface Part {
  /** The escape sequence (ISO-2022-JP, RFC 1468), or nothing. */
  switch: readonly number[];
  sequences: Iterable<readonly number[]>;
}

const range = (from: number, to: number): number[] => Array.from({ length: to - from + 1 }, (_, i) => from + i);
const single = (bytes: readonly number[]): number[][] => bytes.map((byte) => [byte]);
const pairs = (first: readonly number[], second: readonly number[], before: readonly number[] = []): number[][] =>
  first.flatMap((one) => second.map((other) => [...before, one, other]));

const ESC = 0x1b;
const ASCII: readonly number[] = [ESC, 0x28, 0x42];
const GRAPHIC = range(0x21, 0x7e);
const HIGH = range(0xa1, 0xfe);

// Of several sequences for one character the first is written. CP932 has many kanji three times: those that NEC had
// chosen from IBM's (ED, EE) come last, as in Windows and in the Encoding Standard (§12.3.2).
const PARTS: Record<Legacy, () => Part[]> = {
  'windows-1252': () => [{ switch: [], sequences: single(range(0, 0xff)) }],
  cp932: () => {
    const leads = [...range(0x81, 0x9f), ...range(0xe0, 0xfc)];
    const [nec, others] = [[0xed, 0xee], leads.filter((lead) => lead !== 0xed && lead !== 0xee)];
    const trails = [...range(0x40, 0x7e), ...range(0x80, 0xfc)];
    const sequences = [...single(range(0, 0xff)), ...pairs(others, trails), ...pairs(nec, trails)];
    return [{ switch: [], sequences }];
  },
  'euc-jp': () => {
    const kana = pairs([0x8e], range(0xa1, 0xdf));
    // Of IBM's machines: the decoder reads ¢ £ ¬ after the half-width katakana.
    const ibm = pairs([0x8e], range(0xe0, 0xe2));
    const sequences = [...single(range(0, 0xff)), ...kana, ...pairs(HIGH, HIGH), ...pairs(HIGH, HIGH, [0x8f]), ...ibm];
    return [{ switch: [], sequences }];
  },
  'iso-2022-jp': () => [
    // Not the bytes that switch.
    { switch: ASCII, sequences: single(range(0, 0x7f).filter((byte) => ![0x0e, 0x0f, ESC].includes(byte))) },
    { switch: [ESC, 0x24, 0x42], sequences: pairs(GRAPHIC, GRAPHIC) },
    { switch: [ESC, 0x28, 0x49], sequences: single(range(0x21, 0x5f)) },
    // The Roman set of JIS: the yen sign and the overline.
    { switch: [ESC, 0x28, 0x4a], sequences: single(GRAPHIC) },
  ],
};

interface Table {
  parts: Part[];
  /** By UTF-16 code unit. The upper eight bits: four times the part, and how many bytes; the others: the bytes. 0 for
   * what cannot be written. */
  codes: Uint32Array;
}

const tables = new Map<Legacy, Table>();

/**
 * Made by asking the decoder that reads lists what each sequence is, so that whatever came in can be written back,
 * characters of private fonts (外字, CP932 F040–F9FC) with the rest. No library at hand writes those.
 */
function tableOf(encoding: Legacy): Table {
  const known = tables.get(encoding);
  if (known) return known;
  const decoder = new TextDecoder(decoderNames[encoding]);
  const parts = PARTS[encoding]();
  const codes = new Uint32Array(0x10000);
  parts.forEach(({ switch: before, sequences }, part) => {
    const after = before.length > 0 ? ASCII : [];
    for (const bytes of sequences) {
      const text = decoder.decode(Uint8Array.from([...before, ...bytes, ...after]));
      const unit = text.charCodeAt(0);
      if (text.length !== 1 || unit === 0xfffd || codes[unit] !== 0) continue;
      codes[unit] = bytes.reduce((code, byte) => code * 0x100 + byte, 0) + (part * 4 + bytes.length) * 0x1000000;
    }
  });
  const table = { parts, codes };
  tables.set(encoding, table);
  return table;
}

function legacy(encoding: Legacy): ReportEncoding {
  const { parts, codes } = tableOf(encoding);
  // An escape sequence before each character, or three bytes.
  const widest = encoding === 'iso-2022-jp' ? 5 : 3;
  return {
    ...{ charset: CHARSETS[encoding], mark: Buffer.alloc(0) },
    canWrite(text) {
      for (let i = 0; i < text.length; i++) if (codes[text.charCodeAt(i)] === 0) return false;
      return true;
    },
    encode(text) {
      const out = Buffer.allocUnsafe(text.length * widest + ASCII.length);
      let [length, current] = [0, 0];
      const put = (bytes: readonly number[]) => {
        for (const byte of bytes) out[length++] = byte;
      };
      for (let i = 0; i < text.length; i++) {
        const code = codes[text.charCodeAt(i)] ?? 0;
        if (code === 0) throw new Error(`a character cannot be written in ${encoding}`);
        const [part, size] = [code >>> 26, (code >>> 24) & 3];
        if (part !== current) put(parts[part]?.switch ?? []);
        current = part;
        for (let at = size - 1; at >= 0; at--) out[length++] = (code >>> (8 * at)) & 0xff;
      }
      if (current !== 0) put(ASCII);
      return out.subarray(0, length);
    },
  };
}
