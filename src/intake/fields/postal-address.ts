const PREFECTURES =
  '北海道 青森県 岩手県 宮城県 秋田県 山形県 福島県 茨城県 栃木県 群馬県 埼玉県 千葉県 東京都 神奈川県 新潟県 富山県 石川県 福井県 山梨県 長野県 岐阜県 静岡県 愛知県 三重県 滋賀県 京都府 大阪府 兵庫県 奈良県 和歌山県 鳥取県 島根県 岡山県 広島県 山口県 徳島県 香川県 愛媛県 高知県 福岡県 佐賀県 長崎県 熊本県 大分県 宮崎県 鹿児島県 沖縄県'.split(
    ' ',
  );

export interface AddressCells {
  postal: string;
  postal1: string;
  postal2: string;
  prefecture: string;
  city: string;
  street: string;
  building: string;
  fullAddress: string;
}

export type AddressWarning = 'bad_postal' | 'postal_padded' | 'damaged_address' | 'incomplete_address';

export interface ReadAddress {
  /** Null when there is no usable address. */
  postalCode: string | null;
  /** Empty when there is no usable address. */
  lines: string[];
  warnings: AddressWarning[];
}

// Characters that stand where a decoder had none, and what Excel makes of a house number such as 1-2-3.
const DAMAGED_TEXT = /[?？〓■□●\uFFFD\p{Co}]/u;
const ENDS_IN_DATE =
  /(?:^|[^0-9])(?:(?:19|20)\d{2}\/\d{1,2}\/\d{1,2}|\d{1,2}月\d{1,2}日|\d{1,2}-(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec))$/i;

/**
 * Puts an address together. It is usable when it would find its place in print: in Japan, text beyond the prefecture,
 * with a postal code of seven digits or the prefecture's name; abroad, text, with a postal code or a town.
 * A damaged text is not usable: a letter with boxes or a date for a house number must not go out.
 */
export function readAddress(cells: AddressCells, country: string): ReadAddress {
  const warnings: AddressWarning[] = [];
  const postalCode = country === 'JP' ? japanesePostal(cells, warnings) : foreignPostal(cells);
  const lines = country === 'JP' ? japaneseLines(cells) : foreignLines(cells);
  if (lines.length === 0) return { postalCode: null, lines: [], warnings };
  if (lines.some((line) => DAMAGED_TEXT.test(line) || ENDS_IN_DATE.test(line.normalize('NFKC')))) {
    return { postalCode: null, lines: [], warnings: [...warnings, 'damaged_address'] };
  }
  const printable =
    country === 'JP' ? isJapanesePrintable(lines, postalCode) : postalCode !== null || cells.city.trim() !== '';
  if (!printable) return { postalCode: null, lines: [], warnings: [...warnings, 'incomplete_address'] };
  return { postalCode, lines, warnings };
}

/** The prefecture that a cell names, by name with or without its ending, or by its code: 1–47 (JIS X 0401) or JP-13 (ISO 3166-2). */
export function prefectureOf(cell: string): string {
  const text = cell.trim();
  const folded = text.normalize('NFKC');
  const code = /^(?:JP-)?(\d{1,2})$/i.exec(folded)?.[1];
  if (code !== undefined) return PREFECTURES[Number(code) - 1] ?? '';
  return PREFECTURES.find((name) => name === folded || name.slice(0, -1) === folded) ?? text;
}

function japanesePostal(cells: AddressCells, warnings: AddressWarning[]): string | null {
  const digits = (cell: string) => cell.normalize('NFKC').replace(/\D/g, '');
  const [first, second] = [digits(cells.postal1), digits(cells.postal2)];
  const whole = digits(cells.postal);
  const given =
    whole || (first.length > 3 ? first : first && second && first.padStart(3, '0') + second.padStart(4, '0'));
  if (given === '' && cells.postal.trim() === '') return null;
  if (/^0*$/.test(given) || given.length < 3 || given.length > 7) {
    warnings.push('bad_postal');
    return null;
  }
  // A spreadsheet takes 0640941 for a number and drops its zero.
  if (given.length < 7) warnings.push('postal_padded');
  return given.padStart(7, '0');
}

function foreignPostal(cells: AddressCells): string | null {
  return cells.postal.normalize('NFKC').trim().slice(0, 12) || null;
}

// From the large to the small, and nothing twice: a column called 住所 holds the whole address in one system, and what
// follows the town, or ends before the house number, in another.
function japaneseLines(cells: AddressCells): string[] {
  const [city, full, street] = [cells.city.trim(), cells.fullAddress.trim(), cells.street.trim()];
  const town = full.includes(city) ? full : city + full;
  const local = town.includes(street) ? town : town + street;
  if (local === '') return [];
  const prefecture = prefectureOf(cells.prefecture);
  const whole = local.startsWith(prefecture) ? local : prefecture + local;
  return [whole, buildingAfter(whole, cells)].filter((line) => line !== '');
}

function foreignLines(cells: AddressCells): string[] {
  const town = [cells.city.trim(), cells.prefecture.trim()].filter((part) => part !== '').join(', ');
  const street = cells.fullAddress.trim() || cells.street.trim();
  if (street === '') return [];
  return [street, buildingAfter(street, cells), town].filter((line) => line !== '');
}

// Some exports give the street with the building, and the building again.
function buildingAfter(street: string, { building }: AddressCells): string {
  const text = building.trim();
  return street.endsWith(text) ? '' : text;
}

function isJapanesePrintable(lines: readonly string[], postalCode: string | null): boolean {
  const text = lines[0] ?? '';
  const prefecture = PREFECTURES.find((name) => text.startsWith(name)) ?? '';
  return text.length - prefecture.length >= 3 && (prefecture !== '' || postalCode !== null);
}
