const LONGEST_SECONDS = 3600;

/**
 * Seconds to wait before the next try: doubling from `firstSeconds`, at most an hour, spread by a fifth either way so
 * that what failed together does not come back together.
 * @param random a number from 0 to 1
 */
export function retryWait(attempt: number, firstSeconds: number, random: number): number {
  const plain = Math.min(LONGEST_SECONDS, firstSeconds * 2 ** Math.min(attempt - 1, 16));
  return plain * (0.8 + 0.4 * random);
}

/** Whether a delivery first tried at `firstTriedAt` has been tried for its `hours`. RFC 5321 §4.5.4.1 asks for days. */
export function isOver(firstTriedAt: Date, now: Date, hours: number): boolean {
  return now.getTime() - firstTriedAt.getTime() > hours * 3_600_000;
}
