import { sql } from 'kysely';
import pino from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { noteDomainSignals } from '../../src/delivery/dispatch/mail-domains.store.ts';
import { groupRules } from '../../src/delivery/mail-groups.ts';
import { domainRoutes } from '../../src/http/api/domains.routes.ts';
import { noticeRoutes } from '../../src/http/api/notices.routes.ts';
import { statsRoutes } from '../../src/http/api/stats.routes.ts';
import { putInto } from '../support/dispatch.ts';
import { type TestServer, testServer } from '../support/http.ts';
import { sendingNotice } from '../support/notice-rows.ts';

const HASH = 'c0ffee1200112233445566778899aabb';
const said: string[] = [];
const log = pino({ level: 'info' }, { write: (line: string) => void said.push(line) });
const lines = () => said.map((line) => JSON.parse(line) as Record<string, unknown>);

let server: TestServer;
let noticeId: string;
let incidentId: string;
let deliveries: string[];

beforeAll(async () => {
  server = await testServer({
    log,
    routes: (services) => [
      domainRoutes(services),
      noticeRoutes({ ...services, preflight: null }),
      statsRoutes(services),
    ],
  });
  ({ noticeId, incidentId, deliveries } = await sendingNotice(server.database.db, 6));
  await putInto(server.database, deliveries.slice(0, 3), HASH, '');
  await putInto(server.database, deliveries.slice(3, 4), 'docomo');
});
afterAll(() => server.close());

const domains = async () => {
  const { body } = await server.call('staff', 'GET', '/v1/domains?limit=500');
  return new Map<string, Record<string, unknown>>(body.items.map((item: { domain: string }) => [item.domain, item]));
};
const put = (domain: string, body: object) => server.call('operator', 'PUT', `/v1/domains/${domain}`, body);

describe('mail domains', () => {
  it('are the groups, with the limits of their rules', async () => {
    const { perMinute, concurrency } = groupRules.docomo;
    const all = await domains();
    expect([...all.keys()]).toEqual(Object.keys(groupRules));
    expect(all.get('docomo')).toMatchObject({ perMinute, concurrency, held: false, slowed: false, usedThisMinute: 0 });
  });

  it('are listed page by page, each once', async () => {
    const seen: string[] = [];
    let cursor = '';
    do {
      const { body } = await server.call('staff', 'GET', `/v1/domains?limit=7${cursor}`);
      seen.push(...body.items.map(({ domain }: { domain: string }) => domain));
      cursor = body.nextCursor ? `&cursor=${body.nextCursor}` : '';
    } while (cursor !== '');
    expect(seen).toEqual(Object.keys(groupRules));
  });

  it('are limited by an operator, and by nobody else, until null brings the rule back', async () => {
    const limits = { perMinute: 100, concurrency: 5 };
    expect((await server.call('staff', 'PUT', '/v1/domains/docomo', limits)).status).toBe(403);
    expect(await put('docomo', limits)).toMatchObject({ status: 200, body: { ...limits, own: limits } });
    const { perMinute, concurrency } = groupRules.docomo;
    const none = { perMinute: null, concurrency: null };
    expect(await put('docomo', none)).toMatchObject({ status: 200, body: { perMinute, concurrency, own: none } });
    const { rows } = await sql`
      select detail ->> 'domain' as domain from audit_events where action = 'domain.limit'`.execute(server.database.db);
    expect(rows).toEqual([{ domain: 'docomo' }, { domain: 'docomo' }]);
  });

  it('are known ones, and limits are above nothing', async () => {
    const limits = { perMinute: 100, concurrency: null };
    expect((await put('example', limits)).status).toBe(404);
    expect((await put('deadbeef', limits)).status).toBe(404);
    expect((await put('docomo', { ...limits, perMinute: 0 })).status).toBe(400);
  });

  it('that are held stand in the list and in the stats by eight digits, and never by more', async () => {
    await noteDomainSignals(server.services, [{ domain: HASH, incidentId, kind: 'auth', code: '550 5.7.26' }]);
    const held = { domain: 'c0ffee12', held: true, because: 'sender_auth' };
    expect((await domains()).get('c0ffee12')).toMatchObject({ ...held, incidentId, code: '550 5.7.26' });
    const { body } = await server.call('staff', 'GET', `/v1/notices/${noticeId}/stats`);
    expect(body.domains).toMatchObject([held, { domain: 'docomo', held: false }]);
    expect(lines()).toContainEqual(
      expect.objectContaining({ event: 'domain.held', domain: 'c0ffee12', incidentId, because: 'sender_auth' }),
    );
    expect(JSON.stringify([body, said])).not.toContain(HASH.slice(0, 9));
  });

  it('are released by an operator, and what they refused is due at once', async () => {
    const { db } = server.database;
    const defer = (id: string | undefined, failure: string) =>
      sql`
      update deliveries set state = 'claimed' where id = ${id}`
        .execute(db)
        .then(() =>
          sql`update deliveries set state = 'deferred', class = ${failure}, next_attempt_at = now() + interval '1 hour'
          where id = ${id}`.execute(db),
        );
    await defer(deliveries[0], 'sender_auth');
    await defer(deliveries[1], 'mailbox_full');
    expect((await server.call('staff', 'POST', '/v1/domains/c0ffee12/release')).status).toBe(403);
    const released = await server.call('operator', 'POST', '/v1/domains/c0ffee12/release');
    expect(released).toMatchObject({ status: 200, body: { domain: 'c0ffee12', held: false, because: null } });
    expect((await server.call('operator', 'POST', '/v1/domains/c0ffee12/release')).status).toBe(200);
    const { rows } = await sql<{ id: string }>`
      select id from deliveries where state = 'deferred' and next_attempt_at <= now()`.execute(db);
    expect(rows).toEqual([{ id: deliveries[0] }]);
    expect(lines().filter(({ event }) => event === 'domain.released')).toMatchObject([
      { domain: 'c0ffee12', incidentId },
    ]);
    expect((await domains()).has('c0ffee12')).toBe(false);
  });
});

