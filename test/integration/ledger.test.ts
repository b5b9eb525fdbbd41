import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Db } from '../../src/db/database.ts';
import { forgetSeconds } from '../../src/delivery/dispatch/dispatch.store.ts';
import {
  type AttemptResult,
  cancelLeftovers,
  claimChunk,
  type Mark,
  planLettersForRefused,
  planLettersForUncertain,
  recoverDeliveries,
  resendUncertain,
  writeSteps,
} from '../../src/delivery/ledger.store.ts';
import { completeNotices, tripBreakers } from '../../src/delivery/notice-state.store.ts';
import { voidNotices } from '../../src/notice/void-notices.store.ts';
import { recount } from '../../src/reporting/recount.store.ts';
import { readNoticeFigures } from '../../src/reporting/stats.store.ts';
import { noticeStats } from '../../src/reporting/stats.ts';
import { createTask } from '../../src/tasks/task.store.ts';
import { registerWorker, removeWorker } from '../../src/tasks/worker-life.store.ts';
import { type TestDatabase, testDatabase } from '../support/database.ts';
import { countsOf, sendingNotice } from '../support/notice-rows.ts';

let database: TestDatabase;
let workers = 0;

beforeAll(async () => {
  database = await testDatabase();
});
afterAll(() => database.close());

const worker = async (): Promise<string> => {
  const id = `worker-${++workers}`;
  await registerWorker(database.db, id);
  return id;
};
const claim = async (noticeId: string, amount: number, workerId: string) =>
  claimChunk(database.db, await createTask(database.db, 'send-email', noticeId, amount), workerId);
const result = (claimed: { id: string; attempt: number }, over: Partial<AttemptResult>): AttemptResult => ({
  ...{
    id: claimed.id,
    attempt: claimed.attempt,
    state: 'submitted',
    class: null,
    code: null,
    reply: null,
    waitSeconds: null,
  },
  ...over,
});
const markSubmitting = (db: Db, marks: Mark[]) => writeSteps(db, marks, []);
const recordResults = (db: Db, results: AttemptResult[]) => writeSteps(db, [], results);
const stateOf = async (id: string): Promise<string> =>
  (await database.db.selectFrom('deliveries').select('state').where('id', '=', id).executeTakeFirstOrThrow()).state;

