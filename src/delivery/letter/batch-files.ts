import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';

/** What a printer gets of a batch, in the order of the bundle. */
export const batchFileNames = ['letters.pdf', 'manifest.csv', 'summary.pdf', 'SHA256SUMS'] as const;
export type BatchFileName = (typeof batchFileNames)[number];

/** What is known of a file without opening it: enough to put it into a bundle as it is read. */
export interface FileFigures {
  bytes: number;
  /** Hex. */
  sha256: string;
  crc32: number;
}
export type BatchFiles = Record<BatchFileName, FileFigures>;

/**
 * Where the files of a batch lie among the blobs: under the hash of its letters, so that a renderer that was declared
 * dead and wakes up cannot overwrite what another has kept.
 */
export const batchFile = (batchId: string, sha256: string, name: BatchFileName): string =>
  `letters/${batchId}/${sha256}/${name}`;

export function figuresOf(bytes: Uint8Array): FileFigures {
  return { bytes: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex'), crc32: crc32(bytes) };
}

/** As `sha256sum` writes it and `sha256sum --check` reads it. */
export function sha256Sums(files: [name: string, figures: FileFigures][]): string {
  return files.map(([name, { sha256 }]) => `${sha256}  ${name}\n`).join('');
}
