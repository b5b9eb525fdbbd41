import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { claimTellings, noteTold, raiseAlerts } from '../../src/alerts/alerts.store.ts';
import { alertRoutes } from '../../src/http/api/alerts.routes.ts';
import { type TestServer, testServer } from '../support/http.ts';
import { sendingNotice } from '../support/notice-rows.ts';

let server: TestServer;
beforeAll(async () => {
  server = await testServer({ routes: (services) => [alertRoutes(services)] });
});
afterAll(() => server.close());

const alerts = async (query = '') => (await server.call('staff', 'GET', `/v1/alerts${query}`)).body;

describe('the list of alerts', () => {
  it('shows to all who may read what lasts and what is over, the newest first, in pages, and how far telling has come', async () => {
    const { db } = server.database;
    const { noticeId, incidentId } = await sendingNotice(db, 1);
    await sql`update notices set status = 'paused', paused_because = 'bounce_share' where id = ${noticeId}`.execute(db);
    await raiseAlerts(db, ['webhook', 'email']);
    const [first, ...others] = await claimTellings(db, ['webhook'], 60);
    if (!first) throw new Error('one is due');
    expect(others).toEqual([]);
    await noteTold(db, first);
    await claimTellings(db, ['email'], 60);
    await sql`insert into held_relays (name, because) values ('mx:25', 'sender_blocked')`.execute(db);
    await raiseAlerts(db, []);

    const { items } = await alerts();
    expect(items).toEqual([
      expect.objectContaining({
        kind: 'relay_held',
        subject: { relay: 'mx:25' },
        told: { webhook: null, email: null },
      }),
      {
        ...{
          id: first.alert.id,
          kind: 'breaker',
          subject: { noticeId, incidentId },
          detail: { because: 'bounce_share' },
        },
        message: expect.stringContaining(`POST /v1/notices/${noticeId}/resume`),
        ...{ raisedAt: expect.stringMatching(/Z$/), endedAt: null },
        told: {
          webhook: { at: expect.stringMatching(/Z$/), tries: 1, nextTryAt: null },
          email: { at: null, tries: 1, nextTryAt: expect.stringMatching(/Z$/) },
        },
      },
    ]);

    await sql`delete from held_relays`.execute(db);
    await raiseAlerts(db, []);
    expect((await alerts('?open=true')).items.map(({ kind }: { kind: string }) => kind)).toEqual(['breaker']);
    expect((await alerts('?open=false')).items.map(({ kind }: { kind: string }) => kind)).toEqual(['relay_held']);
    const page = await alerts('?limit=1');
    expect((await alerts(`?limit=1&cursor=${page.nextCursor}`)).items).toMatchObject([{ kind: 'breaker' }]);
  });

  it('is not for whoever has no key', async () => {
    expect((await server.call('nobody', 'GET', '/v1/alerts')).status).toBe(401);
  });
});
