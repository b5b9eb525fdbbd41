import { nfkc } from './text.ts';

/** The small fields of a row. Each reader gives null for what it cannot use. */

const fold = (cell: string): string =>
  nfkc(cell)
    .toLowerCase()
    .replace(/[\s.\-_]/g, '');

/** Names that Unicode's own list (CLDR) does not have, beside ISO 3166-1 alpha-3 of where Japanese customers live. */
const OTHER_NAMES =
  'JP 日本国 US アメリカ JP jpn JP nippon US 米国 US 合衆国 US usa US america US unitedstatesofamerica GB 英国 GB uk GB gbr GB england GB greatbritain GB scotland CN 中華人民共和国 CN chn CN prc KR 大韓民国 KR korea KR kor KR southkorea KR republicofkorea TW 中華民国 TW twn HK 香港 HK hongkong HK hkg MO マカオ MO macau MO macao CA can AU aus DE deu FR fra SG sgp TH tha VN vietnam VN vnm VN ベトナム PH フィリピン PH phl MY mys ID idn IN ind NZ nzl IT ita ES esp NL オランダ NL holland NL nld CH che BR bra RU russia RU rus'.split(
    ' ',
  );

let countries: Map<string, string> | null = null;

// Made when the first list with a column of countries comes: 700 names in two languages.
function countryNames(): Map<string, string> {
  const names = new Map<string, string>();
  const languages = ['ja', 'en'].map(
    (language) => new Intl.DisplayNames([language], { type: 'region', fallback: 'none' }),
  );
  for (let i = 0; i < 26 * 26; i++) {
    const code = String.fromCharCode(65 + Math.floor(i / 26), 65 + (i % 26));
    const known = languages.flatMap((language) => language.of(code) ?? []);
    // Regions that are no countries, and the codes for "unknown".
    if (known.length === 0 || /^(?:EU|EZ|UN|ZZ|QO|XA|XB|UK)$/.test(code)) continue;
    for (const name of [...known, code]) names.set(fold(name), code);
  }
  for (let i = 0; i < OTHER_NAMES.length; i += 2) names.set(OTHER_NAMES[i + 1] ?? '', OTHER_NAMES[i] ?? '');
  return names;
}

const BRANDS: [RegExp, string][] = [
  [/^(?:visa|ビザ|ヴィザ)/, 'VISA'],
  [/^(?:master|マスター|mc$)/, 'Mastercard'],
  [/^(?:jcb|ジェーシービー)/, 'JCB'],
  [/^(?:amex|americanexpress|アメックス|アメリカンエ[キク]スプレス|アメリカン・エキスプレス)/, 'American Express'],
  [/^(?:diners|ダイナース)/, 'Diners Club'],
  [/^(?:discover|ディスカバー)/, 'Discover'],
  [/^(?:unionpay|cup$|銀聯|ユニオンペイ)/, 'UnionPay'],
];

/** ISO 3166-1 alpha-2, from that code or a name in Japanese or English. */
export function readCountry(cell: string): string | null {
  if (cell === 'JP' || cell === '日本') return 'JP';
  if (cell.length > 60) return null;
  countries ??= countryNames();
  return countries.get(fold(cell)) ?? null;
}

/** The brand, of a closed list: it is stored in the clear, and a cell could hold anything. */
export function readBrand(cell: string): string | null {
  const folded = fold(cell);
  return BRANDS.find(([pattern]) => pattern.test(folded))?.[1] ?? null;
}

/** Exactly four digits, alone or after a mask such as `****`. */
export function readLast4(cell: string): string | null {
  return /^(?:[*x•●・-]*)(\d{4})$/i.exec(fold(cell))?.[1] ?? null;
}

/** 1 to 1000. */
export function readCardCount(cell: string): number | null {
  const count = /^(\d{1,4})[枚件]?$/.exec(fold(cell))?.[1];
  return count !== undefined && Number(count) >= 1 && Number(count) <= 1000 ? Number(count) : null;
}

export function readLocale(cell: string): 'ja' | 'en' | null {
  const folded = fold(cell);
  if (/^(?:ja|jpn|jp|japanese|日本語)/.test(folded)) return 'ja';
  return /^(?:en|english|英語)/.test(folded) ? 'en' : null;
}
