import type { CellKind, CellSample } from './cell-kinds.ts';
import type { Field } from './column-table.ts';
import { isPointer, type ListKind } from './list-kind.ts';
import { isFar, type Reading } from './read-header.ts';

export type CellsOf = (index: number) => CellSample;

interface Rule {
  /** The first whose share of the filled cells is reached decides. */
  when: [CellKind, share: number, Field][];
  /** What it is when no cell is filled, or none are known; the named field when absent. */
  unseen?: Field;
  /** What it is when no rule holds; the named field when absent. */
  otherwise?: Field;
}

const contact: Rule = {
  // Where both are mixed, an address that can be written to is worth more than a number.
  when: [
    ['at', 0.2, 'email'],
    ['phone', 0.5, 'phone'],
    ['address', 0.5, 'full_address'],
  ],
  otherwise: 'ignored',
};
const parcelNumber: Rule = { when: [['reference', 0.8, 'reference']], unseen: 'ignored', otherwise: 'ignored' };
const honorific: Rule = { when: [['honorific', 0.5, 'honorific']], otherwise: 'ignored' };
const cardBrand: Rule = { when: [['brand', 0.3, 'brand']], otherwise: 'ignored' };
const dateOnly: Rule = { when: [['date', 0.5, 'until']], otherwise: 'ignored' };

/** Names that mean one thing here and another there. */
const BY_NAME = new Map<string, Rule>(
  Object.entries({
    ...{ 連絡先: contact, 日中連絡先: contact, contact },
    // In Japan an アドレス is an email address, unless it is none.
    アドレス: { when: [...contact.when], otherwise: 'ignored' },
    address: { when: [['at', 0.5, 'email']] },
    住所: { when: [['at', 0.5, 'email']] },
    // An honorific, or what the person is at work.
    ...{ title: honorific, prefix: honorific },
    // A part of a country, or whether the account is active.
    state: { when: [['status', 0.5, 'ignored']] },
    // Of a card, or of a handbag.
    ...{ ブランド: cardBrand, brand: cardBrand },
    ...{
      お問い合わせ番号: parcelNumber,
      お問合せ番号: parcelNumber,
      問い合わせ番号: parcelNumber,
      問合せ番号: parcelNumber,
    },
    reference: { when: [['reference', 0.8, 'reference']], otherwise: 'ignored' },
    照会番号: { when: [['reference', 0.8, 'reference']], otherwise: 'ignored' },
    ...{ 期限: dateOnly, 期日: dateOnly },
  } satisfies Record<string, Rule>),
);

/** What a field's column holds in some systems, whatever its name. */
const BY_FIELD: Partial<Record<Field, Rule>> = {
  postal: { when: [['address', 0.5, 'full_address']] },
  postal1: { when: [['loosePostal', 0.5, 'postal']] },
  // 電話番号1..3 are the parts of one number, or three numbers.
  phone1: { when: [['longNumber', 0.5, 'phone']] },
  phone2: { when: [['longNumber', 0.5, 'phone']] },
  phone3: { when: [['longNumber', 0.5, 'phone']] },
};

// Below this a slip in one cell would decide about a whole column.
const FEW = 3;
const noDigit = (cells: CellSample) => cells.filled >= FEW && cells.share('digit') === 0;

/** Cells that cannot be what the column's name says. */
const UNLIKE: Partial<Record<Field, (cells: CellSample) => boolean>> = {
  // Whether somebody wants mail is a column of its own in most shops, and often called メール.
  email: (cells) => cells.share('at') === 0 && (cells.filled >= FEW || cells.share('flag') >= 0.8),
  full_name: (cells) => cells.filled >= FEW && (cells.share('orderNumber') >= 0.8 || cells.share('at') >= 0.8),
  phone: noDigit,
  postal: noDigit,
  birth: noDigit,
  first_use: noDigit,
  last_use: noDigit,
};

// Names that say nothing of what the number is.
const VAGUE = /^(?:id|no|番号|管理番号|整理番号)$/;
const COUNTER = /^(?:no|番号)$/;

