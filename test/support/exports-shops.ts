import type { ExportFormat } from './export-format.ts';
import {
  digits,
  fullKana,
  fullName,
  houseAndBuilding,
  ignored,
  type Japanese,
  local,
  make,
  noId,
  oneLine,
  phonePart,
  postalPart,
  receiver,
  slashed,
  wholeAddress,
} from './japanese-cells.ts';

export function shopFormats(): ExportFormat[] {
  return [
    ...[ecCube2(), ecCube3(), ecCube4(), ecCube4Orders(), ecCubeTable()],
    ...[rakuten(), rakutenBefore2019(), ponpare(), yahoo(), base(), stores(), nextEngine(), makeShop(), rakuuru()],
  ];
}

// EC-CUBE 2.13, 会員マスター → CSV ダウンロード, with columns that a shop may add from its list.
const ecCube2 = () =>
  make(
    'EC-CUBE 2',
    [
      ['会員ID', 'external_id', (person) => person.id],
      ['お名前(姓)', 'family_name', (person) => person.family],
      ['お名前(名)', 'given_name', (person) => person.given],
      ['お名前(フリガナ・姓)', 'family_kana', (person) => person.familyKana],
      ['お名前(フリガナ・名)', 'given_kana', (person) => person.givenKana],
      ['郵便番号1', 'postal1', postalPart(0)],
      ['郵便番号2', 'postal2', postalPart(1)],
      ['都道府県', 'prefecture', (person) => person.prefecture],
      ['住所1', 'city', (person) => person.city],
      ['住所2', 'street', houseAndBuilding],
      ['E-MAIL', 'email', (person) => person.email],
      ['TEL1', 'phone1', phonePart(0)],
      ['TEL2', 'phone2', phonePart(1)],
      ['TEL3', 'phone3', phonePart(2)],
      ...ignored('FAX1,FAX2,FAX3,性別,職業'),
      ['誕生日', 'birth', (person) => person.birth],
      ['パスワード', 'forbidden', 'invented'],
      ['秘密の質問の答え', 'forbidden', 'invented'],
      ['初回購入日', 'first_use', '2016-01-05 10:00:00'],
      ['最終購入日', 'last_use', (person) => `${person.lastOrder} 12:34:56`],
      ...ignored('購入回数,購入金額,ポイント残高,備考,登録日,更新日'),
    ],
    oneLine,
  );

const ecCube = (postal: Japanese[], phone: Japanese[]): Japanese[] => [
  ['会員ID', 'external_id', (person) => person.id],
  ['お名前(姓)', 'family_name', (person) => person.family],
  ['お名前(名)', 'given_name', (person) => person.given],
  ['お名前(セイ)', 'family_kana', (person) => person.familyKana],
  ['お名前(メイ)', 'given_kana', (person) => person.givenKana],
  ['会社名', 'company', (person) => person.company],
  ...postal,
  ['都道府県(ID)', 'ignored', (person) => person.prefectureCode],
  ['都道府県(名称)', 'prefecture', (person) => person.prefecture],
  ['住所1', 'city', (person) => person.city + person.town],
  ['住所2', 'street', (person) => [person.house, person.building].filter(Boolean).join(' ')],
  ['メールアドレス', 'email', (person) => person.email],
  ...phone,
  ...ignored('性別(ID),性別(名称),職業(ID),職業(名称)'),
  ['誕生日', 'birth', (person) => person.birth],
  ['初回購入日', 'first_use', '2016-01-05'],
  ['最終購入日', 'last_use', (person) => person.lastOrder],
  ...ignored('購入回数,購入金額,ショップ用メモ欄,登録日,更新日'),
];

const ecCube3 = () =>
  make(
    'EC-CUBE 3',
    ecCube(
      [
        ['郵便番号1', 'postal1', postalPart(0)],
        ['郵便番号2', 'postal2', postalPart(1)],
      ],
      [
        ['TEL1', 'phone1', phonePart(0)],
        ['TEL2', 'phone2', phonePart(1)],
        ['TEL3', 'phone3', phonePart(2)],
      ],
    ),
    oneLine,
  );

const ecCube4 = () =>
  make(
    'EC-CUBE 4',
    ecCube(
      [['郵便番号', 'postal', (person) => person.postal.replace('-', '')]],
      [
        ['TEL', 'phone', digits],
        ['ポイント', 'ignored', '120'],
      ],
    ),
    oneLine,
  );

