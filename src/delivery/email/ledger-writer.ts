import { keepTrying } from '../../tasks/keep-trying.ts';
import type { AttemptResult, Mark } from '../ledger.store.ts';
import { groupWriter } from './group-writer.ts';

/** Writes marks and results to the ledger, gathered over all connections of a worker. */
export interface LedgerWriter {
  /** Whether the body may go out; true only when "submitting" is durable. Rejects when it cannot be written. */
  mark(delivery: Mark): Promise<boolean>;
  /** Resolves when the result is durable. A result is true whenever it is written, so it is tried for a minute. */
  record(result: AttemptResult): Promise<void>;
}

/** More than the window lets wait at once. */
const STEPS_AT_ONCE = 250;

type Step = { mark: Mark; result?: undefined } | { result: AttemptResult; mark?: undefined };

/** @param writeSteps writes both in one durable statement and gives the ids that may be sent */
export function makeLedgerWriter(
  writeSteps: (marks: Mark[], results: AttemptResult[]) => Promise<Set<string>>,
): LedgerWriter {
  const write = groupWriter(STEPS_AT_ONCE, (steps: Step[]) =>
    writeSteps(
      steps.flatMap((step) => step.mark ?? []),
      steps.flatMap((step) => step.result ?? []),
    ),
  );
  return {
    mark: async (mark) => (await write({ mark })).has(mark.id),
    async record(result) {
      await keepTrying(() => write({ result }));
    },
  };
}
