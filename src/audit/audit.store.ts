import type { Db } from '../db/database.ts';

/**
 * Writes down who looked at, decided or changed something. `detail` holds ids and codes, never personal data.
 */
export async function audit(
  db: Db,
  userId: string,
  action: string,
  subjectKind: string,
  subjectId: string | null,
  detail: Record<string, string | number | boolean | null> = {},
): Promise<void> {
  await db
    .insertInto('audit_events')
    .values({
      user_id: userId,
      action,
      subject_kind: subjectKind,
      subject_id: subjectId,
      detail: JSON.stringify(detail),
    })
    .execute();
}
