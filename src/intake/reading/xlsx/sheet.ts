import { type CellFlag, type CsvRecord, isBlank, MAX_COLUMNS, MAX_RECORD_CHARACTERS, tooManyColumns } from '../csv.ts';
import { unreadable } from '../unpack.ts';
import { type CellValue, isoDateValue, numberValue } from './cell-value.ts';
import type { NumberFormat } from './number-format.ts';
import type { SharedStrings } from './shared-strings.ts';
import { isTrue, unescapeText, walkXml, type XmlEvents } from './xml.ts';

/** What the cells of a sheet refer to. */
export interface SheetContext {
  strings: SharedStrings;
  formats: readonly (NumberFormat | null)[];
  date1904: boolean;
}

/** What was noticed of a sheet beside its rows. */
export interface SheetNotes {
  /** First and last column of each hidden range, from 0. */
  hiddenColumns: [first: number, last: number][];
  /** Complete at the end of the sheet. */
  mergedCells: number;
}

/**
 * The rows of a sheet that are not blank, in pieces (ECMA-376 part 1, §18.3.1). Each is as wide as its last cell that
 * holds something. Hidden rows are read too, with a warning.
 * @throws OwabiError `list_unreadable`
 */
export async function* readSheet(
  data: AsyncIterable<Buffer>,
  context: SheetContext,
  notes: SheetNotes,
): AsyncGenerator<CsvRecord[]> {
  const ready: CsvRecord[] = [];
  for await (const _ of walkXml(
    data,
    'The sheet',
    sheetEvents(context, notes, (record) => ready.push(record)),
  )) {
    if (ready.length > 0) yield ready.splice(0);
  }
}

interface OpenRow {
  line: number;
  hidden: boolean;
  cells: string[];
  length: number;
  flags: Map<number, CellFlag>;
}

interface OpenCell {
  position: number;
  type: string;
  format: NumberFormat | null;
  text: string;
  hasValue: boolean;
  hasFormula: boolean;
}

function sheetEvents(context: SheetContext, notes: SheetNotes, emit: (record: CsvRecord) => void): XmlEvents {
  let row: OpenRow | null = null;
  let cell: OpenCell | null = null;
  let [lastLine, inText, phonetic] = [0, false, false];
  return {
    open(name, attributes) {
      if (name === 'c' && row) cell = openCell(attributes, row, context.formats);
      else if (name === 'v' && cell) inText = cell.hasValue = true;
      else if (name === 't' && cell) inText = cell.hasValue = !phonetic;
      else if (name === 'rPh') phonetic = true;
      else if (name === 'f' && cell) cell.hasFormula = true;
      else if (name === 'row') row = openRow(attributes, lastLine);
      else if (name === 'col') noteColumn(attributes, notes);
      else if (name === 'mergeCell') notes.mergedCells++;
    },
    text(piece) {
      if (inText && cell) cell.text += piece;
    },
    close(name) {
      if (name === 'v' || name === 't') inText = false;
      else if (name === 'rPh') phonetic = false;
      else if (name === 'c' && row && cell) {
        keepCell(row, cell.position, cellValue(cell, context, row.line));
        cell = null;
      } else if (name === 'row' && row) {
        lastLine = row.line;
        if (!isBlank(row.cells)) emit(recordOf(row));
        row = null;
      }
    },
  };
}

function openRow({ r, hidden, ht }: Readonly<Record<string, string>>, lastLine: number): OpenRow {
  const line = r === undefined ? lastLine + 1 : Number(r);
  if (!(line > lastLine)) {
    throw unreadable(
      `The rows of the sheet are out of order after row ${lastLine}. Save the workbook anew with Excel.`,
    );
  }
  return { line, hidden: isTrue(hidden) || Number(ht ?? 1) === 0, cells: [], length: 0, flags: new Map() };
}

function openCell(
  { r, s, t = 'n' }: Readonly<Record<string, string>>,
  row: OpenRow,
  formats: readonly (NumberFormat | null)[],
): OpenCell {
  const position = r === undefined ? row.cells.length : columnOf(r);
  const format = s === undefined ? null : (formats[Number(s)] ?? null);
  return { position, type: t, format, text: '', hasValue: false, hasFormula: false };
}

/** The column of a reference such as `AB12`, from 0. */
function columnOf(reference: string): number {
  let column = 0;
  for (let i = 0; i < reference.length; i++) {
    const letter = reference.charCodeAt(i) - 64;
    if (letter < 1 || letter > 26) break;
    column = column * 26 + letter;
  }
  return column - 1;
}

function cellValue(cell: OpenCell, { strings, date1904 }: SheetContext, line: number): CellValue {
  const { type, text, hasValue } = cell;
  // A program that writes formulas and does not calculate leaves no value, or an empty one where a number should be.
  if (!hasValue || (type === 'n' && text.trim() === '')) {
    return cell.hasFormula ? { text: '', flag: 'uncalculated' } : { text: '' };
  }
  if (type === 's') {
    const shared = strings.get(text.trim() === '' ? -1 : Number(text));
    if (shared === null) throw unreadable(`A text of row ${line} is missing. Save the workbook anew with Excel.`);
    return { text: shared };
  }
  if (type === 'n') return numberValue(text.trim(), cell.format, date1904);
  if (type === 'b') return { text: isTrue(text) ? 'TRUE' : 'FALSE' };
  if (type === 'e') return { text: '', flag: 'excel_error' };
  return type === 'd' ? isoDateValue(text) : { text: unescapeText(text) };
}

function keepCell(row: OpenRow, position: number, { text, flag }: CellValue): void {
  // Excel keeps formatted cells to the end of the sheet: those that hold nothing are none.
  if (text === '' && flag === undefined) return;
  if (position < 0 || position >= MAX_COLUMNS) throw tooManyColumns(row.line);
  row.length += text.length;
  if (row.length > MAX_RECORD_CHARACTERS) {
    throw unreadable(`Row ${row.line} is longer than ${MAX_RECORD_CHARACTERS} characters. Shorten its cells.`);
  }
  while (row.cells.length < position) row.cells.push('');
  row.cells[position] = text;
  if (flag) row.flags.set(position, flag);
}

function recordOf({ line, hidden, cells, flags }: OpenRow): CsvRecord {
  const record: CsvRecord = { line, lines: 1, cells };
  if (flags.size > 0) record.flags = flags;
  if (hidden) record.warnings = ['hidden_row'];
  return record;
}

function noteColumn({ min, max, hidden, width }: Readonly<Record<string, string>>, notes: SheetNotes): void {
  if (isTrue(hidden) || Number(width ?? 1) === 0) notes.hiddenColumns.push([Number(min) - 1, Number(max) - 1]);
}
