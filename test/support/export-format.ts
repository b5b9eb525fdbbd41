import type { Field } from '../../src/intake/columns/column-table.ts';

/** The person that a row of an export is about, as it must be read. */
export interface ExpectedPerson {
  name: string;
  kana: string | null;
  /** Seven digits in Japan. */
  postalCode: string | null;
  addressLines: string[];
  emails: string[];
  /** Digits only: each system sets its hyphens as it likes. */
  phone: string | null;
  externalId: string | null;
}

/** A list as a system exports it. */
export interface ExportFormat {
  name: string;
  /** ISO 3166-1 alpha-2: where addresses are that name no country. */
  country: string;
  header: string[];
  rows: string[][];
  /** In the order of the header. */
  expectedFields: Field[];
  /** In the order of the rows. */
  expectedPersons: ExpectedPerson[];
}

/** A column: its header, its field, and what it says of a person; a text is the same for everyone. */
export type ExportColumn<Person> = [header: string, field: Field, cell: string | ((person: Person) => string)];

export function makeExport<Person>(
  name: string,
  { people, country }: { people: readonly Person[]; country: string },
  columns: readonly ExportColumn<Person>[],
  expected: (person: Person) => ExpectedPerson,
): ExportFormat {
  return {
    ...{ name, country },
    header: columns.map(([header]) => header),
    rows: people.map((person) => columns.map(([, , cell]) => (typeof cell === 'string' ? cell : cell(person)))),
    expectedFields: columns.map(([, field]) => field),
    expectedPersons: people.map(expected),
  };
}
