import {
  createPostgresBackend,
  type PgPool,
  type Processor,
  Queue,
  runMigrations,
  UnrecoverableError,
  Worker,
  withBackend,
} from 'bullmq';
import { Redis } from 'ioredis';
import pg from 'pg';

/** The kinds of work. Each has one queue of its name and, in `pipeline.ts`, one consumer. */
export const taskKinds = [
  'check-list',
  'accept-list',
  'freeze-notice',
  'send-email',
  'render-letters',
  'read-reports',
  'drop-batch',
] as const;
export type TaskKind = (typeof taskKinds)[number];

/** What a job carries: the id of a row in `tasks`, nothing else. */
export interface Hint {
  taskId: string;
}

/** BullMQ on Redis or on Postgres. A job is a hint that there is work; the work itself stands in `tasks`. */
export interface Queues {
  /** Says that a task waits. Losing the hint loses nothing: the sweeper says it again. */
  hint(kind: TaskKind, taskId: string): Promise<void>;
  /** Takes hints of one kind, `concurrency` at a time. */
  consume(kind: TaskKind, concurrency: number, handle: (taskId: string) => Promise<void>): void;
  /** Rejects when the queue's server does not answer. */
  ping(): Promise<void>;
  waiting(): Promise<Record<TaskKind, number>>;
  /** Stops taking hints and waits for those in hand. */
  closeConsumers(): Promise<void>;
  close(): Promise<void>;
}

// A worker that is killed gives its hints back in 5 to 7 s; with the defaults it was a minute (measured.md).
const LOCK_MS = 5_000;
const STALLED_INTERVAL_MS = 2_000;
const jobOptions = { removeOnComplete: true, removeOnFail: true, attempts: 1 };
const workerOptions = { lockDuration: LOCK_MS, stalledInterval: STALLED_INTERVAL_MS, maxStalledCount: 1_000 };

interface Backend {
  queue(name: string): Queue<Hint>;
  worker(name: string, handle: Processor<Hint>, concurrency: number): Worker<Hint>;
  ping(): Promise<void>;
  close(): Promise<void>;
}

/**
 * Opens the queues: on Redis when there is a Redis URL, otherwise on the same Postgres, in its schema `bullmq`.
 * @param onError told of lost connections; BullMQ reconnects by itself
 */
export async function openQueues(
  { redisUrl, databaseUrl }: { redisUrl: string | null; databaseUrl: string },
  onError: (error: Error) => void,
): Promise<Queues> {
  const backend = redisUrl ? redisBackend(redisUrl, onError) : await postgresBackend(databaseUrl, onError);
  const queues = new Map<TaskKind, Queue<Hint>>();
  const workers: Worker<Hint>[] = [];
  for (const kind of taskKinds) {
    const queue = backend.queue(kind);
    queue.on('error', onError);
    queues.set(kind, queue);
  }
  const queueOf = (kind: TaskKind): Queue<Hint> => {
    const queue = queues.get(kind);
    if (!queue) throw new Error(`no queue ${kind}`);
    return queue;
  };
  return {
    async hint(kind, taskId) {
      await queueOf(kind).add(kind, { taskId }, jobOptions);
    },
    consume(kind, concurrency, handle) {
      // A failed job keeps its error where the queue lives: the error's name is all that may stand there.
      const worker = backend.worker(
        kind,
        (job) =>
          handle(job.data.taskId).catch((error: unknown) => {
            throw new UnrecoverableError(error instanceof Error ? error.name : 'error');
          }),
        concurrency,
      );
      worker.on('error', onError);
      workers.push(worker);
    },
    ping: backend.ping,
    async waiting() {
      const counts = await Promise.all(taskKinds.map((kind) => queueOf(kind).getWaitingCount()));
      return Object.fromEntries(taskKinds.map((kind, i) => [kind, counts[i]])) as Record<TaskKind, number>;
    },
    async closeConsumers() {
      await Promise.all(workers.splice(0).map((worker) => worker.close()));
    },
    async close() {
      await Promise.all(workers.splice(0).map((worker) => worker.close()));
      await Promise.all([...queues.values()].map((queue) => queue.close()));
      await backend.close();
    },
  };
}

function redisBackend(url: string, onError: (error: Error) => void): Backend {
  // BullMQ's blocking reads must wait for ever rather than fail after a number of tries.
  const connection = new Redis(url, { maxRetriesPerRequest: null, enableReadyCheck: true });
  connection.on('error', onError);
  // Requests for health or hints answer at once when Redis is down, instead of waiting for it.
  const quick = new Redis(url, { maxRetriesPerRequest: 1, commandTimeout: 3_000 });
  quick.on('error', onError);
  return {
    queue: (name) => new Queue(name, { connection: quick }),
    worker: (name, handle, concurrency) => new Worker(name, handle, { connection, concurrency, ...workerOptions }),
    ping: async () => void (await quick.ping()),
    async close() {
      connection.disconnect();
      quick.disconnect();
    },
  };
}

async function postgresBackend(url: string, onError: (error: Error) => void): Promise<Backend> {
  const pool = new pg.Pool({
    connectionString: url,
    options: '-c search_path=bullmq',
    // One LISTEN client for each worker and some for queries: fewer than workers + 1 is a silent deadlock.
    max: taskKinds.length + 6,
    keepAlive: true,
    application_name: 'owabi queue',
  });
  pool.setMaxListeners(0);
  pool.on('error', onError);
  pool.on('connect', (connected) => connected.on('error', onError));
  const client = await pool.connect();
  await runMigrations(client).finally(() => client.release());
  const bull = withBackend(createPostgresBackend);
  const connection = pool as unknown as PgPool;
  return {
    queue: (name) => new bull.Queue(name, { connection }) as unknown as Queue<Hint>,
    worker: (name, handle, concurrency) =>
      new bull.Worker(name, handle, { connection, concurrency, ...workerOptions }) as unknown as Worker<Hint>,
    ping: async () => void (await pool.query('select 1')),
    close: () => pool.end(),
  };
}
