export interface ReadName {
  /** Empty when the row names nobody. */
  name: string;
  /** Taken off the name, or from its own column; null for the default. */
  honorific: string | null;
  damaged: boolean;
}

export interface NameCells {
  fullName: string;
  familyName: string;
  givenName: string;
  company: string;
  honorific: string;
}

// What stands where a character was lost: question marks, blots, U+FFFD, characters of a private font (外字).
const DAMAGED = /[?？〓■□●\uFFFD\p{Co}\p{Cc}]/u;
const JAPANESE = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]/u;
// 殿 and 先生 only after a blank: 鵜殿 is a family name.
const HONORIFIC = /^(.+?)(?:[\s\u3000]*(様|御中)|[\s\u3000]+(さま|殿|先生|さん))$/u;

/** Reads who the row is about: the whole name, else family and given name, else the company. */
export function readName(cells: NameCells): ReadName {
  const person = cells.fullName.trim() || joinName(cells.familyName.trim(), cells.givenName.trim());
  const text = person || cells.company.trim();
  const found = HONORIFIC.exec(text);
  const name = found?.[1]?.trim() ?? text;
  const attached = found?.[2] ?? found?.[3] ?? null;
  const honorific = cells.honorific.trim() || (attached === '様' || attached === 'さま' ? null : attached);
  return {
    name: /[\p{L}\p{Co}〓■□●?？\uFFFD]/u.test(name) ? name : '',
    honorific: honorific || (person === '' && text !== '' ? '御中' : null),
    damaged: DAMAGED.test(name),
  };
}

/** Japanese: family name first. Otherwise the given name first, as it is written on an envelope. */
export function joinName(family: string, given: string): string {
  const parts = JAPANESE.test(family + given) ? [family, given] : [given, family];
  return parts.filter((part) => part !== '').join(' ');
}
