import { renderingsCache } from '../../notice/renderings.ts';
import type { Services } from '../../services.ts';
import type { WorkerLife } from '../../tasks/worker-life.ts';
import { type DomainAnswer, isGroup } from '../dispatch/domain-limits.ts';
import { type DomainTally, noteDomainTallies } from '../dispatch/domain-minutes.store.ts';
import { type DomainSignal, noteDomainSignals } from '../dispatch/mail-domains.store.ts';
import { type AttemptResult, type ClaimedDelivery, claimChunk, writeSteps } from '../ledger.store.ts';
import { loadSendingNotice, pauseNotice } from '../notice-state.store.ts';
import type { StageHook } from '../stages.ts';
import { readResult } from './attempt-result.ts';
import { groupWriter, semaphore } from './group-writer.ts';
import { makeLedgerWriter } from './ledger-writer.ts';
import type { RelayPool } from './relay-pool.ts';
import type { OutgoingMessage } from './submit-message.ts';
import { makeMessageWriter, type NoticeWords, type Sender } from './write-message.ts';

/** Results that may wait to be written. With the open connections they are the window of uncertainty of a worker. */
const WAITING_RESULTS = 25;
/** A delivery whose message cannot be written waits this long: an operator has to look. */
const POISON_WAIT_SECONDS = 3600;
const SIGNALS_AT_ONCE = 500;

interface SendEmailDeps extends Pick<Services, 'db' | 'vault' | 'templates' | 'log' | 'simulated'> {
  life: WorkerLife;
  pool: RelayPool;
  mail: Sender;
  firstRetrySeconds: number;
  retryHours: number;
  /** Told of each stage that a message passes. */
  onStage: StageHook;
  /** Fires when the service is stopping: nothing new is claimed. */
  stopping: AbortSignal;
}

/** A chunk on its way. */
interface Chunk extends NoticeWords {
  noticeId: string;
  incidentId: string;
  /** Domains that have begun to refuse us: what is left for them goes back. */
  held: Set<string>;
  /** What became of its emails, by the groups of their domains. */
  tallies: Map<string, DomainTally>;
  /** Something rendered to other words than those approved: the rest goes back and the notice pauses. */
  changed: boolean;
}

