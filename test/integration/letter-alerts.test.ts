import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { pageAlerts, raiseAlerts } from '../../src/alerts/alerts.store.ts';
import { letterCausesAt } from '../../src/alerts/letter-causes.store.ts';
import { letterBatchRoutes } from '../../src/http/api/letter-batches.routes.ts';
import { returnedLetterRoutes } from '../../src/http/api/returned-letters.routes.ts';
import { substituteRoutes } from '../../src/http/api/substitute.routes.ts';
import { createTask } from '../../src/tasks/task.store.ts';
import { type TestServer, testServer } from '../support/http.ts';
import { sendingNotice } from '../support/notice-rows.ts';
import { type PostedLetters, postedLetters } from '../support/posted-letters.ts';
import { OSAKA, one } from '../support/return-desk.ts';
import { until } from '../support/until.ts';

let server: TestServer;
beforeAll(async () => {
  server = await testServer({
    routes: (services) => [letterBatchRoutes(services), returnedLetterRoutes(services), substituteRoutes(services)],
  });
});
afterAll(() => server.close());
beforeEach(async () => {
  await sql`delete from alert_tellings; delete from alerts; delete from tasks;
    update letter_batches set state = 'posted' where state in ('rendered', 'handed_over');
    update notices set substitute_taken_at = now()`.execute(server.services.db);
});

let address: Promise<string> | undefined;
const listening = (): Promise<string> => {
  address ??= server.app.listen({ host: '127.0.0.1', port: 0 });
  return address;
};

const raised = async () => {
  const alerts = await raiseAlerts(server.services.db, []);
  return alerts.filter(({ kind }) => kind !== 'notice_completed').map(({ kind }) => kind);
};
const open = () => pageAlerts(server.services.db, true, null, 100);

describe('a bundle that does not get into the printer’s folder', () => {
  const waiting = async (hours: number) => {
    const { db } = server.services;
    const { noticeId, incidentId } = await sendingNotice(db, 1, 'letter');
    const batchIds = [await batch(noticeId, 1), await batch(noticeId, 2)];
    for (const id of batchIds) {
      const task = await createTask(db, 'drop-batch', id);
      await sql`update tasks set created_at = now() - make_interval(hours => ${hours}), fence = 30 where id = ${task}`.execute(
        db,
      );
    }
    return { noticeId, incidentId, batchIds };
  };

  it('is told after an hour, once for all batches of a notice, and not as work that stands still', async () => {
    const { noticeId, incidentId, batchIds } = await waiting(2);
    expect(await raised()).toEqual(['drop_failing']);
    expect(await open()).toMatchObject([
      { subject: { noticeId, incidentId }, detail: { batches: 2, batchId: batchIds[0], failures: 30 } },
    ]);
  });

  it('is no news before, and over when nobody waits for it any more', async () => {
    await waiting(0);
    expect(await raised()).toEqual([]);
    await sql`update tasks set created_at = now() - interval '61 minutes'`.execute(server.services.db);
    expect(await raised()).toEqual(['drop_failing']);
    await sql`delete from tasks`.execute(server.services.db);
    await raised();
    expect(await open()).toEqual([]);
  });
});

