/** A delivery is given up when its first try lies this far back. RFC 5321 §4.5.4.1 asks for days; email.md says 72 h. */
export const LIFETIME_MS = 72 * 3600 * 1000;

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
