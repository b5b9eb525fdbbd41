import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { pageAlerts, raiseAlerts } from '../../src/alerts/alerts.store.ts';
import { completeNotices } from '../../src/delivery/notice-state.store.ts';
import { recount } from '../../src/reporting/recount.store.ts';
import { createTask } from '../../src/tasks/task.store.ts';
import { type TestDatabase, testDatabase } from '../support/database.ts';
import { sendingNotice } from '../support/notice-rows.ts';
import { takeOver } from '../support/uncertain-rows.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await testDatabase();
});
afterAll(() => database.close());
beforeEach(async () => {
  await sql`delete from alert_tellings; delete from alerts; delete from tasks; delete from mail_domains;
    delete from held_relays; update notices set status = 'cancelled', paused_because = null;
    update notice_counts set n = 0 where state = 'uncertain'`.execute(database.db);
});

const raise = () => raiseAlerts(database.db, []);
const kinds = async (): Promise<string[]> => (await raise()).map(({ kind }) => kind);
const open = () => pageAlerts(database.db, true, null, 100);
const set = async (noticeId: string, status: string, because: string | null = null) => {
  await sql`update notices set status = ${status}, paused_because = ${because} where id = ${noticeId}`.execute(
    database.db,
  );
};

describe('an alert', () => {
  it('is raised once while its cause lasts, ends with it, and is raised anew when it comes back', async () => {
    const { noticeId, incidentId } = await sendingNotice(database.db, 1);
    await set(noticeId, 'paused', 'bounce_share');
    expect(await raise()).toMatchObject([{ kind: 'breaker', subject: { noticeId, incidentId } }]);
    expect(await raise()).toEqual([]);
    expect(await open()).toMatchObject([{ detail: { because: 'bounce_share' }, endedAt: null }]);
    await set(noticeId, 'sending');
    expect(await raise()).toEqual([]);
    expect(await open()).toEqual([]);
    expect((await pageAlerts(database.db, false, null, 100))[0]?.endedAt).toBeInstanceOf(Date);
    await set(noticeId, 'paused', 'content_changed');
    expect(await kinds()).toEqual(['breaker']);
  });

  it('is raised once by two dispatchers of which one has not noticed that it was replaced', async () => {
    const { noticeId } = await sendingNotice(database.db, 1);
    await set(noticeId, 'paused', 'relay_refused');
    const raised = await Promise.all([1, 2, 3, 4].map(raise));
    expect(raised.flat()).toHaveLength(1);
  });

  it('is not raised when a user pauses', async () => {
    const { noticeId } = await sendingNotice(database.db, 1);
    await set(noticeId, 'paused', 'by_user');
    expect(await raise()).toEqual([]);
  });
});

describe('a held domain', () => {
  it('is named when it is a group, else told by its incident and eight digits, and ends when it is released', async () => {
    const { db } = database;
    const { incidentId } = await sendingNotice(db, 1);
    const hash = '0123456789abcdef0123456789abcdef';
    await sql`
      insert into mail_domains (domain, incident_id, held_at, held_because, held_code) values
        ('docomo', null, now(), 'sender_auth', '550 5.7.26'), (${hash}, ${incidentId}, now(), 'sender_blocked', null),
        ('gmail', null, null, null, null)`.execute(db);
    const raised = await raise();
    expect(raised.map(({ subject }) => subject)).toEqual([{ domain: 'docomo' }, { domain: '01234567', incidentId }]);
    expect(JSON.stringify(await open())).not.toContain(hash);
    await sql`update mail_domains set held_at = null where domain = 'docomo'`.execute(db);
    await raise();
    expect((await open()).map(({ subject }) => subject.domain)).toEqual(['01234567']);
  });
});

describe('a held relay', () => {
  it('is told with its codes', async () => {
    await sql`insert into held_relays (name, because, code) values ('mx:587', 'sender_auth', '535 5.7.8')`.execute(
      database.db,
    );
    expect(await kinds()).toEqual(['relay_held']);
    expect(await open()).toMatchObject([
      { subject: { relay: 'mx:587' }, detail: { because: 'sender_auth', code: '535 5.7.8' } },
    ]);
  });
});

describe('uncertain deliveries', () => {
  it('are one alert of a notice with their number as it is now', async () => {
    const { db } = database;
    const { noticeId } = await sendingNotice(db, 3);
    await takeOver(db, noticeId, 2);
    expect(await kinds()).toEqual(['uncertain']);
    expect(await open()).toMatchObject([{ subject: { noticeId }, detail: { number: 2 } }]);
    await takeOver(db, noticeId, 1);
    expect(await raise()).toEqual([]);
    expect(await open()).toMatchObject([{ detail: { number: 3 } }]);
    await sql`update deliveries set state = 'submitted' where notice_id = ${noticeId}`.execute(db);
    await raise();
    expect(await open()).toEqual([]);
  });

  it('need nobody while the notice sends them again by itself', async () => {
    const { db } = database;
    const { noticeId } = await sendingNotice(db, 1);
    await sql`update notices set on_uncertain = 'resend' where id = ${noticeId}`.execute(db);
    for (let attempt = 1; attempt <= 4; attempt++) {
      await takeOver(db, noticeId, 1);
      expect(await kinds(), `attempt ${attempt}`).toEqual(attempt === 4 ? ['uncertain'] : []);
      await sql`update deliveries set state = 'pending' where notice_id = ${noticeId}`.execute(db);
    }
  });
});

