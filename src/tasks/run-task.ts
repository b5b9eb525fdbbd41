import type { Services } from '../services.ts';
import { keepTrying } from './keep-trying.ts';
import { claimTask, releaseTask, type Task, TaskLost } from './task.store.ts';
import type { WorkerLife } from './worker-life.ts';

/** Does one claimed task. It ends the task itself (`finishTask`), in the transaction that keeps the result. */
export type TaskHandler = (task: Task) => Promise<void>;

/**
 * Makes a queue handler of a task handler: claims the task, and gives it back when it fails. A hint for a task that is
 * done, or that another worker has, does nothing.
 */
export function runTask({ db, log }: Pick<Services, 'db' | 'log'>, life: WorkerLife, handle: TaskHandler) {
  return async (taskId: string): Promise<void> => {
    const task = await claimTask(db, taskId, life.id()).catch(async (error: unknown) => {
      // The claim may have been written although its answer was lost: then nobody would do it.
      await life.renew();
      throw error;
    });
    if (!task) return;
    const began = performance.now();
    try {
      await handle(task);
      log.info({
        event: 'task.done',
        kind: task.kind,
        subjectId: task.subjectId,
        ms: Math.round(performance.now() - began),
      });
    } catch (error) {
      log.error({ event: 'task.failed', kind: task.kind, subjectId: task.subjectId, fence: task.fence, err: error });
      if (error instanceof TaskLost) return;
      await keepTrying(() => releaseTask(db, task)).catch(() => life.renew());
    }
  };
}
