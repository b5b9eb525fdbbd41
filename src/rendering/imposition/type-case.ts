/**
 * The type case of a batch: every character that its letters need, typeset once by Typst, and read back as glyphs. So
 * shaping, variation forms and fonts stay the typesetter's business, and a letter is put together without it.
 */
import { contentOf, type PdfFile } from '../pdf/pdf-file.ts';
import { type PdfFont, readFont } from '../pdf/pdf-font.ts';
import { actualText } from '../pdf/read-content.ts';
import { type Dict, Name, PdfProblem, Tokens, type Value, Word } from '../pdf/tokens.ts';
import type { OwnText, Weight } from './own-parts.ts';

/** What `/type-case.typ` sets: each entry in a cell of its own, row by row. Lengths in pt. */
export interface TypeCasePlan {
  locale: string;
  columns: number;
  rows: number;
  cell: number;
  size: number;
  entries: CaseEntry[];
}

/** A character with the marks and the variation selector that follow it. */
interface CaseEntry {
  cluster: string;
  weight: Weight;
}

/** How a cluster is printed. */
export interface Type {
  shows: Show[];
  /** Advance in em. */
  width: number;
  /** What a reader of the file is told that it says; null: the font tells it. */
  says: string | null;
}

/** One run of glyphs. */
interface Show {
  /** Name of the font among the resources of the type case. */
  font: string;
  /** From the cluster's origin to the right and up, em. */
  dx: number;
  dy: number;
  /** Two bytes a glyph. */
  glyphs: Uint8Array;
}

export type TypeCase = (weight: Weight, cluster: string) => Type;

const COLUMNS = 64;
/** Marks may reach out of their own place: a cell is four times as wide as the type. */
const [SIZE, CELL] = [10, 40];

export function clustersOf(text: string): string[] {
  return text.match(/\P{M}\p{M}*|\p{M}+/gu) ?? [];
}

/** @param texts of all letters of the batch */
export function planTypeCase(locale: string, texts: Iterable<OwnText>): TypeCasePlan {
  const entries = new Map<string, CaseEntry>();
  for (const { text, weight } of texts) {
    for (const cluster of clustersOf(text)) {
      const key = keyOf(weight, cluster);
      if (!entries.has(key)) entries.set(key, { cluster, weight });
    }
  }
  const rows = Math.max(1, Math.ceil(entries.size / COLUMNS));
  return { locale, columns: COLUMNS, rows, cell: CELL, size: SIZE, entries: [...entries.values()] };
}

const keyOf = (weight: Weight, cluster: string): string => `${weight}${cluster}`;

/**
 * @param page of the file, which Typst has made from the plan
 * @throws PdfProblem when the page holds what is no type case
 */
export function readTypeCase(file: PdfFile, page: Dict, plan: TypeCasePlan): TypeCase {
  const fonts = fontsOf(file, page);
  const cells = readCells(contentOf(file.stream(page.get('Contents'))), plan);
  const types = new Map<string, Type>();
  for (const [i, { cluster, weight }] of plan.entries.entries()) {
    types.set(keyOf(weight, cluster), typeOf(cluster, cells.get(i) ?? [], fonts));
  }
  return (weight, cluster) => {
    const type = types.get(keyOf(weight, cluster));
    if (!type) throw new PdfProblem('a character that is not in the type case');
    return type;
  };
}

function fontsOf(file: PdfFile, page: Dict): Map<string, PdfFont> {
  const resources = file.dict(page.get('Resources'));
  const fonts = resources.has('Font') ? file.dict(resources.get('Font')) : new Map<string, Value>();
  return new Map([...fonts].map(([name, reference]) => [name, readFont(file, reference)]));
}

/** What is in force where glyphs are shown. */
interface Setting {
  font: string;
  size: number;
  /** Origin of the drawing, and of the text within it, pt, y upwards. */
  origin: [number, number];
  text: [number, number];
  /** The text that stands for what is shown. */
  says: string | null;
}