// 受注マスター: the receiver may be somebody else, and お問い合わせ番号 is the parcel's.
const ecCube4Orders = () =>
  make(
    'EC-CUBE 4 orders',
    [
      ...ignored('注文ID,注文番号', (person) => `9${person.id}`),
      ['会員ID', 'external_id', (person) => person.id],
      ['お名前(姓)', 'family_name', (person) => person.family],
      ['お名前(名)', 'given_name', (person) => person.given],
      ['お名前(セイ)', 'family_kana', (person) => person.familyKana],
      ['お名前(メイ)', 'given_kana', (person) => person.givenKana],
      ['会社名', 'company', ''],
      ['メールアドレス', 'email', (person) => person.email],
      ['電話番号', 'phone', digits],
      ['郵便番号', 'postal', (person) => person.postal.replace('-', '')],
      ['都道府県(ID)', 'prefecture', (person) => person.prefectureCode],
      ['住所1', 'city', (person) => person.city],
      ['住所2', 'street', local],
      ...ignored('性別(ID),値引き,送料,対応状況(名称)'),
      ['注文日時', 'last_use', slashed((person) => person.lastOrder)],
      ...ignored('出荷ID,商品名,商品コード'),
      ...receiver('配送先_お名前(姓),配送先_お名前(名),配送先_お名前(セイ),配送先_会社名,配送先_郵便番号'),
      ...receiver('配送先_都道府県(名称),配送先_住所1,配送先_住所2,配送先_電話番号'),
      ...ignored('お問い合わせ番号', '0000-1111-2222'),
    ],
    (person) => ({ addressLines: [wholeAddress(person)] }),
  );

// The table itself, as an engineer dumps it.
const ecCubeTable = () =>
  make(
    'EC-CUBE dtb_customer',
    [
      ['customer_id', 'external_id', (person) => person.id],
      ['name01', 'family_name', (person) => person.family],
      ['name02', 'given_name', (person) => person.given],
      ['kana01', 'family_kana', (person) => person.familyKana],
      ['kana02', 'given_kana', (person) => person.givenKana],
      ['zip01', 'postal1', postalPart(0)],
      ['zip02', 'postal2', postalPart(1)],
      ['pref', 'prefecture', (person) => person.prefectureCode],
      ['addr01', 'city', (person) => person.city],
      ['addr02', 'street', houseAndBuilding],
      ['email', 'email', (person) => person.email],
      ['tel01', 'phone1', phonePart(0)],
      ['tel02', 'phone2', phonePart(1)],
      ['tel03', 'phone3', phonePart(2)],
      ...ignored('sex,job'),
      ['birth', 'birth', (person) => `${person.birth} 00:00:00`],
      ['password', 'forbidden', 'a hash'],
      ['salt', 'forbidden', 'invented'],
      ['secret_key', 'forbidden', 'invented'],
      ...ignored('first_buy_date,last_buy_date,buy_times,status,create_date,update_date,del_flg'),
    ],
    oneLine,
  );

// 楽天RMS 受注データ, since 2019 (楽天ペイ).
const rakuten = () =>
  make(
    'Rakuten RMS',
    [
      ...ignored('注文番号', (person) => `123456-20170521-000000${person.id}`),
      ...ignored('ステータス,サブステータス'),
      ['注文日時', 'last_use', slashed((person) => person.lastOrder)],
      ...ignored(
        'キャンセル期限日,注文確認日時,支払方法名,クレジットカード支払い方法,配送方法,送付先一致フラグ,請求金額',
      ),
      ['注文者郵便番号1', 'postal1', postalPart(0)],
      ['注文者郵便番号2', 'postal2', postalPart(1)],
      ['注文者住所都道府県', 'prefecture', (person) => person.prefecture],
      ['注文者住所郡市区', 'city', (person) => person.city],
      ['注文者住所それ以降の住所', 'street', houseAndBuilding],
      ['注文者姓', 'family_name', (person) => person.family],
      ['注文者名', 'given_name', (person) => person.given],
      ['注文者姓カナ', 'family_kana', (person) => person.familyKana],
      ['注文者名カナ', 'given_kana', (person) => person.givenKana],
      ['注文者電話番号1', 'phone1', phonePart(0)],
      ['注文者電話番号2', 'phone2', phonePart(1)],
      ['注文者電話番号3', 'phone3', phonePart(2)],
      ['注文者メールアドレス', 'email', (person) => person.email],
      ...ignored('注文者性別,申込番号,送付先ID,送付先送料,のし'),
      ...receiver('送付先郵便番号1,送付先郵便番号2,送付先住所都道府県,送付先住所郡市区,送付先住所それ以降の住所'),
      ...receiver('送付先姓,送付先名,送付先姓カナ,送付先名カナ,送付先電話番号1,送付先電話番号2,送付先電話番号3'),
      ...ignored('商品明細ID,商品ID,商品名,商品番号,商品管理番号,単価,個数'),
    ],
    (person) => ({ ...oneLine(person), ...noId() }),
  );

