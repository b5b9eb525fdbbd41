import type { ExportFormat } from './export-format.ts';
import { japanesePeople } from './export-people.ts';
import {
  fullKana,
  fullName,
  hiragana,
  ignored,
  local,
  make,
  noId,
  phonePart,
  postalPart,
  receiver,
  slashed,
  wholeAddress,
} from './japanese-cells.ts';

/** Address books and customer systems. */
export function japaneseFormats(): ExportFormat[] {
  return [atena(), salesforceJa(), generic(), splitCells(), wholeAddressCrm(), prefectureFirst(), townAndHouse()];
}

// 宛名職人: a home, a place of work and another address. Letters go home.
const atena = () =>
  make(
    '宛名職人',
    [
      ['姓', 'family_name', (person) => person.family],
      ['名', 'given_name', (person) => person.given],
      ['姓かな', 'family_kana', (person) => hiragana(person.familyKana)],
      ['名かな', 'given_kana', (person) => hiragana(person.givenKana)],
      ['姓名', 'full_name', fullName],
      ['姓名かな', 'kana', (person) => hiragana(fullKana(person))],
      ...ignored('ミドルネーム,ミドルネームかな'),
      ['敬称', 'honorific', '様'],
      ...ignored('ニックネーム,旧姓'),
      ['宛先', 'ignored', '自宅'],
      ['自宅〒', 'postal', (person) => person.postal],
      ['自宅住所1', 'full_address', wholeAddress],
      ['自宅住所2', 'building', (person) => person.building],
      ['自宅住所3', 'building', ''],
      ['自宅電話', 'phone', (person) => person.phone],
      ['自宅IM ID', 'ignored', ''],
      ['自宅E-mail', 'email', (person) => person.email],
      ['自宅URL', 'ignored', ''],
      ...ignored('会社〒', '100-0000'),
      ...ignored('会社住所1', '東京都千代田区見本9-9'),
      ...ignored('会社住所2,会社住所3'),
      ...ignored('会社電話', '03-0000-9999'),
      ...ignored('会社E-mail', 'office@example.com'),
      ...ignored('その他〒,その他住所1,その他電話,その他E-mail,会社名かな'),
      ['会社名', 'company', (person) => person.company],
      ['部署名1', 'department', ''],
      ...ignored('部署名2,役職名,連名,連名ふりがな,連名敬称,連名誕生日,メモ1,備考1'),
      ['誕生日', 'birth', (person) => person.birth],
      ...ignored('性別,血液型'),
    ],
    (person) => ({ kana: hiragana(fullKana(person)), ...noId() }),
  );

const salesforceJa = () =>
  make('Salesforce 取引先責任者', [
    ['取引先責任者 ID', 'ignored', (person) => `003${person.id}`],
    ['顧客番号', 'external_id', (person) => person.id],
    ['姓', 'family_name', (person) => person.family],
    ['名', 'given_name', (person) => person.given],
    ['姓(カナ)', 'family_kana', (person) => person.familyKana],
    ['名(カナ)', 'given_kana', (person) => person.givenKana],
    ['取引先名', 'company', ''],
    ['役職', 'ignored', '部長'],
    ['郵便番号(郵送先)', 'postal', (person) => person.postal],
    ['都道府県(郵送先)', 'prefecture', (person) => person.prefecture],
    ['市区郡(郵送先)', 'city', (person) => person.city],
    ['町名・番地(郵送先)', 'street', local],
    ['建物名(郵送先)', 'building', (person) => person.building],
    ['町名・番地(その他)', 'ignored', '見本'],
    ['電話', 'phone', (person) => person.phone],
    ['メール', 'email', (person) => person.email],
  ]);

