import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Machines, openMachines } from '../support/machines.ts';
import { type Sink, startSink } from '../support/smtp-sink.ts';
import { acceptList, cast, csvOf, emailsSettled, openIncident, releaseNotice, statsWhen } from '../support/story.ts';
import { until } from '../support/until.ts';

const PERSONS = 1_500;
const CONNECTIONS = 4;

describe('several machines on one outside Postgres', () => {
  let sink: Sink;
  let machines: Machines;

  beforeAll(async () => {
    sink = await startSink({
      behaviour: ({ stage }) => (stage === 'dot' ? { delayMs: 20, thenDo: 'accept' } : 'accept'),
    });
    machines = await openMachines({ smtpUrl: sink.url, connections: CONNECTIONS });
  });
  afterAll(async () => {
    await machines.close();
    await sink.close();
  });

  it('submits once when a worker is stopped, declared dead, and woken up; another takes over as worker and dispatcher', {
    timeout: 300_000,
  }, async () => {
    const { db } = machines;
    const api = await machines.start('api');
    const first = await machines.start('worker');
    const people = await cast(api.url);
    const incidentId = await openIncident(people);
    await acceptList(people, incidentId, csvOf(PERSONS));
    const notice = await releaseNotice(people, incidentId, { template: 'apology', channels: 'email' });
    await until('a tenth has gone', () => sink.received().length > PERSONS / 10);
    const epoch = async () =>
      Number((await sql<{ epoch: string }>`select epoch from dispatcher_lease`.execute(db)).rows[0]?.epoch);
    const before = await epoch();

    await first.kill('SIGSTOP');
    const stoppedAt = performance.now();
    await machines.start('worker');
    await until('another dispatcher has the lease', async () => (await epoch()) > before, 15_000);
    expect(performance.now() - stoppedAt).toBeLessThan(15_000);
    await until('the stopped worker is buried', async () => {
      const { rows } = await sql<{ n: number }>`select count(*)::int as n from workers`.execute(db);
      return rows[0]?.n === 1;
    });
    await first.kill('SIGCONT');

    const stats = await statsWhen(people, notice.id, 'all have come to rest', emailsSettled, 200_000);
    const addresses = sink.received().map(({ to }) => to);
    expect(addresses.length - new Set(addresses).size, 'told twice').toBe(0);
    expect(stats).toMatchObject({ balanced: true });
    expect(stats.email.submitted + stats.email.uncertain).toBe(PERSONS);
    expect(stats.email.uncertain).toBeLessThanOrEqual(CONNECTIONS + 25);
  });
});
