import { sql } from 'kysely';
import type { Db } from '../../db/database.ts';
import type { IncidentVault } from '../../vault/vault.ts';
import { pairsKeptApart } from '../persons/candidate.store.ts';
import { findPersons } from '../persons/person.store.ts';
import type { PersonData } from '../persons/person-data.ts';
import { type Bonds, makeBonds } from './bonds.ts';
import { type CandidatePair, type Doubts, makeDoubts } from './doubts.ts';
import { type Evidence, type EvidenceBook, evidenceOfPerson, uniteEvidence } from './evidence.ts';
import { type Groups, makeGroups, type Someone } from './groups.ts';
import { ALL_WITH_ALL, equalRows, otherNames, repeatedRows, type SharedKey, sharedKeys } from './list-keys.store.ts';
import { judgePlaces, makePlaces, type Places } from './places.ts';

export interface Matching {
  groups: Groups;
  /** Rows that repeat a row of an accepted list: they bring nothing new. */
  repeats: ReadonlyMap<number, string>;
  candidates: readonly CandidatePair[];
  /** Rows that are one person with others because nothing speaks against it: the same name at the same address. */
  byAddress: readonly number[];
  /** Rows that belong to more than one of those whom somebody keeps apart: they went to the one known first. */
  torn: readonly number[];
}

export interface MatchNeeds {
  list: { id: string; incident_id: string };
  vault: IncidentVault;
  /** The highest ordinal of the list. */
  rows: number;
  evidence: EvidenceBook;
  /** Only these rows are matched; null: all of the list. */
  ordinals: readonly number[] | null;
}

/** What every step of the matching works on. */
interface Work extends MatchNeeds {
  trx: Db;
  /** Whether the incident knows anybody. */
  anybody: boolean;
  groups: Groups;
  bonds: Bonds;
  doubts: Doubts;
}

/**
 * Finds out which rows of a list are one person, and who of those is known: first what is certain (the same row again;
 * an email, or a number of the source, with the same name), then what is certain when nothing speaks against it (the
 * same name at the same address), last what only a person can decide. The keys of the rows must stand in `list_keys`.
 *
 * Which rows come together does not depend on their order. What is certain does not depend on the order of the lists
 * either; what holds only while nothing speaks against it does, because a later list may speak against it when two are
 * one person already, who may have been told.
 */
export async function matchList(trx: Db, needs: MatchNeeds): Promise<Matching> {
  await sql`analyze list_keys`.execute(trx);
  const groups = makeGroups(needs.rows);
  const apart = await pairsKeptApart(trx, needs.list.incident_id);
  const work: Work = {
    ...{ ...needs, trx, groups, bonds: makeBonds(groups, apart), doubts: makeDoubts(groups, apart, ALL_WITH_ALL) },
    anybody: await isAnybodyKnown(trx, needs.list.incident_id),
  };
  const repeats = await joinEqual(work);
  for (const column of ['external', 'email'] as const) await joinByKey(work, column);
  const byAddress = await joinByAddress(work);
  await doubtByReading(work);
  return { groups, repeats, byAddress, candidates: work.doubts.pairs(), torn: work.bonds.torn() };
}

/** The same rows of one source, in an accepted list or in this one, speak of one person, whatever else they hold. */
async function joinEqual({ trx, list, ordinals, anybody, groups, bonds }: Work): Promise<Map<number, string>> {
  const repeats = new Map<number, string>();
  if (anybody) {
    for await (const page of repeatedRows(trx, list.id, ordinals)) {
      for (const { row, personId } of page) {
        repeats.set(row, personId);
        groups.join(row, personId);
      }
    }
  }
  for await (const page of equalRows(trx, list.id, ordinals)) {
    for (const { row, first, personId } of page) bonds.joinAll([row, first, ...(personId === null ? [] : [personId])]);
  }
  bonds.settle();
  return repeats;
}

