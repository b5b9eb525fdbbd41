import { sql } from 'kysely';
import type { Db } from '../db/database.ts';
import type { Services } from '../services.ts';

/** The ways by which reports come in. */
export const reportWays = ['smtp', 'imap', 'api', 'ses', 'sendgrid', 'mailgun', 'postmark'] as const;
export type ReportWay = (typeof reportWays)[number];

/** The largest report that is taken, in bytes: a whole message that came back, with room. */
export const MOST_REPORT_BYTES = 32 * 1024 * 1024;

/** A report as it came. */
export interface NewReport {
  way: ReportWay;
  /** What the way itself calls this event: the same from the same way is kept once. Null: it has no name for it. */
  wayKey?: string | null;
  /** The bounce addresses to which it came. */
  envelope?: string[];
  bytes: Buffer;
  /** The operator who gave it. */
  receivedBy?: string | null;
}

/**
 * Keeps a report, sealed, to be read afterwards. It is durable when this returns: before that nobody may be told that we
 * have it.
 * @returns its id, and whether the same way had brought the same event before
 */
export async function storeReport(
  { db, vault, hint }: Pick<Services, 'db' | 'vault' | 'hint'>,
  { way, wayKey = null, envelope = [], bytes, receivedBy = null }: NewReport,
): Promise<{ id: string; repeated: boolean }> {
  const key = wayKey === null ? null : vault.reception.lookupKey(`report of ${way}`, wayKey);
  const sealed = vault.reception.seal('report', bytes);
  // In one statement: a report costs one commit. One task that nobody has taken yet is enough, however many wait.
  const { rows } = await sql<{ id: string | null; taskId: string | null }>`
    with kept as (
      insert into reports (way, way_key, envelope, sealed, bytes, received_by)
      values (${way}, ${key}::uuid, ${envelope}, ${sealed}, ${bytes.length}, ${receivedBy})
      on conflict (way, way_key) where way_key is not null do nothing
      returning id
    ), asked as (
      insert into tasks (kind, subject_id)
      select 'read-reports', 0 from kept
      where not exists (select from tasks where kind = 'read-reports' and worker_id is null)
      returning id
    )
    select (select id from kept) as id, (select id from asked) as "taskId"`.execute(db);
  const { id = null, taskId = null } = rows[0] ?? {};
  if (taskId !== null) hint('read-reports', taskId);
  return id === null ? { id: await findReport(db, way, key), repeated: true } : { id, repeated: false };
}

/**
 * Makes sure of a task when a report is due: one that was put off, one whose reader died, one that came in while the last
 * task found nothing more to read.
 * @returns the id of a new task; null when none is needed
 */
export async function wakeReading(db: Db): Promise<string | null> {
  const { rows } = await sql<{ id: string }>`
    insert into tasks (kind, subject_id)
    select 'read-reports', 0
    where exists (select from reports where state = 'waiting' and due_at <= now())
      and not exists (select from tasks where kind = 'read-reports' and worker_id is null)
    returning id`.execute(db);
  return rows[0]?.id ?? null;
}

async function findReport(db: Db, way: ReportWay, key: string | null): Promise<string> {
  const { rows } = await sql<{ id: string }>`
    select id from reports where way = ${way} and way_key = ${key}::uuid`.execute(db);
  return rows[0]?.id ?? '';
}
