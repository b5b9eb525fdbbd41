import type { RowFields } from '../fields/read-row.ts';
import type { PersonData } from '../persons/person-data.ts';
import { addressKey, emailKey, externalIdKey, kanaKey, nameKey, phoneKey, variantKey } from './match-keys.ts';

/** The keyed hash of the incident's vault: 32 hexadecimal digits. */
export type Hash = (kind: string, value: string) => string;

/** The name that stands beside a key: persons are the same only when both are. */
export interface NameKeys {
  name: string;
  /** The name with variants of characters folded. Alike is not the same: it asks a person. */
  alike: string;
}

/** One key by which a person is found, as a row of `person_keys`. */
export interface LookupKey extends NameKeys {
  key: string;
}

/** The keys of one row of a list. Null: the row says nothing of it. */
export interface RowKeys extends NameKeys {
  external: string | null;
  emails: string[];
  address: string | null;
  /** Address and reading of the name. */
  kana: string | null;
  phone: string | null;
}

export function nameKeys(name: string, hash: Hash): NameKeys {
  const plain = nameKey(name);
  const folded = variantKey(name);
  const key = hash('name', plain);
  return { name: key, alike: folded === plain ? key : hash('name', folded) };
}

/** What of a row tells whose it is. */
export function rowKeys(fields: RowFields, source: string, hash: Hash): RowKeys {
  const { externalId, emails, phone, kana, postalCode, addressLines } = fields;
  const place = addressLines.length > 0 ? addressKey(postalCode, addressLines) : null;
  return {
    ...nameKeys(fields.name, hash),
    external: externalId === null ? null : hash('external', externalValue(source, externalId)),
    emails: emails.map((address) => hash('email', emailKey(address))),
    address: place === null ? null : hash('address', place),
    kana: place === null || kana === null ? null : hash('kana', `${place}\0${kanaKey(kana)}`),
    phone: phone === null ? null : hash('phone', phoneKey(phone)),
  };
}

/** Every key by which a person is found. */
export function personKeys(person: PersonData, hash: Hash): LookupKey[] {
  const names = nameKeys(person.name, hash);
  const found = person.externalIds.map(({ source, id }) => hash('external', externalValue(source, id)));
  for (const { address } of person.emails) found.push(hash('email', emailKey(address)));
  if (person.phone) found.push(hash('phone', phoneKey(person.phone)));
  if (person.addressLines.length > 0) {
    const place = addressKey(person.postalCode, person.addressLines);
    found.push(hash('address', place));
    if (person.kana) found.push(hash('kana', `${place}\0${kanaKey(person.kana)}`));
  }
  return [names.name, ...found].map((key) => ({ key, ...names }));
}

function externalValue(source: string, id: string): string {
  return `${source}\0${externalIdKey(id)}`;
}

/** The keys under which a question of the call centre may find somebody: the same folds as for matching. */
export function searchKeys(question: string, sources: readonly string[], hash: Hash): string[] {
  const found = [hash('email', emailKey(question)), hash('name', nameKey(question))];
  for (const source of sources) found.push(hash('external', externalValue(source, question)));
  const phone = phoneKey(question);
  if (phone.length >= 9) found.push(hash('phone', phone));
  return found;
}

/** The person that one row speaks of. */
export function personOfRow(fields: RowFields, source: string): PersonData {
  return {
    name: fields.name,
    kana: fields.kana,
    honorific: fields.honorific,
    company: fields.company,
    department: fields.department,
    emails: fields.emails.map((address) => ({ address, lastUse: fields.lastUse })),
    phone: fields.phone,
    postalCode: fields.postalCode,
    addressLines: fields.addressLines,
    country: fields.country,
    externalIds: fields.externalId === null ? [] : [{ source, id: fields.externalId }],
    locale: fields.locale,
    birth: fields.birth,
    minor: fields.minor,
    deceased: fields.deceased,
  };
}
