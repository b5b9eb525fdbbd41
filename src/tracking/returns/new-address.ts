import { OwabiError } from '../../errors.ts';
import type { AddressWarning } from '../../intake/fields/postal-address.ts';
import type { PostalTable } from '../../intake/fields/postal-table.ts';
import { readGivenAddress } from '../../intake/persons/correct-person.ts';
import type { RenderPerson } from '../../rendering/types.ts';

/** Where a letter is to go instead; what is absent stays as it was. */
export interface GivenAddress {
  addressLines?: string[];
  /** Null: none. Absent beside new lines: none either, or the one that the postal data give. */
  postalCode?: string | null;
  country?: string;
  name?: string;
  /** To the same address again. */
  again?: boolean;
  /** Although the postal data say otherwise. */
  confirmed?: boolean;
}

export interface NewAddress {
  person: RenderPerson;
  /** Address and name are what they were. */
  same: boolean;
  warnings: AddressWarning[];
}

/** What the postal data find wrong: the letter would be on its way back soon. */
const DOUBTS: readonly AddressWarning[] = ['postal_unknown', 'postal_mismatch'];

/**
 * The person of a letter at another address, checked as on a list. Nothing but address and name changes.
 * @throws OwabiError `invalid_body` when it is no whole address, `address_doubtful` when the postal data contradict it,
 * `same_address` when nothing is new and nobody said that it is to go there again
 */
export function personAtNewAddress(person: RenderPerson, given: GivenAddress, postal: PostalTable | null): NewAddress {
  const { address, warnings } = readNew(person, given, postal);
  const name = given.name?.trim() || person.name;
  const moved = { ...person, ...address, name };
  const same = identity(moved) === identity(person);
  if (same && !given.again) throw new OwabiError('same_address');
  const doubts = same || given.confirmed ? [] : warnings.filter((warning) => DOUBTS.includes(warning));
  if (doubts.length > 0) throw new OwabiError('address_doubtful', undefined, { warnings: doubts });
  // What is the same but for its spelling is printed as it was approved.
  return same ? { person, same, warnings: [] } : { person: moved, same, warnings };
}

function readNew(person: RenderPerson, given: GivenAddress, postal: PostalTable | null) {
  const { postalCode, addressLines, country } = person;
  if (given.addressLines === undefined && given.postalCode === undefined && given.country === undefined) {
    return { address: { postalCode, addressLines, country }, warnings: [] };
  }
  return readGivenAddress(
    {
      postalCode:
        given.postalCode === undefined && given.addressLines === undefined ? postalCode : (given.postalCode ?? null),
      lines: given.addressLines ?? addressLines,
      country: given.country ?? country,
    },
    country,
    postal,
  );
}

/** Where a letter would arrive: width, blanks and the look of hyphens make no difference, 1-23 and 12-3 do. */
function identity({ name, postalCode, addressLines, country }: RenderPerson): string {
  const code = (postalCode ?? '').replace(/[^0-9A-Z]/gi, '');
  return [name, code, addressLines.join(''), country].map(folded).join('\n');
}

function folded(text: string): string {
  return text
    .normalize('NFKC')
    .toUpperCase()
    .replace(/[\p{Pd}\u2212]|(?<=\d)\u30FC/gu, '-')
    .replace(/(?<!\d)\s+|\s+(?!\d)/gu, '');
}