const generic = () =>
  make('generic Japanese', [
    ['No.', 'ignored', (person) => String(japanesePeople.indexOf(person) + 1)],
    ['お客様番号', 'external_id', (person) => person.id],
    ['氏　名', 'full_name', (person) => `${fullName(person)} 様`],
    ['フリガナ', 'kana', fullKana],
    ['〒', 'postal', (person) => person.postal],
    ['ご住所', 'full_address', wholeAddress],
    ['マンション・ビル名', 'building', (person) => person.building],
    ['ＴＥＬ', 'phone', (person) => person.phone],
    ['Ｅメール', 'email', (person) => person.email],
    ['生年月日（西暦）', 'birth', slashed((person) => person.birth)],
    ['未成年フラグ', 'minor', ''],
    ['死亡フラグ', 'deceased', ''],
    ['備考', 'ignored', ''],
    ['', 'ignored', ''],
    ['', 'ignored', ''],
  ]);

// Every value in pieces, and the names of a form with its hints.
const splitCells = () =>
  make('split cells', [
    ['会員番号', 'external_id', (person) => person.id],
    ['苗字（全角）', 'family_name', (person) => person.family],
    ['名前（全角）', 'given_name', (person) => person.given],
    ['苗字カナ', 'family_kana', (person) => person.familyKana],
    ['名前カナ', 'given_kana', (person) => person.givenKana],
    ['郵便番号（上３桁）', 'postal1', postalPart(0)],
    ['郵便番号（下４桁）', 'postal2', postalPart(1)],
    ['都道府県コード', 'prefecture', (person) => person.prefectureCode],
    ['市区町村', 'city', (person) => person.city],
    ['町域', 'full_address', (person) => person.town],
    ['番地', 'street', (person) => person.house],
    ['建物名・部屋番号', 'building', (person) => person.building],
    ['市外局番', 'phone1', phonePart(0)],
    ['市内局番', 'phone2', phonePart(1)],
    ['加入者番号', 'phone3', phonePart(2)],
    ['メールアドレス※必須', 'email', (person) => person.email],
    ['メールアドレス（確認用）', 'email', (person) => person.email],
  ]);

// 住所1 is the whole address here, 住所2 the building.
const wholeAddressCrm = () =>
  make('CRM: 住所1 is the whole address', [
    ['顧客コード', 'external_id', (person) => person.id],
    ['顧客名', 'full_name', fullName],
    ['顧客名カナ', 'kana', fullKana],
    ['郵便番号', 'postal', (person) => person.postal],
    ['住所１', 'full_address', wholeAddress],
    ['住所２', 'building', (person) => person.building],
    ['住所３', 'building', ''],
    ['電話番号１', 'phone', (person) => person.phone],
    ['電話番号２', 'phone', ''],
    ['連絡先', 'email', (person) => person.email],
  ]);

// テレAI and others: 住所1 is the prefecture, 住所2 all the rest.
const prefectureFirst = () =>
  make('CRM: 住所1 is the prefecture', [
    ['顧客ID', 'external_id', (person) => person.id],
    ['請求先氏名', 'full_name', fullName],
    ['請求先氏名(カナ)', 'kana', fullKana],
    ['請求先郵便番号', 'postal', (person) => person.postal.replace('-', '')],
    ['請求先住所1', 'prefecture', (person) => person.prefecture],
    ['請求先住所2', 'full_address', (person) => person.city + local(person)],
    ['請求先住所3', 'building', (person) => person.building],
    ['請求先電話番号', 'phone', (person) => person.phone],
    ['請求先メールアドレス', 'email', (person) => person.email],
    ...receiver('発送先氏名,発送先郵便番号,発送先住所1,発送先住所2'),
  ]);

// 住所1 to 住所4: prefecture, town, what follows, building.
const townAndHouse = () =>
  make('CRM: 住所1 to 住所4', [
    ['整理番号', 'external_id', (person) => person.id],
    ['宛名', 'full_name', fullName],
    ['宛名カナ', 'kana', fullKana],
    ['郵便番号', 'postal', (person) => person.postal],
    ['住所1', 'prefecture', (person) => person.prefecture],
    ['住所2', 'city', (person) => person.city],
    ['住所3', 'street', local],
    ['住所4', 'building', (person) => person.building],
    ['自宅TEL', 'phone', (person) => person.phone],
    ['携帯TEL', 'phone', ''],
    ['e-mail', 'email', (person) => person.email],
  ]);
