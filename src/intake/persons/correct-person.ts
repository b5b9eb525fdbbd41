import { OwabiError } from '../../errors.ts';
import { readEmail } from '../fields/email-address.ts';
import { type AddressWarning, readAddress } from '../fields/postal-address.ts';
import type { PostalTable } from '../fields/postal-table.ts';
import { readCountry } from '../fields/small-fields.ts';
import type { PersonData, PostalAddress } from './person-data.ts';

/** What an operator says of a person. */
export interface GivenCorrection {
  /** Null: no email is to be used. */
  email?: string | null;
  /** Null: no address is to be used. */
  address?: { postalCode?: string | null; lines: string[]; country?: string } | null;
}

/** A correction as it is kept: read once, so that applying it again later cannot fail. */
export interface Correction {
  email?: string | null;
  address?: PostalAddress | null;
}

/**
 * Reads a correction of a person.
 * @throws OwabiError `invalid_body` when nothing could be sent there
 */
export function readCorrection({ country }: Pick<PersonData, 'country'>, given: GivenCorrection): Correction {
  return {
    ...(given.email !== undefined && { email: given.email === null ? null : emailIn(given.email) }),
    ...(given.address !== undefined && {
      address: given.address === null ? null : readGivenAddress(given.address, country).address,
    }),
  };
}

/** Applies what an operator learned of a person. An email set here is used before any other. */
export function applyCorrection(data: PersonData, { email, address }: Correction): PersonData {
  const noAddress = { postalCode: null, addressLines: [], country: data.country };
  return {
    ...data,
    ...(email !== undefined && { emails: emailsAfter(data, email) }),
    ...(address !== undefined && (address ?? noAddress)),
  };
}

function emailIn(given: string): string {
  const email = readEmail(given);
  if (!email) throw new OwabiError('invalid_body', 'The email is not an address that mail can be sent to.');
  return email.address;
}

function emailsAfter(data: PersonData, address: string | null): PersonData['emails'] {
  if (address === null) return [];
  const others = data.emails
    .filter((other) => other.address.toLowerCase() !== address.toLowerCase())
    .map(({ address, lastUse }) => ({ address, lastUse }));
  return [{ address, lastUse: null, chosen: true }, ...others];
}

/**
 * Reads an address that an operator gives.
 * @param usual the country when none is given
 * @param postal what a Japanese address is compared with and completed from; null: with nothing
 * @throws OwabiError `invalid_body` when it is not complete enough to send a letter to
 */
export function readGivenAddress(
  given: NonNullable<GivenCorrection['address']>,
  usual: string,
  postal: PostalTable | null = null,
): { address: PostalAddress; warnings: AddressWarning[] } {
  const country = given.country === undefined ? usual : readCountry(given.country);
  if (country === null) throw new OwabiError('invalid_body', 'The country is two letters (ISO 3166-1).');
  const lines = given.lines.map((line) => line.trim()).filter((line) => line !== '');
  const [first = '', ...rest] = lines;
  const nothing = { postal1: '', postal2: '', prefecture: '', street: '' };
  const read = readAddress(
    // Abroad the town stands in one of the lines: the last, as a rule.
    {
      ...nothing,
      postal: given.postalCode ?? '',
      fullAddress: first,
      building: rest.join(' '),
      city: country === 'JP' ? '' : (rest.at(-1) ?? ''),
    },
    country,
    postal,
  );
  if (read.lines.length === 0 || read.warnings.includes('bad_postal')) {
    throw new OwabiError('invalid_body', 'The address is not complete enough to send a letter to.');
  }
  if (read.warnings.includes('prefecture_added')) lines[0] = read.lines[0] ?? first;
  return { address: { postalCode: read.postalCode, addressLines: lines, country }, warnings: read.warnings };
}
