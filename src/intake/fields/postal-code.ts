import { nfkc } from './text.ts';

export interface ReadPostal {
  /** Seven digits for Japan; as the country writes it elsewhere. Null: there is none, or none that can be used. */
  postalCode: string | null;
  warning: 'bad_postal' | 'postal_padded' | 'damaged_number' | null;
}

const NONE: ReadPostal = { postalCode: null, warning: null };
const BAD: ReadPostal = { postalCode: null, warning: 'bad_postal' };
const DAMAGED: ReadPostal = { postalCode: null, warning: 'damaged_number' };

/** A long number as a spreadsheet shows it once it has rounded it: its digits are gone. */
const SCIENTIFIC = /^[+-]?\d(?:[.,]\d+)?E\+\d+$/i;

export function isScientific(cell: string): boolean {
  return cell.length >= 5 && SCIENTIFIC.test(cell);
}

/** Reads a Japanese postal code from one cell, or from two that hold its halves. */
export function readJapanesePostal(whole: string, first: string, second: string): ReadPostal {
  const text = usualForm(whole);
  if (text !== null) return text === '0000000' ? BAD : { postalCode: text, warning: null };
  if (isScientific(whole)) return DAMAGED;
  if (whole === '') return joinHalves(first, second);
  return fromDigits(split(whole));
}

/** Puts back leading zeros: a spreadsheet takes 0640941 for a number and drops its zero. */
function fromDigits(digits: string): ReadPostal {
  // No code is below 001-0000: what has four digits has lost more than a spreadsheet drops.
  if (/^0*$/.test(digits) || digits.length < 5 || digits.length > 7) return BAD;
  return { postalCode: digits.padStart(7, '0'), warning: digits.length < 7 ? 'postal_padded' : null };
}

/** 105-0011 or 1050011, as almost every cell has it. */
function usualForm(cell: string): string | null {
  const hyphen = cell.length === 8 && cell.charCodeAt(3) === 0x2d;
  if (cell.length !== 7 && !hyphen) return null;
  for (let i = 0; i < cell.length; i++) {
    const code = cell.charCodeAt(i);
    if ((code < 0x30 || code > 0x39) && !(hyphen && i === 3)) return null;
  }
  return hyphen ? cell.slice(0, 3) + cell.slice(4) : cell;
}

/** The digits of one cell; empty when it is no code. */
function split(cell: string): string {
  if (cell.length > 30) return '';
  const text = nfkc(cell).replace(/\.0$/, '').trim();
  const groups = text.match(/\d+/g) ?? [];
  // 105-001 has lost its end, which nobody can put back.
  if (groups.length === 2 && groups[1]?.length !== 4) return '';
  return /[a-z]/i.test(text) ? '' : groups.join('');
}

function joinHalves(first: string, second: string): ReadPostal {
  if (first === '' && second === '') return NONE;
  const digits = (cell: string) => (cell.length > 30 ? '' : nfkc(cell).replace(/\D/g, ''));
  const [area, local] = [digits(first), digits(second)];
  if (area.length > 3) return fromDigits(area);
  if (local.length > 4 || /^0*$/.test(area) || local === '') return BAD;
  const padded = area.length < 3 || local.length < 4;
  return { postalCode: area.padStart(3, '0') + local.padStart(4, '0'), warning: padded ? 'postal_padded' : null };
}

/** Digits of postal codes that are all digits and may begin with zero (UPU, postal addressing systems). */
const DIGITS: Readonly<Record<string, number>> = {
  US: 5,
  DE: 5,
  FR: 5,
  IT: 5,
  ES: 5,
  FI: 5,
  KR: 5,
  MX: 5,
  MY: 5,
  TR: 5,
  EE: 5,
};

/** A postal code abroad: kept as it is written there, but for the zeros that a spreadsheet dropped. */
export function readForeignPostal(cell: string, country: string): ReadPostal {
  if (cell === '') return NONE;
  if (isScientific(cell)) return DAMAGED;
  const text = nfkc(cell)
    .trim()
    .replace(/^(\d+)\.0$/, '$1');
  if (text.length > 12 || !/\d/.test(text)) return BAD;
  const length = DIGITS[country];
  const [number = ''] = /^\d+(?=$|-\d{4}$)/.exec(text) ?? [];
  if (length === undefined || number.length < length - 2 || number.length >= length)
    return { postalCode: text, warning: null };
  return { postalCode: text.padStart(text.length + length - number.length, '0'), warning: 'postal_padded' };
}
