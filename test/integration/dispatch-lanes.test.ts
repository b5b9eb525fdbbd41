import { sql } from 'kysely';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { recallPermissions } from '../../src/delivery/dispatch/dispatch.store.ts';
import { noteDomainSignals, recoverDomains } from '../../src/delivery/dispatch/mail-domains.store.ts';
import { claimChunk, writeSteps } from '../../src/delivery/ledger.store.ts';
import { makeLog } from '../../src/log.ts';
import { createTask } from '../../src/tasks/task.store.ts';
import { registerWorker } from '../../src/tasks/worker-life.store.ts';
import { type TestDatabase, testDatabase } from '../support/database.ts';
import { type Dispatching, dispatching, outstandingOf, permissionsOf, putInto } from '../support/dispatch.ts';
import { sendingNotice } from '../support/notice-rows.ts';

const log = makeLog('silent');
const HASH = 'c0ffee1200112233445566778899aabb';

let database: TestDatabase;
beforeAll(async () => {
  database = await testDatabase();
  await registerWorker(database.db, 'worker');
});
afterAll(() => database.close());
// What one test leaves is not met by the next.
afterEach(async () => {
  await sql`update notices set status = 'paused' where status = 'sending'`.execute(database.db);
  await sql`truncate mail_domains, domain_budgets, tasks`.execute(database.db);
  await sql`
    update deliveries set state = 'pending' where state = 'claimed'`.execute(database.db);
});

const limit = (domain: string, perMinute: number | null, concurrency: number | null = null) =>
  sql`
    insert into mail_domains (domain, per_minute, concurrency) values (${domain}, ${perMinute}, ${concurrency})
    on conflict (domain) do update set per_minute = excluded.per_minute, concurrency = excluded.concurrency`.execute(
    database.db,
  );

/** A notice whose first emails are of a domain, and its others of none that is known. */
async function notice(ofDomain: number, others: number, domain = 'docomo', lane = domain) {
  const { noticeId, incidentId, deliveries } = await sendingNotice(database.db, ofDomain + others);
  await putInto(database, deliveries.slice(0, ofDomain), domain, lane);
  return { noticeId, incidentId, deliveries };
}

const later = (seconds: number) =>
  sql`update domain_budgets set paced_until = paced_until - make_interval(secs => ${seconds}),
    minute = minute - make_interval(secs => ${seconds > 60 ? 60 : 0})`.execute(database.db);

