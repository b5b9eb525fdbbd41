import type { Alerts } from '../../alerts/alerts.ts';
import { sweepUploads } from '../../intake/lists/uploads.store.ts';
import { recount } from '../../reporting/recount.store.ts';
import type { Services } from '../../services.ts';
import { tasksToHint } from '../../tasks/task.store.ts';
import { buryDeadWorkers } from '../../tasks/worker-life.store.ts';
import { wakeReading } from '../../tracking/reports.store.ts';
import { pauseForRelays } from '../email/relays/held-relays.store.ts';
import {
  cancelLeftovers,
  planLettersForRefused,
  planLettersForUncertain,
  recoverDeliveries,
  resendUncertain,
  reviveDeferred,
} from '../ledger.store.ts';
import { closeDueBatches } from '../letter/close-batches.store.ts';
import { completeNotices, noticesToRecount, startApproved, tripBreakers } from '../notice-state.store.ts';
import { forgetSeconds, recallPermissions } from './dispatch.store.ts';
import { forgetMinutes } from './domain-minutes.store.ts';
import { handOut } from './hand-out.ts';
import { dropLease, holdLease } from './lease.store.ts';
import { recoverDomains } from './mail-domains.store.ts';

export interface Dispatcher {
  stop(): Promise<void>;
}

interface DispatcherDeps extends Pick<Services, 'db' | 'log' | 'hint' | 'config' | 'blobs' | 'simulated'> {
  /** Under which the lease is held: tells which process decides. */
  holder: string;
  /** The names of all relays: when every one is held, sending pauses. */
  relays: readonly string[];
  /** Keeps the operators told: by whoever holds the lease. */
  alerts: Pick<Alerts, 'raise' | 'tell'>;
}

const TICK_MS = 300;
const SWEEP_MS = 1_000;

/**
 * Starts this process's dispatcher. One of all of them holds the lease and decides when: how many deliveries may go
 * now, what is due again, whose worker is dead, which batch closes, what is complete (`ledger.md`, Dispatch).
 */
export function startDispatcher(deps: DispatcherDeps): Dispatcher {
  const { db, log, holder } = deps;
  let stopped = false;
  let lastSweep = 0;
  let recounting: Promise<void> | null = null;
  let isClearing = false;
  let wake: () => void = () => undefined;
  const loop = (async () => {
    while (!stopped) {
      try {
        const epoch = await holdLease(db, holder);
        if (epoch !== null) {
          if (performance.now() - lastSweep >= SWEEP_MS) {
            lastSweep = performance.now();
            await sweep(deps);
            deps.alerts.tell();
            // Beside the loop, and not waited for at a stop: storage that does not answer takes longer than the lease lasts.
            if (!isClearing) {
              isClearing = true;
              void sweepUploads(deps)
                .catch((err: unknown) => log.warn({ event: 'dispatcher.failed', err }))
                .finally(() => {
                  isClearing = false;
                });
            }
            recounting ??= recountDue(deps)
              .catch((err: unknown) => log.warn({ event: 'dispatcher.failed', err }))
              .finally(() => {
                recounting = null;
              });
          }
          for (const taskId of await handOut(deps, epoch)) deps.hint('send-email', taskId);
        }
      } catch (error) {
        log.warn({ event: 'dispatcher.failed', err: error });
      }
      await new Promise<void>((resolve) => {
        wake = resolve;
        setTimeout(resolve, TICK_MS);
      });
    }
  })();
  return {
    async stop() {
      stopped = true;
      wake();
      await loop;
      await recounting;
      await dropLease(db, holder).catch(() => undefined);
    },
  };
}

/** Brings everything that waits for a moment, or for someone who died, back on its way. */
async function sweep({ db, log, hint, config, alerts, relays, simulated }: DispatcherDeps): Promise<void> {
  await buryDeadWorkers(db);
  const recovered = await recoverDeliveries(db);
  if (recovered.pending + recovered.uncertain > 0) log.warn({ event: 'deliveries.recovered', ...recovered });
  for (const noticeId of await startApproved(db)) log.info({ event: 'notice.sending', noticeId });
  await recallPermissions(db);
  await forgetSeconds(db);
  await recoverDomains(db, simulated);
  await reviveDeferred(db, 5_000);
  await resendUncertain(db, config.firstRetrySeconds);
  await cancelLeftovers(db);
  await planLettersForUncertain(db);
  await planLettersForRefused(db);
  await forgetMinutes(db);
  for (const noticeId of await tripBreakers(db))
    log.error({ event: 'notice.paused', noticeId, because: 'bounce_share' });
  for (const noticeId of await pauseForRelays(db, relays))
    log.error({ event: 'notice.paused', noticeId, because: 'relay_refused' });
  for (const taskId of await closeDueBatches(db, config.lettersPerBatch, config.letterCutOff))
    hint('render-letters', taskId);
  const reading = await wakeReading(db);
  if (reading !== null) hint('read-reports', reading);
  for (const task of await tasksToHint(db)) hint(task.kind, task.id);
  for (const noticeId of await completeNotices(db)) log.info({ event: 'notice.completed', noticeId });
  await alerts.raise();
}

/** Recounts what is due. Beside the loop: for a large notice it takes longer than the lease lasts. */
async function recountDue({ db, log }: DispatcherDeps): Promise<void> {
  for (const noticeId of await noticesToRecount(db)) {
    if (!(await recount(db, noticeId))) log.error({ event: 'notice.unbalanced', noticeId });
  }
}
