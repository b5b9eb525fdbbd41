/**
 * Cheap questions about text. A million rows go through these: they look at character codes, because `normalize` and
 * regular expressions with Unicode classes cost ten times as much on a cell of twenty characters.
 */

/** Whether NFKC leaves a text as it is: true only for ASCII, common kanji and kana, which almost every cell is. */
export function isPlain(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code < 0x80 || (code >= 0x4e00 && code <= 0x9fff)) continue;
    // Kana without the combining sound marks between the two blocks, then 、。々.
    if ((code >= 0x30a1 && code <= 0x30fe) || (code >= 0x3041 && code <= 0x3096)) continue;
    if (code === 0x3001 || code === 0x3002 || code === 0x3005) continue;
    return false;
  }
  return true;
}

/** Unicode's compatibility form (UAX #15): for reading and matching, never for what is printed. */
export function nfkc(text: string): string {
  return isPlain(text) ? text : text.normalize('NFKC');
}

/** Full-width ASCII (U+FF01 to U+FF5E) and the ideographic space in their usual width; all else as it is. */
export function narrow(text: string): string {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code >= 0x3000) return text.replace(/[\uFF01-\uFF5E\u3000]/g, narrowed);
  }
  return text;
}

function narrowed(character: string): string {
  return character === '\u3000' ? ' ' : String.fromCharCode(character.charCodeAt(0) - 0xfee0);
}

// Tab and line ends are no damage: they are blanks.
const CONTROL = /(?![\t\n\r])\p{Cc}/gu;

/** What of the control characters a text holds: none, only tabs and line ends, or others (C0, DEL, C1). */
export function controlIn(text: string): 'none' | 'break' | 'control' {
  let found: 'none' | 'break' = 'none';
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code >= 0x20 && (code < 0x7f || code > 0x9f)) continue;
    if (code !== 9 && code !== 10 && code !== 13) return 'control';
    found = 'break';
  }
  return found;
}

export function withoutControl(text: string): string {
  return text.replace(CONTROL, '');
}

/** Blanks at the ends off, and each tab or line end within turned into a space: what stands in one line of print. */
export function oneLine(text: string): string {
  const lines = text.split(/[\t\r\n]+/).map((part) => part.trim());
  return lines.filter((part) => part !== '').join(' ');
}

/** A character of a private font (外字): in the private use areas of Unicode, which CP932 decodes its own to. */
export function hasPrivateUse(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if ((code >= 0xe000 && code <= 0xf8ff) || (code >= 0xdb80 && code <= 0xdbff)) return true;
  }
  return false;
}

/** What stands where a character was lost: ? ？ 〓 ■ □ ● and U+FFFD. */
export function hasBlot(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === 0x3f) return true;
    // Three comparisons pass over almost every character: kanji and kana lie between the blots.
    if (code < 0x25a0 || (code > 0x3013 && code < 0xff1f)) continue;
    if (BLOTS.has(code)) return true;
  }
  return false;
}

const BLOTS: ReadonlySet<number> = new Set([...'？〓■□●\uFFFD'].map((character) => character.charCodeAt(0)));

/** Whether a text holds kanji, kana or hangul: a name in such letters has the family name first. */
export function isEastAsian(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code < 0x3005) continue;
    if ((code >= 0x3041 && code <= 0x30fe) || (code >= 0x3400 && code <= 0x9fff) || code === 0x3005) return true;
    if ((code >= 0xac00 && code <= 0xd7a3) || (code >= 0xf900 && code <= 0xfaff)) return true;
    // Half-width kana, and the rarer kanji of planes 2 and 3.
    if ((code >= 0xff66 && code <= 0xff9f) || (code >= 0xd840 && code <= 0xd88f)) return true;
  }
  return false;
}

// What people and spreadsheets write for "nothing".
const NOTHING: ReadonlySet<string> = new Set(
  'なし 無し ナシ 無 なし。 - - － ー — ― none n/a na nil 不明 未登録 未記入 未入力 非公開 未設定'.split(' '),
);

/** Whether a cell only says that there is nothing. */
export function saysNothing(cell: string): boolean {
  return cell.length <= 4 && NOTHING.has(cell.toLowerCase());
}
