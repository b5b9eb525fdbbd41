import { setTimeout as wait } from 'node:timers/promises';

const POLL_MS = 300;
const STALL_MS = 120_000;

/**
 * Reads a state again and again until it is `done`, and gives the last one. Rejects when the state has not changed
 * for two minutes, or when `signal` ends the demo.
 */
export async function watch<T>(
  what: string,
  read: () => Promise<T>,
  done: (state: T) => boolean | Promise<boolean>,
  signal: AbortSignal,
): Promise<T> {
  let last = '';
  let changedAt = Date.now();
  for (;;) {
    const state = await read();
    if (await done(state)) return state;
    const seen = JSON.stringify(state, (key, value) =>
      key === 'asOf' || key === 'auditedAt' || key === 'pace' ? undefined : value,
    );
    if (seen !== last) changedAt = Date.now();
    last = seen;
    if (Date.now() - changedAt > STALL_MS) throw new Error(`${what}: nothing has changed for two minutes:\n${seen}`);
    await wait(POLL_MS, undefined, { signal });
  }
}
