/** Why something was not taken. docs/operations.md explains each. */
export const refusalReasons = [
  'unknown_address',
  'forged_token',
  'too_large',
  'no_room',
  'too_many_connections',
  'too_many_mails',
  'too_many_errors',
  'too_slow',
  'not_stored',
] as const;
export type RefusalReason = (typeof refusalReasons)[number];

const SILENCE_MS = 60_000;

/** Counts what was refused, and says when it is time to tell the log: an attack must not become a flood of lines. */
export interface Refusals {
  /** The number to tell: of this reason since it was last told; null when it was told within the last minute. */
  count(reason: RefusalReason, nowMs: number): number | null;
  /** Since the start. */
  totals(): ReadonlyMap<RefusalReason, number>;
}

export function makeRefusals(): Refusals {
  const totals = new Map<RefusalReason, number>(refusalReasons.map((reason) => [reason, 0]));
  const told = new Map<RefusalReason, { total: number; at: number }>();
  return {
    count(reason, nowMs) {
      const total = (totals.get(reason) ?? 0) + 1;
      totals.set(reason, total);
      const last = told.get(reason);
      if (last && nowMs - last.at < SILENCE_MS) return null;
      told.set(reason, { total, at: nowMs });
      return total - (last?.total ?? 0);
    },
    totals: () => totals,
  };
}
