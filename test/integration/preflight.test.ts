import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Check } from '../../src/delivery/preflight/checks.ts';
import { makePreflight, type RunPreflight } from '../../src/delivery/preflight/preflight.ts';
import { noticeRoutes } from '../../src/http/api/notices.routes.ts';
import { preflightRoutes } from '../../src/http/api/preflights.routes.ts';
import { dnsOfZone } from '../support/dns-zone.ts';
import { type TestServer, testServer } from '../support/http.ts';
import { type Sink, startSink } from '../support/smtp-sink.ts';

let server: TestServer;
let sinks: [Sink, Sink];
let incidentId: string;
let preflight: RunPreflight;

const dns = dnsOfZone({ 'TXT _dmarc.example.jp': [['v=DMARC1; p=none']] });

/** Preflights over the first of the sinks. */
function over(relays: number, simulated = false): void {
  preflight = makePreflight({
    ...{ db: server.database.db, from: '"窓口" <notice@example.jp>', bounceDomain: 'bounce.example.jp', signers: [] },
    ...{ simulated, dns },
    relays: sinks.slice(0, relays).map(({ port }, i) => ({ name: `relay${i}`, options: { host: '127.0.0.1', port } })),
  });
}

beforeAll(async () => {
  sinks = [await startSink(), await startSink()];
  const run: RunPreflight = (by, noticeId) => preflight(by, noticeId);
  server = await testServer({
    routes: (services) => [
      noticeRoutes({ ...services, preflight: run }),
      preflightRoutes({ ...services, preflight: run }),
    ],
  });
  const { body } = await server.call('staff', 'GET', '/v1/templates/apology');
  const incident = { title: 'a', locale: 'ja', timeZone: 'Asia/Tokyo', facts: body.sampleFacts.ja };
  incidentId = (await server.call('operator', 'POST', '/v1/incidents', incident)).body.id;
});
afterAll(async () => {
  await server.close();
  for (const sink of sinks) await sink.close();
});
beforeEach(() => {
  for (const sink of sinks) sink.behave(() => 'accept');
  over(1);
});

const refuseSender = (sink: Sink) =>
  sink.behave(({ stage }) => (stage === 'mail' ? { reply: '550 5.7.1 no' } : 'accept'));
const make = () => server.call('operator', 'POST', '/v1/preflights');
const draft = async (channels = 'email'): Promise<string> => {
  const wanted = { template: 'warning', channels };
  return (await server.call('operator', 'POST', `/v1/incidents/${incidentId}/notices`, wanted)).body.id;
};
const submit = (id: string) => server.call('operator', 'POST', `/v1/notices/${id}/submit`);
const resultsOf = (checks: Check[], check: string) =>
  checks.filter((line) => line.check === check).map(({ subject, result }) => `${subject}: ${result}`);

describe('a preflight on demand', () => {
  it('is kept, read again, and listed with the latest first', async () => {
    const first = await make();
    const second = await make();
    expect(first).toMatchObject({ status: 201, body: { noticeId: null, result: 'warned' } });
    expect(await server.call('staff', 'GET', `/v1/preflights/${first.body.id}`)).toMatchObject({
      ...{ status: 200, body: first.body },
    });
    const page = (await server.call('staff', 'GET', '/v1/preflights?limit=1')).body;
    expect(page.items).toEqual([second.body]);
    const next = (await server.call('staff', 'GET', `/v1/preflights?limit=1&cursor=${page.nextCursor}`)).body;
    expect(next.items).toEqual([first.body]);
    expect((await server.call('staff', 'GET', '/v1/preflights/4711')).status).toBe(404);
  });

  it('is for operators, and sends nothing', async () => {
    expect((await server.call('approver', 'POST', '/v1/preflights')).status).toBe(403);
    await make();
    expect(sinks[0].received()).toEqual([]);
  });

  it('asks relays and DNS, and with the catcher says that it asks no DNS', async () => {
    const { checks } = (await make()).body;
    const named = new Set(checks.map(({ check }: Check) => check));
    expect([...named]).toEqual([
      ...['relay_reachable', 'relay_certificate', 'relay_accepts_sender', 'relay_not_held'],
      ...['spf', 'dkim_missing', 'dmarc', 'alignment', 'mx', 'ptr'],
    ]);
    over(1, true);
    const simulated = (await make()).body;
    expect(simulated.result).toBe('passed');
    expect(simulated.checks.at(-1)).toMatchObject({ check: 'dns', code: 'simulated' });
  });

  it('only warns of a relay that fails while another passes, and fails when none does', async () => {
    over(2);
    refuseSender(sinks[0]);
    const one = (await make()).body;
    expect(one.result).toBe('warned');
    expect(resultsOf(one.checks, 'relay_accepts_sender')).toEqual(['relay0: warned', 'relay1: passed']);
    refuseSender(sinks[1]);
    const none = (await make()).body;
    expect(none.result).toBe('failed');
    expect(resultsOf(none.checks, 'relay_accepts_sender')).toEqual(['relay0: failed', 'relay1: failed']);
  });

  it('fails for a relay that is held', async () => {
    await sql`insert into held_relays (name, because) values ('relay0', 'sender_auth')`.execute(server.database.db);
    expect(resultsOf((await make()).body.checks, 'relay_not_held')).toEqual(['relay0: failed']);
    await sql`delete from held_relays`.execute(server.database.db);
  });
});

