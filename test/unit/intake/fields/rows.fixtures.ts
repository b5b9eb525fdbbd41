import type { Field } from '../../../../src/intake/columns/column-table.ts';
import type { ListKind } from '../../../../src/intake/columns/list-kind.ts';
import { makeRowCheck } from '../../../../src/intake/fields/check-row.ts';
import { makePostalTable } from '../../../../src/intake/fields/postal-table.ts';
import type { RowContext } from '../../../../src/intake/fields/read-row.ts';
import type { CsvRecord } from '../../../../src/intake/reading/csv.ts';

/** A few places as Japan Post writes them. */
export const postal = makePostalTable([
  { code: '1050011', prefecture: '東京都', city: '港区', town: '芝公園' },
  { code: '1050014', prefecture: '東京都', city: '港区', town: '芝' },
  { code: '1050023', prefecture: '東京都', city: '港区', town: '芝浦' },
  { code: '1080023', prefecture: '東京都', city: '港区', town: '芝浦' },
  { code: '1050000', prefecture: '東京都', city: '港区', town: '' },
  { code: '10660', prefecture: '東京都', city: '港区', town: '六本木見本タワー' },
  { code: '0640941', prefecture: '北海道', city: '札幌市中央区', town: '旭ケ丘' },
  { code: '0613771', prefecture: '北海道', city: '石狩郡当別町', town: '' },
  { code: '3010000', prefecture: '茨城県', city: '龍ケ崎市', town: '' },
  { code: '1830023', prefecture: '東京都', city: '府中市', town: '宮町' },
  { code: '7260003', prefecture: '広島県', city: '府中市', town: '元町' },
  { code: '4980000', prefecture: '愛知県', city: '弥富市', town: '' },
  { code: '4980000', prefecture: '三重県', city: '桑名郡木曽岬町', town: '' },
]);

export const context: RowContext = { defaultCountry: 'JP', exposureWindow: null, postal: null, today: '2026-01-01' };

type Cells = Partial<Record<Field, string>>;
interface Settings extends Partial<RowContext> {
  kind?: ListKind;
  /** Of cells, by the name of their field. */
  flags?: Partial<Record<Field, 'excel_date' | 'damaged_number' | 'excel_error' | 'uncalculated'>>;
}

/** Somebody who lacks nothing. */
export const somebody: Cells = { full_name: '見本 太郎', email: 'taro@example.jp' };

/** Checks one row that has these cells and no other. */
export function check(cells: Cells, { kind = 'affected', flags = {}, ...rest }: Settings = {}) {
  const columns = (Object.keys(cells) as Field[]).map((field) => ({ field }));
  const record: CsvRecord = { line: 2, lines: 1, cells: Object.values(cells) };
  const positions = Object.entries(flags).map(
    ([field, flag]) => [columns.findIndex((column) => column.field === field), flag] as const,
  );
  if (positions.length > 0) record.flags = new Map(positions);
  return makeRowCheck({ columns, notCards: new Set(), kind, ...context, ...rest })(record);
}
