import type { ListWarning } from './list.store.ts';

export interface ListFigures {
  total: number;
  accepted: number;
  merged: number;
  quarantined: number;
  /** Different persons whom the usable rows speak of. */
  persons: number;
  exposures: number;
  /** Rows by quarantine reason, and repeated rows under `duplicate_row`. */
  reasons: Record<string, number>;
}

/** Counts codes. */
export interface Tally {
  add(codes: readonly string[], times?: number): void;
  counts(): Record<string, number>;
}

export function makeTally(initial: Record<string, number> = {}): Tally {
  const counts = new Map(Object.entries(initial));
  return {
    add(codes, times = 1) {
      for (const code of codes) counts.set(code, (counts.get(code) ?? 0) + times);
    },
    counts: () => Object.fromEntries([...counts].filter(([, count]) => count > 0).sort(([a], [b]) => (a < b ? -1 : 1))),
  };
}

/** The warnings of a list after one of its rows was read again: each code is said of as many rows as have it. */
export function moveWarnings(
  warnings: readonly ListWarning[],
  before: readonly string[],
  after: readonly string[],
): ListWarning[] {
  const change = (code: string) => Number(after.includes(code)) - Number(before.includes(code));
  const known = warnings.map((one) =>
    one.count === undefined ? one : { ...one, count: one.count + change(one.code) },
  );
  const added = after.filter((code) => !before.includes(code) && !warnings.some((one) => one.code === code));
  return [...known.filter((one) => one.count !== 0), ...added.map((code) => ({ code, count: 1 }))];
}
