import { randomInt } from 'node:crypto';
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

const PERSONS = Number(process.env.FAULT_PERSONS ?? 2_000);
const KILLS = Number(process.env.FAULT_KILLS ?? 10);
const CONNECTIONS = 5;
/** Open connections and one unwritten group of results: `docs/invariants.md`. */
const WINDOW = CONNECTIONS + 25;

describe.runIf(redisIsAvailable())('kill -9 of workers, API and Redis on many machines', () => {
  let sink: Sink;
  let redis: TestRedis;
  let machines: Machines;

  beforeAll(async () => {
    // Slow enough that every kill finds messages at all their stages.
    sink = await startSink({
      behaviour: ({ stage }) => (stage === 'dot' ? { delayMs: 25, thenDo: 'accept' } : 'accept'),
    });
    redis = await startRedis();
    machines = await openMachines({ smtpUrl: sink.url, connections: CONNECTIONS, redisUrl: redis.url });
  });
  afterAll(async () => {
    await machines.close();
    await redis.close();
    await sink.close();
  });

  it(`leaves nobody behind and tells nobody twice, ${KILLS} times at random moments`, {
    timeout: 900_000,
  }, async () => {
    const running: Record<'api' | 'worker' | 'second worker', TestService> = {
      api: await machines.start('api'),
      worker: await machines.start('worker'),
      'second worker': await machines.start('worker'),
    };
    const people = await cast(running.api.url);
    const incidentId = await openIncident(people);
    await acceptList(people, incidentId, csvOf(PERSONS));
    const notice = await releaseNotice(people, incidentId, { template: 'apology', channels: 'email' });

    let killedWorkers = 0;
    const victims = ['worker', 'second worker', 'api', 'redis'] as const;
    for (let kill = 0; kill < KILLS; kill++) {
      const seen = sink.received().length;
      const more = randomInt(1, Math.max(2, Math.floor((PERSONS - seen) / (KILLS - kill + 1))));
      // Those that stand as uncertain may never come: in the end all has come to rest.
      await until(
        'some more messages have gone out',
        async () => {
          if (sink.received().length >= seen + more) return true;
          const { operator } = castAgain(running.api.url, people.keys);
          return emailsSettled(await operator.get<NoticeStats>(`/v1/notices/${notice.id}/stats`));
        },
        120_000,
      );
      const victim = victims[kill % victims.length] ?? 'worker';
      if (victim === 'redis') {
        await redis.killAndRestart();
        continue;
      }
      if (victim !== 'api') killedWorkers++;
      await running[victim].kill('SIGKILL');
      running[victim] = await machines.start(victim === 'api' ? 'api' : 'worker');
    }

    const again = castAgain(running.api.url, people.keys);
    const stats = await statsWhen(again, notice.id, 'every email has come to rest', emailsSettled, 240_000);
    const addresses = sink.received().map(({ to }) => to);
    const told = new Set(addresses);
    expect(addresses.length - told.size, 'told twice').toBe(0);
    expect(stats.balanced).toBe(true);
    expect(stats.email.submitted + stats.email.uncertain).toBe(PERSONS);
    expect(stats.email.uncertain).toBeLessThanOrEqual(WINDOW * killedWorkers);
    // Whoever is called submitted has really been told; whoever was told is submitted or uncertain.
    expect(told.size).toBeGreaterThanOrEqual(stats.email.submitted);
    expect(told.size).toBeLessThanOrEqual(stats.email.submitted + stats.email.uncertain);
  });
});
