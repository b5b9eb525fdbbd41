import { sql } from 'kysely';
import type { Db } from '../../db/database.ts';
import { serialDigits } from '../../rendering/barcode/intelligent-mail.ts';
import type { Task } from '../../tasks/task.store.ts';
import type { BatchFiles } from './batch-files.ts';
import type { LetterWeight } from './letter-weight.ts';
import { printedPerson } from './printed-person.store.ts';

export interface OpenLetter {
  id: string;
  locale: string;
  /** Sealed `FrozenPerson`. */
  sealed: Buffer;
}

/** Letters that are due and in no batch yet, in the order of their ids after one of them. */
export async function openLetters(db: Db, noticeId: string, afterId: string, limit: number): Promise<OpenLetter[]> {
  return await db
    .selectFrom('deliveries as d')
    .innerJoin('notice_persons as p', (join) =>
      join.onRef('p.notice_id', '=', 'd.notice_id').onRef('p.person_id', '=', 'd.person_id'),
    )
    .select(['d.id', 'p.locale', printedPerson.as('sealed')])
    .where('d.notice_id', '=', noticeId)
    .where('d.channel', '=', 'letter')
    .where('d.state', '=', 'pending')
    .where('d.letter_batch_id', 'is', null)
    .where('d.id', '>', afterId)
    .orderBy('d.id')
    .limit(limit)
    .execute();
}

/** What the letters of a batch have in common when it is made. */
interface BatchTraits {
  locale: string;
  country: string;
  /** Whose serial numbers its barcodes have; null: they have none. */
  mailerId?: string | null;
}

/** Makes a batch of letters in the given order. */
export async function createBatch(
  db: Db,
  noticeId: string,
  deliveryIds: string[],
  { locale, country, mailerId = null }: BatchTraits,
): Promise<void> {
  const serial = mailerId === null ? null : await takeSerials(db, mailerId, deliveryIds.length);
  await sql`
    with batch as (
      insert into letter_batches (notice_id, number, state, letters, locale, country)
      select ${noticeId}, coalesce(max(number), 0) + 1, 'rendering', ${deliveryIds.length}, ${locale}, ${country}
      from letter_batches where notice_id = ${noticeId} returning id
    )
    update deliveries d set letter_batch_id = batch.id, sequence = l.sequence,
      mail_serial = (${serial?.first ?? null}::bigint + l.sequence - 1) % ${serial?.round ?? 1}::bigint
    from batch, unnest(${deliveryIds}::bigint[]) with ordinality as l (id, sequence)
    where d.id = l.id and d.state = 'pending' and d.letter_batch_id is null`.execute(db);
}

/**
 * Takes serial numbers of a mailer, one after the other. After `round` of them they begin anew: USPS wants no number
 * twice within 45 days, which holds for a billion letters with a mailer id of six digits, a million with one of nine.
 */
async function takeSerials(db: Db, mailerId: string, count: number): Promise<{ first: string; round: number }> {
  const { rows } = await sql<{ first: string }>`
    insert into mailer_serials as m (mailer_id, used) values (${mailerId}, ${count})
    on conflict (mailer_id) do update set used = m.used + excluded.used
    returning used - ${count}::bigint as first`.execute(db);
  return { first: rows[0]?.first as string, round: 10 ** serialDigits(mailerId) };
}

/** Writes down how many open letters filled no batch. */
export async function leaveLetters(db: Db, noticeId: string, letters: number): Promise<void> {
  await sql`update notices set letters_left = ${letters} where id = ${noticeId}`.execute(db);
}

/** Batches of a notice that are not rendered yet. */
export async function batchesToRender(db: Db, noticeId: string): Promise<string[]> {
  const rows = await db
    .selectFrom('letter_batches')
    .select('id')
    .where('notice_id', '=', noticeId)
    .where('state', '=', 'rendering')
    .orderBy('number')
    .execute();
  return rows.map((row) => row.id);
}

/** Writes down that a batch is about to be rendered. @returns its tries that came to nothing, this one included */
export async function beginTry(db: Db, batchId: string): Promise<number> {
  const { render_tries } = await db
    .updateTable('letter_batches')
    .set({ render_tries: sql`render_tries + 1` })
    .where('id', '=', batchId)
    .returning('render_tries')
    .executeTakeFirstOrThrow();
  return render_tries;
}

/** A try that came to nothing through no fault of the batch. */
export async function takeTryBack(db: Db, batchId: string): Promise<void> {
  await sql`update letter_batches set render_tries = render_tries - 1 where id = ${batchId} and render_tries > 0`.execute(
    db,
  );
}

/** Somebody will look at the notice before it goes on: then its batches are tried as often again. */
export async function forgetTries(db: Db, noticeId: string): Promise<void> {
  await sql`update letter_batches set render_tries = 0 where notice_id = ${noticeId} and render_tries > 0`.execute(db);
}

