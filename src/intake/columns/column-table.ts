/**
 * What columns are called: names as folded by `foldHeader`, the surest first. Collected from the exports of EC-CUBE,
 * Rakuten, Ponpare, Shopify, 宛名職人 and from usage.
 */
export const fieldNames = [
  'external_id',
  'full_name',
  'family_name',
  'given_name',
  'kana',
  'family_kana',
  'given_kana',
  'company',
  'department',
  'honorific',
  'postal',
  'postal1',
  'postal2',
  'prefecture',
  'city',
  'street',
  'building',
  'full_address',
  'email',
  'phone',
  'phone1',
  'phone2',
  'phone3',
  'birth',
  'locale',
  'country',
  'card_count',
  'last4',
  'brand',
  'first_use',
  'last_use',
  'forbidden',
  'ignored',
] as const;

/** What a column means. `forbidden` is dropped before anything is stored; `ignored` is kept for the report only. */
export type Field = (typeof fieldNames)[number];

type Table = Partial<Record<Field, string>>;

const words = (table: Table): Map<string, { field: Field; rank: number }> => {
  const entries = Object.entries(table) as [Field, string][];
  return new Map(
    entries.flatMap(([field, list]) => list.split(/\s+/).map((word, rank) => [word, { field, rank }] as const)),
  );
};

/** Header → field and rank: of two columns for one field, the lower rank is taken. */
export const synonyms = words({
  external_id:
    '会員id 会員番号 会員コード 顧客番号 顧客コード 顧客id お客様番号 お客様id お客様コード ユーザーid ユーザid ユーザー番号 userid customerid memberid customerno memberno customernumber 管理番号 整理番号 id no',
  full_name:
    '氏名 お名前 名前 姓名 宛名 顧客名 会員名 購入者名 注文者氏名 お客様名 氏名漢字 名前漢字 お名前漢字 カード名義人 カード名義 名義人 名義 name fullname customername recipient recipientname',
  family_name: '姓 お名前姓 氏名姓 名前姓 姓漢字 苗字 名字 氏 lastname familyname surname last',
  given_name: '名 お名前名 氏名名 名前名 名漢字 firstname givenname forename first',
  kana: 'フリガナ ふりがな カナ かな カナ氏名 氏名カナ 氏名かな お名前カナ お名前フリガナ 名前カナ 名前フリガナ 氏名フリガナ 氏名ふりがな 姓名カナ 姓名かな 姓名フリガナ 会員名カナ 顧客名カナ お客様名カナ お客様名フリガナ ヨミ よみ 読み 読み仮名 ヨミガナ よみがな kana furigana phonetic namekana',
  family_kana:
    'お名前セイ 氏名セイ フリガナ姓 フリガナセイ カナ姓 カナセイ 姓カナ 姓かな 姓フリガナ 姓ふりがな 姓ヨミ 名字フリガナ 名字カナ 苗字フリガナ 苗字カナ セイ せい lastnamekana familynamekana lastnamephonetic',
  given_kana:
    'お名前メイ 氏名メイ フリガナ名 フリガナメイ カナ名 カナメイ 名カナ 名かな 名フリガナ 名ふりがな 名ヨミ メイ めい firstnamekana givennamekana firstnamephonetic',
  company:
    '会社名 法人名 団体名 御社名 貴社名 勤務先 勤務先名 会社 法人 企業名 company companyname organization organisation',
  department: '部署名 部署 所属 所属部署 課 department',
  honorific: '敬称 honorific title',
  postal: '郵便番号 〒 自宅〒 郵便no 郵便 〒番号 zip zipcode postcode postalcode postal',
  postal1: '郵便番号1 郵便番号上3桁 zip1 postal1',
  postal2: '郵便番号2 郵便番号下4桁 zip2 postal2',
  prefecture:
    '都道府県 都道府県名 都道府県名称 住所都道府県 都道府県id 都道府県コード 県 府県 県名 pref prefecture state provincecode province stateprovince county',
  city: '市区町村 市区郡町村 郡市区 市区町村名 住所郡市区 住所市区町村 市町村 city locality town towncity',
  street:
    '町名番地 町域 町域番地 丁目番地 番地 住所番地 それ以降の住所 住所それ以降の住所 住所町以降 町以降 以降の住所 市区町村以降 住所市区町村以降 street streetaddress addressline1',
  building:
    '建物名 ビル名 建物 建物名等 建物名部屋番号 マンション名 マンション アパート名 方書 号室 部屋番号 住所建物名 building apt suite addressline2',
  full_address: '住所 ご住所 自宅住所 所在地 住所全体 address fulladdress postaladdress',
  email:
    'メールアドレス eメールアドレス 電子メールアドレス メール eメール 電子メール メアド email emailaddress mail mailaddress pcメール pcメールアドレス 携帯メール 携帯メールアドレス モバイルメールアドレス メールアドレスpc メールアドレス携帯 メールアドレス1 メールアドレス2 メールアドレス3',
  phone:
    '電話番号 電話 tel telno phone phonenumber telephone 自宅電話番号 携帯電話番号 携帯電話 携帯番号 携帯 mobile mobilephone 電話番号携帯 電話番号自宅 連絡先電話番号 連絡先',
  phone1: '電話番号1 tel1 phone1',
  phone2: '電話番号2 tel2 phone2',
  phone3: '電話番号3 tel3 phone3',
  birth: '生年月日 誕生日 birth birthday birthdate dateofbirth dob',
  locale: '言語 使用言語 language locale lang',
  country: '国 国名 居住国 国コード country countrycode',
  card_count: 'カード枚数 枚数 流出カード枚数 漏えいカード枚数 流出件数 件数 cardcount cards',
  last4: 'カード下4桁 下4桁 カード番号下4桁 last4 cardlast4 last4digits lastfour',
  brand:
    'ブランド カードブランド 国際ブランド カード会社 カード会社名 カード種別 カード種類 クレジットカード種別 クレジットカード種類 クレジットカード会社 brand cardbrand cardtype',
  first_use: '初回購入日 初回利用日 初回注文日 初回決済日 firstuse firstpurchase firstorder',
  last_use:
    '最終購入日 最終利用日 最終注文日 最終決済日 決済日 決済日時 利用日 利用日時 ご利用日 購入日 購入日時 注文日 注文日時 lastuse lastpurchase lastorder orderdate purchasedate',
});