describe('the ledger', () => {
  it('moves counters, history and outcomes in the transaction of each step', async () => {
    const { db } = database;
    const { noticeId } = await sendingNotice(db, 3);
    expect(await countsOf(db, noticeId)).toEqual({ 'email pending': 3, 'person in_progress': 3 });
    const claimed = await claim(noticeId, 2, await worker());
    await markSubmitting(db, claimed);
    const [first, second] = claimed;
    if (!first || !second) throw new Error('two were claimed');
    await recordResults(db, [result(first, {}), result(second, { state: 'bounced', class: 'invalid_mailbox' })]);
    expect(await countsOf(db, noticeId)).toEqual({
      ...{ 'email bounced': 1, 'email pending': 1, 'email submitted': 1 },
      ...{ 'person in_progress': 1, 'person reached': 1, 'person unreached': 1 },
    });
    const { rows } = await sql<{ to_state: string }>`
      select to_state from delivery_events where delivery_id = ${first.id} order by id`.execute(db);
    expect(rows.map((row) => row.to_state)).toEqual(['pending', 'claimed', 'submitting', 'submitted']);
    expect(await recount(db, noticeId)).toBe(true);
  });

  it('writes marks and results of one moment together, and counts each', async () => {
    const { db } = database;
    const { noticeId } = await sendingNotice(db, 4);
    const [first, second, third] = (await claim(noticeId, 3, await worker())) as unknown as [Mark, Mark, Mark];
    expect(await writeSteps(db, [first, second], [])).toEqual(new Set([first.id, second.id]));
    const together = [result(first, {}), result(second, { state: 'bounced', class: 'invalid_mailbox' })];
    expect(await writeSteps(db, [third], together)).toEqual(new Set([third.id]));
    expect(await countsOf(db, noticeId)).toEqual({
      ...{ 'email bounced': 1, 'email pending': 1, 'email submitted': 1, 'email submitting': 1 },
      ...{ 'person in_progress': 2, 'person reached': 1, 'person unreached': 1 },
    });
    expect(await recount(db, noticeId)).toBe(true);
  });

  it('refuses a step that its table does not hold, whoever tries', async () => {
    const { db } = database;
    const { deliveries, noticeId } = await sendingNotice(db, 1);
    const id = deliveries[0] as string;
    await expect(sql`update deliveries set state = 'submitted' where id = ${id}`.execute(db)).rejects.toThrow(
      /may not go/,
    );
    expect(await countsOf(db, noticeId)).toEqual({ 'email pending': 1, 'person in_progress': 1 });
  });

  it('finds out when a counter, a state, or the history has been tampered with', async () => {
    const { db } = database;
    for (const tamper of [
      (id: string) => sql`update notice_counts set n = n + 1 where notice_id = ${id} and channel = 'email'`,
      (id: string) => sql`delete from delivery_events where notice_id = ${id}`,
      (id: string) => sql`update notice_persons set outcome = 'reached' where notice_id = ${id}`,
    ]) {
      const { noticeId } = await sendingNotice(db, 2);
      expect(await recount(db, noticeId)).toBe(true);
      await tamper(noticeId).execute(db);
      expect(await recount(db, noticeId)).toBe(false);
    }
  });

  it('uses a permission to send once, however often it is delivered', async () => {
    const { db } = database;
    const { noticeId } = await sendingNotice(db, 10);
    const taskId = await createTask(db, 'send-email', noticeId, 4);
    const workerId = await worker();
    const claims = await Promise.all([1, 2, 3].map(() => claimChunk(db, taskId, workerId)));
    expect(claims.flat().length).toBe(4);
    expect(await countsOf(db, noticeId)).toMatchObject({ 'email claimed': 4, 'email pending': 6 });
  });

  it('lets no byte out once the notice is paused, also for what is claimed already', async () => {
    const { db } = database;
    const { noticeId } = await sendingNotice(db, 2);
    const claimed = await claim(noticeId, 2, await worker());
    await sql`update notices set status = 'paused' where id = ${noticeId}`.execute(db);
    expect(await markSubmitting(db, claimed)).toEqual(new Set());
    expect(await claim(noticeId, 2, await worker())).toEqual([]);
  });

  it('turns what a dead worker had marked into uncertain, and what it had claimed back into pending', async () => {
    const { db } = database;
    const { noticeId } = await sendingNotice(db, 5);
    const dead = await worker();
    const claimed = await claim(noticeId, 5, dead);
    await markSubmitting(db, claimed.slice(0, 2));
    await removeWorker(db, dead);
    await recoverDeliveries(db);
    expect(await countsOf(db, noticeId)).toEqual({ 'email pending': 3, 'email uncertain': 2, 'person in_progress': 5 });
  });

  it('believes a worker that wakes up only for the reply of its own attempt', async () => {
    const { db } = database;
    const { noticeId } = await sendingNotice(db, 3);
    const dead = await worker();
    const claimed = await claim(noticeId, 3, dead);
    await markSubmitting(db, claimed.slice(0, 2));
    await removeWorker(db, dead);
    await recoverDeliveries(db);
    const [known, resent, released] = claimed as [(typeof claimed)[0], (typeof claimed)[0], (typeof claimed)[0]];
    await sql`update deliveries set state = 'pending' where id = ${resent.id}`.execute(db);
    await claim(noticeId, 5, await worker());
    await recordResults(
      db,
      claimed.map((delivery) => result(delivery, {})),
    );
    expect(await stateOf(known.id)).toBe('submitted');
    expect(await stateOf(resent.id)).toBe('claimed');
    expect(await stateOf(released.id)).toBe('claimed');
    expect(await markSubmitting(db, [released])).toEqual(new Set());
  });

  it('plans the letter of a bounced email in the same step, and goes on with a notice that was complete', async () => {
    const { db } = database;
    const { noticeId } = await sendingNotice(db, 2, 'email_then_letter');
    const claimed = await claim(noticeId, 2, await worker());
    await markSubmitting(db, claimed);
    await recordResults(
      db,
      claimed.map((delivery) => result(delivery, {})),
    );
    await completeNotices(db);
    await sql`update deliveries set state = 'bounced', class = 'invalid_mailbox' where id = ${claimed[0]?.id}`.execute(
      db,
    );
    expect(await countsOf(db, noticeId)).toEqual({
      ...{ 'email bounced': 1, 'email submitted': 1, 'letter pending': 1 },
      ...{ 'person in_progress': 1, 'person reached': 1 },
    });
    const notice = await db.selectFrom('notices').select('status').where('id', '=', noticeId).executeTakeFirstOrThrow();
    expect(notice.status).toBe('sending');
    expect(await recount(db, noticeId)).toBe(true);
  });

  it('says why when neither email nor letter can reach a person', async () => {
    const { db } = database;
    const { noticeId } = await sendingNotice(db, 1, 'email_then_letter', 'no_address');
    const [claimed] = await claim(noticeId, 1, await worker());
    if (!claimed) throw new Error('one was claimed');
    await recordResults(db, [result(claimed, { state: 'bounced', class: 'invalid_mailbox' })]);
    expect(await countsOf(db, noticeId)).toEqual({
      'email bounced': 1,
      'letter unprintable': 1,
      'person unreached': 1,
    });
    const person = await db
      .selectFrom('notice_persons')
      .select('cause')
      .where('notice_id', '=', noticeId)
      .executeTakeFirstOrThrow();
    expect(person.cause).toBe('no_address');
  });

  it('sends a letter to whoever stays uncertain for 24 hours, and keeps the email uncertain', async () => {
    const { db } = database;
    const { noticeId } = await sendingNotice(db, 1, 'email_then_letter');
    const [claimed] = await claim(noticeId, 1, await worker());
    if (!claimed) throw new Error('one was claimed');
    await markSubmitting(db, [claimed]);
    await recordResults(db, [result(claimed, { state: 'uncertain', class: 'no_reply' })]);
    await planLettersForUncertain(db);
    expect(await countsOf(db, noticeId)).toEqual({ 'email uncertain': 1, 'person in_progress': 1 });
    await sql`update deliveries set updated_at = now() - interval '25 hours' where id = ${claimed.id}`.execute(db);
    await planLettersForUncertain(db);
    await planLettersForUncertain(db);
    expect(await countsOf(db, noticeId)).toEqual({
      'email uncertain': 1,
      'letter pending': 1,
      'person in_progress': 1,
    });
  });

  it('does not print the letter of an uncertain email that proves submitted, by a reply or by a new attempt', async () => {
    const { db } = database;
    const { noticeId } = await sendingNotice(db, 2, 'email_then_letter');
    const claimed = await claim(noticeId, 2, await worker());
    await markSubmitting(db, claimed);
    await recordResults(
      db,
      claimed.map((delivery) => result(delivery, { state: 'uncertain', class: 'no_reply' })),
    );
    await sql`update deliveries set updated_at = now() - interval '25 hours' where notice_id = ${noticeId}`.execute(db);
    await planLettersForUncertain(db);
    const [known, again] = claimed as unknown as [Mark, Mark];
    await recordResults(db, [result(known, {})]);
    await sql`update deliveries set state = 'pending' where id = ${again.id}`.execute(db);
    const second = await claim(noticeId, 2, await worker());
    await markSubmitting(db, second);
    await recordResults(
      db,
      second.map((delivery) => result(delivery, {})),
    );
    expect(await countsOf(db, noticeId)).toEqual({ 'email submitted': 2, 'letter cancelled': 2, 'person reached': 2 });
  });

  it('sends an uncertain email again by policy after a wait, three times at most', async () => {
    const { db } = database;
    const { noticeId } = await sendingNotice(db, 1);
    await sql`update notices set on_uncertain = 'resend' where id = ${noticeId}`.execute(db);
    for (let attempt = 1; attempt <= 4; attempt++) {
      const [claimed] = await claim(noticeId, 1, await worker());
      expect(claimed?.attempt).toBe(attempt);
      if (!claimed) return;
      await markSubmitting(db, [claimed]);
      await recordResults(db, [result(claimed, { state: 'uncertain', class: 'no_reply' })]);
      await resendUncertain(db, 10);
      expect(await stateOf(claimed.id)).toBe('uncertain');
      await sql`update deliveries set updated_at = now() - interval '1 hour' where id = ${claimed.id}`.execute(db);
      await resendUncertain(db, 10);
      expect(await stateOf(claimed.id)).toBe(attempt <= 3 ? 'pending' : 'uncertain');
    }
  });

  it('does nothing more for a cancelled notice, whatever comes back late', async () => {
    const { db } = database;
    const { noticeId } = await sendingNotice(db, 2, 'email_then_letter');
    const claimed = await claim(noticeId, 2, await worker());
    await markSubmitting(db, claimed);
    const [first, second] = claimed as unknown as [Mark, Mark];
    await sql`update deliveries set state = 'bounced', class = 'invalid_mailbox' where id = ${second.id}`.execute(db);
    await sql`update notices set status = 'cancelled' where id = ${noticeId}`.execute(db);
    await recordResults(db, [result(first, { state: 'deferred', class: 'throttled', waitSeconds: 0 })]);
    await cancelLeftovers(db);
    expect(await countsOf(db, noticeId)).toEqual({
      ...{ 'email bounced': 1, 'email cancelled': 1, 'letter cancelled': 1, 'person unreached': 2 },
    });
  });

  it('never throws away the snapshot of a notice that has begun to send', async () => {
    const { db } = database;
    const { noticeId, incidentId } = await sendingNotice(db, 1);
    await sql`update notices set started_at = now() where id = ${noticeId}`.execute(db);
    for (const status of ['sending', 'paused', 'approved']) {
      await sql`update notices set status = ${status} where id = ${noticeId}`.execute(db);
      expect(await voidNotices(db, incidentId)).toEqual([]);
    }
    await expect(sql`select drop_snapshot(${noticeId})`.execute(db)).rejects.toThrow(/begun to send/);
    await sql`update notices set started_at = null, status = 'paused' where id = ${noticeId}`.execute(db);
    expect(await voidNotices(db, incidentId)).toEqual([noticeId]);
    expect(await countsOf(db, noticeId)).toEqual({});
  });

  it('pauses a notice when its share of bounces passes the limit after its number, and not before', async () => {
    const { db } = database;
    const { noticeId } = await sendingNotice(db, 20);
    await sql`update notices set breaker_after = 10, breaker_share = 0.2 where id = ${noticeId}`.execute(db);
    const bounce = async (amount: number, bounced: number) => {
      const claimed = await claim(noticeId, amount, await worker());
      await markSubmitting(db, claimed);
      await recordResults(
        db,
        claimed.map((delivery, i) => result(delivery, { state: i < bounced ? 'bounced' : 'submitted' })),
      );
      return tripBreakers(db);
    };
    expect(await bounce(9, 2)).toEqual([]);
    expect(await bounce(1, 0)).toEqual([]);
    expect(await bounce(5, 3)).toEqual([noticeId]);
  });
});

