/** One typesetting thread. Typst compiles synchronously: 500 letters hold it for about a tenth of a second. */
import { readFileSync } from 'node:fs';
import { parentPort } from 'node:worker_threads';
import { NodeCompiler } from '@myriaddreamin/typst-ts-node-compiler';
import { checkPrinted } from './letter-check/check-printed.ts';
import type { PressAnswer, PressOrder } from './letter-press.ts';
import { overlayData } from './overlay-data.ts';
import type { PagesOrder } from './types.ts';

interface Body {
  pdf: Buffer;
  pages: number;
}

/** Shared pages by the hash of what they are made from: a notice has one, and a worker serves few notices at a time. */
const bodies = new Map<string, Body>();
const KEPT_BODIES = 4;

let compiler: NodeCompiler | undefined;

parentPort?.on('message', async (order: PressOrder | PagesOrder) => {
  const answer = await checked(order, typeset(order));
  parentPort?.postMessage(answer, 'pdf' in answer ? [answer.pdf.buffer as ArrayBuffer] : []);
});

function typeset(order: PressOrder | PagesOrder): PressAnswer {
  compiler ??= NodeCompiler.create({
    workspace: '/',
    fontArgs: [{ fontBlobs: order.fontPaths.map((path) => readFileSync(path)) }],
  });
  try {
    if (!('letters' in order)) return compilePages(compiler, order);
    const body = bodies.get(order.sha256) ?? compileBody(compiler, order);
    const pdf = order.archive ? compileArchive(compiler, order, body) : compileLetters(compiler, order, body);
    return { pdf, pagesPerLetter: body.pages, checks: [] };
  } catch (error) {
    return { failed: error instanceof Error ? error.message : 'The typesetter failed.' };
  } finally {
    compiler.resetShadow();
    // Without this the typesetter keeps every batch it has ever seen.
    compiler.evictCache(0);
  }
}

/** Reads the letters back when that was asked for. A check that fails by itself fails the batch: nothing goes unread. */
async function checked(order: PressOrder | PagesOrder, answer: PressAnswer): Promise<PressAnswer> {
  if (!('letters' in order) || !order.check || 'failed' in answer) return answer;
  try {
    return { ...answer, checks: await checkPrinted(order, answer) };
  } catch (error) {
    return { failed: `The letters could not be checked: ${error instanceof Error ? error.name : 'unknown'}.` };
  }
}

function compileBody(typst: NodeCompiler, order: PressOrder): Body {
  mapFiles(typst, order.files);
  const body = compile(typst, '/letter.typ');
  bodies.set(order.sha256, body);
  const oldest = bodies.keys().next().value;
  if (bodies.size > KEPT_BODIES && oldest !== undefined) bodies.delete(oldest);
  return body;
}

function compilePages(typst: NodeCompiler, order: PagesOrder): PressAnswer {
  mapFiles(typst, order.files);
  const { pdf, pages } = compile(typst, '/main.typ');
  return { pdf: new Uint8Array(pdf), pagesPerLetter: pages, checks: [] };
}

function compileLetters(typst: NodeCompiler, order: PressOrder, body: Body): Uint8Array {
  mapFiles(typst, order.files);
  typst.mapShadow('/body.pdf', body.pdf);
  typst.mapShadow('/letters.json', Buffer.from(overlayData(order, body.pages)));
  return new Uint8Array(compile(typst, '/overlay.typ').pdf);
}

/** @throws Error that says nothing of the letter: the typesetter's own message quotes what PDF/A does not allow */
function compileArchive(typst: NodeCompiler, order: PressOrder, body: Body): Uint8Array {
  mapFiles(typst, order.files);
  typst.mapShadow('/body.pdf', body.pdf);
  typst.mapShadow('/letters.json', Buffer.from(overlayData(order, body.pages)));
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
function compile(typst: NodeCompiler, mainFilePath: string, standard?: 'a-2b'): Body {
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
