import { sql } from 'kysely';
import { type Db, inTransaction } from '../../db/database.ts';
import { OwabiError } from '../../errors.ts';
import type { Services } from '../../services.ts';
import type { IncidentVault } from '../../vault/vault.ts';
import { lockPersonsOf } from '../matching/match.store.ts';
import { isAsked } from './candidate.store.ts';
import { mergePersons } from './merge-persons.store.ts';
import { findPersons, type PersonRow } from './person.store.ts';
import { standing } from './person-changes.store.ts';
import { voidNoticesAbout } from './person-desk.store.ts';
import { type Decided, sealReason } from './seal-reason.ts';
import { undoLocked } from './undo-change.store.ts';

type Needs = Pick<Services, 'db' | 'vault'>;

export type CandidateStatus = 'open' | 'merged' | 'apart';

interface CandidateRow {
  id: string;
  incidentId: string;
  reason: string;
  status: CandidateStatus;
  listId: string | null;
  decidedAt: Date | null;
  decidedReason: Buffer | null;
  /** The two as they are shown: once merged, as they were. */
  low: string;
  high: string;
}

/** Two persons who may be one, as an operator sees them. */
export interface Candidate extends Omit<CandidateRow, 'decidedReason' | 'low' | 'high'> {
  decidedReason: string | null;
  persons: { row: PersonRow; exposures: number }[];
}

const columns = sql`
  c.id, c.incident_id as "incidentId", c.reason, c.status, c.list_id as "listId", c.decided_at as "decidedAt",
  c.reason_sealed as "decidedReason",
  case when c.status = 'merged' then c.person_id else c.low_id end as low,
  case when c.status = 'merged' then c.other_id else c.high_id end as high`;

/** A pair that is one person by now, or that another row says, is not asked and not shown. */
const isShown = sql<boolean>`case c.status
  when 'open' then ${isAsked('c')}
  when 'apart' then c.low_id <> c.high_id and not exists (
    select 1 from candidates d
    where d.low_id = c.low_id and d.high_id = c.high_id and d.status = 'apart' and d.id < c.id)
  else true end`;

/** Pairs of an incident in the order in which they were found. */
export async function pageCandidates(
  db: Db,
  vault: IncidentVault,
  incidentId: string,
  { status, after, limit }: { status: CandidateStatus; after: string; limit: number },
): Promise<Candidate[]> {
  const { rows } = await sql<CandidateRow>`
    select ${columns} from candidates c
    where c.incident_id = ${incidentId} and c.status = ${status} and c.id > ${after} and ${isShown}
    order by c.id limit ${limit}`.execute(db);
  return withPersons(db, vault, rows);
}

async function withPersons(db: Db, vault: IncidentVault, rows: readonly CandidateRow[]): Promise<Candidate[]> {
  const ids = [...new Set(rows.flatMap(({ low, high }) => [low, high]))];
  const persons = new Map((await findPersons(db, ids)).map((row) => [row.id, row]));
  const { rows: sums } = await sql<{ id: string; units: number }>`
    select person_id as id, sum(units)::int as units from exposures
    where person_id = any (${ids}::bigint[]) group by person_id`.execute(db);
  const units = new Map(sums.map((sum) => [sum.id, sum.units]));
  return rows.map(({ decidedReason, low, high, ...row }) => ({
    ...row,
    decidedReason: decidedReason && vault.open('reason', decidedReason).toString(),
    persons: [low, high].flatMap((id) => {
      const person = persons.get(id);
      return person ? [{ row: person, exposures: units.get(id) ?? 0 }] : [];
    }),
  }));
}

interface Deciding {
  trx: Db;
  vault: IncidentVault;
  candidate: CandidateRow;
  by: Decided;
}

/**
 * Makes one person of two; the one known first stays.
 * @throws OwabiError `not_found`; `wrong_state` unless the pair is open
 */
export async function mergeCandidate(needs: Needs, candidateId: string, by: Decided): Promise<Candidate> {
  return decide(needs, candidateId, by, async ({ trx, vault, candidate }) => {
    await requireAsked(trx, candidate);
    const { id, incidentId, low, high } = candidate;
    await write(trx, candidate, 'merged', vault, by);
    const cause = { incidentId, userId: by.userId, listId: null, candidateId: id, reason: by.reason };
    await mergePersons(trx, vault, [{ from: high, into: low }], cause);
    await voidNoticesAbout(trx, incidentId, [low, high]);
  });
}

