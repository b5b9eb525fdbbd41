import pg from 'pg';

/**
 * Makes of the persons of a frozen notice as many as are wanted, by copying one of them: bringing in and freezing a
 * million takes minutes. Each copy is sent to like any other.
 */
export async function multiply(url: string, noticeId: string, persons: number): Promise<void> {
  const client = new pg.Client(url);
  await client.connect();
  try {
    await client.query('begin');
    await client.query(
      `create temporary table one on commit drop as
       select d.*, p.reference, p.locale, p.sealed, p.outcome, (select count(*) from notice_persons where notice_id = $1) as n
       from deliveries d join notice_persons p using (notice_id, person_id) where d.notice_id = $1 limit 1`,
      [noticeId],
    );
    await client.query(
      `with made as (
         insert into persons (incident_id, reference, sealed, locale, has_email, has_address)
         select q.incident_id, 'X' || one.notice_id || '-' || i, q.sealed, q.locale, q.has_email, q.has_address
         from one join persons q on q.id = one.person_id, generate_series(one.n + 1, $1::int) i
         returning id, reference)
       insert into notice_persons (notice_id, person_id, reference, locale, sealed, outcome)
       select one.notice_id, made.id, made.reference, one.locale, one.sealed, one.outcome from made, one`,
      [persons],
    );
    await client.query(
      `insert into deliveries (notice_id, person_id, channel, state, content_hash, domain, lane, address_key)
       select p.notice_id, p.person_id, one.channel, one.state, one.content_hash, one.domain, one.lane, one.address_key
       from one join notice_persons p on p.notice_id = one.notice_id
       where not exists (select from deliveries d where d.notice_id = p.notice_id and d.person_id = p.person_id)`,
    );
    await client.query('update notices set persons = $1 where id = $2', [persons, noticeId]);
    await client.query('commit');
    await client.query('vacuum analyze');
  } finally {
    await client.end();
  }
}
