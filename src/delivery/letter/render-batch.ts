import { inTransaction } from '../../db/database.ts';
import { OwabiError } from '../../errors.ts';
import { letterHash } from '../../notice/content-hash.ts';
import type { FrozenPerson } from '../../notice/frozen-person.ts';
import type { NoticeRenderings, NoticeSnapshot } from '../../notice/renderings.ts';
import { letterInputs } from '../../rendering/letter.ts';
import type { LetterPress, NoticeLocale, PreparedLetter, RenderPerson } from '../../rendering/types.ts';
import type { Services } from '../../services.ts';
import { createTask } from '../../tasks/task.store.ts';
import { bytesAsSource } from '../../vault/blobs.ts';
import type { IncidentVault } from '../../vault/vault.ts';
import { keepChecks } from './batch-checks.ts';
import { type BatchFileName, batchFile } from './batch-files.ts';
import { getBatch } from './hand-over.store.ts';
import { type BatchLetter, keepBatch, lettersOf, type UnprintableLetter } from './letter-batch.store.ts';
import { weighLetter } from './letter-weight.ts';
import { makeBatchFiles } from './make-batch-files.ts';
import { NOTHING, SharedFault, type TypesetSheets, typesetGood } from './typeset-good.ts';

export interface RenderBatchDeps extends Pick<Services, 'db' | 'vault' | 'blobs' | 'templates' | 'hint'> {
  press: LetterPress;
  /** Whether bundles are put into the printer's folder or bucket by themselves. */
  drops: boolean;
}

export interface BatchNotice {
  id: string;
  vault: IncidentVault;
  snapshot: NoticeSnapshot;
  renderings: NoticeRenderings;
}

export interface Sheet extends BatchLetter {
  person: RenderPerson;
}

/**
 * Typesets the letters of a batch and keeps its files. Letters that cannot be printed are left out with the reason.
 * @throws OwabiError `content_changed` when a letter is not what was approved, `check_failed` when what all letters share
 * is wrong on paper; BatchChanged when the batch or a letter of it was cancelled meanwhile; OwabiError `render_failed`,
 * `too_heavy`, or Error, when the typesetter fails: no letter is left out for that
 */
export async function renderBatch(deps: RenderBatchDeps, notice: BatchNotice, batchId: string): Promise<void> {
  const { db, blobs, press } = deps;
  const letters = await lettersOf(db, batchId);
  const locale = letters[0]?.locale as NoticeLocale | undefined;
  const prepared = locale ? notice.renderings.letter(locale) : null;
  if (!locale || !prepared) {
    await inTransaction(db, (trx) => keepBatch(trx, batchId, [], [], null));
    return;
  }
  const sheets = openSheets(letters, notice.vault, prepared);
  const keep = (sha256: string | null, found: TypesetSheets<Sheet>) =>
    keepChecks(blobs, notice.vault, { id: batchId, sha256 }, found);
  const checked = await typesetGood(press, prepared, sheets).catch(async (error: unknown) => {
    if (error instanceof SharedFault) await keep(null, { good: [], set: NOTHING, lost: error.lost });
    throw error;
  });
  const { good, set } = checked;
  // All have the same pages, and were not too heavy at the freeze: what has changed since is no fault of theirs.
  if (weighLetter(set.letters[0]?.pages ?? 0, prepared.envelope).tooHeavy) throw new OwabiError('too_heavy');
  const lost: UnprintableLetter[] = checked.lost.map(({ sheet, reason }) => ({ id: sheet.id, reason }));
  if (good.length === 0) {
    await keep(null, checked);
    await inTransaction(db, (trx) => keepBatch(trx, batchId, [], lost, null));
    return;
  }
  const printed = good.map((sheet, i) => ({ ...sheet, sequence: i + 1, firstPage: 0, pages: 0, ...set.letters[i] }));
  const parts = deps.templates.get(notice.snapshot.template)?.locales.get(locale)?.letterParts;
  if (!parts) throw new OwabiError('template_missing');
  const batch = await getBatch(db, batchId);
  const made = await makeBatchFiles({ ...{ press, parts, prepared, printed, pdf: set.pdf, batch }, ...notice });
  // Files first: a batch is `rendered` only when what it names can be fetched.
  for (const [name, bytes] of Object.entries(made.contents) as [BatchFileName, Uint8Array][]) {
    await blobs.put(batchFile(batchId, made.figures.sha256, name), bytesAsSource(bytes), notice.vault);
  }
  await keep(made.figures.sha256, checked);
  const dropTask = await inTransaction(db, async (trx) => {
    await keepBatch(trx, batchId, printed, lost, made.figures);
    return deps.drops ? await createTask(trx, 'drop-batch', batchId) : null;
  });
  if (dropTask !== null) deps.hint('drop-batch', dropTask);
}

function openSheets(letters: BatchLetter[], vault: IncidentVault, prepared: PreparedLetter): Sheet[] {
  return letters.map((letter) => {
    const { render } = vault.openJson<FrozenPerson>('notice-person', letter.sealed);
    if (!letterHash(prepared, letterInputs(prepared, render)).equals(letter.contentHash)) {
      throw new OwabiError('content_changed');
    }
    const { mailSerial, generation } = letter;
    return { ...letter, person: { ...render, mailSerial, generation } };
  });
}
