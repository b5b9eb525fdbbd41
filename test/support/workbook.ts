import { type FileToZip, zipOf } from './zip.ts';

/** Text, a number, or a cell as XML: what stands in `<c …>` besides its reference, and what within it. */
export type TestCell = string | number | null | { attributes: string; content: string };

export interface TestSheet {
  name?: string;
  state?: 'visible' | 'hidden' | 'veryHidden';
  rows: TestCell[][];
  /** Row numbers, from 1. */
  hiddenRows?: number[];
  /** Columns, from 1. */
  hiddenColumns?: number[];
  merged?: string[];
}

export interface TestWorkbook {
  sheets: TestSheet[];
  date1904?: boolean;
  /** Format codes, by the numbers that `styled` takes. */
  formats?: string[];
  /** Texts stand in the cells and not in a table of their own. */
  inline?: boolean;
  /** `<si>` as XML, after the texts of the cells. */
  strings?: string[];
  /** Relationships of the workbook besides those to its own parts. */
  relationships?: string[];
  /** Parts to add, or to put in the place of others. */
  parts?: Record<string, string>;
}

const MAIN = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main';
const OFFICE = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships';
const PACKAGE = 'http://schemas.openxmlformats.org/package/2006';
const PROLOG = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n';

/** A workbook (.xlsx, ECMA-376) as Excel lays one out. */
export function workbookOf(book: TestWorkbook): Buffer {
  return zipOf(workbookFiles(book));
}

/** The files of a workbook, to be changed before they are zipped. */
export function workbookFiles(book: TestWorkbook): FileToZip[] {
  const strings: string[] = [];
  const sheets = book.sheets.map((sheet) => sheetXml(sheet, book.inline ? null : strings));
  const parts: Record<string, string> = {
    '[Content_Types].xml': contentTypes(sheets.length),
    '_rels/.rels': relationships([`Id="rId1" Type="${OFFICE}/officeDocument" Target="xl/workbook.xml"`]),
    'xl/workbook.xml': bookXml(book),
    'xl/_rels/workbook.xml.rels': relationships([
      ...sheets.map((_, i) => `Id="rId${i + 1}" Type="${OFFICE}/worksheet" Target="worksheets/sheet${i + 1}.xml"`),
      `Id="rIdStyles" Type="${OFFICE}/styles" Target="styles.xml"`,
      `Id="rIdStrings" Type="${OFFICE}/sharedStrings" Target="/xl/sharedStrings.xml"`,
      ...(book.relationships ?? []),
    ]),
    ...Object.fromEntries(sheets.map((xml, i) => [`xl/worksheets/sheet${i + 1}.xml`, xml])),
    'xl/styles.xml': stylesXml(book.formats ?? []),
    'xl/sharedStrings.xml': `${PROLOG}<sst xmlns="${MAIN}">${strings.join('')}${(book.strings ?? []).join('')}</sst>`,
    ...book.parts,
  };
  return Object.entries(parts).map(([name, data]) => ({ name, data }));
}

/** A number in one of the workbook's `formats`. */
export function styled(value: number | string, format: number): TestCell {
  return { attributes: `s="${format + 1}"`, content: `<v>${value}</v>` };
}

/** The `n`-th of the workbook's own `strings`, when there are no others. */
export const shared = (n: number): TestCell => ({ attributes: 't="s"', content: `<v>${n}</v>` });

export const escapeXml = (text: string): string =>
  text
    .replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`)
    .replace(/[\t\n\r]/g, (sign) => `&#${sign.charCodeAt(0)};`);

function bookXml({ sheets, date1904 }: TestWorkbook): string {
  const list = sheets.map(({ name, state }, i) => {
    const hidden = state ? ` state="${state}"` : '';
    return `<sheet name="${escapeXml(name ?? `Sheet${i + 1}`)}" sheetId="${i + 1}"${hidden} r:id="rId${i + 1}"/>`;
  });
  return `${PROLOG}<workbook xmlns="${MAIN}" xmlns:r="${OFFICE}"><workbookPr${date1904 ? ' date1904="1"' : ''}/><sheets>${list.join('')}</sheets></workbook>`;
}

function contentTypes(sheets: number): string {
  const of = (name: string, kind: string) =>
    `<Override PartName="/xl/${name}.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.${kind}+xml"/>`;
  const own = [of('workbook', 'sheet.main'), of('styles', 'styles'), of('sharedStrings', 'sharedStrings')];
  const each = Array.from({ length: sheets }, (_, i) => of(`worksheets/sheet${i + 1}`, 'worksheet'));
  const rels = '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>';
  return `${PROLOG}<Types xmlns="${PACKAGE}/content-types">${rels}${own.join('')}${each.join('')}</Types>`;
}

function relationships(list: string[]): string {
  const all = list.map((one) => `<Relationship ${one}/>`).join('');
  return `${PROLOG}<Relationships xmlns="${PACKAGE}/relationships">${all}</Relationships>`;
}

function stylesXml(formats: string[]): string {
  const codes = formats.map((code, i) => `<numFmt numFmtId="${164 + i}" formatCode="${escapeXml(code)}"/>`).join('');
  const cells = formats.map((_, i) => `<xf numFmtId="${164 + i}" applyNumberFormat="1"/>`).join('');
  return `${PROLOG}<styleSheet xmlns="${MAIN}"><numFmts>${codes}</numFmts><cellStyleXfs><xf numFmtId="14"/></cellStyleXfs><cellXfs><xf numFmtId="0"/>${cells}</cellXfs></styleSheet>`;
}

/** @param strings takes the texts of the cells; null: they stand in the cells themselves */
function sheetXml(
  { rows, hiddenRows = [], hiddenColumns = [], merged = [] }: TestSheet,
  strings: string[] | null,
): string {
  const columns = hiddenColumns
    .map((n) => `<col min="${n}" max="${n}" width="9" hidden="1" customWidth="1"/>`)
    .join('');
  const lines = rows.map((cells, i) => {
    const hidden = hiddenRows.includes(i + 1) ? ' hidden="1"' : '';
    const content = cells.map((cell, column) => cellXml(cell, `${columnName(column)}${i + 1}`, strings)).join('');
    return `<row r="${i + 1}"${hidden}>${content}</row>`;
  });
  const merges = merged.map((ref) => `<mergeCell ref="${ref}"/>`).join('');
  return `${PROLOG}<worksheet xmlns="${MAIN}">${columns && `<cols>${columns}</cols>`}<sheetData>${lines.join('')}</sheetData>${merges && `<mergeCells>${merges}</mergeCells>`}</worksheet>`;
}

function cellXml(cell: TestCell, reference: string, strings: string[] | null): string {
  if (cell === null) return '';
  if (typeof cell === 'number') return `<c r="${reference}"><v>${cell}</v></c>`;
  if (typeof cell === 'object') return `<c r="${reference}" ${cell.attributes}>${cell.content}</c>`;
  const text = `<t xml:space="preserve">${escapeXml(cell)}</t>`;
  if (!strings) return `<c r="${reference}" t="inlineStr"><is>${text}</is></c>`;
  strings.push(`<si>${text}</si>`);
  return `<c r="${reference}" t="s"><v>${strings.length - 1}</v></c>`;
}

export function columnName(column: number): string {
  const rest = Math.floor(column / 26);
  return (rest > 0 ? columnName(rest - 1) : '') + String.fromCharCode(65 + (column % 26));
}
