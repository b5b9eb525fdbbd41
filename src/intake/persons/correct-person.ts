import { OwabiError } from '../../errors.ts';
import { readEmail } from '../fields/email-address.ts';
import { readAddress } from '../fields/postal-address.ts';
import { readCountry } from '../fields/small-fields.ts';
import type { PersonData } from './person-data.ts';

export interface Correction {
  /** Null: no email is to be used. */
  email?: string | null;
  /** Null: no address is to be used. */
  address?: { postalCode?: string | null; lines: string[]; country?: string } | null;
}

/**
 * Applies what an operator learned of a person. An email set here is used before any other.
 * @throws OwabiError `invalid_body` when nothing could be sent there
 */
export function applyCorrection(data: PersonData, { email, address }: Correction): PersonData {
  return {
    ...data,
    ...(email !== undefined && { emails: emailsAfter(data, email) }),
    ...(address !== undefined && addressAfter(data, address)),
  };
}

function emailsAfter(data: PersonData, given: string | null): PersonData['emails'] {
  if (given === null) return [];
  const email = readEmail(given);
  if (!email) throw new OwabiError('invalid_body', 'The email is not an address that mail can be sent to.');
  const others = data.emails
    .filter((other) => other.address.toLowerCase() !== email.address.toLowerCase())
    .map(({ address, lastUse }) => ({ address, lastUse }));
  return [{ address: email.address, lastUse: null, chosen: true }, ...others];
}

function addressAfter(
  data: PersonData,
  given: NonNullable<Correction['address']> | null,
): Pick<PersonData, 'postalCode' | 'addressLines' | 'country'> {
  if (given === null) return { postalCode: null, addressLines: [], country: data.country };
  const country = given.country === undefined ? data.country : readCountry(given.country);
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
  );
  if (read.lines.length === 0 || read.warnings.includes('bad_postal')) {
    throw new OwabiError('invalid_body', 'The address is not complete enough to send a letter to.');
  }
  return { postalCode: read.postalCode, addressLines: lines, country };
}
