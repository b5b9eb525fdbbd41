/**
 * The letters of a batch as one PDF (ISO 32000-1): the shared pages once, as forms, and for each letter pages that place
 * them and hold what is the person's own. Fonts and forms come from a file of the typesetter as they are.
 */
import { deflateSync } from 'node:zlib';
import type { LetterData } from '../letter-layout.ts';
import { contentOf, numbersOf, openPdf, type PdfFile } from '../pdf/pdf-file.ts';
import { type Dict, PdfProblem, type Value } from '../pdf/tokens.ts';
import { type LetterSheet, ownBars, ownTexts } from './own-parts.ts';
import { bodyName, pageContent } from './page-content.ts';
import { PdfWriter } from './pdf-writer.ts';
import { readTypeCase, type TypeCase, type TypeCasePlan } from './type-case.ts';

/** What a batch is put together from. */
export interface Imposition {
  /** By the typesetter: the shared pages, and behind them the type case. */
  typeset: Uint8Array;
  sheet: LetterSheet;
  plan: TypeCasePlan;
}

/** Pages are a few hundred bytes: the usual 16 KiB for each result, and the window of 32 KiB, are memory for nothing. */
const SMALL = { chunkSize: 1024, windowBits: 12, memLevel: 5 };

/**
 * @param letters in the order in which they are printed; each begins on a front side
 * @returns the file
 * @throws PdfProblem when the typesetter's file is not as expected; OwabiError `render_failed` when a mark cannot be drawn
 */
export function lettersPdf({ typeset, sheet, plan }: Imposition, letters: LetterData[]): Uint8Array {
  const file = openPdf(typeset);
  const pages = pagesOf(file);
  const typeCase = pages[sheet.pages];
  if (!typeCase || pages.length !== sheet.pages + 1) throw new PdfProblem('more or fewer pages than were asked for');
  const writer = new PdfWriter(file);
  const root = writer.reserve();
  const resources = writeResources(writer, file, pages.slice(0, sheet.pages), typeCase);
  const kids = writePages(writer, root, { sheet, letters, typeCase: readTypeCase(file, typeCase, plan) });
  const { width, height } = sizeOf(file, pages.slice(0, sheet.pages));
  writer.write(
    root,
    `<</Type/Pages/Count ${kids.length}/MediaBox[0 0 ${width} ${height}]/Resources ${resources} 0 R/Kids[${kids
      .map((kid) => `${kid} 0 R`)
      .join(' ')}]>>`,
  );
  return writer.end(`<</Type/Catalog/Pages ${root} 0 R/Lang(${plan.locale})>>`);
}

/** In pt. A template that turns a page would have it cut off, or half empty. @throws PdfProblem */
function sizeOf(file: PdfFile, bodies: Dict[]): { width: number; height: number } {
  const sizes = bodies.map((page) => numbersOf(file.resolve(page.get('MediaBox')), 4));
  const [[, , width = 0, height = 0] = []] = sizes;
  if (sizes.some(([, , w, h]) => w !== width || h !== height)) throw new PdfProblem('pages of different sizes');
  return { width, height };
}

function pagesOf(file: PdfFile): Dict[] {
  const kids = file.resolve(file.dict(file.dict(file.trailer.get('Root')).get('Pages')).get('Kids'));
  if (!Array.isArray(kids)) throw new PdfProblem('a page tree without branches');
  return kids.map((kid) => file.dict(kid));
}

/** One dictionary for all pages: the shared pages by number, and the fonts of the type case. */
function writeResources(writer: PdfWriter, file: PdfFile, bodies: Dict[], typeCase: Dict): number {
  const forms = bodies.map((page, i) => `/${bodyName(i + 1)} ${writeForm(writer, file, page)} 0 R`);
  const own = file.dict(typeCase.get('Resources'));
  const fonts: Dict = own.has('Font') ? file.dict(own.get('Font')) : new Map();
  return writer.add(`<</Font${writer.copied(fonts)}/XObject<<${forms.join('')}>>>>`);
}

function writeForm(writer: PdfWriter, file: PdfFile, page: Dict): number {
  const [left = 0, bottom = 0, right = 0, top = 0] = numbersOf(file.resolve(page.get('MediaBox')), 4);
  const resources: Value = page.get('Resources') ?? new Map();
  return writer.addStream(
    `/Type/XObject/Subtype/Form/BBox[${left} ${bottom} ${right} ${top}]/Resources${writer.copied(resources)}`,
    deflateSync(contentOf(file.stream(page.get('Contents')))),
  );
}

interface Pages {
  sheet: LetterSheet;
  letters: LetterData[];
  typeCase: TypeCase;
}

/** @returns the numbers of the pages */
function writePages(writer: PdfWriter, root: number, { sheet, letters, typeCase }: Pages): number[] {
  const kids: number[] = [];
  const page = (content: number): number => writer.add(`<</Type/Page/Parent ${root} 0 R/Contents ${content} 0 R>>`);
  // Duplex: after an odd number of pages comes a blank side, the same for all letters.
  const blank = sheet.pages % 2 === 1 ? writer.addStream('', deflateSync('')) : null;
  const { height } = sheet.profile.page;
  for (const [i, letter] of letters.entries()) {
    for (let number = 1; number <= sheet.pages; number++) {
      const [texts, bars] = [ownTexts(sheet, letter, number), ownBars(sheet, letter, i + 1, number)];
      const content = pageContent({ page: number, texts, bars }, height, typeCase);
      kids.push(page(writer.addStream('', deflateSync(Buffer.from(content, 'latin1'), SMALL))));
    }
    if (blank !== null) kids.push(page(blank));
  }
  return kids;
}
