/** Royal Mail's four-state customer barcode (RM4SCC, CBC), for addresses in the United Kingdom. */

const CHARACTERS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ';
/** Which of a character's four bars go up, by its row in a table of six by six, and down, by its column. */
const HALVES = ['0011', '0101', '0110', '1001', '1010', '1100'];
const POSTCODE = /^([A-Z]{1,2}\d[A-Z\d]?) ?(\d[A-Z]{2})$/;

// Only Royal Mail's own file tells a house's suffix; 9Z belongs to none and sorts by postcode alone.
const NO_DELIVERY_POINT = '9Z';

/**
 * Postcode, suffix of the delivery point and check character: `LE28HS9Z` and its check character.
 * @returns null when this is no British postcode
 */
export function royalMailData(postalCode: string): string | null {
  const [, outward, inward] = POSTCODE.exec(postalCode.normalize('NFKC').trim().toUpperCase()) ?? [];
  if (!outward || !inward) return null;
  const text = outward + inward + NO_DELIVERY_POINT;
  return text + checkCharacter(text);
}

/** The bars of `royalMailData`: 1 full, 2 up, 3 down, 4 timing only. */
export function royalMailStates(data: string): string {
  const bars = [...data].flatMap((character) => {
    const [up = '', down = ''] = [HALVES[rowOf(character)], HALVES[columnOf(character)]];
    return [...up].map((high, i) => (high === '1' ? (down[i] === '1' ? '1' : '2') : down[i] === '1' ? '3' : '4'));
  });
  return `2${bars.join('')}1`;
}

const rowOf = (character: string): number => Math.floor(CHARACTERS.indexOf(character) / 6);
const columnOf = (character: string): number => CHARACTERS.indexOf(character) % 6;

/** Rows and columns count from 1; their sums modulo 6 are the row and column of the check character. */
function checkCharacter(text: string): string {
  const sum = (of: (character: string) => number) =>
    ([...text].reduce((total, character) => total + of(character) + 1, 0) + 5) % 6;
  return CHARACTERS.charAt(sum(rowOf) * 6 + sum(columnOf));
}
