/**
 * Tells the encodings of Japanese and Western lists apart. All of them give a meaning to nearly all bytes, so that a
 * text that is merely valid proves nothing: what counts is whether it says what lists of persons say. Each reader walks
 * over the bytes of the file under one assumption and adds up points for every character.
 */
export interface Reading {
  push(bytes: Uint8Array): void;
  /** Points so far for each byte above 7F; 1 is what half-width kana get. Up to where the text ceases to be valid. */
  points(): number;
  /** Bytes above 7F that have been counted. */
  counted(): number;
  /** How far the points were ahead of what is needed, where they were furthest ahead. */
  peak(): number;
  /** Whether all of it is valid. */
  valid(): boolean;
}

/** Points for each byte that a text must have to be taken for one: a Korean or Chinese list has half as many. */
export const PLAUSIBLE = 0.75;

/** Characters that most names, addresses and headers of Japanese lists are made of. */
const COMMON =
  '山田太郎佐藤鈴木高橋伊渡辺邊邉中村小林加吉松井本上石川前野口原岡長谷藤後近斎斉青坂遠西福三阿部池森橋内島嶋崎' +
  '金和大河今平杉増丸千葉岩菅竹武宮下新久保工酒水横宗市古片安東北南杉浦関荒黒白沢澤清柴土屋服星堀桜桑栗梅植樋柳' +
  '花子一二三四五六七八九十次介助夫男雄生美恵代香奈菜里理由紀幸真直明正和弘宏浩博裕祐優悠翔太健賢陽翼大輔樹葵結' +
  '愛彩沙織絵智知千春夏秋冬文恒康秀英勇勝進進修誠実徹隆孝敏俊治司哲昭義信光隼拓貴也哉人仁仁志朗平良成郁京加佳' +
  '区市町村丁目番地号室都道府県東京大阪神奈川埼玉千葉愛知兵庫福岡北海静広島宮城新潟長野岐阜群馬栃茨三重熊鹿児島沖縄滋' +
  '賀奈良和歌山鳥取岡山口徳香愛媛高佐崎分青森岩手秋形石富井梨港新宿渋谷品江戸世田谷杉並練馬足立葛飾板橋豊荒台墨' +
  '文京中央目黒堀駅前通公園本条西南棟階館荘氏名姓住所電話番号郵便会員様顧客登録日付生年月備考件数枚会社株式有限部課' +
  '性別男女職業国籍受注購入最終初回利用契約店舗売上商品金額合計請求先送届配達請建物';

/** Codes of JIS X 0208 as row × 100 + cell. */
let commonCodes: Set<number> | null = null;

function isCommon(row: number, cell: number): boolean {
  commonCodes ??= codesOf(new Set(COMMON));
  return commonCodes.has(row * 100 + cell);
}

function codesOf(characters: ReadonlySet<string>): Set<number> {
  const decoder = new TextDecoder('euc-jp');
  const codes = new Set<number>();
  for (let row = 16; row <= 84; row++) {
    for (let cell = 1; cell <= 94; cell++) {
      if (characters.has(decoder.decode(Uint8Array.of(row + 0xa0, cell + 0xa0)))) codes.add(row * 100 + cell);
    }
  }
  return codes;
}

/** Points of a character of JIS X 0208 with its extensions; null where no character is. */
function pointsOfPair(row: number, cell: number): number | null {
  if (row === 4 || row === 5) return 3;
  if (row <= 3) return 1;
  if (row >= 16 && row <= 47) return isCommon(row, cell) ? 3 : 1;
  if (row >= 48 && row <= 84) return isCommon(row, cell) ? 3 : -2;
  if (row <= 8 || (row >= 95 && row <= 114)) return -2;
  return row === 13 || (row >= 89 && row <= 92) || row >= 115 ? 0 : null;
}

/** Points of a half-width kana (A1–DF of JIS X 0201), by what can follow what in Japanese. */
function pointsOfKana(code: number, before: number): number {
  const follows = (low: number, high: number) => before >= low && before <= high;
  if (code <= 0xa6) return code === 0xa5 && before !== 0 ? 0 : -3;
  if (before === 0) return code <= 0xb0 || code >= 0xdd ? -3 : 1;
  if (code <= 0xab) return [0xb3, 0xbc, 0xc1, 0xc2, 0xc3, 0xc4, 0xcc, 0xde].includes(before) ? 1 : -2;
  if (code <= 0xae) return [0xb7, 0xbc, 0xc1, 0xc6, 0xcb, 0xd0, 0xd8, 0xc3, 0xde, 0xdf].includes(before) ? 1 : -2;
  if (code === 0xde) return follows(0xb6, 0xc4) || follows(0xca, 0xce) || before === 0xb3 ? 1 : -3;
  if (code === 0xdf) return follows(0xca, 0xce) ? 1 : -3;
  return 1;
}

// A letter before a character that is not of the commonest: an accent of a Western name that was read as Japanese.
const AFTER_LETTER = -2;
const isLetter = (byte: number) => (byte >= 0x41 && byte <= 0x5a) || (byte >= 0x61 && byte <= 0x7a);

/** How far a reading has come. */
interface Walk {
  lead: number;
  before: number;
  points: number;
  counted: number;
  peak: number;
  valid: boolean;
}

