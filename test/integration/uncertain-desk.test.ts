import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { planLettersForUncertain, recoverDeliveries, writeSteps } from '../../src/delivery/ledger.store.ts';
import { deliveryRoutes } from '../../src/http/api/deliveries.routes.ts';
import { statsRoutes } from '../../src/http/api/stats.routes.ts';
import { cancelNotice } from '../../src/notice/notices.store.ts';
import { recount } from '../../src/reporting/recount.store.ts';
import { removeWorker } from '../../src/tasks/worker-life.store.ts';
import { type TestServer, testServer } from '../support/http.ts';
import { countsOf, sendingNotice } from '../support/notice-rows.ts';
import { markAs, takeOver } from '../support/uncertain-rows.ts';

let server: TestServer;
beforeAll(async () => {
  const refuse = () => Promise.reject(new Error('nothing is typeset here'));
  const press = { typeset: refuse, typesetPages: refuse, archive: refuse, close: async () => undefined };
  server = await testServer({
    settings: { FIRST_RETRY_SECONDS: '20' },
    routes: (services) => [deliveryRoutes({ ...services, press }), statsRoutes(services)],
  });
});
afterAll(() => server.close());

const db = () => server.database.db;
const list = async (noticeId: string, query = '') =>
  (await server.call('staff', 'GET', `/v1/notices/${noticeId}/uncertain${query}`)).body;
const resolve = (what: string, id: string, outcome: string, who: 'operator' | 'staff' = 'operator') =>
  server.call(who, 'POST', `/v1/${what}/${id}/resolve`, { outcome });
const later = (from: string, seconds: number) => new Date(Date.parse(from) + seconds * 1000).toISOString();
const lastAudit = async () =>
  (
    await sql<{ action: string; subject_id: string; detail: object }>`
    select action, subject_kind, subject_id, detail from audit_events order by id desc limit 1`.execute(db())
  ).rows[0];
const age = (noticeId: string, hours: number) =>
  sql`update deliveries set updated_at = now() - make_interval(hours => ${hours}) where notice_id = ${noticeId}`.execute(
    db(),
  );

/** An attempt that ends as told, by a worker that lives. */
async function attempt(noticeId: string, workerId: string, end: { state: 'deferred' | 'uncertain' | 'submitted' }) {
  const [claimed] = await markAs(db(), noticeId, 1, workerId);
  if (!claimed) throw new Error('one was claimed');
  const codes = {
    deferred: ['throttled', '450 4.2.0'],
    uncertain: ['no_reply', 'ETIMEDOUT'],
    submitted: [null, '250'],
  };
  const [failure = null, code = null] = codes[end.state];
  const reply = Buffer.from('sealed');
  const result = { id: claimed.id, attempt: claimed.attempt, class: failure, code, reply, waitSeconds: 0 };
  await writeSteps(db(), [], [{ ...result, ...end }]);
  return claimed;
}

