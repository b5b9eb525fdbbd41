import { describe, expect, it } from 'vitest';
import type { Field } from '../../../../src/intake/columns/column-table.ts';
import { makeRowCheck } from '../../../../src/intake/fields/check-row.ts';
import { moveWarnings } from '../../../../src/intake/lists/figures.ts';
import { packRow, unpackRow } from '../../../../src/intake/lists/row-data.ts';
import {
  type CorrectableRow,
  type Correction,
  checkAgain,
  correctRow,
  type ListRules,
  notWaivable,
  quarantineReasons,
} from '../../../../src/intake/lists/row-desk.ts';

const testCard = ['4111', '1111', '1111', '1111'].join('');

function rulesOf(columns: [name: string, field: Field][], notCards: number[] = []): ListRules {
  const understood = columns.map(([name, field]) => ({ name, field, sure: 'certain', by: 'name' }) as const);
  const rules = { columns: understood, notCards: new Set(notCards) };
  const context = { defaultCountry: 'JP', exposureWindow: null, postal: null, today: '2017-07-25' };
  return { ...rules, check: makeRowCheck({ ...rules, kind: 'affected', ...context }) };
}

const plain = rulesOf([
  ['氏名', 'full_name'],
  ['メール', 'email'],
  ['住所', 'full_address'],
  ['メモ', 'ignored'],
  ['メモ', 'ignored'],
]);
const secret = rulesOf([
  ['氏名', 'full_name'],
  ['メール', 'email'],
  ['パスワード', 'forbidden'],
]);

const row = (cells: (string | null)[], more: Partial<CorrectableRow> = {}): CorrectableRow => ({
  ...{ line: 2, reasons: [], warnings: [], data: { cells, fields: null } },
  ...more,
});
const corrected = (before: CorrectableRow, cells: Correction, rules = plain) =>
  correctRow(before, cells, rules).data.cells;

describe('correcting a row', () => {
  const before = row(['', 'a@example.jp', '', 'one', 'two']);

  it('changes the cells that are named and no others', () => {
    expect(corrected(before, { 氏名: '山田 太郎' })).toEqual(['山田 太郎', 'a@example.jp', '', 'one', 'two']);
    expect(corrected(before, {})).toEqual(before.data.cells);
  });

  it('means the first of two columns of one name, and reaches the second by its position', () => {
    expect(corrected(before, { メモ: 'x' }).slice(3)).toEqual(['x', 'two']);
    expect(corrected(before, [null, null, null, null, 'x']).slice(3)).toEqual(['one', 'x']);
  });

  it('takes all cells of a row that had too many or too few, and only all of them', () => {
    const short = row(['山田 太郎']);
    expect(corrected(short, ['山田 太郎', '', '', '', ''])).toEqual(['山田 太郎', '', '', '', '']);
    for (const some of [{ 氏名: '山田 太郎' }, ['山田 太郎', null, '', '', '']]) {
      expect(() => corrected(short, some)).toThrow('The row has 1 cells where the list has 5 columns');
    }
    expect(() => corrected(before, ['山田 太郎'])).toThrow('The list has 5 columns, and 1 cells were given');
  });

  it('keeps nothing in a column that may not be stored', () => {
    const dropped = row([]);
    for (const nothing of [null, '']) {
      const cells = ['山田 太郎', 'a@example.jp', nothing];
      expect(corrected(dropped, cells, secret)).toEqual(['山田 太郎', 'a@example.jp', null]);
    }
    const something = ['山田 太郎', 'a@example.jp', 'hunter22'];
    expect(() => corrected(dropped, something, secret)).toThrow('Column 3 may not be stored');
    expect(() => corrected(row(['', '', null]), { パスワード: 'hunter22' }, secret)).toThrow('may not be stored');
  });

  it.each([
    ['a card number', testCard, 'Column 4 holds a card number'],
    ['a card number in groups', testCard.replace(/(.{4})/g, '$1 '), 'Column 4 holds a card number'],
    ['a character that nobody can see', 'a\0b', 'Column 4 holds characters that nobody can see'],
    ['a card number with one between its digits', testCard.replace(/(.{4})/g, '$1\x07'), 'Column 4'],
    ['half a character', '\uD842', 'Column 4 holds characters'],
  ])('refuses %s, and does not repeat it', (_what, text, message) => {
    expect(() => corrected(before, { メモ: text })).toThrow(message);
    expect(() => corrected(before, { メモ: text })).not.toThrow('1111');
  });

  it('lets a column hold what the operator said are no card numbers', () => {
    const rules = rulesOf(
      [
        ['氏名', 'full_name'],
        ['注文番号', 'ignored'],
      ],
      [1],
    );
    expect(corrected(row(['', '']), { 注文番号: testCard }, rules)).toEqual(['', testCard]);
  });

  it('refuses a column that the list does not have, without repeating its name', () => {
    expect(() => corrected(before, { 山田: 'x' })).toThrow('names a column that the list does not have');
    expect(() => corrected(before, { 山田: 'x' })).not.toThrow('山田');
  });
});

