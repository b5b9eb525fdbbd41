import { foldPlace } from './place-names.ts';
import { prefectureAt } from './prefectures.ts';

/** A municipality, as the postal data write it: with its county (石狩郡当別町) and its ward (札幌市中央区). */
export interface PostalCity {
  prefecture: string;
  city: string;
}

/** A place that a postal code names. */
export interface PostalPlace extends PostalCity {
  /** Empty where the code stands for all of a municipality. */
  town: string;
}

/** Japanese postal codes and what they name. Codes are seven digits, as a string. */
export interface PostalTable {
  /** How many codes it knows. */
  size: number;
  /** The places of a code; empty when there is no such code. */
  find(code: string): PostalPlace[];
  /** The municipalities of a code, almost always one; empty when there is no such code. Cheaper than `find`. */
  citiesOf(code: string): readonly PostalCity[];
  /** The one code of the town that an address begins with; null when the data leave a doubt. */
  codeOf(address: string): string | null;
}

/** One line of postal data. `code` is seven digits, or the first five when the whole block of codes is one place. */
export interface PostalEntry extends PostalPlace {
  code: string;
}

const NOWHERE: readonly PostalCity[] = [];

/**
 * Packs postal data: 125,000 entries take some 4 MB, where as many objects would take 20.
 * Look-ups take well under a microsecond; `codeOf` folds the towns of a municipality when it is first asked for one.
 */
export function makePostalTable(entries: Iterable<PostalEntry>): PostalTable {
  const { cities, codes, cityOf, towns, townEnds, blocks } = pack(entries);
  const lists = cities.map((city): readonly PostalCity[] => [city]);
  const townAt = (entry: number): string => towns.slice(entry === 0 ? 0 : townEnds[entry - 1], townEnds[entry]);
  const placeAt = (entry: number): PostalPlace => {
    const { prefecture = '', city = '' } = cities[cityOf[entry] ?? -1] ?? {};
    return { prefecture, city, town: townAt(entry) };
  };
  const range = (code: string): [number, number] => {
    const wanted = code.length === 7 ? Number(code) : Number.NaN;
    const first = firstAtLeast(codes, wanted);
    let end = first;
    while (codes[end] === wanted) end++;
    return [first, end];
  };
  const find = (code: string): PostalPlace[] => {
    const [first, end] = range(code);
    const found = Array.from({ length: end - first }, (_none, i) => placeAt(first + i));
    const block = found.length === 0 && code.length === 7 ? blocks.get(code.slice(0, 5)) : undefined;
    return block ? [block] : found;
  };
  return {
    size: codes.length,
    find,
    citiesOf(code) {
      const [first, end] = range(code);
      if (end - first === 1) return lists[cityOf[first] ?? -1] ?? NOWHERE;
      const places = find(code);
      return places.filter(({ city }, i) => places.findIndex((other) => other.city === city) === i);
    },
    codeOf: makeReverse(cities, cityOf, (entry) => ({ code: codes[entry] ?? 0, town: townAt(entry) })),
  };
}

interface Packed {
  cities: PostalCity[];
  /** Ascending; a code with several towns stands there several times. */
  codes: Uint32Array;
  cityOf: Uint16Array;
  /** All towns one after the other, and where each ends. */
  towns: string;
  townEnds: Uint32Array;
  blocks: Map<string, PostalPlace>;
}

function pack(entries: Iterable<PostalEntry>): Packed {
  const cities: PostalCity[] = [];
  const numbers = new Map<string, number>();
  const rows: { code: number; city: number; town: string }[] = [];
  const blocks = new Map<string, PostalPlace>();
  let [lastPrefecture, lastCity, number] = ['', '', -1];
  for (const { code, prefecture, city, town } of entries) {
    if (city !== lastCity || prefecture !== lastPrefecture) {
      const name = prefecture + city;
      number = numbers.get(name) ?? cities.push({ prefecture, city }) - 1;
      numbers.set(name, number);
      [lastPrefecture, lastCity] = [prefecture, city];
    }
    if (code.length === 5) blocks.set(code, { prefecture, city, town });
    else rows.push({ code: Number(code), city: number, town });
  }
  rows.sort((a, b) => a.code - b.code);
  const townEnds = new Uint32Array(rows.length);
  let length = 0;
  for (const [i, { town }] of rows.entries()) {
    length += town.length;
    townEnds[i] = length;
  }
  return {
    ...{ cities, blocks, townEnds },
    codes: Uint32Array.from(rows, ({ code }) => code),
    cityOf: Uint16Array.from(rows, ({ city }) => city),
    towns: rows.map(({ town }) => town).join(''),
  };
}

/** The first position at which a sorted array is not below a value. */
function firstAtLeast(sorted: Uint32Array, value: number): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((sorted[middle] ?? 0) < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Towns of a municipality by folded name; null where one name has several codes. */
interface Towns {
  longest: number;
  codes: Map<string, number | null>;
}

function makeReverse(
  cities: readonly PostalCity[],
  cityOf: Uint16Array,
  entryAt: (entry: number) => { code: number; town: string },
): (address: string) => string | null {
  const byFirst = new Map<string, { number: number; folded: string; prefecture: string }[]>();
  const townsOf: (Towns | undefined)[] = [];
  let entriesOf: number[][] | null = null;
  const prepare = (): number[][] => {
    for (const [number, { prefecture, city }] of cities.entries()) {
      const folded = foldPlace(city);
      const first = folded.charAt(0);
      byFirst.set(first, [...(byFirst.get(first) ?? []), { number, folded, prefecture }]);
    }
    const found: number[][] = cities.map(() => []);
    for (const [entry, city] of cityOf.entries()) found[city]?.push(entry);
    return found;
  };
  const townsIn = (city: number): Towns => {
    const towns: Towns = { longest: 0, codes: new Map() };
    for (const entry of entriesOf?.[city] ?? []) {
      const { code, town } = entryAt(entry);
      const folded = foldPlace(town);
      if (folded === '') continue;
      towns.codes.set(folded, towns.codes.has(folded) ? null : code);
      towns.longest = Math.max(towns.longest, folded.length);
    }
    return towns;
  };
  return (address) => {
    entriesOf ??= prepare();
    const folded = foldPlace(address);
    const prefecture = prefectureAt(folded);
    const rest = folded.slice(prefecture.length);
    const named = (byFirst.get(rest.charAt(0)) ?? []).filter(
      (city) => (prefecture === '' || city.prefecture === prefecture) && rest.startsWith(city.folded),
    );
    const [city] = named;
    // 府中市 is in two prefectures: without one, nobody knows.
    if (!city || named.length > 1) return null;
    townsOf[city.number] ??= townsIn(city.number);
    return codeIn(townsOf[city.number], rest.slice(city.folded.length));
  };
}

// After the town a house number must follow, or nothing: 芝 is not the town of 芝見本町.
const AFTER_TOWN = /^(?:$|\d|[一二三四五六七八九十]+(?:丁目|番|号|条))/;

function codeIn(towns: Towns | undefined, rest: string): string | null {
  if (!towns) return null;
  for (let length = Math.min(towns.longest, rest.length); length > 0; length--) {
    const code = towns.codes.get(rest.slice(0, length));
    if (code === undefined) continue;
    return code !== null && AFTER_TOWN.test(rest.slice(length)) ? String(code).padStart(7, '0') : null;
  }
  return null;
}
