import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fieldNames } from '../../../../src/intake/columns/column-table.ts';
import { listKinds } from '../../../../src/intake/columns/list-kind.ts';
import { makeRowCheck } from '../../../../src/intake/fields/check-row.ts';
import { formatReference, referenceFrom } from '../../../../src/intake/persons/reference.ts';
import { around, written } from './card-numbers.fixtures.ts';
import { check, context, postal, somebody } from './rows.fixtures.ts';

const reference = referenceFrom(new Uint8Array([1, 2, 3, 4, 5, 6, 7, 8]));

describe('a row', () => {
  it('is usable with a name and a way to reach the person', () => {
    expect(check(somebody)).toMatchObject({ reasons: [], warnings: [], data: { fields: { name: '見本 太郎' } } });
    expect(check({ full_name: '見本 太郎' }).reasons).toEqual(['no_contact']);
    expect(check({ ...somebody, full_name: '様' }).reasons).toEqual(['no_name']);
    expect(check({ ...somebody, full_name: '見\uE000 太郎' })).toMatchObject({
      ...{ reasons: ['damaged_name'], warnings: ['gaiji'], identity: null, data: { fields: null } },
    });
  });

  it('leaves out what cannot be used, and says so once', () => {
    const { reasons, warnings, data } = check({
      ...{ ...somebody, phone: '12', birth: '2030-01-01', last_use: '平成31年5月1日', card_count: '0', minor: '?' },
      ...{ country: '見本国', locale: 'fr', last4: '12', first_use: 'x', until: 'y', reference: 'z' },
    });
    expect(reasons).toEqual([]);
    expect(warnings.toSorted()).toEqual([
      ...['bad_birth', 'bad_card_count', 'bad_country', 'bad_date', 'bad_flag', 'bad_last4', 'bad_locale', 'bad_phone'],
      ...['bad_reference', 'impossible_era_date'],
    ]);
    expect(data.fields).toMatchObject({ phone: null, birth: null, lastUse: null, cardCount: 1, reference: null });
  });

  it('leaves out a company, a department or a reading that has lost characters', () => {
    const { reasons, warnings, data } = check({
      ...somebody,
      company: '見本\uE000社',
      department: '〓部',
      kana: 'ミホン ?',
    });
    expect({ reasons, warnings }).toEqual({ reasons: [], warnings: ['damaged_text'] });
    expect(data.fields).toMatchObject({ company: null, department: null, kana: null });
  });

  it('flags minors and the deceased, and drops nobody', () => {
    expect(check({ ...somebody, birth: '平成25年4月1日' })).toMatchObject({
      ...{ reasons: [], warnings: ['minor'], data: { fields: { birth: '2013-04-01', minor: true, deceased: false } } },
    });
    expect(check({ ...somebody, minor: '○' }).warnings).toEqual(['minor']);
    expect(check({ ...somebody, birth: '1980-01-01', minor: '×' }).warnings).toEqual([]);
    expect(check({ ...somebody, deceased: '死亡' })).toMatchObject({ reasons: [], warnings: ['deceased'] });
    expect(check({ ...somebody, deceased: '2015/1/2' }).data.fields?.deceased).toBe(true);
  });

  it('compares the use with the exposure window', () => {
    const exposureWindow = { from: '2017-03-01', to: '2017-06-30' };
    const use = (first_use: string, last_use: string) =>
      check({ ...somebody, first_use, last_use }, { exposureWindow }).warnings;
    expect(use('2016-01-01', '2018-01-01')).toEqual([]);
    expect(use('', '2017-03-01')).toEqual([]);
    expect(use('', '2017-02-28')).toEqual(['outside_exposure_window']);
    expect(use('2017-07-01', '')).toEqual(['outside_exposure_window']);
    expect(use('2016-01-01', '2017-02-01')).toEqual(['outside_exposure_window']);
    expect(use('2017-05-02', '2017-05-01')).toEqual(['dates_reversed']);
    expect(check({ ...somebody, last_use: '1999-01-01' }).warnings).toEqual([]);
  });

  it('reads the reference, the reason and the end of a hold', () => {
    const cells = {
      ...somebody,
      reference: formatReference(reference).toLowerCase(),
      reason: '警察の\n依頼',
      until: 'R8.4.1',
    };
    expect(check(cells, { kind: 'hold' })).toMatchObject({
      ...{ warnings: [], data: { fields: { reference, reason: '警察の 依頼', until: '2026-04-01' } } },
    });
    const wrong = `${reference.slice(0, 8)}${reference.endsWith('0') ? '1' : '0'}`;
    expect(check({ ...cells, reference: wrong }).warnings).toEqual(['bad_reference']);
  });

  it('is compared with the postal data, which never make it unusable', () => {
    const found = check({ full_name: '見本 太郎', full_address: '東京都港区芝公園1-2' }, { postal });
    expect(found).toMatchObject({
      reasons: [],
      warnings: ['postal_found'],
      data: { fields: { postalCode: '1050011' } },
    });
    const wrong = check({ full_name: '見本 太郎', postal: '0640941', full_address: '東京都港区芝公園1-2' }, { postal });
    expect(wrong).toMatchObject({ reasons: [], warnings: ['postal_mismatch'] });
  });

  it('reads what spreadsheets and databases wrap around a text', () => {
    const { data, warnings } = check({
      ...somebody,
      external_id: '="00123"',
      postal: "'0640941",
      phone: 'NULL',
      kana: '\\N',
    });
    expect(data.fields).toMatchObject({ externalId: '00123', phone: null, kana: null });
    expect(warnings).toEqual([]);
    expect(check({ ...somebody, full_name: 'NULL' }).reasons).toEqual(['no_name']);
    expect(check({ ...somebody, full_name: '#N/A' })).toMatchObject({
      reasons: ['no_name'],
      warnings: ['spreadsheet_error'],
    });
  });

  it('leaves control characters out of use, keeps the cell, and says so', () => {
    const { data, warnings } = check({ ...somebody, full_name: '見本\0 太郎', ignored: '\u0007' });
    expect(data).toMatchObject({ cells: ['見本\0 太郎', 'taro@example.jp', '\u0007'], fields: { name: '見本 太郎' } });
    expect(warnings).toEqual(['control_character']);
  });

  it('knows numbers that a spreadsheet damaged, by how they look or by what the workbook says', () => {
    const whole = {
      ...somebody,
      external_id: 'A1',
      phone: '090-1234-5678',
      postal: '1050011',
      street: '東京都港区芝1-2',
    };
    expect(check(whole).warnings).toEqual([]);
    for (const field of ['external_id', 'phone', 'postal'] as const) {
      expect(check({ ...whole, [field]: '1.23E+15' }).warnings, field).toEqual(['damaged_number']);
      for (const flag of ['damaged_number', 'excel_date'] as const) {
        expect(check(whole, { flags: { [field]: flag } }).warnings, field).toContain('damaged_number');
      }
    }
    expect(check(whole, { flags: { street: 'excel_date' } })).toMatchObject({
      ...{ warnings: ['damaged_address'], data: { fields: { addressLines: [], emails: ['taro@example.jp'] } } },
    });
    expect(check({ ...somebody, last_use: '2017-06-02' }, { flags: { last_use: 'excel_date' } }).warnings).toEqual([]);
    expect(check({ ...somebody, email: '' }, { flags: { email: 'uncalculated' } }).warnings).toEqual([
      'spreadsheet_error',
    ]);
  });

  it('carries on what the reader had to say', () => {
    const columns = [{ field: 'full_name' as const }];
    const rules = { columns, notCards: new Set<number>(), kind: 'affected' as const, ...context };
    expect(makeRowCheck(rules)({ line: 5, lines: 2, cells: ['a', 'b'], warnings: ['hidden_row'] })).toMatchObject({
      ...{ line: 5, reasons: ['cell_count'], warnings: ['hidden_row', 'line_break_in_cell'] },
    });
  });

  it('has the same identity when the columns stand in another order', () => {
    const { email = '', full_name = '' } = somebody;
    expect(check({ email, full_name }).identity).toBe(check({ full_name, email }).identity);
    expect(check({ full_name, email }).identity).toBe(`email=${email}\x1Ffull_name=${full_name}`);
  });
});

