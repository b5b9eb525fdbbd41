import { sql } from 'kysely';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { inTransaction } from '../../src/db/database.ts';
import { heldRelays, holdRelay, pauseForRelays } from '../../src/delivery/email/relays/held-relays.store.ts';
import { relayRoutes } from '../../src/http/api/relays.routes.ts';
import { pauseByUser, resumeNotice } from '../../src/notice/notices.store.ts';
import { type TestServer, testServer } from '../support/http.ts';
import { sendingNotice } from '../support/notice-rows.ts';

const RELAYS = ['a.example.jp:587', 'b.example.jp:587'];
const REFUSAL = { because: 'sender_auth', code: '535 5.7.8' } as const;

let server: TestServer;
beforeAll(async () => {
  server = await testServer({ routes: (services) => [relayRoutes({ ...services, relays: RELAYS })] });
});
afterAll(() => server.close());
afterEach(async () => {
  await sql`delete from held_relays; update notices set status = 'cancelled', paused_because = null`.execute(db());
});

const db = () => server.database.db;
const hold = async (...names: string[]) => {
  for (const name of names) await holdRelay(db(), name, REFUSAL);
};
const stateOf = async (id: string) =>
  await db().selectFrom('notices').select(['status', 'paused_because']).where('id', '=', id).executeTakeFirstOrThrow();

describe('a relay that is held', () => {
  it('is shown to everybody with what it said, in codes', async () => {
    await hold(RELAYS[1] ?? '');
    for (const who of ['operator', 'approver', 'admin'] as const) {
      const { status, body } = await server.call(who, 'GET', '/v1/relays');
      expect(status).toBe(200);
      expect(body.items).toEqual([
        { name: RELAYS[0], state: 'up', since: null, because: null, code: null },
        { name: RELAYS[1], state: 'held', since: expect.any(String), ...REFUSAL },
      ]);
    }
    expect((await server.call('nobody', 'GET', '/v1/relays')).status).toBe(401);
  });

  it('stays held for what it was first held for', async () => {
    await hold('a.example.jp:587');
    const [first] = await heldRelays(db());
    await holdRelay(db(), 'a.example.jp:587', { because: 'sender_blocked', code: '554' });
    expect(await heldRelays(db())).toEqual([first]);
  });

  it('is released by an operator, once for all, and that is written down', async () => {
    const url = `/v1/relays/${encodeURIComponent('a.example.jp:587')}/release`;
    await hold('a.example.jp:587');
    expect((await server.call('approver', 'POST', url)).status).toBe(403);
    expect((await heldRelays(db())).length).toBe(1);
    for (const wasHeld of [true, false]) {
      const { status, body } = await server.call('operator', 'POST', url);
      expect([status, body.state]).toEqual([200, 'up']);
      const event = await db().selectFrom('audit_events').selectAll().orderBy('id', 'desc').executeTakeFirstOrThrow();
      expect(event).toMatchObject({ action: 'relay.release', detail: { relay: 'a.example.jp:587', wasHeld } });
    }
    expect(await heldRelays(db())).toEqual([]);
  });

  it('can be released when the settings no longer name it, and not when nobody knows it', async () => {
    await hold('old.example.jp:25');
    const { body } = await server.call('approver', 'GET', '/v1/relays');
    expect(body.items.map(({ name }: { name: string }) => name)).toEqual([...RELAYS, 'old.example.jp:25']);
    expect((await server.call('operator', 'POST', '/v1/relays/old.example.jp:25/release')).status).toBe(200);
    const again = await server.call('operator', 'POST', '/v1/relays/old.example.jp:25/release');
    expect([again.status, again.body.code]).toEqual([404, 'not_found']);
  });
});

describe('a notice that is sending', () => {
  it('pauses when every relay is held, and not before', async () => {
    const { noticeId } = await sendingNotice(db(), 2);
    await hold('a.example.jp:587', 'old.example.jp:25');
    expect(await pauseForRelays(db(), RELAYS)).toEqual([]);
    await hold('b.example.jp:587');
    expect(await pauseForRelays(db(), RELAYS)).toEqual([noticeId]);
    expect(await stateOf(noticeId)).toEqual({ status: 'paused', paused_because: 'relay_refused' });
    expect(await pauseForRelays(db(), RELAYS)).toEqual([]);
  });

  it('goes on with its letters when it has no email to send', async () => {
    const { noticeId, deliveries } = await sendingNotice(db(), 1, 'both');
    await sql`update deliveries set state = 'suppressed' where id = ${deliveries[0]}`.execute(db());
    await hold(...RELAYS);
    expect(await pauseForRelays(db(), RELAYS)).toEqual([]);
    expect((await stateOf(noticeId)).status).toBe('sending');
  });

  it('goes on where no relay is set', async () => {
    await sendingNotice(db(), 1);
    expect(await pauseForRelays(db(), [])).toEqual([]);
  });

  it('has every relay tried anew when it is resumed', async () => {
    const { noticeId } = await sendingNotice(db(), 1);
    await hold(...RELAYS);
    await pauseForRelays(db(), RELAYS);
    await inTransaction(db(), (trx) => resumeNotice(trx, noticeId));
    expect(await heldRelays(db())).toEqual([]);
    expect(await pauseForRelays(db(), RELAYS)).toEqual([]);
  });

  it('leaves relays held when it is resumed after another kind of pause', async () => {
    const { noticeId } = await sendingNotice(db(), 1);
    await hold('a.example.jp:587');
    await inTransaction(db(), (trx) => pauseByUser(trx, noticeId));
    await inTransaction(db(), (trx) => resumeNotice(trx, noticeId));
    expect((await heldRelays(db())).length).toBe(1);
  });
});
