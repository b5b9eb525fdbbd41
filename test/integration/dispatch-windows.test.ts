import { sql } from 'kysely';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { readConfig } from '../../src/config.ts';
import { recallPermissions } from '../../src/delivery/dispatch/dispatch.store.ts';
import { startDispatcher } from '../../src/delivery/dispatch/dispatcher.ts';
import { claimChunk, writeSteps } from '../../src/delivery/ledger.store.ts';
import { startApproved } from '../../src/delivery/notice-state.store.ts';
import { makeLog } from '../../src/log.ts';
import { approveNotice, cancelNotice, pauseByUser, resumeNotice } from '../../src/notice/notices.store.ts';
import { localTime } from '../../src/reporting/local-time.ts';
import { createTask } from '../../src/tasks/task.store.ts';
import { registerWorker } from '../../src/tasks/worker-life.store.ts';
import { fileBlobs } from '../../src/vault/blobs.ts';
import { type TestDatabase, testDatabase } from '../support/database.ts';
import { dispatching, giveWindow, noonZone, outstandingOf, permissionsOf, putInto } from '../support/dispatch.ts';
import { countsOf, sendingNotice } from '../support/notice-rows.ts';
import { until } from '../support/until.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await testDatabase();
  await registerWorker(database.db, 'worker');
});
afterAll(() => database.close());
// What one test leaves sending is not handed out in the next.
afterEach(() => sql`update notices set status = 'paused' where status = 'sending'`.execute(database.db));

const everyDay = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;
const open = { days: [...everyDay], from: '11:00', to: '14:00' };
const closed = { days: [...everyDay], from: '15:00', to: '16:00' };

async function withWindow(window: typeof open, persons = 5) {
  const { noticeId, deliveries } = await sendingNotice(database.db, persons);
  await giveWindow(database, noticeId, window);
  return { noticeId, deliveries };
}

const claim = async (noticeId: string, amount = 10) =>
  claimChunk(database.db, await createTask(database.db, 'send-email', noticeId, amount), 'worker');

describe('a notice with a window', () => {
  it('sends nothing between its approval and the dispatcher’s first look', async () => {
    const { db } = database;
    const { noticeId } = await withWindow(open);
    await sql`
      update notices set status = 'awaiting_approval', approved_at = null, digest = 'd', open_until = null
      where id = ${noticeId}`.execute(db);
    const { rows } = await sql<{ id: string }>`
      insert into users (name, roles) values ('a', '{approver}') returning id`.execute(db);
    const approval = { digest: 'd', persons: 5 };
    await db.transaction().execute((trx) => approveNotice(trx, noticeId, rows[0]?.id ?? '', approval));
    expect(await startApproved(db)).toContain(noticeId);
    expect(await claim(noticeId)).toEqual([]);
    await (await dispatching(database)).tick();
    expect(await claim(noticeId)).toHaveLength(5);
  });

  it('gets permissions while it is open, and none while it is closed', async () => {
    const first = await withWindow(open);
    const second = await withWindow(closed);
    expect(await (await dispatching(database)).tick()).toBe(5);
    expect(await outstandingOf(database, first.noticeId)).toEqual({ '': 5 });
    expect(await outstandingOf(database, second.noticeId)).toEqual({});
    expect(await claim(second.noticeId)).toEqual([]);
  });

  it('that closes marks nothing any more, gets its claims back, and loses its permissions', async () => {
    const { db } = database;
    const { noticeId } = await withWindow(open);
    const dispatcher = await dispatching(database);
    await dispatcher.tick();
    const claimed = await claim(noticeId, 2);
    expect(claimed).toHaveLength(2);
    await giveWindow(database, noticeId, closed);
    expect(await writeSteps(db, claimed, [])).toEqual(new Set());
    const none = { class: null, code: null, reply: null, waitSeconds: null };
    await writeSteps(
      db,
      [],
      claimed.map(({ id, attempt }) => ({ id, attempt, state: 'pending', ...none })),
    );
    await recallPermissions(db);
    expect(await outstandingOf(database, noticeId)).toEqual({});
    expect(await dispatcher.tick()).toBe(0);
    expect(await countsOf(db, noticeId)).toMatchObject({ 'email pending': 5 });
  });

  it('closes by itself when no dispatcher is there to close it', async () => {
    const { noticeId } = await withWindow(open);
    await (await dispatching(database)).tick();
    const claimed = await claim(noticeId, 2);
    await sql`update notices set open_until = now() where id = ${noticeId}`.execute(database.db);
    expect(await writeSteps(database.db, claimed, [])).toEqual(new Set());
    expect(await claim(noticeId, 2)).toEqual([]);
  });

  it('begins its pace with the opening, and has saved nothing up before it', async () => {
    const from = localTime(new Date(Date.now() - 60_000), noonZone()).slice(11, 16);
    const { noticeId } = await withWindow({ ...open, from }, 400);
    await sql`
      update notices set per_hour = 3600, approved_at = now() - interval '50 hours 50 minutes'
      where id = ${noticeId}`.execute(database.db);
    const permitted = await (await dispatching(database)).tick();
    expect(permitted).toBeGreaterThanOrEqual(60);
    expect(permitted).toBeLessThanOrEqual(130);
  });

  it('that never opens again while something is due is paused, and says why', async () => {
    const { noticeId } = await withWindow({ ...open, days: [] });
    expect(await (await dispatching(database)).tick()).toBe(0);
    const { rows } = await sql`select status, paused_because from notices where id = ${noticeId}`.execute(database.db);
    expect(rows).toEqual([{ status: 'paused', paused_because: 'window_over' }]);
  });
});

