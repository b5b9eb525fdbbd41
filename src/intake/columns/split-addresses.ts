import type { CellSample } from './cell-kinds.ts';
import { type Field, housePart, numberedAddress, townPart } from './column-table.ts';
import type { CellsOf } from './judge-content.ts';
import { isFar, type Reading } from './read-header.ts';

/** What the cells of a part of an address are. */
type PartKind = 'prefecture' | 'whole' | 'large' | 'town' | 'town_and_house' | 'house' | 'other' | 'unseen';

interface Part {
  reading: Reading;
  /** 1 for 住所1. */
  number: number;
  kind: PartKind;
}

/**
 * Says what 住所1, 住所2, address1, … are. 住所1 is the town in one system (EC-CUBE), the prefecture in another (テレAI),
 * prefecture and town in a third (Next Engine), and the whole address in a fourth: their cells decide; without any, the
 * columns beside them.
 */
export function splitAddresses(free: readonly Reading[], all: readonly Reading[], cellsOf: CellsOf): void {
  for (const group of numberedGroups(free)) {
    const near = all.filter((other) => isFar(other) === isFar(group[0] as Reading) && !group.includes(other));
    const parts = group.map((reading) => ({
      reading,
      number: numberOf(reading),
      kind: partKind(cellsOf(reading.index)),
    }));
    parts.sort((a, b) => a.number - b.number);
    assign(parts, near);
  }
  joinTownAndHouse(free, all);
}

/** The parts of one address: of one party and one word. An unnumbered 住所 before 住所2 is its first part. */
function numberedGroups(free: readonly Reading[]): Reading[][] {
  const numbered = free.filter((reading) => numberedAddress.test(reading.bare) && reading.field === 'ignored');
  const groups = [...Map.groupBy(numbered, (reading) => `${reading.party} ${wordOf(reading)}`).values()];
  return groups.map((group) => {
    if (group.some((reading) => numberOf(reading) === 1)) return group;
    const [{ party }] = group as [Reading];
    const word = wordOf(group[0] as Reading);
    const isWhole = ({ field }: Reading) => field === 'full_address' || field === 'street';
    const first = free.find((other) => other.party === party && other.bare === word && isWhole(other));
    return first ? [first, ...group] : group;
  });
}

const wordOf = (reading: Reading): string => numberedAddress.exec(reading.bare)?.[1] ?? reading.bare;
const numberOf = (reading: Reading): number => Number(numberedAddress.exec(reading.bare)?.[2] ?? 1);

function partKind(cells: CellSample): PartKind {
  if (cells.filled === 0) return 'unseen';
  const most = (kind: Parameters<CellSample['share']>[0]) => cells.share(kind) >= 0.5;
  if (cells.share('prefecture') >= 0.8) return 'prefecture';
  if (most('address')) return most('digit') ? 'whole' : 'large';
  if (most('town')) return 'town';
  if (most('townAndMore')) return 'town_and_house';
  return most('digit') ? 'house' : 'other';
}

// From the large to the small: once the house is found, all that follows is the building.
function assign(parts: readonly Part[], near: readonly Reading[]): void {
  const has = (field: Field) => near.some((other) => other.field === field);
  const usual = usualFields(parts, has);
  const seen = parts.some((part) => part.kind !== 'unseen');
  // A plain street beside all the parts repeats them (Shopify: Billing Street, Billing Address1, Billing Address2).
  const repeats = (other: Reading) => other.bare === 'street' && parts[0]?.number === 1;
  const house = near.some((other) => other.field === 'street' && !repeats(other));
  const known = { town: has('city'), house };
  parts.forEach((part, i) => {
    const usually = usual[part.number - 1] ?? 'building';
    const houseFollows = parts.slice(i + 1).some((later) => later.kind === 'house');
    const field = seen ? fieldOf(part, known, { usually, houseFollows }) : usually;
    if (field === 'full_address' && has('full_address')) return;
    const confirmed = seen && part.kind !== 'unseen' && field === usually;
    Object.assign(part.reading, {
      ...{ field, sure: confirmed && !isFar(part.reading) ? 'certain' : 'likely' },
      by: seen && field !== usually ? 'content' : 'name',
    });
  });
}

interface Known {
  town: boolean;
  house: boolean;
}

function fieldOf(part: Part, known: Known, beside: { usually: Field; houseFollows: boolean }): Field {
  if (known.house) return 'building';
  switch (part.kind) {
    case 'prefecture':
      return 'prefecture';
    case 'large':
    case 'town':
      if (known.town) return 'full_address';
      known.town = true;
      return 'city';
    case 'whole':
      known.house = true;
      return 'full_address';
    case 'town_and_house':
    case 'house':
      known.house = true;
      return known.town ? 'street' : 'full_address';
    case 'other':
      // 丸の内 | 1-1-1: what stands between the town and the house. The reader puts it between the two.
      if (known.town && beside.houseFollows) return 'full_address';
      if (beside.usually === 'street' || beside.usually === 'full_address') known.house = true;
      if (beside.usually === 'city') known.town = true;
      return beside.usually;
    case 'unseen':
      return beside.usually;
  }
}

// 住所1 is the town where prefectures have a column (EC-CUBE), else the whole address; address1 is the street where
// towns have one (Shopify), else the whole address. Only Japan names the prefecture and leaves the town to 住所1.
function usualFields(parts: readonly Part[], has: (field: Field) => boolean): Field[] {
  const japanese = /^(?:住所|所在地|addr0)/.test(parts[0]?.reading.bare ?? '');
  if (has('city')) return ['street'];
  if (has('prefecture') && japanese) return parts[0]?.reading.bare === '住所' ? ['full_address'] : ['city', 'street'];
  return ['full_address'];
}

// 町域 and 番地 in two columns, as postal software has them: both belong to the address, and the reader has one street.
function joinTownAndHouse(free: readonly Reading[], all: readonly Reading[]): void {
  for (const reading of free) {
    if (reading.field !== 'street' || !townPart.has(reading.bare)) continue;
    const near = all.filter((other) => isFar(other) === isFar(reading));
    const house = near.some((other) => other.field === 'street' && housePart.has(other.bare));
    if (house && !near.some((other) => other.field === 'full_address')) reading.field = 'full_address';
  }
}
