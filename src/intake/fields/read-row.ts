import type { Field } from '../columns/column-table.ts';
import type { ListKind } from '../columns/list-kind.ts';
import { parseReference } from '../persons/reference.ts';
import { isMinor, isPossibleBirth, readFlag } from './birth.ts';
import { isImpossibleEraDate, readDate } from './dates.ts';
import { readEmails } from './email-address.ts';
import { readName } from './person-name.ts';
import { joinParts, readPhoneCell } from './phone.ts';
import { readAddress } from './postal-address.ts';
import { isScientific } from './postal-code.ts';
import type { PostalTable } from './postal-table.ts';
import type { CellsOf } from './row-cells.ts';
import { readBrand, readCardCount, readCountry, readLast4, readLocale } from './small-fields.ts';
import { hasBlot, hasPrivateUse, oneLine } from './text.ts';

/** What a row says, as it is used. Personal data: sealed with the row. */
export interface RowFields {
  name: string;
  kana: string | null;
  honorific: string | null;
  company: string | null;
  department: string | null;
  emails: string[];
  phone: string | null;
  postalCode: string | null;
  addressLines: string[];
  country: string;
  externalId: string | null;
  locale: string | null;
  last4: string | null;
  brand: string | null;
  issuer: string | null;
  cardCount: number;
  firstUse: string | null;
  lastUse: string | null;
  /** All dates are `YYYY-MM-DD`. */
  birth: string | null;
  /** The list says so, or the birth date does. */
  minor: boolean;
  deceased: boolean;
  /** The reference that Owabi gave the person, nine characters. */
  reference: string | null;
  /** Of lists that exclude or hold: why, and until when. */
  reason: string | null;
  until: string | null;
}

export type QuarantineReason =
  | 'no_name'
  | 'no_contact'
  | 'no_match_key'
  | 'cell_count'
  | 'damaged_name'
  | 'card_number_present';

export interface ReadRow {
  fields: RowFields;
  /** Why the row cannot be used; empty when it can. */
  reasons: QuarantineReason[];
  warnings: string[];
}

/** What is the same for all rows of a list. */
export interface RowContext {
  /** ISO 3166-1 alpha-2, where the list does not say. */
  defaultCountry: string;
  /** From the incident's facts: use before or after it is warned about. Null: the facts name none. */
  exposureWindow: { from: string | null; to: string | null } | null;
  /** What Japanese addresses are compared with; null: with nothing. */
  postal: PostalTable | null;
  /** `YYYY-MM-DD` in the incident's time zone: who is under age, and which births are to come. */
  today: string;
}

/** Everything that reading one row needs at hand. */
interface Reading {
  cells: CellsOf;
  context: RowContext;
  warnings: string[];
}

/**
 * Reads one row. A field that cannot be used is left out and warned about; a row is unusable only without a proper
 * name, or without any way to reach the person.
 * @param kind lists that only point at persons need something to match by, and no way to reach anybody
 */
export function readRow(cells: CellsOf, context: RowContext, kind: ListKind = 'affected'): ReadRow {
  const warnings: string[] = [];
  const reading: Reading = { cells, context, warnings };
  const { text } = cells;
  const named = readName({
    fullName: text.full_name,
    familyName: text.family_name,
    givenName: text.given_name,
    company: text.company,
    honorific: text.honorific,
  });
  for (const warning of named.warnings) warnings.push(warning);
  const country = readOr(reading, text.country, readCountry, 'bad_country') ?? context.defaultCountry;
  const address = addressOf(reading, country);
  const company = text.company === named.name ? null : textOf(reading, text.company);
  const birth = birthOf(reading);
  const brand = text.brand === '' ? null : readBrand(text.brand);
  const fields: RowFields = {
    name: named.name,
    kana: textOf(reading, kanaOf(text)),
    honorific: named.honorific,
    company,
    department: textOf(reading, text.department),
    emails: emailsOf(reading),
    phone: phoneOf(reading, country),
    postalCode: address.postalCode,
    addressLines: address.lines,
    country,
    externalId: externalIdOf(reading),
    locale: readOr(reading, text.locale, readLocale, 'bad_locale'),
    last4: readOr(reading, text.last4, readLast4, 'bad_last4'),
    brand,
    issuer: brand === null && text.brand !== '' ? text.brand : null,
    cardCount: readOr(reading, text.card_count, readCardCount, 'bad_card_count') ?? 1,
    firstUse: dateOf(reading, text.first_use),
    lastUse: dateOf(reading, text.last_use),
    birth,
    minor: flagOf(reading, text.minor) || (birth !== null && isMinor(birth, context.today)),
    deceased: text.deceased !== '' && (readDate(text.deceased) !== null || flagOf(reading, text.deceased)),
    reference: readOr(reading, text.reference, parseReference, 'bad_reference'),
    reason: text.reason === '' ? null : line(cells, text.reason),
    until: dateOf(reading, text.until),
  };
  warnOf(reading, fields);
  if (named.damaged && pointsOnly(kind) && hasOwnKey(fields)) {
    // Half a name would match nobody, and is not needed here.
    fields.name = '';
    warnings.push('damaged_name');
  }
  return { fields, reasons: reasonsOf(fields, named.damaged, kind), warnings: unique(warnings) };
}

