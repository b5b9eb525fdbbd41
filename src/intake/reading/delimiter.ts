import { OwabiError } from '../../errors.ts';
import { isBlank, makeCsvReader } from './csv.ts';

const DELIMITERS = [',', '\t', ';', '|'];

/**
 * The delimiter of a list, found from its first lines: the one that cuts most of them into as many cells as the header
 * has. A comma in every address does not win against it, nor does one that stands within quotation marks.
 * @param start the first lines; the last one may be cut off
 * @param whole whether there is nothing after them
 */
export function delimiterOf(start: string, whole: boolean): string {
  const found = DELIMITERS.map((delimiter) => ({ delimiter, ...fitOf(countCells(start, whole, delimiter)) }));
  const [best] = found.sort((a, b) => b.share - a.share || b.cells - a.cells);
  return best && best.cells > 1 ? best.delimiter : ',';
}

/** `sep=;` on the first line is how a CSV tells Excel its delimiter, and no header. */
export function namedDelimiter(start: string): { delimiter: string; length: number } | null {
  const match = /^"?sep=([,;|\t])"?(?:\r\n|\n|\r)/i.exec(start);
  return match?.[1] === undefined ? null : { delimiter: match[1], length: match[0].length };
}

function countCells(start: string, whole: boolean, delimiter: string): number[] {
  const reader = makeCsvReader(delimiter);
  const records = [];
  try {
    records.push(...reader.push(start));
    if (whole || records.length === 0) records.push(...reader.end());
  } catch (error) {
    // Cut at the wrong character, a quotation mark closes in the middle of a cell. What was read before is judged.
    if (!(error instanceof OwabiError)) throw error;
    return [];
  }
  return records.filter(({ cells }) => !isBlank(cells)).map(({ cells }) => cells.length);
}

/** The number of cells that most records have, and how many have it; halved when the header has another. */
function fitOf(counts: readonly number[]): { cells: number; share: number } {
  const times = new Map<number, number>();
  for (const count of counts) times.set(count, (times.get(count) ?? 0) + 1);
  const [cells, most] = [...times].sort(([a, n], [b, m]) => m - n || b - a)[0] ?? [1, 0];
  if (cells < 2) return { cells: 1, share: 0 };
  return { cells, share: (most / counts.length) * (counts[0] === cells ? 1 : 0.5) };
}
