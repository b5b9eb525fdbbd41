import { type Field, kanaAfterFamily, nameAfterFamily } from './column-table.ts';
import { isFar, type Reading } from './read-header.ts';

interface Parts {
  family: Field;
  given: Field;
  whole: Field;
  /** Names of columns that are the given name beside a family name, else the whole. */
  ambiguous: ReadonlySet<string>;
}

// Only these say that they are whole, or given, by what stands beside them; 名 alone is always given beside a given kana.
const WHOLE_ALONE = new Set(['名', '名カナ', '名かな', '名フリガナ', '名ふりがな', 'カナ名']);

const BY_NEIGHBOURS = 500;

/** Tells given names from whole ones: 名前 is the given name beside 苗字, and the whole name elsewhere. */
export function splitNames(free: readonly Reading[], all: readonly Reading[]): void {
  split(free, all, { family: 'family_name', given: 'given_name', whole: 'full_name', ambiguous: nameAfterFamily });
  split(free, all, { family: 'family_kana', given: 'given_kana', whole: 'kana', ambiguous: kanaAfterFamily });
}

function split(free: readonly Reading[], all: readonly Reading[], { family, given, whole, ambiguous }: Parts): void {
  const isVague = (reading: Reading) => ambiguous.has(reading.bare) && !WHOLE_ALONE.has(reading.bare);
  const isGiven = (reading: Reading) => reading.field === given && !isVague(reading);
  const beside = [false, true].map((far) => {
    const near = all.filter((reading) => isFar(reading) === far);
    return { family: near.some((reading) => reading.field === family), given: near.some(isGiven) };
  });
  for (const reading of free) {
    if (!ambiguous.has(reading.bare) || (reading.field !== whole && reading.field !== given)) continue;
    const has = beside[Number(isFar(reading))];
    const field = has?.family && !has.given ? given : !has?.family && reading.field === given ? whole : reading.field;
    // What is this only by its neighbours gives way to what is this by its name.
    if (field !== reading.field) Object.assign(reading, { field, sure: 'likely', rank: reading.rank + BY_NEIGHBOURS });
  }
}
