import type { RowFields } from '../fields/read-row.ts';
import { areOne, evidenceOfRow, uniteEvidence } from './evidence.ts';
import { makeGroups } from './groups.ts';
import { emailKey, externalIdKey, nameKey } from './match-keys.ts';

/** A row of any list, as far as it tells who it is. */
export interface SayingRow {
  source: string;
  /** The same for the same row in another list of the same source. */
  fingerprint: string | null;
  fields: Pick<RowFields, 'name' | 'emails' | 'externalId' | 'birth'>;
}

/**
 * Puts together the rows that are one person for certain: the same row again, or one name with the same email or the
 * same number of the same source. The rule of the matching, over rows that are at hand.
 */
export function certainGroups<Row extends SayingRow>(rows: readonly Row[]): Row[][] {
  const groups = makeGroups(rows.length);
  const first = new Map<string, number>();
  rows.forEach((row, i) => {
    for (const key of keysOf(row)) {
      const known = first.get(key) ?? i + 1;
      first.set(key, known);
      groups.join(known, i + 1);
    }
  });
  return [...Map.groupBy(rows, (_, i) => groups.groupOf(i + 1)).values()];
}

function keysOf({ source, fingerprint, fields: { name, emails, externalId } }: SayingRow): string[] {
  const keys = emails.map((email) => JSON.stringify(['email', nameKey(name), emailKey(email)]));
  if (externalId !== null) keys.push(JSON.stringify(['number', nameKey(name), source, externalIdKey(externalId)]));
  if (fingerprint !== null) keys.push(JSON.stringify(['row', fingerprint]));
  return keys;
}

/** Whether rows that were taken for one person say that they may be two: two emails, numbers or dates of birth. */
export function contradictEachOther(rows: readonly SayingRow[]): boolean {
  const groups = certainGroups(rows);
  return !areOne(
    groups.map((group) => uniteEvidence(group.map(({ fields, source }) => evidenceOfRow(fields, source)))),
  );
}
