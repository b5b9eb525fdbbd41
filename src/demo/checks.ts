import type { IncidentStats, ListAnswer, NoticeStats } from './api.ts';
import type { AudienceFigures, ListFigures } from './expected.ts';

/** A figure that the service gave beside the one that it must be. */
export interface Check {
  what: string;
  is: number | string | boolean;
  shouldBe: number | string | boolean;
}

export function failedChecks(checks: Check[]): Check[] {
  return checks.filter(({ is, shouldBe }) => is !== shouldBe);
}

export function checkList(name: string, list: ListAnswer | undefined, expected: ListFigures): Check[] {
  if (!list) return [{ what: `${name}: accepted`, is: false, shouldBe: true }];
  const { total, accepted, merged, quarantined } = list.rows;
  return [
    { what: `${name}: rows`, is: total, shouldBe: expected.rows },
    { what: `${name}: sum of rows`, is: accepted + merged + quarantined, shouldBe: total },
    { what: `${name}: accepted`, is: accepted, shouldBe: expected.accepted },
    { what: `${name}: merged`, is: merged, shouldBe: expected.merged },
    { what: `${name}: quarantined`, is: quarantined, shouldBe: expected.quarantined },
    { what: `${name}: reasons`, is: sorted(list.reasons), shouldBe: sorted(expected.reasons) },
    { what: `${name}: exposures`, is: list.exposures, shouldBe: expected.exposures },
  ];
}

function sorted(reasons: Record<string, number>): string {
  return Object.entries(reasons)
    .sort()
    .map(([reason, count]) => `${reason} ${count}`)
    .join(', ');
}

export function checkIncident(stats: IncidentStats, persons: number, exposures: number): Check[] {
  return [
    { what: 'incident: persons', is: stats.persons, shouldBe: persons },
    { what: 'incident: exposures', is: stats.exposures.total, shouldBe: exposures },
  ];
}

/** Everybody with an address that the catcher does not refuse is reached; the others are the letters, if there are any. */
export function checkNotice(name: string, stats: NoticeStats, audience: AudienceFigures, letters: boolean): Check[] {
  const reached = audience.withEmail - audience.refused;
  const others = audience.persons - reached;
  const { persons, email, letter } = stats;
  return [
    { what: `${name}: persons`, is: persons.total, shouldBe: audience.persons },
    { what: `${name}: reached`, is: persons.reached, shouldBe: reached },
    { what: `${name}: in progress`, is: persons.inProgress, shouldBe: letters ? others : 0 },
    { what: `${name}: unreached`, is: persons.unreached, shouldBe: letters ? 0 : others },
    { what: `${name}: excluded`, is: persons.excluded, shouldBe: 0 },
    { what: `${name}: emails`, is: email.total, shouldBe: audience.withEmail },
    { what: `${name}: emails submitted`, is: email.submitted, shouldBe: reached },
    { what: `${name}: emails bounced`, is: email.bounced, shouldBe: audience.refused - audience.suppressed },
    { what: `${name}: emails suppressed`, is: email.suppressed, shouldBe: audience.suppressed },
    { what: `${name}: emails uncertain`, is: email.uncertain, shouldBe: 0 },
    { what: `${name}: letters`, is: letter.total, shouldBe: letters ? others : 0 },
    { what: `${name}: letters rendered`, is: letter.rendered, shouldBe: letters ? others : 0 },
    { what: `${name}: balanced`, is: stats.balanced, shouldBe: true },
    { what: `${name}: simulated`, is: stats.simulated, shouldBe: true },
    ...checkSums(name, stats),
  ];
}

/** Each total is the sum of its parts. */
export function checkSums(name: string, stats: NoticeStats): Check[] {
  return (['persons', 'email', 'letter'] as const).map((group) => {
    const { total, ...parts } = stats[group];
    return {
      what: `${name}: sum of ${group}`,
      is: Object.values(parts).reduce((sum, part) => sum + part, 0),
      shouldBe: total,
    };
  });
}