describe('submitting a notice', () => {
  it('runs a preflight that the notice shows, on its own and in the list', async () => {
    const id = await draft();
    const url = `/v1/notices/${id}`;
    expect((await server.call('staff', 'GET', url)).body.preflight).toBeNull();
    const submitted = await submit(id);
    expect(submitted).toMatchObject({ status: 202, body: { status: 'freezing', preflight: { result: 'warned' } } });
    const shown = (await server.call('staff', 'GET', url)).body.preflight;
    expect(shown).toEqual(submitted.body.preflight);
    const kept = await server.call('staff', 'GET', `/v1/preflights/${shown.id}`);
    expect(kept.body).toMatchObject({ noticeId: id, result: 'warned' });
    const list = await server.call('staff', 'GET', `/v1/incidents/${incidentId}/notices?limit=500`);
    expect(list.body.items.find((notice: { id: string }) => notice.id === id).preflight).toEqual(shown);
  });

  it('is refused when no relay passes, changes nothing, and is possible when one does again', async () => {
    const id = await draft('email_then_letter');
    refuseSender(sinks[0]);
    const refused = await submit(id);
    expect(refused).toMatchObject({ status: 409, body: { code: 'preflight_failed' } });
    expect(refused.body.detail).toMatch(/^relay_accepts_sender: relay0: .*550 5\.7\.1.*BOUNCE_DOMAIN/);
    expect(refused.body.checks).toMatchObject([{ check: 'relay_accepts_sender', result: 'failed' }]);
    const notice = (await server.call('staff', 'GET', `/v1/notices/${id}`)).body;
    const failed = { id: refused.body.preflightId, result: 'failed' };
    expect(notice).toMatchObject({ status: 'draft', submittedAt: null, preflight: failed });
    const { rows } = await sql`select 1 from tasks where subject_id = ${id}`.execute(server.database.db);
    expect(rows).toEqual([]);
    sinks[0].behave(() => 'accept');
    expect((await submit(id)).body).toMatchObject({ status: 'freezing', preflight: { result: 'warned' } });
  });

  it('by letter needs no relay, and one that is submitted already is not checked again', async () => {
    refuseSender(sinks[0]);
    const id = await draft('letter');
    expect((await submit(id)).body).toMatchObject({ status: 'freezing', preflight: null });
    sinks[0].behave(() => 'accept');
    const other = await draft();
    await submit(other);
    const before = sinks[0].connections().opened;
    expect((await submit(other)).body.code).toBe('wrong_state');
    expect(sinks[0].connections().opened).toBe(before);
  });
});

describe('without a relay', () => {
  it('there is nothing to check', async () => {
    const bare = await testServer({ routes: (services) => [preflightRoutes({ ...services, preflight: null })] });
    expect((await bare.call('operator', 'POST', '/v1/preflights')).body.code).toBe('no_relay');
    await bare.close();
  });
});