describe('the list of what is uncertain', () => {
  it('shows what is known of each: when, by whom, how, and how it went before', async () => {
    const { noticeId } = await sendingNotice(db(), 1);
    await attempt(noticeId, `first ${noticeId}`, { state: 'deferred' });
    await sql`update deliveries set state = 'pending' where notice_id = ${noticeId}`.execute(db());
    const { id, personId } = await attempt(noticeId, `second ${noticeId}`, { state: 'uncertain' });
    const { items, nextCursor } = await list(noticeId);
    expect(nextCursor).toBeNull();
    expect(items).toEqual([
      {
        ...{ id, personId, reference: expect.any(String), attempt: 2, why: 'no_reply', code: 'ETIMEDOUT' },
        ...{ workerId: `second ${noticeId}`, markedAt: expect.any(String), uncertainSince: expect.any(String) },
        earlier: [
          {
            attempt: 1,
            state: 'deferred',
            class: 'throttled',
            code: '450 4.2.0',
            reason: null,
            at: expect.any(String),
          },
        ],
        ...{ letter: null, resendAt: null, letterAt: null },
      },
    ]);
    expect(Date.parse(items[0].markedAt)).toBeLessThanOrEqual(Date.parse(items[0].uncertainSince));
  });

  it('does not take the code of an earlier attempt for that of one whose worker died', async () => {
    const { noticeId } = await sendingNotice(db(), 1);
    await attempt(noticeId, `lives ${noticeId}`, { state: 'deferred' });
    await sql`update deliveries set state = 'pending' where notice_id = ${noticeId}`.execute(db());
    await takeOver(db(), noticeId, 1);
    expect((await list(noticeId)).items).toMatchObject([{ attempt: 2, why: 'worker_lost', code: null }]);
  });

  it('tells who had it sent again, when it became uncertain before', async () => {
    const { noticeId } = await sendingNotice(db(), 1);
    await takeOver(db(), noticeId, 1);
    await resolve('notices', noticeId, 'resend');
    await takeOver(db(), noticeId, 1);
    const { items } = await list(noticeId);
    expect(items[0].earlier).toMatchObject([
      { attempt: 1, state: 'uncertain', class: 'worker_lost', code: null },
      { attempt: 1, state: 'pending', reason: 'resend_by_operator' },
    ]);
  });

  it('says when a letter comes by itself, and that it has been planned', async () => {
    const { noticeId } = await sendingNotice(db(), 1, 'email_then_letter');
    await takeOver(db(), noticeId, 1);
    const [before] = (await list(noticeId)).items;
    expect(before).toMatchObject({ letter: null, letterAt: later(before.uncertainSince, 24 * 3600) });
    await age(noticeId, 25);
    await planLettersForUncertain(db());
    expect((await list(noticeId)).items).toMatchObject([
      { letterAt: null, letter: { state: 'pending', reason: 'uncertain', plannedAt: expect.any(String) } },
    ]);
  });

  it('says when the notice sends it again by itself, unless it is paused or has done so often enough', async () => {
    const { noticeId } = await sendingNotice(db(), 1);
    await sql`update notices set on_uncertain = 'resend' where id = ${noticeId}`.execute(db());
    const show = async () => (await list(noticeId)).items[0];
    await takeOver(db(), noticeId, 1);
    const first = await show();
    expect(first.resendAt).toBe(later(first.uncertainSince, 20));
    await sql`update deliveries set state = 'pending' where notice_id = ${noticeId}`.execute(db());
    await takeOver(db(), noticeId, 1);
    const second = await show();
    expect(second.resendAt).toBe(later(second.uncertainSince, 40));
    await sql`update notices set status = 'paused' where id = ${noticeId}`.execute(db());
    expect((await show()).resendAt).toBeNull();
    await sql`update notices set status = 'sending' where id = ${noticeId}`.execute(db());
    await sql`update deliveries set attempt = 4 where notice_id = ${noticeId}`.execute(db());
    expect((await show()).resendAt).toBeNull();
  });

  it('comes in pages, holds no other state, and is not there for a notice that is not there', async () => {
    const { noticeId, deliveries } = await sendingNotice(db(), 5);
    await takeOver(db(), noticeId, 3);
    const first = await list(noticeId, '?limit=2');
    const second = await list(noticeId, `?limit=2&cursor=${first.nextCursor}`);
    const ids = [...first.items, ...second.items].map(({ id }: { id: string }) => id);
    expect(ids).toEqual(deliveries.slice(0, 3));
    expect(second.nextCursor).toBeNull();
    expect((await server.call('staff', 'GET', '/v1/notices/4711/uncertain')).status).toBe(404);
  });
});

