import { type CellKind, type CellSample, looksLike } from './cell-kinds.ts';
import type { Field } from './column-table.ts';
import type { CellsOf } from './judge-content.ts';
import { isFar, type Reading } from './read-header.ts';

interface Guess {
  field: Field;
  /** Not guessed where one of these has a column. */
  unless: Field[];
  /** What the name may hint at; without a match the cells alone must do. */
  hint: RegExp;
  /** What the cells must look like when the name hints. */
  hinted: CellKind;
  /** What they must look like when it does not; null when cells alone never do. */
  alone: CellKind | null;
}

/** What a column may be of which the name says little, in the order in which they are looked for. */
const GUESSES: Guess[] = [
  { field: 'email', unless: ['email'], hint: /メール|アドレス|mail/, hinted: 'email', alone: 'email' },
  {
    ...{ field: 'full_address', unless: ['full_address', 'city', 'street'], hint: /住所|所在|address/ },
    ...{ hinted: 'address', alone: 'address' },
  },
  {
    ...{ field: 'postal', unless: ['postal', 'postal1'], hint: /郵便|〒|zip|post(?:al)?(?:code|no)/ },
    ...{ hinted: 'loosePostal', alone: 'postal' },
  },
  {
    ...{ field: 'phone', unless: ['phone', 'phone1'], hint: /電話|携帯|連絡先|tel|phone|mobile/ },
    ...{ hinted: 'phone', alone: 'surePhone' },
  },
  {
    ...{ field: 'full_name', unless: ['full_name', 'family_name'], hint: /氏名|名前|様|者|本人|宛|name/ },
    ...{ hinted: 'japaneseName', alone: 'spacedName' },
  },
  {
    ...{
      field: 'kana',
      unless: ['kana', 'family_kana'],
      hint: /^(?!.*(?:住所|市区|町|県|会社|法人|建物)).*(?:カナ|かな|がな|ヨミ|読み|kana)/,
    },
    ...{ hinted: 'kana', alone: 'kana' },
  },
  { field: 'birth', unless: ['birth'], hint: /生年|誕生|birth|dob/, hinted: 'date', alone: null },
  {
    ...{
      field: 'last_use',
      unless: ['last_use'],
      hint: /(?:購入|利用|注文|決済|受注|purchase|order).*(?:日|date|time)/,
    },
    ...{ hinted: 'date', alone: null },
  },
];

// Names of what is another person's, another place's, or the shop's own.
const NOT_THE_CUSTOMER =
  /fax|ファ(?:ックス|クス)|担当|店|ショップ|shop|store|vendor|staff|スタッフ|営業|紹介|緊急|保証人|代理|保護者|親権|家族|配偶者|連名|子供|子ども|旧|former|previous|^old|送信元|差出|依頼主|管理者|admin|card|カード|商品|品名|product|lineitem|メーカー|支店|銀行|口座|bank|支払|配送|発送|payment|url|^ip|備考|メモ|note|memo/;

// 250-7001 is the number of an order there, and no postal code.
const NUMBER_OF_SOMETHING = /(?:id|no|番号|コード|code|number|key)$/;

/**
 * Finds by their cells the columns that a list needs and that no name gave: a name without words such as 列3, or one
 * that only resembles. A header that is a row of data itself is no header, and its first person would be lost: there
 * nothing is guessed.
 */
export function guessColumns(
  readings: readonly Reading[],
  header: readonly string[],
  { cellsOf, duplicates }: { cellsOf: CellsOf; duplicates: readonly number[] },
): void {
  if (holdsData(header)) return;
  const open = readings.filter((reading) => isOpen(reading, duplicates));
  for (const guess of GUESSES) {
    if (readings.some((reading) => guess.unless.includes(reading.field))) continue;
    const found = best(open, guess, cellsOf);
    if (found) Object.assign(found.reading, { field: guess.field, sure: found.sure, by: 'content' });
  }
  for (const reading of open) {
    // Nearly taken: worth a look.
    if (reading.field === 'ignored' && GUESSES.some(({ hint }) => hint.test(reading.folded))) reading.sure = 'likely';
  }
}

/** Takes the kana for the name where a list has no other name, as lists from banks do. */
export function nameByKana(readings: readonly Reading[]): void {
  const has = (...fields: Field[]) => readings.some((reading) => fields.includes(reading.field));
  if (has('full_name', 'family_name', 'given_name', 'company')) return;
  const moves: [Field, Field][] = has('kana')
    ? [['kana', 'full_name']]
    : [
        ['family_kana', 'family_name'],
        ['given_kana', 'given_name'],
      ];
  for (const reading of readings) {
    const field = reading.rank >= 0 ? moves.find(([from]) => from === reading.field)?.[1] : undefined;
    if (field) Object.assign(reading, { field, sure: 'guess' });
  }
}

function isOpen(reading: Reading, duplicates: readonly number[]): boolean {
  if (reading.field !== 'ignored' || reading.by === 'mapping' || reading.by === 'saved' || isFar(reading)) return false;
  // A name that was understood and set aside stays aside, unless its cells were not what it says.
  if (reading.named && (reading.by !== 'content' || duplicates.includes(reading.index))) return false;
  return !NOT_THE_CUSTOMER.test(reading.folded);
}

/** An email address, a telephone number or an address is nobody's name for a column. */
function holdsData(header: readonly string[]): boolean {
  const data: CellKind[] = ['email', 'surePhone', 'postal'];
  return header.some(
    (text) => data.some((kind) => looksLike(text, kind)) || (looksLike(text, 'address') && looksLike(text, 'digit')),
  );
}

interface Found {
  reading: Reading;
  sure: 'likely' | 'guess';
  share: number;
  filled: number;
}

// Which column wins does not depend on where it stands.
function best(open: readonly Reading[], guess: Guess, cellsOf: CellsOf): Found | undefined {
  const found = open.flatMap((reading) => candidate(reading, guess, cellsOf(reading.index)) ?? []);
  return found.toSorted(
    (a, b) =>
      Number(a.sure === 'guess') - Number(b.sure === 'guess') ||
      b.share - a.share ||
      b.filled - a.filled ||
      (a.reading.folded < b.reading.folded ? -1 : a.reading.folded > b.reading.folded ? 1 : 0) ||
      a.reading.index - b.reading.index,
  )[0];
}

function candidate(reading: Reading, guess: Guess, cells: CellSample): Found | null {
  if (reading.field !== 'ignored' || cells.filled === 0) return null;
  const hints = guess.hint.test(reading.folded);
  const kind = hints ? guess.hinted : guess.alone;
  if (kind === null || (!hints && NUMBER_OF_SOMETHING.test(reading.folded))) return null;
  // What is the same in every row is the shop's. Names look like any word: only several different ones are persons.
  const words = kind === 'japaneseName' || kind === 'spacedName' || kind === 'kana';
  if (cells.filled >= 3 ? cells.distinct < (words ? cells.filled / 2 : 2) : words) return null;
  const share = cells.share(kind);
  return share >= 0.9 ? { reading, sure: hints ? 'likely' : 'guess', share, filled: cells.filled } : null;
}
