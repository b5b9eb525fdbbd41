import { type RawBuilder, type Selectable, sql } from 'kysely';
import type { Db } from '../../db/database.ts';
import type { LetterBatches } from '../../db/schema.ts';
import { OwabiError } from '../../errors.ts';
import { type SaidDay, saidDayProblem } from './said-day.ts';

export type BatchRow = Selectable<LetterBatches>;

/** @throws OwabiError `not_found` */
export async function getBatch(db: Db, id: string): Promise<BatchRow & { incidentId: string }> {
  const row = await db
    .selectFrom('letter_batches as b')
    .innerJoin('notices as n', 'n.id', 'b.notice_id')
    .selectAll('b')
    .select('n.incident_id as incidentId')
    .where('b.id', '=', id)
    .executeTakeFirst();
  if (!row) throw new OwabiError('not_found', 'There is no letter batch with this id.');
  return row;
}

/** What a printer says that it has. */
export interface Acknowledgement {
  at: string;
  letters: number;
  pages: number;
  /** Of its `letters.pdf`, hex: tells another batch of the same figures. */
  sha256?: string | undefined;
}

/** The letters of a batch by the states that they are in now: a letter that was printed again is `replaced`. */
export async function statesOf(db: Db, id: string): Promise<Record<string, number>> {
  const { rows } = await sql<{ state: string; n: number }>`
    select case when state = 'cancelled' and replaced_by is not null then 'replaced' else state end as state, count(*)::int as n
    from deliveries where letter_batch_id = ${id} group by 1 order by 1`.execute(db);
  return Object.fromEntries(rows.map(({ state, n }) => [state, n]));
}

export interface BatchName {
  id: string;
  /** In its notice, from 1. */
  number: number;
}

/** Batches of the same notice that nobody has acknowledged and whose figures are those of this one. */
export async function batchesAlike(db: Db, { id, notice_id, letters, pages }: BatchRow): Promise<BatchName[]> {
  return await db
    .selectFrom('letter_batches')
    .select(['id', 'number'])
    .where('notice_id', '=', notice_id)
    .where('state', '=', 'rendered')
    .where('letters', '=', letters)
    .where('pages', '=', pages)
    .where('id', '!=', id)
    .orderBy('id')
    .execute();
}

/**
 * The printer acknowledged a batch.
 * @throws OwabiError `figures_differ` when the printer counts otherwise than we do, or has another file; `invalid_body` for
 * a mistyped date; `wrong_state`
 */
export async function handOver(trx: Db, id: string, acknowledged: Acknowledgement): Promise<BatchRow> {
  const batch = await getBatch(trx, id);
  const counted = ['rendered', 'handed_over', 'posted'].includes(batch.state);
  if (counted && (batch.letters !== acknowledged.letters || batch.pages !== acknowledged.pages)) {
    throw new OwabiError(
      'figures_differ',
      `The batch has ${batch.letters} letters and ${batch.pages} pages, not ${acknowledged.letters} and ${acknowledged.pages}.`,
      { letters: batch.letters, pages: batch.pages },
    );
  }
  if (counted && acknowledged.sha256 !== undefined && acknowledged.sha256.toLowerCase() !== batch.sha256) {
    throw new OwabiError('figures_differ', 'The printer has another letters.pdf than that of this batch.', {
      sha256: batch.sha256,
    });
  }
  await sql`
    update letter_batches set differed_at = null where id = ${id} and state in ('rendered', 'handed_over', 'posted')`.execute(
    trx,
  );
  // Said again because the answer was lost, or counted again rightly: it is known.
  if (batch.state === 'posted') return batch;
  if (batch.state === 'rendered')
    await refuseMistypedDay(trx, id, 'at', sql`(${acknowledged.at}::timestamptz at time zone i.time_zone)::date`);
  return await step(trx, id, ['rendered', 'handed_over'], {
    state: 'handed_over',
    handed_over_at: acknowledged.at,
  });
}

/**
 * A printer acknowledged a batch with other figures than ours, be it the second time: operators are told, and nothing of it
 * is posted, until it is acknowledged rightly. When it was posted before, wrong letters may be in the post.
 */
export async function noteDifference(db: Db, id: string): Promise<void> {
  await sql`
    update letter_batches set differed_at = now()
    where id = ${id} and state in ('rendered', 'handed_over', 'posted')`.execute(db);
}

/**
 * The batch was given to the post on a date.
 * @throws OwabiError `wrong_state` unless it was handed over; `figures_differ` when the printer last said other figures;
 * `invalid_body` for a mistyped date
 */
export async function post(trx: Db, id: string, on: string): Promise<BatchRow> {
  await sql`select id from letter_batches where id = ${id} for no key update`.execute(trx);
  const { state, differed_at } = await getBatch(trx, id);
  if (state === 'handed_over' && differed_at !== null) {
    throw new OwabiError(
      'figures_differ',
      'The printer has acknowledged other figures since: it must acknowledge those of the batch before it is posted.',
    );
  }
  if (state === 'handed_over') await refuseMistypedDay(trx, id, 'on', sql`${on}::date`);
  return await step(trx, id, ['handed_over', 'posted'], { state: 'posted', posted_on: on });
}

/** @param day of type date, in the time zone of incident `i` */
async function refuseMistypedDay(trx: Db, id: string, path: 'at' | 'on', day: RawBuilder<unknown>): Promise<void> {
  const written = (date: RawBuilder<unknown>) => sql`to_char(${date}, 'YYYY-MM-DD')`;
  const handedOver = path === 'on' ? sql`b.handed_over_at` : sql`null::timestamptz`;
  const { rows } = await sql<SaidDay>`
    select ${written(day)} as day, left(n.snapshot #>> '{facts,awareness,at}', 10) as "knownOn",
      ${written(sql`now() at time zone i.time_zone`)} as today,
      ${written(sql`${handedOver} at time zone i.time_zone`)} as "handedOverOn"
    from letter_batches b join notices n on n.id = b.notice_id join incidents i on i.id = n.incident_id
    where b.id = ${id}`.execute(trx);
  const problem = saidDayProblem(rows[0] as SaidDay);
  if (problem === null) return;
  const message = `${path} ${problem}`;
  throw new OwabiError('invalid_body', message, { errors: [{ path, message }] });
}

/** A step that is taken once and answered the same the second time. */
async function step(
  trx: Db,
  id: string,
  [from, to]: ['rendered', 'handed_over'] | ['handed_over', 'posted'],
  set: Record<string, unknown>,
): Promise<BatchRow> {
  const row = await trx
    .updateTable('letter_batches')
    .set(set)
    .where('id', '=', id)
    .where('state', '=', from)
    .returningAll()
    .executeTakeFirst();
  if (row) {
    await sql`update deliveries set state = ${to} where letter_batch_id = ${id} and state = ${from}`.execute(trx);
    return row;
  }
  const now = await getBatch(trx, id);
  if (now.state === to) return now;
  throw new OwabiError('wrong_state', `The batch is ${now.state}; this needs a batch that is ${from}.`);
}
