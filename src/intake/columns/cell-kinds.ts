import { cutCardNumbers } from '../fields/card-numbers.ts';
import { readDate } from '../fields/dates.ts';
import { readEmail } from '../fields/email-address.ts';
import { prefectureAt, prefectureOf, prefectures } from '../fields/prefectures.ts';
import { readBrand } from '../fields/small-fields.ts';
import { parseReference } from '../persons/reference.ts';

const withoutPostal = (text: string): string => text.replace(/^〒?\s*\d{3}-?\d{4}\s*/, '');
const digitsOf = (text: string): string => text.replace(/\D/g, '');

// Names of municipalities end so; 四日市市 and 町田市 need the greedy match.
const TOWN = /^[^\d\s,]{1,12}[市区町村]$/u;
const TOWN_AND_MORE = /^[^\d\s,]{1,12}[市区町村].*\d/u;
const KANA = /^[\p{Script=Katakana}\p{Script=Hiragana}ー・\s\u3099\u309A]{2,40}$/u;
const JAPANESE_NAME = /^[\p{Script=Han}\p{Script=Katakana}\p{Script=Hiragana}々ー・\s]{2,20}$/u;
const FLAG =
  /^(?:[01yntf]|yes|no|true|false|on|off|有|無|有り|無し|あり|なし|可|不可|否|要|不要|希望(?:する|しない|なし)?|はい|いいえ|する|しない|受信|拒否|配信|停止|登録済?み?|[○×〇-])$/i;
const STATUS =
  /^(?:active|inactive|enabled|disabled|invited|declined|pending|open|closed|new|paid|unpaid|deleted|blocked|approved)$/i;
const HONORIFIC =
  /^(?:様|さま|殿|先生|御中|氏|さん|君|ちゃん|mr|mrs|ms|miss|mx|dr|prof|professor|sir|madam|rev|m|mme|herr|frau)\.?$/i;
