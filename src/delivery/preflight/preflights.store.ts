import { type Selectable, sql } from 'kysely';
import type { Db } from '../../db/database.ts';
import type { Preflights } from '../../db/schema.ts';
import { OwabiError } from '../../errors.ts';
import { type Check, type PreflightResult, resultOf } from './checks.ts';

/** A preflight as it was found. */
export interface Preflight {
  id: string;
  /** The notice before whose submission it ran; null: on demand. */
  noticeId: string | null;
  at: Date;
  result: PreflightResult;
  checks: Check[];
}

function read(row: Selectable<Preflights>): Preflight {
  return {
    ...{ id: row.id, noticeId: row.notice_id, at: row.at, result: row.result as PreflightResult },
    checks: row.checks as unknown as Check[],
  };
}

/** Keeps what was found. */
export async function keepPreflight(
  db: Db,
  { by, noticeId, checks }: { by: string; noticeId: string | null; checks: readonly Check[] },
): Promise<Preflight> {
  const row = await db
    .insertInto('preflights')
    .values({
      ...{ created_by: by, notice_id: noticeId, result: resultOf(checks) },
      checks: JSON.stringify(checks),
    })
    .returningAll()
    .executeTakeFirstOrThrow();
  return read(row);
}

/** @throws OwabiError `not_found` */
export async function getPreflight(db: Db, id: string): Promise<Preflight> {
  const row = await db.selectFrom('preflights').selectAll().where('id', '=', id).executeTakeFirst();
  if (!row) throw new OwabiError('not_found', 'There is no preflight with this id.');
  return read(row);
}

/** Preflights, the latest first. @param before only earlier ones than the one with this id */
export async function listPreflights(db: Db, before: string | null, limit: number): Promise<Preflight[]> {
  const rows = await db
    .selectFrom('preflights')
    .selectAll()
    .$if(before !== null, (query) => query.where('id', '<', before))
    .orderBy('id', 'desc')
    .limit(limit)
    .execute();
  return rows.map(read);
}

/** The latest preflight of each of these notices that has had one, by the notice's id. */
export async function latestPreflights(
  db: Db,
  noticeIds: readonly string[],
): Promise<Map<string, Pick<Preflight, 'id' | 'result'>>> {
  const { rows } = await sql<{ notice_id: string; id: string; result: PreflightResult }>`
    select distinct on (notice_id) notice_id, id, result from preflights
    where notice_id = any(${noticeIds}::bigint[]) order by notice_id, id desc`.execute(db);
  return new Map(rows.map(({ notice_id, id, result }) => [notice_id, { id, result }]));
}
