import type { PostalTable } from '../../intake/fields/postal-table.ts';
import { isEastAsian, nfkc } from '../../intake/fields/text.ts';
import { addressNumber } from './address-number.ts';
import { afterTown, namesBuilding } from './after-town.ts';
import { customerCharacters } from './customer-code.ts';
import type { BarcodePerson, NoBarcode } from './types.ts';

/** What of the postal data an address is compared with. */
export type PostalLookup = Pick<PostalTable, 'find' | 'codeOf'>;

/**
 * The 20 characters for an address in Japan, or why there is to be no barcode.
 * Japan Post, 郵便番号・バーコードマニュアル, p. 17 to 22: postal code and address must agree, and a code that stands for
 * "places not listed" takes none.
 */
export function customerCharactersFor(
  { postalCode, addressLines }: Pick<BarcodePerson, 'postalCode' | 'addressLines'>,
  postal: PostalLookup | null,
): string[] | NoBarcode {
  const code = nfkc(postalCode ?? '').replace(/\D/g, '');
  if (code.length !== 7) return { none: 'no_postal_code' };
  if (postal === null) return { none: 'no_postal_data' };
  const address = addressLines.join(' ').trim();
  if (!isEastAsian(address)) return { none: 'not_in_japanese' };
  const places = postal.find(code);
  if (places.length === 0) return officeCharacters(code, address, postal);

  const general = code.endsWith('00') && places.some(({ town }) => town === '');
  // Where one town's name begins with another's, the longer is meant. A town without a name is all of a municipality.
  const [named] = places
    .filter(({ town }) => town !== '' || !general)
    .toSorted((a, b) => b.town.length - a.town.length)
    .flatMap((place) => {
      const partB = afterTown(address, place);
      return partB === null ? [] : [{ town: place.town, partB }];
    });
  if (!named) {
    if (general) return { none: 'general_code' };
    return { none: places.some((place) => namesBuilding(address, place)) ? 'building_code' : 'town_differs' };
  }
  return namesAnother(address, code, named.town, postal)
    ? { none: 'town_differs' }
    : customerCharacters(code, addressNumber(named.partB));
}

/** Whether an address means another town, whose name only begins like this one's: 芝公園 with the code of 芝. */
function namesAnother(address: string, code: string, town: string, postal: PostalLookup): boolean {
  const usual = postal.codeOf(address);
  return usual !== null && usual !== code && postal.find(usual).every((other) => other.town !== town);
}

/**
 * Offices and boxes with codes of their own, which Japan Post lists apart (p. 22): the code alone, or for the boxes of
 * a post office that share one code (…91), the code and the number of the box.
 */
function officeCharacters(code: string, address: string, postal: PostalLookup): string[] | NoBarcode {
  if (code.endsWith('91')) {
    const [, box = ''] = address.split('私書箱');
    const number = /^[^\d]*(\d+)/.exec(addressNumber(box))?.[1];
    return number ? customerCharacters(code, number) : { none: 'no_box_number' };
  }
  if (code.charAt(3) !== '8') return { none: 'code_unknown' };
  // Such a code lies in the area of its office, whose first three digits all its towns have.
  const usual = postal.codeOf(address);
  return usual !== null && usual.slice(0, 3) !== code.slice(0, 3)
    ? { none: 'town_differs' }
    : customerCharacters(code, '');
}
