import { sql } from 'kysely';
import type { Db } from '../../db/database.ts';
import type { ReturnReason } from './decide-return.ts';

/**
 * `open`: no later letter was planned. `readdressed`: one was, since it came back. `reprinted`: it had been printed once
 * more before, for the same address, and that letter stands for it.
 */
export const returnedStates = ['open', 'readdressed', 'reprinted'] as const;
export type ReturnedState = (typeof returnedStates)[number];

export interface ReturnedFilter {
  notice?: string;
  reason?: ReturnReason;
  state?: ReturnedState;
}

/** A letter that has come back. References and ids, nothing of the person. */
export interface ReturnedLetter {
  id: string;
  noticeId: string;
  personId: string;
  reference: string;
  generation: number;
  reason: string;
  postedOn: string | null;
  returnedAt: Date;
  state: ReturnedState;
  /** The letter that was planned instead. */
  next: { deliveryId: string; state: string; reason: string | null } | null;
  /** What all deliveries of the notice to the person add up to. */
  outcome: string;
}

/** By the reason for which the later letter was planned. */
const returnedState = sql`
  case when l.id is null then 'open' when l.reason like '%\\_readdressed' then 'readdressed' else 'reprinted' end`;

/** Letters that have come back, in the order of their ids, after one of them. */
export async function pageReturned(
  db: Db,
  { notice, reason, state }: ReturnedFilter,
  afterId: string,
  limit: number,
): Promise<ReturnedLetter[]> {
  const { rows } = await sql<ReturnedLetter>`
    select d.id, d.notice_id as "noticeId", d.person_id as "personId", p.reference, d.generation, d.reason,
      b.posted_on as "postedOn", d.updated_at as "returnedAt", p.outcome,
      ${returnedState} as state,
      case when l.id is not null
        then jsonb_build_object('deliveryId', l.id::text, 'state', l.state, 'reason', l.reason) end as next
    from deliveries d
    join notice_persons p on p.notice_id = d.notice_id and p.person_id = d.person_id
    left join letter_batches b on b.id = d.letter_batch_id
    left join deliveries l on l.id = d.replaced_by
    where d.state = 'returned' and d.id > ${afterId}
      and (${notice ?? null}::bigint is null or d.notice_id = ${notice ?? null})
      and (${reason ?? null}::text is null or d.reason = ${reason ?? null})
      and (${state ?? null}::text is null or ${returnedState} = ${state ?? null})
    order by d.id limit ${limit}`.execute(db);
  return rows;
}