describe('letters that have come back', () => {
  const returned = async (count: number): Promise<PostedLetters> => {
    const letters = await postedLetters(server.services, count);
    const all = letters.persons.map(({ reference }) => ({ reference, reason: 'moved' }));
    await server.call('operator', 'POST', '/v1/letters/returned', all);
    return letters;
  };
  const dayLater = (noticeId: string) =>
    sql`alter table deliveries disable trigger user; update deliveries set updated_at = now() - interval '25 hours'
      where notice_id = ${sql.lit(noticeId)}; alter table deliveries enable trigger user`.execute(server.services.db);

  it('are told after a day, with how many still wait, until each has a later letter', async () => {
    const letters = await returned(2);
    const { noticeId, incidentId } = letters;
    expect(await raised()).toEqual([]);
    await dayLater(noticeId);
    expect(await raised()).toEqual(['letters_returned']);
    expect(await open()).toMatchObject([{ subject: { noticeId, incidentId }, detail: { number: 2 } }]);
    const readdress = (i: number) =>
      server.call('operator', 'POST', `/v1/deliveries/${one(letters, i).deliveryId}/readdress`, OSAKA);
    await readdress(0);
    await raised();
    expect(await open()).toMatchObject([{ detail: { number: 1 } }]);
    await readdress(1);
    await raised();
    expect(await open()).toEqual([]);
  });

  it('are dealt with when an operator takes the list for substitute notice, and those that come later are not', async () => {
    const letters = await returned(1);
    const url = `/v1/notices/${letters.noticeId}/substitute.csv`;
    await dayLater(letters.noticeId);
    expect((await server.call('staff', 'GET', url)).status).toBe(200);
    expect(await raised()).toEqual(['letters_returned']);
    expect((await server.call('operator', 'HEAD', url)).status).toBe(200);
    await raised();
    expect(await open()).toHaveLength(1);
    expect((await server.call('operator', 'GET', url)).status).toBe(200);
    await until('nobody waits', async () => (await raised()).length === 0 && (await open()).length === 0);
    await sql`update notices set substitute_taken_at = now() - interval '2 days' where id = ${letters.noticeId}`.execute(
      server.services.db,
    );
    expect(await raised()).toEqual(['letters_returned']);
  });

  // Both are more than a connection holds that nobody reads; the second is with the server's socket at once.
  it.each([
    [150, 'who reads it', 200_000],
    [1, 'the server', 30_000_000],
  ])('still wait when a download of %i lines is broken off by %s, until one is whole', async (count, who, bytes) => {
    const { db } = server.services;
    const { noticeId } = await returned(count);
    await sql`update notice_persons set cause = repeat('x', ${bytes}::int) where notice_id = ${noticeId}`.execute(db);
    await sql`update notices set substitute_taken_at = null where id = ${noticeId}`.execute(db);
    await dayLater(noticeId);
    const base = await listening();
    const path = `/v1/notices/${noticeId}/substitute.csv`;
    const authorization = `Bearer ${server.keys.operator}`;
    const arrival = once(server.app.server, 'connection');
    const socket = connect(Number(new URL(base).port), '127.0.0.1');
    const [arrived] = (await arrival) as [Socket];
    socket.write(`GET ${path} HTTP/1.1\r\nhost: owabi\r\nauthorization: ${authorization}\r\n\r\n`);
    await once(socket, 'data');
    (who === 'the server' ? arrived : socket).destroy();
    await until('the server knows', () => arrived.closed);
    expect(await raised()).toEqual(['letters_returned']);
    const whole = await (await fetch(base + path, { headers: { authorization } })).text();
    expect(whole.trimEnd().split('\r\n')).toHaveLength(count + 1);
    await until('nobody waits', async () => (await raised()).length === 0 && (await open()).length === 0);
  });

  it('leave one waiting that came back while the list was read', async () => {
    const { db } = server.services;
    const letters = await returned(1);
    await sql`update notices set substitute_taken_at = null where id = ${letters.noticeId}`.execute(db);
    const { at } = (await sql<{ at: Date }>`select now() as at`.execute(db)).rows[0] as { at: Date };
    await server.call('operator', 'GET', `/v1/notices/${letters.noticeId}/substitute.csv`);
    const { taken } = await until('it is written down', async () => {
      const { rows } = await sql<{ taken: Date | null }>`
        select substitute_taken_at as taken from notices where id = ${letters.noticeId}`.execute(db);
      return rows[0]?.taken ? { taken: rows[0].taken } : null;
    });
    expect(taken.getTime()).toBeLessThan(at.getTime());
  });

  it('need nobody where something else has reached the person', async () => {
    const letters = await returned(2);
    const { noticeId } = letters;
    await dayLater(noticeId);
    await sql`
      insert into deliveries (notice_id, person_id, channel, state)
      values (${noticeId}, ${one(letters).id}, 'email', 'pending')`.execute(server.services.db);
    for (const state of ['claimed', 'submitting', 'submitted']) {
      await sql`update deliveries set state = ${state} where notice_id = ${noticeId} and channel = 'email'`.execute(
        server.services.db,
      );
    }
    expect(await raised()).toEqual(['letters_returned']);
    expect(await open()).toMatchObject([{ detail: { number: 1 } }]);
  });
});

