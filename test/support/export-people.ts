/** Invented customers, for lists as real systems export them. All of their text exists in CP932. */
export interface JapanesePerson {
  id: string;
  family: string;
  given: string;
  familyKana: string;
  givenKana: string;
  /** NNN-NNNN */
  postal: string;
  prefecture: string;
  /** JIS X 0401 */
  prefectureCode: string;
  city: string;
  town: string;
  house: string;
  building: string;
  email: string;
  phone: string;
  birth: string;
  lastOrder: string;
  company: string;
}

const japanese = (row: string): JapanesePerson => {
  const cells = row.split('|').map((cell) => cell.trim());
  const [id, family, given, familyKana, givenKana, postal, prefecture, prefectureCode, city, town] = cells as [
    ...[string, string, string, string, string, string, string, string, string, string],
  ];
  const [house, building, email, phone, birth, lastOrder, company] = cells.slice(10) as [
    ...[string, string, string, string, string, string, string],
  ];
  return {
    ...{ id, family, given, familyKana, givenKana, postal, prefecture, prefectureCode, city, town },
    ...{ house, building, email, phone, birth, lastOrder, company },
  };
};

export const japanesePeople: JapanesePerson[] = [
  '1001 | 髙橋 | 一郎 | タカハシ | イチロウ | 100-0005 | 東京都 | 13 | 千代田区 | 丸の内 | 1-2-3 | 丸の内ハウス301 | takahashi@example.jp | 03-0000-0001 | 1970-01-02 | 2017-03-11 | 見本商事株式会社',
  '1002 | 山田 | 花子 | ヤマダ | ハナコ | 060-0001 | 北海道 | 1 | 札幌市中央区 | 北一条西 | 2-4-6 | | hanako@example.com | 011-000-0002 | 1985-12-24 | 2017-04-01 |',
  '1005 | 田中 | 実 | タナカ | ミノル | 530-0001 | 大阪府 | 27 | 大阪市北区 | 梅田 | 3-1 | 梅田ハイツ205 | tanaka.minoru@example.jp | 06-0000-0003 | 1949-08-15 | 2017-05-20 |',
  '1012 | 佐々木 | 美咲 | ササキ | ミサキ | 812-0012 | 福岡県 | 40 | 福岡市博多区 | 博多駅中央街 | 1-10 | | misaki-s@example.com | 090-0000-0004 | 1999-02-28 | 2017-05-21 |',
  '1033 | 林 | さくら | ハヤシ | サクラ | 220-0012 | 神奈川県 | 14 | 横浜市西区 | みなとみらい | 5-6-7 | 海辺の家101 | sakura@example.jp | 045-000-0005 | 1962-07-07 | 2017-06-02 |',
].map(japanese);

export interface EnglishPerson {
  id: string;
  family: string;
  given: string;
  street: string;
  apartment: string;
  city: string;
  state: string;
  zip: string;
  email: string;
  phone: string;
  birth: string;
}

const english = (row: string): EnglishPerson => {
  const [id, family, given, street, apartment, city, state, zip, email, phone, birth] = row
    .split('|')
    .map((cell) => cell.trim()) as [
    ...[string, string, string, string, string, string],
    ...[string, string, string, string, string],
  ];
  return { id, family, given, street, apartment, city, state, zip, email, phone, birth };
};

export const englishPeople: EnglishPerson[] = [
  '7001 | Sample | Ada | 12 Harbor Road | Apt 4 | Springfield | IL | 62701 | ada@example.com | +1 555 010 0001 | 1980-05-06',
  '7004 | Specimen | Bruno | 340 Elm Street | | Oakland | CA | 94601 | bruno@example.com | +1 555 010 0002 | 1975-11-30',
  '7009 | Invented | Carla | 7 Mill Lane | Suite 200 | Boston | MA | 02108 | carla.i@example.com | +1 555 010 0003 | 1991-03-03',
  '7010 | Nobody | Dan | 99 Lake View Drive | | Austin | TX | 73301 | dan@example.com | +1 555 010 0004 | 1966-09-09',
].map(english);
