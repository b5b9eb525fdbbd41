/** Every field that a column can be. */
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
  'minor',
  'deceased',
  'reference',
  'reason',
  'until',
  'forbidden',
  'ignored',
] as const;

/**
 * What a column means. `forbidden` is dropped before anything is stored; `ignored` is kept for the report only.
 * `reference` is the one that Owabi gave; `reason` and `until` belong to lists that exclude, hold or were notified before.
 */
export type Field = (typeof fieldNames)[number];

type Table = Partial<Record<Field, string>>;

const words = (table: Table): Map<string, { field: Field; rank: number }> => {
  const entries = Object.entries(table) as [Field, string][];
  return new Map(
    entries.flatMap(([field, list]) => list.split(/\s+/).map((word, rank) => [word, { field, rank }] as const)),
  );
};

/**
 * Header → field and rank: of two columns for one field, the lower rank is taken. Names are folded by `foldHeader` and
 * without the prefixes of `read-header.ts`. Collected from the exports of EC-CUBE 2, 3 and 4 (names and database),
 * Rakuten RMS, Ponpare, Yahoo! Shopping, Shopify, BASE, Next Engine, MakeShop, らくうる, 宛名職人, WooCommerce, Magento,
 * Salesforce, and from usage.
 */
export const synonyms = words({
  external_id:
    '会員id 会員番号 会員no 会員コード 顧客番号 顧客コード 顧客id お客様番号 お客様id お客様コード 契約者番号 契約番号 ユーザーid ユーザid ユーザー番号 userid customerid memberid customerno customercode memberno memberscode membernumber customernumber 社員コード 学籍番号 診察券番号 カルテ番号 宛名番号 得意先コード 取引先コード 証券番号 ポイントカード番号 メンバーズカード番号 管理番号 整理番号 id no 番号',
  full_name:
    '氏名 お名前 名前 姓名 宛名 顧客名 会員名 購入者名 注文者氏名 お客様名 お客様氏名 氏名漢字 名前漢字 お名前漢字 漢字氏名 宛名氏名 契約者名 契約者氏名 申込者名 カード名義人 カード名義 名義人 名義 name fullname customername membername contactname recipient recipientname cardholdername cardholder 注文者 購入者 契約者 申込者 お客様',
  family_name:
    '姓 お名前姓 氏名姓 名前姓 姓漢字 漢字姓 苗字 名字 氏 lastname familyname surname last namesei name01 お名前1 sei',
  given_name: '名 お名前名 氏名名 名前名 名漢字 漢字名 firstname givenname forename first namemei name02 お名前2 mei',
  kana: 'フリガナ ふりがな カナ かな カナ氏名 氏名カナ 氏名かな お名前カナ お名前フリガナ 名前カナ 名前フリガナ 氏名フリガナ 氏名ふりがな 姓名カナ 姓名かな 姓名フリガナ 会員名カナ 顧客名カナ お客様名カナ お客様名フリガナ 宛名カナ カナ名 ヨミ よみ 読み 読み仮名 読みがな ヨミガナ よみがな 振り仮名 振仮名 kana furigana phonetic namekana kananame fullnamekana',
  family_kana:
    'お名前セイ 氏名セイ フリガナ姓 フリガナセイ カナ姓 カナセイ 姓カナ 姓かな 姓フリガナ 姓ふりがな 姓ヨミ 氏名フリガナセイ 氏名フリガナ姓 お名前フリガナ姓 お名前フリガナセイ お名前カナ姓 名字フリガナ 名字カナ 苗字フリガナ 苗字カナ 氏カナ 氏フリガナ セイ せい lastnamekana familynamekana lastnamephonetic lastkana seikana kanasei kana01',
  given_kana:
    'お名前メイ 氏名メイ フリガナ名 フリガナメイ カナメイ 名カナ 名かな 名フリガナ 名ふりがな 名ヨミ 氏名フリガナメイ 氏名フリガナ名 お名前フリガナ名 お名前フリガナメイ お名前カナ名 メイ めい firstnamekana givennamekana firstnamephonetic firstkana meikana kanamei kana02',
  company:
    '会社名 法人名 団体名 御社名 貴社名 企業名 勤務先名 勤務先 会社 法人 取引先名 得意先名 company companyname organization organisation organizationname accountname',
  department: '部署名 部署名1 部署 所属部署 所属 課 department',
  honorific: '敬称 honorific salutation prefix nameprefix title',
  postal:
    '郵便番号 〒 自宅〒 郵便no 〒番号 郵便 zip zipcode postcode postalcode zippostalcode zippostcode postcodezip postal',
  postal1:
    '郵便番号1 郵便番号上3桁 郵便番号上 郵便番号前 郵便番号前半 zip1 zip01 zipcode1 postal1 postalcode1 postcode1',
  postal2:
    '郵便番号2 郵便番号下4桁 郵便番号下 郵便番号後 郵便番号後半 zip2 zip02 zipcode2 postal2 postalcode2 postcode2',
  prefecture:
    '都道府県 都道府県名 都道府県名称 住所都道府県 府県 県 県名 都道府県id 都道府県コード prefecture pref prefname prefecturename state province provincename provincecode stateprovince region statecode prefid prefcode prefecturecode county',
  city: '市区町村 市区郡町村 郡市区 市区郡 都市区 市区町村名 郡市区町村 住所郡市区 住所市区町村 住所都市区 市町村 市区 city cityname locality town towncity citytown suburb',
  street:
    '町名番地 町域番地 町域 町名 丁目番地 番地 番地等 住所番地 それ以降の住所 住所それ以降の住所 住所町以降 町以降 以降の住所 市区町村以降 市区町村以降の住所 住所市区町村以降 番地以降 street streetaddress',
  building:
    '建物名 ビル名 建物 建物名等 ビル等 建物名部屋番号 建物名号室 建物部屋番号 マンション名 マンションビル名 マンション アパート名 アパートマンション名 方書 様方 号室 部屋番号 住所建物名 住所ビル名 building buildingname apt apartment suite aptsuite',
  full_address: '住所 現住所 自宅住所 所在地 住所全体 address fulladdress postaladdress homeaddress residentialaddress',
  email:
    'メールアドレス eメールアドレス 電子メールアドレス メール eメール 電子メール メアド メルアド アドレス email emailaddress mail mailaddress pcメール pcメールアドレス 携帯メール 携帯メールアドレス 携帯email モバイルメールアドレス モバイルメール メールアドレスpc メールアドレス携帯 メールアドレスモバイル メールアドレス1 メールアドレス2 メールアドレス3 メール1 メール2 email1 email2 emailmobile mobileemail email1value',
  phone:
    '電話番号 電話 tel telno 電話no phone phonenumber telephone telephonenumber 自宅電話番号 携帯電話番号 携帯電話 携帯番号 携帯tel 携帯 mobile mobilephone mobilenumber cellphone cell 電話番号携帯 電話番号自宅 連絡先電話番号 日中連絡先 連絡先 contact contactnumber contactno phoneno mobileno phone1value 電話1 電話2 携帯1 携帯2',
  phone1: '電話番号1 tel1 tel01 phone1 phonenumber1 市外局番',
  phone2: '電話番号2 tel2 tel02 phone2 phonenumber2 市内局番',
  phone3: '電話番号3 tel3 tel03 phone3 phonenumber3 加入者番号',
  birth: '生年月日 誕生日 birth birthday birthdate dateofbirth dob',
  locale: '言語 使用言語 language locale lang',
  country: '国 国名 居住国 国コード country countrycode countryname countryid countryregion',
  card_count: 'カード枚数 枚数 流出カード枚数 漏えいカード枚数 流出件数 漏えい件数 件数 cardcount cards',
  last4: 'カード下4桁 下4桁 カード番号下4桁 last4 cardlast4 last4digits lastfour',
  brand:
    'ブランド カードブランド 国際ブランド カード会社 カード会社名 カード種別 カード種類 クレジットカード種別 クレジットカード種類 クレジットカード会社 brand cardbrand cardtype',
  first_use: '初回購入日 初回利用日 初回注文日 初回決済日 firstuse firstpurchase firstorder firstorderdate',
  last_use:
    '最終購入日 最終利用日 最終注文日 最終決済日 決済日 決済日時 利用日 利用日時 ご利用日 購入日 購入日時 注文日時 注文日 lastuse lastpurchase lastorder lastorderdate lastpurchasedate ordertime orderdate purchasedate paidat',
  minor: '未成年 未成年フラグ 未成年者 未成年者フラグ 未成年区分 minor isminor minorflag underage',
  deceased:
    '死亡 死亡フラグ 死亡区分 逝去 逝去フラグ 故人 故人フラグ 物故 物故者 物故フラグ deceased isdeceased deceasedflag 死亡日 死亡年月日 逝去日 deceaseddate dateofdeath',
  // In shops お問い合わせ番号 is the carrier's number of a parcel: the cells decide (judge-content.ts).
  reference: 'reference 照会番号 お問い合わせ番号 お問合せ番号 問い合わせ番号 問合せ番号 owabireference',
});