describe('letters that could not be printed', () => {
  /** Second letters of so many persons, left out of their batch; a function that has one printed anew. */
  const leftOut = async (count: number, reason: string) => {
    const { db } = server.services;
    const letters = await postedLetters(server.services, count);
    const { noticeId, incidentId } = letters;
    const returned = letters.persons.map(({ reference }) => ({ reference, reason: 'moved' }));
    await server.call('operator', 'POST', '/v1/letters/returned', returned);
    for (const { deliveryId } of letters.persons)
      await server.call('operator', 'POST', `/v1/deliveries/${deliveryId}/readdress`, OSAKA);
    const { rows } = await sql<{ id: string }>`
      update deliveries set state = 'unprintable', reason = ${reason}
      where notice_id = ${noticeId} and state = 'pending' returning id`.execute(db);
    expect(rows).toHaveLength(count);
    const again = { ...OSAKA, addressLines: ['大阪府大阪市北区梅田1-2'] };
    const printAnew = (i: number) => server.call('operator', 'POST', `/v1/deliveries/${rows[i]?.id}/readdress`, again);
    return { letters, noticeId, incidentId, printAnew };
  };

  it.each(['check_failed', 'render_failed'])('are told at once (%s), until each has a later letter', async (reason) => {
    const { noticeId, incidentId, printAnew } = await leftOut(2, reason);
    expect(await raised()).toEqual(['letters_unprintable']);
    expect(await open()).toMatchObject([{ subject: { noticeId, incidentId }, detail: { number: 2 } }]);
    expect((await printAnew(0)).status).toBeLessThan(300);
    await raised();
    expect(await open()).toMatchObject([{ detail: { number: 1 } }]);
    expect((await printAnew(1)).status).toBeLessThan(300);
    await raised();
    expect(await open()).toEqual([]);
    // A later letter that cannot be printed either is one letter that waits, not two.
    await sql`update deliveries set state = 'unprintable', reason = ${reason}
      where notice_id = ${noticeId} and state = 'pending'`.execute(server.services.db);
    await raised();
    expect(await open()).toMatchObject([{ detail: { number: 2 } }]);
  });

  it('are no news when the approver has seen them, or the notice is cancelled', async () => {
    await leftOut(1, 'does_not_fit');
    expect(await raised()).toEqual([]);
    const { noticeId } = await leftOut(1, 'check_failed');
    await sql`update notices set status = 'cancelled' where id = ${noticeId}`.execute(server.services.db);
    expect(await raised()).toEqual([]);
  });

  it('need nobody where something else has reached the person', async () => {
    const { db } = server.services;
    const { noticeId, letters } = await leftOut(2, 'check_failed');
    await sql`insert into deliveries (notice_id, person_id, channel, state)
      values (${noticeId}, ${one(letters).id}, 'email', 'pending')`.execute(db);
    for (const state of ['claimed', 'submitting', 'submitted']) {
      await sql`update deliveries set state = ${state} where notice_id = ${noticeId} and channel = 'email'`.execute(db);
    }
    expect(await raised()).toEqual(['letters_unprintable']);
    expect(await open()).toMatchObject([{ detail: { number: 1 } }]);
  });

  it('are dealt with when an operator takes the list for substitute notice, and those that come later are not', async () => {
    const { db } = server.services;
    const { noticeId } = await leftOut(1, 'check_failed');
    await sql`update notices set status = 'completed' where id = ${noticeId}`.execute(db);
    expect(await raised()).toEqual(['letters_unprintable']);
    await sql`update notices set substitute_taken_at = now() where id = ${noticeId}`.execute(db);
    await raised();
    expect(await open()).toEqual([]);
    await sql`update notices set substitute_taken_at = now() - interval '1 hour' where id = ${noticeId}`.execute(db);
    expect(await raised()).toEqual(['letters_unprintable']);
  });
});

