import { type ExpectedPerson, type ExportColumn, type ExportFormat, makeExport } from './export-format.ts';
import { type JapanesePerson, japanesePeople } from './export-people.ts';

export type Japanese = ExportColumn<JapanesePerson>;
type Cell = (person: JapanesePerson) => string;

export const fullName: Cell = ({ family, given }) => `${family} ${given}`;
export const fullKana: Cell = ({ familyKana, givenKana }) => `${familyKana} ${givenKana}`;
export const hiragana = (text: string) =>
  text.replace(/[ァ-ヶ]/g, (kana) => String.fromCodePoint(kana.charCodeAt(0) - 0x60));
export const local: Cell = ({ town, house }) => town + house;
export const wholeAddress: Cell = (person) => person.prefecture + person.city + local(person);
export const digits: Cell = ({ phone }) => phone.replace(/\D/g, '');
export const phonePart =
  (part: number): Cell =>
  ({ phone }) =>
    phone.split('-')[part] ?? '';
export const postalPart =
  (part: number): Cell =>
  ({ postal }) =>
    postal.split('-')[part] ?? '';
export const slashed =
  (date: (person: JapanesePerson) => string): Cell =>
  (person) =>
    date(person).replaceAll('-', '/');

const expected = (person: JapanesePerson): ExpectedPerson => ({
  ...{ name: fullName(person), kana: fullKana(person), postalCode: person.postal.replace('-', '') },
  addressLines: [wholeAddress(person), person.building].filter((line) => line !== ''),
  ...{ emails: [person.email], phone: digits(person), externalId: person.id },
});
export const make = (
  name: string,
  columns: Japanese[],
  change: (person: JapanesePerson) => Partial<ExpectedPerson> = () => ({}),
): ExportFormat =>
  makeExport(name, { people: japanesePeople, country: 'JP' }, columns, (person) => ({
    ...expected(person),
    ...change(person),
  }));

export const ignored = (names: string, cell: string | Cell = ''): Japanese[] =>
  names.split(',').map((name): Japanese => [name, 'ignored', cell]);
/** Columns of a receiver who is somebody else. */
export const receiver = (names: string): Japanese[] => ignored(names, '見本');

/** 番地 and building in one cell, as EC-CUBE's 住所2 has them. */
export const houseAndBuilding: Cell = (person) => [local(person), person.building].filter(Boolean).join(' ');
export const oneLine = (person: JapanesePerson) => ({
  addressLines: [person.prefecture + person.city + houseAndBuilding(person)],
});
export const noId = () => ({ externalId: null });
