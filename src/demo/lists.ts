import iconv from 'iconv-lite';
import { breakRow, type Reason } from './breakage.ts';
import { type AudienceFigures, ExpectedFigures, type ListFigures, type ReadRow } from './expected.ts';
import { type Layout, MEMBERS, OLD_SHOP, PAYMENT } from './layouts.ts';
import { type DemoPerson, demoPerson } from './people.ts';
import { type Card, type DemoPlan, makePlan } from './plan.ts';

export interface DemoList {
  fileName: string;
  kind: 'members' | 'affected';
  source: string;
  bytes: Buffer;
  /** When the three lists are accepted in their order. */
  expected: ListFigures;
}

export interface DemoLists {
  /** The shop's members; the payment system's affected; the old shop's affected. */
  lists: [DemoList, DemoList, DemoList];
  /** What the first list alone comes to: the audience of the first warning. */
  afterMembers: AudienceFigures;
  /** What the three together come to. */
  all: AudienceFigures;
  exposed: AudienceFigures;
  exposures: number;
}

interface Line {
  cells: string[];
  read: ReadRow | Reason;
}

/** The lists of `npm run demo`: deterministic for a number of members (100 at least) and a seed. */
export function buildDemoLists({ persons, seed }: { persons: number; seed: number }): DemoLists {
  const plan = makePlan(persons, seed);
  const figures = new ExpectedFigures();
  const members = build(MEMBERS, memberLines(plan, seed), figures);
  const afterMembers = figures.warn();
  const payment = build(PAYMENT, cardLines(PAYMENT, plan.payment), figures);
  const oldShop = build(OLD_SHOP, cardLines(OLD_SHOP, plan.oldShop), figures);
  return {
    lists: [members, payment, oldShop],
    afterMembers,
    all: figures.all(),
    exposed: figures.exposed(),
    exposures: payment.expected.exposures + oldShop.expected.exposures,
  };
}

function* memberLines(plan: DemoPlan, seed: number): Generator<Line> {
  for (let index = 0; index < plan.memberCount; index += 1) {
    const person = demoPerson(seed, index);
    yield line(MEMBERS, person, person, 0, plan.brokenMembers.get(index));
  }
}

function* cardLines(layout: Layout<Card>, cards: Card[]): Generator<Line> {
  for (const card of cards) yield line(layout, card, card.person, 1, card.broken);
}

function line<S>(layout: Layout<S>, subject: S, person: DemoPerson, exposures: number, broken?: number): Line {
  const whole = layout.row(subject);
  if (broken !== undefined) {
    const { cells, reason } = breakRow(whole, layout.places, broken);
    return { cells, read: reason };
  }
  const externalId = layout.externalId(subject);
  const name = person.family + person.given;
  const address =
    person.place.postalCode + person.place.prefecture + person.place.city + person.place.town + person.street;
  return { cells: whole, read: { source: layout.source, externalId, name, email: person.email, address, exposures } };
}

function build<S>(layout: Layout<S>, lines: Iterable<Line>, figures: ExpectedFigures): DemoList {
  const { fileName, kind, source, encoding, quoteAll, header } = layout;
  const text = [csvLine(header, quoteAll)];
  const read: (ReadRow | Reason)[] = [];
  for (const { cells, read: row } of lines) {
    text.push(csvLine(cells, quoteAll));
    read.push(row);
  }
  const bytes = iconv.encode(text.join(''), encoding, { addBOM: encoding === 'utf8' });
  return { fileName, kind, source, bytes, expected: figures.addList(read) };
}

function csvLine(cells: string[], quoteAll: boolean): string {
  return `${cells.map((cell) => (quoteAll || /[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell)).join(',')}\r\n`;
}
