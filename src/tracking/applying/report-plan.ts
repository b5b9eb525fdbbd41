import type { FailureClass } from '../../delivery/email/classify-failure.ts';
import type { MarkKind } from '../matching/delivery-marks.ts';
import type { FindingKind } from '../reading/finding.ts';
import { effectOf } from './applied-state.ts';

/** By what it is known which delivery a report is about. */
export type MatchedBy = MarkKind | 'recipient' | 'operator';

/** One thing that a report says of a delivery. */
export interface Said {
  deliveryId: string;
  kind: FindingKind;
  class: FailureClass | null;
  status: string | null;
  rule: string;
  matchedBy: MatchedBy;
  /** It reports on another address than ours. */
  forwarded: boolean;
  /** Sealed under the key of the delivery's incident: as words of a report, and as the reply that a delivery keeps. */
  words: Buffer | null;
  reply: Buffer | null;
}

/** A change of a delivery's state. */
export interface Step {
  deliveryId: string;
  from: string;
  to: string;
  class: FailureClass | null;
  code: string | null;
  reply: Buffer | null;
}

/** What several reports say of deliveries, as it is to be written down. */
export interface ReportPlan {
  /** Reports that have come too early: nothing of them is written down yet. */
  waiting: Set<string>;
  /** Of one round no delivery takes two steps. */
  rounds: Step[][];
  /** Each thing once for each delivery, with how often it was said. */
  said: (Said & { reportId: string; applied: boolean; seen: number })[];
}

/**
 * Plans what reports do, one after the other, to deliveries in these states. A report of which any part comes too early
 * waits as a whole: applied in parts, its repeats would be counted wrong. Pure.
 * @param states of the deliveries, by id; what is said of others is left out
 */
export function planReports(
  reports: readonly { id: string; said: readonly Said[] }[],
  states: ReadonlyMap<string, string>,
): ReportPlan {
  const present = new Map(states);
  const steps: Step[] = [];
  const said = new Map<string, ReportPlan['said'][number]>();
  const waiting = new Set<string>();
  for (const report of reports) {
    const known = report.said.filter((one) => present.has(one.deliveryId));
    if (known.some((one) => effectOf(one.kind, present.get(one.deliveryId) ?? '') === 'wait')) {
      waiting.add(report.id);
      continue;
    }
    for (const one of known) {
      const step = stepOf(one, present.get(one.deliveryId) ?? '');
      if (step) {
        steps.push(step);
        present.set(step.deliveryId, step.to);
      }
      addSaid(said, { ...one, reportId: report.id, applied: step !== null, seen: 1 });
    }
  }
  return { waiting, rounds: inRounds(steps), said: [...said.values()] };
}

function stepOf({ deliveryId, kind, class: failure, status, reply }: Said, from: string): Step | null {
  const effect = effectOf(kind, from);
  if (typeof effect === 'string') return null;
  // Whoever was reached has not failed, whatever was said before: the order in which reports come leaves no trace.
  const failed = effect.to === 'bounced';
  return { deliveryId, from, to: effect.to, class: failed ? failure : null, code: failed ? status : null, reply };
}

function addSaid(said: Map<string, ReportPlan['said'][number]>, one: ReportPlan['said'][number]): void {
  const key = [one.deliveryId, one.kind, one.class, one.status].join(' ');
  const before = said.get(key);
  if (!before) said.set(key, one);
  else said.set(key, { ...before, applied: before.applied || one.applied, seen: before.seen + 1 });
}

/** The n-th step of each delivery is in the n-th round: the history shows every step, and one statement does many. */
function inRounds(steps: readonly Step[]): Step[][] {
  const taken = new Map<string, number>();
  const rounds: Step[][] = [];
  for (const step of steps) {
    const round = taken.get(step.deliveryId) ?? 0;
    taken.set(step.deliveryId, round + 1);
    rounds[round] = [...(rounds[round] ?? []), step];
  }
  return rounds;
}