/** Emails, and numbers of the source: the same name joins, another name is a doubt. */
async function joinByKey({ trx, anybody, bonds, doubts }: Work, column: 'external' | 'email'): Promise<void> {
  const reason = column === 'external' ? 'external_id_other_name' : 'similar_name';
  for await (const names of sharedKeys(trx, column, anybody)) {
    for (const { rows, persons } of names) bonds.joinAll([...rows, ...persons]);
    for (const set of column === 'external' ? severalIn(names) : alikeIn(names)) doubts.among(peopleOf(set), reason);
  }
  bonds.settle();
  if (!anybody) return;
  for await (const page of otherNames(trx, column, column === 'email')) {
    for (const { rows, personId } of page) doubts.among([rows, [personId]], reason);
  }
}

/** One name at one address: one person when nothing tells them apart, else a doubt. */
async function joinByAddress(work: Work): Promise<number[]> {
  const { trx, anybody, groups, bonds, doubts } = work;
  const places = makePlaces(groups);
  for await (const names of sharedKeys(trx, 'address', anybody)) {
    for (const set of alikeIn(names)) doubts.among(peopleOf(set), 'similar_name');
    for (const { rows, persons } of names) places.add([...rows, ...persons]);
  }
  if (anybody) {
    for await (const page of otherNames(trx, 'address', true)) {
      for (const { rows, personId } of page) doubts.among([rows, [personId]], 'similar_name');
    }
  }
  const evidenceOf = await readEvidence(work, places);
  const joined: number[] = [];
  const noteJoined = (people: readonly Someone[]) => {
    for (const who of people) if (typeof who === 'number') joined.push(who);
  };
  for (const [place, fits] of judgePlaces(places, groups, evidenceOf).entries()) {
    const people = places.at(place);
    if (fits) bonds.joinAll(people, noteJoined);
    else {
      const each = people.map((who) => [who]);
      doubts.among(each, 'possible_duplicate');
    }
  }
  bonds.settle();
  return joined;
}

/** What rows and known persons of a group say together. Only the persons at the places in question are opened. */
async function readEvidence(
  { trx, vault, groups, evidence }: Work,
  places: Places,
): Promise<(group: number) => Evidence> {
  const asked = new Set<string>();
  const open = async (): Promise<void> => {
    for (const { id, sealed } of await findPersons(trx, [...asked])) {
      evidence.set(groups.nodeOf(id), evidenceOfPerson(vault.openJson<PersonData>('person', sealed)));
    }
    asked.clear();
  };
  for (let place = 0; place < places.count(); place++) {
    for (const who of places.at(place)) for (const id of groups.personsIn(groups.groupOf(who))) asked.add(id);
    if (asked.size >= 1_000) await open();
  }
  await open();
  return (group) => uniteEvidence(groups.nodesIn(group).map((node) => evidence.of(node)));
}

/** The same reading of a name at one address, written otherwise: never joined, always asked. */
async function doubtByReading({ trx, anybody, doubts }: Work): Promise<void> {
  for await (const names of sharedKeys(trx, 'kana', anybody)) {
    for (const set of severalIn(names)) doubts.among(peopleOf(set), 'similar_name');
  }
  if (!anybody) return;
  for await (const page of otherNames(trx, 'kana', false)) {
    for (const { rows, personId } of page) doubts.among([rows, [personId]], 'similar_name');
  }
}

/** All names under one key, where there are several. */
function severalIn(names: readonly SharedKey[]): (readonly SharedKey[])[] {
  return names.length > 1 ? [names] : [];
}

/** Names under one key that differ in variants of characters only. */
function alikeIn(names: readonly SharedKey[]): SharedKey[][] {
  if (names.length < 2) return [];
  return [...Map.groupBy(names, ({ alike }) => alike).values()].filter((group) => group.length > 1);
}

/** Everybody of each name under a key. */
function peopleOf(names: readonly SharedKey[]): Someone[][] {
  return names.map(({ rows, persons }) => [...rows, ...persons]);
}

async function isAnybodyKnown(trx: Db, incidentId: string): Promise<boolean> {
  const { rows } = await sql<{ known: boolean }>`
    select exists (select 1 from persons where incident_id = ${incidentId}) as known`.execute(trx);
  return rows[0]?.known === true;
}
