/** Text as it stands on a page, made comparable with what was meant. */
import type { TextRun } from '../pdf/ink.ts';

/** Runs whose baselines differ by less stand on one line. */
const ONE_LINE_MM = 0.5;

/** Spaces are places on paper; what is meant and what is read have different ones. */
export const withoutBlanks = (text: string): string => text.replace(/\s/gu, '');

/** In the order of reading, line by line from the left, whatever the order of printing. Without blanks. */
export function readInOrder(runs: TextRun[]): string {
  const sorted = runs.toSorted((a, b) => a.y - b.y);
  const lines: TextRun[][] = [];
  for (const run of sorted) {
    const line = lines.at(-1);
    if (line && run.y - (line[0] as TextRun).y < ONE_LINE_MM) line.push(run);
    else lines.push([run]);
  }
  return withoutBlanks(
    lines
      .flatMap((line) => line.toSorted((a, b) => a.x - b.x))
      .map(({ text }) => text)
      .join(''),
  );
}

/** Whether the text has the characters of these texts, in whatever order they were printed, and no others. */
export function hasOnly(printed: string, expected: string[]): boolean {
  const wanted = withoutBlanks(expected.join(''));
  return printed === wanted || sorted(printed) === sorted(wanted);
}

const sorted = (text: string): string => [...text].sort().join('');

/** What most have; of two that are equally many the one that came first. */
export function mostCommon<T>(values: Iterable<T>): T | undefined {
  const counts = new Map<T, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  let most: [T | undefined, number] = [undefined, 0];
  for (const [value, count] of counts) if (count > most[1]) most = [value, count];
  return most[0];
}
