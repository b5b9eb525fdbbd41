/**
 * Folds for matching only: what is printed keeps every character as it came (NFC alone would destroy 22 kanji of CP932).
 * Two values are the same when their folds are equal. Each fold is idempotent, and begins with the common case, in which
 * there is little to fold: a million rows take seven of them each. Addresses: `address-key.ts`.
 */
import { readEmail } from '../fields/email-address.ts';
import { isPlain, narrow } from '../fields/text.ts';
import { joinVariants, nameVariants } from './name-variants.ts';
import { settle } from './settle.ts';

export { addressKey } from './address-key.ts';

// Variation selectors choose a glyph, not a character: 葛 with and without one is the same name.
const VARIATION_SELECTORS = /[\uFE00-\uFE0F\u{E0100}-\u{E01EF}]/gu;
const NOT_IN_NAMES = /[\s・･.,，．、]/gu;

/** A name without blanks, middle dots, width and case. Variants such as 髙 and 高 stay different: they may be two people. */
export function nameKey(name: string): string {
  return pick(name, NAME_FATE) ?? settle(name, foldName);
}

function foldName(name: string): string {
  return name.replace(VARIATION_SELECTORS, '').normalize('NFKC').toLowerCase().replace(NOT_IN_NAMES, '');
}

/** The reading of a name in katakana: without blanks and hyphens; small kana and long vowels stay. */
export function kanaKey(kana: string): string {
  for (let i = 0; i < kana.length; i++) {
    const code = kana.charCodeAt(i);
    if (code >= 0x3041 && code <= 0x3096) return inKatakana(kana);
  }
  return pick(kana, KANA_FATE) ?? settle(kana, foldKana);
}

function inKatakana(kana: string): string {
  let out = '';
  for (let i = 0; i < kana.length; i++) {
    const code = kana.charCodeAt(i);
    const known = KANA_FATE[code];
    if (code >= 0x3041 && code <= 0x3096) out += String.fromCharCode(code + 0x60);
    else if (known === KEEP) out += kana.charAt(i);
    else if (known === UNSURE) return settle(kana, foldKana);
  }
  return out;
}

function foldKana(kana: string): string {
  return kana
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[\u3041-\u3096\u309D\u309E]/g, (hiragana) => String.fromCharCode(hiragana.charCodeAt(0) + 0x60))
    .replace(/[\s・.,、\p{Pd}\u2212]/gu, '');
}

/** A name with the variants of its characters folded too: for finding candidates, never to merge. */
export function variantKey(name: string): string {
  const key = nameKey(name);
  for (let i = 0; i < key.length; i++) {
    if (FOLDED[key.charCodeAt(i)] === 0) continue;
    const folded = foldVariants(key);
    // ヶ becomes ケ, which a sound mark after it can make ゲ.
    return isPlain(folded) ? folded : settle(folded, (text) => foldVariants(nameKey(text)));
  }
  return key;
}

/** Lower case, the domain in ASCII (RFC 5890); for what is no address, its folded text. */
export function emailKey(address: string): string {
  const key = isLowerEmail(address) ? address : foldEmail(address);
  return isLowerEmail(key) ? key : settle(key, foldEmail);
}

function foldEmail(text: string): string {
  return (readEmail(text)?.address ?? narrow(text).normalize('NFKC').trim()).toLowerCase();
}

/** Digits only, a Japanese country code taken for the leading zero, without an extension. */
export function phoneKey(phone: string): string {
  const plain = pick(phone, PHONE_FATE);
  if (plain !== null) return plain;
  return phone
    .normalize('NFKC')
    .replace(/^\s*\+81[\s-]*\(?0?\)?/, '0')
    .replace(/(?:内線|ext|x|#).*$/i, '')
    .replace(/\D/g, '');
}

export function externalIdKey(id: string): string {
  return isPlain(id) ? id.trim().toLowerCase() : settle(id, (text) => text.normalize('NFKC').trim().toLowerCase());
}

type Fate = 0 | 1 | 2 | 3;
const [UNSURE, KEEP, DROP, LOWER]: [Fate, Fate, Fate, Fate] = [0, 1, 2, 3];

/** What becomes of each character of the basic plane in a fold, where that is certain without looking at others. */
function fates(kept: readonly [from: number, to: number][], dropped: string, lower: boolean): Uint8Array {
  const fate = new Uint8Array(65_536).fill(UNSURE);
  for (const [from, to] of kept) fate.fill(KEEP, from, to + 1);
  if (lower) fate.fill(LOWER, 0x41, 0x5b);
  for (const character of dropped) fate[character.charCodeAt(0)] = DROP;
  return fate;
}

const KANJI: [number, number] = [0x4e00, 0x9fff];
const ASCII: [number, number] = [0x21, 0x7e];
const NAME_FATE = fates(
  [ASCII, KANJI, [0x3041, 0x3096], [0x30a1, 0x30fe], [0x3005, 0x3005]],
  ' \t\r\n\u3000・.,、',
  true,
);
const KANA_FATE = fates([[0x30a1, 0x30fe]], ' \t\r\n\u3000・.,、-', false);
const PHONE_FATE = fates([[0x30, 0x39]], ' -()./', false);

/** Picks what a fold keeps of a text; null when some character needs more than a look at itself. */
function pick(text: string, fate: Uint8Array): string | null {
  let out = '';
  let start = 0;
  let lower = false;
  for (let i = 0; i < text.length; i++) {
    const known = fate[text.charCodeAt(i)];
    if (known === KEEP) continue;
    if (known === UNSURE) return null;
    if (known === LOWER) lower = true;
    else {
      out += text.slice(start, i);
      start = i + 1;
    }
  }
  if (start > 0) out += text.slice(start);
  else out = text;
  return lower ? out.toLowerCase() : out;
}

// By code of the variant; 0: it is none. Most variants are in the basic plane, a few (𠮷) are not.
const FOLDED = new Uint16Array(65_536);
const RARE = new Map<string, string>();
for (const [target = '', ...variants] of [...nameVariants, ...joinVariants].map((group) => [...group])) {
  for (const variant of variants) {
    if (variant.length === 1) FOLDED[variant.charCodeAt(0)] = target.charCodeAt(0);
    else {
      RARE.set(variant, target);
      FOLDED[variant.charCodeAt(0)] = 1;
    }
  }
}

function foldVariants(key: string): string {
  let out = '';
  for (const character of key) {
    const code = character.length === 1 ? (FOLDED[character.charCodeAt(0)] ?? 0) : 0;
    out += character.length > 1 ? (RARE.get(character) ?? character) : code > 1 ? String.fromCharCode(code) : character;
  }
  return out;
}

function isLowerEmail(text: string): boolean {
  let ats = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === 0x40) ats++;
    else if (
      (code < 0x61 || code > 0x7a) &&
      (code < 0x30 || code > 0x39) &&
      code !== 0x2e &&
      code !== 0x2d &&
      code !== 0x5f &&
      code !== 0x2b
    )
      return false;
  }
  return ats === 1;
}