describe('an operator’s word on what is uncertain', () => {
  it('of one: taken as submitted, it counts as reached, is written to the history and audited', async () => {
    const { noticeId } = await sendingNotice(db(), 2);
    const [one] = await takeOver(db(), noticeId, 2);
    const id = one?.id ?? '';
    expect(await resolve('deliveries', id, 'submitted')).toMatchObject({ status: 200, body: { resolved: 1 } });
    expect((await server.call('staff', 'GET', `/v1/notices/${noticeId}/stats`)).body).toMatchObject({
      ...{ email: { submitted: 1, uncertain: 1 }, persons: { reached: 1, inProgress: 1 } },
    });
    const { rows } = await sql<{ reason: string }>`
      select from_state, to_state, reason from delivery_events where delivery_id = ${id} order by id desc limit 1`.execute(
      db(),
    );
    expect(rows).toEqual([{ from_state: 'uncertain', to_state: 'submitted', reason: 'submitted_by_operator' }]);
    expect(await lastAudit()).toMatchObject({
      ...{ action: 'delivery.resolved', subject_kind: 'delivery', subject_id: id },
      detail: { outcome: 'submitted', count: 1 },
    });
    expect(await recount(db(), noticeId)).toBe(true);
  });

  it('of all: sent again, each once, and those of other notices stay', async () => {
    const { noticeId } = await sendingNotice(db(), 3);
    const other = await sendingNotice(db(), 1);
    await takeOver(db(), noticeId, 3);
    await takeOver(db(), other.noticeId, 1);
    expect((await resolve('notices', noticeId, 'resend')).body).toEqual({ resolved: 3 });
    expect((await resolve('notices', noticeId, 'resend')).body).toEqual({ resolved: 0 });
    expect(await countsOf(db(), noticeId)).toEqual({ 'email pending': 3, 'person in_progress': 3 });
    expect(await countsOf(db(), other.noticeId)).toMatchObject({ 'email uncertain': 1 });
    const again = await markAs(db(), noticeId, 9, `again ${noticeId}`);
    expect(again.map((delivery) => delivery.attempt)).toEqual([2, 2, 2]);
  });

  it('said twice of the same one is refused the second time and changes nothing', async () => {
    const { noticeId } = await sendingNotice(db(), 1);
    const [one] = await takeOver(db(), noticeId, 1);
    await resolve('deliveries', one?.id ?? '', 'resend');
    for (const outcome of ['resend', 'submitted']) {
      expect(await resolve('deliveries', one?.id ?? '', outcome)).toMatchObject({
        ...{ status: 409, body: { code: 'wrong_state', detail: 'The delivery is pending, not uncertain.' } },
      });
    }
    expect(await countsOf(db(), noticeId)).toMatchObject({ 'email pending': 1 });
  });

  it('that is repeated with its Idempotency-Key sends nothing again, although it is uncertain again by then', async () => {
    const { noticeId } = await sendingNotice(db(), 1);
    const [one] = await takeOver(db(), noticeId, 1);
    for (const url of [`/v1/deliveries/${one?.id}/resolve`, `/v1/notices/${noticeId}/resolve`]) {
      const say = () =>
        server.call(
          'operator',
          'POST',
          url,
          { outcome: 'resend' },
          { 'idempotency-key': `k ${url}`.replaceAll(' ', '') },
        );
      expect((await say()).body).toEqual({ resolved: 1 });
      await takeOver(db(), noticeId, 1);
      expect(await say()).toMatchObject({ body: { resolved: 1 }, headers: { 'idempotency-replayed': 'true' } });
      expect(await countsOf(db(), noticeId), url).toMatchObject({ 'email uncertain': 1 });
    }
  });

  it('is an operator’s, and about something that is there', async () => {
    const { noticeId } = await sendingNotice(db(), 1);
    const [one] = await takeOver(db(), noticeId, 1);
    expect((await resolve('deliveries', one?.id ?? '', 'submitted', 'staff')).status).toBe(403);
    expect((await resolve('notices', noticeId, 'submitted', 'staff')).status).toBe(403);
    expect((await resolve('deliveries', one?.id ?? '', 'bounced')).status).toBe(400);
    for (const outcome of ['resend', 'submitted']) {
      expect((await resolve('deliveries', '4711', outcome)).status).toBe(404);
      expect((await resolve('notices', '4711', outcome)).status).toBe(404);
    }
    expect(await countsOf(db(), noticeId)).toMatchObject({ 'email uncertain': 1 });
  });

  it('sends nothing of a cancelled notice again, and may say that it was submitted', async () => {
    const { noticeId } = await sendingNotice(db(), 1);
    const [one] = await takeOver(db(), noticeId, 1);
    await db()
      .transaction()
      .execute((trx) => cancelNotice(trx, noticeId, '1'));
    for (const [what, id] of [
      ['deliveries', one?.id ?? ''],
      ['notices', noticeId],
    ] as const)
      expect(await resolve(what, id, 'resend')).toMatchObject({ status: 409, body: { code: 'wrong_state' } });
    expect((await resolve('notices', noticeId, 'submitted')).body).toEqual({ resolved: 1 });
  });

  it('in favour of submitted takes back the letter that waited for the printer, and not one that is typeset', async () => {
    const { noticeId } = await sendingNotice(db(), 2, 'email_then_letter');
    const [first] = await takeOver(db(), noticeId, 2);
    await age(noticeId, 25);
    await planLettersForUncertain(db());
    await sql`update deliveries set state = 'rendered'
      where notice_id = ${noticeId} and channel = 'letter' and person_id = ${first?.personId}`.execute(db());
    await resolve('notices', noticeId, 'submitted');
    expect(await countsOf(db(), noticeId)).toEqual({
      ...{ 'email submitted': 2, 'letter rendered': 1, 'letter cancelled': 1, 'person reached': 2 },
    });
  });

  it('in favour of sending again leaves the letter until the email is submitted', async () => {
    const { noticeId } = await sendingNotice(db(), 1, 'email_then_letter');
    await takeOver(db(), noticeId, 1);
    await age(noticeId, 25);
    await planLettersForUncertain(db());
    await resolve('notices', noticeId, 'resend');
    expect(await countsOf(db(), noticeId)).toMatchObject({ 'email pending': 1, 'letter pending': 1 });
    await attempt(noticeId, `again ${noticeId}`, { state: 'submitted' });
    expect(await countsOf(db(), noticeId)).toEqual({
      ...{ 'email submitted': 1, 'letter cancelled': 1, 'person reached': 1 },
    });
  });

  it('is not what a person is unreached for, when the email that was sent again bounces', async () => {
    const { noticeId } = await sendingNotice(db(), 1);
    await takeOver(db(), noticeId, 1);
    await resolve('notices', noticeId, 'resend');
    const [again] = await markAs(db(), noticeId, 1, `again ${noticeId}`);
    const bounced = {
      state: 'bounced' as const,
      class: 'invalid_mailbox',
      code: '550 5.1.1',
      reply: null,
      waitSeconds: null,
    };
    await writeSteps(db(), [], [{ id: again?.id ?? '', attempt: again?.attempt ?? 0, ...bounced }]);
    const { rows } = await sql`select outcome, cause from notice_persons where notice_id = ${noticeId}`.execute(db());
    expect(rows).toEqual([{ outcome: 'unreached', cause: 'invalid_mailbox' }]);
  });

  it('yields to the reply of that very attempt, and not the other way round', async () => {
    const { noticeId } = await sendingNotice(db(), 1);
    const workerId = `slow ${noticeId}`;
    const [one] = await markAs(db(), noticeId, 1, workerId);
    await removeWorker(db(), workerId);
    await recoverDeliveries(db());
    const reply = { state: 'submitted' as const, class: null, code: '250', reply: null, waitSeconds: null };
    await writeSteps(db(), [], [{ id: one?.id ?? '', attempt: one?.attempt ?? 0, ...reply }]);
    expect(await resolve('deliveries', one?.id ?? '', 'resend')).toMatchObject({ status: 409 });
    expect(await countsOf(db(), noticeId)).toEqual({ 'email submitted': 1, 'person reached': 1 });
  });
});
