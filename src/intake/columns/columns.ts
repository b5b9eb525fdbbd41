import { OwabiError } from '../../errors.ts';
import {
  type Field,
  fieldNames,
  isExpiry,
  isForbidden,
  isLastFour,
  kanaAfterFamily,
  nameAfterFamily,
  numberedAddress,
  synonyms,
} from './column-table.ts';

export interface Column {
  /** As in the header. */
  name: string;
  field: Field;
}

export interface ColumnWarning {
  code: 'duplicate_column' | 'card_expiry' | 'forbidden_column';
  /** Positions in the header. */
  columns: number[];
}

export interface Columns {
  columns: Column[];
  warnings: ColumnWarning[];
}

/** Folds a header so that spellings meet: width, case, blanks and punctuation. Folding twice changes nothing. */
export function foldHeader(header: string): string {
  const next = header
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[\s_\p{Pd}\u2212\p{Ps}\p{Pe}\p{Cc}\p{Cf}:;・/\\*※#."'`|<>+=]/gu, '')
    .normalize('NFKC');
  return next === header ? next : foldHeader(next);
}

// Whose data a column says it holds. A delivery address may be another person's: never the buyer's letter there.
const PARTIES: [RegExp, Party][] = [
  [/^(?:会員|顧客|お客様|お客さま|customer|defaultaddress|contact|自宅)/, 'own'],
  [/^(?:注文者|購入者|ご?請求先|bill(?:ing)?)|(?:注文者|購入者|ご?請求先|billing)$/, 'buyer'],
  [/^(?:送付先|送り先|配送先|お?届け?先|ship(?:ping)?)|(?:送付先|送り先|配送先|お?届け?先|shipping)$/, 'delivery'],
];
type Party = 'own' | 'buyer' | 'delivery';
const PARTY_RANK: Record<Party, number> = { own: 1_000, buyer: 2_000, delivery: 3_000 };

interface Reading {
  index: number;
  folded: string;
  /** Folded header without the party and the polite prefix. */
  bare: string;
  party: Party | null;
  field: Field;
  rank: number;
}

/** Fields that several columns may fill: addresses of mail, numbers to call, lines of a building. */
const REPEATABLE = new Set<Field>(['email', 'phone', 'building', 'forbidden', 'ignored']);

const PLACE = new Set<Field>([
  ...(['postal', 'postal1', 'postal2', 'prefecture', 'city', 'street', 'building', 'full_address'] as const),
]);

/**
 * Recognises the columns of a header. What a column means depends on the names of the others, not on their order.
 * @param mapping column → field as an operator said it; goes before everything but the ban on forbidden columns
 * @throws OwabiError `invalid_mapping`
 */
export function recogniseColumns(header: readonly string[], mapping: Record<string, string> = {}): Columns {
  const given = readMapping(header, mapping);
  const readings = header.map((name, index) => {
    const reading = readHeader(name, index);
    const field = given.get(index);
    return field ? { ...reading, field, rank: -1, party: null } : reading;
  });
  const expiries = readings.filter((reading) => isExpiry(reading.folded)).map((reading) => reading.index);
  const forbidden = readings.filter((reading) => reading.field === 'forbidden').map((reading) => reading.index);
  const free = readings.filter((reading) => !given.has(reading.index));
  setOrderNumberAside(free, readings);
  splitNames(free, readings);
  splitAddresses(free, readings);
  keepOneParty(free, readings);
  const duplicates = keepBest(readings);
  const warnings: ColumnWarning[] = [
    { code: 'forbidden_column', columns: forbidden },
    { code: 'card_expiry', columns: expiries },
    { code: 'duplicate_column', columns: duplicates },
  ];
  return {
    columns: readings.map(({ index, field }) => ({ name: header[index] ?? '', field })),
    warnings: warnings.filter((warning) => warning.columns.length > 0),
  };
}

/**
 * Says why a file with this header cannot be a list of customers.
 * @throws OwabiError `no_header`, `no_way_to_reach`
 */
export function requireUsable(columns: readonly Column[]): void {
  const has = (...fields: Field[]) => columns.some((column) => fields.includes(column.field));
  if (!has('full_name', 'family_name', 'company')) {
    throw new OwabiError(
      'no_header',
      'No column of the first line was recognised as a name. Put the column names in the first line, or say with "mapping" which column is the name.',
    );
  }
  if (!has('email', 'full_address', 'city', 'street')) {
    throw new OwabiError(
      'no_way_to_reach',
      'No column was recognised as an email address or a postal address. Say with "mapping" which column it is.',
    );
  }
}

/** Positions of the named columns. @throws OwabiError `invalid_mapping` for a name that the header does not have */
export function columnPositions(header: readonly string[], names: readonly string[]): number[] {
  return names.flatMap((name) => positionsOf(header, name));
}

function positionsOf(header: readonly string[], name: string): number[] {
  const same = (fold: (text: string) => string) =>
    header.flatMap((column, index) => (fold(column) === fold(name) ? [index] : []));
  const exact = same((text) => text.trim());
  const found = exact.length > 0 ? exact : same(foldHeader);
  if (found.length === 0)
    throw new OwabiError('invalid_mapping', 'The mapping names a column that the file does not have.');
  return found;
}

/** @throws OwabiError `invalid_mapping` for a field that does not exist */
export function checkMappedFields(mapping: Record<string, string>): void {
  for (const field of Object.values(mapping)) {
    if (!(fieldNames as readonly string[]).includes(field)) {
      throw new OwabiError(
        'invalid_mapping',
        `The mapping names an unknown field; the fields are ${fieldNames.join(', ')}.`,
      );
    }
  }
}

function readMapping(header: readonly string[], mapping: Record<string, string>): Map<number, Field> {
  checkMappedFields(mapping);
  const given = new Map<number, Field>();
  for (const [name, field] of Object.entries(mapping)) {
    for (const index of positionsOf(header, name)) {
      const dropped = field === 'forbidden' || field === 'ignored';
      if (!dropped && isForbidden(foldHeader(header[index] ?? ''))) {
        throw new OwabiError(
          'invalid_mapping',
          'The mapping uses a column that may not be stored (card number, security code, password or My Number).',
        );
      }
      // Ignored columns are kept for the report: what may not be stored stays forbidden.
      given.set(
        index,
        field === 'ignored' && isForbidden(foldHeader(header[index] ?? '')) ? 'forbidden' : (field as Field),
      );
    }
  }
  return given;
}

function readHeader(name: string, index: number): Reading {
  const folded = foldHeader(name);
  const base = { index, folded, bare: folded, party: null };
  if (isLastFour(folded)) return { ...base, field: 'last4', rank: 0 };
  if (isForbidden(folded)) return { ...base, field: 'forbidden', rank: 0 };
  const whole = synonyms.get(folded);
  if (whole) return { ...base, ...whole, party: PARTIES.find(([pattern]) => pattern.test(folded))?.[1] ?? null };
  for (const [pattern, party] of PARTIES) {
    const bare = folded.replace(pattern, '');
    if (bare === folded) continue;
    const part = synonyms.get(bare) ?? synonyms.get(withoutTrimmings(bare));
    return { ...base, bare, party, field: part?.field ?? 'ignored', rank: PARTY_RANK[party] + (part?.rank ?? 0) };
  }
  const bare = withoutTrimmings(folded);
  const plain = synonyms.get(bare);
  return { ...base, bare, field: plain?.field ?? 'ignored', rank: plain?.rank ?? 0 };
}

/** Without the polite prefix, and without how the field was to be filled in. */
function withoutTrimmings(folded: string): string {
  return folded.replace(/^[おご御]/, '').replace(/(?:半角|全角|7桁|ハイフン(?:なし|無し|あり|有り)|必須|任意)+$/, '');
}

function splitNames(free: Reading[], all: readonly Reading[]): void {
  splitName(free, all, { family: 'family_name', given: 'given_name', whole: 'full_name', ambiguous: nameAfterFamily });
  splitName(free, all, { family: 'family_kana', given: 'given_kana', whole: 'kana', ambiguous: kanaAfterFamily });
}

function splitName(
  free: Reading[],
  all: readonly Reading[],
  { family, given, whole, ambiguous }: { family: Field; given: Field; whole: Field; ambiguous: ReadonlySet<string> },
): void {
  const hasFamily = all.some((reading) => reading.field === family);
  const hasGiven = all.some(
    (reading) => reading.field === given && !(ambiguous.has(reading.bare) && reading.bare !== '名'),
  );
  for (const reading of free) {
    if (!ambiguous.has(reading.bare) || (reading.field !== whole && reading.field !== given)) continue;
    if (hasFamily && !hasGiven) reading.field = given;
    if (!hasFamily && reading.field === given) reading.field = whole;
  }
}

// 住所1 is the town where prefectures have a column (EC-CUBE), else the whole address; address1 is the street where
// towns have one (Shopify), else the whole address.
function splitAddresses(free: Reading[], all: readonly Reading[]): void {
  const has = (field: Field) => all.some((reading) => reading.field === field);
  const parts: Field[] = has('city')
    ? ['street', 'building', 'building']
    : has('prefecture')
      ? ['city', 'street', 'building']
      : ['full_address', 'building', 'building'];
  const taken = new Set(all.map((reading) => reading.field));
  for (const reading of free) {
    const number = numberedAddress.get(reading.bare);
    if (number === undefined || reading.field !== 'ignored') continue;
    const field = parts[number - 1] ?? 'ignored';
    if (taken.has(field) && field !== 'building') continue;
    reading.field = field;
  }
}

// Where the header names a receiver beside the customer, all that is said of deliveries is the receiver's; where it
// does not, a delivery address is the customer's unless they have another.
function keepOneParty(free: Reading[], all: readonly Reading[]): void {
  const named = all.filter((reading) => reading.field === 'full_name' || reading.field === 'family_name');
  const bestName = named.toSorted(byRank)[0];
  if (!bestName || bestName.party === 'delivery') return;
  const receiverNamed = bestName.party === 'buyer' || named.some((reading) => reading.party === 'delivery');
  const hasOwnPlace = all.some((reading) => PLACE.has(reading.field) && reading.party !== 'delivery');
  for (const reading of free) {
    if (reading.party !== 'delivery') continue;
    if (receiverNamed || (hasOwnPlace && PLACE.has(reading.field))) reading.field = 'ignored';
  }
}

// In Shopify's export of orders, "Name" is the order's number, and the customer is the "Billing Name".
function setOrderNumberAside(free: Reading[], all: readonly Reading[]): void {
  if (!all.some((reading) => reading.folded === 'billingname')) return;
  for (const reading of free) if (reading.folded === 'name') reading.field = 'ignored';
}

function keepBest(readings: Reading[]): number[] {
  const duplicates: number[] = [];
  for (const group of Map.groupBy(readings, (reading) => reading.field).values()) {
    if (group.length < 2 || REPEATABLE.has(group[0]?.field ?? 'ignored')) continue;
    for (const reading of group.toSorted(byRank).slice(1)) {
      reading.field = 'ignored';
      duplicates.push(reading.index);
    }
  }
  return duplicates.sort((a, b) => a - b);
}

// By name before position: the same columns in another order mean the same.
function byRank(a: Reading, b: Reading): number {
  return a.rank - b.rank || (a.folded < b.folded ? -1 : a.folded > b.folded ? 1 : a.index - b.index);
}