const mallNames: Japanese[] = [
  ['注文者名字', 'family_name', (person) => person.family],
  ['注文者名前', 'given_name', (person) => person.given],
  ['注文者名字フリガナ', 'family_kana', (person) => person.familyKana],
  ['注文者名前フリガナ', 'given_kana', (person) => person.givenKana],
];

// With full-width digits, and the columns of the card.
const rakutenBefore2019 = () =>
  make(
    'Rakuten RMS before 2019',
    [
      ...ignored('受注番号', (person) => `123456-20170521-000000${person.id}`),
      ...ignored('受注ステータス,カード決済ステータス,メールフラグ'),
      ['注文日', 'last_use', (person) => person.lastOrder],
      ...ignored('注文時間'),
      ['注文者郵便番号１', 'postal1', postalPart(0)],
      ['注文者郵便番号２', 'postal2', postalPart(1)],
      ['注文者住所：都道府県', 'prefecture', (person) => person.prefecture],
      ['注文者住所：都市区', 'city', (person) => person.city],
      ['注文者住所：町以降', 'street', houseAndBuilding],
      ...mallNames,
      ['注文者電話番号１', 'phone1', phonePart(0)],
      ['注文者電話番号２', 'phone2', phonePart(1)],
      ['注文者電話番号３', 'phone3', phonePart(2)],
      ['メールアドレス', 'email', (person) => person.email],
      ['注文者性別', 'ignored', '女'],
      ['注文者誕生日', 'birth', (person) => person.birth],
      ['決済方法', 'ignored', 'クレジットカード'],
      ['クレジットカード種類', 'brand', 'JCB'],
      ['クレジットカード番号', 'forbidden', '****'],
      ...ignored('クレジットカード名義人,クレジットカード有効期限,クレジットカード分割選択'),
      ...receiver('送付先名字,送付先名前,送付先名字フリガナ,送付先名前フリガナ,送付先郵便番号１,送付先郵便番号２'),
      ...receiver('送付先住所：都道府県,送付先住所：都市区,送付先住所：町以降,送付先電話番号１'),
      ...ignored('商品名,商品番号,単価,個数'),
    ],
    (person) => ({ ...oneLine(person), ...noId() }),
  );

const ponpare = () =>
  make(
    'Ponpare',
    [
      ...ignored('受注番号', (person) => `PM-${person.id}`),
      ['注文日時', 'last_use', slashed((person) => person.lastOrder)],
      ...mallNames,
      ['メールアドレス', 'email', (person) => person.email],
      ['注文者郵便番号', 'postal', (person) => person.postal],
      ['注文者住所：都道府県', 'prefecture', (person) => person.prefecture],
      ['注文者住所：市区町村', 'city', (person) => person.city],
      ['注文者住所：番地', 'street', local],
      ['注文者住所：ビル名', 'building', (person) => person.building],
      ['注文者電話番号', 'phone', (person) => person.phone],
      ['注文者FAX番号', 'ignored', ''],
      ...receiver('送付先名字,送付先名前,送付先郵便番号,送付先住所：都道府県,送付先住所：市区町村,送付先住所：番地'),
    ],
    noId,
  );

// Yahoo!ショッピング, ストアクリエイターPro.
const yahoo = () =>
  make(
    'Yahoo! Shopping',
    [
      ...ignored('OrderId', (person) => `example-${person.id}`),
      ['OrderTime', 'last_use', slashed((person) => person.lastOrder)],
      ...ignored('PayMethodName,SettleId'),
      ['CardBrand', 'brand', 'VISA'],
      ['CardNumber', 'forbidden', ''],
      ['CardNumberLast4', 'last4', '1234'],
      ['CardExpireYear', 'ignored', ''],
      ['BillFirstName', 'given_name', (person) => person.given],
      ['BillFirstNameKana', 'given_kana', (person) => person.givenKana],
      ['BillLastName', 'family_name', (person) => person.family],
      ['BillLastNameKana', 'family_kana', (person) => person.familyKana],
      ['BillZipCode', 'postal', (person) => person.postal.replace('-', '')],
      ['BillPrefecture', 'prefecture', (person) => person.prefecture],
      ['BillPrefectureKana', 'ignored', 'トウキョウト'],
      ['BillCity', 'city', (person) => person.city],
      ['BillAddress1', 'street', local],
      ['BillAddress1Kana', 'ignored', ''],
      ['BillAddress2', 'building', (person) => person.building],
      ['BillPhoneNumber', 'phone', digits],
      ['BillMailAddress', 'email', (person) => person.email],
      ...ignored('BillSection1Field,BillSection1Value'),
      ...receiver('ShipFirstName,ShipLastName,ShipZipCode,ShipPrefecture,ShipCity,ShipAddress1,ShipAddress2'),
    ],
    noId,
  );

