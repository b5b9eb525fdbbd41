import { sql } from 'kysely';
import type { Db } from '../db/database.ts';

/** Recounts a notice from its rows and its history, and writes down when that was and whether the counters agree. */
export async function recount(db: Db, noticeId: string): Promise<boolean> {
  const { rows } = await sql<{ agreed: boolean }>`
    update notices set audited_at = now(), audit_agreed = recount_notice(id),
      audit_seconds = extract(epoch from clock_timestamp() - statement_timestamp())
    where id = ${noticeId}
    returning audit_agreed as agreed`.execute(db);
  return rows[0]?.agreed ?? false;
}
