import { REFUSING_DOMAIN } from '../catcher/recipient-rules.ts';
import { domainOf } from '../catcher/smtp-lines.ts';
import type { Reason } from './breakage.ts';

/** What one row says about whom, after reading it right. */
export interface ReadRow {
  source: string;
  externalId: string | undefined;
  /** Family and given name without a space. */
  name: string;
  /** In lower case. */
  email: string | undefined;
  address: string;
  exposures: number;
}

/** The figures of one list when it is accepted after the ones before it. */
export interface ListFigures {
  rows: number;
  accepted: number;
  merged: number;
  quarantined: number;
  reasons: Partial<Record<Reason, number>>;
  exposures: number;
}

/** A group of persons and what becomes of their emails when the catcher is the relay. */
export interface AudienceFigures {
  persons: number;
  withEmail: number;
  /** Of those with email: at the domain that the catcher refuses for good. */
  refused: number;
  /** Of those refused: who was in the first warning, so that their address is known to fail and is not tried again. */
  suppressed: number;
}

interface Person {
  email: string | undefined;
  /** Where they have a customer number. */
  sources: Set<string>;
  exposures: number;
  warned: boolean;
}

/**
 * Counts what the lists must come to by the rules of merging: same source and customer number and name, or same email
 * and name, or same address and name where not both have an email or a number of one source. Written as simply as possible, apart from the product's own merging, so that the two check each other.
 */
export class ExpectedFigures {
  private readonly byKey = new Map<string, Person>();
  private readonly persons: Person[] = [];

  addList(rows: Iterable<ReadRow | Reason>): ListFigures {
    const figures: ListFigures = { rows: 0, accepted: 0, merged: 0, quarantined: 0, reasons: {}, exposures: 0 };
    for (const row of rows) {
      figures.rows += 1;
      if (typeof row === 'string') {
        figures.quarantined += 1;
        figures.reasons[row] = (figures.reasons[row] ?? 0) + 1;
      } else {
        figures[this.add(row)] += 1;
        figures.exposures += row.exposures;
      }
    }
    return figures;
  }

  private add(row: ReadRow): 'accepted' | 'merged' {
    const keys: string[] = [];
    if (row.externalId !== undefined) keys.push(`id\n${row.source}\n${row.externalId}\n${row.name}`);
    if (row.email !== undefined) keys.push(`email\n${row.email}\n${row.name}`);
    const place = `address\n${row.address}\n${row.name}`;
    const known =
      keys.map((key) => this.byKey.get(key)).find((person) => person !== undefined) ?? this.atPlace(place, row);
    const person: Person = known ?? { email: row.email, sources: new Set(), exposures: 0, warned: false };
    person.exposures += row.exposures;
    if (row.externalId !== undefined) person.sources.add(row.source);
    for (const key of [...keys, place]) this.byKey.set(key, person);
    if (!known) this.persons.push(person);
    return known ? 'merged' : 'accepted';
  }

  private atPlace(place: string, row: ReadRow): Person | undefined {
    const person = this.byKey.get(place);
    const emails = person?.email !== undefined && row.email !== undefined;
    const numbers = row.externalId !== undefined && person?.sources.has(row.source);
    return emails || numbers ? undefined : person;
  }

  all(): AudienceFigures {
    return count(this.persons);
  }

  /** The first warning goes to all who are known by now. */
  warn(): AudienceFigures {
    const figures = this.all();
    for (const person of this.persons) person.warned = true;
    return figures;
  }

  exposed(): AudienceFigures {
    return count(this.persons.filter(({ exposures }) => exposures > 0));
  }
}

function count(persons: Person[]): AudienceFigures {
  const withEmail = persons.filter(({ email }) => email !== undefined).length;
  const refused = persons.filter(({ email }) => email !== undefined && domainOf(email) === REFUSING_DOMAIN);
  const suppressed = refused.filter(({ warned }) => warned).length;
  return { persons: persons.length, withEmail, refused: refused.length, suppressed };
}