/** What an operator showed in a cell. */
interface Shown extends Pick<Show, 'font' | 'dx' | 'dy'> {
  /** Strings of glyphs, and between them shifts to the left in thousandths of the type size. */
  pieces: Value[];
  /** The text that stands for it; null: its glyphs say it. */
  says: string | null;
}

function readCells(content: Uint8Array, plan: TypeCasePlan): Map<number, Shown[]> {
  const cells = new Map<number, Shown[]>();
  const setting: Setting = { font: '', size: 1, origin: [0, 0], text: [0, 0], says: null };
  const tokens = new Tokens(content);
  let operands: Value[] = [];
  for (let token = tokens.next(); token !== undefined; token = tokens.next()) {
    if (!(token instanceof Word)) {
      operands.push(token);
      continue;
    }
    if (token.word === 'Tj' || token.word === 'TJ') show(cells, plan, setting, operands);
    else set(setting, token.word, operands);
    operands = [];
  }
  return cells;
}

/** Typst flips each drawing with a matrix of its own, and each text back again. */
function set(setting: Setting, word: string, operands: Value[]): void {
  if (word === 'cm' || word === 'Tm') {
    const [a, b, c, d, x = 0, y = 0] = operands as number[];
    if (a !== 1 || b !== 0 || c !== 0 || d !== -1) throw new PdfProblem('a type case that is turned');
    if (word === 'cm') setting.origin = [x, y];
    else setting.text = [x, -y];
  } else if (word === 'Tf') {
    const [font, size] = operands;
    setting.font = font instanceof Name ? font.name : '';
    setting.size = size as number;
  } else if (word === 'BDC') setting.says = actualText(operands[1]);
  else if (word === 'EMC') setting.says = null;
}

function show(cells: Map<number, Shown[]>, plan: TypeCasePlan, setting: Setting, operands: Value[]): void {
  const pieces = Array.isArray(operands[0]) ? operands[0] : operands;
  const [x, y] = setting.origin;
  const [column, row] = [Math.floor(x / plan.cell), Math.floor(plan.rows - y / plan.cell)];
  const dx = (x - column * plan.cell - plan.size + setting.text[0]) / setting.size;
  const dy = (y - (plan.rows - row) * plan.cell + plan.size + setting.text[1]) / setting.size;
  const at = row * plan.columns + column;
  cells.set(at, [...(cells.get(at) ?? []), { font: setting.font, dx, dy, pieces, says: setting.says }]);
  // Said once for all that is shown under it.
  if (setting.says !== null) setting.says = '';
}

function typeOf(cluster: string, shown: Shown[], fonts: Map<string, PdfFont>): Type {
  const shows: Show[] = [];
  let [width, told] = [0, ''];
  for (const { font, dx, dy, pieces, says } of shown) {
    let x = dx;
    told += says ?? '';
    for (const piece of pieces) {
      if (typeof piece === 'number') x -= piece / 1000;
      else if (piece instanceof Uint8Array) {
        shows.push({ font, dx: thousandths(x), dy: thousandths(dy), glyphs: piece });
        const run = read(piece, fonts.get(font));
        x += run.width;
        // A mark is drawn back over its letter: the furthest counts, not the last.
        width = Math.max(width, x);
        if (says === null) told += run.text;
      } else throw new PdfProblem('text that is not a string');
    }
  }
  // The letters must not say what was asked for where something else was set.
  if (told !== cluster) throw new PdfProblem('a character that was set as another');
  return { shows, width, says: shown.some(({ says }) => says !== null) ? cluster : null };
}

function read(glyphs: Uint8Array, font: PdfFont | undefined): { width: number; text: string } {
  if (!font) throw new PdfProblem('a font that is not among the resources');
  let [width, text] = [0, ''];
  for (let i = 0; i < glyphs.length; i += 2) {
    const glyph = ((glyphs[i] as number) << 8) | (glyphs[i + 1] ?? 0);
    width += font.widthOf(glyph) / 1000;
    text += font.textOf(glyph) ?? '';
  }
  return { width, text };
}

const thousandths = (em: number): number => Math.round(em * 1000) / 1000 || 0;
