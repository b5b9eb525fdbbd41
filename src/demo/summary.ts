import type { NoticeStats } from './api.ts';
import { type Check, failedChecks } from './checks.ts';
import type { Played } from './play.ts';
import type { BatchStates } from './print-house.ts';
import { count } from './progress.ts';

/** The figures of the whole demo as a table for the terminal. */
export function summary(played: Played): string {
  const { lists, warning, apology, afterwards, atLast, incident, letters, batches, checks } = played;
  return [
    table([
      ['list', 'rows', '= accepted', '+ merged', '+ quarantined', 'exposures'],
      ...lists.map(([name, { rows, exposures }]) => [
        name,
        ...[rows.total, rows.accepted, rows.merged, rows.quarantined, exposures].map(count),
      ]),
    ]),
    `${count(incident.persons)} persons; ${count(incident.exposures.total)} exposures.`,
    table([
      ['notice', 'persons', '= reached', '+ in progress', '+ unreached', '+ excluded', 'balanced', 'simulated'],
      personsLine('warning', warning),
      personsLine('apology', apology),
      personsLine('the day after', afterwards),
      personsLine('at last', atLast),
    ]),
    `warning, emails: ${states(warning.email)}`,
    `apology, emails: ${states(apology.email)}`,
    `apology, letters: ${states(apology.letter)}`,
    `the day after, emails: ${states(afterwards.email)}`,
    `the day after, letters: ${states(afterwards.letter)}`,
    `at last, letters: ${states(atLast.letter)}`,
    'In progress are the letters that are not yet posted. Unreached by the warning is who has no email or whose mail server refused; at last, whose letter came back and nobody knows where to send it.',
    table([['letter batch', 'letters', '= posted', '+ returned', 'pages', 'kg', 'state'], ...batches.map(batchLine)]),
    `What the print house gets (letters.pdf, manifest.csv, summary.pdf, SHA256SUMS), downloaded over the interface:\n${letters.map(({ dir }) => `  ${dir}`).join('\n')}`,
    verdict(checks),
  ].join('\n\n');
}

function personsLine(name: string, { persons, balanced, simulated }: NoticeStats): string[] {
  const figures = [persons.total, persons.reached, persons.inProgress, persons.unreached, persons.excluded].map(count);
  return [name, ...figures, balanced ? 'yes' : 'NO', simulated ? 'yes' : 'NO'];
}

function batchLine({ number, letters, pages, state, states: parts, weightGrams }: BatchStates): string[] {
  const figures = [letters, parts.posted ?? 0, parts.returned ?? 0, pages].map(count);
  return [String(number), ...figures, (((weightGrams ?? 0) * letters) / 1000).toFixed(2), state];
}

function states({ total, ...parts }: Record<string, number>): string {
  const present = Object.entries(parts).filter(([, figure]) => figure > 0);
  return `${count(total ?? 0)} = ${present.map(([state, figure]) => `${count(figure)} ${state}`).join(' + ') || '0'}`;
}

function verdict(checks: Check[]): string {
  const failed = failedChecks(checks);
  if (failed.length === 0) return `All ${checks.length} figures are what they must be.`;
  const lines = failed.map(({ what, is, shouldBe }) => `  ${what}: is ${is}, should be ${shouldBe}`);
  return `${failed.length} of ${checks.length} figures are WRONG:\n${lines.join('\n')}`;
}

function table(rows: string[][]): string {
  const widths = (rows[0] ?? []).map((_, i) => Math.max(...rows.map((row) => (row[i] ?? '').length)));
  return rows
    .map((row) =>
      row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0))).join('  '),
    )
    .join('\n');
}
