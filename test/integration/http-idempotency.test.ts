import { createHash } from 'node:crypto';
import Type from 'typebox';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { giveAgain } from '../../src/http/plugins/idempotency.ts';
import type { RoutePlugin } from '../../src/http/route.ts';
import { closed } from '../../src/http/schemas.ts';
import { type TestServer, testServer } from '../support/http.ts';

let made = 0;
let failures = 0;
let gate: Promise<void> = Promise.resolve();

const Body = closed({ name: Type.String() });
const toys: RoutePlugin = async (app) => {
  app.post('/v1/toys', { config: { creates: true }, schema: { body: Body } }, async (request, reply) => {
    await gate;
    if (failures > 0) {
      failures--;
      throw new Error('out of wood');
    }
    return reply.code(201).send({ number: ++made, name: request.body.name });
  });
  app.post('/v1/toys/:id/wheels', { config: { creates: true } }, async (_request, reply) =>
    reply.code(201).send({ number: ++made }),
  );
  app.addContentTypeParser('text/csv', { parseAs: 'string' }, (_request, body, done) => done(null, body));
  app.post('/v1/toys/csv', { config: { creates: 'by_handler' } }, async (request, reply) => {
    const hash = createHash('sha256').update(String(request.body)).digest();
    const first = await request.idempotency.begin(hash);
    if (first !== 'new') return giveAgain(reply, first);
    return reply.code(202).send({ number: ++made });
  });
};

let server: TestServer;
beforeAll(async () => {
  server = await testServer({ routes: () => [toys] });
});
afterAll(() => server.close());

type Who = 'operator' | 'staff' | 'admin';
const post = (key: string, body: unknown, who: Who = 'operator', url = '/v1/toys') =>
  server.call(who, 'POST', url, body, { 'idempotency-key': key });
const age = (key: string, by: string) =>
  server.database.pool.query('update idempotency_keys set created_at = now() - $2::interval where key = $1', [key, by]);

describe('an Idempotency-Key', () => {
  it('gives the first answer again for the same body, and makes nothing', async () => {
    const first = await post('k1', { name: 'car' });
    const before = made;
    const again = await post('k1', { name: 'car' });
    expect(again).toMatchObject({ status: 201, body: first.body, headers: { 'idempotency-replayed': 'true' } });
    expect(again.headers['content-type']).toBe(first.headers['content-type']);
    expect(first.headers['idempotency-replayed']).toBeUndefined();
    expect(made).toBe(before);
  });

  it('gives the first answer again as it was sent, with its fields in their order', async () => {
    const send = () =>
      server.app.inject({
        ...{ method: 'POST', url: '/v1/toys', payload: { name: 'car' } },
        headers: { authorization: `Bearer ${server.keys.operator}`, 'idempotency-key': 'k1b' },
      });
    const first = await send();
    expect((await send()).payload).toBe(first.payload);
  });

  it('is refused with another body', async () => {
    await post('k2', { name: 'car' });
    expect(await post('k2', { name: 'bus' })).toMatchObject({ status: 409, body: { code: 'idempotency_key_reused' } });
  });

  it('belongs to its user and its path', async () => {
    const one = await post('k3', { name: 'car' });
    const other = await post('k3', { name: 'car' }, 'staff');
    expect(other.body.number).not.toBe(one.body.number);
    const wheels = await Promise.all(
      ['1', '2'].map((id) => post('k3', undefined, 'operator', `/v1/toys/${id}/wheels`)),
    );
    expect(new Set(wheels.map((wheel) => wheel.body.number)).size).toBe(2);
  });

  it('lets exactly one of many equal requests through', async () => {
    let open = () => {};
    gate = new Promise((resolve) => {
      open = resolve;
    });
    const before = made;
    const answers = Promise.all(Array.from({ length: 12 }, () => post('k4', { name: 'car' })));
    const running = async () =>
      (await server.database.pool.query("select 1 from idempotency_keys where key = 'k4'")).rowCount;
    await expect.poll(running).toBe(1);
    const late = await post('k4', { name: 'car' });
    expect(late).toMatchObject({ status: 409, body: { code: 'idempotency_key_reused' } });
    open();
    const statuses = (await answers).map((answer) => answer.status);
    expect(statuses.filter((status) => status === 201).length).toBeGreaterThanOrEqual(1);
    expect(made).toBe(before + 1);
    expect((await post('k4', { name: 'car' })).status).toBe(201);
  });

  it('may be used again after a fault of ours', async () => {
    failures = 1;
    expect((await post('k5', { name: 'car' })).status).toBe(500);
    expect((await post('k5', { name: 'car' })).status).toBe(201);
  });

  it('repeats a refusal as the problem document that it was', async () => {
    const bad = { title: 'x', locale: 'ja', timeZone: 'Asia/Tokyo', facts: {} };
    const first = await post('k6', bad, 'operator', '/v1/incidents');
    const again = await post('k6', bad, 'operator', '/v1/incidents');
    expect(again).toMatchObject({ status: 400, body: first.body });
    expect(again.headers['content-type']).toContain('application/problem+json');
  });

  it('is not locked for ever by a process that died with it', async () => {
    let open = () => {};
    gate = new Promise((resolve) => {
      open = resolve;
    });
    const hung = post('k7', { name: 'car' });
    await expect.poll(async () => (await age('k7', '30 seconds')).rowCount).toBe(1);
    expect((await post('k7', { name: 'car' })).status).toBe(409);
    await age('k7', '61 seconds');
    const next = post('k7', { name: 'car' });
    open();
    expect((await next).status).toBe(201);
    await hung;
  });

  it('is forgotten after a day', async () => {
    const first = await post('k8', { name: 'car' });
    await age('k8', '24 hours 1 second');
    const next = await post('k8', { name: 'bus' });
    expect(next.status).toBe(201);
    expect(next.body.number).not.toBe(first.body.number);
  });

  it('never gives a secret twice', async () => {
    const user = { name: 'Once', role: 'staff' };
    const first = await post('k9', user, 'admin', '/v1/users');
    expect(first.status).toBe(201);
    expect(await post('k9', user, 'admin', '/v1/users')).toMatchObject({
      status: 409,
      body: { code: 'key_not_replayed' },
    });
    const { rows } = await server.database.pool.query('select k::text from idempotency_keys k');
    expect(JSON.stringify(rows)).not.toContain(first.body.apiKey);
  });

  it('serves a handler that knows its body only after reading it', async () => {
    const csv = (text: string) =>
      server.call('operator', 'POST', '/v1/toys/csv', text, { 'idempotency-key': 'k10', 'content-type': 'text/csv' });
    const first = await csv('a,b');
    expect(await csv('a,b')).toMatchObject({
      status: 202,
      body: first.body,
      headers: { 'idempotency-replayed': 'true' },
    });
    expect((await csv('a,c')).body.code).toBe('idempotency_key_reused');
  });

  it.each(['', 'with blank', 'ü', 'x'.repeat(256)])('is refused when it is %j', async (key) => {
    expect(await post(key, { name: 'car' })).toMatchObject({ status: 400, body: { code: 'bad_request' } });
  });
});
