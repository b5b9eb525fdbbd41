/** Typesets letters in worker threads, so that neither mails nor requests wait for a page. */
import { Worker } from 'node:worker_threads';
import { type ErrorCode, OwabiError } from '../errors.ts';
import { widthInEm } from './glyph-table.ts';
import { isLetterProblem, type LetterData, layOutLetter } from './letter-layout.ts';
import type { LetterCheck, LetterPress, PagesOrder, PreparedLetter, RenderPerson, TypesetLetters } from './types.ts';

/** What goes to a worker: no glyph tables, which are large and of no use there. */
export interface PressOrder {
  locale: string;
  sha256: string;
  files: Record<string, string>;
  fontPaths: string[];
  letters: LetterData[];
  /** As `LetterSheet` has them. */
  advances: Record<string, number>;
  /** Whether each letter is read back. */
  check: boolean;
  /** Of the one letter that is typeset in full, as PDF/A: its place in its batch. */
  archive?: { sequence: number };
}
interface Typeset {
  pdf: Uint8Array;
  checks: LetterCheck[];
  /** Of other documents: the pages of the whole. */
  pagesPerLetter: number;
}
/** `failed`: the order cannot be typeset. `broken`: nothing can. */
export type PressAnswer = Typeset | { failed: string } | { broken: string };

interface QueuedOrder {
  order: PressOrder | PagesOrder;
  resolve: (typeset: Typeset) => void;
  reject: (error: Error) => void;
}

interface Press {
  queue: QueuedOrder[];
  workers: Map<Worker, QueuedOrder | null>;
  threads: number;
  closed: boolean;
}

/** Without limits a thread keeps three times the memory that it needs; a thousand letters of sixteen pages need 150 MB. */
const HEAP = { maxYoungGenerationSizeMb: 24, maxOldGenerationSizeMb: 256 };

/** @param threads how many batches are typeset at once; each thread holds the fonts, about 60 MB */
export function makeLetterPress({ threads }: { threads: number }): LetterPress {
  const press: Press = { queue: [], workers: new Map(), threads, closed: false };
  return {
    typeset: async ({ prepared, persons, check = false }) => {
      if (persons.length === 0) throw new OwabiError('render_failed', 'A batch needs at least one letter.');
      return placesOf(await enqueue(press, makeOrder(prepared, persons, check)), persons.length);
    },
    archive: async ({ prepared, person, sequence }) => {
      const order = makeOrder(prepared, [person], false);
      return (await enqueue(press, { ...order, archive: { sequence } })).pdf;
    },
    typesetPages: async (order) => (await enqueue(press, order)).pdf,
    close: async () => {
      press.closed = true;
      for (const { reject } of press.queue.splice(0)) reject(new Error('The letter press closed.'));
      await Promise.all([...press.workers.keys()].map((worker) => worker.terminate()));
    },
  };
}

function enqueue(press: Press, order: QueuedOrder['order']): Promise<Typeset> {
  return new Promise((resolve, reject) => {
    if (press.closed) throw new Error('The letter press is closed.');
    press.queue.push({ order, resolve, reject });
    work(press);
  });
}

function makeOrder(prepared: PreparedLetter, persons: RenderPerson[], check: boolean): PressOrder {
  const letters = persons.map((person) => {
    const layout = layOutLetter(prepared, person);
    // Callers leave such persons out; a letter with a box in a name must not be printed by oversight.
    if (isLetterProblem(layout)) throw new OwabiError(layout.reason satisfies ErrorCode, layout.detail);
    return layout;
  });
  const { locale, sha256, files, fonts } = prepared;
  return { locale, sha256, files, fontPaths: fonts.paths, letters, advances: footAdvances(prepared), check };
}

/** Of what the foot of a page can hold: labels, references, numbers. */
export function footAdvances({ files, fonts }: Pick<PreparedLetter, 'files' | 'fonts'>): Record<string, number> {
  const characters = new Set(`${files['/labels.json']}0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ-/ `);
  return Object.fromEntries([...characters].map((character) => [character, widthInEm(fonts.sans, character)]));
}

/** Gives waiting orders to idle workers, starting one more when all are busy and there is room. */
function work(press: Press): void {
  while (press.queue.length > 0) {
    const worker = idleWorker(press);
    if (worker === null) return;
    const next = press.queue.shift() as QueuedOrder;
    press.workers.set(worker, next);
    worker.ref();
    worker.postMessage(next.order);
  }
}

function idleWorker(press: Press): Worker | null {
  for (const [worker, busy] of press.workers) if (busy === null) return worker;
  return press.workers.size < press.threads ? startWorker(press) : null;
}

function startWorker(press: Press): Worker {
  const worker = new Worker(new URL('./letter-press.worker.ts', import.meta.url), {
    resourceLimits: HEAP,
  });
  press.workers.set(worker, null);
  worker.on('message', (answer: PressAnswer) => {
    const done = press.workers.get(worker);
    press.workers.set(worker, null);
    worker.unref();
    if (done) settle(done, answer);
    work(press);
  });
  // A dead worker fails its own batch only; the next order starts another one. It says nothing of the letters: no
  // `OwabiError`, which would say that they cannot be typeset.
  worker.on('error', (error: NodeJS.ErrnoException) =>
    press.workers.get(worker)?.reject(new Error(`The typesetting thread failed: ${error.code ?? error.name}.`)),
  );
  worker.on('exit', () => {
    press.workers.get(worker)?.reject(new Error('The typesetting thread ended.'));
    press.workers.delete(worker);
    if (!press.closed) work(press);
  });
  // Only a batch in work keeps the process alive.
  worker.unref();
  return worker;
}

function settle({ resolve, reject }: QueuedOrder, answer: PressAnswer): void {
  if ('broken' in answer) reject(new Error(answer.broken));
  else if ('failed' in answer) reject(new OwabiError('render_failed', answer.failed));
  else resolve(answer);
}

function placesOf({ pdf, pagesPerLetter, checks }: Typeset, letters: number): TypesetLetters {
  const sidesPerLetter = pagesPerLetter + (pagesPerLetter % 2);
  const place = (_: unknown, i: number) => ({ firstPage: i * sidesPerLetter + 1, pages: sidesPerLetter });
  return { pdf, letters: Array.from({ length: letters }, place), checks };
}
