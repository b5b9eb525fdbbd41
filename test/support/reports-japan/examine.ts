import type { Finding, Reading } from '../../../src/tracking/reading/finding.ts';
import { factsFor, type ReportFactKind, type ReportFacts } from '../reports/facts.ts';
import type { JapanKind, Saying } from './japan-kind.ts';
import { postponements, receipts, refusals } from './sayings.ts';

/** Everything that a kind may be asked to say of one of its own recipients. */
export function sayingsOf(kind: JapanKind, what: ReportFactKind): readonly Saying[] {
  if (what === 'delay') return postponements;
  return what === 'bounce' ? (kind.sayings ?? refusals) : receipts;
}

/** One case to examine: what is told, and what has to be read from it. */
export function caseOf(
  kind: JapanKind,
  what: ReportFactKind,
  reply: Saying,
  local: string,
  attach: ReportFacts['attach'],
) {
  const domain = kind.domain ?? 'mail.example.com';
  return factsFor({
    ...{ kind: what, reply, attach, recipient: `${local}@${domain}` },
    ...{ sender: 'b+qk3v7w2m5xj4n6pa@bounce.example.jp', originalMessageId: '<n7.4c1d9e2f@example.jp>' },
  });
}

/**
 * What the reading has wrong of the facts, in words; nothing when it is right. Tells what was expected, what came, and by
 * which rule.
 */
export function faultsOf(kind: JapanKind, facts: ReportFacts, { findings }: Reading): string[] {
  const finding = findings.find(({ recipient }) => same(recipient, facts.recipient)) ?? findings[0];
  if (!finding) return ['no finding at all'];
  const faults: string[] = [];
  const expect = (what: string, expected: unknown, got: unknown, right: boolean) => {
    if (!right) faults.push(`${what}: expected ${expected}, got ${got} (by ${finding.rule})`);
  };
  expect('kind', facts.kind, finding.kind, finding.kind === facts.kind);
  if (kind.namesRecipient) {
    const right = [facts.recipient, kind.forwardedTo].some((one) => same(finding.recipient, one ?? null));
    expect('recipient', facts.recipient, finding.recipient, right);
  }
  const { status } = facts.reply;
  if (kind.showsStatus && status !== null && facts.kind === 'bounce') {
    expect('status', status, finding.status, finding.status === status);
  }
  if (facts.kind === 'bounce' || facts.kind === 'delay') expectClass(facts.reply, finding, expect);
  return faults;
}

function expectClass(
  reply: Saying,
  finding: Finding,
  expect: (what: string, expected: unknown, got: unknown, right: boolean) => void,
): void {
  const classes = [reply.class, ...(reply.orClass ?? [])];
  expect('class', classes.join(' or '), finding.class, finding.class !== null && classes.includes(finding.class));
}

const same = (a: string | null, b: string | null) => a !== null && b !== null && a.toLowerCase() === b.toLowerCase();
