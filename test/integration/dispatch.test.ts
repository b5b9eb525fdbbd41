import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { resolveUncertain } from '../../src/delivery/deliveries.store.ts';
import { permit, sendingNotices } from '../../src/delivery/dispatch/dispatch.store.ts';
import { holdLease } from '../../src/delivery/dispatch/lease.store.ts';
import { cancelLeftovers, claimChunk, writeSteps } from '../../src/delivery/ledger.store.ts';
import { cancelNotice } from '../../src/notice/notices.store.ts';
import { createTask } from '../../src/tasks/task.store.ts';
import { registerWorker } from '../../src/tasks/worker-life.store.ts';
import { type TestDatabase, testDatabase } from '../support/database.ts';
import { countsOf, sendingNotice } from '../support/notice-rows.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await testDatabase();
});
afterAll(() => database.close());

describe('the budget of a pace', () => {
  it('is seen by the next tick and by the next machine', async () => {
    const { db } = database;
    const { noticeId } = await sendingNotice(db, 10);
    await sql`update notices set per_hour = 3600 where id = ${noticeId}`.execute(db);
    const epoch = await holdLease(db, 'one');
    const asked = async () => (await sendingNotices(db)).find(({ id }) => id === noticeId);
    const first = await asked();
    if (!first || epoch === null) throw new Error('the notice sends and the lease is ours');
    expect(first.used).toBe(0);
    expect(first.secondsIntoHour).toBeLessThan(60);
    await permit(db, epoch, first, [3]);
    expect(await asked()).toMatchObject({ used: 3, outstanding: 3 });
  });
});

describe('a notice that is cancelled while messages are on their way', () => {
  async function cancelledUnderWay() {
    const { db } = database;
    const { noticeId } = await sendingNotice(db, 2);
    await registerWorker(db, `of ${noticeId}`);
    const claimed = await claimChunk(db, await createTask(db, 'send-email', noticeId, 2), `of ${noticeId}`);
    await writeSteps(db, claimed, []);
    await db.transaction().execute((trx) => cancelNotice(trx, noticeId));
    const [first, second] = claimed;
    if (!first || !second) throw new Error('two were claimed');
    const told = { class: null, code: null, reply: null, waitSeconds: 60 };
    await writeSteps(
      db,
      [],
      [
        { ...told, id: first.id, attempt: first.attempt, state: 'deferred' },
        { ...told, id: second.id, attempt: second.attempt, state: 'uncertain' },
      ],
    );
    return { noticeId, uncertain: second.id };
  }

  it('does not try again what was refused for now', async () => {
    const { noticeId } = await cancelledUnderWay();
    await cancelLeftovers(database.db);
    expect(await countsOf(database.db, noticeId)).toMatchObject({ 'email cancelled': 1, 'email uncertain': 1 });
  });

  it('does not send again what is uncertain, and can be told that it arrived', async () => {
    const { db } = database;
    const { noticeId, uncertain } = await cancelledUnderWay();
    const { id: userId } = await db.selectFrom('users').select('id').limit(1).executeTakeFirstOrThrow();
    for (const target of [{ deliveryId: uncertain }, { noticeId }]) {
      await expect(resolveUncertain(db, target, 'resend', userId)).rejects.toMatchObject({ code: 'wrong_state' });
    }
    expect(await resolveUncertain(db, { deliveryId: uncertain }, 'submitted', userId)).toBe(1);
    expect(await countsOf(db, noticeId)).toMatchObject({ 'email submitted': 1 });
  });
});
