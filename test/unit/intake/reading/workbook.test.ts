import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readList } from '../../../support/list-source.ts';
import { columnName, shared, styled, type TestCell, workbookFiles, workbookOf } from '../../../support/workbook.ts';
import { zipOf } from '../../../support/zip.ts';

const header = ['ID', '氏名', 'メール'];
const taro = ['1', '山田 太郎', 'taro@example.jp'];
const hanako = ['2', '佐藤 花子', 'hanako@example.jp'];
const bookOf = (...rows: TestCell[][]) => workbookOf({ sheets: [{ rows }] });
const sheetOf = (xml: string, book = {}) =>
  workbookOf({ sheets: [{ rows: [] }], ...book, parts: { 'xl/worksheets/sheet1.xml': xml } });
const failure = (file: Buffer, sheet: string | null = null) =>
  readList(file, { sheet }).then(
    () => 'none',
    (error: { code: string; message: string }) => `${error.code}: ${error.message}`,
  );

describe('the sheet that is read', () => {
  const sheets = [
    { name: '内部用', state: 'hidden' as const, rows: [['x'], ['y']] },
    { name: '名簿', rows: [header, taro] },
    { name: 'Notes', rows: [header, hanako] },
    { name: 'Codes', state: 'veryHidden' as const, rows: [['x']] },
  ];

  it('is the first one that is not hidden; the others are reported', async () => {
    const list = await readList(workbookOf({ sheets }));
    expect(list.sheet).toBe('名簿');
    expect(list.records.map(({ cells }) => cells)).toEqual([taro]);
    expect(list.warnings).toEqual([
      { code: 'hidden_sheet', count: 2 },
      { code: 'other_sheets', count: 1 },
    ]);
  });

  it.each(['Notes', 'notes', ' Ｎotes '])('is the one that is named (%j)', async (sheet) => {
    const list = await readList(workbookOf({ sheets }), { sheet });
    expect(list.sheet).toBe('Notes');
    expect(list.records.map(({ cells }) => cells)).toEqual([hanako]);
  });

  it('may be a hidden one when it is named', async () => {
    expect(await readList(workbookOf({ sheets }), { sheet: '内部用' })).toMatchObject({ header: ['x'] });
  });

  it('is never guessed: a name that is not there ends in a sentence that tells no names', async () => {
    const sentence = await failure(workbookOf({ sheets }), 'List');
    expect(sentence).toBe(
      'list_unreadable: The workbook has no sheet of the name that is given; it has 4 sheets. Correct the field "sheet", or leave it out to read the first one.',
    );
    expect(await failure(workbookOf({ sheets: sheets.slice(0, 1) }))).toContain(
      'no sheet that is not hidden; it has 1 sheet.',
    );
    expect(await failure(Buffer.from('name,email\n'), 'List')).toContain('The file is text and has no sheets.');
  });

  it('holds nothing, or nothing but a header', async () => {
    expect(await failure(bookOf())).toBe('no_header: The sheet holds nothing.');
    expect((await readList(bookOf(header))).records).toEqual([]);
  });
});