function readOr<T>(reading: Reading, cell: string, read: (cell: string) => T | null, warning: string): T | null {
  if (cell === '') return null;
  const value = read(cell);
  if (value === null) reading.warnings.push(warning);
  return value;
}

function dateOf({ warnings }: Reading, cell: string): string | null {
  if (cell === '') return null;
  const date = readDate(cell);
  if (date === null) warnings.push(isImpossibleEraDate(cell) ? 'impossible_era_date' : 'bad_date');
  return date;
}

function birthOf(reading: Reading): string | null {
  const birth = dateOf(reading, reading.cells.text.birth);
  if (birth === null || isPossibleBirth(birth, reading.context.today)) return birth;
  reading.warnings.push('bad_birth');
  return null;
}

function flagOf({ warnings }: Reading, cell: string): boolean {
  // A column such as 死亡日 says when: that is a yes.
  const flag = readFlag(cell) ?? (readDate(cell) === null ? null : true);
  if (flag === null) warnings.push('bad_flag');
  return flag === true;
}

// Only a row that has a break somewhere needs a look at each of its cells.
function line(cells: CellsOf, text: string): string {
  return cells.hadBreak ? oneLine(text) : text;
}

// What a spreadsheet did to a cell in which a number or a house number is meant.
function isDamaged(cells: CellsOf, field: Field): boolean {
  const flag = cells.hasFlags ? cells.flag(field) : null;
  return flag === 'damaged_number' || flag === 'excel_date';
}

const ADDRESS_FIELDS: readonly Field[] = ['prefecture', 'city', 'street', 'building', 'full_address'];
const POSTAL_FIELDS: readonly Field[] = ['postal', 'postal1', 'postal2'];
const PHONE_FIELDS: readonly Field[] = ['phone', 'phone1', 'phone2', 'phone3'];
const NOWHERE = { postalCode: null, lines: [] };

function addressOf(
  { cells, context, warnings }: Reading,
  country: string,
): { postalCode: string | null; lines: string[] } {
  const { text } = cells;
  if (cells.hasFlags && ADDRESS_FIELDS.some((field) => isDamaged(cells, field))) {
    warnings.push('damaged_address');
    return NOWHERE;
  }
  const noPostal = cells.hasFlags && POSTAL_FIELDS.some((field) => isDamaged(cells, field));
  if (noPostal) warnings.push('damaged_number');
  const read = readAddress(
    {
      postal: noPostal ? '' : text.postal,
      postal1: noPostal ? '' : text.postal1,
      postal2: noPostal ? '' : text.postal2,
      prefecture: line(cells, text.prefecture),
      city: line(cells, text.city),
      street: line(cells, text.street),
      building: line(cells, text.building === '' ? '' : cells.all('building').join(' ')),
      fullAddress: line(cells, text.full_address),
    },
    country,
    context.postal,
  );
  for (const warning of read.warnings) warnings.push(warning);
  return read;
}

function emailsOf({ cells, warnings }: Reading): string[] {
  const emails: string[] = [];
  for (const cell of cells.all('email')) readEmails(cell, emails, warnings);
  return emails;
}

