/** Deliveries claimed at once: enough that a worker's round trips to the database do not count. */
export const CHUNK = 200;

/**
 * The most that is handed out and not used yet, of one notice. Two chunks for each worker are kept ahead, so that none
 * waits for the next tick, and pause has little to call back.
 */
export const mostAhead = (liveWorkers: number): number => CHUNK * 2 * (liveWorkers + 1);

/** Emails of a notice that share a limit. */
export interface LaneState {
  lane: string;
  /** Emails that are due and for which nothing is handed out. */
  due: number;
  /** What the lane's limits allow now; null: it has none. */
  allowance: number | null;
}

export interface SendingState {
  /** In the order in which they are served. */
  lanes: readonly LaneState[];
  /** Permissions handed out and not used yet, in deliveries. */
  outstanding: number;
  /** What the pace still allows; null: no pace. */
  allowance: number | null;
  liveWorkers: number;
}

/** A number of emails of one lane that may go. */
export interface Permission {
  lane: string;
  size: number;
}

/** How many permissions to hand out now, and of what size. */
export function planPermissions({ lanes, outstanding, allowance, liveWorkers }: SendingState): Permission[] {
  let left = Math.min(mostAhead(liveWorkers) - outstanding, allowance ?? Number.POSITIVE_INFINITY);
  const permissions: Permission[] = [];
  for (const { lane, due, allowance: most } of lanes) {
    let ofLane = Math.min(left, due, most ?? Number.POSITIVE_INFINITY);
    while (ofLane > 0) {
      const size = Math.min(CHUNK, ofLane);
      permissions.push({ lane, size });
      ofLane -= size;
      left -= size;
    }
  }
  return permissions;
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

const HOUR_MS = 3_600_000;

/**
 * The beginning of the present hour of a pace. Hours are counted from when sending may begin: the approval, the start,
 * or the opening of the window, whichever is the latest. So a window opens with a new hour, and not with half an hour's
 * worth at once. A whole second: it is the key of the hour's budget.
 */
export function paceHour(now: Date, beginnings: readonly (Date | null)[]): Date {
  const first = Math.floor(Math.max(...beginnings.map((at) => at?.getTime() ?? 0)) / 1000) * 1000;
  return new Date(first + Math.floor((now.getTime() - first) / HOUR_MS) * HOUR_MS);
}