describe('a batch that nobody acknowledges', () => {
  /** @param ready when its files lay there, by the clock of the database */
  const ready = async (id: string, at: string) =>
    sql`update letter_batches set rendered_at = ${sql.raw(at)} where id = ${id}`.execute(server.services.db);
  /** The day before so many whole working days that have passed. */
  const workingDaysAgo = (days: number) => `(
    select max(d) from generate_series(date_trunc('day', now() at time zone 'UTC') - interval '20 days',
      date_trunc('day', now() at time zone 'UTC'), interval '1 day') d
    where (select count(*) from generate_series(d + interval '1 day',
      date_trunc('day', now() at time zone 'UTC') - interval '1 day', interval '1 day') w
      where extract(isodow from w) < 6) >= ${days}) at time zone 'UTC'`;
  const inUtc = async () => {
    const { noticeId } = await sendingNotice(server.services.db, 1, 'letter');
    await sql`update incidents set time_zone = 'UTC'`.execute(server.services.db);
    return { noticeId, id: await batch(noticeId, 1) };
  };

  it('is told when two whole working days have passed, and over when it is acknowledged', async () => {
    const { noticeId, id } = await inUtc();
    await ready(id, workingDaysAgo(1));
    expect(await raised()).toEqual([]);
    await ready(id, workingDaysAgo(2));
    expect(await raised()).toEqual(['batch_waiting']);
    expect(await open()).toMatchObject([
      { subject: { noticeId }, detail: { because: 'not_acknowledged', batches: 1, batchId: id } },
    ]);
    await acknowledge(id, 1, 2);
    await raised();
    expect(await open()).toEqual([]);
  });

  it('counts from when it was put into the printer’s folder', async () => {
    const { id } = await inUtc();
    await ready(id, workingDaysAgo(3));
    await sql`update letter_batches set delivered_at = now() where id = ${id}`.execute(server.services.db);
    expect(await raised()).toEqual([]);
  });

  it('is not told in the holidays of Japan', async () => {
    const { id } = await inUtc();
    const { db } = server.services;
    await sql`update incidents set time_zone = 'Asia/Tokyo'`.execute(db);
    // Golden Week: 3 to 6 May 2028 are holidays, 7 May is a Sunday; ready on 2 May, a Tuesday.
    const at = (now: string) =>
      sql<{ due: boolean }>`
      select exists (select from (${letterCausesAt(sql`${now}::timestamptz`)}) c (kind) where kind = 'batch_waiting') as due`.execute(
        db,
      );
    await ready(id, `'2028-05-02T10:00:00+09:00'`);
    expect((await at('2028-05-09T23:00:00+09:00')).rows).toEqual([{ due: false }]);
    expect((await at('2028-05-10T01:00:00+09:00')).rows).toEqual([{ due: true }]);
  });

  it('is told at once when the printer counts otherwise, which is written down, until it is acknowledged rightly', async () => {
    const { id } = await inUtc();
    expect(await acknowledge(id, 1, 3)).toMatchObject({ status: 409, body: { code: 'figures_differ' } });
    expect(await raised()).toEqual(['batch_waiting']);
    expect(await open()).toMatchObject([{ detail: { because: 'figures_differ', batches: 1, batchId: id } }]);
    const { rows } = await sql`
      select from audit_events where action = 'letter_batch.figures_differed' and subject_id = ${id}`.execute(
      server.services.db,
    );
    expect(rows).toHaveLength(1);
    expect(
      (await server.call('operator', 'POST', `/v1/letter-batches/${id}/posted`, { on: '2026-05-07' })).status,
    ).toBe(409);
    expect((await acknowledge(id, 1, 2)).status).toBe(200);
    await raised();
    expect(await open()).toEqual([]);
    // The printer counts once more, and one is missing now.
    expect((await acknowledge(id, 0, 0)).status).toBe(409);
    await raised();
    expect(await open()).toMatchObject([{ detail: { because: 'figures_differ', batches: 1, batchId: id } }]);
    expect((await acknowledge(id, 1, 2)).status).toBe(200);
    await raised();
    expect(await open()).toEqual([]);
  });

  it('is told when the printer counts otherwise after it was posted: wrong letters may be in the post', async () => {
    const { id } = await inUtc();
    await acknowledge(id, 1, 2);
    const url = `/v1/letter-batches/${id}/posted`;
    const on = new Date().toISOString().slice(0, 10);
    expect((await server.call('operator', 'POST', url, { on })).status).toBe(200);
    expect((await acknowledge(id, 2, 2)).status).toBe(409);
    expect(await raised()).toEqual(['batch_waiting']);
    expect(await open()).toMatchObject([{ detail: { because: 'figures_differ', batches: 1, batchId: id } }]);
    expect(await acknowledge(id, 1, 2)).toMatchObject({ status: 200, body: { state: 'posted' } });
    await raised();
    expect(await open()).toEqual([]);
  });

  it('is told when the printer has had it for a week and nobody has said that it is posted', async () => {
    const { noticeId, id } = await inUtc();
    await acknowledge(id, 1, 2);
    const had = (days: number) =>
      sql`update letter_batches set handed_over_at = now() - make_interval(days => ${days}, mins => 1)
        where id = ${id}`.execute(server.services.db);
    await had(6);
    expect(await raised()).toEqual([]);
    await had(7);
    expect(await raised()).toEqual(['batch_waiting']);
    expect(await open()).toMatchObject([
      { subject: { noticeId }, detail: { because: 'not_posted', batches: 1, batchId: id } },
    ]);
    const on = new Date().toISOString().slice(0, 10);
    expect((await server.call('operator', 'POST', `/v1/letter-batches/${id}/posted`, { on })).status).toBe(200);
    await raised();
    expect(await open()).toEqual([]);
  });

  it('needs somebody also when its notice is cancelled: its files lie at the printer’s', async () => {
    const { noticeId, id } = await inUtc();
    await ready(id, workingDaysAgo(2));
    await sql`update notices set status = 'cancelled' where id = ${noticeId}`.execute(server.services.db);
    expect(await raised()).toEqual(['batch_waiting']);
  });
});

/** A rendered batch of one letter of two pages. */
async function batch(noticeId: string, number: number): Promise<string> {
  const { rows } = await sql<{ id: string }>`
    insert into letter_batches (notice_id, number, state, letters, pages, rendered_at)
    values (${noticeId}, ${number}, 'rendered', 1, 2, now()) returning id`.execute(server.services.db);
  return rows[0]?.id as string;
}

const acknowledge = (id: string, letters: number, pages: number) =>
  server.call('operator', 'POST', `/v1/letter-batches/${id}/handed-over`, {
    at: new Date().toISOString(),
    letters,
    pages,
  });