describe('a row that only points at a person', () => {
  const kinds = ['already_notified', 'exclude', 'hold'] as const;

  it.each(kinds)('needs something to match by, and no way of contact (%s)', (kind) => {
    for (const cells of [
      { reference },
      { external_id: 'A1' },
      { email: 'taro@example.jp' },
      { external_id: 'A1', full_name: '〓田' },
      { full_name: '見本 太郎', phone: '090-1234-5678' },
      { full_name: '見本 太郎', full_address: '東京都港区芝1-2' },
    ]) {
      expect(check(cells, { kind }).reasons).toEqual([]);
    }
    expect(check({ external_id: 'A1', full_name: '〓田' }, { kind })).toMatchObject({
      ...{ warnings: ['damaged_name'], data: { fields: { name: '', externalId: 'A1' } } },
    });
    expect(check({ full_name: '見本 太郎' }, { kind }).reasons).toEqual(['no_match_key']);
    expect(check({ phone: '090-1234-5678' }, { kind }).reasons).toEqual(['no_name', 'no_match_key']);
    expect(check({ full_name: '〓田', phone: '090-1234-5678' }, { kind }).reasons).toEqual([
      'damaged_name',
      'no_match_key',
    ]);
  });
});

describe('whatever a list holds', () => {
  const text = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 40 }),
    fc.constantFrom('', '山田', '?', '東京都', '#N/A', '="x"', '1.2E+9', '2017/1/2', '平成', '@', '様', '\0', '36925'),
  );

  it('is read without a fault, into fields that are clean', () => {
    const columns = fc.array(fc.constantFrom(...fieldNames), { minLength: 1, maxLength: 12 });
    const row = columns.chain((fields) =>
      fc.record({
        fields: fc.constant(fields),
        cells: fc.array(text, { minLength: fields.length, maxLength: fields.length }),
        kind: fc.constantFrom(...listKinds),
      }),
    );
    fc.assert(
      fc.property(row, ({ fields, cells, kind }) => {
        const named = fields.map((field) => ({ field }));
        const checked = makeRowCheck({ columns: named, notCards: new Set(), kind, ...context, postal })({
          ...{ line: 2, lines: 1, cells },
        });
        expect(checked.reasons.length === 0).toBe(checked.data.fields !== null);
        expect(new Set(checked.warnings).size).toBe(checked.warnings.length);
        const { name = '', addressLines = [] } = checked.data.fields ?? {};
        for (const line of [name, ...addressLines]) expect(line).not.toMatch(/\p{Cc}/u);
      }),
      { numRuns: 500 },
    );
  });

  it('lets no card number through, in any field and whatever hides it', () => {
    const hidden = fc.tuple(written, around, fc.constantFrom('', '\0', '\u0007\u0001\u0002\u0003\u0004'));
    fc.assert(
      fc.property(hidden, fc.constantFrom(...fieldNames), ([card, after, between], field) => {
        const cell = card.text.replace(/(?<=^.{4})/u, between) + after;
        const checked = check({ ...somebody, [field]: cell });
        const kept = JSON.stringify(checked).normalize('NFKC').replace(/\D/g, '');
        expect(kept).not.toContain(card.digits);
        if (field !== 'forbidden') expect(checked.reasons).toContain('card_number_present');
      }),
      { numRuns: 500 },
    );
  });
});
