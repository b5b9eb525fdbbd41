import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import type { Db } from '../db/database.ts';
import type { Logger } from '../log.ts';
import { keepTrying } from './keep-trying.ts';
import { beat, registerWorker, removeWorker } from './worker-life.store.ts';

/** The life of this process as a worker: an id, and a heartbeat that others watch. */
export interface WorkerLife {
  /** Under which this process claims. It changes when others have declared the old one dead. */
  id(): string;
  /**
   * Gives up the id and goes on under another. For when we cannot know, or cannot write, what we hold: all of it is then
   * found by the sweeper, as if we had died.
   */
  renew(): Promise<void>;
  /** Called when the heartbeat could not be written for ten seconds, or others have declared us dead. */
  onLost(react: () => void): void;
  stop(): Promise<void>;
}

const BEAT_MS = 2_000;
/** Below the 15 s after which others take over (`worker-life.store.ts`): we stop before they begin. */
const LOST_AFTER_MS = 10_000;

/** Registers this process and keeps its heart beating. */
export async function beginWorkerLife(db: Db, log: Logger): Promise<WorkerLife> {
  const reactions: (() => void)[] = [];
  let id = newId();
  let lastBeat = performance.now();
  let told = false;
  let beating = false;
  await registerWorker(db, id);
  const lose = (): void => {
    if (told) return;
    told = true;
    log.warn({ event: 'worker.lost', workerId: id });
    for (const react of reactions) react();
  };
  const renew = async (): Promise<void> => {
    const [old, next] = [id, newId()];
    // The new id is good for claims only when others can see it.
    await registerWorker(db, next);
    id = next;
    await removeWorker(db, old);
    log.warn({ event: 'worker.renewed', workerId: next, was: old });
  };
  const tick = async (): Promise<void> => {
    // Checked before the write too: a process that was stopped and woken must cut its sockets first.
    if (performance.now() - lastBeat > LOST_AFTER_MS) lose();
    if (beating) return;
    beating = true;
    try {
      const known = await beat(db, id);
      // Once lost, never the old id again: its connections are cut, and others may be taking what it held.
      if (told || !known) {
        lose();
        await renew();
      }
      lastBeat = performance.now();
      told = false;
    } catch (error) {
      log.warn({ event: 'worker.beat_failed', workerId: id, err: error });
    } finally {
      beating = false;
    }
  };
  const timer = setInterval(tick, BEAT_MS);
  return {
    id: () => id,
    renew: () => keepTrying(renew),
    onLost: (react) => void reactions.push(react),
    async stop() {
      clearInterval(timer);
      await removeWorker(db, id);
    },
  };
}

const newId = (): string => `${hostname()}-${process.pid}-${randomUUID().slice(0, 8)}`;