const ORDER_NUMBER = /^[#＃]?\s*[a-z]{0,5}[-_]?\d[\d\-_a-z]*$/i;
// Telephone numbers as they are written. The loose reading takes a customer number with leading zeros for one too.
const PHONE = /^(?:\+|0|\()[\d\s().+/-]{8,18}$/;
const SURE_PHONE = /^(?:\+\d[\d\s().-]{8,17}|\(?0\d{1,4}\)?[\s-]\d{1,4}[\s-]\d{3,4}|0[5-9]0\d{8})$/;

/** What a cell can look like. The text is folded (NFKC), trimmed and not empty. */
const looks = {
  at: (text: string) => text.includes('@'),
  email: (text: string) => readEmail(text) !== null,
  phone: (text: string) => PHONE.test(text) && /^\d{9,15}$/.test(digitsOf(text)),
  surePhone: (text: string) => SURE_PHONE.test(text) && /^\d{10,15}$/.test(digitsOf(text)),
  /** Nine digits and more: no part of a telephone number. */
  longNumber: (text: string) => digitsOf(text).length >= 9,
  postal: (text: string) => /^〒?\s*\d{3}-\d{4}$/.test(text),
  /** With or without its hyphen, or its leading zeros, which a spreadsheet dropped. */
  loosePostal: (text: string) => /^〒?\s*(?:\d{3}-?\d{4}|\d{5,6})$/.test(text),
  /** By name, in full or without its ending. A code could be any number. */
  prefecture: (text: string) => !/\d/.test(text) && prefectures.includes(prefectureOf(text)),
  /** A prefecture and more after it. */
  address: (text: string) => {
    const local = withoutPostal(text);
    const prefecture = prefectureAt(local);
    return prefecture !== '' && local.length >= prefecture.length + 2;
  },
  town: (text: string) => TOWN.test(text.slice(prefectureAt(text).length)),
  townAndMore: (text: string) => prefectureAt(text) === '' && TOWN_AND_MORE.test(text),
  digit: (text: string) => /\d|[一二三四五六七八九十]丁目/.test(text),
  kanji: (text: string) => /\p{Script=Han}/u.test(text),
  kana: (text: string) => KANA.test(text),
  japaneseName: (text: string) => JAPANESE_NAME.test(text) && /\p{Script=Han}/u.test(text) && !TOWN.test(text),
  spacedName: (text: string) => JAPANESE_NAME.test(text) && /\p{Script=Han}\s+\S/u.test(text),
  date: (text: string) => readDate(text) !== null,
  flag: (text: string) => FLAG.test(text),
  status: (text: string) => STATUS.test(text),
  honorific: (text: string) => HONORIFIC.test(text),
  orderNumber: (text: string) => ORDER_NUMBER.test(text),
  brand: (text: string) => readBrand(text) !== null,
  reference: (text: string) => parseReference(text) !== null,
  cardNumber: (text: string) => /^\*{4}\d{4}$/.test(cutCardNumbers(text) ?? ''),
  myNumber: (text: string) => isMyNumber(text.replace(/[\s-]/g, '')),
  passwordHash: (text: string) => /^\$(?:2[abxy]?|P|H|S|argon2(?:i|d|id)|[156]|scrypt)\$\S{20,}$/.test(text),
} satisfies Record<string, (text: string) => boolean>;

export type CellKind = keyof typeof looks;

/** Twelve digits, of which the last is the check digit (総務省令 平成26年 第85号, art. 5). */
function isMyNumber(text: string): boolean {
  if (!/^\d{12}$/.test(text)) return false;
  const digits = [...text].map(Number);
  // P_n counts from the right, the check digit aside; Q_n = n + 1 up to the sixth, n - 5 from there.
  const sum = digits
    .slice(0, 11)
    .reverse()
    .reduce((total, digit, i) => total + digit * (i < 6 ? i + 2 : i - 4), 0);
  const rest = sum % 11;
  return digits[11] === (rest <= 1 ? 0 : 11 - rest);
}

/** Whether a text that is no cell, such as a header, looks so. */
export function looksLike(text: string, kind: CellKind): boolean {
  const folded = fold(text);
  return folded !== '' && looks[kind](folded);
}

/** The filled cells of one column in the first rows of a list. */
export interface CellSample {
  /** Rows looked at. */
  rows: number;
  filled: number;
  /** Different ones among the filled cells. */
  distinct: number;
  /** 1, 2, 3, …: a number of the line. */
  counting: boolean;
  /** Share of the filled cells that look so; 0 when none is filled. */
  share(kind: CellKind): number;
}

const MAX_ROWS = 200;
// Ten thousand columns take no longer than the hundred of a real list.
const MAX_CELLS = 200_000;
const MAX_LENGTH = 300;

// What databases and spreadsheets put around a text, and how they export nothing.
const NOTHING = /^(?:\\N|\(?null\)?|#(?:N\/A|REF!|VALUE!|DIV\/0!|NAME\?|NUM!|NULL!))$/i;

function fold(cell: string): string {
  const text = cell.slice(0, MAX_LENGTH).normalize('NFKC').trim();
  if (NOTHING.test(text)) return '';
  return text.replace(/^="?(.*?)"?$/s, '$1').replace(/^'(?=[\d+=@-])/, '');
}

/** Looks at the cells of a column. Rows with a cell too many or too few are left out: nobody knows what stands where. */
export function sampleCells(rows: readonly (readonly string[])[], width: number): (index: number) => CellSample {
  const most = Math.min(MAX_ROWS, Math.max(10, Math.floor(MAX_CELLS / Math.max(1, width))));
  const fitting = rows.filter((row) => row.length === width).slice(0, most);
  const seen = new Map<number, CellSample>();
  return (index) => {
    const known = seen.get(index);
    if (known) return known;
    const made = sampleOf(fitting.map((row) => fold(row[index] ?? '')));
    seen.set(index, made);
    return made;
  };
}

function sampleOf(cells: readonly string[]): CellSample {
  const values = cells.filter((text) => text !== '');
  const shares = new Map<CellKind, number>();
  return {
    rows: cells.length,
    filled: values.length,
    distinct: new Set(values).size,
    counting: values.length >= 3 && values.every((text, i) => text === String(i + 1)),
    share(kind) {
      const known = shares.get(kind);
      if (known !== undefined) return known;
      const share = values.length === 0 ? 0 : values.filter(looks[kind]).length / values.length;
      shares.set(kind, share);
      return share;
    },
  };
}
