import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { OwabiError } from '../../../src/errors.ts';
import { type Field, fieldNames, pointerSynonyms, synonyms } from '../../../src/intake/columns/column-table.ts';
import { foldHeader, type Recognition, recogniseColumns, requireUsable } from '../../../src/intake/columns/columns.ts';
import { type ListKind, listKinds } from '../../../src/intake/columns/list-kind.ts';

const fieldsOf = (header: string, said?: Recognition): Field[] =>
  recogniseColumns(header.split(','), said).columns.map((column) => column.field);

const header = fc.oneof(
  fc.constantFrom(...synonyms.keys(), '住所1', '住所2', '注文者氏名', '送付先住所', '注文者名前', 'カード番号', '備考'),
  fc.string({ unit: 'binary', maxLength: 12 }),
);
const cell = fc.oneof(
  fc.constantFrom(
    '',
    '見本 花子',
    'ミホン ハナコ',
    'hanako@example.jp',
    '100-0005',
    '東京都',
    '千代田区丸の内',
    '1-2-3',
  ),
  fc.constantFrom('東京都千代田区丸の内1-2-3', '03-0000-0001', '2017/6/2', '1', '様', '希望する', '#1001'),
  fc.string({ maxLength: 12 }),
);

describe('recognising columns', () => {
  it('folds a header once and for all', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => foldHeader(foldHeader(text)) === foldHeader(text)));
  });

  it('takes each column for the same whatever the order of the columns', () => {
    const lists = fc.uniqueArray(header, { selector: foldHeader, maxLength: 12 }).chain((names) =>
      fc.record({
        names: fc.constant(names),
        keys: fc.array(fc.nat(), { minLength: names.length, maxLength: names.length }),
        sample: fc.array(fc.array(cell, { minLength: names.length, maxLength: names.length }), { maxLength: 6 }),
        kind: fc.constantFrom(...listKinds),
      }),
    );
    fc.assert(
      fc.property(lists, ({ names, keys, sample, kind }) => {
        const order = names.map((_, i) => i).sort((a, b) => (keys[a] ?? 0) - (keys[b] ?? 0));
        const shuffle = (row: readonly string[]) => order.map((i) => row[i] ?? '');
        const meanings = (row: readonly string[], rows: readonly (readonly string[])[]) =>
          new Map(recogniseColumns(row, { sample: rows, kind }).columns.map((column) => [column.name, column]));
        expect(meanings(shuffle(names), sample.map(shuffle))).toEqual(meanings(names, sample));
      }),
    );
  });

  it('never fails but with a sentence, however odd the header, the rows and what is said of them', () => {
    const odd = fc.oneof(header, fc.constantFrom('', '\uFEFF氏名', '氏\n名', '__proto__', 'constructor'));
    const said = fc.dictionary(odd, fc.oneof(fc.constantFrom(...fieldNames), fc.string()));
    const rows = fc.array(fc.array(cell, { maxLength: 8 }), { maxLength: 4 });
    fc.assert(
      fc.property(fc.array(odd, { maxLength: 8 }), said, said, rows, (names, mapping, saved, sample) => {
        for (const kind of listKinds) {
          try {
            const { columns } = recogniseColumns(names, { mapping, saved, sample, kind });
            expect(columns.map(({ name }) => name)).toEqual(names);
            requireUsable(columns, kind);
          } catch (error) {
            if (!(error instanceof OwabiError)) throw error;
          }
        }
      }),
    );
  });

  it('has each word for one field only, spelled as it is folded', () => {
    for (const [word, { field }] of [...synonyms, ...pointerSynonyms]) {
      expect(`${field}: ${foldHeader(word)}`).toBe(`${field}: ${word}`);
    }
    const text = [...synonyms.keys()];
    expect(new Set(text).size).toBe(text.length);
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
      'カードNo.,個人番号,暗証番号,秘密の答え,user_pass,ポイントカード番号,郵便番号下4桁,末尾4桁',
      'forbidden forbidden forbidden forbidden forbidden external_id postal2 last4',
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
    ['社員番号,社員名,自宅住所,会社住所', 'external_id full_name full_address ignored'],
    ['会社名,会社住所,会社電話,会社メール', 'company full_address phone email'],
    ['苗字,名前,苗字カナ,名前カナ', 'family_name given_name family_kana given_kana'],
    ['名前,名前カナ,送付先姓,送付先名', 'full_name kana ignored ignored'],
    ['氏名,市区町村,町域,番地', 'full_name city full_address street'],
    ['氏名,加入者番号,TEL2', 'full_name external_id phone'],
    ['氏名,市外局番,市内局番,加入者番号', 'full_name phone1 phone2 phone3'],
    ['氏名,住所,未成年フラグ,ご逝去日,故人', 'full_name full_address minor ignored deceased'],
    ['ID,注文番号,氏名,メール', 'ignored ignored full_name email'],
    ['カナ氏名,住所', 'full_name full_address'],
    ['自宅郵便番号,自宅住所１,自宅住所２,自宅電話1,氏名', 'postal full_address building phone full_name'],
    [
      'Given Name,Family Name,E-mail 1 - Value,Address 1 - Street,Address 1 - City,Address 1 - Postal Code',
      'given_name family_name email street city postal',
    ],
    ['Name,Street Address,Street Address Line 2,City', 'full_name street building city'],
    ['セイ,メイ,住所', 'family_name given_name full_address'],
  ])('reads %s', (names, fields) => {
    expect(fieldsOf(names)).toEqual(fields.split(' '));
  });

  it('takes every prefix of the buyer and the customer off', () => {
    const prefixes = '注文者 購入者 請求先 ご請求先 会員 顧客 お客様 送付先 送り先 配送先 届け先 お届け先'.split(' ');
    for (const prefix of prefixes) {
      expect([prefix, ...fieldsOf(`${prefix}氏名,${prefix}_郵便番号,${prefix}：住所`)]).toEqual([
        prefix,
        'full_name',
        'postal',
        'full_address',
      ]);
    }
    for (const prefix of ['Billing', 'Customer', 'Default Address', 'Contact']) {
      expect([prefix, ...fieldsOf(`${prefix} Name,${prefix} Zip,${prefix} Email`)]).toEqual([
        prefix,
        'full_name',
        'postal',
        'email',
      ]);
    }
  });

  it('reads a header with a byte order mark, line breaks and empty names', () => {
    expect(fieldsOf('\uFEFF氏名\n（漢字）,メール\r\nアドレス,,')).toEqual(['full_name', 'email', 'ignored', 'ignored']);
  });

  it('warns about card expiry, and not about that of points', () => {
    const { warnings } = recogniseColumns(['氏名', 'カード有効期限', 'ポイント有効期限', 'CardExpireYear']);
    expect(warnings).toEqual([{ code: 'card_expiry', columns: [1, 3] }]);
  });

  it('takes reason and until only on lists that point at persons', () => {
    const names = '氏名,住所,理由,保留期限';
    expect(fieldsOf(names)).toEqual(['full_name', 'full_address', 'ignored', 'ignored']);
    for (const kind of ['exclude', 'hold', 'already_notified'] as const) {
      expect(fieldsOf(names, { kind })).toEqual(['full_name', 'full_address', 'reason', 'until']);
    }
    expect(fieldsOf('氏名,住所,有効期限', { kind: 'hold' })).toEqual(['full_name', 'full_address', 'ignored']);
  });
});