describe('a lane', () => {
  it('has permissions of its own, which claim nothing of another', async () => {
    const { noticeId, deliveries } = await notice(3, 4);
    await (await dispatching(database)).tick();
    expect(await outstandingOf(database, noticeId)).toEqual({ docomo: 3, '': 4 });
    const [first = '', second = ''] = await permissionsOf(database, noticeId);
    expect((await claimChunk(database.db, second, 'worker')).map(({ id }) => id)).toEqual(deliveries.slice(3));
    expect((await claimChunk(database.db, first, 'worker')).map(({ id }) => id)).toEqual(deliveries.slice(0, 3));
  });

  it('keeps its rate: five seconds’ worth at once, and no more before their time', async () => {
    const { noticeId } = await notice(100, 0);
    await limit('docomo', 60, 1000);
    const dispatcher = await dispatching(database);
    expect(await dispatcher.tick()).toBe(5);
    expect(await dispatcher.tick()).toBe(0);
    await later(3);
    expect(await dispatcher.tick()).toBe(3);
    expect(await dispatcher.tick()).toBe(0);
    expect(await outstandingOf(database, noticeId)).toEqual({ docomo: 8 });
  });

  it('shares its rate over notices, and over machines that take turns', async () => {
    await notice(100, 0);
    await notice(100, 0);
    await limit('docomo', 60, 1000);
    const dispatcher = await dispatching(database);
    const next = await dispatcher.takenOver();
    const twice = async (machine: Dispatching) => (await machine.tick()) + (await machine.tick());
    const [gone, taken] = await Promise.all([twice(dispatcher), twice(next)]);
    expect([gone, taken]).toEqual([0, 5]);
    expect(await (await next.takenOver()).tick()).toBe(0);
  });

  it('does not use up the pace of a notice with what it may not send', async () => {
    const { noticeId } = await notice(100, 100);
    await sql`update notices set per_hour = 3600, approved_at = now() - interval '30 seconds' where id = ${noticeId}`.execute(
      database.db,
    );
    await limit('docomo', 60, 1000);
    await (await dispatching(database)).tick();
    const { docomo, '': rest = 0 } = await outstandingOf(database, noticeId);
    expect(docomo).toBe(5);
    expect(rest).toBeGreaterThanOrEqual(25);
  });

  it('has no more on their way at once than its limit, permitted, claimed and submitting together', async () => {
    const { db } = database;
    const { noticeId } = await notice(10, 0);
    await limit('docomo', null, 3);
    const dispatcher = await dispatching(database);
    expect(await dispatcher.tick()).toBe(3);
    expect(await dispatcher.tick()).toBe(0);
    const [permission = ''] = await permissionsOf(database, noticeId);
    const claimed = await claimChunk(db, permission, 'worker');
    expect(await dispatcher.tick()).toBe(0);
    await writeSteps(db, claimed.slice(0, 2), []);
    expect(await dispatcher.tick()).toBe(0);
    const told = { class: null, code: null, reply: null, waitSeconds: null, state: 'submitted' as const };
    await writeSteps(
      db,
      [],
      claimed.slice(0, 2).map(({ id, attempt }) => ({ id, attempt, ...told })),
    );
    expect(await dispatcher.tick()).toBe(2);
  });

  it('has the limits of its group where mail really goes out, and none in the catcher', async () => {
    const { noticeId } = await notice(300, 0);
    expect(await (await dispatching(database)).tick()).toBe(60);
    await sql`delete from tasks where subject_id = ${noticeId}`.execute(database.db);
    expect(await (await dispatching(database, { simulated: true })).tick()).toBe(300);
  });

  it('of a domain that an operator limits begins although the freeze knew of no limit', async () => {
    const { noticeId } = await notice(100, 50, 'gmail', '');
    await limit('gmail', 60);
    await (await dispatching(database)).tick();
    expect(await outstandingOf(database, noticeId)).toEqual({ gmail: 5, '': 50 });
  });
});

describe('a domain that is held', () => {
  it('gets no permissions, loses those that it has, and those that are used up meanwhile claim nothing', async () => {
    const { noticeId } = await notice(3, 4);
    const dispatcher = await dispatching(database);
    await dispatcher.tick();
    const [ofDocomo = ''] = await permissionsOf(database, noticeId);
    await sql`insert into mail_domains (domain, held_at, held_because) values ('docomo', now(), 'sender_auth')`.execute(
      database.db,
    );
    expect(await claimChunk(database.db, ofDocomo, 'worker')).toEqual([]);
    await createTask(database.db, 'send-email', noticeId, 1);
    await sql`update tasks set lane = 'docomo' where subject_id = ${noticeId}`.execute(database.db);
    await recallPermissions(database.db);
    expect(await outstandingOf(database, noticeId)).toEqual({});
    expect(await dispatcher.tick()).toBe(4);
    expect(await outstandingOf(database, noticeId)).toEqual({ '': 4 });
  });

  it('is passed over by a claim that was permitted before anybody knew of it', async () => {
    const { noticeId, deliveries } = await notice(3, 4, HASH, '');
    await (await dispatching(database)).tick();
    const [permission = ''] = await permissionsOf(database, noticeId);
    await sql`insert into mail_domains (domain, held_at) values (${HASH}, now())`.execute(database.db);
    const claimed = await claimChunk(database.db, permission, 'worker');
    expect(claimed.map(({ id }) => id)).toEqual(deliveries.slice(3));
  });
});

