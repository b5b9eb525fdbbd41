import type { RowFields } from '../fields/read-row.ts';
import type { PersonData } from '../persons/person-data.ts';
import { addressKey, emailKey, externalIdKey, nameKey, phoneKey } from './match-keys.ts';

/** Kinds of `person_keys`. Rows that share an `external_name` or an `email_name` are one person without asking. */
export type KeyKind = 'external' | 'external_name' | 'email' | 'email_name' | 'phone' | 'name' | 'address_name';

export interface LookupKey {
  kind: KeyKind;
  key: Buffer;
}

/** The keyed hash of the incident's vault. */
export type Hash = (kind: string, value: string) => Buffer;

/** Every key by which a person is found. */
export function personKeys(person: PersonData, hash: Hash): LookupKey[] {
  const found: [KeyKind, string][] = [...identityValues(person), ['name', nameKey(person.name)]];
  for (const { address } of person.emails) found.push(['email', emailKey(address)]);
  if (person.phone) found.push(['phone', phoneKey(person.phone)]);
  return found.map(([kind, value]) => ({ kind, key: hash(kind, value) }));
}

/** The keys that matching a row takes: what joins it, and what makes it look like somebody else. */
export function matchingKeys(person: PersonData, hash: Hash): LookupKey[] {
  return identityValues(person).map(([kind, value]) => ({ kind, key: hash(kind, value) }));
}

/** Whether rows with an equal key of this kind are one person. */
export function joins({ kind }: LookupKey): boolean {
  return kind === 'external_name' || kind === 'email_name';
}

function identityValues(person: PersonData): [KeyKind, string][] {
  const name = nameKey(person.name);
  const found: [KeyKind, string][] = [];
  for (const { source, id } of person.externalIds) {
    const external = externalValue(source, id);
    found.push(['external', external], ['external_name', `${external}\0${name}`]);
  }
  for (const { address } of person.emails) found.push(['email_name', `${emailKey(address)}\0${name}`]);
  if (person.addressLines.length > 0) {
    found.push(['address_name', `${addressKey(person.postalCode, person.addressLines)}\0${name}`]);
  }
  return found;
}

function externalValue(source: string, id: string): string {
  return `${source}\0${externalIdKey(id)}`;
}

/** The keys under which a question of the call centre may find somebody: the same folds as for matching. */
export function searchKeys(question: string, sources: readonly string[], hash: Hash): LookupKey[] {
  const found: [KeyKind, string][] = [
    ['email', emailKey(question)],
    ['name', nameKey(question)],
    ...sources.map((source): [KeyKind, string] => ['external', externalValue(source, question)]),
  ];
  const phone = phoneKey(question);
  if (phone.length >= 9) found.push(['phone', phone]);
  return found.map(([kind, value]) => ({ kind, key: hash(kind, value) }));
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
  };
}
