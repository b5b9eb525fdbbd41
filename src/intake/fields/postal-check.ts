import { foldPlace, waysToName } from './place-names.ts';
import type { PostalCity, PostalTable } from './postal-table.ts';
import { prefectureAt } from './prefectures.ts';

export interface PlaceToCheck {
  /** Seven digits, or null when the list gives none. */
  postalCode: string | null;
  /** The address down to the house number, in one line. */
  text: string;
}

export type PostalWarning = 'postal_unknown' | 'postal_mismatch' | 'postal_found' | 'prefecture_added';

export interface CheckedPlace extends PlaceToCheck {
  warnings: readonly PostalWarning[];
}

const NONE: readonly PostalWarning[] = [];

/**
 * Compares postal code and address with the postal data, and fills in what they give without doubt: the code of a
 * town, or the prefecture of a code whose municipality the address names. Nothing else of the text is touched.
 */
export function checkPostal(place: PlaceToCheck, table: PostalTable): CheckedPlace {
  const { postalCode, text } = place;
  if (postalCode === null) {
    const found = table.codeOf(text);
    if (found === null) return { ...place, warnings: NONE };
    const checked = checkPostal({ postalCode: found, text }, table);
    return { ...checked, warnings: ['postal_found', ...checked.warnings] };
  }
  const cities = table.citiesOf(postalCode);
  const [first] = cities;
  if (first === undefined) return { ...place, warnings: isLargeUser(postalCode) ? NONE : ['postal_unknown'] };
  // As almost every address is: prefecture and municipality as the data write them.
  if (text.startsWith(first.prefecture) && text.startsWith(first.city, first.prefecture.length)) {
    return { postalCode, text, warnings: NONE };
  }
  const prefecture = prefectureAt(text);
  const rest = text.slice(prefecture.length);
  let named: 'first' | 'later' | null = null;
  for (const city of cities) {
    if (prefecture === '' || prefecture === city.prefecture) named ??= whereNamed(city, rest);
  }
  if (named === null) return { ...place, warnings: ['postal_mismatch'] };
  // 東京港区 has a prefecture of its own, though not a whole one: nothing is put before it.
  if (prefecture !== '' || named === 'later') return { ...place, warnings: NONE };
  return { postalCode, text: `${first.prefecture}${text}`, warnings: ['prefecture_added'] };
}

/**
 * Offices that get much mail have codes of their own, most with an 8 in fourth place; Japan Post lists them apart, so
 * that we do not know one when we see it (大口事業所個別番号, JIGYOSYO.CSV).
 */
function isLargeUser(postalCode: string): boolean {
  return postalCode.charAt(3) === '8';
}

const ways = new WeakMap<PostalCity, ReturnType<typeof waysToName>>();

/** Where an address, without its prefecture, names this municipality in one of the usual ways. */
function whereNamed(city: PostalCity, text: string): 'first' | 'later' | null {
  if (text.startsWith(city.city)) return 'first';
  let known = ways.get(city);
  if (!known) {
    known = waysToName(city.city);
    ways.set(city, known);
  }
  const folded = foldPlace(text);
  const { whole, short, ward } = known;
  if (folded.startsWith(whole) || (short !== null && folded.startsWith(short))) return 'first';
  if (ward !== null) {
    // 札幌市 without a ward is right for all of its wards; 中央区 alone for those that are called so.
    if (folded.startsWith(ward.name)) return 'first';
    if (folded.startsWith(ward.of)) return /^[^\d]{1,4}区/.test(folded.slice(ward.of.length)) ? null : 'first';
  }
  const at = folded.indexOf(short ?? whole);
  // Not 港区 in 大阪市港区.
  return at > 0 && folded.charAt(at - 1) !== '市' ? 'later' : null;
}