function phoneOf({ cells, warnings }: Reading, country: string): string | null {
  const { text } = cells;
  if (cells.hasFlags && PHONE_FIELDS.some((field) => isDamaged(cells, field))) {
    warnings.push('damaged_number');
    return null;
  }
  for (const cell of cells.all('phone')) {
    const phone = phoneIn(cell, country, warnings);
    if (phone !== null) return phone;
  }
  if (text.phone1 === '') return null;
  // 電話番号1..3 are the parts of one number, or three numbers.
  const joined = joinParts([text.phone1, text.phone2, text.phone3]);
  if (joined.padded) warnings.push('phone_padded');
  return phoneIn(joined.text, country, warnings);
}

function phoneIn(cell: string, country: string, warnings: string[]): string | null {
  if (isScientific(cell)) warnings.push('damaged_number');
  const read = isScientific(cell) ? 'nothing' : readPhoneCell(cell, country);
  if (read === null) warnings.push('bad_phone');
  if (read === null || read === 'nothing') return null;
  if (read.padded) warnings.push('phone_padded');
  return read.phone;
}

function externalIdOf({ cells, warnings }: Reading): string | null {
  const id = cells.text.external_id;
  if (id === '') return null;
  if (!isScientific(id) && !isDamaged(cells, 'external_id')) return id;
  warnings.push('damaged_number');
  return null;
}

function kanaOf(text: CellsOf['text']): string {
  if (text.kana !== '') return text.kana;
  const between = text.family_kana !== '' && text.given_kana !== '' ? ' ' : '';
  return text.family_kana + between + text.given_kana;
}

// What is printed beside the name, or matched: of no use when characters of it are lost.
function textOf({ cells, warnings }: Reading, cell: string): string | null {
  if (cell === '') return null;
  if (!hasBlot(cell) && !hasPrivateUse(cell)) return line(cells, cell);
  warnings.push('damaged_text');
  return null;
}

// What is usable and worth a look all the same.
function warnOf({ cells, context, warnings }: Reading, fields: RowFields): void {
  if (fields.minor) warnings.push('minor');
  if (fields.deceased) warnings.push('deceased');
  if (cells.hadControl) warnings.push('control_character');
  if (cells.hadError || (cells.hasFlags && hasUnread(cells))) warnings.push('spreadsheet_error');
  const { firstUse, lastUse } = fields;
  if (firstUse === null && lastUse === null) return;
  const [first, last] = [firstUse ?? lastUse ?? '', lastUse ?? firstUse ?? ''];
  if (first > last) warnings.push('dates_reversed');
  const { from, to } = context.exposureWindow ?? NO_WINDOW;
  const [early, late] = first > last ? [last, first] : [first, last];
  if ((from !== null && late < from) || (to !== null && early > to)) warnings.push('outside_exposure_window');
}

const NO_WINDOW = { from: null, to: null };
const READ_FIELDS: readonly Field[] = ['external_id', 'full_name', 'email', 'postal', ...ADDRESS_FIELDS, 'phone'];

function hasUnread(cells: CellsOf): boolean {
  return READ_FIELDS.some((field) => ['excel_error', 'uncalculated'].includes(cells.flag(field) ?? ''));
}

function reasonsOf(fields: RowFields, damaged: boolean, kind: ListKind): QuarantineReason[] {
  const reasons: QuarantineReason[] = [];
  const { name, emails, addressLines } = fields;
  if (name === '') reasons.push('no_name');
  else if (damaged) reasons.push('damaged_name');
  if (pointsOnly(kind)) {
    if (hasOwnKey(fields)) return [];
    if (reasons.length > 0 || (addressLines.length === 0 && fields.phone === null)) reasons.push('no_match_key');
  } else if (emails.length === 0 && addressLines.length === 0) {
    reasons.push('no_contact');
  }
  return reasons;
}

/** Lists that bring nobody, and only say something of persons who are known. */
function pointsOnly(kind: ListKind): boolean {
  return kind === 'already_notified' || kind === 'exclude' || kind === 'hold';
}

/** Whether a row has something to match by without its name. */
function hasOwnKey({ reference, externalId, emails }: RowFields): boolean {
  return reference !== null || externalId !== null || emails.length > 0;
}

function unique(warnings: string[]): string[] {
  return warnings.length < 2 ? warnings : [...new Set(warnings)];
}
