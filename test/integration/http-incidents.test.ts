import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type TestServer, testServer } from '../support/http.ts';

let server: TestServer;
let facts: Record<string, unknown>;
beforeAll(async () => {
  server = await testServer();
  facts = (await server.call('staff', 'GET', '/v1/templates/apology')).body.sampleFacts.ja;
});
afterAll(() => server.close());

const incident = (more: object = {}) => ({
  title: 'Leak of July',
  locale: 'ja',
  timeZone: 'Asia/Tokyo',
  facts,
  ...more,
});
const create = async (more: object = {}) =>
  (await server.call('operator', 'POST', '/v1/incidents', incident(more))).body;

describe('templates', () => {
  it('show names, languages and facts with which an incident can be opened', async () => {
    const { body } = await server.call('staff', 'GET', '/v1/templates');
    expect(body.items.map((item: { name: string }) => item.name)).toEqual(['apology', 'warning']);
    for (const { locales, sampleFacts } of body.items) {
      expect(locales.toSorted()).toEqual(['en', 'ja']);
      for (const locale of locales) {
        const made = await server.call(
          'operator',
          'POST',
          '/v1/incidents',
          incident({ locale, facts: sampleFacts[locale] }),
        );
        expect(made.status, JSON.stringify(made.body)).toBe(201);
      }
    }
    expect((await server.call('staff', 'GET', '/v1/templates/nothing')).body.code).toBe('not_found');
  });
});

describe('an incident', () => {
  it('is given back as it was sent, with a version, and has a data key', async () => {
    const made = await server.call('operator', 'POST', '/v1/incidents', incident());
    expect(made.status).toBe(201);
    expect(made.body).toMatchObject({ ...incident(), version: 1 });
    expect((await server.call('staff', 'GET', `/v1/incidents/${made.body.id}`)).body).toEqual(made.body);
    await expect(server.services.vault.forIncident(made.body.id)).resolves.toBeDefined();
  });

  it('is opened and changed by operators only', async () => {
    const { id } = await create();
    for (const who of ['admin', 'approver', 'staff'] as const) {
      expect((await server.call(who, 'POST', '/v1/incidents', incident())).status).toBe(403);
      expect((await server.call(who, 'PATCH', `/v1/incidents/${id}`, { title: 'x' })).status).toBe(403);
    }
  });

  it('names the facts that are missing, unknown or wrong', async () => {
    const { phone: _phone, ...contact } = facts.contact as Record<string, unknown>;
    const wrong = { ...facts, contact, colour: 'red', documentDate: '2017-02-30' };
    const { status, body } = await server.call('operator', 'POST', '/v1/incidents', incident({ facts: wrong }));
    expect({ status, code: body.code }).toEqual({ status: 400, code: 'invalid_facts' });
    const paths = body.errors.map((error: { path: string }) => error.path);
    expect(paths).toEqual(expect.arrayContaining(['facts.contact.phone', 'facts.colour']));
  });

  it.each(['+09:00', 'Tokyo', 'Asia/Atlantis', ''])('does not take %j for a time zone', async (timeZone) => {
    const { body } = await server.call('operator', 'POST', '/v1/incidents', incident({ timeZone }));
    expect(body).toMatchObject({ code: 'invalid_body', errors: [{ path: 'timeZone' }] });
  });

  it('rises in version with each change, and refuses an empty or unknown one', async () => {
    const { id } = await create();
    const changed = await server.call('operator', 'PATCH', `/v1/incidents/${id}`, { title: 'Leak of June' });
    expect(changed.body).toMatchObject({ title: 'Leak of June', locale: 'ja', version: 2, facts });
    expect((await server.call('operator', 'PATCH', `/v1/incidents/${id}`, {})).status).toBe(400);
    expect((await server.call('operator', 'PATCH', `/v1/incidents/${id}`, { version: 9 })).status).toBe(400);
    expect((await server.call('operator', 'PATCH', '/v1/incidents/999', { title: 'x' })).status).toBe(404);
  });

  it('makes frozen and approved notices drafts again when its facts change, and leaves those that have begun', async () => {
    const { id } = await create();
    const { pool } = server.database;
    const statuses = ['freezing', 'awaiting_approval', 'approved', 'sending', 'completed'];
    for (const status of statuses) {
      await pool.query(
        `insert into notices (incident_id, template, channels, audience, status, digest, persons, created_by)
         values ($1, 'apology', 'email', '{}', $2, 'd', 3, 1)`,
        [id, status],
      );
    }
    const now = async () =>
      (await pool.query('select status, digest from notices where incident_id = $1 order by id', [id])).rows;
    await server.call('operator', 'PATCH', `/v1/incidents/${id}`, { title: 'Only the title' });
    expect((await now()).map((row) => row.status)).toEqual(statuses);
    await server.call('operator', 'PATCH', `/v1/incidents/${id}`, { facts });
    const draft = { status: 'draft', digest: null };
    expect(await now()).toEqual([
      draft,
      draft,
      draft,
      { status: 'sending', digest: 'd' },
      { status: 'completed', digest: 'd' },
    ]);
  });

  it('is listed in pages that lose and repeat nothing', async () => {
    for (let i = 0; i < 4; i++) await create({ title: `Page ${i}` });
    const seen: string[] = [];
    let cursor = '';
    do {
      const { body } = await server.call('staff', 'GET', `/v1/incidents?limit=3${cursor}`);
      expect(body.items.length).toBeLessThanOrEqual(3);
      seen.push(...body.items.map((item: { id: string }) => item.id));
      cursor = body.nextCursor ? `&cursor=${body.nextCursor}` : '';
    } while (cursor !== '');
    const { rows } = await server.database.pool.query('select id from incidents order by id');
    expect(seen).toEqual(rows.map((row) => row.id));
  });
});
