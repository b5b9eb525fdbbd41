import type { Groups } from './groups.ts';

/** What the usable rows of a list come to. */
export interface Outcomes {
  /** Rows that join an earlier row or somebody known. */
  merged: number[];
  /** Rows that make a person. */
  accepted: number;
  /** Different persons whom the rows speak of. */
  persons: number;
}

/** @param isUsable whether a row can be used, by its number; quarantined rows are in no group */
export function outcomesOf(groups: Groups, rows: number, isUsable: (row: number) => boolean): Outcomes {
  const merged: number[] = [];
  let [accepted, persons] = [0, 0];
  for (let row = 1; row <= rows; row++) {
    if (!isUsable(row)) continue;
    const group = groups.groupOf(row);
    const isFirst = groups.headOf(group) === row;
    if (isFirst) persons++;
    if (isFirst && !groups.isKnown(group)) accepted++;
    else merged.push(row);
  }
  return { merged, accepted, persons };
}
