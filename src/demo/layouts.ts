import type { CellPlaces } from './breakage.ts';
import { halfWidthKana, hiragana } from './kana.ts';
import type { DemoPerson } from './people.ts';
import type { Card } from './plan.ts';

/** How one system exports: its columns, its habits, its encoding. */
export interface Layout<Subject> {
  fileName: string;
  kind: 'members' | 'affected';
  source: string;
  encoding: 'utf8' | 'cp932';
  quoteAll: boolean;
  header: string[];
  places: CellPlaces;
  row(subject: Subject): string[];
  externalId(subject: Subject): string | undefined;
}

const FIRST_DAY = Date.UTC(2015, 8, 15);
const BRANDS = ['VISA', 'Mastercard', 'JCB', 'American Express', 'Diners Club'];
const BRANDS_FULL_WIDTH = ['ＶＩＳＡ', 'マスター', 'ＪＣＢ', 'アメックス', 'ダイナース'];

/** A shop system's member export: UTF-8 with BOM, name and address in parts. */
export const MEMBERS: Layout<DemoPerson> = {
  fileName: 'members.csv',
  kind: 'members',
  source: 'shop',
  encoding: 'utf8',
  quoteAll: false,
  header:
    '会員ID,お名前(姓),お名前(名),お名前(セイ),お名前(メイ),郵便番号,都道府県,住所1,住所2,メールアドレス,電話番号'.split(
      ',',
    ),
  places: { names: [1, 2], contacts: [5, 6, 7, 8, 9], address: 8, remark: 8 },
  row: (person) => [
    memberId(person),
    person.family,
    person.given,
    person.familyKana,
    person.givenKana,
    person.place.postalCode,
    person.place.prefecture,
    person.place.city + person.place.town,
    person.street,
    person.email ?? '',
    person.phone,
  ],
  externalId: memberId,
};

/** The payment system's export: CP932, half-width kana, seven digits of postal code without a hyphen. */
export const PAYMENT: Layout<Card> = {
  fileName: 'affected-payment.csv',
  kind: 'affected',
  source: 'payment',
  encoding: 'cp932',
  quoteAll: false,
  header: '顧客番号,氏名,フリガナ,郵便番号,住所,メール,カード下4桁,ブランド,決済日,備考'.split(','),
  places: { names: [1], contacts: [3, 4, 5], address: 4, remark: 9 },
  row: ({ person, last4, brand, day }) => [
    customerNumber(person),
    `${person.family}　${person.given}`,
    halfWidthKana(`${person.familyKana} ${person.givenKana}`),
    person.place.postalCode.replace('-', ''),
    address(person),
    person.email ?? '',
    last4,
    BRANDS[brandOf(brand)] ?? '',
    date(day).replaceAll('-', '/'),
    '',
  ],
  externalId: ({ person }) => customerNumber(person),
};

/** The old shop's export: CP932, everything quoted, no customer number, emails as people typed them. */
export const OLD_SHOP: Layout<Card> = {
  fileName: 'affected-old-shop.csv',
  kind: 'affected',
  source: 'old-shop',
  encoding: 'cp932',
  quoteAll: true,
  header: 'お名前,ふりがな,〒,ご住所,TEL,E-mail,下4桁,カード会社,利用日'.split(','),
  places: { names: [0], contacts: [2, 3, 5], address: 3, remark: 4 },
  row: ({ person, last4, brand, day }) => [
    `${person.family} ${person.given}`,
    hiragana(`${person.familyKana} ${person.givenKana}`),
    person.place.postalCode,
    address(person),
    person.phone,
    typedEmail(person),
    last4,
    BRANDS_FULL_WIDTH[brandOf(brand)] ?? '',
    date(day).replaceAll('-', ''),
  ],
  externalId: () => undefined,
};

function memberId(person: DemoPerson): string {
  return `M${String(100_000 + person.index)}`;
}

function customerNumber(person: DemoPerson): string {
  return `P-${String(700_000 + person.index)}`;
}

function address({ place, street }: DemoPerson): string {
  return `${place.prefecture}${place.city}${place.town}${street}`;
}

/** Every thirtieth typed a capital and a space behind; it is the same address. */
function typedEmail({ email, index }: DemoPerson): string {
  if (email === undefined) return '';
  return index % 30 === 0 ? `${email.charAt(0).toUpperCase()}${email.slice(1)} ` : email;
}

/** Of a hundred cards 55 are of the first brand, 20 of the second, 15, 6 and 4 of the others. */
function brandOf(percentile: number): number {
  return [55, 75, 90, 96, 100].findIndex((limit) => percentile < limit);
}

function date(day: number): string {
  return new Date(FIRST_DAY + day * 86_400_000).toISOString().slice(0, 10);
}