export interface BatchLetter extends OpenLetter {
  reference: string;
  contentHash: Buffer;
  mailSerial: number | null;
  generation: number;
}

/**
 * Whether a batch was cancelled after letters were last to be closed: its letters wait for the next cut-off or for an
 * operator, and would otherwise fill the same batch again. A task that is tried again has closed them already.
 */
export async function wasCancelledSince(db: Db, task: Task): Promise<boolean> {
  const { rows } = await sql`
    select 1 from tasks t join notices n on n.id = t.subject_id join letter_batches b on b.notice_id = n.id
    where t.id = ${task.id}
      and b.cancelled_at >= case when t.amount is null then t.created_at else least(t.created_at, n.letters_closed_at) end
    limit 1`.execute(db);
  return rows.length > 0;
}

/** The letters of a batch that are still to be printed, in print order. */
export async function lettersOf(db: Db, batchId: string): Promise<BatchLetter[]> {
  const rows = await db
    .selectFrom('deliveries as d')
    .innerJoin('notice_persons as p', (join) =>
      join.onRef('p.notice_id', '=', 'd.notice_id').onRef('p.person_id', '=', 'd.person_id'),
    )
    .select([
      'd.id',
      'd.content_hash',
      'd.mail_serial as mailSerial',
      'd.generation',
      'p.reference',
      'p.locale',
      printedPerson.as('sealed'),
    ])
    .where('d.letter_batch_id', '=', batchId)
    .where('d.state', '=', 'pending')
    .orderBy('d.sequence')
    .execute();
  return rows.map(({ content_hash, ...row }) => ({ ...row, contentHash: content_hash ?? Buffer.alloc(0) }));
}

export interface PrintedLetter {
  id: string;
  sequence: number;
  firstPage: number;
  pages: number;
}

/** A letter of the batch was cancelled or changed while it was typeset: typeset again without it. */
export class BatchChanged extends Error {}

/** A letter that the batch goes without, and why: a code. */
export interface UnprintableLetter {
  id: string;
  reason: string;
}

/** What is known of a batch when its files lie there. Hash: of `letters.pdf`. Null: nothing was printed. */
export interface BatchFigures {
  pages: number;
  sha256: string;
  files: BatchFiles;
  weight: LetterWeight;
}

/** Keeps a rendered batch: its letters become `rendered`, those that cannot be printed `unprintable`. */
export async function keepBatch(
  db: Db,
  batchId: string,
  printed: PrintedLetter[],
  unprintable: UnprintableLetter[],
  figures: BatchFigures | null,
): Promise<void> {
  const batch = await db
    .updateTable('letter_batches')
    .set({
      ...{ state: figures ? 'rendered' : 'cancelled', letters: printed.length, pages: figures?.pages ?? 0 },
      ...{ sha256: figures?.sha256 ?? null, files: figures ? JSON.stringify(figures.files) : null },
      ...{ sheets: figures?.weight.sheets ?? null, weight_g: figures?.weight.grams ?? null, rendered_at: sql`now()` },
    })
    .where('id', '=', batchId)
    .where('state', '=', 'rendering')
    .returning('id')
    .executeTakeFirst();
  if (!batch) throw new BatchChanged('the batch is no longer to be rendered');
  const { rows } = await sql<{ id: string }>`
    update deliveries d set state = 'rendered', sequence = l.sequence, first_page = l.first_page, pages = l.pages
    from unnest(${printed.map((l) => l.id)}::bigint[], ${printed.map((l) => l.sequence)}::int[],
      ${printed.map((l) => l.firstPage)}::int[], ${printed.map((l) => l.pages)}::int[])
      as l (id, sequence, first_page, pages)
    where d.id = l.id and d.state = 'pending' and d.letter_batch_id = ${batchId} returning d.id`.execute(db);
  if (rows.length !== printed.length) throw new BatchChanged('letters of the batch were cancelled meanwhile');
  await sql`
    update deliveries d set state = 'unprintable', reason = u.reason, letter_batch_id = null, sequence = null
    from unnest(${unprintable.map((u) => u.id)}::bigint[], ${unprintable.map((u) => u.reason)}::text[]) as u (id, reason)
    where d.id = u.id and d.state = 'pending'`.execute(db);
  // What was cancelled while the batch was typeset is not in its file: another letter has its sequence.
  await sql`
    update deliveries set letter_batch_id = null, sequence = null
    where letter_batch_id = ${batchId} and state <> 'rendered'`.execute(db);
}

/** Whether letters of a notice may be rendered now; in a transaction it stays so until that ends. */
export async function isSending(db: Db, noticeId: string): Promise<boolean> {
  const row = await db
    .selectFrom('notices')
    .select('id')
    .where('id', '=', noticeId)
    .where('status', '=', 'sending')
    .forShare()
    .executeTakeFirst();
  return row !== undefined;
}
