import { createHash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Api, LetterBatch } from './api.ts';
import type { Check } from './checks.ts';

/** One letter batch as it was saved. */
export interface SavedBatch {
  batch: LetterBatch;
  pdf: string;
  manifest: string;
  /** Lines of the manifest, its header aside. */
  manifestLines: number;
  sha256: string;
}

/** Downloads each batch's letters and manifest, as an operator would for the printer, into `dir` (mode 0700). */
export async function saveLetters(operator: Api, batches: LetterBatch[], dir: string): Promise<SavedBatch[]> {
  await mkdir(dir, { recursive: true, mode: 0o700 });
  const saved: SavedBatch[] = [];
  for (const batch of batches) {
    const stem = join(dir, `batch-${String(batch.number).padStart(3, '0')}`);
    const letters = await fetchFile(operator, `/v1/letter-batches/${batch.id}/letters.pdf`, `${stem}-letters.pdf`);
    const manifest = await fetchFile(operator, `/v1/letter-batches/${batch.id}/manifest.csv`, `${stem}-manifest.csv`);
    const lines = manifest.toString('utf8').trimEnd().split(/\r?\n/).length - 1;
    const sha256 = createHash('sha256').update(letters).digest('hex');
    saved.push({ batch, pdf: `${stem}-letters.pdf`, manifest: `${stem}-manifest.csv`, manifestLines: lines, sha256 });
  }
  return saved;
}

async function fetchFile(operator: Api, path: string, to: string): Promise<Buffer> {
  const bytes = Buffer.from(await (await operator.download(path)).arrayBuffer());
  await writeFile(to, bytes, { mode: 0o600 });
  return bytes;
}

/** The batches hold every letter of the notice once, and the files are those that the service vouches for. */
export function checkLetters(saved: SavedBatch[], letters: number): Check[] {
  const sum = (of: (batch: SavedBatch) => number) => saved.reduce((total, batch) => total + of(batch), 0);
  return [
    { what: 'letter batches: letters', is: sum(({ batch }) => batch.letters), shouldBe: letters },
    {
      what: 'letter batches: lines of the manifests',
      is: sum(({ manifestLines }) => manifestLines),
      shouldBe: letters,
    },
    ...saved.map(({ batch, sha256 }) => ({
      what: `letter batch ${batch.number}: SHA-256 of the PDF`,
      is: sha256,
      shouldBe: batch.sha256 ?? '',
    })),
  ];
}
