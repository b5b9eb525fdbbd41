import { sql } from 'kysely';
import type { Db } from '../../src/db/database.ts';

export interface NoticeRows {
  noticeId: string;
  incidentId: string;
  /** Delivery ids in the order of the persons. */
  deliveries: string[];
}

/** A sending notice with one pending email for each of `persons`, written as the freeze writes it. */
export async function sendingNotice(
  db: Db,
  persons: number,
  channels = 'email',
  letterProblem: string | null = null,
): Promise<NoticeRows> {
  const one = async <T>(query: { execute(db: Db): Promise<{ rows: T[] }> }): Promise<T> => {
    const row = (await query.execute(db)).rows[0];
    if (!row) throw new Error('no row');
    return row;
  };
  const user = await one(sql<{ id: string }>`insert into users (name, roles) values ('u', '{operator}') returning id`);
  const incident = await one(sql<{ id: string }>`
    insert into incidents (title, locale, time_zone, facts, created_by)
    values ('t', 'ja', 'Asia/Tokyo', '{}', ${user.id}) returning id`);
  const notice = await one(sql<{ id: string }>`
    insert into notices (incident_id, template, channels, audience, status, persons, created_by, approved_at)
    values (${incident.id}, 'apology', ${channels}, '{"all": true}', 'sending', ${persons}, ${user.id}, now()) returning id`);
  await sql`
    with p as (
      insert into persons (incident_id, reference, sealed, has_email, has_address)
      select ${incident.id}, 'R' || ${notice.id}::text || '-' || n, '\\x00', true, true from generate_series(1, ${persons}::int) n
      returning id, reference)
    insert into notice_persons (notice_id, person_id, reference, locale, sealed, letter_hash, letter_problem, outcome)
    select ${notice.id}, id, reference, 'ja', '\\x00', '\\x01', ${letterProblem}, 'in_progress' from p order by id`.execute(
    db,
  );
  const { rows } = await sql<{ id: string }>`
    insert into deliveries (notice_id, person_id, channel, state, content_hash)
    select ${notice.id}, person_id, 'email', 'pending', '\\x02' from notice_persons where notice_id = ${notice.id}
    order by person_id returning id`.execute(db);
  return { noticeId: notice.id, incidentId: incident.id, deliveries: rows.map((row) => row.id) };
}

/** The counters of a notice as `channel state: n`, those at zero left out. */
export async function countsOf(db: Db, noticeId: string): Promise<Record<string, number>> {
  const { rows } = await sql<{ name: string; n: number }>`
    select channel || ' ' || state as name, n::int from notice_counts where notice_id = ${noticeId} and n <> 0 order by 1`.execute(
    db,
  );
  return Object.fromEntries(rows.map(({ name, n }) => [name, n]));
}
