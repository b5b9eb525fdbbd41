import { type RawBuilder, sql } from 'kysely';
import type { Db } from '../db/database.ts';

/**
 * Takes back every notice of an incident that is frozen, approved or paused and has not begun to send: what it says or whom it goes
 * to has changed, and nobody has approved that. It is a draft again; its snapshot is dropped.
 */
export async function voidNotices(db: Db, incidentId: string): Promise<string[]> {
  const rows = await db
    .updateTable('notices')
    .set({
      ...{ status: 'draft', digest: null, persons: null, snapshot: null, problems: '[]' },
      ...{ submitted_by: null, submitted_at: null, approved_by: null, approved_at: null, paused_because: null },
      ...{ audited_at: null, audit_agreed: null, version: sql`version + 1`, updated_at: sql`now()` },
    })
    .where('incident_id', '=', incidentId)
    .where('status', 'in', ['freezing', 'awaiting_approval', 'approved', 'paused'])
    .where('started_at', 'is', null)
    .returning('id')
    .execute();
  for (const { id } of rows) {
    await sql`select drop_snapshot(${id})`.execute(db);
    await db.deleteFrom('tasks').where('kind', '=', 'freeze-notice').where('subject_id', '=', id).execute();
  }
  return rows.map((row) => row.id);
}

/**
 * Whether a list, or rows of it, accepted in this transaction change a person who was known before and whom a notice that
 * has not started holds as they were. New persons change no notice: they are in nobody's audience yet.
 */
export async function changesFrozenPersons(trx: Db, incidentId: string, listId: string): Promise<boolean> {
  return unstartedNoticesHold(
    trx,
    incidentId,
    sql`select q.id from persons q
      where q.incident_id = ${incidentId} and q.created_at < now()
        and (q.updated_at = now()
          or exists (select 1 from exposures e where e.person_id = q.id and e.list_id = ${listId}
                     and e.created_at = now()))`,
  );
}

/**
 * Whether marks that were set or ended in this transaction change a notice that has not started: somebody in it is to be
 * left out now, or was left out and is so no more. Whoever is released from a hold is in nobody's audience yet, like a
 * person who has just become known.
 */
export async function marksChangeNotices(trx: Db, incidentId: string): Promise<boolean> {
  // A draft that is submitted from here on waits for this transaction: its snapshot would not hold these marks.
  await sql`select id from notices where incident_id = ${incidentId} and status = 'draft' for share`.execute(trx);
  return unstartedNoticesHold(
    trx,
    incidentId,
    sql`select distinct person_id as id from person_marks
      where incident_id = ${incidentId} and (marked_at = now() or (ended_at = now() and kind <> 'hold'))`,
  );
}

/** Whether a notice that has not started holds any of these persons; one that is being frozen may hold everybody. */
async function unstartedNoticesHold(trx: Db, incidentId: string, persons: RawBuilder<unknown>): Promise<boolean> {
  const { rows } = await sql<{ changes: boolean }>`
    with changed as (${persons})
    select exists (
      select 1 from notices n
      where n.incident_id = ${incidentId} and n.started_at is null
        and ((n.status = 'freezing' and exists (select 1 from changed))
          or (n.status in ('awaiting_approval', 'approved', 'paused') and exists (
            select 1 from notice_persons p join changed c on c.id = p.person_id where p.notice_id = n.id)))) as changes
  `.execute(trx);
  return rows[0]?.changes ?? false;
}
