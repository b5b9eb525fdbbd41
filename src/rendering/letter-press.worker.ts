/** One typesetting thread. Typst compiles synchronously: 500 letters hold it for about a tenth of a second. */
import { readFileSync } from 'node:fs';
import { parentPort } from 'node:worker_threads';
import { NodeCompiler } from '@myriaddreamin/typst-ts-node-compiler';
import type { PressAnswer, PressOrder } from './letter-press.ts';

interface Body {
  pdf: Buffer;
  pages: number;
}

/** Shared pages by the hash of what they are made from: a notice has one, and a worker serves few notices at a time. */
const bodies = new Map<string, Body>();
const KEPT_BODIES = 4;

let compiler: NodeCompiler | undefined;

parentPort?.on('message', (order: PressOrder) => {
  const answer = typeset(order);
  parentPort?.postMessage(answer, 'pdf' in answer ? [answer.pdf.buffer as ArrayBuffer] : []);
});

function typeset(order: PressOrder): PressAnswer {
  compiler ??= NodeCompiler.create({
    workspace: '/',
    fontArgs: [{ fontBlobs: order.fontPaths.map((path) => readFileSync(path)) }],
  });
  try {
    const body = bodies.get(order.sha256) ?? compileBody(compiler, order);
    return { pdf: compileLetters(compiler, order, body), pagesPerLetter: body.pages };
  } catch (error) {
    return { failed: error instanceof Error ? error.message : 'The typesetter failed.' };
  } finally {
    compiler.resetShadow();
    // Without this the typesetter keeps every batch it has ever seen.
    compiler.evictCache(0);
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

function compileLetters(typst: NodeCompiler, order: PressOrder, body: Body): Uint8Array {
  mapFiles(typst, order.files);
  typst.mapShadow('/body.pdf', body.pdf);
  typst.mapShadow('/letters.json', Buffer.from(overlayData(order, body.pages)));
  return new Uint8Array(compile(typst, '/overlay.typ').pdf);
}

function mapFiles(typst: NodeCompiler, files: Record<string, string>): void {
  for (const [path, content] of Object.entries(files)) typst.mapShadow(path, Buffer.from(content));
}

function overlayData({ locale, files, letters }: PressOrder, pages: number): string {
  return JSON.stringify({ locale, pages, labels: JSON.parse(files['/labels.json'] ?? '{}'), letters });
}

/** @throws Error with the typesetter's message, which speaks of a template and not of a person */
function compile(typst: NodeCompiler, mainFilePath: string): Body {
  const result = typst.compile({ mainFilePath });
  const document = result.result;
  if (document === null) throw new Error(diagnostics(typst, result.takeDiagnostics()));
  return { pdf: typst.pdf(document, { pdfTags: false }), pages: document.numOfPages };
}

function diagnostics(typst: NodeCompiler, found: Parameters<NodeCompiler['fetchDiagnostics']>[0] | null): string {
  const [first] = found ? (typst.fetchDiagnostics(found) as { message?: string; path?: string }[]) : [];
  return first ? `${first.path ?? 'letter'}: ${first.message ?? 'cannot be typeset'}` : 'cannot be typeset';
}
