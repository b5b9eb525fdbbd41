import { sql } from 'kysely';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { resolveUncertain } from '../../src/delivery/deliveries.store.ts';
import { permit, recallPermissions } from '../../src/delivery/dispatch/dispatch.store.ts';
import { holdLease } from '../../src/delivery/dispatch/lease.store.ts';
import { cancelLeftovers, claimChunk, writeSteps } from '../../src/delivery/ledger.store.ts';
import { cancelNotice } from '../../src/notice/notices.store.ts';
import { createTask } from '../../src/tasks/task.store.ts';
import { registerWorker } from '../../src/tasks/worker-life.store.ts';
import { type TestDatabase, testDatabase } from '../support/database.ts';
import { type Dispatching, dispatching, outstandingOf } from '../support/dispatch.ts';
import { countsOf, sendingNotice } from '../support/notice-rows.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await testDatabase();
});
afterAll(() => database.close());
// What one test leaves sending is not handed out in the next.
afterEach(() => sql`update notices set status = 'paused' where status = 'sending'`.execute(database.db));

describe('the budget of a pace', () => {
  const paced = async (perHour: number, secondsAgo: number) => {
    const { noticeId } = await sendingNotice(database.db, 50);
    await sql`
      update notices set per_hour = ${perHour}, approved_at = now() - make_interval(secs => ${secondsAgo})
      where id = ${noticeId}`.execute(database.db);
    return noticeId;
  };

  it('is seen by the next tick and by the next machine', async () => {
    const noticeId = await paced(360, 100);
    const one = await dispatching(database);
    expect(await one.tick()).toBe(11);
    expect(await one.tick()).toBe(0);
    expect(await (await one.takenOver()).tick()).toBe(0);
    expect(await outstandingOf(database, noticeId)).toEqual({ '': 11 });
  });

  it('is never exceeded by two machines at once, of which one has lost the lease without knowing', async () => {
    const noticeId = await paced(3600, 20);
    const one = await dispatching(database);
    const other = await one.takenOver();
    const twice = async (machine: Dispatching) => [await machine.tick(), await machine.tick()];
    await Promise.all([twice(one), twice(other)]);
    const { '': permitted = 0 } = await outstandingOf(database, noticeId);
    expect(permitted).toBeGreaterThan(0);
    expect(permitted).toBeLessThanOrEqual(22);
  });

  it('is not touched by a machine that has lost the lease between reading and handing out', async () => {
    const { db } = database;
    const noticeId = await paced(3600, 20);
    await sql`update dispatcher_lease set holder = null`.execute(db);
    const epoch = await holdLease(db, 'one');
    await dispatching(database, { holder: 'two' });
    const permissions = [{ lane: '', size: 5 }];
    expect(await permit(db, epoch ?? '0', { noticeId, permissions, hour: new Date(0), lanes: [] })).toEqual([]);
    const { rows } = await sql`select 1 from pace_budgets where notice_id = ${noticeId}`.execute(db);
    expect(rows).toEqual([]);
  });

  it('gets back what a pause recalls of this hour', async () => {
    const { db } = database;
    const noticeId = await paced(360, 100);
    const one = await dispatching(database);
    expect(await one.tick()).toBe(11);
    await sql`update notices set status = 'paused' where id = ${noticeId}`.execute(db);
    await recallPermissions(db);
    expect(await outstandingOf(database, noticeId)).toEqual({});
    await sql`update notices set status = 'sending' where id = ${noticeId}`.execute(db);
    expect(await one.tick()).toBe(11);
  });

  it('does not get back in one hour what was taken from the one before', async () => {
    const { db } = database;
    const noticeId = await paced(3600, 3);
    const one = await dispatching(database);
    const permitted = await one.tick();
    await sql`update notices set status = 'paused' where id = ${noticeId}`.execute(db);
    // Handed out in the first seconds of the hour, and so perhaps out of the last one.
    await recallPermissions(db);
    const { rows } = await sql`select used from pace_budgets where notice_id = ${noticeId}`.execute(db);
    expect(rows).toEqual([{ used: permitted }]);
  });
});

describe('a notice that is cancelled while messages are on their way', () => {
  async function cancelledUnderWay() {
    const { db } = database;
    const { noticeId } = await sendingNotice(db, 2);
    await registerWorker(db, `of ${noticeId}`);
    const claimed = await claimChunk(db, await createTask(db, 'send-email', noticeId, 2), `of ${noticeId}`);
    await writeSteps(db, claimed, []);
    await db.transaction().execute((trx) => cancelNotice(trx, noticeId, '1'));
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
