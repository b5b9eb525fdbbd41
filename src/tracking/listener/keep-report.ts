import { createHash } from 'node:crypto';
import { semaphore } from '../../delivery/email/group-writer.ts';
import type { Services } from '../../services.ts';
import { storeReport } from '../reports.store.ts';
import type { MessageBody } from './message-body.ts';

/** Connections to the database that storing may use at once: the API needs the others. */
const STORED_AT_ONCE = 6;

export interface KeeperParts extends Pick<Services, 'db' | 'vault' | 'hint' | 'log'> {
  storeMs: number;
  onFailed(error: unknown): void;
}

export interface Keeper {
  counts: ReadonlyMap<'stored' | 'repeated', number>;
  /** Stores a message; resolves when it is durable. @throws when it is not stored, or not in time */
  keep(envelope: string[], body: MessageBody): Promise<void>;
  /** Resolves when nothing is being stored. */
  idle(): Promise<void>;
}

export function makeKeeper(parts: KeeperParts): Keeper {
  const { storeMs, onFailed, log } = parts;
  const counts = new Map<'stored' | 'repeated', number>([
    ['stored', 0],
    ['repeated', 0],
  ]);
  const acquire = semaphore(STORED_AT_ONCE);
  const working = new Set<Promise<void>>();
  const store = async (envelope: string[], body: MessageBody): Promise<void> => {
    const giveBack = await acquire();
    try {
      const bytes = body.bytes();
      // The same bytes to the same addresses are the same report: its sender did not hear our 250.
      const wayKey = createHash('sha256')
        .update(`${envelope.join(' ')}\n`)
        .update(bytes)
        .digest('hex');
      const { id, repeated } = await storeReport(parts, { way: 'smtp', wayKey, envelope, bytes });
      const outcome = repeated ? 'repeated' : 'stored';
      counts.set(outcome, (counts.get(outcome) ?? 0) + 1);
      log.info({ event: 'listener.stored', reportId: id, repeated });
    } finally {
      body.release();
      giveBack();
    }
  };
  return {
    counts,
    async keep(envelope, body) {
      const work = store(envelope, body);
      const settled = work.catch(() => undefined).finally(() => working.delete(settled));
      working.add(settled);
      try {
        await within(storeMs, work);
      } catch (err) {
        onFailed(err);
        throw err;
      }
    },
    async idle() {
      await Promise.all(working);
    },
  };
}

/** What `work` gives, or a rejection after `ms`: it goes on, and its sender tries again. */
async function within(ms: number, work: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(Object.assign(new Error('late'), { code: 'STORE_LATE' })), ms);
  });
  try {
    await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
