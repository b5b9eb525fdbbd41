/** The pages of a PDF of ours, each with what is printed on it. */
import { combine, type Ink, type Matrix, type PlacedForm } from './ink.ts';
import { contentOf, numbersOf, openPdf, type PdfFile } from './pdf-file.ts';
import { type PdfFont, readFont } from './pdf-font.ts';
import { type Resources, readContent } from './read-content.ts';
import { type Dict, Name, PdfProblem, Ref, type Value } from './tokens.ts';

/** In mm. */
export interface PdfPage {
  width: number;
  height: number;
  ink: Ink;
}

export interface PdfPages {
  count: number;
  /** @param number from 1. @throws PdfProblem when the page holds anything that this reader does not know */
  read(number: number): PdfPage;
}

const MM_PER_PT = 25.4 / 72;

/** Opens a file; pages are read when asked for, fonts and shared drawings once. @throws PdfProblem */
export function readPages(bytes: Uint8Array): PdfPages {
  const file = openPdf(bytes);
  const root = file.dict(file.trailer.get('Root'));
  const pages = leaves(file, file.dict(root.get('Pages')), {}, 0);
  const book: Book = { file, fonts: new Map(), forms: new Map() };
  return {
    count: pages.length,
    read: (number) => {
      const page = pages[number - 1];
      if (!page) throw new PdfProblem('a page that is not there');
      return readPage(book, page);
    },
  };
}

/** What is shared by the pages, by the number of its object. */
interface Book {
  file: PdfFile;
  fonts: Map<number, PdfFont>;
  /** By object and place. */
  forms: Map<string, PlacedForm>;
}

interface Leaf {
  dict: Dict;
  MediaBox?: Value | undefined;
  Resources?: Value | undefined;
}

const DEEPEST = 20;

/** The page tree in order; what a page does not say itself it has from the nodes above. */
function leaves(file: PdfFile, node: Dict, above: Omit<Leaf, 'dict'>, depth: number): Leaf[] {
  if (depth > DEEPEST) throw new PdfProblem('a page tree without an end');
  const inherited = {
    MediaBox: node.get('MediaBox') ?? above.MediaBox,
    Resources: node.get('Resources') ?? above.Resources,
  };
  for (const key of ['CropBox', 'Rotate', 'UserUnit', 'Annots']) {
    if (node.has(key)) throw new PdfProblem(`a page with ${key}`);
  }
  const kids = file.resolve(node.get('Kids'));
  if (kids === undefined) return [{ dict: node, ...inherited }];
  if (!Array.isArray(kids)) throw new PdfProblem('a page tree without branches');
  return kids.flatMap((kid) => leaves(file, file.dict(kid), inherited, depth + 1));
}

function readPage(book: Book, { dict, MediaBox, Resources }: Leaf): PdfPage {
  const { file } = book;
  const [left = 0, bottom = 0, right = 0, top = 0] = numbersOf(file.resolve(MediaBox), 4);
  const toMm: Matrix = [MM_PER_PT, 0, 0, -MM_PER_PT, -left * MM_PER_PT, top * MM_PER_PT];
  const content = contentOf(file.stream(dict.get('Contents')));
  const ink = readContent(content, resourcesOf(book, file.dict(Resources), 0), toMm);
  return { width: (right - left) * MM_PER_PT, height: (top - bottom) * MM_PER_PT, ink };
}

function resourcesOf(book: Book, resources: Dict, depth: number): Resources {
  const { file } = book;
  const fonts = resources.has('Font') ? file.dict(resources.get('Font')) : new Map<string, Value>();
  const drawings = resources.has('XObject') ? file.dict(resources.get('XObject')) : new Map<string, Value>();
  const states = resources.has('ExtGState') ? file.dict(resources.get('ExtGState')) : new Map<string, Value>();
  return {
    font: (name) => fontOf(book, fonts.get(name)),
    opacity: (name) => opacityOf(file.dict(states.get(name))),
    form: (name, matrix) => formOf(book, drawings.get(name), matrix, depth),
  };
}

/** @throws PdfProblem for a mask, which can hide anything */
function opacityOf(state: Dict): number | null {
  const mask = state.get('SMask');
  if (mask !== undefined && !(mask instanceof Name && mask.name === 'None')) throw new PdfProblem('a mask');
  const opacity = state.get('ca');
  return typeof opacity === 'number' ? opacity : null;
}

function fontOf({ file, fonts }: Book, reference: Value | undefined): PdfFont {
  if (!(reference instanceof Ref)) throw new PdfProblem('a font that is not an object of its own');
  const known = fonts.get(reference.number);
  if (known) return known;
  const font = readFont(file, reference);
  fonts.set(reference.number, font);
  return font;
}

function formOf(book: Book, reference: Value | undefined, matrix: Matrix, depth: number): PlacedForm | null {
  if (!(reference instanceof Ref)) throw new PdfProblem('a drawing that is not an object of its own');
  if (depth > DEEPEST) throw new PdfProblem('drawings within drawings without an end');
  const key = `${reference.number} ${matrix.join(' ')}`;
  const known = book.forms.get(key);
  if (known) return known;
  const stream = book.file.stream(reference);
  const kind = stream.dict.get('Subtype');
  if (kind instanceof Name && kind.name === 'Image') return null;
  if (!(kind instanceof Name) || kind.name !== 'Form') throw new PdfProblem('a drawing of another kind');
  const own = stream.dict.get('Matrix');
  const placed = own === undefined ? matrix : combine(numbersOf(own, 6) as unknown as Matrix, matrix);
  const within = stream.dict.get('Resources');
  const resources = resourcesOf(book, within === undefined ? new Map() : book.file.dict(within), depth + 1);
  const form = { id: reference.number, ink: readContent(contentOf(stream), resources, placed) };
  book.forms.set(key, form);
  return form;
}