/**
 * Decides that two are two: no list joins them by itself.
 * @throws OwabiError `not_found`; `wrong_state` unless the pair is open
 */
export async function keepCandidateApart(needs: Needs, candidateId: string, by: Decided): Promise<Candidate> {
  return decide(needs, candidateId, by, async ({ trx, vault, candidate }) => {
    await requireAsked(trx, candidate);
    await write(trx, candidate, 'apart', vault, by);
  });
}

/**
 * Takes a decision back: the pair is open again. A merge is undone.
 * @throws OwabiError `not_found`; `wrong_state` when the pair is open, or a later change rests on its merge
 */
export async function reopenCandidate(needs: Needs, candidateId: string, by: Decided): Promise<Candidate> {
  return decide(needs, candidateId, by, async ({ trx, vault, candidate }) => {
    if (candidate.status === 'open') throw new OwabiError('wrong_state', 'The pair is open.');
    if (candidate.status === 'merged') {
      const [change] = await standing(trx, sql<boolean>`kind = 'merge' and detail ->> 'candidate' = ${candidate.id}`);
      if (!change) throw new Error(`candidate ${candidate.id} was merged by no change that stands`);
      await undoLocked({ trx, vault, change, by });
      return;
    }
    if (candidate.low === candidate.high) {
      throw new OwabiError('wrong_state', 'The two are one person by now.');
    }
    await trx
      .updateTable('candidates')
      .set({ status: 'open', decided_by: null, decided_at: null, reason_sealed: null })
      .where('id', '=', candidate.id)
      .execute();
  });
}

async function decide(
  { db, vault }: Needs,
  candidateId: string,
  by: Decided,
  work: (deciding: Deciding) => Promise<void>,
): Promise<Candidate> {
  return inTransaction(db, async (trx) => {
    const { incidentId } = await requireCandidate(trx, candidateId);
    await lockPersonsOf(trx, incidentId);
    const incidentVault = await vault.forIncident(incidentId);
    await work({ trx, vault: incidentVault, candidate: await requireCandidate(trx, candidateId), by });
    const [decided] = await withPersons(trx, incidentVault, [await requireCandidate(trx, candidateId)]);
    if (!decided) throw new Error(`candidate ${candidateId} is lost`);
    return decided;
  });
}

async function requireCandidate(trx: Db, candidateId: string): Promise<CandidateRow> {
  const { rows } = await sql<CandidateRow>`
    select ${columns} from candidates c where c.id = ${candidateId}`.execute(trx);
  if (!rows[0]) throw new OwabiError('not_found', 'There is no pair of candidates with this id.');
  return rows[0];
}

async function requireAsked(trx: Db, { id, status, low, high }: CandidateRow): Promise<void> {
  if (status !== 'open') {
    const done = status === 'merged' ? 'merged' : 'kept apart';
    throw new OwabiError('wrong_state', `The pair was ${done} already; reopen it first.`);
  }
  if (low === high) throw new OwabiError('wrong_state', 'The two are one person by now.');
  const { rows } = await sql<{ id: string; status: string }>`
    select d.id, d.status from candidates d
    where d.low_id = ${low} and d.high_id = ${high} and d.id <> ${id}
      and (d.status = 'apart' or (d.status = 'open' and d.id < ${id}))
    order by d.status, d.id limit 1`.execute(trx);
  if (rows[0]) {
    const extra = { candidateId: rows[0].id };
    throw new OwabiError('wrong_state', `The same two persons are candidate ${rows[0].id}: decide there.`, extra);
  }
}

async function write(
  trx: Db,
  { id }: CandidateRow,
  status: CandidateStatus,
  vault: IncidentVault,
  { reason, userId }: Decided,
): Promise<void> {
  await sql`update candidates set status = ${status}, decided_by = ${userId}, decided_at = now(),
            reason_sealed = ${sealReason(vault, reason)} where id = ${id}`.execute(trx);
}
