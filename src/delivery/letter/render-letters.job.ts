import { createHash } from 'node:crypto';
import { inTransaction } from '../../db/database.ts';
import { OwabiError } from '../../errors.ts';
import { letterHash } from '../../notice/content-hash.ts';
import type { FrozenPerson } from '../../notice/frozen-person.ts';
import { type NoticeRenderings, renderingsCache } from '../../notice/renderings.ts';
import { letterInputs } from '../../rendering/letter.ts';
import type { LetterPress, NoticeLocale, PreparedLetter, RenderPerson, TypesetLetters } from '../../rendering/types.ts';
import type { Services } from '../../services.ts';
import { finishTask, type Task } from '../../tasks/task.store.ts';
import { bytesAsSource } from '../../vault/blobs.ts';
import type { IncidentVault } from '../../vault/vault.ts';
import { loadSendingNotice, pauseNotice } from '../notice-state.store.ts';
import {
  type BatchLetter,
  batchesToRender,
  createBatch,
  isSending,
  keepBatch,
  lettersOf,
  openLetters,
} from './letter-batch.store.ts';
import { cutBatches, manifestCsv } from './manifest.ts';

interface RenderLettersDeps extends Pick<Services, 'db' | 'vault' | 'blobs' | 'templates' | 'log'> {
  press: LetterPress;
  lettersPerBatch: number;
}

interface Notice {
  id: string;
  vault: IncidentVault;
  renderings: NoticeRenderings;
}

/** Where the files of a batch lie among the blobs. */
export const batchFile = (batchId: string, name: 'letters.pdf' | 'manifest.csv'): string =>
  `letters/${batchId}/${name}`;

/** Closes a notice's open letters into batches in postal order and typesets each: `letters.pdf` and `manifest.csv`. */
export function makeRenderLetters(deps: RenderLettersDeps): (task: Task) => Promise<void> {
  const { db, log } = deps;
  const renderings = renderingsCache(deps.templates);
  return async (task) => {
    const noticeId = task.subjectId;
    const row = await loadSendingNotice(db, noticeId);
    const notice: Notice = {
      id: noticeId,
      vault: await deps.vault.forIncident(row.incidentId),
      renderings: renderings(noticeId, row.digest, row.snapshot),
    };
    await inTransaction(db, (trx) => assignBatches(trx, notice, deps.lettersPerBatch));
    for (const batchId of await batchesToRender(db, noticeId)) {
      // Asked before each: a notice that was paused or cancelled meanwhile prints nothing more.
      if (!(await isSending(db, noticeId))) break;
      try {
        await renderBatch(deps, notice, batchId);
        log.info({ event: 'letters.rendered', noticeId, batchId });
      } catch (error) {
        if (!(error instanceof OwabiError) || error.code !== 'content_changed') throw error;
        await pauseNotice(db, noticeId, 'content_changed');
        log.error({ event: 'notice.paused', noticeId, because: 'content_changed' });
        break;
      }
    }
    await finishTask(db, task);
  };
}

async function assignBatches(trx: RenderLettersDeps['db'], notice: Notice, most: number): Promise<void> {
  const letters = (await openLetters(trx, notice.id)).map(({ id, locale, sealed }) => {
    const { render } = notice.vault.openJson<FrozenPerson>('notice-person', sealed);
    return { id, locale, country: render.country, postalCode: render.postalCode };
  });
  for (const batch of cutBatches(letters, most)) {
    await createBatch(
      trx,
      notice.id,
      batch.map(({ id }) => id),
    );
  }
}

interface Sheet extends BatchLetter {
  person: RenderPerson;
}

async function renderBatch(deps: RenderLettersDeps, notice: Notice, batchId: string): Promise<void> {
  const letters = await lettersOf(deps.db, batchId);
  const locale = letters[0]?.locale as NoticeLocale | undefined;
  const prepared = locale ? notice.renderings.letter(locale) : null;
  const sheets: Sheet[] = letters.map((letter) => {
    const { render } = notice.vault.openJson<FrozenPerson>('notice-person', letter.sealed);
    if (!prepared || !letterHash(prepared, letterInputs(prepared, render)).equals(letter.contentHash)) {
      throw new OwabiError('content_changed');
    }
    return { ...letter, person: render };
  });
  const { good, set } = prepared ? await typesetGood(deps.press, prepared, sheets) : NOTHING;
  const printed = good.map((sheet, i) => ({ ...sheet, sequence: i + 1, firstPage: 0, pages: 0, ...set.letters[i] }));
  const manifest = manifestCsv(
    printed.map(({ reference, person, pages, firstPage, contentHash }) => ({
      ...{ reference, postalCode: person.postalCode, country: person.country, pages, firstPage },
      sha256: contentHash.toString('hex'),
    })),
  );
  // Files first: a batch is `rendered` only when what it names can be fetched.
  await deps.blobs.put(batchFile(batchId, 'letters.pdf'), bytesAsSource(set.pdf), notice.vault);
  await deps.blobs.put(batchFile(batchId, 'manifest.csv'), bytesAsSource(Buffer.from(manifest)), notice.vault);
  const lost = sheets.filter((sheet) => !good.includes(sheet)).map(({ id }) => id);
  const pages = printed.reduce((sum, letter) => sum + letter.pages, 0);
  const sha256 = createHash('sha256').update(set.pdf).digest('hex');
  await inTransaction(deps.db, (trx) => keepBatch(trx, batchId, printed, lost, { pages, sha256 }));
}

interface Typeset {
  good: Sheet[];
  set: TypesetLetters;
}

const NOTHING: Typeset = { good: [], set: { pdf: new Uint8Array(), letters: [] } };

/** Typesets the letters; those that the typesetter refuses are left out and do not stop the others. */
async function typesetGood(press: LetterPress, prepared: PreparedLetter, sheets: Sheet[]): Promise<Typeset> {
  if (sheets.length === 0) return NOTHING;
  try {
    return { good: sheets, set: await press.typeset({ prepared, persons: sheets.map(({ person }) => person) }) };
  } catch (error) {
    if (!(error instanceof OwabiError)) throw error;
    if (sheets.length === 1) return NOTHING;
  }
  // Found by halving: a thousand letters and one bad one are twenty runs, not a thousand.
  const half = Math.ceil(sheets.length / 2);
  const first = await typesetGood(press, prepared, sheets.slice(0, half));
  const second = await typesetGood(press, prepared, sheets.slice(half));
  const good = [...first.good, ...second.good];
  return good.length < sheets.length
    ? typesetGood(press, prepared, good)
    : Promise.reject(new OwabiError('render_failed'));
}
