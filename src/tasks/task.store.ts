import { sql } from 'kysely';
import type { Db } from '../db/database.ts';
import type { TaskKind } from '../queue/queues.ts';

/** A task as claimed by one worker. Its `fence` is this claim's number. */
export interface Task {
  id: string;
  kind: TaskKind;
  subjectId: string;
  fence: number;
  amount: number | null;
}

/** The task was taken away while we worked (our heartbeat had stopped): nothing of this try may be kept. */
export class TaskLost extends Error {
  constructor(task: Task) {
    super(`task ${task.id} (${task.kind}) is no longer ours`);
    this.name = 'TaskLost';
  }
}

/** Writes down work to do, in the transaction that makes it necessary. Hint at it after the commit. */
export async function createTask(db: Db, kind: TaskKind, subjectId: string, amount?: number): Promise<string> {
  const row = await db
    .insertInto('tasks')
    .values({ kind, subject_id: subjectId, amount: amount ?? null })
    .returning('id')
    .executeTakeFirstOrThrow();
  return row.id;
}

/** Takes a task for a worker; null when it is done, or another worker has it. */
export async function claimTask(db: Db, taskId: string, workerId: string): Promise<Task | null> {
  const row = await db
    .updateTable('tasks')
    .set({ worker_id: workerId, fence: sql`fence + 1` })
    .where('id', '=', taskId)
    .where('worker_id', 'is', null)
    .returning(['id', 'kind', 'subject_id', 'fence', 'amount'])
    .executeTakeFirst();
  if (!row) return null;
  return { id: row.id, kind: row.kind as TaskKind, subjectId: row.subject_id, fence: row.fence, amount: row.amount };
}

/**
 * Ends a task, in the transaction that keeps its result.
 * @throws TaskLost when the claim has passed to another: the transaction must not commit
 */
export async function finishTask(db: Db, task: Task): Promise<void> {
  const row = await db
    .deleteFrom('tasks')
    .where('id', '=', task.id)
    .where('fence', '=', task.fence)
    .where('worker_id', 'is not', null)
    .returning('id')
    .executeTakeFirst();
  if (!row) throw new TaskLost(task);
}

/** Gives a task back after a failure; the sweeper hints at it again, later each time. */
export async function releaseTask(db: Db, task: Task): Promise<void> {
  await db
    .updateTable('tasks')
    .set({ worker_id: null, hinted_at: sql`now()` })
    .where('id', '=', task.id)
    .where('fence', '=', task.fence)
    .execute();
}

/** Tasks whose hint seems lost: nobody has them and the last hint is old (2 s, then 4, 8, … at most 60). */
export async function tasksToHint(db: Db): Promise<{ id: string; kind: TaskKind }[]> {
  const rows = await db
    .updateTable('tasks')
    .set({ hints: sql`hints + 1`, hinted_at: sql`now()` })
    .where('worker_id', 'is', null)
    .where(sql<boolean>`hinted_at < now() - make_interval(secs => least(60, 2 ^ least(hints + 1, 6)))`)
    .returning(['id', 'kind'])
    .execute();
  return rows.map((row) => ({ id: row.id, kind: row.kind as TaskKind }));
}
