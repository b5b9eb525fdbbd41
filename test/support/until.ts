import { setTimeout as after } from 'node:timers/promises';

/** Waits until `condition` gives something; a condition that throws is asked again. Fails with `what` at the deadline. */
export async function until<T>(
  what: string,
  condition: () => Promise<T> | T,
  deadlineMs = 60_000,
): Promise<Exclude<T, false | null | undefined>> {
  const end = performance.now() + deadlineMs;
  let last: unknown;
  for (;;) {
    try {
      const value = await condition();
      if (value) return value as Exclude<T, false | null | undefined>;
    } catch (error) {
      last = error;
    }
    if (performance.now() > end) {
      throw new Error(`not within ${deadlineMs} ms: ${what}${last ? ` (${(last as Error).message})` : ''}`);
    }
    await after(50);
  }
}
