import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { letterBatchRoutes } from '../../src/http/api/letter-batches.routes.ts';
import { noticeRoutes } from '../../src/http/api/notices.routes.ts';
import { statsRoutes } from '../../src/http/api/stats.routes.ts';
import { type TestServer, testServer } from '../support/http.ts';
import { sendingNotice } from '../support/notice-rows.ts';

let server: TestServer;
let noticeId: string;
let incidentId: string;

beforeAll(async () => {
  server = await testServer({
    shutdownMs: 500,
    routes: (services) => [
      noticeRoutes({ ...services, preflight: null }),
      statsRoutes(services),
      letterBatchRoutes(services),
    ],
  });
  ({ noticeId, incidentId } = await sendingNotice(server.database.db, 2));
});
afterAll(() => server.close());

const act = (step: string, body?: unknown) =>
  server.call('operator', 'POST', `/v1/notices/${noticeId}/${step}`, body, { 'content-type': 'application/json' });

describe('a notice', () => {
  it('is listed by its incident, and an incident that is not there lists none', async () => {
    expect((await server.call('staff', 'GET', `/v1/incidents/${incidentId}/notices`)).body.items).toHaveLength(1);
    expect((await server.call('staff', 'GET', '/v1/incidents/4711/notices')).status).toBe(404);
  });

  it('takes half a breaker and keeps the other half', async () => {
    const url = `/v1/incidents/${incidentId}/notices`;
    const body = { template: 'warning', channels: 'email', breaker: { bounceShare: 0.5 } };
    const made = await server.call('operator', 'POST', url, body);
    expect(made).toMatchObject({ status: 201, body: { breaker: { bounceShare: 0.5, after: 200 } } });
    const patched = await server.call('operator', 'PATCH', `/v1/notices/${made.body.id}`, { breaker: { after: 7 } });
    expect(patched.body.breaker).toEqual({ bounceShare: 0.5, after: 7 });
  });

  it.each(['0000-01-01T00:00:00Z', '2026-01-01T00:00:00+23:59', '2026-02-30T00:00:00Z', '2026-02-20', 'tomorrow'])(
    'does not start at %s',
    async (startAt) => {
      const body = { template: 'warning', channels: 'email', startAt };
      expect((await server.call('operator', 'POST', `/v1/incidents/${incidentId}/notices`, body)).status).toBe(400);
    },
  );

  it('is sending again in the answer to resume, and not before a start that is still to come', async () => {
    const { db } = server.database;
    await sql`update notices set started_at = now() where id = ${noticeId}`.execute(db);
    expect((await act('pause')).body).toMatchObject({ status: 'paused', pausedBecause: 'by_user' });
    expect((await act('resume')).body).toMatchObject({ status: 'sending', pausedBecause: null });
    await act('pause');
    await sql`update notices set started_at = null, start_at = now() + interval '1 day' where id = ${noticeId}`.execute(
      db,
    );
    expect((await act('resume')).body.status).toBe('approved');
  });

  it('is paused by a request that says JSON and carries nothing, and not by one that carries an unknown field', async () => {
    expect(await act('pause', { because: 'lunch' })).toMatchObject({
      status: 400,
      body: { code: 'invalid_body', errors: [{ path: 'because' }] },
    });
    expect((await act('pause', '')).status).toBe(200);
    expect((await act('resume', {})).status).toBe(200);
  });

  it('streams its stats with the headers of every answer', async () => {
    const url = await server.app.listen({ host: '127.0.0.1', port: 0 });
    const abort = new AbortController();
    const answer = await fetch(`${url}/v1/notices/${noticeId}/events`, {
      headers: { authorization: `Bearer ${server.keys.staff}`, 'x-request-id': 'stream-1' },
      signal: abort.signal,
    });
    expect(answer.headers.get('content-type')).toBe('text/event-stream');
    expect(answer.headers.get('x-request-id')).toBe('stream-1');
    expect(answer.headers.get('cache-control')).toBe('no-store');
    abort.abort();
  });
});

describe('a letter batch', () => {
  async function rendered(): Promise<string> {
    const { rows } = await sql<{ id: string }>`
      insert into letter_batches (notice_id, number, state, letters, pages, sha256)
      select ${noticeId}, coalesce(max(number), 0) + 1, 'rendered', 5, 15, 'ab' from letter_batches
      returning id`.execute(server.database.db);
    return rows[0]?.id ?? '';
  }
  const tell = (id: string, step: string, body: object) =>
    server.call('operator', 'POST', `/v1/letter-batches/${id}/${step}`, body);
  const at = '2017-07-26T10:00:00+09:00';

  it('is handed over by figures that agree, also when it is said again', async () => {
    const id = await rendered();
    const wrong = { at, letters: 5, pages: 14 };
    expect(await tell(id, 'handed-over', wrong)).toMatchObject({ status: 409, body: { code: 'figures_differ' } });
    const right = { at, letters: 5, pages: 15 };
    expect(await tell(id, 'handed-over', right)).toMatchObject({ status: 200, body: { state: 'handed_over' } });
    expect((await tell(id, 'handed-over', right)).status).toBe(200);
    expect(await tell(id, 'handed-over', wrong)).toMatchObject({ status: 409, body: { code: 'figures_differ' } });
  });

  it.each(['2017-02-30', '2017-13-01', '0000-01-01', '2017-07-26T00:00:00Z'])('is not posted on %s', async (on) => {
    const id = await rendered();
    await tell(id, 'handed-over', { at, letters: 5, pages: 15 });
    expect((await tell(id, 'posted', { on })).status).toBe(400);
    expect(await tell(id, 'posted', { on: '2017-07-26' })).toMatchObject({
      status: 200,
      body: { postedOn: '2017-07-26' },
    });
  });

  it('that is being closed already is answered as closing', async () => {
    const { db } = server.database;
    const { noticeId: other } = await sendingNotice(db, 1);
    await sql`
      insert into deliveries (notice_id, person_id, channel, state)
      select notice_id, person_id, 'letter', 'pending' from notice_persons where notice_id = ${other}`.execute(db);
    const close = () => server.call('operator', 'POST', `/v1/notices/${other}/letter-batches`);
    expect(await close()).toMatchObject({ status: 202, body: { closing: true } });
    expect(await close()).toMatchObject({ status: 202, body: { closing: true } });
    const { rows } = await sql`select 1 from tasks where kind = 'render-letters' and subject_id = ${other}`.execute(db);
    expect(rows).toHaveLength(1);
  });
});
