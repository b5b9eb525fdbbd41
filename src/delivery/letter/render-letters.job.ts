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

/**
 * Where the files of a batch lie among the blobs: under the hash of its letters, so that a renderer that was declared
 * dead and wakes up cannot overwrite what another has kept.
 */
export const batchFile = (batchId: string, sha256: string, name: 'letters.pdf' | 'manifest.csv'): string =>
  `letters/${batchId}/${sha256}/${name}`;

const PAGE = 5_000;
/** After so many tries the notice pauses instead: somebody has to look. */
const MAX_CLAIMS = 5;

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
    // An amount says that letters fill batches before their time: then only full ones are closed.
    const batches = cutBatches(await placesOf(db, notice), deps.lettersPerBatch).filter(
      (batch) => task.amount === null || batch.length === deps.lettersPerBatch,
    );
    await inTransaction(db, async (trx) => {
      for (const batch of batches) {
        const ids = batch.map(({ id }) => id);
        await createBatch(trx, noticeId, ids);
      }
    });
    const stop = await renderAll(deps, notice, task.fence > MAX_CLAIMS);
    if (stop) {
      await pauseNotice(db, noticeId, stop);
      log.error({ event: 'notice.paused', noticeId, because: stop });
    }
    await finishTask(db, task);
  };
}

/** Renders what is to be rendered; the reason when the notice must pause instead. */
async function renderAll(deps: RenderLettersDeps, notice: Notice, givenUp: boolean): Promise<string | null> {
  const batches = await batchesToRender(deps.db, notice.id);
  if (givenUp && batches.length > 0) return 'render_failed';
  for (const batchId of batches) {
    // Asked before each: a notice that was paused or cancelled meanwhile prints nothing more.
    if (!(await isSending(deps.db, notice.id))) return null;
    try {
      await renderBatch(deps, notice, batchId);
      deps.log.info({ event: 'letters.rendered', noticeId: notice.id, batchId });
    } catch (error) {
      if (error instanceof OwabiError && error.code === 'content_changed') return 'content_changed';
      throw error;
    }
  }
  return null;
}

interface Place {
  id: string;
  locale: string;
  country: string;
  postalCode: string | null;
}

/** Where the open letters go: read a page at a time, and only what their order needs is kept. */
async function placesOf(db: RenderLettersDeps['db'], notice: Notice): Promise<Place[]> {
  const places: Place[] = [];
  for (let after = '0'; ; ) {
    const letters = await openLetters(db, notice.id, after, PAGE);
    for (const { id, locale, sealed } of letters) {
      const { render } = notice.vault.openJson<FrozenPerson>('notice-person', sealed);
      places.push({ id, locale, country: render.country, postalCode: render.postalCode });
    }
    const last = letters.at(-1);
    if (!last) return places;
    after = last.id;
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
  const sha256 = createHash('sha256').update(set.pdf).digest('hex');
  await deps.blobs.put(batchFile(batchId, sha256, 'letters.pdf'), bytesAsSource(set.pdf), notice.vault);
  await deps.blobs.put(batchFile(batchId, sha256, 'manifest.csv'), bytesAsSource(Buffer.from(manifest)), notice.vault);
  const lost = sheets.filter((sheet) => !good.includes(sheet)).map(({ id }) => id);
  const pages = printed.reduce((sum, letter) => sum + letter.pages, 0);
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
