import { sql } from 'kysely';
import type { Db } from '../../db/database.ts';
import { OwabiError } from '../../errors.ts';
import { getBatch } from './hand-over.store.ts';
import { planTracking, readTrackingNumbers, type TrackedLetter, type TrackingProblem } from './tracking-numbers.ts';

/** The letters of a batch in print order, those that were replaced or came back too. */
export async function trackedLetters(db: Db, batchId: string): Promise<TrackedLetter[]> {
  return await db
    .selectFrom('deliveries as d')
    .innerJoin('notice_persons as p', (join) =>
      join.onRef('p.notice_id', '=', 'd.notice_id').onRef('p.person_id', '=', 'd.person_id'),
    )
    .select(['d.id', 'p.reference', 'd.state', 'd.tracking_number as trackingNumber'])
    .select(sql<number>`d.sequence`.as('sequence'))
    .where('d.letter_batch_id', '=', batchId)
    .where('d.sequence', 'is not', null)
    .orderBy('d.sequence')
    .execute();
}

export interface TrackingOptions {
  /** The lines that can be taken are taken although others cannot. */
  partial: boolean;
  /** A letter may get another number than it has. */
  replace: boolean;
}

export interface TakenTracking {
  /** Lines. */
  taken: number;
  /** The first of the lines that are wrong. */
  problems: TrackingProblem[];
  /** All of them. */
  problemCount: number;
}

/** Listed of one file: a file of another batch is wrong in every line. */
const MOST_PROBLEMS = 1_000;

/**
 * Writes down what the post calls the letters of a batch. The same file again changes nothing.
 * @returns how many lines were taken, and what is wrong with the others
 * @throws OwabiError `not_found`; `wrong_state` before the batch is rendered; `tracking_refused` with `problems` and
 * `problemCount` when a line is wrong and `partial` is not said
 */
export async function takeTracking(
  trx: Db,
  batchId: string,
  csv: Uint8Array,
  { partial, replace }: TrackingOptions,
): Promise<TakenTracking> {
  // Else the batch could be cancelled meanwhile: its letters would take the numbers with them into another.
  await sql`select id from letter_batches where id = ${batchId} for no key update`.execute(trx);
  const batch = await getBatch(trx, batchId);
  if (!['rendered', 'handed_over', 'posted'].includes(batch.state)) {
    throw new OwabiError('wrong_state', `The batch is ${batch.state}: it has no letters that could be tracked.`);
  }
  // Two files at once would each not see the numbers of the other.
  await sql`select id from notices where id = ${batch.notice_id} for no key update`.execute(trx);
  const read = readTrackingNumbers(csv);
  const letters = await trackedLetters(trx, batchId);
  const taken = await numbersElsewhere(
    trx,
    batchId,
    batch.notice_id,
    read.lines.map(({ number }) => number),
  );
  const plan = planTracking(read.lines, letters, taken, replace);
  const all = [...read.problems, ...plan.problems].sort((a, b) => a.line - b.line);
  const found = { problems: all.slice(0, MOST_PROBLEMS), problemCount: all.length };
  if (all.length > 0 && !partial) throw new OwabiError('tracking_refused', undefined, found);
  const ids = plan.take.map(({ id }) => id);
  // Emptied first: within a file that corrects, letters may change their numbers with each other.
  await sql`update deliveries set tracking_number = null where id = any (${ids}::bigint[])`.execute(trx);
  await sql`
    update deliveries d set tracking_number = t.number
    from unnest(${ids}::bigint[], ${plan.take.map(({ number }) => number)}::text[]) as t (id, number)
    where d.id = t.id`.execute(trx);
  return { taken: plan.take.length, ...found };
}

async function numbersElsewhere(db: Db, batchId: string, noticeId: string, numbers: string[]): Promise<Set<string>> {
  const { rows } = await sql<{ number: string }>`
    select tracking_number as number from deliveries
    where notice_id = ${noticeId} and tracking_number = any (${numbers}::text[])
      and letter_batch_id is distinct from ${batchId}`.execute(db);
  return new Set(rows.map(({ number }) => number));
}
