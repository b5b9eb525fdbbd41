import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { encode } from '../../support/encode.ts';
import { type ExportFormat, exportFormats } from '../../support/exports.ts';
import { workbookOf } from '../../support/workbook.ts';
import { intakeDesk } from './lists.ts';

let desk: Awaited<ReturnType<typeof intakeDesk>>;
beforeAll(async () => {
  desk = await intakeDesk();
});
afterAll(() => desk.close());

const quoted = (cell: string) => `"${cell.replaceAll('"', '""')}"`;
const textOf = ({ header, rows }: ExportFormat, delimiter: string) =>
  [header, ...rows].map((cells) => cells.map(quoted).join(delimiter)).join('\r\n');

const forms: [string, (format: ExportFormat) => Buffer][] = [
  ['CSV in UTF-8', (format) => Buffer.from(textOf(format, ','))],
  ['CSV in CP932', (format) => encode(textOf(format, ','), 'cp932')],
  ['text with tabs in UTF-16', (format) => Buffer.from(`\uFEFF${textOf(format, '\t')}`, 'utf16le')],
  ['an Excel workbook', ({ header, rows }) => workbookOf({ sheets: [{ name: 'Sheet1', rows: [header, ...rows] }] })],
];

describe.each(exportFormats)('an export of $name', (format) => {
  it.each(forms)('brings the same persons as %s', async (_form, fileOf) => {
    const incidentId = await desk.newIncident(format.country === 'JP' ? 'ja' : 'en');
    const list = await desk.checkAndAccept(incidentId, fileOf(format), { source: format.name });
    expect(list).toMatchObject({ status: 'accepted', rows_quarantined: 0, rows_total: format.rows.length });
    const found = (await desk.persons(incidentId)).map(({ data }) => data.name);
    expect(found.toSorted()).toEqual([...new Set(format.expectedPersons.map(({ name }) => name))].toSorted());
  });
});
