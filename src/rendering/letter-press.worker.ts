/** One typesetting thread. Typst compiles synchronously: 500 letters hold it for about a tenth of a second. */
import { readFileSync } from 'node:fs';
import { parentPort } from 'node:worker_threads';
import { NodeCompiler } from '@myriaddreamin/typst-ts-node-compiler';
import { inFullData } from './imposition/in-full.ts';
import { lettersPdf } from './imposition/letters-pdf.ts';
import { type LetterSheet, type OwnText, ownTexts } from './imposition/own-parts.ts';
import { planTypeCase } from './imposition/type-case.ts';
import { checkPrinted } from './letter-check/check-printed.ts';
import type { PressAnswer, PressOrder } from './letter-press.ts';
import type { PagesOrder } from './types.ts';

interface Compiled {
  pdf: Buffer;
  pages: number;
}

/** Pages of a letter by the hash of what its shared part is made from; a worker serves few notices at a time. */
const pagesOfLetter = new Map<string, number>();
const KEPT_NOTICES = 16;

let compiler: NodeCompiler | undefined;

parentPort?.on('message', async (order: PressOrder | PagesOrder) => {
  const answer = await checked(order, typeset(order));
  parentPort?.postMessage(answer, 'pdf' in answer ? [answer.pdf.buffer as ArrayBuffer] : []);
});

function typeset(order: PressOrder | PagesOrder): PressAnswer {
  try {
    compiler ??= makeCompiler(order.fontPaths);
  } catch (error) {
    return { broken: `The typesetter cannot read its fonts: ${(error as NodeJS.ErrnoException).code ?? 'unknown'}.` };
  }
  try {
    if (!('letters' in order)) return compilePages(compiler, order);
    mapFiles(compiler, order.files);
    const sheet = sheetOf(order, pagesOfLetter.get(order.sha256) ?? countPages(compiler, order));
    const pdf = order.archive ? compileArchive(compiler, order, sheet) : compileLetters(compiler, order, sheet);
    return { pdf, pagesPerLetter: sheet.pages, checks: [] };
  } catch (error) {
    return { failed: error instanceof Error ? error.message : 'The typesetter failed.' };
  } finally {
    compiler.resetShadow();
    // Without this the typesetter keeps every batch it has ever seen.
    compiler.evictCache(0);
  }
}

function makeCompiler(fontPaths: string[]): NodeCompiler {
  const fontBlobs = fontPaths.map((path) => readFileSync(path));
  return NodeCompiler.create({ workspace: '/', fontArgs: [{ fontBlobs }] });
}

/** Reads the letters back when that was asked for. A check that fails by itself fails the batch: nothing goes unread. */
async function checked(order: PressOrder | PagesOrder, answer: PressAnswer): Promise<PressAnswer> {
  if (!('letters' in order) || !order.check || !('pdf' in answer)) return answer;
  try {
    return { ...answer, checks: await checkPrinted(order, answer) };
  } catch (error) {
    return { failed: `The letters could not be checked: ${error instanceof Error ? error.name : 'unknown'}.` };
  }
}

function countPages(typst: NodeCompiler, order: PressOrder): number {
  const { pages } = compile(typst, '/letter.typ');
  pagesOfLetter.set(order.sha256, pages);
  const oldest = pagesOfLetter.keys().next().value;
  if (pagesOfLetter.size > KEPT_NOTICES && oldest !== undefined) pagesOfLetter.delete(oldest);
  return pages;
}

function sheetOf({ files, advances }: PressOrder, pages: number): LetterSheet {
  const read = (path: string) => JSON.parse(files[path] as string);
  return { profile: read('/profile.json'), labels: read('/labels.json'), advances, pages };
}

function compilePages(typst: NodeCompiler, order: PagesOrder): PressAnswer {
  mapFiles(typst, order.files);
  const { pdf, pages } = compile(typst, '/main.typ');
  return { pdf: new Uint8Array(pdf), pagesPerLetter: pages, checks: [] };
}

/** Typst sets the shared pages and each character once; the letters are put together from these. */
function compileLetters(typst: NodeCompiler, { locale, letters }: PressOrder, sheet: LetterSheet): Uint8Array {
  const plan = planTypeCase(locale, textsOf(sheet, letters));
  typst.mapShadow('/type-case.json', Buffer.from(JSON.stringify(plan)));
  return lettersPdf({ typeset: compile(typst, '/type-case.typ').pdf, sheet, plan }, letters);
}

function* textsOf(sheet: LetterSheet, letters: PressOrder['letters']): Iterable<OwnText> {
  for (const letter of letters) {
    for (let page = 1; page <= sheet.pages; page++) yield* ownTexts(sheet, letter, page);
  }
}

/** @throws Error that says nothing of the letter: the typesetter's own message quotes what PDF/A does not allow */
function compileArchive(typst: NodeCompiler, { locale, letters, archive }: PressOrder, sheet: LetterSheet): Uint8Array {
  typst.mapShadow('/letters.json', Buffer.from(inFullData(locale, letters, sheet, archive?.sequence)));
  try {
    return new Uint8Array(compile(typst, '/archive.typ', 'a-2b').pdf);
  } catch {
    throw new Error('The letter cannot be typeset as PDF/A.');
  }
}

function mapFiles(typst: NodeCompiler, files: Record<string, string>): void {
  for (const [path, content] of Object.entries(files)) typst.mapShadow(path, Buffer.from(content));
}

/** @throws Error with the typesetter's message, which speaks of a template and not of a person */
function compile(typst: NodeCompiler, mainFilePath: string, standard?: 'a-2b'): Compiled {
  const result = typst.compile({ mainFilePath });
  const document = result.result;
  if (document === null) throw new Error(diagnostics(typst, result.takeDiagnostics()));
  const options = { pdfTags: false, ...(standard && { pdfStandard: standard }) };
  return { pdf: typst.pdf(document, options as Parameters<NodeCompiler['pdf']>[1]), pages: document.numOfPages };
}

function diagnostics(typst: NodeCompiler, found: Parameters<NodeCompiler['fetchDiagnostics']>[0] | null): string {
  const [first] = found ? (typst.fetchDiagnostics(found) as { message?: string; path?: string }[]) : [];
  return first ? `${first.path ?? 'letter'}: ${first.message ?? 'cannot be typeset'}` : 'cannot be typeset';
}
