/** Deliveries claimed at once: enough that a worker's round trips to the database do not count. */
export const CHUNK = 200;

export interface SendingState {
  /** Emails that are due. */
  pending: number;
  /** Permissions handed out and not used yet, in deliveries. */
  outstanding: number;
  /** What the pace still allows; null: no pace. */
  allowance: number | null;
  liveWorkers: number;
}

/**
 * How many permissions to hand out now, and of what size. Two chunks for each worker are kept ahead, so that none waits
 * for the next tick, and pause has little to call back.
 */
export function planPermissions({ pending, outstanding, allowance, liveWorkers }: SendingState): number[] {
  const ahead = CHUNK * 2 * (liveWorkers + 1) - outstanding;
  const due = pending - outstanding;
  let left = Math.min(ahead, due, allowance ?? Number.POSITIVE_INFINITY);
  const sizes: number[] = [];
  while (left > 0) {
    const size = Math.min(CHUNK, left);
    sizes.push(size);
    left -= size;
  }
  return sizes;
}

/**
 * What a pace allows at a moment of its hour: spread evenly, so that the hotline is not called by everyone at once.
 * @param perHour deliveries an hour
 * @param secondsIntoHour since the hour of the pace began
 * @param used deliveries permitted in this hour
 */
export function paceAllowance(perHour: number, secondsIntoHour: number, used: number): number {
  return Math.max(0, Math.min(perHour, Math.ceil((perHour * secondsIntoHour) / 3600)) - used);
}