describe('what is said of columns', () => {
  const by = (names: string, said: Recognition) =>
    recogniseColumns(names.split(','), said).columns.map((column) => `${column.field} ${column.sure} ${column.by}`);

  it('believes the operator, except about what may not be stored', () => {
    const map = (names: string, mapping: Record<string, string>) => fieldsOf(names, { mapping });
    expect(map('who,where', { who: 'full_name', ＷＨＥＲＥ: 'email' })).toEqual(['full_name', 'email']);
    expect(map('氏名,メモ', { メモ: 'forbidden' })).toEqual(['full_name', 'forbidden']);
    expect(map('氏名,カード番号', { カード番号: 'ignored' })).toEqual(['full_name', 'forbidden']);
    expect(() => map('氏名,カード番号', { カード番号: 'external_id' })).toThrow('may not be stored');
    expect(() => map('氏名', { 名称: 'full_name' })).toThrow('does not have');
    expect(() => map('氏名', { 氏名: 'nickname' })).toThrow('unknown field');
  });

  it('uses what was said of the last list of the source where its columns are still there', () => {
    const saved = { '取引先　担当': 'full_name', 旧列: 'email', 住所1: 'city' };
    expect(by('取引先担当,住所１,メモ', { saved })).toEqual([
      'full_name certain saved',
      'city certain saved',
      'ignored certain name',
    ]);
  });

  it('lets the mapping of this list go before the saved one', () => {
    const said = { saved: { 連絡: 'email', 列A: 'full_name' }, mapping: { 連絡: 'phone', 列B: 'full_name' } };
    expect(by('連絡,列A,列B', said)).toEqual([
      'phone certain mapping',
      'ignored likely saved',
      'full_name certain mapping',
    ]);
  });

  it('never lets a saved mapping bring back what may not be stored, nor fail for a field of old', () => {
    const saved = { カード番号: 'external_id', 氏名: 'nickname' };
    expect(by('カード番号,氏名', { saved })).toEqual(['forbidden certain name', 'full_name certain name']);
  });

  it('says how sure it is of a name', () => {
    expect(by('氏名,メールアドレス（確認用）,名,ID,送付先住所,備考', {})).toEqual([
      'full_name certain name',
      'email likely name',
      'ignored likely name',
      'external_id likely name',
      'full_address likely name',
      'ignored certain name',
    ]);
  });
});

describe('what a list needs', () => {
  const need = (names: string, kind?: ListKind) => () =>
    requireUsable(recogniseColumns(names.split(','), kind ? { kind } : {}).columns, kind);

  it('is a name and a way to reach the person, where a list brings persons', () => {
    expect(need('氏名,メール')).not.toThrow();
    expect(need('会社名,住所', 'members')).not.toThrow();
    expect(need('メール,住所')).toThrow('as a name');
    expect(need('氏名,電話番号,郵便番号')).toThrow('email address or a postal address');
  });

  it.each(['exclude', 'hold', 'already_notified'] as const)('is something to find a person by, for %s', (kind) => {
    for (const names of ['照会番号', '会員ID', 'メール', '氏名,住所', '会社名,郵便番号']) {
      expect(need(names, kind)).not.toThrow();
    }
    expect(need('氏名,電話番号', kind)).toThrow('A name alone');
    expect(need('電話番号,備考', kind)).toThrow('who is meant');
  });
});
