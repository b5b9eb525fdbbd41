import { describe, expect, it } from 'vitest';
import { recogniseColumns, requireUsable } from '../../../src/intake/columns/columns.ts';
import { makeRowCheck } from '../../../src/intake/fields/check-row.ts';
import { type ExpectedPerson, type ExportFormat, exportFormats } from '../../support/exports.ts';

const understood = ({ header, rows }: ExportFormat) => recogniseColumns(header, { sample: rows });

function readPersons(format: ExportFormat): (ExpectedPerson | string[])[] {
  const { columns } = understood(format);
  const check = makeRowCheck({
    ...{ columns, notCards: new Set<number>(), kind: 'affected', defaultCountry: format.country },
    ...{ exposureWindow: null, postal: null, today: '2017-07-01' },
  });
  return format.rows.map((cells, i) => {
    const { data, reasons } = check({ line: i + 2, lines: 1, cells });
    if (!data.fields) return reasons;
    const { name, kana, postalCode, addressLines, emails, phone, externalId } = data.fields;
    const digits = phone?.replace(/\D/g, '') ?? null;
    return { name, kana, postalCode, addressLines, emails, phone: digits, externalId };
  });
}

describe.each(exportFormats)('a list from $name', (format) => {
  it('has each column understood', () => {
    const { columns } = understood(format);
    const table = (fields: readonly string[]) => format.header.map((name, i) => `${name} = ${fields[i]}`);
    expect(table(columns.map(({ field }) => field))).toEqual(table(format.expectedFields));
    expect(() => requireUsable(columns)).not.toThrow();
  });

  it('has each person read as they are', () => {
    expect(readPersons(format)).toEqual(format.expectedPersons);
  });
});
