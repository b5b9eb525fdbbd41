import { randomBytes } from 'node:crypto';
import type { Db } from '../../db/database.ts';
import { changesFrozenPersons, marksChangeNotices, voidNotices } from '../../notice/void-notices.store.ts';
import type { IncidentVault } from '../../vault/vault.ts';
import { type EvidenceBook, makeEvidenceBook } from '../matching/evidence.ts';
import type { Someone } from '../matching/groups.ts';
import { createListKeys, insertListKeys, insertPersonKeys } from '../matching/list-keys.store.ts';
import { rowKeys } from '../matching/lookup-keys.ts';
import { type Matching, matchList } from '../matching/match-list.store.ts';
import { addCandidates, type PersonPair } from '../persons/candidate.store.ts';
import { makeGroupCollector } from '../persons/collect-groups.ts';
import { rowsInDoubt } from '../persons/doubtful-matches.store.ts';
import { exposureKind } from '../persons/exposure-kind.ts';
import { applyMarks } from '../persons/marks.store.ts';
import { mergePersons } from '../persons/merge-persons.store.ts';
import { referenceFrom } from '../persons/reference.ts';
import { makePersonWriter } from '../persons/write-persons.store.ts';
import { type ListRow, understandingOf } from './list.store.ts';
import { forgetMatching, refreshMatchWarnings, warnOfMatching } from './match-warnings.store.ts';
import { analyzeRows, markRepeated, usableRows } from './row.store.ts';

export interface AcceptedRows {
  /** Rows that made a person. */
  accepted: number;
  /** Different persons whom the rows speak of. */
  persons: number;
  exposures: number;
  /** Rows that repeat a row of a list accepted before. */
  repeated: number;
  candidates: number;
}

/**
 * Makes persons of the usable rows of a list, or joins them to persons that are there, as things stand now. In the
 * caller's transaction, which holds the lock on the incident's persons.
 * @param ordinals only these rows; null: all
 */
export async function acceptRows(
  trx: Db,
  list: ListRow,
  vault: IncidentVault,
  ordinals: readonly number[] | null,
): Promise<AcceptedRows> {
  const accepting: Accepting = { trx, list, vault, ordinals };
  if (ordinals === null) await analyzeRows(trx);
  const evidence = await writeKeys(accepting);
  const matching = await matchList(trx, { list, vault, rows: list.rows_total, evidence, ordinals });
  await markRepeated(trx, list.id, [...matching.repeats.keys()]);
  const written = await writePersons(accepting, matching);
  await insertPersonKeys(trx, list.id);
  const merged = await mergeKnown(accepting, written.known);
  const pairs = await addCandidates(trx, list, pairsIn(matching, written.personOf));
  await warn(accepting, matching, written.known);
  await applyMarks(trx, list.incident_id, { ofList: list.id });
  // Two persons of a frozen audience are now one, who must not be told twice; or one of them has another exposure,
  // address or mark now, and what was frozen no longer says the truth.
  const changed =
    merged > 0 ||
    (await changesFrozenPersons(trx, list.incident_id, list.id)) ||
    (await marksChangeNotices(trx, list.incident_id));
  if (changed) await voidNotices(trx, list.incident_id);
  const { accepted, exposures, persons } = written;
  return { accepted, exposures, persons, repeated: matching.repeats.size, candidates: pairs };
}

interface Accepting {
  trx: Db;
  list: ListRow;
  vault: IncidentVault;
  ordinals: readonly number[] | null;
}

/** First walk through the rows: their keys, and what tells persons apart. */
async function writeKeys({ trx, list, vault, ordinals }: Accepting): Promise<EvidenceBook> {
  const evidence = makeEvidenceBook(list.source);
  await createListKeys(trx);
  for await (const page of usableRows(trx, list.id, vault, ordinals)) {
    const keyed = page.flatMap(({ ordinal, data }) => {
      if (data.fields === null) throw new Error('a usable row holds no fields');
      evidence.add(ordinal, data.fields);
      return { row: ordinal, keys: rowKeys(data.fields, list.source, vault.lookupKey) };
    });
    await insertListKeys(trx, keyed);
  }
  return evidence;
}

interface Written {
  accepted: number;
  persons: number;
  exposures: number;
  /** For each person who was known before: all who were known and are one now, the first known first. */
  known: string[][];
  personOf: (who: Someone) => string | undefined;
}

/** Second walk: rows of one person are written together, persons as soon as their last row has come. */
async function writePersons(accepting: Accepting, matching: Matching): Promise<Written> {
  const { trx, list, vault, ordinals } = accepting;
  const { groups } = matching;
  const write = makePersonWriter(trx, list, vault, await writerRules(trx, list, vault));
  const collector = makeGroupCollector(groups, write, groupsOfCandidates(matching));
  const known: string[][] = [];
  let [accepted, exposures] = [0, 0];
  for await (const page of usableRows(trx, list.id, vault, ordinals)) {
    for (const { ordinal, exposureUnits: units, data } of page) {
      if (data.fields === null) throw new Error('a usable row holds no fields');
      const group = groups.groupOf(ordinal);
      const isFirst = groups.headOf(group) === ordinal;
      const isNew = isFirst && !groups.isKnown(group);
      if (isFirst && !isNew) known.push(groups.personsIn(group));
      if (isNew) accepted++;
      exposures += units;
      await collector.add(group, { ordinal, fields: data.fields, units, outcome: isNew ? 'accepted' : 'merged' });
    }
  }
  await collector.end();
  const personOf = (who: Someone) =>
    groups.personsIn(groups.groupOf(who))[0] ?? collector.personOf(groups.groupOf(who));
  return { accepted, exposures, persons: accepted + known.length, known, personOf };
}

function groupsOfCandidates({ candidates, groups }: Matching): Set<number> {
  return new Set(candidates.flatMap(({ one, other }) => [groups.groupOf(one), groups.groupOf(other)]));
}

/** Persons who were known as two and turn out to be one. */
async function mergeKnown({ trx, list, vault }: Accepting, known: readonly string[][]): Promise<number> {
  const merges = known.flatMap(([into = '', ...others]) => others.map((from) => ({ from, into })));
  const nobody = { userId: null, candidateId: null, reason: null };
  await mergePersons(trx, vault, merges, { incidentId: list.incident_id, listId: list.id, ...nobody });
  return merges.length;
}

function pairsIn({ candidates }: Matching, personOf: Written['personOf']): PersonPair[] {
  return candidates.flatMap(({ one, other, reason }) => {
    const [personId, otherId] = [personOf(one), personOf(other)];
    return personId && otherId && personId !== otherId ? [{ personId, otherId, reason }] : [];
  });
}

/** Says of rows what the matching found, instead of what the forecast said. */
async function warn({ trx, list, vault, ordinals }: Accepting, matching: Matching, known: string[][]): Promise<void> {
  await forgetMatching(trx, list.id, ordinals);
  const persons = known.map(([id = '', ...others]) => ({ id, merged: others.length > 0 }));
  const inDoubt = await rowsInDoubt(trx, vault, { listId: list.id, ordinals }, persons);
  await warnOfMatching(trx, list.id, matching, inDoubt);
  await refreshMatchWarnings(trx, list.id);
}

async function writerRules(trx: Db, list: ListRow, vault: IncidentVault) {
  const { facts } = await trx
    .selectFrom('incidents')
    .select('facts')
    .where('id', '=', list.incident_id)
    .executeTakeFirstOrThrow();
  return {
    kind: exposureKind(understandingOf(list, vault).columns, facts),
    newReference: () => referenceFrom(randomBytes(8)),
  };
}
