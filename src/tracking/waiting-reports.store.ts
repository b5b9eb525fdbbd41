import { sql } from 'kysely';
import type { Db } from '../db/database.ts';
import type { ReportWay } from './reports.store.ts';

/** A report that has been taken to be read. */
export interface TakenReport {
  id: string;
  way: ReportWay;
  envelope: string[];
  incidentId: string | null;
  sealed: Buffer;
  /** This try's number, from 1. */
  tries: number;
}

/** What has been begun so often without an end is left to a person. */
const MOST_TRIES = 5;
const AT_ONCE = 100;
/** What is taken at once is in memory at once; one report may be larger than this. */
const BYTES_AT_ONCE = 4 * 1024 * 1024;
/** After so long whoever took a report is taken for dead. */
const CLAIM_SECONDS = 60;

/**
 * Takes reports that are due. That they are tried is written down before they are read, so that what kills its reader is
 * known: it is taken alone from then on, and no more after five times.
 * @param which those that nobody has tried, many at once; or one that has been tried
 */
export async function takeReports(db: Db, which: 'fresh' | 'tried'): Promise<TakenReport[]> {
  const [tried, most] = which === 'fresh' ? [sql`tries = 0`, AT_ONCE] : [sql`tries between 1 and ${MOST_TRIES - 1}`, 1];
  const { rows } = await sql<TakenReport>`
    with due as (
      select id, bytes from reports where state = 'waiting' and due_at <= now() and ${tried}
      order by due_at limit ${most} for update skip locked
    ), fitting as (
      select id from (select id, sum(bytes) over (order by id) - bytes as before from due) d
      where before < ${BYTES_AT_ONCE}
    )
    update reports r set tries = r.tries + 1, due_at = now() + make_interval(secs => ${CLAIM_SECONDS})
    from fitting where r.id = fitting.id
    returning r.id, r.way, r.envelope, r.incident_id as "incidentId", r.sealed, r.tries`.execute(db);
  return rows.toSorted((a, b) => Number(BigInt(a.id) - BigInt(b.id)));
}

/** A report that could not be read is due again, later each time. */
export async function releaseReport(db: Db, id: string): Promise<void> {
  await sql`
    update reports set due_at = now() + make_interval(secs => 2 ^ tries)
    where id = ${id} and state = 'waiting'`.execute(db);
}

/** Reports that could not be written down together are due at once, each alone. */
export async function releaseTogether(db: Db, ids: string[]): Promise<void> {
  await sql`update reports set due_at = now() where id = any (${ids}::bigint[]) and state = 'waiting'`.execute(db);
}

/** Gives up what was begun five times, by whomever, without an end. @returns their ids */
export async function giveUpReports(db: Db): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`
    update reports set state = 'unreadable', finished_at = now()
    where state = 'waiting' and due_at <= now() and tries >= ${MOST_TRIES}
    returning id`.execute(db);
  return rows.map(({ id }) => id);
}
