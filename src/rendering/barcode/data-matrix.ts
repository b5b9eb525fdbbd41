/** DataMatrix with ECC 200 (ISO/IEC 16022), in the sizes that have one block: enough for a letter's mark. */

/** Sides in modules, codewords of data, codewords that correct errors (table 7). */
const SIZES: readonly (readonly [side: number, data: number, correcting: number])[] = [
  [10, 3, 5],
  [12, 5, 7],
  [14, 8, 10],
  [16, 12, 12],
  [18, 18, 14],
  [20, 22, 18],
  [22, 30, 20],
  [24, 36, 24],
  [26, 44, 28],
];

export interface DataMatrix {
  /** Rows from the top, each from the left; true is dark. Square; without the quiet zone of one module all round. */
  modules: boolean[][];
  /** Data and padding, before the codewords that correct errors. */
  codewords: number[];
}

/**
 * @param text ASCII
 * @param leastSide modules; so that marks of different lengths have one size
 * @returns null when the text is too long for 26 modules, or not ASCII
 */
export function dataMatrix(text: string, leastSide = 10): DataMatrix | null {
  if ([...text].some((character) => character.charCodeAt(0) > 127)) return null;
  const plain = asciiCodewords(text);
  const size = SIZES.find(([side, data]) => side >= leastSide && data >= plain.length);
  if (!size) return null;
  const [side, data, correcting] = size;
  const codewords = padded(plain, data);
  const bits = place([...codewords, ...correction(codewords, correcting)], side - 2);
  return { modules: framed(bits, side), codewords };
}

/** One codeword for two digits or one character (5.2.3). */
function asciiCodewords(text: string): number[] {
  const parts = text.match(/\d\d|./gs) ?? [];
  return parts.map((part) => (part.length === 2 ? 130 + Number(part) : part.charCodeAt(0) + 1));
}

/** The first filler ends the data, the others are scattered (5.2.3, annex B.1). */
function padded(codewords: readonly number[], length: number): number[] {
  return Array.from({ length }, (_none, i) => {
    if (i <= codewords.length) return codewords[i] ?? 129;
    const scattered = 129 + ((149 * (i + 1)) % 253) + 1;
    return scattered > 254 ? scattered - 254 : scattered;
  });
}

// Of 2 in GF(256) with 0x12D.
const POWERS = new Uint8Array(255);
const LOGARITHMS = new Uint8Array(256);
for (let [i, power] = [0, 1]; i < 255; i++) {
  POWERS[i] = power;
  LOGARITHMS[power] = i;
  power = power > 127 ? (power * 2) ^ 0x12d : power * 2;
}

function times(a: number, b: number): number {
  return a === 0 || b === 0 ? 0 : (POWERS[((LOGARITHMS[a] ?? 0) + (LOGARITHMS[b] ?? 0)) % 255] ?? 0);
}

const generators = new Map(SIZES.map(([, , correcting]) => [correcting, generatorOf(correcting)]));

/** (x + 2)(x + 4)…, highest power first and without its 1 (annex E). */
function generatorOf(degree: number): number[] {
  let polynomial = [1];
  for (let i = 1; i <= degree; i++) {
    const root = POWERS[i] ?? 0;
    polynomial = [...polynomial, 0].map((factor, at) => factor ^ times(root, polynomial[at - 1] ?? 0));
  }
  return polynomial.slice(1);
}

/** Reed-Solomon: what is left of the data divided by the generator. */
function correction(codewords: readonly number[], length: number): number[] {
  const generator = generators.get(length) ?? [];
  let rest = generator.map(() => 0);
  for (const codeword of codewords) {
    const factor = codeword ^ (rest[0] ?? 0);
    rest = generator.map((one, i) => (rest[i + 1] ?? 0) ^ times(one, factor));
  }
  return rest;
}

type Cells = readonly (readonly [row: number, column: number])[];

