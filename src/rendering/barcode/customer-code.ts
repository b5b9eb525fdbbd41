/** The customer barcode's characters (カスタマバーコード; Japan Post, 郵便番号・バーコードマニュアル, p. 12, 20 and 21). */

// In the order of their check values, 0 to 18.
const CHARACTERS = '0 1 2 3 4 5 6 7 8 9 - CC1 CC2 CC3 CC4 CC5 CC6 CC7 CC8'.split(' ');
const PATTERNS = '144 114 132 312 123 141 321 213 231 411 414 324 342 234 432 243 423 441 111'.split(' ');
const CHECK_ONLY = /^CC[5-8]$/;
const START = '13';
const STOP = '31';

const POSTAL_LENGTH = 7;
const DATA_LENGTH = 20;
const FILLER = 'CC4';

const patternOf = new Map(CHARACTERS.map((character, value) => [character, PATTERNS[value] ?? '']));
const checkValueOf = new Map(CHARACTERS.map((character, value) => [character, value]));
const characterOf = new Map(CHARACTERS.map((character, value) => [PATTERNS[value] ?? '', character]));

/** A customer barcode that was read or typed. */
export interface ReadBarcode {
  /** The 20 characters and the check digit, separated by spaces: what stands in the manifest. */
  data: string;
  /** Whether a check digit was read, and agrees. One that was not typed is filled in. */
  checked: boolean;
}

/**
 * The 20 characters of postal code and address number. A letter takes two; what is too long is cut, and a letter that
 * the cut goes through keeps its control code (p. 20).
 * @param postalCode seven digits
 * @param number digits, hyphens and capital letters
 */
export function customerCharacters(postalCode: string, number: string): string[] {
  const characters = [...postalCode, ...[...number].flatMap(charactersFor)].slice(0, DATA_LENGTH);
  return padded(characters);
}

/** Makes the sum of all values a multiple of 19 (p. 21). */
export function customerCheckDigit(characters: readonly string[]): string {
  return CHARACTERS[(19 - (sumOf(characters) % 19)) % 19] ?? '';
}

/** The manifest's form: the 20 characters and the check digit, separated by spaces. */
export function customerData(characters: readonly string[]): string {
  return [...characters, customerCheckDigit(characters)].join(' ');
}

/**
 * The 67 bars of a barcode in the manifest's form: 1 long, 2 up, 3 down, 4 timing only.
 * @returns null when it is none
 */
export function customerStates(data: string): string | null {
  const characters = data.split(' ');
  if (!isWhole(characters)) return null;
  return START + characters.map((character) => patternOf.get(character)).join('') + STOP;
}

/**
 * What 67 bars say.
 * @param states as `customerStates` makes them
 * @returns null when they are no customer barcode
 */
export function decodeCustomerStates(states: string): ReadBarcode | null {
  if (!states.startsWith(START) || !states.endsWith(STOP)) return null;
  const patterns = states.slice(START.length, -STOP.length).match(/.{1,3}/g) ?? [];
  const characters = patterns.map((pattern) => characterOf.get(pattern) ?? '');
  return isWhole(characters) ? { data: characters.join(' '), checked: sumOf(characters) % 19 === 0 } : null;
}

const TYPED = /CC[1-8]|[0-9A-Z-]/g;

/**
 * A customer barcode as somebody typed it from the manifest (`2 6 3 … CC4 5`), or as a scanner tells it
 * (`26300233-30-8-403`): fillers and check digit may be missing, letters may stand for themselves.
 * @returns null when it is none
 */
export function readTypedCustomerBarcode(text: string): ReadBarcode | null {
  const typed = text
    .normalize('NFKC')
    .toUpperCase()
    .replace(/[‐‑–—−]/g, '-')
    .replace(/^\s*(\d{3})-(\d{4})(?=\s|$)/, '$1$2')
    .replace(/\s/g, '');
  if (typed.replace(TYPED, '') !== '') return null;
  const characters = (typed.match(TYPED) ?? []).flatMap((one) => (one.length > 1 ? [one] : charactersFor(one)));
  if (characters.length > DATA_LENGTH) {
    return isWhole(characters) ? { data: characters.join(' '), checked: sumOf(characters) % 19 === 0 } : null;
  }
  const data = customerData(padded(characters));
  return isWhole(data.split(' ')) ? { data, checked: false } : null;
}

function charactersFor(character: string): string[] {
  const letter = character.charCodeAt(0) - 65;
  return letter < 0 ? [character] : [`CC${1 + Math.floor(letter / 10)}`, String(letter % 10)];
}

function padded(characters: readonly string[]): string[] {
  return Array.from({ length: DATA_LENGTH }, (_none, i) => characters[i] ?? FILLER);
}

function sumOf(characters: readonly string[]): number {
  return characters.reduce((sum, character) => sum + (checkValueOf.get(character) ?? 0), 0);
}

/** Whether these are 20 characters and a check digit, each in a place where it may stand. */
function isWhole(characters: readonly string[]): boolean {
  return (
    characters.length === DATA_LENGTH + 1 &&
    characters.every((character, i) =>
      i < POSTAL_LENGTH
        ? /^\d$/.test(character)
        : checkValueOf.has(character) && (i === DATA_LENGTH || !CHECK_ONLY.test(character)),
    )
  );
}
