import { makeRandom } from './random.ts';

/** The reason codes with which a broken row must end in quarantine. */
export type Reason = 'no_name' | 'no_contact' | 'cell_count' | 'damaged_name' | 'card_number_present';

/** Where the cells are that a breakage touches, counted from 0. */
export interface CellPlaces {
  names: number[];
  /** Email and everything of the address; the phone number stays: nobody can be written to by it. */
  contacts: number[];
  address: number;
  /** Where people type what belongs nowhere. */
  remark: number;
}

type Breakage = (cells: string[], places: CellPlaces, seed: number) => string[];

const BREAKAGES: [Reason, Breakage][] = [
  ['no_name', (cells, { names }) => blank(cells, names)],
  ['no_contact', (cells, { contacts }) => blank(cells, contacts)],
  ['cell_count', (cells) => cells.slice(0, -2)],
  ['damaged_name', (cells, { names }) => damage(cells, names[0] ?? 0)],
  ['cell_count', (cells, { address }) => splitAtComma(cells, address)],
  ['card_number_present', (cells, { remark }, seed) => typeCardNumber(cells, remark, seed)],
];

/** Breaks a row in one of the ways that real exports are broken; the way turns with `turn`. */
export function breakRow(cells: string[], places: CellPlaces, turn: number): { cells: string[]; reason: Reason } {
  const [reason, apply] = BREAKAGES[turn % BREAKAGES.length] as [Reason, Breakage];
  return { cells: apply(cells, places, turn), reason };
}

/** Which turns damage the name: those take people whose names the target's encoding spoils anyway. */
export function damagesName(turn: number): boolean {
  return BREAKAGES[turn % BREAKAGES.length]?.[0] === 'damaged_name';
}

function blank(cells: string[], places: number[]): string[] {
  return cells.map((cell, i) => (places.includes(i) ? '' : cell));
}

/** The first character is lost, as when a system writes what its character set does not have. */
function damage(cells: string[], place: number): string[] {
  const [first = '', ...rest] = [...(cells[place] ?? '')];
  const mark = first.length > 1 ? '?' : '〓';
  return cells.with(place, mark + rest.join(''));
}

/** Somebody typed a comma into the address, and the export did not quote it. */
function splitAtComma(cells: string[], place: number): string[] {
  const cell = cells[place] ?? '';
  return cells.toSpliced(place, 1, cell.slice(0, 4), cell.slice(4));
}

/** Built while running, from an issuer's test range and a right check digit: no such number stands in any file here. */
function typeCardNumber(cells: string[], place: number, seed: number): string[] {
  const random = makeRandom(seed, 77);
  const digits = [4, 1, 1, 1, 1, 1, ...Array.from({ length: 9 }, () => random.below(10))];
  const number = [...digits, luhnCheckDigit(digits)].join('').replace(/\d{4}(?=\d)/g, '$&-');
  const typed =
    seed % 4 === 1 ? number.replace(/\d/g, (digit) => String.fromCharCode(digit.charCodeAt(0) + 0xfee0)) : number;
  return cells.with(place, `${cells[place] ?? ''} カード${typed}`.trim());
}

/** The digit that makes the Luhn sum of a number right (ISO/IEC 7812-1). */
export function luhnCheckDigit(digits: number[]): number {
  const sum = digits.toReversed().reduce((total, digit, i) => {
    const doubled = i % 2 === 0 ? digit * 2 : digit;
    return total + (doubled > 9 ? doubled - 9 : doubled);
  }, 0);
  return (10 - (sum % 10)) % 10;
}
