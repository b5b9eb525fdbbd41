import { isDamagedLine, isSerialDate } from './address-damage.ts';
import { checkPostal, type PostalWarning } from './postal-check.ts';
import { readForeignPostal, readJapanesePostal } from './postal-code.ts';
import type { PostalTable } from './postal-table.ts';
import { prefectureAt, prefectureOf } from './prefectures.ts';
import { hasPrivateUse, isEastAsian } from './text.ts';

export interface AddressCells {
  postal: string;
  postal1: string;
  postal2: string;
  prefecture: string;
  city: string;
  street: string;
  building: string;
  fullAddress: string;
}

export type AddressWarning =
  | 'bad_postal'
  | 'postal_padded'
  | 'damaged_number'
  | 'damaged_address'
  | 'gaiji'
  | 'incomplete_address'
  | PostalWarning;

export interface ReadAddress {
  /** Null when there is no usable address. */
  postalCode: string | null;
  /** Empty when there is no usable address. */
  lines: string[];
  warnings: AddressWarning[];
}

/**
 * Puts an address together. It is usable when it would find its place in print: in Japan, text beyond the prefecture,
 * with a postal code of seven digits or the prefecture's name; abroad, text, with a postal code or a town.
 * A damaged text is not usable: a letter with boxes or a date for a house number must not go out.
 * @param cells each without blanks at its ends
 * @param postal what a Japanese address is compared with; null: with nothing
 */
export function readAddress(cells: AddressCells, country: string, postal: PostalTable | null = null): ReadAddress {
  const japan = country === 'JP';
  const warnings: AddressWarning[] = [];
  const read = japan
    ? readJapanesePostal(cells.postal, cells.postal1, cells.postal2)
    : readForeignPostal(cells.postal, country);
  if (read.warning !== null) warnings.push(read.warning);
  const inJapanese = japan && isEastAsian(cells.fullAddress + cells.street + cells.city);
  const lines = inJapanese ? japaneseLines(cells) : foreignLines(cells);
  const nothing = { postalCode: null, lines: [], warnings };
  if (lines.length === 0) return nothing;
  if (isSerialDate(cells.street) || lines.some((line) => isDamagedLine(line, japan))) {
    if (lines.some(hasPrivateUse)) warnings.push('gaiji');
    warnings.push('damaged_address');
    return nothing;
  }
  const address = { postalCode: read.postalCode, lines, warnings };
  if (inJapanese && postal) compare(address, postal);
  if (isPrintable(address, cells, country)) return address;
  warnings.push('incomplete_address');
  return nothing;
}

function compare(address: ReadAddress, postal: PostalTable): void {
  // A code that cannot be read is no code: what is found for it would hide the warning.
  if (address.warnings.length > 0 && address.postalCode === null) return;
  const checked = checkPostal({ postalCode: address.postalCode, text: address.lines[0] ?? '' }, postal);
  address.postalCode = checked.postalCode;
  address.lines[0] = checked.text;
  for (const warning of checked.warnings) address.warnings.push(warning);
}

// From the large to the small, and nothing twice: a column called 住所 holds the whole address in one system, and what
// follows the town, or ends before the house number, in another.
function japaneseLines(cells: AddressCells): string[] {
  const { city, fullAddress: full, street } = cells;
  const town = full.includes(city) ? full : city + full;
  const local = town.includes(street) ? town : town + street;
  if (local === '') return [];
  const prefecture = cells.prefecture === '' ? '' : prefectureOf(cells.prefecture);
  const whole = local.startsWith(prefecture) ? local : prefecture + local;
  return withBuilding([whole], cells.building);
}

// From the small to the large, which an English address in Japan is written in too.
function foreignLines({ city, prefecture, fullAddress, street, building }: AddressCells): string[] {
  const place = fullAddress || street;
  if (place === '') return [];
  const lines = withBuilding([place], building);
  // A whole address ends with its town; a street that does is called after one.
  const whole = fullAddress !== '';
  const town = [city, prefecture].filter((part) => part !== '' && !(whole && place.endsWith(part))).join(', ');
  if (town !== '') lines.push(town);
  return lines;
}

// Some exports give the street with the building, and the building again.
function withBuilding(lines: string[], building: string): string[] {
  if (building !== '' && !lines[0]?.endsWith(building)) lines.push(building);
  return lines;
}

function isPrintable({ postalCode, lines }: ReadAddress, cells: AddressCells, country: string): boolean {
  if (country !== 'JP') return postalCode !== null || cells.city !== '';
  const text = lines[0] ?? '';
  const prefecture = prefectureAt(text);
  const known = prefecture !== '' || postalCode !== null || (cells.prefecture !== '' && lines.length > 1);
  return known && text.length - prefecture.length >= 3;
}
