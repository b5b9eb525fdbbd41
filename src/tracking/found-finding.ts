import type { FailureClass } from '../delivery/email/classify-failure.ts';
import type { MatchedBy } from './applying/report-plan.ts';
import type { Finding, FindingKind } from './reading/finding.ts';

/** What is kept in the clear of a finding: nothing of a person. Another shape needs a migration: it is stored. */
export interface FoundFinding {
  kind: FindingKind;
  class: FailureClass | null;
  status: string | null;
  rule: string;
  /** The delivery of which it was written down; null: of none. */
  deliveryId: string | null;
  matchedBy: MatchedBy | null;
  /** Deliveries to its recipient's address, for a person to choose from. */
  candidates: string[];
}

const MOST_CANDIDATES = 50;

/** What may be kept of a finding in the clear, and of which delivery it is. Pure. */
export function foundFinding(
  { kind, class: failure, status, rule }: Finding,
  of: { delivery: { id: string } | null; matchedBy: MatchedBy | null; candidates: readonly string[] },
): FoundFinding {
  return {
    ...{ kind, class: failure, status: clearStatus(status), rule: clearRule(rule) },
    ...{ deliveryId: of.delivery?.id ?? null, matchedBy: of.matchedBy },
    candidates: of.candidates.slice(0, MOST_CANDIDATES),
  };
}

/** A status code of RFC 3463; null for whatever else a report puts in its place: it may be anything. Pure. */
export function clearStatus(status: string | null): string | null {
  return status !== null && /^[245]\.\d{1,3}\.\d{1,3}$/.test(status) ? status : null;
}

const LONGEST_RULE = 120;

/** The name of a rule; whatever of it is no word of ours is left out, for part of it may come from outside. Pure. */
export const clearRule = (rule: string): string =>
  rule.slice(0, LONGEST_RULE).replace(/[^A-Za-z0-9_.:/ -]|[^ ]*@[^ ]*/g, '?');