describe('answers of a domain', () => {
  const say = (kind: 'throttled' | 'blocked' | 'auth', times: number, domain: string, incidentId: string) =>
    noteDomainSignals(
      { db: database.db, log, simulated: false },
      Array.from({ length: times }, () => ({ domain, incidentId, kind, code: '421 4.7.0' })),
    );
  const known = async (domain: string) => {
    const { rows } = await sql<Record<string, unknown>>`
      select slowed_to, held_because, held_code, incident_id, cardinality(throttles) as throttles
      from mail_domains where domain = ${domain}`.execute(database.db);
    return rows[0];
  };

  it('that ask for less slow it to half, in a lane of its own', async () => {
    const { noticeId, incidentId } = await notice(100, 50, HASH, '');
    await say('throttled', 2, HASH, incidentId);
    expect(await known(HASH)).toMatchObject({ slowed_to: null, throttles: 2 });
    await say('throttled', 1, HASH, incidentId);
    // Nothing of it has gone yet, so that half of nothing is the least.
    expect(await known(HASH)).toMatchObject({ slowed_to: 6, throttles: 0, incident_id: incidentId });
    await (await dispatching(database)).tick();
    expect(await outstandingOf(database, noticeId)).toEqual({ [HASH]: 1, '': 50 });
  });

  it('that ask for less slow a domain without a limit from what it takes at present', async () => {
    const { db } = database;
    const { noticeId, incidentId } = await notice(20, 0, HASH, '');
    await (await dispatching(database)).tick();
    const [permission = ''] = await permissionsOf(database, noticeId);
    const claimed = await claimChunk(db, permission, 'worker');
    await writeSteps(db, claimed, []);
    const told = { class: null, code: null, reply: null, waitSeconds: null, state: 'submitted' as const };
    await writeSteps(
      db,
      [],
      claimed.map(({ id, attempt }) => ({ id, attempt, ...told })),
    );
    await say('throttled', 3, HASH, incidentId);
    expect(await known(HASH)).toMatchObject({ slowed_to: 60 });
  });

  it('slow it from what is being tried, also before it has taken anything', async () => {
    const { incidentId } = await notice(20, 0, HASH, '');
    await (await dispatching(database)).tick();
    const { rows } = await sql<{ id: string }>`select id from tasks where kind = 'send-email'`.execute(database.db);
    await claimChunk(database.db, rows[0]?.id ?? '', 'worker');
    await say('throttled', 3, HASH, incidentId);
    expect(await known(HASH)).toMatchObject({ slowed_to: 60 });
  });

  it('slow a group from its limit, and it recovers step by step', async () => {
    const { incidentId } = await notice(1, 0);
    await limit('docomo', 100);
    await say('throttled', 3, 'docomo', incidentId);
    expect(await known('docomo')).toMatchObject({ slowed_to: 50, incident_id: null });
    await recoverDomains(database.db, false);
    expect(await known('docomo')).toMatchObject({ slowed_to: 50 });
    for (const expected of [75, null]) {
      await sql`update mail_domains set slowed_at = now() - interval '30 seconds',
        throttled_at = now() - interval '30 seconds'`.execute(database.db);
      await recoverDomains(database.db, false);
      expect(await known('docomo')).toMatchObject({ slowed_to: expected });
    }
  });

  it('that refuse us as sender hold it, at the third or, when we are not authenticated, at the first', async () => {
    const { incidentId } = await notice(1, 0);
    await say('blocked', 2, 'docomo', incidentId);
    expect(await known('docomo')).toMatchObject({ held_because: null });
    await say('blocked', 1, 'docomo', incidentId);
    expect(await known('docomo')).toMatchObject({ held_because: 'sender_blocked', held_code: '421 4.7.0' });
    await say('auth', 1, HASH, incidentId);
    expect(await known(HASH)).toMatchObject({ held_because: 'sender_auth', incident_id: incidentId });
  });

  it('are all counted when several workers tell of them at once', async () => {
    const { incidentId } = await notice(1, 0);
    await limit('docomo', 100);
    await Promise.all([1, 1, 1].map((times) => say('throttled', times, 'docomo', incidentId)));
    expect(await known('docomo')).toMatchObject({ slowed_to: 50 });
  });
});