/** Handles a permission to send: claims its deliveries and carries each to a written result. */
export function makeSendEmail(deps: SendEmailDeps): (taskId: string) => Promise<void> {
  const { db, life, pool, log, stopping, onStage } = deps;
  const renderings = renderingsCache(deps.templates);
  const writeMessage = makeMessageWriter(deps.vault, deps.mail);
  const ledger = makeLedgerWriter((marks, results) => writeSteps(db, marks, results));
  const window = semaphore(pool.size + WAITING_RESULTS);
  const tellDomains = groupWriter(SIGNALS_AT_ONCE, (signals: DomainSignal[]) => noteDomainSignals(deps, signals));

  async function carry(delivery: ClaimedDelivery, chunk: Chunk): Promise<void> {
    if (stopping.aborted || chunk.changed || chunk.held.has(delivery.domain ?? ''))
      return ledger.record(unsent(delivery));
    const message = await writeMessage(delivery, chunk, new Date()).catch((err: unknown) => {
      log.error({ event: 'delivery.failed', deliveryId: delivery.id, attempt: delivery.attempt, err });
      return 'poison' as const;
    });
    if (message === 'poison') return ledger.record(poisoned(delivery));
    if (message === null) {
      chunk.changed = true;
      return ledger.record(unsent(delivery));
    }
    await submit(delivery, message, chunk);
  }

  async function submit(delivery: ClaimedDelivery, message: OutgoingMessage, chunk: Chunk): Promise<void> {
    let over = false;
    let leave: () => void = () => undefined;
    try {
      const submission = await pool.submit({ ...message, onBodySent: () => onStage('body-sent') }, async () => {
        // Bounds what may stand as uncertain after a crash: marked, and its result not yet written.
        leave = await window();
        // The connection may have broken while we waited for a place: then the place is given back at once.
        if (over) leave();
        if (over || !(await ledger.mark(delivery))) return false;
        onStage('marked');
        return true;
      });
      onStage('reply-read');
      const { firstRetrySeconds, retryHours } = deps;
      const now = { now: new Date(), random: Math.random(), firstRetrySeconds, retryHours };
      const { replyText, domainSignal, ...result } = readResult(delivery, submission, now);
      const { state, class: failure, code } = result;
      log.info({
        event: `delivery.${state}`,
        deliveryId: delivery.id,
        attempt: delivery.attempt,
        class: failure,
        code,
      });
      const reply = replyText === null ? null : chunk.vault.seal('smtp-reply', replyText);
      await ledger.record({ ...result, reply });
      onStage('result-written');
      count(chunk, delivery, result);
      if (domainSignal) await tell(delivery, chunk, { kind: domainSignal, code });
    } finally {
      over = true;
      leave();
    }
  }

  /** Slows or holds a domain by its answer. What cannot be written down now, the next answers will tell. */
  async function tell({ id, domain }: ClaimedDelivery, chunk: Chunk, answer: DomainAnswer): Promise<void> {
    if (domain === null) return;
    try {
      const held = await tellDomains({ domain, incidentId: chunk.incidentId, ...answer });
      if (held.has(domain)) chunk.held.add(domain);
    } catch (err) {
      log.warn({ event: 'domain.not_noted', deliveryId: id, err });
    }
  }

  /** As `tell`: what cannot be written down now is lost, and the next chunk tells. */
  async function noteTallies({ noticeId, tallies }: Chunk): Promise<void> {
    await noteDomainTallies(deps, [...tallies.values()]).catch((err: unknown) =>
      log.warn({ event: 'domain.not_noted', noticeId, err }),
    );
  }

  async function carryAll(claimed: ClaimedDelivery[], noticeId: string): Promise<void> {
    const notice = await loadSendingNotice(db, noticeId);
    const chunk: Chunk = {
      ...{ noticeId, incidentId: notice.incidentId, held: new Set<string>(), tallies: new Map(), changed: false },
      ...{ vault: await deps.vault.forIncident(notice.incidentId) },
      renderings: renderings(noticeId, notice.digest, notice.snapshot),
    };
    // More than the connections: while results are written, the connections carry the next.
    await inParallel(claimed, pool.size + WAITING_RESULTS, (delivery) => carry(delivery, chunk));
    await noteTallies(chunk);
    if (!chunk.changed) return;
    await pauseNotice(db, noticeId, 'content_changed');
    log.error({ event: 'notice.paused', noticeId, because: 'content_changed' });
  }

  return async (taskId) => {
    try {
      await pool.ready(stopping);
    } catch {
      return;
    }
    try {
      const claimed = await claimChunk(db, taskId, life.id());
      const first = claimed[0];
      if (!first) return;
      onStage('claimed');
      await carryAll(claimed, first.noticeId);
      onStage('chunk-done');
    } catch (err) {
      // What we hold is not known, or could not be written: whoever cleans up after the dead finds it under the old id.
      log.error({ event: 'chunk.failed', taskId, err });
      await life.renew();
    }
  };
}

function count(
  chunk: Chunk,
  { domain }: ClaimedDelivery,
  { state, class: failure }: Omit<AttemptResult, 'reply'>,
): void {
  if (domain === null || !isGroup(domain) || (state !== 'submitted' && state !== 'bounced')) return;
  const tally = chunk.tallies.get(domain) ?? { domain, tried: 0, invalid: 0 };
  tally.tried += 1;
  if (state === 'bounced' && failure === 'invalid_mailbox') tally.invalid += 1;
  chunk.tallies.set(domain, tally);
}

const unsent = ({ id, attempt }: ClaimedDelivery): AttemptResult => ({
  ...{ id, attempt, state: 'pending', class: null, code: null, reply: null, waitSeconds: null },
});

/** One person's poison stops that person's delivery, not the others. */
const poisoned = (delivery: ClaimedDelivery): AttemptResult => ({
  ...{ ...unsent(delivery), state: 'deferred', class: 'system', waitSeconds: POISON_WAIT_SECONDS },
});

/** Runs `work` over the items, `width` at a time. */
async function inParallel<Item>(items: Item[], width: number, work: (item: Item) => Promise<void>): Promise<void> {
  const queue = items.values();
  await Promise.all(
    Array.from({ length: Math.min(width, items.length) }, async () => {
      for (const item of queue) await work(item);
    }),
  );
}
