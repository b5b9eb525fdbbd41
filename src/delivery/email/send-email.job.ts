import { emailHash } from '../../notice/content-hash.ts';
import type { FrozenPerson } from '../../notice/frozen-person.ts';
import { renderingsCache } from '../../notice/renderings.ts';
import { emailSlots } from '../../rendering/email.ts';
import type { NoticeLocale, PreparedEmail } from '../../rendering/types.ts';
import type { Services } from '../../services.ts';
import type { WorkerLife } from '../../tasks/worker-life.ts';
import type { IncidentVault } from '../../vault/vault.ts';
import { type AttemptResult, type ClaimedDelivery, claimChunk, type Mark, writeSteps } from '../ledger.store.ts';
import { loadSendingNotice, pauseNotice } from '../notice-state.store.ts';
import { addressIn, bounceAddress, deliveryToken, messageId } from './addresses.ts';
import { readResult } from './attempt-result.ts';
import { type Composer, makeComposer } from './compose-message.ts';
import { groupWriter, semaphore } from './group-writer.ts';
import type { RelayPool } from './relay-pool.ts';
import type { Submission } from './submit-message.ts';

/** Results written in one go. With the open connections it makes the window of uncertainty of a worker. */
export const RESULT_GROUP = 25;

interface SendEmailDeps extends Pick<Services, 'db' | 'vault' | 'templates' | 'log'> {
  life: WorkerLife;
  pool: RelayPool;
  mail: { from: string; bounceDomain: string };
  firstRetrySeconds: number;
  /** Fires when the service is stopping: nothing new is claimed. */
  stopping: AbortSignal;
}

/** Handles a permission to send: claims its deliveries and carries each to a written result. */
export function makeSendEmail(deps: SendEmailDeps): (taskId: string) => Promise<void> {
  const { db, life, pool, log, stopping } = deps;
  const renderings = renderingsCache(deps.templates);
  const write = groupWriter(STEPS_AT_ONCE, (steps: Step[]) =>
    writeSteps(
      db,
      steps.flatMap((step) => step.mark ?? []),
      steps.flatMap((step) => step.result ?? []),
    ),
  );
  const mark = async (delivery: Mark): Promise<boolean> => (await write({ mark: delivery })).has(delivery.id);
  const record = (result: AttemptResult): Promise<void> => keepTrying(() => write({ result }));
  const composers = new WeakMap<PreparedEmail, Composer>();
  const composerOf = (prepared: PreparedEmail): Composer => {
    const composer = composers.get(prepared) ?? makeComposer({ from: deps.mail.from, prepared });
    composers.set(prepared, composer);
    return composer;
  };
  const window = semaphore(pool.size + RESULT_GROUP);

  async function deliver(delivery: ClaimedDelivery, letter: Writing): Promise<void> {
    const frozen = letter.vault.openJson<FrozenPerson>('notice-person', delivery.sealed);
    const prepared = await letter.renderings.email(delivery.locale as NoticeLocale);
    const values = emailSlots(prepared, frozen.render);
    if (frozen.email === null || !emailHash(prepared, values).equals(delivery.contentHash)) {
      letter.changed = true;
      return record(unsent(delivery));
    }
    const token = deliveryToken(delivery.id, deps.vault.bounceCode(delivery.id));
    const bytes = await letter.composer(prepared)({
      ...{ to: frozen.email, values, date: new Date() },
      messageId: messageId(token, addressIn(deps.mail.from)),
    });
    const outgoing = { from: bounceAddress(token, deps.mail.bounceDomain), to: frozen.email, bytes, envelopeId: token };
    let leave: (() => void) | null = null;
    try {
      const submission = await pool.submit(outgoing, async () => {
        // Bounds what may stand as uncertain after a crash: marked, and its result not yet written.
        leave = await window();
        return await mark({ id: delivery.id, attempt: delivery.attempt });
      });
      await record(resultOf(delivery, submission, letter));
    } finally {
      (leave as (() => void) | null)?.();
    }
  }

  function resultOf(delivery: ClaimedDelivery, submission: Submission, letter: Writing): AttemptResult {
    const clock = { now: new Date(), random: Math.random() };
    const result = readResult(delivery, submission, { ...clock, firstRetrySeconds: deps.firstRetrySeconds });
    log.info({
      ...{ event: `delivery.${result.state}`, deliveryId: delivery.id, attempt: delivery.attempt },
      ...{ class: result.class, code: result.code },
    });
    return { ...result, reply: result.replyText === null ? null : letter.vault.seal('smtp-reply', result.replyText) };
  }

  return async (taskId) => {
    try {
      await pool.ready(stopping);
    } catch {
      return;
    }
    const claimed = await claimChunk(db, taskId, life.id());
    const first = claimed[0];
    if (!first) return;
    const notice = await loadSendingNotice(db, first.noticeId);
    const writing: Writing = {
      vault: await deps.vault.forIncident(notice.incidentId),
      renderings: renderings(first.noticeId, notice.digest, notice.snapshot),
      composer: composerOf,
      changed: false,
    };
    // More than the connections: while results are written, the connections carry the next.
    await inParallel(claimed, pool.size + RESULT_GROUP, async (delivery) => {
      if (stopping.aborted || writing.changed) return record(unsent(delivery));
      try {
        await deliver(delivery, writing);
      } catch (error) {
        // One person's poison stops that person's delivery: it is written down and tried again later, not at once.
        log.error({ event: 'delivery.failed', deliveryId: delivery.id, attempt: delivery.attempt, err: error });
        await record({ ...unsent(delivery), state: 'deferred', class: 'system', waitSeconds: 3600 });
      }
    });
    if (writing.changed) {
      await pauseNotice(db, first.noticeId, 'content_changed');
      log.error({ event: 'notice.paused', noticeId: first.noticeId, because: 'content_changed' });
    }
  };
}

/** What a connection wants written down: that a body may go out, or how an attempt ended. */
type Step = { mark: Mark; result?: undefined } | { result: AttemptResult; mark?: undefined };

/** More than the window lets wait at once. */
const STEPS_AT_ONCE = 250;

/** What one chunk is written with. */
interface Writing {
  vault: IncidentVault;
  renderings: ReturnType<ReturnType<typeof renderingsCache>>;
  composer(prepared: PreparedEmail): Composer;
  /** Something rendered to other words than those approved: the chunk ends and the notice pauses. */
  changed: boolean;
}

const unsent = ({ id, attempt }: ClaimedDelivery): AttemptResult => ({
  ...{ id, attempt, state: 'pending', class: null, code: null, reply: null, waitSeconds: null },
});

/** A result is true whether or not the database can be reached now: it is written as soon as it can. */
async function keepTrying(write: () => Promise<unknown>): Promise<void> {
  const end = performance.now() + 60_000;
  for (let waitMs = 50; ; waitMs = Math.min(waitMs * 2, 1_000)) {
    try {
      await write();
      return;
    } catch (error) {
      if (performance.now() > end) throw error;
      await new Promise((resolve) => setTimeout(resolve, waitMs));
    }
  }
}

/** Runs `work` over the items, `width` at a time. */
async function inParallel<Item>(items: Item[], width: number, work: (item: Item) => Promise<void>): Promise<void> {
  const queue = items.values();
  await Promise.all(
    Array.from({ length: Math.min(width, items.length) }, async () => {
      for (const item of queue) await work(item);
    }),
  );
}