const cellsOf = (text: string): Cells =>
  text.split(' ').map((cell) => {
    const [row = 0, column = 0] = cell.split(',').map(Number);
    return [row, column];
  });

/** Rows and columns of a codeword's eight bits as seen from its last, the highest bit first (figure F.1). */
const UTAH = cellsOf('-2,-2 -2,-1 -1,-2 -1,-1 -1,0 0,-2 0,-1 0,0');

/** At four places of the walk a codeword lies in the corners instead (figures F.3 to F.6). Negative: from the end. */
const CORNERS: readonly { at: (row: number, column: number, side: number) => boolean; cells: Cells }[] = [
  {
    at: (row, column, side) => row === side && column === 0,
    cells: cellsOf('-1,0 -1,1 -1,2 0,-2 0,-1 1,-1 2,-1 3,-1'),
  },
  {
    at: (row, column, side) => row === side - 2 && column === 0 && side % 4 !== 0,
    cells: cellsOf('-3,0 -2,0 -1,0 0,-4 0,-3 0,-2 0,-1 1,-1'),
  },
  {
    at: (row, column, side) => row === side - 2 && column === 0 && side % 8 === 4,
    cells: cellsOf('-3,0 -2,0 -1,0 0,-2 0,-1 1,-1 2,-1 3,-1'),
  },
  {
    at: (row, column, side) => row === side + 4 && column === 2 && side % 8 === 0,
    cells: cellsOf('-1,0 -1,-1 0,-3 0,-2 0,-1 1,-3 1,-2 1,-1'),
  },
];

/** Puts the bits of all codewords in their places (annex F): diagonals up and down, wrapped at the edges. */
function place(codewords: readonly number[], side: number): boolean[][] {
  const bits: (boolean | null)[][] = Array.from({ length: side }, () => Array.from({ length: side }, () => null));
  let next = 0;
  const put = (cells: Cells) => {
    const codeword = codewords[next++] ?? 0;
    for (const [i, [row, column]] of cells.entries()) {
      const line = bits[row];
      if (line) line[column] = ((codeword >> (7 - i)) & 1) === 1;
    }
  };
  const putUtah = (row: number, column: number) => {
    const isFree = row >= 0 && row < side && column >= 0 && column < side && bits[row]?.[column] === null;
    if (isFree) put(UTAH.map(([down, right]) => wrapped(row + down, column + right, side)));
  };
  let [row, column] = [4, 0];
  while (row < side || column < side) {
    for (const { at, cells } of CORNERS) {
      if (at(row, column, side)) put(cells.map(([down, right]) => [(down + side) % side, (right + side) % side]));
    }
    do {
      putUtah(row, column);
      [row, column] = [row - 2, column + 2];
    } while (row >= 0 && column < side);
    [row, column] = [row + 1, column + 3];
    do {
      putUtah(row, column);
      [row, column] = [row + 2, column - 2];
    } while (row < side && column >= 0);
    [row, column] = [row + 3, column + 1];
  }
  // What is left in the lower right corner is a fixed pattern.
  return bits.map((line, y) => line.map((bit, x) => bit ?? (x + y) % 2 === 0));
}

function wrapped(row: number, column: number, side: number): [row: number, column: number] {
  const shift = 4 - ((side + 4) % 8);
  const [y, x] = row < 0 ? [row + side, column + shift] : [row, column];
  return x < 0 ? [y + shift, x + side] : [y, x];
}

/** The border by which a scanner finds it: solid at the left and below, dots above and at the right. */
function framed(bits: readonly boolean[][], side: number): boolean[][] {
  const last = side - 1;
  return Array.from({ length: side }, (_row, y) =>
    Array.from({ length: side }, (_column, x) => {
      if (x === 0 || y === last) return true;
      if (y === 0) return x % 2 === 0;
      if (x === last) return y % 2 === 1;
      return bits[y - 1]?.[x - 1] ?? false;
    }),
  );
}
