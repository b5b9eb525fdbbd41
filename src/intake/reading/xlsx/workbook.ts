import { OwabiError } from '../../../errors.ts';
import type { Meter } from '../bytes.ts';
import type { CsvRecord } from '../csv.ts';
import { unreadable } from '../unpack.ts';
import type { ZipEntry } from '../zip.ts';
import { type Parts, type Relationship, workbookParts, workbookPath } from './parts.ts';
import { readSharedStrings } from './shared-strings.ts';
import { readSheet, type SheetNotes } from './sheet.ts';
import { readStyles } from './styles.ts';
import { isTrue, readXml } from './xml.ts';

/** A workbook of which one sheet was chosen. */
export interface Workbook {
  sheet: string;
  /** What the meter of `open` will have counted at the end. */
  packedSize: number;
  open(meter: Meter): Promise<SheetList>;
}

/** A list as it lies in a sheet. */
export interface SheetList {
  header: CsvRecord;
  /** Complete when `rows` has been walked. */
  warnings: { code: string; count: number }[];
  /** The rows after the header; each as wide as the header, or wider where it holds more. */
  rows: AsyncGenerator<CsvRecord[]>;
}

/**
 * Opens a workbook (.xlsx, ECMA-376) and chooses the named sheet, or the first one that is not hidden. Nothing outside of
 * the file is ever fetched: formulas stand for the values that were calculated last.
 * @throws OwabiError `list_unreadable`, `not_text`
 */
export async function openWorkbook(entries: readonly ZipEntry[], named: string | null): Promise<Workbook> {
  const parts = workbookParts(entries);
  const path = await workbookPath(parts);
  const relationships = await parts.relationshipsOf(path);
  const book = await readBook(parts, path, relationships);
  const chosen = chooseSheet(book.sheets, named);
  const part = chosen.path === null ? null : parts.find(chosen.path);
  if (!part) throw unreadable('The sheet is not in the workbook. Open it with Excel, save it anew and upload that.');
  const partOf = (wanted: string) => parts.find(relationships.find(({ type }) => type === wanted)?.target ?? '');
  const strings = partOf('sharedStrings');
  return {
    sheet: chosen.name,
    packedSize: part.packedSize + (strings?.packedSize ?? 0),
    async open(meter) {
      const context = {
        formats: await readStyles(partOf('styles')),
        strings: await readSharedStrings(strings, meter),
        date1904: book.date1904,
      };
      const notes: SheetNotes = { hiddenColumns: [], mergedCells: 0 };
      return openSheetList(readSheet(part.read(meter), context, notes), notes, bookWarnings(book, chosen));
    },
  };
}

interface Sheet {
  name: string;
  hidden: boolean;
  path: string | null;
}

interface Book {
  sheets: Sheet[];
  date1904: boolean;
  /** Other workbooks and sources of data that it refers to. */
  references: number;
}

async function readBook(parts: Parts, path: string, relationships: readonly Relationship[]): Promise<Book> {
  const sheets: Sheet[] = [];
  const part = parts.find(path) as ZipEntry;
  let date1904 = false;
  await readXml(part.read(), 'The list of sheets of the workbook', {
    open(tag, attributes) {
      if (tag === 'workbookPr') date1904 = isTrue(attributes.date1904);
      if (tag !== 'sheet') return;
      const id = Object.entries(attributes).find(([key]) => key.endsWith(':id'))?.[1];
      const relationship = relationships.find((one) => one.id === id);
      // Charts and macros have sheets of their own kind, without rows.
      if (relationship?.type !== 'worksheet') return;
      const { name = '', state = 'visible' } = attributes;
      sheets.push({ name, hidden: state !== 'visible', path: relationship.target });
    },
  });
  const references = relationships.filter(({ type }) => type === 'externalLink' || type === 'connections').length;
  return { sheets, date1904, references };
}

function chooseSheet(sheets: readonly Sheet[], named: string | null): Sheet {
  const folded = (name: string) => name.normalize('NFKC').trim().toLowerCase();
  const chosen =
    named === null
      ? sheets.find(({ hidden }) => !hidden)
      : (sheets.find(({ name }) => name === named) ?? sheets.find(({ name }) => folded(name) === folded(named)));
  if (chosen) return chosen;
  const count = sheets.length === 1 ? '1 sheet' : `${sheets.length} sheets`;
  throw unreadable(
    named === null
      ? `The workbook has no sheet that is not hidden; it has ${count}. Show the one that holds the list, or name it in the field "sheet".`
      : `The workbook has no sheet of the name that is given; it has ${count}. Correct the field "sheet", or leave it out to read the first one.`,
    { sheets: sheets.length },
  );
}

function bookWarnings({ sheets, references }: Book, chosen: Sheet): SheetList['warnings'] {
  const others = sheets.filter((sheet) => sheet !== chosen);
  const hidden = others.filter((sheet) => sheet.hidden).length;
  return [
    { code: 'hidden_sheet', count: hidden },
    { code: 'other_sheets', count: others.length - hidden },
    { code: 'external_reference', count: references },
  ].filter(({ count }) => count > 0);
}

async function openSheetList(
  records: AsyncGenerator<CsvRecord[]>,
  notes: SheetNotes,
  warnings: SheetList['warnings'],
): Promise<SheetList> {
  const { value: first } = await records.next();
  const [header, ...rest] = first ?? [];
  if (!header) throw new OwabiError('no_header', 'The sheet holds nothing.');
  trimEnd(header.cells, 0);
  const width = header.cells.length;
  const hidden = hiddenWithin(notes.hiddenColumns, width);
  if (hidden > 0) warnings.push({ code: 'hidden_columns', count: hidden });
  return { header, warnings, rows: rowsOf(rest, records, width, () => noteEnd(notes, warnings)) };
}

function noteEnd({ mergedCells }: SheetNotes, warnings: SheetList['warnings']): void {
  if (mergedCells > 0) warnings.push({ code: 'merged_cells', count: mergedCells });
}

async function* rowsOf(
  first: CsvRecord[],
  rest: AsyncGenerator<CsvRecord[]>,
  width: number,
  atEnd: () => void,
): AsyncGenerator<CsvRecord[]> {
  const widen = (records: CsvRecord[]) => {
    for (const { cells } of records) {
      trimEnd(cells, width);
      while (cells.length < width) cells.push('');
    }
    return records;
  };
  if (first.length > 0) yield widen(first);
  for await (const records of rest) yield widen(records);
  atEnd();
}

/** Takes away cells at the end that hold nothing, down to `least`: a sheet has as many as were ever formatted. */
function trimEnd(cells: string[], least: number): void {
  while (cells.length > least && cells.at(-1)?.trim() === '') cells.pop();
}

function hiddenWithin(ranges: readonly [number, number][], width: number): number {
  return ranges.reduce(
    (sum, [first, last]) => sum + Math.max(0, Math.min(last, width - 1) - Math.max(first, 0) + 1),
    0,
  );
}