function makeReading(step: (walk: Walk, byte: number) => void, finish: (walk: Walk) => void = () => {}): Reading {
  const walk: Walk = { lead: 0, before: 0, points: 0, counted: 0, peak: 0, valid: true };
  return {
    push(bytes) {
      for (let i = 0; i < bytes.length && walk.valid; i++) {
        step(walk, bytes[i] as number);
        walk.peak = Math.max(walk.peak, walk.points - PLAUSIBLE * walk.counted);
      }
    },
    points() {
      finish(walk);
      return walk.counted === 0 ? 0 : walk.points / walk.counted;
    },
    counted: () => walk.counted,
    peak: () => walk.peak,
    valid: () => walk.valid,
  };
}

function addPair(walk: Walk, row: number, cell: number, bytes: number): void {
  const points = pointsOfPair(row, cell);
  if (points === null) {
    walk.valid = false;
    return;
  }
  walk.points += points + (points < 3 && isLetter(walk.before) ? AFTER_LETTER : 0);
  walk.counted += bytes;
  walk.before = 0;
}

function addKana(walk: Walk, code: number, bytes: number): void {
  const points = pointsOfKana(code, walk.before >= 0xa1 ? walk.before : 0);
  walk.points += points * bytes + (isLetter(walk.before) ? AFTER_LETTER : 0);
  walk.counted += bytes;
  walk.before = code;
}

/**
 * CP932: single bytes 00–7F and A1–DF, pairs that begin with 81–9F or E0–FC and go on with 40–7E or 80–FC. When every
 * pair begins with 8E, they are half-width kana of EUC-JP.
 */
export function readAsCp932(): Reading {
  let [pairs, kanaPairs] = [0, 0];
  const step = (walk: Walk, byte: number) => {
    if (walk.lead !== 0) {
      const { lead } = walk;
      walk.lead = 0;
      if (byte < 0x40 || byte === 0x7f || byte > 0xfc) {
        walk.valid = false;
        return;
      }
      // Two rows of JIS to a lead byte (JIS X 0208 annex 1).
      const index = byte - (byte > 0x7f ? 0x41 : 0x40);
      pairs++;
      if (lead === 0x8e && byte >= 0xa1 && byte <= 0xdf) kanaPairs++;
      const row = (lead - (lead > 0x9f ? 0xc1 : 0x81)) * 2 + 1 + (index >= 94 ? 1 : 0);
      addPair(walk, row, (index % 94) + 1, byte > 0x7f ? 2 : 1);
    } else if (byte < 0x80) walk.before = byte;
    else if (byte >= 0xa1 && byte <= 0xdf) addKana(walk, byte, 1);
    else if (byte === 0x80 || byte === 0xa0 || byte > 0xfc) walk.valid = false;
    else walk.lead = byte;
  };
  const reading = makeReading(step);
  return { ...reading, points: () => (pairs >= 3 && pairs === kanaPairs ? 0 : reading.points()) };
}

/** EUC-JP: pairs of A1–FE; 8E before half-width kana; 8F before the rare pairs of JIS X 0212. */
export function readAsEucJp(): Reading {
  return makeReading((walk, byte) => {
    const { lead } = walk;
    if (lead === 0) {
      if (byte < 0x80) walk.before = byte;
      else if (byte === 0x8e || byte === 0x8f || (byte >= 0xa1 && byte <= 0xfe)) walk.lead = byte;
      else walk.valid = false;
      return;
    }
    walk.lead = 0;
    if (byte < 0xa1 || byte > 0xfe || (lead === 0x8e && byte > 0xdf)) walk.valid = false;
    else if (lead === 0x8e) addKana(walk, byte, 2);
    // Two more bytes of a rare character: 1 stands for the second of three.
    else if (lead === 0x8f) {
      walk.lead = 1;
      walk.before = 0;
    } else if (lead === 1) {
      walk.points -= 2;
      walk.counted += 3;
    } else addPair(walk, lead - 0xa0, byte - 0xa0, 2);
  });
}

/** Letters of windows-1252 above BF, and Š, Œ, Ž, š, œ, ž, Ÿ. */
const isWesternLetter = (byte: number) =>
  (byte >= 0xc0 && byte !== 0xd7 && byte !== 0xf7) || [0x8a, 0x8c, 0x8e, 0x9a, 0x9c, 0x9e, 0x9f].includes(byte);

/**
 * The letters that are the same in the code pages of Western, Central European, Turkish and Baltic Windows: Ä É Ó Ö Ü ß
 * ä é ó ö ü. With any other one a file cannot be told to be Western: the è of Hélène is the č of a Czech name.
 */
const SAME_EVERYWHERE = new Set([0xc4, 0xc9, 0xd3, 0xd6, 0xdc, 0xdf, 0xe4, 0xe9, 0xf3, 0xf6, 0xfc]);

export interface WesternReading extends Reading {
  /** Whether every letter is the same in all code pages that it might be. */
  certain(): boolean;
}

/** Windows-1252: one or two accented letters in a row, within words of plain letters. */
export function readAsWestern(): WesternReading {
  let certain = true;
  let run = 0;
  let wordBefore = false;
  const endRun = (walk: Walk, next: number) => {
    if (run > 0) walk.points += wordBefore || isLetter(next) ? 2 * run : -2 * run;
    run = 0;
    walk.before = next;
  };
  const step = (walk: Walk, byte: number) => {
    if (byte < 0x80) return endRun(walk, byte);
    walk.counted++;
    // A typographic apostrophe stands for itself in all code pages.
    if (byte === 0x92) return endRun(walk, byte);
    if (run === 0) wordBefore = isLetter(walk.before) || walk.before === 0x92;
    run++;
    walk.valid &&= run <= 2 && isWesternLetter(byte);
    certain &&= SAME_EVERYWHERE.has(byte);
  };
  return { ...makeReading(step, (walk) => endRun(walk, 0)), certain: () => certain };
}