describe('a notice with a start', () => {
  it('begins when its time has come, and counts its pace from there', async () => {
    const { db } = database;
    const { noticeId } = await sendingNotice(db, 50);
    await sql`
      update notices set status = 'approved', approved_at = now() - interval '1 day', per_hour = 360,
        start_at = now() + interval '1 hour' where id = ${noticeId}`.execute(db);
    expect(await startApproved(db)).not.toContain(noticeId);
    const dispatcher = await dispatching(database);
    expect(await dispatcher.tick()).toBe(0);
    await sql`update notices set start_at = now() - interval '100 seconds' where id = ${noticeId}`.execute(db);
    expect(await startApproved(db)).toContain(noticeId);
    expect(await dispatcher.tick()).toBe(11);
  });
});

const cancel: typeof pauseByUser = (trx, id) => cancelNotice(trx, id, '1');

describe('what is queued when somebody', () => {
  const act = (step: typeof pauseByUser, noticeId: string) =>
    database.db.transaction().execute((trx) => step(trx, noticeId));

  /** Five emails in two lanes: three permitted and not claimed, two claimed and not marked. */
  async function queued() {
    const { db } = database;
    const { noticeId, deliveries } = await withWindow(open);
    await sql`update notices set started_at = now() where id = ${noticeId}`.execute(db);
    await putInto(database, deliveries.slice(0, 2), 'docomo');
    const dispatcher = await dispatching(database);
    await dispatcher.tick();
    const [docomo = '', rest = ''] = await permissionsOf(database, noticeId);
    const claimed = await claimChunk(db, docomo, 'worker');
    expect(claimed.map(({ id }) => id)).toEqual(deliveries.slice(0, 2));
    return { noticeId, claimed, rest, dispatcher };
  }

  it('pauses: nothing of it goes, claimed or not', async () => {
    const { noticeId, claimed, rest, dispatcher } = await queued();
    await act(pauseByUser, noticeId);
    expect(await writeSteps(database.db, claimed, [])).toEqual(new Set());
    expect(await claimChunk(database.db, rest, 'worker')).toEqual([]);
    expect(await dispatcher.tick()).toBe(0);
  });

  it('resumes: it goes on with the next tick, in its lanes', async () => {
    const { noticeId, claimed, rest, dispatcher } = await queued();
    await act(pauseByUser, noticeId);
    await recallPermissions(database.db);
    await act(resumeNotice, noticeId);
    expect(await writeSteps(database.db, claimed, [])).toEqual(new Set(claimed.map(({ id }) => id)));
    expect(await claimChunk(database.db, rest, 'worker')).toEqual([]);
    expect(await dispatcher.tick()).toBe(3);
    expect(await outstandingOf(database, noticeId)).toEqual({ '': 3 });
  });

  it('cancels: it is cancelled, claimed or not, and nothing is handed out any more', async () => {
    const { noticeId, claimed, rest, dispatcher } = await queued();
    await act(cancel, noticeId);
    expect(await writeSteps(database.db, claimed, [])).toEqual(new Set());
    expect(await claimChunk(database.db, rest, 'worker')).toEqual([]);
    expect(await dispatcher.tick()).toBe(0);
    expect(await countsOf(database.db, noticeId)).toMatchObject({ 'email cancelled': 5 });
  });
});

describe('a dispatcher at work', () => {
  it('acts within a round or two on pause, resume, cancel, and a start that has come', async () => {
    const { db } = database;
    const { noticeId } = await withWindow(open, 50);
    await sql`update notices set status = 'approved', start_at = now() + interval '1 hour' where id = ${noticeId}`.execute(
      db,
    );
    await sql`update dispatcher_lease set holder = null`.execute(db);
    const hinted: string[] = [];
    const dispatcher = startDispatcher({
      ...{ db, log: makeLog('silent'), config: readConfig({ DATA_DIR: database.dir }), simulated: false },
      ...{ blobs: fileBlobs(database.dir), hint: (_kind, taskId) => void hinted.push(taskId), holder: 'at work' },
      ...{ alerts: { raise: async () => undefined, tell: () => undefined }, relays: [] },
    });
    const within = (what: string, is: () => Promise<boolean>) => until(what, is, 5_000);
    const permitted = async () => (await outstandingOf(database, noticeId))[''] ?? 0;
    const act = (step: typeof pauseByUser) => db.transaction().execute((trx) => step(trx, noticeId));
    try {
      await until(
        'the lease is held',
        async () => (await sql`select from dispatcher_lease where holder = 'at work'`.execute(db)).rows.length > 0,
      );
      expect(await permitted()).toBe(0);
      await sql`update notices set start_at = now() where id = ${noticeId}`.execute(db);
      await within('started', async () => (await permitted()) === 50);
      expect(hinted).toEqual(await permissionsOf(database, noticeId));
      await act(pauseByUser);
      await within('paused', async () => (await permitted()) === 0);
      await act(resumeNotice);
      await within('resumed', async () => (await permitted()) === 50);
      await act(cancel);
      await within('cancelled', async () => (await permitted()) === 0);
    } finally {
      await dispatcher.stop();
    }
  });
});