/** Split addresses whose parts mean different things in different systems: decided by the columns beside them. */
export const numberedAddress = new Map([
  ['住所1', 1],
  ['address1', 1],
  ['住所2', 2],
  ['address2', 2],
  ['住所3', 3],
  ['address3', 3],
]);

/** A name that is the given name when a family name has a column of its own, and the whole name otherwise. */
export const nameAfterFamily = new Set(['名', '名前', 'お名前']);
export const kanaAfterFamily = new Set(['名前カナ', '名前フリガナ', 'お名前カナ', 'お名前フリガナ']);

const FORBIDDEN_EXACT = new Set([
  'pan',
  'cvv',
  'cvv2',
  'cvc',
  'cvc2',
  'cvn',
  'cid',
  'pin',
  'pwd',
  'pass',
  'カードno',
  'カードnumber',
  'クレジットno',
  'pw',
  'ssn',
]);
const FORBIDDEN_PART =
  /カード番号|クレカ番号|クレジット番号|card(?:num|no$)|cc(?:num|no$)|セキュリティー?(?:コード|番号)|security(?:code|number)|カード確認番号|^(?:card|カード|クレジットカード)?cv[cvn]|パスワード|パスコード|password|passwd|passcode|(?:ログイン|login|ユーザー?|user)pw$|暗証番号|^pin(?:コード|番号|no)|マイナンバー|個人番号|mynumber|socialsecurity/;
const LAST_FOUR = /(?:下|末尾|後)4(?:桁|けた|ケタ)|last4|lastfour|末尾4/;
const EXPIRY = /有効期限|expiry|expiration|expdate|validthru/;

/** Whether a folded header names something that may not be stored: card number, security code, password, My Number. */
export function isForbidden(folded: string): boolean {
  return FORBIDDEN_EXACT.has(folded) || (FORBIDDEN_PART.test(folded) && !LAST_FOUR.test(folded));
}

export function isLastFour(folded: string): boolean {
  return LAST_FOUR.test(folded) && !/郵便|zip|postal|電話|tel|phone/.test(folded);
}

export function isExpiry(folded: string): boolean {
  return EXPIRY.test(folded);
}
