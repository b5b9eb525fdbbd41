import { createHash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Api, LetterBatch } from './api.ts';
import type { Check } from './checks.ts';

const FILES = ['letters.pdf', 'manifest.csv', 'summary.pdf', 'SHA256SUMS'] as const;

/** One letter batch as it was saved. */
export interface SavedBatch {
  batch: LetterBatch;
  /** The folder with its four files. */
  dir: string;
  /** References of the letters by the manifest, in print order. */
  references: string[];
  /** Pages by the manifest. */
  pages: number;
  /** Of `letters.pdf`. */
  sha256: string;
  /** The files have the sums that `SHA256SUMS` says. */
  sumsAgree: boolean;
}

/** Downloads what the print house gets of each batch, as an operator would, into folders in `dir` (mode 0700). */
export async function saveLetters(operator: Api, batches: LetterBatch[], dir: string): Promise<SavedBatch[]> {
  const saved: SavedBatch[] = [];
  for (const batch of batches) saved.push(await saveBatch(operator, batch, dir));
  return saved;
}

async function saveBatch(operator: Api, batch: LetterBatch, parent: string): Promise<SavedBatch> {
  const dir = join(parent, `batch-${String(batch.number).padStart(3, '0')}`);
  await mkdir(dir, { recursive: true, mode: 0o700 });
  const files = new Map<string, Buffer>();
  for (const name of FILES) {
    const bytes = Buffer.from(await (await operator.download(`/v1/letter-batches/${batch.id}/${name}`)).arrayBuffer());
    await writeFile(join(dir, name), bytes, { mode: 0o600 });
    files.set(name, bytes);
  }
  const text = (name: string) => files.get(name)?.toString('utf8') ?? '';
  const [header = '', ...lines] = text('manifest.csv').trimEnd().split('\r\n');
  const column = (name: string) => lines.map((line) => line.split(',')[header.split(',').indexOf(name)] ?? '');
  const sums = FILES.slice(0, 3).map((name) => `${sha256(files.get(name))}  ${name}\n`);
  return {
    ...{ batch, dir, references: column('reference'), sha256: sha256(files.get('letters.pdf')) },
    pages: column('pages').reduce((sum, pages) => sum + Number(pages), 0),
    sumsAgree: text('SHA256SUMS') === sums.join(''),
  };
}

const sha256 = (bytes: Buffer = Buffer.alloc(0)): string => createHash('sha256').update(bytes).digest('hex');

/** The batches hold every letter of the notice once, and the files are those that the service vouches for. */
export function checkLetters(saved: SavedBatch[], letters: number): Check[] {
  const sum = (of: (batch: SavedBatch) => number) => saved.reduce((total, batch) => total + of(batch), 0);
  return [
    { what: 'letter batches: letters', is: sum(({ batch }) => batch.letters), shouldBe: letters },
    {
      what: 'letter batches: lines of the manifests',
      is: sum(({ references }) => references.length),
      shouldBe: letters,
    },
    ...saved.flatMap(({ batch, sha256: is, pages, sumsAgree }) => [
      { what: `letter batch ${batch.number}: SHA-256 of the PDF`, is, shouldBe: batch.sha256 ?? '' },
      { what: `letter batch ${batch.number}: pages of the manifest`, is: pages, shouldBe: batch.pages },
      { what: `letter batch ${batch.number}: SHA256SUMS agree`, is: sumsAgree, shouldBe: true },
    ]),
  ];
}
