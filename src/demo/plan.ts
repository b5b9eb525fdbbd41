import { damagesName } from './breakage.ts';
import { type DemoPerson, demoPerson } from './people.ts';
import { makeRandom, type Random, shuffled } from './random.ts';

/** One exposed card; `broken` is the turn of the breakage when its row is unusable. */
export interface Card {
  person: DemoPerson;
  last4: string;
  brand: number;
  /** Days since 2015-09-15; the window of the seed has 627 days, both ends included. */
  day: number;
  broken: number | undefined;
}

export interface DemoPlan {
  memberCount: number;
  /** Numbers of members whose row is broken → turn of the breakage. */
  brokenMembers: Map<number, number>;
  payment: Card[];
  oldShop: Card[];
}

const SEED_MEMBERS = 12_000;
const SEED_CARDS = 9_822;
const SEED_EXPOSED = 9_300;
const GUEST_SHARE = 0.03;
const BROKEN_SHARE = 0.01;
const WINDOW_DAYS = 627;

/**
 * Decides who is on which list, in the proportions of the seed: for 12,000 members 9,822 exposed cards on usable rows,
 * of 9,300 people, 3 % of them guests who are not members. Broken rows come on top, 1 % of each list; those of the
 * affected lists are of members who are exposed nowhere else, so that their persons stay unexposed until repaired.
 */
export function makePlan(memberCount: number, seed: number): DemoPlan {
  const scale = (figure: number) => Math.round((figure * memberCount) / SEED_MEMBERS);
  const exposedCount = scale(SEED_EXPOSED);
  const guestCount = Math.round(exposedCount * GUEST_SHARE);
  const members = shuffled(memberCount, seed).map((index) => demoPerson(seed, index));
  const guests = cp932People(seed, memberCount, guestCount);
  const writable = members.filter((person) => person.inCp932);
  const exposed = [...writable.slice(0, exposedCount - guestCount), ...guests];
  const spare = writable.slice(exposedCount - guestCount);
  const unwritable = members.filter((person) => !person.inCp932);
  const plan: DemoPlan = { memberCount, brokenMembers: brokenMembers(memberCount, seed), payment: [], oldShop: [] };
  const random = makeRandom(seed, -2);
  deal(plan, exposed, scale(SEED_CARDS) - exposedCount, random);
  addBroken(plan, spare, unwritable, Math.round(scale(SEED_CARDS) * BROKEN_SHARE), random);
  for (const list of [plan.payment, plan.oldShop])
    list.sort((a, b) => a.day - b.day || a.person.index - b.person.index);
  return plan;
}

function cp932People(seed: number, from: number, count: number): DemoPerson[] {
  const people: DemoPerson[] = [];
  for (let index = from; people.length < count; index += 1) {
    const person = demoPerson(seed, index);
    if (person.inCp932) people.push(person);
  }
  return people;
}

function brokenMembers(memberCount: number, seed: number): Map<number, number> {
  const count = Math.round(memberCount * BROKEN_SHARE);
  return new Map(
    shuffled(memberCount, seed + 1)
      .slice(0, count)
      .map((index, turn) => [index, turn]),
  );
}

/** One card for everybody, seven in ten on the payment system's list; then second cards, some on the other list. */
function deal(plan: DemoPlan, exposed: DemoPerson[], secondCards: number, random: Random): void {
  let left = secondCards;
  for (const [i, person] of exposed.entries()) {
    const inPayment = random.below(10) < 7;
    (inPayment ? plan.payment : plan.oldShop).push(card(person, random));
    // Evenly over all: as many as are still due, of those who are left.
    if (left === 0 || random.below(exposed.length - i) >= left * 1.2) continue;
    const second = secondList(plan, person, inPayment, random);
    second?.push(card(person, random));
    if (second) left -= 1;
  }
  // Chance may leave a few over: people with one more card on the payment system's list.
  for (let i = 0; left > 0; i += 1, left -= 1) plan.payment.push(card((plan.payment[i] as Card).person, random));
}

/** Whoever has no email gets a second card from the same system, where the customer number ties the two. */
function secondList(plan: DemoPlan, person: DemoPerson, inPayment: boolean, random: Random): Card[] | undefined {
  if (person.email === undefined) return inPayment ? plan.payment : undefined;
  return random.below(2) === 0 ? plan.payment : plan.oldShop;
}

function addBroken(plan: DemoPlan, spare: DemoPerson[], unwritable: DemoPerson[], count: number, random: Random): void {
  for (let turn = 0; turn < count; turn += 1) {
    const person = (damagesName(turn) ? unwritable.pop() : undefined) ?? spare.pop();
    if (!person) throw new Error(`${plan.memberCount} persons are too few to break ${count} rows`);
    const list = random.below(10) < 7 ? plan.payment : plan.oldShop;
    list.push({ ...card(person, random), broken: turn });
  }
}

function card(person: DemoPerson, random: Random): Card {
  const last4 = String(random.below(10_000)).padStart(4, '0');
  return { person, last4, brand: random.below(100), day: random.below(WINDOW_DAYS), broken: undefined };
}
