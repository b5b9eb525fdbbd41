const MINUTE_MS = 60_000;
/** Whoever comes when the table is full shares one place in it. */
const ALL_OTHERS = '';

/** Counts by key in each minute of the clock. */
export interface Rates {
  /** Counts one more of `key`; false when that is more than a minute allows. */
  allows(key: string, nowMs: number): boolean;
}

/** @param mostKeys bound of the table: nobody can fill the memory by coming from everywhere */
export function makeRates({ perMinute, mostKeys }: { perMinute: number; mostKeys: number }): Rates {
  let minute = 0;
  const counts = new Map<string, number>();
  return {
    allows(key, nowMs) {
      const now = Math.floor(nowMs / MINUTE_MS);
      if (now !== minute) counts.clear();
      minute = now;
      const place = counts.has(key) || counts.size < mostKeys ? key : ALL_OTHERS;
      const count = (counts.get(place) ?? 0) + 1;
      counts.set(place, count);
      return count <= perMinute;
    },
  };
}