describe('checking a row again', () => {
  it('finds what the first check would have found', () => {
    const checked = checkAgain(row(['山田 太郎', 'taro＠example.jp', '', '二行の\nメモ', '']), plain, 'strictly');
    expect(checked).toMatchObject({ reasons: [], warnings: expect.arrayContaining(['line_break_in_cell']) });
    expect(checked.data.fields).toMatchObject({ name: '山田 太郎', emails: ['taro@example.jp'] });
    expect(checkAgain(row(['', '', '', '', '']), plain, 'strictly')).toMatchObject({
      ...{ reasons: ['no_name', 'no_contact'], identity: null, data: { fields: null } },
    });
  });

  it('keeps what was said of the row in its file, and no more', () => {
    const warnings = ['hidden_row', 'bad_email'];
    const checked = checkAgain(row(['山田 太郎', 'taro@example.jp', '', '', ''], { warnings }), plain, 'strictly');
    expect(checked.warnings).toEqual(['hidden_row']);
  });

  it('still knows what a spreadsheet had made of a cell, until somebody corrects it', () => {
    const data = {
      cells: ['', '', '2017-01-02', '', ''],
      fields: null,
      flags: [[2, 'excel_date']] as [number, 'excel_date'][],
    };
    const damaged = unpackRow(packRow(data));
    expect(damaged).toEqual(data);
    const named = correctRow(row([], { data: damaged }), { 氏名: '山田 太郎' }, plain);
    const checked = checkAgain(named, plain, 'strictly');
    expect(checked).toMatchObject({ reasons: ['no_contact'], data: { fields: null, flags: data.flags } });
    const address = correctRow(named, { 住所: '東京都港区芝1-2-3' }, plain);
    expect(address.data.flags).toBeUndefined();
    expect(checkAgain(address, plain, 'strictly').data.fields?.addressLines).toEqual(['東京都港区芝1-2-3']);
  });

  it('lets an operator answer for a damaged name, for no address, and for a number that was cut out', () => {
    const damaged = checkAgain(row(['山\n田〓', '', '', '', '']), plain, 'as_it_is');
    expect(damaged.reasons).toEqual(['damaged_name', 'no_contact']);
    expect(damaged.data.fields).toMatchObject({ name: '山 田〓', emails: [], addressLines: [] });
    expect(damaged.identity).not.toBeNull();
    const cut = row(['山田 太郎', 'a@example.jp', '', '****1111', ''], { reasons: ['card_number_present'] });
    expect(checkAgain(cut, plain, 'as_it_is').data.fields?.name).toBe('山田 太郎');
    expect(quarantineReasons.filter((reason) => notWaivable([reason]).length === 0).sort()).toEqual([
      ...['card_number_present', 'damaged_name', 'no_contact'],
    ]);
  });

  it('lets nobody answer for a row without a name', () => {
    expect(checkAgain(row(['', 'a@example.jp', '', '', '']), plain, 'as_it_is').data.fields).toBeNull();
  });

  it('asks for the cell out of which a card number was cut', () => {
    const cut = row(['〓田', 'a@example.jp', '', '****1111', ''], { reasons: ['card_number_present', 'damaged_name'] });
    const named = correctRow(cut, { 氏名: '山田 太郎' }, plain);
    expect(checkAgain(named, plain, 'strictly')).toMatchObject({
      ...{ reasons: ['card_number_present'], identity: null, data: { fields: null } },
    });
    const both = correctRow(named, { メモ: '' }, plain);
    expect(checkAgain(both, plain, 'strictly')).toMatchObject({ reasons: [], data: { fields: { name: '山田 太郎' } } });
  });
});

describe('the warnings of a list', () => {
  it('are said of as many rows as have them', () => {
    const warnings = [
      { code: 'duplicate_column', columns: [4] },
      { code: 'gaiji', count: 2 },
      { code: 'minor', count: 1 },
    ];
    expect(moveWarnings(warnings, ['gaiji', 'minor'], ['minor', 'bad_email'])).toEqual([
      ...[
        { code: 'duplicate_column', columns: [4] },
        { code: 'gaiji', count: 1 },
        { code: 'minor', count: 1 },
      ],
      { code: 'bad_email', count: 1 },
    ]);
    expect(moveWarnings(warnings, ['minor'], [])).toEqual(warnings.slice(0, 2));
  });
});