describe('the pace of a notice', () => {
  const draft = (pace: unknown) =>
    server.call('operator', 'POST', `/v1/incidents/${incidentId}/notices`, {
      ...{ template: 'warning', channels: 'email', pace },
    });
  const hours = { days: ['mon', 'fri'], from: '10:00', to: '24:00' };

  it.each([
    [{ perHour: 100 }],
    [{ window: 'hotline' }],
    [{ perHour: 100, window: hours }],
    [{ window: { ...hours, extra: ['2017-07-29'], holidays: 'skip' } }],
    [{ window: { ...hours, days: [], extra: ['2017-07-29'] } }],
  ])('is given back as %j', async (pace) => {
    expect(await draft(pace)).toMatchObject({ status: 201, body: { pace } });
  });

  it('is replaced as a whole by PATCH, and taken away by null', async () => {
    const { body } = await draft({ perHour: 100, window: hours });
    const patch = (pace: unknown) => server.call('operator', 'PATCH', `/v1/notices/${body.id}`, { pace });
    expect((await patch({ window: 'hotline' })).body.pace).toEqual({ window: 'hotline' });
    expect((await patch({ window: { ...hours, to: '09:00' } })).status).toBe(400);
    expect((await patch(null)).body.pace).toBeNull();
  });

  it.each([
    [{}, 'pace'],
    [{ window: { ...hours, to: '09:00' } }, 'pace.window.to'],
    [{ window: { ...hours, days: [] } }, 'pace.window.days'],
    [{ window: { ...hours, to: '25:00' } }, 'pace.window.to'],
    [{ window: { ...hours, extra: ['2017-02-30'] } }, 'pace.window.extra.0'],
    [{ window: { ...hours, until: '09:00' } }, 'pace.window.until'],
    [{ window: 'always' }, 'pace.window'],
  ])('is refused as %j', async (pace, path) => {
    const { status, body } = await draft(pace);
    expect(status).toBe(400);
    expect(body.errors.map((error: { path: string }) => error.path)).toContain(path);
  });

  it('does not skip holidays that nobody knows', async () => {
    const { db } = server.database;
    await sql`update incidents set time_zone = 'Europe/Berlin' where id = ${incidentId}`.execute(db);
    expect(await draft({ window: { ...hours, holidays: 'skip' } })).toMatchObject({
      status: 400,
      body: { code: 'invalid_body', errors: [{ path: 'pace.window.holidays', message: /days .* extra/ }] },
    });
    expect((await draft({ window: { ...hours, holidays: 'send' } })).status).toBe(201);
  });
});