/** Names that mean something only on lists that exclude, hold or were notified before. */
export const pointerSynonyms = words({
  reason: '理由 事由 除外理由 除外事由 保留理由 保留事由 対象外理由 reason holdreason exclusionreason',
  until:
    '解除日 解除予定日 保留解除日 保留解除予定日 保留期限 保留終了日 保留期日 期限 期日 停止期限 until holduntil releasedate releaseon holdenddate',
});

/** Parts of an address that mean different things in different systems: decided by their cells and neighbours. */
export const numberedAddress =
  /^[ごお]?(住所|所在地|addressline|streetaddressline|streetaddress|streetline|address|addr|street)0?([1-5])(?:行目)?$/;

/** Named for the part of a town, and for the house in it: where a list has both, both belong to the address. */
export const townPart = new Set(['町域', '町名']);
export const housePart = new Set(['番地', '番地等', '丁目番地', '住所番地', '番地以降']);

/** A name that is the given name when a family name has a column of its own, and the whole name otherwise. */
export const nameAfterFamily = new Set(['名', '名前', 'お名前']);
export const kanaAfterFamily = new Set([
  ...['名前カナ', '名前フリガナ', 'お名前カナ', 'お名前フリガナ'],
  ...['名カナ', '名かな', '名フリガナ', '名ふりがな', 'カナ名'],
]);

/** Look like a field once their prefix is taken off, and are none. */
export const lookalikes = new Set(
  'username ユーザー名 ユーザ名 usersname membership 会社名カナ 会社名かな 会社名フリガナ 会社カナ 法人名カナ 法人名フリガナ 勤務先名カナ'.split(
    ' ',
  ),
);

/** A header with one of these is an export of orders, where a bare id is the order's. */
export const orderSigns = new Set(
  'lineitemname lineitemquantity orderid ordernumber orderno amazonorderid 注文番号 注文id 受注番号 受注id オーダー番号 注文no 受注no'.split(
    ' ',
  ),
);
