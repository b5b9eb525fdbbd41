import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ensureFirstAdmin } from '../../src/users/users.store.ts';
import { type TestServer, testServer } from '../support/http.ts';

let server: TestServer;
beforeAll(async () => {
  server = await testServer();
});
afterAll(() => server.close());

const callWith = (apiKey: string, url = '/v1/incidents') =>
  server.call('nobody', 'GET', url, undefined, { authorization: `Bearer ${apiKey}` });

describe('users', () => {
  it('get a key that is shown once, works, and is stored as a hash only', async () => {
    const made = await server.call('admin', 'POST', '/v1/users', { name: 'Legal', roles: ['approver', 'staff'] });
    expect(made).toMatchObject({ status: 201, body: { name: 'Legal', roles: ['approver', 'staff'] } });
    expect(made.body.apiKey).toMatch(/^owabi_[\w-]{43}$/);
    expect((await callWith(made.body.apiKey)).status).toBe(200);
    const { rows } = await server.database.pool.query('select k::text from api_keys k');
    expect(JSON.stringify(rows)).not.toContain(made.body.apiKey);
    const listed = await server.call('admin', 'GET', '/v1/users');
    expect(JSON.stringify(listed.body)).not.toContain('owabi_');
  });

  it('may be given a single role', async () => {
    const made = await server.call('admin', 'POST', '/v1/users', { name: 'One', role: 'operator' });
    expect(made.body.roles).toEqual(['operator']);
  });

  it.each([
    { name: 'x' },
    { name: 'x', role: 'staff', roles: ['staff'] },
    { name: 'x', roles: [] },
    { name: 'a\u0000b', role: 'staff' },
  ])('are not made of %j', async (body) => {
    expect(await server.call('admin', 'POST', '/v1/users', body)).toMatchObject({
      status: 400,
      body: { code: 'invalid_body' },
    });
  });

  it('are the business of administrators only', async () => {
    for (const who of ['operator', 'approver', 'staff'] as const) {
      expect((await server.call(who, 'POST', '/v1/users', { name: 'x', role: 'admin' })).status).toBe(403);
      expect((await server.call(who, 'DELETE', '/v1/users/1')).status).toBe(403);
    }
  });

  it('end with their keys, at once', async () => {
    const { body } = await server.call('admin', 'POST', '/v1/users', { name: 'Gone', role: 'staff' });
    expect((await callWith(body.apiKey)).status).toBe(200);
    expect(await server.call('admin', 'DELETE', `/v1/users/${body.id}`)).toMatchObject({ status: 204, body: '' });
    expect((await callWith(body.apiKey)).status).toBe(401);
    expect((await server.call('admin', 'DELETE', `/v1/users/${body.id}`)).status).toBe(404);
  });

  it('keep an administrator, even when two of them end each other at once', async () => {
    const { body: second } = await server.call('admin', 'POST', '/v1/users', { name: 'Second', role: 'admin' });
    const first = (await server.call('admin', 'GET', '/v1/users')).body.items[0];
    const authorization = `Bearer ${second.apiKey}`;
    const ends = await Promise.all([
      server.call('admin', 'DELETE', `/v1/users/${second.id}`),
      server.call('nobody', 'DELETE', `/v1/users/${first.id}`, undefined, { authorization }),
    ]);
    const statuses = ends.map((end) => end.status).toSorted();
    expect(statuses[0]).toBe(204);
    expect(statuses[1]).not.toBe(204);
    const { rows } = await server.database.pool.query(
      "select 1 from users where 'admin' = any(roles) and ended_at is null",
    );
    expect(rows).toHaveLength(1);
  });
});

describe('the first administrator', () => {
  it('has the key of the settings and no other, also when that changes', async () => {
    const { db } = server.services;
    expect(await ensureFirstAdmin(db, 'owabi_setting_one_0001')).toBeNull();
    expect((await callWith('owabi_setting_one_0001', '/v1/users')).status).toBe(200);
    expect(await ensureFirstAdmin(db, 'owabi_setting_two_0002')).toBeNull();
    await ensureFirstAdmin(db, 'owabi_setting_two_0002');
    expect((await callWith('owabi_setting_two_0002', '/v1/users')).status).toBe(200);
    await expect.poll(async () => (await callWith('owabi_setting_one_0001')).status, { timeout: 5_000 }).toBe(401);
  });

  it('is made once, whoever starts', async () => {
    const { db } = server.services;
    await db.deleteFrom('api_keys').execute();
    await db.updateTable('users').set({ ended_at: new Date() }).execute();
    const made = await Promise.all([1, 2, 3].map(() => ensureFirstAdmin(db, null)));
    expect(made.filter((key) => key !== null)).toHaveLength(1);
    expect(await ensureFirstAdmin(db, null)).toBeNull();
  });
});
