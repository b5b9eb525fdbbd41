import type { Services } from '../services.ts';
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
    const task = await claimTask(db, taskId, life.id());
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
      if (!(error instanceof TaskLost)) await releaseTask(db, task);
    }
  };
}
