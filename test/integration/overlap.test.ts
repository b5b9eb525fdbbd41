import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { OwabiError } from '../../src/errors.ts';
import { approveNotice } from '../../src/notice/notices.store.ts';
import { type TestDatabase, testDatabase } from '../support/database.ts';
import { sendingNotice } from '../support/notice-rows.ts';

type Outcome = 'reached' | 'in_progress' | 'unreached' | 'excluded';

let database: TestDatabase;
let approver: string;
let notices = 0;

beforeAll(async () => {
  database = await testDatabase();
  const { rows } = await sql<{ id: string }>`
    insert into users (name, roles) values ('an approver', '{approver}') returning id`.execute(database.db);
  approver = rows[0]?.id as string;
});
afterAll(() => database.close());

/** An incident with so many persons. */
async function incident(count: number): Promise<{ incidentId: string; persons: string[] }> {
  const { incidentId, noticeId } = await sendingNotice(database.db, count);
  const rows = await database.db
    .selectFrom('persons')
    .select('id')
    .where('incident_id', '=', incidentId)
    .orderBy('id')
    .execute();
  // Another template: nobody has been told what the others say.
  await sql`update notices set template = 'other' where id = ${noticeId}`.execute(database.db);
  return { incidentId, persons: rows.map(({ id }) => id) };
}

/** A notice to these persons, whatever it has come to. */
async function notice(
  incidentId: string,
  persons: [id: string | undefined, outcome: Outcome][],
  { status = 'sending', template = 'apology' } = {},
): Promise<string> {
  const { rows } = await sql<{ id: string }>`
    insert into notices (incident_id, template, channels, audience, status, digest, persons, created_by, approved_at)
    select ${incidentId}, ${template}, 'email', '{"all": true}', ${status}, 'digest', ${persons.length}, created_by,
      ${status === 'awaiting_approval' ? null : new Date()}
    from incidents where id = ${incidentId} returning id`.execute(database.db);
  const id = rows[0]?.id as string;
  for (const [person, outcome] of persons) {
    await sql`
      insert into notice_persons (notice_id, person_id, reference, locale, sealed, outcome)
      values (${id}, ${person}, ${`O${++notices}`}, 'ja', '\\x00', ${outcome})`.execute(database.db);
  }
  return id;
}

/** The overlap that approving asks for; null: it is approved without. */
async function overlapOf(noticeId: string, persons: number, overlap?: number): Promise<number | null> {
  return database.db.transaction().execute((trx) =>
    approveNotice(trx, noticeId, approver, { digest: 'digest', persons, overlap }).then(
      () => null,
      (error: unknown) => {
        if (error instanceof OwabiError && error.code === 'overlap_unconfirmed') return error.extra.overlap as number;
        throw error;
      },
    ),
  );
}

/** Waits for approval, to all of these. */
const next = (incidentId: string, persons: string[]) =>
  notice(
    incidentId,
    persons.map((id) => [id, 'in_progress']),
    { status: 'awaiting_approval' },
  );

describe('approving a notice whose template has gone to some of its persons', () => {
  it('needs exactly their number said, and counts nobody twice however many notices they have had', async () => {
    const { incidentId, persons } = await incident(5);
    const [a, b, c, d] = persons;
    await notice(incidentId, [
      [a, 'reached'],
      [b, 'in_progress'],
    ]);
    await notice(incidentId, [
      [a, 'reached'],
      [c, 'unreached'],
      [d, 'excluded'],
    ]);
    await notice(incidentId, [[b, 'reached']], { status: 'paused' });
    const id = await next(incidentId, persons);
    for (const said of [undefined, 0, 1, 3, 5]) expect(await overlapOf(id, 5, said)).toBe(2);
    expect(await overlapOf(id, 5, 2)).toBeNull();
  });

  it('counts whom a cancelled notice has reached, and not those whom it has not', async () => {
    const { incidentId, persons } = await incident(3);
    const [a, b, c] = persons;
    await notice(
      incidentId,
      [
        [a, 'reached'],
        [b, 'unreached'],
        [c, 'unreached'],
      ],
      { status: 'cancelled' },
    );
    expect(await overlapOf(await next(incidentId, persons), 3)).toBe(1);
  });

  it('counts who was told under the reference of somebody merged into them since, once', async () => {
    const { incidentId, persons } = await incident(4);
    const [kept = '', merged, other = '', told = ''] = persons;
    await notice(incidentId, [
      [merged, 'reached'],
      [told, 'reached'],
    ]);
    expect(await overlapOf(await next(incidentId, [kept, other, told]), 3)).toBe(1);
    await sql`update persons set merged_into = ${kept} where id = ${merged}`.execute(database.db);
    expect(await overlapOf(await next(incidentId, [kept, other, told]), 3)).toBe(2);
    await notice(incidentId, [[kept, 'reached']], { status: 'completed' });
    expect(await overlapOf(await next(incidentId, [kept, other, told]), 3)).toBe(2);
    expect(await overlapOf(await next(incidentId, [other]), 1)).toBeNull();
  });

  it('asks nothing for another template, what nobody approved, or who is excluded now', async () => {
    const { incidentId, persons } = await incident(2);
    const [a, b] = persons;
    await notice(incidentId, [[a, 'reached']], { template: 'warning' });
    await notice(
      incidentId,
      [
        [a, 'in_progress'],
        [b, 'in_progress'],
      ],
      { status: 'awaiting_approval' },
    );
    await notice(incidentId, [[b, 'reached']]);
    const id = await notice(
      incidentId,
      [
        [a, 'in_progress'],
        [b, 'excluded'],
      ],
      { status: 'awaiting_approval' },
    );
    expect(await overlapOf(id, 2)).toBeNull();
  });
});
