import { cutCardNumbers } from './card-numbers.ts';
import { narrow, saysNothing } from './text.ts';

export interface ReadPhone {
  /** As it was written, in the usual width, without labels and extension. */
  phone: string;
  /** A zero that a spreadsheet dropped was put back. */
  padded: boolean;
}

const USUAL = /^0\d{1,4}-\d{1,4}-\d{3,4}$/;
const HYPHENS = /[\u2010-\u2015\u2212\u30FC\uFF70\u2500]/g;
const EXTENSION = /\s*[(,;]?\s*(?:内線|ext\.?|extension|x|#)[\s.:]*\d{1,6}\)?$/i;
const LABEL = /^(?:tel|phone|mobile|電話(?:番号)?|携帯(?:電話)?|自宅|勤務先|℡|☎)[\s.:：]*/i;
const NUMBER = /^\+?[\d\s().\-/]+$/;

/**
 * Reads one telephone number: in Japan ten or eleven digits with their zero, or +81; elsewhere 7 to 15 digits (ITU-T
 * E.164), loosely. A zero that a spreadsheet dropped is put back.
 * @param country ISO 3166-1 alpha-2
 */
export function readPhone(cell: string, country: string): ReadPhone | null {
  if (USUAL.test(cell) && country === 'JP') {
    const digits = digitCount(cell);
    if (digits === 10 || digits === 11) return { phone: cell, padded: false };
  }
  if (cell.length > 60) return null;
  const text = narrow(cell)
    .replace(HYPHENS, '-')
    .trim()
    .replace(LABEL, '')
    .replace(EXTENSION, '')
    .replace(/\.0$/, '')
    .trim();
  if (!NUMBER.test(text)) return null;
  const read = country === 'JP' && !text.startsWith('+') ? inJapan(text) : abroad(text);
  // Fifteen digits may be a card in the wrong column, written so wide that the guard let it pass.
  return read && cutCardNumbers(read.phone.replace(/\D/g, '')) === null ? read : null;
}

function digitCount(text: string): number {
  let count = 0;
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) !== 0x2d) count++;
  return count;
}

// Mobile, IP and pager numbers have eleven digits, and 0800 does; all others ten.
const ELEVEN = /^0(?:[25789]0|800)/;

function inJapan(text: string): ReadPhone | null {
  const digits = text.replace(/\D/g, '');
  if (digits.startsWith('0081')) return { phone: `+81 ${digits.slice(4)}`, padded: false };
  if (/^010[1-9]/.test(digits)) return abroad(`+${digits.slice(3)}`);
  if (digits.startsWith('0')) {
    const fits = digits.length === 10 || (digits.length === 11 && ELEVEN.test(digits));
    return fits ? { phone: text, padded: false } : null;
  }
  if (/^81\d{9,10}$/.test(digits)) return { phone: `+${text}`, padded: false };
  const padded = `0${digits}`;
  if (padded.length !== 10 && !(padded.length === 11 && ELEVEN.test(padded))) return null;
  return { phone: text.startsWith('(') ? padded : `0${text}`, padded: true };
}

function abroad(text: string): ReadPhone | null {
  const digits = text.replace(/\D/g, '');
  if (digits.length < 7 || digits.length > 15) return null;
  if (text.startsWith('+81') && !/^81(?:0?[1-9]\d{8,9})$/.test(digits)) return null;
  return { phone: text, padded: false };
}

/** The first number of a cell that holds one or several. `nothing`: it says that there is none. */
export function readPhoneCell(cell: string, country: string): ReadPhone | 'nothing' | null {
  const single = readPhone(cell, country);
  if (single) return single;
  if (saysNothing(cell)) return 'nothing';
  if (cell.length > 200) return null;
  for (const part of narrow(cell).split(/[;,、/|\n]|\s(?=\+?\d{2})|fax|または|又は/i)) {
    const read = part.trim() === '' ? null : readPhone(part, country);
    if (read) return read;
  }
  return null;
}

/** Joins the three parts of a Japanese number, each of which may have lost its zeros; a part with nine digits is a number. */
export function joinParts(parts: readonly string[]): { text: string; padded: boolean } {
  const [area = '', exchange = '', line = ''] = parts.map((part) => narrow(part).trim());
  if (area.replace(/\D/g, '').length >= 9) return { text: area, padded: false };
  const given = [area, exchange, line].filter((part) => part !== '');
  if (given.length < 3 || !given.every((part) => /^\d{1,5}$/.test(part)))
    return { text: given.join('-'), padded: false };
  const length = area.length + exchange.length + line.length;
  if (area.startsWith('0') && length === (ELEVEN.test(area) ? 11 : 10)) return { text: given.join('-'), padded: false };
  const first = area.startsWith('0') ? area : `0${area}`;
  const last = line.padStart(4, '0');
  const middle = exchange.padStart((ELEVEN.test(first) ? 11 : 10) - first.length - 4, '0');
  const text = `${first}-${middle}-${last}`;
  return { text, padded: text !== given.join('-') };
}