describe('an email that came back', () => {
  const submitted = async (noticeId: string, n: number): Promise<string[]> => {
    const { db } = database;
    const claimed = await claim(noticeId, n, await worker());
    await markSubmitting(db, claimed);
    await recordResults(
      db,
      claimed.map((one) => result(one, {})),
    );
    return claimed.map(({ id }) => id);
  };
  const comeBack = (id: string, failure: string) =>
    sql`update deliveries set state = 'bounced', class = ${failure} where id = ${id}`.execute(database.db);

  it('for a reason of ours prints no letter at once, and one by itself after a day', async () => {
    const { db } = database;
    const { noticeId } = await sendingNotice(db, 4, 'email_then_letter');
    const [blocked, unsigned, gone, taken] = await submitted(noticeId, 4);
    await comeBack(blocked ?? '', 'sender_blocked');
    await comeBack(unsigned ?? '', 'sender_auth');
    await comeBack(gone ?? '', 'invalid_mailbox');
    expect(await countsOf(db, noticeId)).toMatchObject({ 'email bounced': 3, 'letter pending': 1 });
    await planLettersForRefused(db);
    expect(await countsOf(db, noticeId)).toMatchObject({ 'letter pending': 1, 'person unreached': 2 });
    await sql`update deliveries set updated_at = now() - interval '25 hours' where id = ${blocked}`.execute(db);
    await planLettersForRefused(db);
    await planLettersForRefused(db);
    expect(await countsOf(db, noticeId)).toMatchObject({ 'letter pending': 2, 'person unreached': 1 });
    const { rows } = await sql<{ reason: string }>`
      select l.reason from deliveries l join deliveries d using (notice_id, person_id)
      where d.id = ${blocked} and l.channel = 'letter'`.execute(db);
    expect(rows).toEqual([{ reason: 'sender_blocked' }]);
    expect(await stateOf(taken ?? '')).toBe('submitted');
    expect(await recount(db, noticeId)).toBe(true);
  });

  it('leaves the hour in which it was submitted, so that the hours are what stands as submitted', async () => {
    const { db } = database;
    const { noticeId } = await sendingNotice(db, 3);
    const [first, second] = await submitted(noticeId, 3);
    await sql`update submitted_seconds set second = second - interval '130 hours' where notice_id = ${noticeId}`.execute(
      db,
    );
    await sql`update deliveries set updated_at = updated_at - interval '130 hours' where notice_id = ${noticeId}`.execute(
      db,
    );
    await forgetSeconds(db);
    const believed = async () => {
      const [figures] = await readNoticeFigures(db, [noticeId]);
      if (!figures) throw new Error('no figures');
      return noticeStats(figures, false, String).believed;
    };
    expect(await believed()).toEqual({ afterHours: 120, lasting: 3, provisional: 0 });
    await comeBack(first ?? '', 'mailbox_full');
    await sql`update deliveries set state = 'confirmed' where id = ${second}`.execute(db);
    expect(await believed()).toEqual({ afterHours: 120, lasting: 1, provisional: 0 });
    expect(await recount(db, noticeId)).toBe(true);
  });
});
