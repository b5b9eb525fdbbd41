import { inTransaction } from '../../db/database.ts';
import { type ErrorCode, OwabiError } from '../../errors.ts';
import type { FrozenPerson } from '../../notice/frozen-person.ts';
import { letterWeights } from '../../notice/letter-weights.ts';
import { renderingsCache } from '../../notice/renderings.ts';
import type { NoticeLocale } from '../../rendering/types.ts';
import type { Services } from '../../services.ts';
import { finishTask, type Task } from '../../tasks/task.store.ts';
import { loadSendingNotice, pauseNotice } from '../notice-state.store.ts';
import { cutBatches, type PostalPlace } from './cut-batches.ts';
import {
  batchesToRender,
  createBatch,
  isSending,
  leaveLetters,
  openLetters,
  wasCancelledSince,
} from './letter-batch.store.ts';
import { type BatchNotice, type RenderBatchDeps, renderBatch } from './render-batch.ts';

interface RenderLettersDeps extends RenderBatchDeps, Pick<Services, 'templates' | 'log'> {
  lettersPerBatch: number;
}

const PAGE = 5_000;
/** After so many tries the notice pauses instead: somebody has to look. */
const MAX_CLAIMS = 5;

/** Closes a notice's open letters into batches in postal order and makes the files of each for the printer. */
export function makeRenderLetters(deps: RenderLettersDeps): (task: Task) => Promise<void> {
  const { db, log } = deps;
  const renderings = renderingsCache(deps.templates);
  return async (task) => {
    const noticeId = task.subjectId;
    const row = await loadSendingNotice(db, noticeId);
    const notice: BatchNotice = {
      ...{ id: noticeId, vault: await deps.vault.forIncident(row.incidentId), snapshot: row.snapshot },
      renderings: renderings(noticeId, row.digest, row.snapshot),
    };
    if (!(await wasCancelledSince(db, task))) await closeBatches(deps, notice, task.amount !== null);
    const stop = await renderAll(deps, notice, task.fence > MAX_CLAIMS);
    if (stop) {
      await pauseNotice(db, noticeId, stop);
      log.error({ event: 'notice.paused', noticeId, because: stop });
    }
    await finishTask(db, task);
  };
}

/** @param fullOnly letters fill batches before their time: the others wait for the cut-off */
async function closeBatches(deps: RenderLettersDeps, notice: BatchNotice, fullOnly: boolean): Promise<void> {
  const { db, lettersPerBatch } = deps;
  const letters = await placesOf(deps, notice);
  const batches = cutBatches(letters, lettersPerBatch).filter((batch) => !fullOnly || batch.length === lettersPerBatch);
  await inTransaction(db, async (trx) => {
    // It may have been cancelled while its letters were weighed: a batch of none would stay for ever.
    if (!(await isSending(trx, notice.id))) return;
    for (const batch of batches) {
      const [{ locale, country }] = batch as [Place];
      const ids = batch.map(({ id }) => id);
      const mailerId = country === 'US' ? (notice.snapshot.letterProfile?.mailer?.mailerId ?? null) : null;
      await createBatch(trx, notice.id, ids, { locale, country, mailerId });
    }
    await leaveLetters(trx, notice.id, letters.length - batches.flat().length);
  });
}

/** What is wrong with all letters, and not for one of them to be left out. */
const ENDS_IT = new Set<string>(['content_changed', 'check_failed'] satisfies ErrorCode[]);

/** Renders what is to be rendered; the reason when the notice must pause instead. */
async function renderAll(deps: RenderLettersDeps, notice: BatchNotice, givenUp: boolean): Promise<string | null> {
  const batches = await batchesToRender(deps.db, notice.id);
  if (givenUp && batches.length > 0) return 'render_failed';
  for (const batchId of batches) {
    // Asked before each: a notice that was paused or cancelled meanwhile prints nothing more.
    if (!(await isSending(deps.db, notice.id))) return null;
    try {
      await renderBatch(deps, notice, batchId);
      deps.log.info({ event: 'letters.rendered', noticeId: notice.id, batchId });
    } catch (error) {
      if (error instanceof OwabiError && ENDS_IT.has(error.code)) return error.code;
      throw error;
    }
  }
  return null;
}

interface Place extends PostalPlace {
  id: string;
}

/** Where the open letters go: read a page at a time, and only what their order needs is kept. */
async function placesOf({ db, press }: RenderLettersDeps, notice: BatchNotice): Promise<Place[]> {
  const places: Place[] = [];
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
      places.push({ id, locale, country, postalCode, sheets: await sheetsOf(locale) });
    }
    const last = letters.at(-1);
    if (!last) return places;
    after = last.id;
  }
}
