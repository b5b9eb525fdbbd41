/** A list of customers ages: some of its addresses are always nobody's. More than this is a list that is wrong. */
export const SLOW_FROM = 20;
export const SLOW_SHARE = 0.1;
const HOLD_FROM = 60;
const HOLD_SHARE = 0.3;

/**
 * What follows from the emails of the last ten minutes to one mail domain, of which so many went to nobody: nothing, less
 * at a time, or nothing more until a person has looked. First values of our own; no receiver publishes its own.
 */
export function judgeInvalid(tried: number, invalid: number): 'slow' | 'hold' | null {
  const share = invalid / Math.max(tried, 1);
  if (invalid >= HOLD_FROM && share >= HOLD_SHARE) return 'hold';
  return invalid >= SLOW_FROM && share >= SLOW_SHARE ? 'slow' : null;
}
