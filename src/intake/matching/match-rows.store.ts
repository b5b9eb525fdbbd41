import { sql } from 'kysely';
import type { Db } from '../../db/database.ts';
import type { PersonData } from '../persons/person-data.ts';
import { makeKeyIndex } from './key-index.ts';
import { type Hash, joins, type LookupKey, matchingKeys } from './lookup-keys.ts';
import { findKnownPersons, findRepeatedRows, type KnownPersons, type RowPrint } from './match.store.ts';
import { type Merger, makeMerger, type Placed } from './merge.ts';

export interface RowToMatch extends RowPrint {
  person: PersonData;
}

export interface MatchedRow extends Placed {
  /** The row stands in an accepted list of this source already: it brings nothing new. */
  duplicate: boolean;
  warnings: ('external_id_other_name' | 'possible_duplicate')[];
}

export interface RowMatcher {
  /** Matches rows in the order of the file, with each other and with the persons known so far. */
  match(rows: readonly RowToMatch[]): Promise<MatchedRow[]>;
  merger: Merger;
}

const NOBODY_KNOWN: KnownPersons = { of: () => [] };

/** Matches the rows of one list against each other and the incident's persons. */
export async function makeRowMatcher(db: Db, incidentId: string, hash: Hash): Promise<RowMatcher> {
  const merger = makeMerger();
  const firstOfExternal = makeKeyIndex();
  const firstOfAddress = makeKeyIndex();
  const { rows } = await sql<{ known: boolean }>`
    select exists (select 1 from persons where incident_id = ${incidentId}) as known`.execute(db);
  const somebodyKnown = rows[0]?.known === true;

  const isSomebodyElse = (key: LookupKey, row: number, joined: readonly string[], known: KnownPersons): boolean => {
    const index = key.kind === 'external' ? firstOfExternal : firstOfAddress;
    const first = index.get(key.key);
    if (first === -1) index.set(key.key, row);
    const otherRow = first !== -1 && merger.groupOf(first) !== merger.groupOf(row);
    return otherRow || known.of(key).some((person) => !joined.includes(person));
  };
  const place = (keys: readonly LookupKey[], known: KnownPersons, repeated: string | null): MatchedRow => {
    const joining = keys.filter(joins);
    const persons = new Set(joining.flatMap((key) => known.of(key)));
    if (repeated !== null) persons.add(repeated);
    const joined = [...persons];
    const placed = merger.add(
      joining.map((key) => key.key),
      joined,
    );
    const warnings = keys
      .filter((key) => !joins(key) && isSomebodyElse(key, placed.row, joined, known))
      .map((key) => (key.kind === 'external' ? ('external_id_other_name' as const) : ('possible_duplicate' as const)));
    return { ...placed, duplicate: repeated !== null, warnings };
  };
  return {
    merger,
    async match(rows) {
      const keys = rows.map((row) => matchingKeys(row.person, hash));
      const known = somebodyKnown ? await findKnownPersons(db, keys.flat()) : NOBODY_KNOWN;
      const repeatedOf = somebodyKnown ? await findRepeatedRows(db, rows) : () => null;
      return rows.map((row, i) => place(keys[i] ?? [], known, repeatedOf(row)));
    },
  };
}
