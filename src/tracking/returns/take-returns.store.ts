import { type Kysely, sql } from 'kysely';
import { type Db, inTransaction } from '../../db/database.ts';
import type { DB } from '../../db/schema.ts';
import { formatReference } from '../../intake/persons/reference.ts';
import { decideReturn, type KnownLetter, type ReturnDecision, type ReturnReason } from './decide-return.ts';
import { type MailNumber, readScan, type Scan } from './read-scan.ts';

/** A letter that came back, as somebody at the desk says it. */
export interface GivenReturn {
  /** Typed, or whatever the scanner read. */
  reference: string;
  reason: ReturnReason;
  /** Where the person has letters of several notices, or several of one. */
  notice?: string;
  delivery?: string;
}

export interface TakenReturn extends ReturnDecision {
  /** As it is printed; as it was given when it cannot be read. */
  reference: string;
  /** It is no reference, or its check character is wrong: a slip of the fingers or of the scanner. */
  mistyped: boolean;
  /** References of posted letters that differ from a mistyped one in one character, or by a swap of neighbours. */
  near: string[];
}

/**
 * Writes down which letters came back and why, all in one transaction; the ledger derives what follows for the persons.
 * Needs no key: references and deliveries stay when an incident's data are destroyed. What is said a second time changes
 * nothing, and what cannot be taken does not stop the rest.
 * @returns one answer for each, in their order
 */
export async function takeReturns(
  db: Kysely<DB>,
  given: readonly GivenReturn[],
  userId: string,
): Promise<TakenReturn[]> {
  const read = given.map(({ reference }) => readScan(reference));
  return inTransaction(db, async (trx) => {
    const scans = await Promise.all(read.map((scan) => (scan.mail ? findByMail(trx, scan, scan.mail) : scan)));
    const letters = await lockLetters(trx, scans);
    const near = await postedAmong(
      trx,
      scans.flatMap((scan) => scan.near),
    );
    const at = await timeOf(trx);
    const reasons = new Map<string, ReturnReason>();
    const taken = given.map((one, i): TakenReturn => {
      const scan = scans[i] as FoundScan;
      const known = scan.reference === null ? null : (letters.get(scan.reference) ?? null);
      const said = {
        noticeId: one.notice ?? null,
        deliveryId: one.delivery ?? scan.deliveryId ?? null,
        ...{ sequence: scan.sequence, generation: scan.generation },
      };
      const decision = decideReturn(said, known);
      const letter = known?.find(({ deliveryId }) => deliveryId === decision.deliveryId);
      if (decision.result === 'returned' && letter) {
        reasons.set(letter.deliveryId, one.reason);
        // Given twice at once, it is returned once.
        Object.assign(letter, { state: 'returned', returnedAt: at });
      }
      return {
        ...{ ...decision, choices: decision.choices.map((choice) => ({ ...choice })) },
        reference: scan.reference === null ? one.reference : formatReference(scan.reference),
        mistyped: scan.reference === null && scan.mail === null,
        near: scan.near.filter((reference) => near.has(reference)).map(formatReference),
      };
    });
    await writeReturns(trx, reasons, userId);
    return taken;
  });
}

/** What this transaction writes as the time of its steps, ISO 8601. */
async function timeOf(trx: Db): Promise<string> {
  const { rows } = await sql<{ at: Date }>`select now() as at`.execute(trx);
  return (rows[0] as { at: Date }).at.toISOString();
}

/** A scan that may name one letter, by its serial number with the post. */
interface FoundScan extends Scan {
  deliveryId?: string;
}

/** The letter with the serial number of a barcode. Numbers begin anew some day: then it is the last one that has it. */
async function findByMail(trx: Db, scan: Scan, { mailerId, serial }: MailNumber): Promise<FoundScan> {
  const { rows } = await sql<{ reference: string; deliveryId: string }>`
    select q.reference, d.id as "deliveryId"
    from deliveries d join notices n on n.id = d.notice_id join persons q on q.id = d.person_id
    where d.mail_serial = ${serial} and d.channel = 'letter' and d.state in ('posted', 'returned')
      and n.snapshot #>> '{letterProfile,mailer,mailerId}' = ${mailerId}
    order by d.id desc limit 1`.execute(trx);
  return rows[0] ? { ...scan, ...rows[0] } : scan;
}

/** All letters of the persons who are named, by reference. A person who has none is known none the less. */
async function lockLetters(trx: Db, scans: readonly Scan[]): Promise<Map<string, KnownLetter[]>> {
  const references = scans.flatMap(({ reference }) => reference ?? []);
  if (references.length === 0) return new Map();
  const { rows: known } = await sql<{ reference: string }>`
    select reference from persons where reference = any (${references}::text[])`.execute(trx);
  // Notices first, and all in one order by everybody: so two desks never wait for each other in a ring.
  await sql`
    select id from notices where id in (
      select d.notice_id from persons q join deliveries d on d.person_id = q.id
      where q.reference = any (${references}::text[]) and d.channel = 'letter')
    order by id for no key update`.execute(trx);
  const { rows } = await sql<Omit<KnownLetter, 'returnedAt'> & { reference: string; returnedAt: Date | null }>`
    with named as materialized (
      select q.id from persons q where q.reference = any (${references}::text[])
    ), locked as materialized (
      select d.* from deliveries d
      where d.person_id in (select id from named) and d.channel = 'letter' order by d.id for no key update of d
    )
    select q.reference, d.id as "deliveryId", d.notice_id as "noticeId", d.generation, d.state, d.sequence,
      case when d.state in ('posted', 'returned') then b.posted_on end as "postedOn",
      case when d.state = 'returned' then d.updated_at end as "returnedAt"
    from locked d join persons q on q.id = d.person_id left join letter_batches b on b.id = d.letter_batch_id
    order by d.id`.execute(trx);
  const byReference = Map.groupBy(rows, ({ reference }) => reference);
  return new Map(
    known.map(({ reference }) => [
      reference,
      (byReference.get(reference) ?? []).map(({ reference: _, returnedAt, ...letter }) => ({
        ...letter,
        returnedAt: returnedAt?.toISOString() ?? null,
      })),
    ]),
  );
}

async function postedAmong(trx: Db, references: readonly string[]): Promise<Set<string>> {
  if (references.length === 0) return new Set();
  const { rows } = await sql<{ reference: string }>`
    select q.reference from persons q
    where q.reference = any (${references}::text[])
      and exists (select from deliveries d where d.person_id = q.id and d.channel = 'letter' and d.state = 'posted')`.execute(
    trx,
  );
  return new Set(rows.map(({ reference }) => reference));
}

async function writeReturns(trx: Db, reasons: ReadonlyMap<string, ReturnReason>, userId: string): Promise<void> {
  if (reasons.size === 0) return;
  await sql`
    with said as (
      select * from unnest(${[...reasons.keys()]}::bigint[], ${[...reasons.values()]}::text[]) as r (id, reason)
    ), returned as (
      update deliveries d set state = 'returned', reason = said.reason
      from said where d.id = said.id and d.state = 'posted' returning d.id, d.notice_id, d.reason
    ), audited as (
      insert into audit_events (user_id, action, subject_kind, subject_id, detail)
      select ${userId}, 'letter.returned', 'delivery', id, jsonb_build_object('reason', reason) from returned order by id
    )
    -- What was complete is counted again.
    update notices set updated_at = now()
    where status = 'completed' and id in (select notice_id from returned)`.execute(trx);
}
