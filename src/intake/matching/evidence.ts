import type { RowFields } from '../fields/read-row.ts';
import type { PersonData } from '../persons/person-data.ts';
import { makeNumbers } from './numbers.ts';

/** What can tell two persons of one name at one address apart. */
export interface Evidence {
  email: boolean;
  /** Source systems in which they have a number, each once. */
  sources: readonly string[];
  /** Dates of birth as numbers of days, each once. */
  births: readonly number[];
}

const NOTHING: Evidence = { email: false, sources: [], births: [] };

/** What all of them say together. */
export function uniteEvidence(all: Iterable<Evidence>): Evidence {
  let united = NOTHING;
  for (const one of all) {
    united = {
      email: united.email || one.email,
      sources: [...new Set([...united.sources, ...one.sources])],
      births: [...new Set([...united.births, ...one.births])],
    };
  }
  return united;
}

/**
 * Whether groups of rows of one name at one address are one person without asking: when nothing tells them apart. Two
 * with an email, two with a number in the same system, or two dates of birth may be two people. (Two with the same
 * email or the same number are one group already.)
 */
export function areOne(evidence: readonly Evidence[]): boolean {
  const sources = evidence.flatMap((one) => one.sources);
  const births = new Set(evidence.flatMap((one) => one.births));
  const withEmail = evidence.filter(({ email }) => email).length;
  return withEmail <= 1 && births.size <= 1 && new Set(sources).size === sources.length;
}

export function evidenceOfRow(
  { emails, externalId, birth }: Pick<RowFields, 'emails' | 'externalId' | 'birth'>,
  source: string,
): Evidence {
  return { email: emails.length > 0, sources: externalId === null ? [] : [source], births: birthsOf(birth) };
}

export function evidenceOfPerson({ emails, externalIds, birth }: PersonData): Evidence {
  const sources = [...new Set(externalIds.map((id) => id.source))];
  return { email: emails.length > 0, sources, births: birthsOf(birth) };
}

const DAY_MS = 86_400_000;
/** Day 0: nobody on a list of customers was born before it. */
const FIRST_BIRTH = Date.UTC(1800, 0, 1) / DAY_MS - 1;

function dayOf(birth: string | null): number {
  return birth === null ? 0 : Math.max(0, Date.parse(birth) / DAY_MS - FIRST_BIRTH);
}

function birthsOf(birth: string | null): number[] {
  const day = dayOf(birth);
  return day === 0 ? [] : [day];
}

/** The evidence of the rows of a list, and of known persons where it is asked for: in eight bytes each. */
export interface EvidenceBook {
  add(row: number, fields: Pick<RowFields, 'emails' | 'externalId' | 'birth'>): void;
  /** @param node the number of a row, or of a person after those of the rows */
  set(node: number, evidence: Evidence): void;
  of(node: number): Evidence;
  /** Whether the row was added: a quarantined one is not. */
  has(row: number): boolean;
}

const USABLE = 1;
const HAS_EMAIL = 2;
const BIRTH_BITS = 2;

/** @param source the system that the list came from */
export function makeEvidenceBook(source: string): EvidenceBook {
  const words = makeNumbers(1024);
  const sourcesOf = makeNumbers(1024);
  // 0: none; 1: the list's own. Which other systems persons stand in together is few different sets.
  const sets: (readonly string[])[] = [[], [source]];
  const numbers = new Map(sets.map((set, number) => [JSON.stringify(set), number]));
  const numberOf = (set: readonly string[]): number => {
    const name = JSON.stringify(set);
    const number = numbers.get(name) ?? sets.push(set) - 1;
    numbers.set(name, number);
    return number;
  };
  const write = (node: number, email: boolean, sourceSet: number, day: number): void => {
    words.set(node, USABLE | (email ? HAS_EMAIL : 0) | (day << BIRTH_BITS));
    if (sourceSet !== 0) sourcesOf.set(node, sourceSet);
  };
  return {
    add: (row, { emails, externalId, birth }) =>
      write(row, emails.length > 0, externalId === null ? 0 : 1, dayOf(birth)),
    set: (node, { email, sources, births }) => write(node, email, numberOf([...sources].sort()), births[0] ?? 0),
    has: (row) => (words.at(row) & USABLE) !== 0,
    of(node) {
      const word = words.at(node);
      const day = word >> BIRTH_BITS;
      const sources = sets[sourcesOf.at(node)] ?? [];
      return { email: (word & HAS_EMAIL) !== 0, sources, births: day === 0 ? [] : [day] };
    },
  };
}