describe('work that stands still', () => {
  const stall = async (id: string, over: { hints?: number; fence?: number; minutes?: number }) => {
    const { hints = 9, fence = 0, minutes = 6 } = over;
    await sql`update tasks set created_at = now() - make_interval(mins => ${minutes}), hints = ${hints}, fence = ${fence}
      where id = ${id}`.execute(database.db);
  };

  it('is told when nobody takes it for five minutes, by its kind', async () => {
    const { db } = database;
    const ids = [await createTask(db, 'freeze-notice', '1'), await createTask(db, 'freeze-notice', '2')];
    expect(await raise()).toEqual([]);
    for (const id of ids) await stall(id, {});
    expect(await raise()).toMatchObject([{ kind: 'queue_stalled', subject: { work: 'freeze-notice' } }]);
    expect(await open()).toMatchObject([{ detail: { tasks: 2, failures: 0, workers: expect.any(Number) } }]);
    await sql`delete from tasks`.execute(db);
    await raise();
    expect(await open()).toEqual([]);
  });

  it('is no alert when it waits behind another of its kind, or was done for long by a worker that has just died', async () => {
    const { db } = database;
    const behind = await createTask(db, 'check-list', '1');
    await stall(behind, {});
    const inHand = await createTask(db, 'check-list', '2');
    await sql`update tasks set worker_id = 'w' where id = ${inHand}`.execute(db);
    const given = await createTask(db, 'accept-list', '3');
    await stall(given, { minutes: 60, hints: 1, fence: 1 });
    expect(await raise()).toEqual([]);
  });

  it('is one alert while it fails again and again, also in the moments in which it is tried', async () => {
    const { db } = database;
    const id = await createTask(db, 'check-list', '1');
    await stall(id, { fence: 7 });
    expect(await kinds()).toEqual(['queue_stalled']);
    await sql`update tasks set worker_id = 'w' where id = ${id}`.execute(db);
    expect(await raise()).toEqual([]);
    expect(await open()).toMatchObject([{ detail: { failures: 7 } }]);
  });

  it('is told of emails that are permitted when no worker has any in hand', async () => {
    const { db } = database;
    const { noticeId } = await sendingNotice(db, 2);
    await stall(await createTask(db, 'send-email', noticeId, 2), {});
    await sql`update deliveries set state = 'claimed' where notice_id = ${noticeId}`.execute(db);
    expect(await raise()).toEqual([]);
    await sql`update deliveries set state = 'pending' where notice_id = ${noticeId}`.execute(db);
    expect(await raise()).toMatchObject([{ subject: { work: 'send-email' } }]);
  });
});

describe('a completed notice', () => {
  it('is told with its figures once for each completion', async () => {
    const { db } = database;
    const { noticeId } = await sendingNotice(db, 2, 'email_then_letter');
    await sql`update deliveries set state = 'claimed' where notice_id = ${noticeId}`.execute(db);
    await sql`update deliveries set state = 'submitting' where notice_id = ${noticeId}`.execute(db);
    await sql`update deliveries set state = 'submitted' where notice_id = ${noticeId}`.execute(db);
    expect(await completeNotices(db)).toEqual([noticeId]);
    expect(await raise()).toMatchObject([{ kind: 'notice_completed', subject: { noticeId } }]);
    expect(await open()).toMatchObject([{ detail: { persons: 2, reached: 2, unreached: 0, excluded: 0 } }]);
    expect(await raise()).toEqual([]);
    expect(await raise()).toEqual([]);
    expect(await open()).toEqual([]);

    // A late bounce plans a letter: the notice goes on, and is complete again when the letter has been posted.
    await sql`update deliveries set state = 'bounced', class = 'invalid_mailbox' where id = (
      select min(id) from deliveries where notice_id = ${noticeId})`.execute(db);
    expect(await raise()).toEqual([]);
    for (const state of ['rendered', 'handed_over', 'posted'])
      await sql`update deliveries set state = ${state} where notice_id = ${noticeId} and channel = 'letter'`.execute(
        db,
      );
    expect(await completeNotices(db)).toEqual([noticeId]);
    expect(await kinds()).toEqual(['notice_completed']);
    expect(await kinds()).toEqual([]);
  });

  it('is no news a day later', async () => {
    const { noticeId } = await sendingNotice(database.db, 1);
    await sql`update notices set status = 'completed', completed_at = now() - interval '25 hours'
      where id = ${noticeId}`.execute(database.db);
    expect(await raise()).toEqual([]);
  });
});

describe('emails that are refused for what they are', () => {
  it('are told once for a notice and a class, with their number, until they have gone', async () => {
    const { db } = database;
    const { noticeId, deliveries } = await sendingNotice(db, 4);
    const move = (ids: (string | undefined)[], state: string) =>
      sql`update deliveries set state = ${state}, class = 'content', code = '554 5.6.0' where id = any (${ids})`.execute(
        db,
      );
    await move(deliveries.slice(0, 2), 'claimed');
    await move(deliveries.slice(0, 2), 'deferred');
    expect(await raise()).toMatchObject([{ kind: 'refused', subject: { noticeId, class: 'content' } }]);
    expect(await open()).toMatchObject([{ detail: { number: 2, code: '554 5.6.0' } }]);
    expect(await raise()).toEqual([]);
    await move(deliveries.slice(0, 2), 'pending');
    await raise();
    expect(await open()).toEqual([]);
  });
});

describe('a notice whose figures do not agree', () => {
  it('is told until a recount agrees', async () => {
    const { db } = database;
    const { noticeId } = await sendingNotice(db, 2);
    const shift = (by: number) =>
      sql`
      update notice_counts set n = n + ${by} where notice_id = ${noticeId} and channel = 'email'`.execute(db);
    await shift(1);
    await recount(db, noticeId);
    expect(await raise()).toMatchObject([{ kind: 'notice_unbalanced', subject: { noticeId } }]);
    await shift(-1);
    await recount(db, noticeId);
    await raise();
    expect(await open()).toEqual([]);
  });
});
