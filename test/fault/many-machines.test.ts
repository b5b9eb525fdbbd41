import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { NoticeStats } from '../../src/demo/api.ts';
import { type Machines, openMachines } from '../support/machines.ts';
import { redisIsAvailable, startRedis, type TestRedis } from '../support/redis.ts';
import type { TestService } from '../support/service.ts';
import { type Sink, startSink } from '../support/smtp-sink.ts';
import {
  acceptList,
  cast,
  castAgain,
  csvOf,
  emailsSettled,
  openIncident,
  releaseNotice,
  statsWhen,
} from '../support/story.ts';
import { until } from '../support/until.ts';

const PERSONS = 2_000;
const CONNECTIONS = 4;
/** Within this the lease of a dead dispatcher passes on (ledger.md, Dispatch). */
const SUCCESSION_MS = 10_000;

describe.runIf(redisIsAvailable())('two API and three worker processes on one PostgreSQL and one Redis', () => {
  let sink: Sink;
  let redis: TestRedis;
  let machines: Machines;

  beforeAll(async () => {
    sink = await startSink({
      behaviour: ({ stage }) => (stage === 'dot' ? { delayMs: 60, thenDo: 'accept' } : 'accept'),
    });
    redis = await startRedis();
    machines = await openMachines({ smtpUrl: sink.url, connections: CONNECTIONS, redisUrl: redis.url });
  });
  afterAll(async () => {
    await machines.close();
    await redis.close();
    await sink.close();
  });

  it('elect one dispatcher, replace it within ten seconds when it is killed, and tell everybody once', {
    timeout: 240_000,
  }, async () => {
    const [api, other] = [await machines.start('api'), await machines.start('api')];
    const workers = [await machines.start('worker'), await machines.start('worker'), await machines.start('worker')];
    const people = await cast(api.url);
    const incidentId = await openIncident(people);
    await acceptList(people, incidentId, csvOf(PERSONS));
    const notice = await releaseNotice(people, incidentId, { template: 'apology', channels: 'email' });
    await until('a tenth has gone', () => sink.received().length > PERSONS / 10);

    const dispatcher = async (): Promise<TestService | undefined> => {
      const lease = sql<{ holder: string | null }>`select holder from dispatcher_lease where expires_at > now()`;
      const holder = (await lease.execute(machines.db)).rows[0]?.holder;
      return workers.find(({ pid }) => holder?.includes(`-${pid}-`));
    };
    const first = await until('somebody is the dispatcher', dispatcher);
    await first.kill('SIGKILL');
    const killedAt = performance.now();
    const next = await until('another is the dispatcher', async () => {
      const now = await dispatcher();
      return now !== first && now;
    });
    expect(performance.now() - killedAt).toBeLessThan(SUCCESSION_MS);
    expect(workers).toContain(next);

    // Either API tells the same.
    const stats = await statsWhen(people, notice.id, 'all have come to rest', emailsSettled, 180_000);
    const elsewhere = await castAgain(other.url, people.keys).operator.get<NoticeStats>(
      `/v1/notices/${notice.id}/stats`,
    );
    expect(elsewhere).toMatchObject({ persons: stats.persons, email: stats.email, letter: stats.letter });
    const addresses = sink.received().map(({ to }) => to);
    expect(addresses.length - new Set(addresses).size, 'told twice').toBe(0);
    expect(stats.balanced).toBe(true);
    expect(stats.email.submitted + stats.email.uncertain).toBe(PERSONS);
    expect(stats.email.uncertain).toBeLessThanOrEqual(CONNECTIONS + 25);
  });
});
