/**
 * References: nine characters of Crockford's base32, eight at random and a check character over them.
 * They are read aloud on the phone and typed from paper, so the check catches any single wrong character and any swap
 * of neighbours.
 */
const ALPHABET = [...'0123456789ABCDEFGHJKMNPQRSTVWXYZ'];
const RANDOM_CHARACTERS = 8;
const VALUES = new Map(ALPHABET.map((character, value) => [character, value]));

/**
 * Makes a reference.
 * @param random eight random bytes; five bits of each are used
 */
export function referenceFrom(random: Uint8Array): string {
  if (random.length !== RANDOM_CHARACTERS) throw new RangeError('a reference needs eight random bytes');
  const values = [...random].map((byte) => byte & 31);
  return written([...values, checkValue(values)]);
}

/** `K7Q2M9XDA` as it is printed and said: `K7Q2-M9XD-A`. */
export function formatReference(reference: string): string {
  return `${reference.slice(0, 4)}-${reference.slice(4, 8)}-${reference.slice(8)}`;
}

/**
 * Reads a reference as people write it: any case and width, with or without hyphens and spaces, O for 0, I or L for 1.
 * @returns the nine characters, or null when they are not a reference or the check fails
 */
export function parseReference(text: string): string | null {
  const values = readValues(text);
  return values && isChecked(values) ? written(values) : null;
}

/**
 * The references that a mistyped one may have been meant as: one character wrong, or two neighbours in each other's
 * place. At most 17; empty when it is too long, too short, or right.
 */
export function nearReferences(text: string): string[] {
  const values = readValues(text);
  if (!values || isChecked(values)) return [];
  const replaced = values.flatMap((_, at) => [...ALPHABET.keys()].map((value) => values.with(at, value)));
  const swapped = values.slice(1).map((next, at) => values.with(at, next).with(at + 1, values[at] as number));
  return [...new Set([...replaced, ...swapped].filter(isChecked).map(written))];
}

function readValues(text: string): number[] | null {
  const folded = text
    .normalize('NFKC')
    .toUpperCase()
    .replace(/[\s\p{Pd}\u2212\u30FC]/gu, '')
    .replaceAll('O', '0')
    .replace(/[IL]/g, '1');
  if (folded.length !== RANDOM_CHARACTERS + 1) return null;
  const values = [...folded].map((character) => VALUES.get(character));
  return values.every((value) => value !== undefined) ? values : null;
}

function isChecked(values: readonly number[]): boolean {
  return checkValue(values.slice(0, RANDOM_CHARACTERS)) === values[RANDOM_CHARACTERS];
}

function written(values: readonly number[]): string {
  return values.map((value) => ALPHABET[value]).join('');
}

// Horner's scheme in GF(32): position i has the weight a^(8-i), the check character the weight 1. All weights differ
// and none is zero; in a field that is what makes single errors and swaps show. Modulo 32 it would not: 32 has divisors.
function checkValue(values: readonly number[]): number {
  return values.reduce((sum, value) => timesA(sum ^ value), 0);
}

/** Multiplies by the element a of GF(32) = GF(2)[a] / (a^5 + a^2 + 1), which generates all 31 non-zero elements. */
function timesA(value: number): number {
  return (value << 1) ^ (value & 16 ? 0b100101 : 0);
}
