/** What the checks of a batch found, as it is kept sealed beside the batch's files. */
import type { Finding } from '../../rendering/letter-check/types.ts';
import type { LetterCheck } from '../../rendering/types.ts';
import type { Blobs } from '../../vault/blobs.ts';
import { bytesAsSource } from '../../vault/blobs.ts';
import type { IncidentVault } from '../../vault/vault.ts';
import type { TypesetSheets } from './typeset-good.ts';

export interface BatchChecks {
  /** Letters that were typeset and read back. */
  letters: number;
  failed: FailedLetter[];
  /** Good ones, of which a picture was looked at too. */
  samples: PicturedLetter[];
}

interface PicturedLetter {
  deliveryId: string;
  /** Of the letter, from 1; null: there is no picture. */
  picturePage: number | null;
}

export interface FailedLetter extends PicturedLetter {
  reason: 'render_failed' | 'check_failed';
  findings: Finding[];
}

/** @param sha256 of the batch's `letters.pdf`; null when nothing was printed */
const folder = (batchId: string, sha256: string | null): string => `letters/${batchId}/${sha256 ?? 'none'}`;
export const checksFile = (batchId: string, sha256: string | null): string => `${folder(batchId, sha256)}/checks.json`;
export const pictureFile = (batchId: string, sha256: string | null, deliveryId: string): string =>
  `${folder(batchId, sha256)}/checks/${deliveryId}.png`;

/** Keeps findings and pictures; called before the batch is kept, so that what it names can be fetched. */
export async function keepChecks(
  blobs: Pick<Blobs, 'put'>,
  vault: IncidentVault,
  batch: { id: string; sha256: string | null },
  { good, set, lost }: TypesetSheets<{ id: string }>,
): Promise<void> {
  const checked = [
    ...lost.map(({ sheet, check }) => ({ id: sheet.id, check })),
    ...good.map(({ id }, i) => ({ id, check: set.checks[i] ?? null })),
  ];
  for (const { id, check } of checked) {
    if (!check?.picture) continue;
    await blobs.put(pictureFile(batch.id, batch.sha256, id), bytesAsSource(check.picture.png), vault);
  }
  const pageOf = (check: LetterCheck | null | undefined) => check?.picture?.page ?? null;
  const checks: BatchChecks = {
    letters: checked.length,
    failed: lost.map(({ sheet, reason, check }) => ({
      ...{ deliveryId: sheet.id, reason, findings: check?.findings ?? [], picturePage: pageOf(check) },
    })),
    samples: good.flatMap(({ id }, i) =>
      set.checks[i]?.picture ? { deliveryId: id, picturePage: pageOf(set.checks[i]) } : [],
    ),
  };
  const json = Buffer.from(JSON.stringify(checks));
  await blobs.put(checksFile(batch.id, batch.sha256), bytesAsSource(json), vault);
}