const base = () =>
  make(
    'BASE',
    [
      ...ignored('注文ID', (person) => `ABCDEF${person.id}`),
      ['注文日時', 'last_use', (person) => person.lastOrder],
      ['氏(請求先)', 'family_name', (person) => person.family],
      ['名(請求先)', 'given_name', (person) => person.given],
      ['郵便番号(請求先)', 'postal', (person) => person.postal],
      ['都道府県(請求先)', 'prefecture', (person) => person.prefecture],
      ['住所(請求先)', 'full_address', (person) => person.city + local(person)],
      ['住所2(請求先)', 'building', (person) => person.building],
      ['電話番号(請求先)', 'phone', digits],
      ['メールアドレス(請求先)', 'email', (person) => person.email],
      ...receiver('氏(配送先),名(配送先),郵便番号(配送先),都道府県(配送先),住所(配送先),住所2(配送先)'),
      ...ignored('備考,商品名,バリエーション,価格,数量,合計金額,支払い方法,商品ID'),
    ],
    () => ({ kana: null, ...noId() }),
  );

const stores = () =>
  make('STORES', [
    ...ignored('オーダー番号', (person) => `00${person.id}`),
    ['会員番号', 'external_id', (person) => person.id],
    ['氏名(購入者)', 'full_name', fullName],
    ['フリガナ(購入者)', 'kana', fullKana],
    ['郵便番号(購入者)', 'postal', (person) => person.postal],
    ['住所(購入者)', 'full_address', wholeAddress],
    ['建物名(購入者)', 'building', (person) => person.building],
    ['電話番号(購入者)', 'phone', (person) => person.phone],
    ['メールアドレス', 'email', (person) => person.email],
    ...receiver('氏名(お届け先),郵便番号(お届け先),住所(お届け先)'),
  ]);

// ネクストエンジン 汎用: 住所1 is prefecture and town together, 住所2 the rest.
const nextEngine = () =>
  make(
    'Next Engine',
    [
      ...ignored('店舗伝票番号', (person) => `N${person.id}`),
      ['受注郵便番号', 'postal', (person) => person.postal],
      ['受注住所1', 'city', (person) => person.prefecture + person.city],
      ['受注住所2', 'street', houseAndBuilding],
      ['受注名', 'full_name', fullName],
      ['受注名カナ', 'kana', fullKana],
      ['受注電話番号', 'phone', (person) => person.phone],
      ['受注メールアドレス', 'email', (person) => person.email],
      ...receiver('発送郵便番号,発送先住所1,発送先住所2,発送先名,発送先カナ,発送電話番号'),
      ...ignored('支払方法,発送方法,商品計'),
    ],
    (person) => ({ ...oneLine(person), ...noId() }),
  );

const makeShop = () =>
  make(
    'MakeShop',
    [
      ...ignored('注文番号', (person) => `P00000000${person.id}`),
      ['注文者', 'full_name', fullName],
      ['注文者(振り仮名)', 'kana', fullKana],
      ['注文者メールアドレス', 'email', (person) => person.email],
      ['注文者電話番号', 'phone', (person) => person.phone],
      ['注文者郵便番号', 'postal', (person) => person.postal],
      ['注文者住所', 'full_address', wholeAddress],
      ['会社名', 'company', ''],
      ['会社名(振り仮名)', 'ignored', ''],
      ...receiver('お届け先,お届け先郵便番号,お届け先住所'),
    ],
    (person) => ({ addressLines: [wholeAddress(person)], ...noId() }),
  );

const rakuuru = () =>
  make('らくうる', [
    ['システム顧客番号', 'ignored', (person) => `S${person.id}`],
    ['会員ID', 'external_id', (person) => person.id],
    ['氏名(姓)', 'family_name', (person) => person.family],
    ['氏名(名)', 'given_name', (person) => person.given],
    ['氏名フリガナ(セイ)', 'family_kana', (person) => person.familyKana],
    ['氏名フリガナ(メイ)', 'given_kana', (person) => person.givenKana],
    ['部署名', 'department', ''],
    ['郵便番号', 'postal', (person) => person.postal.replace('-', '')],
    ['都道府県', 'prefecture', (person) => person.prefecture],
    ['市区町村', 'city', (person) => person.city],
    ['町域・番地', 'street', local],
    ['ビル等', 'building', (person) => person.building],
    ['メールアドレス', 'email', (person) => person.email],
    ['電話番号', 'phone', digits],
    ['携帯電話番号', 'phone', ''],
    ['FAX番号', 'ignored', ''],
    ['生年月日', 'birth', slashed((person) => person.birth)],
    ...ignored('フリー項目1,顧客分類'),
  ]);
