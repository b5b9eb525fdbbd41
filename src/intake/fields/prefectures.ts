import { nfkc } from './text.ts';

/** Prefectures by their number, 1 to 47 (JIS X 0401, ISO 3166-2:JP), with the names that English exports give them. */
const TABLE =
  '北海道 Hokkaido 青森県 Aomori 岩手県 Iwate 宮城県 Miyagi 秋田県 Akita 山形県 Yamagata 福島県 Fukushima 茨城県 Ibaraki 栃木県 Tochigi 群馬県 Gunma 埼玉県 Saitama 千葉県 Chiba 東京都 Tokyo 神奈川県 Kanagawa 新潟県 Niigata 富山県 Toyama 石川県 Ishikawa 福井県 Fukui 山梨県 Yamanashi 長野県 Nagano 岐阜県 Gifu 静岡県 Shizuoka 愛知県 Aichi 三重県 Mie 滋賀県 Shiga 京都府 Kyoto 大阪府 Osaka 兵庫県 Hyogo 奈良県 Nara 和歌山県 Wakayama 鳥取県 Tottori 島根県 Shimane 岡山県 Okayama 広島県 Hiroshima 山口県 Yamaguchi 徳島県 Tokushima 香川県 Kagawa 愛媛県 Ehime 高知県 Kochi 福岡県 Fukuoka 佐賀県 Saga 長崎県 Nagasaki 熊本県 Kumamoto 大分県 Oita 宮崎県 Miyazaki 鹿児島県 Kagoshima 沖縄県 Okinawa'.split(
    ' ',
  );

export const prefectures: readonly string[] = TABLE.filter((_name, index) => index % 2 === 0);

// By every way to write it that needs no folding.
const byName = new Map(
  prefectures.flatMap((name, index) => {
    const code = String(index + 1);
    const romaji = TABLE[index * 2 + 1]?.toLowerCase() ?? '';
    const two = code.padStart(2, '0');
    // ISO 3166-2, and as WooCommerce writes it.
    const ways = [name, name.slice(0, -1), code, two, `jp-${two}`, `jp${two}`];
    const latin = [romaji, `${romaji}-ken`, `${romaji} prefecture`, `${romaji}-to`, `${romaji}-fu`];
    return [...ways, ...latin].map((way): [string, string] => [way, name]);
  }),
);

/** The prefecture that a cell names, by name with or without its ending, or by its code; else the cell as it is. */
export function prefectureOf(cell: string): string {
  return byName.get(cell) ?? byName.get(nfkc(cell.trim()).toLowerCase()) ?? cell.trim();
}

// No two begin with the same two characters.
const byStart = new Map(prefectures.map((name) => [name.charCodeAt(0) * 65_536 + name.charCodeAt(1), name]));

/** The prefecture with which a text begins; empty when it begins with none. */
export function prefectureAt(text: string): string {
  const name = byStart.get(text.charCodeAt(0) * 65_536 + text.charCodeAt(1));
  return name !== undefined && text.startsWith(name) ? name : '';
}
