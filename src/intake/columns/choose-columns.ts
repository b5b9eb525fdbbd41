import { type Field, orderSigns } from './column-table.ts';
import type { CellsOf } from './judge-content.ts';
import type { Reading } from './read-header.ts';

/** Fields that several columns may fill: addresses of mail, numbers to call, lines of a building. */
const REPEATABLE = new Set<Field>(['email', 'phone', 'building', 'forbidden', 'ignored']);

const PLACE = new Set<Field>([
  ...(['postal', 'postal1', 'postal2', 'prefecture', 'city', 'street', 'building', 'full_address'] as const),
]);
const PHONE = new Set<Field>(['phone', 'phone1', 'phone2', 'phone3']);
const EMAIL = new Set<Field>(['email']);

function drop(reading: Reading): void {
  Object.assign(reading, { field: 'ignored', sure: 'likely' });
}

/** In an export of orders a bare id is the order's, and in Shopify's "Name" is its number: the customer is billed. */
export function setOrderNumbersAside(free: readonly Reading[], all: readonly Reading[]): void {
  const billed = all.some((reading) => reading.folded === 'billingname');
  const orders = all.some((reading) => orderSigns.has(reading.folded));
  for (const reading of free) {
    if (billed && reading.folded === 'name') drop(reading);
    if (orders && /^(?:id|no|番号)$/.test(reading.folded)) drop(reading);
  }
}

/**
 * Keeps what is the customer's. Where the header names a receiver beside the customer, all that is said of deliveries is
 * the receiver's; where it does not, a delivery address is the customer's unless they have another. What leads to a place
 * of work is taken only where nothing leads home: others may open it there.
 */
export function keepOneParty(free: readonly Reading[], all: readonly Reading[]): void {
  keepFromReceivers(free, all);
  for (const fields of [PLACE, PHONE, EMAIL]) {
    const near = all.some((other) => fields.has(other.field) && other.party !== 'elsewhere');
    if (!near) continue;
    for (const reading of free) if (reading.party === 'elsewhere' && fields.has(reading.field)) drop(reading);
  }
}

function keepFromReceivers(free: readonly Reading[], all: readonly Reading[]): void {
  const named = all.filter((reading) => reading.field === 'full_name' || reading.field === 'family_name');
  const bestName = named.toSorted(byRank)[0];
  if (!bestName || bestName.party === 'delivery') return;
  const receiverNamed = bestName.party === 'buyer' || named.some((reading) => reading.party === 'delivery');
  const hasOwnPlace = all.some((reading) => PLACE.has(reading.field) && reading.party !== 'delivery');
  for (const reading of free) {
    if (reading.party !== 'delivery' || reading.field === 'ignored' || reading.field === 'forbidden') continue;
    if (receiverNamed || (hasOwnPlace && PLACE.has(reading.field))) drop(reading);
  }
}

/**
 * Leaves one column for each field that only one may fill: not an empty one, the best named, the fuller.
 * @returns positions of the columns that gave way
 */
export function keepBest(readings: readonly Reading[], cellsOf: CellsOf): number[] {
  const duplicates: number[] = [];
  const isEmpty = (reading: Reading) =>
    Number(reading.rank >= 0 && cellsOf(reading.index).rows > 0 && cellsOf(reading.index).filled === 0);
  const best = (a: Reading, b: Reading) =>
    isEmpty(a) - isEmpty(b) || a.rank - b.rank || cellsOf(b.index).filled - cellsOf(a.index).filled || byRank(a, b);
  for (const group of Map.groupBy(readings, (reading) => reading.field).values()) {
    if (group.length < 2 || REPEATABLE.has(group[0]?.field ?? 'ignored')) continue;
    for (const reading of group.toSorted(best).slice(1)) {
      drop(reading);
      duplicates.push(reading.index);
    }
  }
  return duplicates.sort((a, b) => a - b);
}

// By name before position: the same columns in another order mean the same.
function byRank(a: Reading, b: Reading): number {
  return a.rank - b.rank || (a.folded < b.folded ? -1 : a.folded > b.folded ? 1 : a.index - b.index);
}