/**
 * Corrects by its cells what a column was taken for by its name.
 * @returns positions of columns whose cells are not what their names say
 */
export function judgeContent(free: Reading[], all: readonly Reading[], cellsOf: CellsOf, kind: ListKind): number[] {
  const unexpected: number[] = [];
  const nameless = !all.some((reading) => reading.field === 'full_name' || reading.field === 'family_name');
  for (const reading of free) {
    if (reading.field === 'ignored' || reading.field === 'forbidden') continue;
    const cells = cellsOf(reading.index);
    decide(reading, cells, kind);
    if (isKanji(reading, cells)) {
      unexpected.push(reading.index);
      settle(reading, nameless ? 'full_name' : 'ignored', 'guess');
    } else if (UNLIKE[reading.field]?.(cells)) {
      unexpected.push(reading.index);
      settle(reading, 'ignored', 'likely');
    }
    // No. 1, 2, 3 is the line of the list; as the number of a customer it would meet its like in the next list.
    if (COUNTER.test(reading.bare) && reading.party === null && cells.counting) settle(reading, 'ignored', 'likely');
  }
  joinPhones(free, all);
  return unexpected;
}

// A second part without a first is a number of its own, and so is one beside a first that turned out to be whole.
function joinPhones(free: readonly Reading[], all: readonly Reading[]): void {
  for (const reading of free) {
    if (reading.field !== 'phone2' && reading.field !== 'phone3') continue;
    const split = all.some((other) => other.field === 'phone1' && isFar(other) === isFar(reading));
    // The last part of a telephone number, or the number of a subscriber.
    if (!split) reading.field = reading.bare === '加入者番号' ? 'external_id' : 'phone';
  }
}

function decide(reading: Reading, cells: CellSample, kind: ListKind): void {
  if (VAGUE.test(reading.bare) && reading.party === null) reading.sure = 'likely';
  const rule = BY_NAME.get(reading.bare) ?? BY_FIELD[reading.field];
  if (!rule) return;
  if (cells.filled === 0) {
    if (BY_NAME.get(reading.bare)) reading.sure = 'likely';
    // On a list that points at persons, a number to ask about is the one that Owabi gave.
    if (rule.unseen && !isPointer(kind)) settle(reading, rule.unseen, 'likely', 'name');
    return;
  }
  const found = rule.when.find(([look, share]) => cells.share(look) >= share)?.[2] ?? rule.otherwise;
  if (found && found !== reading.field) settle(reading, found, 'likely');
}

const isKanji = (reading: Reading, cells: CellSample) =>
  reading.field === 'kana' && cells.filled >= FEW && cells.share('kanji') >= 0.5;

function settle(reading: Reading, field: Field, sure: Reading['sure'], by: Reading['by'] = 'content'): void {
  Object.assign(reading, { field, sure, by });
}

/**
 * Forbids columns by their cells: card numbers, My Numbers and hashed passwords under names that say nothing of it. A
 * column named for something else is left to the card-number guard, which cuts the cell and keeps the row for a person.
 * @param notCards positions of columns of which the operator said that they hold no cards
 */
export function forbidByContent(readings: readonly Reading[], cellsOf: CellsOf, notCards: ReadonlySet<number>): void {
  for (const reading of readings) {
    const said = reading.by === 'mapping' || reading.by === 'saved';
    const vague = !reading.named || VAGUE.test(reading.bare) || reading.field === 'last4' || said;
    if (vague && reading.field !== 'forbidden' && isSecret(cellsOf(reading.index), notCards.has(reading.index))) {
      settle(reading, 'forbidden', 'likely');
    }
  }
}

function isSecret(cells: CellSample, notCards: boolean): boolean {
  if (cells.filled < FEW) return false;
  // One number of eleven passes the check of My Number by chance, and one of ten that of a card.
  const myNumbers = cells.filled >= 5 && cells.share('myNumber') >= 0.9;
  return (!notCards && cells.share('cardNumber') >= 0.8) || myNumbers || cells.share('passwordHash') >= 0.8;
}
