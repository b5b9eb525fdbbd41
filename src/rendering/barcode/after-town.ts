import { foldPlace, waysToName } from '../../intake/fields/place-names.ts';
import type { PostalPlace } from '../../intake/fields/postal-table.ts';
import { prefectureAt } from '../../intake/fields/prefectures.ts';
import { inArabicNumbers } from './kanji-number.ts';

/**
 * What follows the town of a place in an address (住所B): `5-6-3 ABCビル10F` of 東京都台東区台東5-6-3 ABCビル10F.
 * The prefecture may be missing, and the county or the ward; numbers in names may be in digits (北6条東).
 * @returns null when the address does not name this place
 */
export function afterTown(address: string, place: PostalPlace): string | null {
  const { prefecture, city, town } = place;
  // As almost every address is: as the postal data write it.
  const usual = prefecture + city + town;
  if (address.startsWith(usual)) return restAfter(address, usual.length);
  const named = namedPlace(foldPlace(address), place);
  if (named === null) return null;
  const end = lengthThatNames(address, named);
  return end === null ? null : restAfter(address, end);
}

/** Whether the address names the part of a place that is a building (永田町 … 山王パークタワー), though not in one. */
export function namesBuilding(address: string, { city, town }: PostalPlace): boolean {
  const folded = foldPlace(address);
  const name = foldPlace(town);
  const { whole } = waysToName(city);
  const rest = folded.slice(folded.indexOf(whole) + whole.length);
  let common = 0;
  while (common < name.length && rest.charAt(common) === name.charAt(common)) common++;
  return common >= 2 && name.length - common >= 2 && rest.includes(name.slice(common), common);
}

/** The beginning of a folded address, down to the town of this place; null when it names another. */
function namedPlace(folded: string, { prefecture, city, town }: PostalPlace): string | null {
  const named = prefectureAt(folded);
  if (named !== '' && named !== prefecture) return null;
  const { whole, short, ward } = waysToName(city);
  const arabic = inArabicNumbers(folded);
  const name = foldPlace(town);
  for (const way of [whole, short, ward?.of, ward?.name]) {
    if (!way) continue;
    const start = inArabicNumbers(named + way + name);
    if (arabic.startsWith(start)) return start;
  }
  return city.startsWith('京都市') ? namedInKyoto(folded, named + whole, name) : null;
}

/** In Kyoto the streets stand between ward and town: 中京区寺町通御池上る上本能寺前町488. */
function namedInKyoto(folded: string, ward: string, town: string): string | null {
  const at = folded.indexOf(town, ward.length);
  if (town === '' || !folded.startsWith(ward) || at < 0) return null;
  const streets = folded.slice(ward.length, at);
  return /[通上下東西]/.test(streets) && !/\d/.test(streets) ? inArabicNumbers(folded.slice(0, at) + town) : null;
}

function lengthThatNames(address: string, named: string): number | null {
  for (let length = 1; length <= address.length; length++) {
    if (inArabicNumbers(foldPlace(address.slice(0, length))) === named) return length;
  }
  return null;
}

const NUMERAL = /[\d〇一二三四五六七八九十百千]/;

// 西1 is not the town of 西11丁目.
function restAfter(address: string, end: number): string | null {
  const [last, next] = [address.charAt(end - 1), foldPlace(address.slice(end, end + 1))];
  return NUMERAL.test(foldPlace(last)) && NUMERAL.test(next) ? null : address.slice(end);
}
