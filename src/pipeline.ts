import type { RelayPool } from './delivery/email/relay-pool.ts';
import { makeSendEmail } from './delivery/email/send-email.job.ts';
import type { Sender } from './delivery/email/write-message.ts';
import { makeDropBatch } from './delivery/letter/printer/drop-batch.job.ts';
import { makeRenderLetters } from './delivery/letter/render-letters.job.ts';
import type { StageHook } from './delivery/stages.ts';
import { makeAcceptList } from './intake/lists/accept-list.job.ts';
import { makeCheckList } from './intake/lists/check-list.job.ts';
import { makeFreezeNotice } from './notice/freeze-notice.job.ts';
import type { TaskKind } from './queue/queues.ts';
import type { LetterPress } from './rendering/types.ts';
import type { Services } from './services.ts';
import { runTask } from './tasks/run-task.ts';
import type { WorkerLife } from './tasks/worker-life.ts';
import { readAnyReport } from './tracking/read-any-report.ts';
import { makeReadReports } from './tracking/read-reports.job.ts';

/** What the handlers need beyond the services. */
export interface WorkerParts {
  life: WorkerLife;
  press: LetterPress;
  /** Absent when no relay is set: then nothing is sent. */
  pool: RelayPool | null;
  mail: Sender;
  onStage: StageHook;
  stopping: AbortSignal;
}

interface Consumer {
  /** Tasks taken at once by one process. */
  concurrency: number;
  handle(taskId: string): Promise<void>;
}

/**
 * The whole path on one page. Each kind of work has one consumer; the id of a row in `tasks` is all that a job carries.
 *
 *   upload → check-list → (operator accepts) accept-list → persons, exposures
 *   submit → freeze-notice → (another person approves) → dispatcher → send-email ─┬→ submitted
 *                                     letters due → render-letters ─→ batches ─→ drop-batch → the printer's folder
 *   reports of what happened afterwards → read-reports → ledger, or a list for a person
 */
export function pipeline(services: Services, parts: WorkerParts): Record<TaskKind, Consumer> {
  const { life, press, pool, mail, onStage, stopping } = parts;
  const { firstRetrySeconds, retryHours, lettersPerBatch, printer } = services.config;
  const task = (concurrency: number, handler: Parameters<typeof runTask>[2]): Consumer => ({
    concurrency,
    handle: runTask(services, life, handler),
  });
  const sendEmail = pool
    ? makeSendEmail({ ...services, life, pool, mail, onStage, stopping, firstRetrySeconds, retryHours })
    : async () => undefined;
  return {
    'check-list': task(1, makeCheckList(services)),
    'accept-list': task(1, makeAcceptList(services)),
    'freeze-notice': task(1, makeFreezeNotice({ ...services, press })),
    // Two at once: while the last messages of one chunk wait for their replies, the next is under way.
    'send-email': { concurrency: 2, handle: sendEmail },
    'render-letters': task(
      1,
      makeRenderLetters({ ...services, press, lettersPerBatch, drops: printer.drop !== null, stopping }),
    ),
    'drop-batch': task(1, makeDropBatch({ ...services, printer })),
    'read-reports': task(1, makeReadReports({ ...services, read: readAnyReport, stopping })),
  };
}
