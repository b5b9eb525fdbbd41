/**
 * Folds for matching only: what is printed keeps every character as it came (NFC alone would destroy 22 kanji of CP932).
 * Two values are the same when their folds are equal.
 */

// Variation selectors choose a glyph, not a character: 葛 with and without one is the same name.
const VARIATION_SELECTORS = /[\uFE00-\uFE0F\u{E0100}-\u{E01EF}]/gu;

/** A name without blanks, middle dots, width and case. Variants such as 髙 and 高 stay different: they may be two people. */
export function nameKey(name: string): string {
  return name
    .replace(VARIATION_SELECTORS, '')
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[\s・･.,]/gu, '');
}

export function emailKey(address: string): string {
  return address.normalize('NFKC').trim().toLowerCase();
}

/** Digits only, a Japanese country code taken for the leading zero. */
export function phoneKey(phone: string): string {
  return phone
    .normalize('NFKC')
    .replace(/^\s*\+81\s*\(?0?\)?/, '0')
    .replace(/\D/g, '');
}

export function externalIdKey(id: string): string {
  return id.normalize('NFKC').trim().toLowerCase();
}

/** Postal code and text, with hyphens, 丁目/番地/号 and small variants of spelling folded. */
export function addressKey(postalCode: string | null, lines: readonly string[]): string {
  const text = lines
    .join('')
    .normalize('NFKC')
    .toLowerCase()
    .replace(/(\d)\s*(?:丁目|番地の?|番|号|[\p{Pd}\u2212\u30FC])\s*/gu, '$1-')
    .replace(/-+(?=\D|$)/gu, '')
    .replace(/[ヶケヵ]/gu, 'カ')
    .replace(/[ノの之]/gu, 'の')
    .replace(/大字|字/gu, '')
    .replace(/[\s,.]/gu, '');
  return `${postalCode ?? ''} ${text}`;
}
