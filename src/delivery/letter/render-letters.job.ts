import { type Db, inTransaction } from '../../db/database.ts';
import { type ErrorCode, OwabiError } from '../../errors.ts';
import type { FrozenPerson } from '../../notice/frozen-person.ts';
import { letterWeights } from '../../notice/letter-weights.ts';
import { renderingsCache } from '../../notice/renderings.ts';
import type { NoticeLocale } from '../../rendering/types.ts';
import type { Services } from '../../services.ts';
import { finishTask, releaseTask, type Task } from '../../tasks/task.store.ts';
import { loadSendingNotice, pauseNotice } from '../notice-state.store.ts';
import { type LetterBatch, type LetterPile, letterPile } from './cut-batches.ts';
import {
  BatchChanged,
  batchesToRender,
  beginTry,
  createBatch,
  forgetTries,
  isSending,
  leaveLetters,
  openLetters,
  takeTryBack,
  wasCancelledSince,
} from './letter-batch.store.ts';
import { type BatchNotice, type RenderBatchDeps, renderBatch } from './render-batch.ts';

interface RenderLettersDeps extends RenderBatchDeps, Pick<Services, 'templates' | 'log'> {
  lettersPerBatch: number;
  stopping: AbortSignal;
}

const PAGE = 5_000;
/** After so many tries at one batch the notice pauses instead: somebody has to look. */
const MAX_TRIES = 5;

/** Closes a notice's open letters into batches in postal order and makes the files of each for the printer. */
export function makeRenderLetters(deps: RenderLettersDeps): (task: Task) => Promise<void> {
  const { db, log, stopping } = deps;
  const renderings = renderingsCache(deps.templates);
  return async (task) => {
    const noticeId = task.subjectId;
    const row = await loadSendingNotice(db, noticeId);
    const notice: BatchNotice = {
      ...{ id: noticeId, vault: await deps.vault.forIncident(row.incidentId), snapshot: row.snapshot },
      renderings: renderings(noticeId, row.digest, row.snapshot),
    };
    if (!(await wasCancelledSince(db, task))) await closeBatches(deps, notice, task.amount !== null);
    const pause = await renderAll(deps, notice);
    if (pause) {
      await inTransaction(db, async (trx) => {
        await pauseNotice(trx, noticeId, pause);
        await forgetTries(trx, noticeId);
      });
      log.error({ event: 'notice.paused', noticeId, because: pause });
    } else if (stopping.aborted) {
      // What is left is done by whoever comes next.
      await releaseTask(db, task);
      return;
    }
    await finishTask(db, task);
  };
}

/** @param fullOnly letters fill batches before their time: the others wait for the cut-off */
async function closeBatches(deps: RenderLettersDeps, notice: BatchNotice, fullOnly: boolean): Promise<void> {
  const { db, lettersPerBatch, stopping } = deps;
  const pile = await pileOf(deps, notice);
  let left = 0;
  for (const batch of pile.cut(lettersPerBatch)) {
    if (stopping.aborted) return;
    if (fullOnly && batch.ids.length < lettersPerBatch) left += batch.ids.length;
    else if (!(await closeBatch(db, notice, batch))) return;
  }
  await leaveLetters(db, notice.id, left);
}

/**
 * Each by itself: all in one would keep whoever pauses the notice, or cancels one of its letters, waiting for a minute.
 * After a crash in between, the letters that are still open are cut as they would have been.
 * @returns false when the notice is not sending any more
 */
async function closeBatch(db: Db, notice: BatchNotice, { locale, country, ids }: LetterBatch): Promise<boolean> {
  const mailerId = country === 'US' ? (notice.snapshot.letterProfile?.mailer?.mailerId ?? null) : null;
  return await inTransaction(db, async (trx) => {
    // It may have been cancelled while its letters were weighed: a batch of none would stay for ever.
    if (!(await isSending(trx, notice.id))) return false;
    await createBatch(trx, notice.id, ids, { locale, country, mailerId });
    return true;
  });
}

/** What is wrong with all letters, and not for one of them to be left out. */
const ENDS_IT = new Set<string>(['content_changed', 'check_failed'] satisfies ErrorCode[]);

/** Renders what is to be rendered, unless the process stops; the reason when the notice must pause instead. */
async function renderAll(deps: RenderLettersDeps, notice: BatchNotice): Promise<string | null> {
  for (const batchId of await batchesToRender(deps.db, notice.id)) {
    // Asked before each: a notice that was paused or cancelled meanwhile prints nothing more.
    if (deps.stopping.aborted || !(await isSending(deps.db, notice.id))) return null;
    const pause = await tryBatch(deps, notice, batchId);
    if (pause) return pause;
  }
  return null;
}

/** Tries are counted by batch: a task of a million letters may be interrupted many times and get on all the same. */
async function tryBatch(deps: RenderLettersDeps, notice: BatchNotice, batchId: string): Promise<string | null> {
  const { db, log } = deps;
  // Counted before it begins: one that takes the process down with it counts too.
  if ((await beginTry(db, batchId)) > MAX_TRIES) return 'render_failed';
  try {
    await renderBatch(deps, notice, batchId);
    log.info({ event: 'letters.rendered', noticeId: notice.id, batchId });
    return null;
  } catch (error) {
    if (error instanceof OwabiError && ENDS_IT.has(error.code)) return error.code;
    if (error instanceof BatchChanged) await takeTryBack(db, batchId);
    throw error;
  }
}

/** Where the open letters go: read a page at a time, and only what their order needs is kept. */
async function pileOf({ db, press }: RenderLettersDeps, notice: BatchNotice): Promise<LetterPile> {
  const pile = letterPile();
  const weigh = letterWeights(press, notice.renderings);
  // What cannot be typeset is found, letter by letter, when its batch is.
  const sheetsOf = async (locale: string): Promise<number> =>
    await weigh(locale as NoticeLocale).then(
      ({ sheets }) => sheets,
      () => 0,
    );
  for (let after = '0'; ; ) {
    const letters = await openLetters(db, notice.id, after, PAGE);
    for (const { id, locale, sealed } of letters) {
      const { country, postalCode } = notice.vault.openJson<FrozenPerson>('notice-person', sealed).render;
      pile.add(id, { locale, country, postalCode, sheets: await sheetsOf(locale) });
    }
    const last = letters.at(-1);
    if (!last) return pile;
    after = last.id;
  }
}
