import type { Merger } from '../matching/merge.ts';

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
  add(codes: readonly string[]): void;
  counts(): Record<string, number>;
}

export function makeTally(initial: Record<string, number> = {}): Tally {
  const counts = new Map(Object.entries(initial));
  return {
    add(codes) {
      for (const code of codes) counts.set(code, (counts.get(code) ?? 0) + 1);
    },
    counts: () => Object.fromEntries([...counts].sort(([a], [b]) => (a < b ? -1 : 1))),
  };
}

/**
 * The figures of a list: every row in exactly one outcome.
 * @param rows how many rows the merger was given
 */
export function figuresOf(
  merger: Merger,
  { rows, quarantined, exposures, reasons }: { rows: number; quarantined: number; exposures: number; reasons: Tally },
): ListFigures {
  let accepted = 0;
  const groups = new Set<number>();
  for (let row = 0; row < rows; row++) {
    const group = merger.groupOf(row);
    if (merger.headOf(group) === row) accepted++;
    else if (merger.headOf(group) === -1) groups.add(group);
  }
  return {
    total: rows + quarantined,
    accepted,
    merged: rows - accepted,
    quarantined,
    persons: accepted + groups.size,
    exposures,
    reasons: reasons.counts(),
  };
}