describe('rows of a sheet', () => {
  it('are as wide as the header, wider where they hold more, and blank ones are none', async () => {
    const list = await readList(
      bookOf([], [null, ...header, ' ', ''], [], [null, '1'], ['x', '2', 'y', 'z', 'more'], [' ']),
    );
    expect(list.header).toEqual(['', ...header]);
    expect(list.records.map(({ line, cells }) => [line, cells])).toEqual([
      [4, ['', '1', '', '']],
      [5, ['x', '2', 'y', 'z', 'more']],
    ]);
  });

  it('are read and marked when they are hidden, as are columns', async () => {
    const sheet = { rows: [header, taro, hanako], hiddenRows: [3], hiddenColumns: [2, 9], merged: ['A2:A3', 'B2:B3'] };
    const list = await readList(workbookOf({ sheets: [sheet] }));
    expect(list.records.map(({ cells, warnings }) => [cells[0], warnings])).toEqual([
      ['1', undefined],
      ['2', ['hidden_row']],
    ]);
    expect(list.warnings).toEqual([
      { code: 'hidden_columns', count: 1 },
      { code: 'merged_cells', count: 2 },
    ]);
  });

  it('count as hidden when they have no height or no width', async () => {
    const list = await readList(
      sheetOf(
        '<worksheet><cols><col min="1" max="2" width="0"/></cols><sheetData><row><c t="str"><v>a</v></c><c t="str"><v>b</v></c></row><row ht="0" customHeight="1"><c><v>1</v></c></row></sheetData></worksheet>',
      ),
    );
    expect(list.warnings).toEqual([{ code: 'hidden_columns', count: 2 }]);
    expect(list.records).toEqual([{ line: 2, lines: 1, cells: ['1', ''], warnings: ['hidden_row'] }]);
  });

  it('may leave out where they stand, and have a prefix before each name', async () => {
    const xml =
      '<x:worksheet xmlns:x="a"><x:sheetData><x:row><x:c t="str"><x:v>a</x:v></x:c><x:c t="inlineStr"><x:is><x:t>b</x:t></x:is></x:c></x:row></x:sheetData></x:worksheet>';
    expect(await readList(sheetOf(xml))).toMatchObject({ header: ['a', 'b'] });
  });

  it.each([true, false])('hold whatever text was written, in cells of their own or not (%s)', async (inline) => {
    const unit = fc.constantFrom('a', ' ', '山', '𠮷', '髙', '<', '&', '"', '\n', '_x000D_', ']]>', 'ﾞ', '\u{E0100}');
    const text = fc.string({ unit, maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(fc.array(fc.array(text, { minLength: 2, maxLength: 2 }), { maxLength: 5 }), async (rows) => {
        const list = await readList(workbookOf({ inline, sheets: [{ rows: [['a', 'b'], ...rows] }] }));
        const meant = rows.map((cells) => cells.map((cell) => cell.replaceAll('_x000D_', '\r')));
        expect(list.records.map(({ cells }) => cells)).toEqual(
          meant.filter((cells) => cells.some((cell) => cell.trim() !== '')),
        );
      }),
      { numRuns: 60 },
    );
  });
});

describe('a cell', () => {
  const cellOf = async (cell: TestCell, book: object = {}) => {
    const list = await readList(
      workbookOf({
        ...book,
        sheets: [
          {
            rows: [
              ['a', 'b'],
              ['x', cell],
            ],
          },
        ],
      }),
    );
    return [list.records[0]?.cells[1], list.records[0]?.flags?.get(1) ?? null];
  };
  const raw = (attributes: string, content: string) => ({ attributes, content });

  it('of rich text is its text, without the reading that Excel keeps of it', async () => {
    const strings = [
      '<si><r><rPr><b/></rPr><t>山</t></r><r><t xml:space="preserve">田 </t></r><rPh sb="0" eb="1"><t>ヤマ</t></rPh><phoneticPr/></si>',
      '<si><t>太郎</t><rPh sb="0" eb="2"><t>タロウ</t></rPh></si>',
    ];
    const parts = {
      'xl/worksheets/sheet1.xml': `<worksheet><sheetData><row>${['<c t="s"><v>0</v></c>', '<c t="s"><v>1</v></c>', '<c t="inlineStr"><is><r><t>in</t></r><rPh><t>イン</t></rPh><r><t>line</t></r></is></c>'].join('')}</row></sheetData></worksheet>`,
    };
    expect(await readList(workbookOf({ sheets: [{ rows: [] }], strings, parts }))).toMatchObject({
      header: ['山田', '太郎', 'inline'],
    });
  });

  it.each([
    ['a formula of text', raw('t="str"', '<f>A1</f><v>x &amp; y</v>'), 'x & y', null],
    ['a formula of nothing', raw('t="str"', '<f>A1</f><v></v>'), '', null],
    ['yes', raw('t="b"', '<v>1</v>'), 'TRUE', null],
    ['no', raw('t="b"', '<v>0</v>'), 'FALSE', null],
    ['an error', raw('t="e"', '<f>VLOOKUP(1,A:B,2)</f><v>#N/A</v>'), '', 'excel_error'],
    ['a formula that nobody calculated', raw('', '<f>A1</f>'), '', 'uncalculated'],
    ['one that openpyxl wrote', raw('', '<f>A1</f><v/>'), '', 'uncalculated'],
    ['a date as text', raw('t="d"', '<v>2017-06-02T00:00:00</v>'), '2017-06-02', 'excel_date'],
    ['a number', 1001, '1001', null],
    ['no number', raw('', '<v>x</v>'), 'x', 'damaged_number'],
  ])('says what it holds (%s)', async (_what, cell, text, flag) => {
    expect(await cellOf(cell)).toEqual([text, flag]);
  });

  it('has the zeros and hyphens of its format, and is a date when its format is one', async () => {
    const formats = [
      '0000000',
      '[<=999]000;[<=9999]000\\-00;000\\-0000',
      'yyyy"年"m"月"d"日"',
      '[$-411]ggge"年"m"月"d"日";@',
      '#,##0',
    ];
    expect(await cellOf(styled(600001, 0), { formats })).toEqual(['0600001', null]);
    expect(await cellOf(styled(600001, 1), { formats })).toEqual(['060-0001', null]);
    expect(await cellOf(styled(36925, 2), { formats })).toEqual(['2001-02-03', 'excel_date']);
    expect(await cellOf(styled(36925, 3), { formats })).toEqual(['2001-02-03', 'excel_date']);
    expect(await cellOf(styled(36925, 3), { formats, date1904: true })).toEqual(['2005-02-04', 'excel_date']);
    expect(await cellOf(styled(1234567, 4), { formats })).toEqual(['1234567', null]);
    expect(await cellOf(styled('1.2345678901234601E+16', 0), { formats })).toEqual([
      '12345678901234600',
      'damaged_number',
    ]);
  });
});

describe('a workbook that refers to others', () => {
  it('is read with the values it holds, and says so', async () => {
    const outside = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships';
    const book = workbookOf({
      sheets: [
        {
          rows: [
            header,
            [1, { attributes: 't="str"', content: '<f>[1]Sheet1!A1</f><v>山田 太郎</v>' }, 'a@example.jp'],
          ],
        },
      ],
      relationships: [
        `Id="rIdA" Type="${outside}/externalLink" Target="externalLinks/externalLink1.xml"`,
        `Id="rIdB" Type="${outside}/connections" Target="connections.xml"`,
      ],
    });
    const list = await readList(book);
    expect(list.records[0]?.cells[1]).toBe('山田 太郎');
    expect(list.warnings).toEqual([{ code: 'external_reference', count: 2 }]);
  });

  it('is refused when its sheet lies outside of it', async () => {
    const book = workbookOf({
      sheets: [{ rows: [header] }],
      parts: {
        'xl/_rels/workbook.xml.rels':
          '<Relationships><Relationship Id="rId1" Type="x/worksheet" Target="http://example.com/sheet.xml" TargetMode="External"/></Relationships>',
      },
    });
    expect(await failure(book)).toContain('list_unreadable: The sheet is not in the workbook.');
  });
});

describe('a workbook that is none', () => {
  const bomb = `<!DOCTYPE x [<!ENTITY a "${'lol'.repeat(10)}"><!ENTITY b "&a;&a;&a;&a;">]>`;
  const sheet = (data: string) => `<worksheet><sheetData>${data}</sheetData></worksheet>`;
  it.each([
    [
      'declares entities',
      sheetOf(`${bomb}${sheet('<row><c t="str"><v>&b;</v></c></row>')}`),
      'The sheet declares entities of its own',
    ],
    [
      'uses entities',
      sheetOf(sheet('<row><c t="str"><v>&b;</v></c></row>')),
      'The sheet is damaged, on line 1 of its XML',
    ],
    [
      'is not well-formed',
      sheetOf('<worksheet><sheetData>\n<row></sheetData>'),
      'The sheet is damaged, on line 2 of its XML',
    ],
    [
      'is not UTF-8',
      workbookOf({ sheets: [{ rows: [header] }], parts: { 'xl/styles.xml': '\uD800<' } }),
      'The list of formats of the workbook is damaged',
    ],
    ['is nested without end', sheetOf('<a>'.repeat(200)), 'The sheet is nested too deeply'],
    [
      'has a cell without end',
      sheetOf(sheet(`<row><c t="str"><v>${'x'.repeat(5_000_000)}</v></c></row>`)),
      'The sheet holds a value that is longer than any cell',
    ],
    [
      'has a long cell',
      sheetOf(sheet(`<row r="7"><c t="str"><v>${'x'.repeat(2_000_000)}</v></c></row>`)),
      'Row 7 is longer than 1000000 characters',
    ],
    [
      'has a long text',
      workbookOf({ sheets: [{ rows: [[shared(0)]] }], strings: [`<si><t>${'x'.repeat(2_000_000)}</t></si>`] }),
      'A text of the workbook is longer than any cell',
    ],
    ['lacks a text', bookOf([shared(0)]), 'A text of row 1 is missing'],
    [
      'has rows out of order',
      sheetOf(sheet('<row r="2"><c><v>1</v></c></row><row r="2"/>')),
      'The rows of the sheet are out of order after row 2',
    ],
    [
      'has no workbook',
      workbookOf({ sheets: [], parts: { '_rels/.rels': '<Relationships/>' } }),
      'The workbook has no sheets that can be found',
    ],
    [
      'has 10,000 columns',
      bookOf(Array.from({ length: 10_000 }, () => 'x')),
      'The record that begins on line 1 has more than 1000 columns',
    ],
  ])('ends in a sentence when it %s', async (_what, file, sentence) => {
    expect(await failure(file)).toContain(`list_unreadable: ${sentence}`);
  });

  it('is refused when it has two parts of one name', async () => {
    const files = workbookFiles({ sheets: [{ rows: [header, taro] }] });
    const second = { name: 'XL/worksheets/Sheet1.xml', data: sheet('') };
    expect(await failure(zipOf([...files, second]))).toContain(
      'list_unreadable: The workbook has two parts of one name.',
    );
  });

  it('does not fail for cells beyond all columns that are only formatted', async () => {
    const cells = `<c r="A1" t="str"><v>a</v></c><c r="XFD1" s="1"/><c r="XFC1" t="str"><v></v></c>`;
    expect(await readList(sheetOf(sheet(`<row r="1">${cells}</row>`)))).toMatchObject({ header: ['a'] });
  });

  it('is never read in part: a part that is damaged anywhere fails', async () => {
    const files = workbookFiles({ sheets: [{ rows: [header, taro, hanako] }] });
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...files),
        fc.nat(),
        fc.constantFrom('<', '&', '>', '\0', 'x', ''),
        async (file, at, change) => {
          const data = String(file.data);
          const place = at % data.length;
          const damaged = { ...file, data: data.slice(0, place) + change + data.slice(place + 1) };
          const list = await readList(zipOf(files.map((one) => (one === file ? damaged : one)))).catch(
            (error: unknown) => error as { code?: string },
          );
          // A letter of a name or of a style may be another one; whatever is read has the rows that are there.
          if ('records' in list) expect(list.records.length).toBeLessThanOrEqual(2);
          else expect(list.code).toMatch(/^(list_unreadable|not_text|no_header|unknown_encoding)$/);
        },
      ),
      { numRuns: 300 },
    );
  });

  it('names its columns as Excel does', () => {
    expect([0, 25, 26, 701, 702, 16_383].map(columnName)).toEqual(['A', 'Z', 'AA', 'ZZ', 'AAA', 'XFD']);
  });
});
