import type { Field } from '../columns/column-table.ts';
import type { Column } from '../columns/columns.ts';
import { readDate } from './dates.ts';
import { readEmail } from './email-address.ts';
import { readName } from './person-name.ts';
import { readAddress } from './postal-address.ts';
import { readBrand, readCardCount, readCountry, readLast4, readLocale, readPhone } from './small-fields.ts';

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
}

export type QuarantineReason = 'no_name' | 'no_contact' | 'cell_count' | 'damaged_name' | 'card_number_present';

export interface ReadRow {
  fields: RowFields;
  /** Why the row cannot be used; empty when it can. */
  reasons: QuarantineReason[];
  warnings: string[];
}

/** Gives the cells of one field, the fuller ones first come. */
export type CellsOf = (field: Field) => string[];

/** Looks cells up by field; one function for all rows of a list. */
export function cellReader(columns: readonly Column[]): (cells: readonly string[]) => CellsOf {
  const positions = new Map<Field, number[]>();
  for (const [index, { field }] of columns.entries()) positions.set(field, [...(positions.get(field) ?? []), index]);
  return (cells) => (field) => {
    const found = positions.get(field);
    return found ? found.map((index) => asMeant(cells[index] ?? '')) : [];
  };
}

// Shopify and spreadsheets put an apostrophe before numbers that must stay text: '94107 is 94107.
function asMeant(cell: string): string {
  return cell.replace(/^'(?=[\d+=@-])/, '');
}

/**
 * Reads one row. A field that cannot be used is left out and warned about; a row is unusable only without a proper
 * name, or without any way to reach the person.
 * @param defaultCountry ISO 3166-1 alpha-2, where the list does not say
 */
export function readRow(cellsOf: CellsOf, defaultCountry: string): ReadRow {
  const warnings: string[] = [];
  const one = (field: Field) => cellsOf(field)[0]?.trim() ?? '';
  const read = <T>(value: T | null, given: string, warning: string): T | null => {
    if (value === null && given !== '') warnings.push(warning);
    return value;
  };
  const named = readName({
    fullName: one('full_name'),
    familyName: one('family_name'),
    givenName: one('given_name'),
    company: one('company'),
    honorific: one('honorific'),
  });
  const country = read(readCountry(one('country')), one('country'), 'bad_country') ?? defaultCountry;
  const address = readAddress(addressCells(one, cellsOf), country);
  warnings.push(...address.warnings);
  const emails = readEmails(cellsOf('email'), warnings);
  const brand = readBrand(one('brand'));
  const company = one('company') || null;
  const fields: RowFields = {
    name: named.name,
    kana: one('kana') || [one('family_kana'), one('given_kana')].filter(Boolean).join(' ') || null,
    honorific: named.honorific,
    company: company === named.name ? null : company,
    department: one('department') || null,
    emails,
    phone: readPhones(one, cellsOf, country, warnings),
    postalCode: address.postalCode,
    addressLines: address.lines,
    country,
    externalId: one('external_id') || null,
    locale: read(readLocale(one('locale')), one('locale'), 'bad_locale'),
    last4: read(readLast4(one('last4')), one('last4'), 'bad_last4'),
    brand,
    issuer: brand === null ? one('brand') || null : null,
    cardCount: read(readCardCount(one('card_count')), one('card_count'), 'bad_card_count') ?? 1,
    firstUse: read(readDate(one('first_use')), one('first_use'), 'bad_date'),
    lastUse: read(readDate(one('last_use')), one('last_use'), 'bad_date'),
  };
  return { fields, reasons: reasonsOf(fields, named.damaged), warnings: [...new Set(warnings)] };
}

function reasonsOf(fields: RowFields, damaged: boolean): QuarantineReason[] {
  const reasons: QuarantineReason[] = [];
  if (fields.name === '') reasons.push('no_name');
  else if (damaged) reasons.push('damaged_name');
  if (fields.emails.length === 0 && fields.addressLines.length === 0) reasons.push('no_contact');
  return reasons;
}

function addressCells(one: (field: Field) => string, cellsOf: CellsOf) {
  return {
    postal: one('postal'),
    postal1: one('postal1'),
    postal2: one('postal2'),
    prefecture: one('prefecture'),
    city: one('city'),
    street: one('street'),
    building: cellsOf('building')
      .map((cell) => cell.trim())
      .filter(Boolean)
      .join(' '),
    fullAddress: one('full_address'),
  };
}

function readEmails(cells: readonly string[], warnings: string[]): string[] {
  const emails: string[] = [];
  for (const cell of cells) {
    if (cell.trim() === '') continue;
    const email = readEmail(cell);
    if (!email) warnings.push('bad_email');
    else if (!emails.includes(email.address)) emails.push(email.address);
    if (email?.nonstandardLocal) warnings.push('nonstandard_local');
  }
  return emails;
}

function readPhones(
  one: (field: Field) => string,
  cellsOf: CellsOf,
  country: string,
  warnings: string[],
): string | null {
  const parts = [one('phone1'), one('phone2'), one('phone3')].filter(Boolean);
  // 電話番号1..3 are the parts of one number, or three numbers: a part of nine digits is a number.
  const whole = (parts[0]?.replace(/\D/g, '').length ?? 0) >= 9 ? parts.slice(0, 1) : [parts.join('-')];
  for (const cell of [...cellsOf('phone'), ...whole]) {
    if (cell.trim() === '') continue;
    const phone = readPhone(cell, country);
    if (phone) return phone;
    warnings.push('bad_phone');
  }
  return null;
}
