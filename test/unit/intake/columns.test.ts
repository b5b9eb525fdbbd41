import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Field, synonyms } from '../../../src/intake/columns/column-table.ts';
import { foldHeader, recogniseColumns, requireUsable } from '../../../src/intake/columns/columns.ts';

const fieldsOf = (header: string, mapping?: Record<string, string>): Field[] =>
  recogniseColumns(header.split(','), mapping).columns.map((column) => column.field);

const header = fc.oneof(
  fc.constantFrom(...synonyms.keys(), '住所1', '住所2', '注文者氏名', '送付先住所', '注文者名前', 'カード番号', '備考'),
  fc.string({ unit: 'binary', maxLength: 12 }),
);

describe('recognising columns', () => {
  it('folds a header once and for all', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => foldHeader(foldHeader(text)) === foldHeader(text)));
  });

  it('takes each column for the same whatever the order of the columns', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(header, { selector: foldHeader, maxLength: 12 }),
        fc.infiniteStream(fc.nat()),
        (names, keys) => {
          const shuffled = names.map((name) => ({ name, key: keys.next().value ?? 0 })).sort((a, b) => a.key - b.key);
          const meanings = (list: readonly string[]) =>
            new Map(recogniseColumns(list).columns.map(({ name, field }) => [name, field]));
          expect(meanings(shuffled.map(({ name }) => name))).toEqual(meanings(names));
        },
      ),
    );
  });

  it.each([
    [
      '会員ID,お名前(姓),お名前(名),お名前(セイ),お名前(メイ),郵便番号,都道府県,住所1,住所2,メールアドレス,電話番号',
      'external_id family_name given_name family_kana given_kana postal prefecture city street email phone',
    ],
    [
      '顧客番号,氏名,フリガナ,郵便番号,住所,メール,カード下4桁,ブランド,決済日',
      'external_id full_name kana postal full_address email last4 brand last_use',
    ],
    [
      'No.,お名前,カナ,ご住所,TEL,E-mail,下４桁,カード会社,利用日',
      'external_id full_name kana full_address phone email last4 brand last_use',
    ],
    [
      '注文者姓,注文者名,注文者郵便番号1,注文者郵便番号2,注文者住所都道府県,注文者住所郡市区,注文者住所それ以降の住所,注文者電話番号1,注文者電話番号2,注文者電話番号3',
      'family_name given_name postal1 postal2 prefecture city street phone1 phone2 phone3',
    ],
    [
      'First Name,Last Name,Email,Address1,Address2,City,Province Code,Country Code,Zip',
      'given_name family_name email street building city prefecture country postal',
    ],
    ['お客様名,住所1,住所2,住所3', 'full_name full_address building building'],
    ['注文者氏名,送付先氏名,送付先住所,注文者メールアドレス', 'full_name ignored ignored email'],
    [
      '氏名,カード番号,セキュリティーコード,有効期限,パスワード,マイナンバー',
      'full_name forbidden forbidden ignored forbidden forbidden',
    ],
    [
      'Card Num,cc_num,CVV/CVC,CVV番号,PINコード,ログインPW,クレジットNo,Card Last4',
      'forbidden forbidden forbidden forbidden forbidden forbidden forbidden last4',
    ],
    [
      'Name,Email,Billing Name,Billing Street,Billing City,Shipping Name,Shipping Address2,Shipping Phone',
      'ignored email full_name street city ignored ignored ignored',
    ],
    ['BillName,BillZipCode,BillAddress1,BillMailAddress,ShipName', 'full_name postal full_address email ignored'],
    ['氏(請求先),名(請求先),住所(請求先),氏(配送先)', 'family_name given_name full_address ignored'],
    ['氏名,住所,メール,送付先氏名,送付先建物名,送付先メール', 'full_name full_address email ignored ignored ignored'],
    ['氏名,お届け先住所,お届け先建物名', 'full_name full_address building'],
    ['氏名（漢字）,郵便番号（7桁）,電話番号（半角・ハイフンなし）', 'full_name postal phone'],
    ['First,Last,Town/City,State/Province', 'given_name family_name city prefecture'],
  ])('reads %s', (names, fields) => {
    expect(fieldsOf(names)).toEqual(fields.split(' '));
  });

  it('believes the operator, except about what may not be stored', () => {
    expect(fieldsOf('who,where', { who: 'full_name', ＷＨＥＲＥ: 'email' })).toEqual(['full_name', 'email']);
    expect(fieldsOf('氏名,メモ', { メモ: 'forbidden' })).toEqual(['full_name', 'forbidden']);
    expect(fieldsOf('氏名,カード番号', { カード番号: 'ignored' })).toEqual(['full_name', 'forbidden']);
    expect(() => fieldsOf('氏名,カード番号', { カード番号: 'external_id' })).toThrow('may not be stored');
    expect(() => fieldsOf('氏名', { 名称: 'full_name' })).toThrow('does not have');
    expect(() => fieldsOf('氏名', { 氏名: 'nickname' })).toThrow('unknown field');
  });

  it('needs a name and a way to reach the person', () => {
    const need = (names: string) => () => requireUsable(recogniseColumns(names.split(',')).columns);
    expect(need('氏名,メール')).not.toThrow();
    expect(need('会社名,住所')).not.toThrow();
    expect(need('メール,住所')).toThrow('as a name');
    expect(need('氏名,電話番号,郵便番号')).toThrow('email address or a postal address');
  });
});
