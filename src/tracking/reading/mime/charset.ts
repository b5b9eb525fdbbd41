import { TextDecoder } from 'node:util';

// Names that mail systems write and no standard knows, or knows as something else.
const aliases: Record<string, string> = {
  'x-sjis': 'shift_jis',
  sjis: 'shift_jis',
  cp932: 'shift_jis',
  ms932: 'shift_jis',
  'windows-31j': 'shift_jis',
  'x-euc-jp': 'euc-jp',
  eucjp: 'euc-jp',
  jis: 'iso-2022-jp',
  'iso-2022-jp-ms': 'iso-2022-jp',
  'iso-2022-jp-1': 'iso-2022-jp',
  'iso-2022-jp-2': 'iso-2022-jp',
  cp50220: 'iso-2022-jp',
  cp50221: 'iso-2022-jp',
  utf8: 'utf-8',
  'unicode-1-1-utf-8': 'utf-8',
};

// Escape sequences of ISO-2022-JP: whoever writes them means them, whatever the label says.
const JIS_ESCAPE = new RegExp(`${String.fromCharCode(27)}(?:\\$[@B]|\\([JI])`);
const EIGHT_BIT = /[\x80-\xff]/;
const SAYS_NOTHING = new Set(['', 'us-ascii', 'ascii', 'unknown-8bit', 'x-unknown', 'default', 'iso-8859-1', 'latin1']);

const decoders = new Map<string, TextDecoder | null>();

function decoder(label: string, fatal: boolean): TextDecoder | null {
  const key = `${label} ${fatal}`;
  let known = decoders.get(key);
  if (known === undefined) {
    try {
      known = new TextDecoder(label, { fatal });
    } catch {
      known = null;
    }
    // Labels come from outside: only as many are remembered as there are real ones.
    if (decoders.size < 200) decoders.set(key, known);
  }
  return known;
}

function strictly(label: string, bytes: Buffer): string | null {
  try {
    return decoder(label, true)?.decode(bytes) ?? null;
  } catch {
    return null;
  }
}

/**
 * Decodes text whose charset may be said wrongly or not at all. What is said is believed where the bytes allow it;
 * ISO-2022-JP shows by its escapes; else UTF-8, then the Japanese encodings, then Latin-1, which takes anything.
 * @param raw each character is one byte (latin1)
 * @param label as in the Content-Type; null when it says none
 */
export function decodeCharset(raw: string, label: string | null): string {
  const said = (label ?? '')
    .trim()
    .toLowerCase()
    .replace(/^["']|["']$/g, '');
  const name = aliases[said] ?? said;
  if (JIS_ESCAPE.test(raw)) {
    const text = decoder('iso-2022-jp', false)?.decode(Buffer.from(raw, 'latin1'));
    if (text !== undefined) return text;
  }
  if (!EIGHT_BIT.test(raw)) {
    // UTF-16 and UTF-7 hide behind seven bits; nobody sends reports in them but by name.
    return name.startsWith('utf-16') ? loosely(name, raw) : raw;
  }
  const bytes = Buffer.from(raw, 'latin1');
  if (!SAYS_NOTHING.has(name)) {
    const told = strictly(name, bytes);
    if (told !== null) return told;
  }
  for (const guess of ['utf-8', 'shift_jis', 'euc-jp']) {
    const text = strictly(guess, bytes);
    // Bytes of EUC-JP are often legal Shift_JIS too: then they read as half-width katakana.
    // One accented letter of Latin-1 and its neighbour are a legal kanji: two in a row are Japanese.
    if (
      text !== null &&
      (guess === 'utf-8' || /[\u3040-\u30ff\u3400-\u9fff]{2}/.test(text)) &&
      !(guess === 'shift_jis' && isKatakanaNoise(text))
    )
      return text;
  }
  return name === '' || decoder(name, false) === null ? raw : loosely(name, raw);
}

const loosely = (name: string, raw: string): string => decoder(name, false)?.decode(Buffer.from(raw, 'latin1')) ?? raw;

function isKatakanaNoise(text: string): boolean {
  const sample = text.slice(0, 4000);
  const halfWidth = sample.match(/[\uff61-\uff9f]/g)?.length ?? 0;
  const others = sample.match(/[\u3040-\u30ff\u4e00-\u9fff]/g)?.length ?? 0;
  return halfWidth > others;
}
