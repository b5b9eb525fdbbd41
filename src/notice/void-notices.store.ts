import { sql } from 'kysely';
import type { Db } from '../db/database.ts';

/**
 * Takes back every notice of an incident that is frozen or approved and has not started: what it says or whom it goes
 * to has changed, and nobody has approved that. It is a draft again; its snapshot is dropped.
 */
export async function voidNotices(db: Db, incidentId: string): Promise<string[]> {
  const rows = await db
    .updateTable('notices')
    .set({
      ...{ status: 'draft', digest: null, persons: null, snapshot: null, problems: '[]' },
      ...{ submitted_by: null, submitted_at: null, approved_by: null, approved_at: null },
      ...{ audited_at: null, audit_agreed: null, version: sql`version + 1`, updated_at: sql`now()` },
    })
    .where('incident_id', '=', incidentId)
    .where('status', 'in', ['freezing', 'awaiting_approval', 'approved'])
    .returning('id')
    .execute();
  for (const { id } of rows) {
    await sql`select drop_snapshot(${id})`.execute(db);
    await db.deleteFrom('tasks').where('kind', '=', 'freeze-notice').where('subject_id', '=', id).execute();
  }
  return rows.map((row) => row.id);
}
