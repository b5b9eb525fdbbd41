/** The small fields of a row. Each reader gives null for what it cannot use. */

const COUNTRIES: Record<string, string> = {
  日本: 'JP',
  日本国: 'JP',
  japan: 'JP',
  アメリカ: 'US',
  アメリカ合衆国: 'US',
  米国: 'US',
  usa: 'US',
  unitedstates: 'US',
  unitedstatesofamerica: 'US',
  イギリス: 'GB',
  英国: 'GB',
  uk: 'GB',
  unitedkingdom: 'GB',
  中国: 'CN',
  china: 'CN',
  韓国: 'KR',
  korea: 'KR',
  southkorea: 'KR',
  台湾: 'TW',
  taiwan: 'TW',
  香港: 'HK',
  hongkong: 'HK',
  カナダ: 'CA',
  canada: 'CA',
  オーストラリア: 'AU',
  australia: 'AU',
  ドイツ: 'DE',
  germany: 'DE',
  フランス: 'FR',
  france: 'FR',
};

const BRANDS: [RegExp, string][] = [
  [/^(?:visa|ビザ|ヴィザ)/, 'VISA'],
  [/^(?:master|マスター|mc$)/, 'Mastercard'],
  [/^(?:jcb|ジェーシービー)/, 'JCB'],
  [/^(?:amex|americanexpress|アメックス|アメリカンエ[キク]スプレス|アメリカン・エキスプレス)/, 'American Express'],
  [/^(?:diners|ダイナース)/, 'Diners Club'],
  [/^(?:discover|ディスカバー)/, 'Discover'],
  [/^(?:unionpay|cup$|銀聯|ユニオンペイ)/, 'UnionPay'],
];

const fold = (cell: string): string =>
  cell
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[\s.\-_]/g, '');

/** ISO 3166-1 alpha-2. */
export function readCountry(cell: string): string | null {
  const folded = fold(cell);
  return COUNTRIES[folded] ?? (/^[a-z]{2}$/.test(folded) ? folded.toUpperCase() : null);
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

/** 9 to 15 digits (ITU-T E.164); in Japan a zero that a spreadsheet dropped is put back. */
export function readPhone(cell: string, country: string): string | null {
  const text = cell.normalize('NFKC').trim();
  const digits = text.replace(/\D/g, '');
  if (digits.length < 9 || digits.length > 15) return null;
  return country === 'JP' && !/^[+0]/.test(text) && digits.length <= 10 && !text.startsWith('(') ? `0${text}` : text;
}
