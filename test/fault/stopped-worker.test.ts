import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openDatabase } from '../../src/db/database.ts';
import { emptyDatabase, type TestDatabase, testDatabase } from '../support/database.ts';
import { startService, type TestService } from '../support/service.ts';
import { type Sink, startSink } from '../support/smtp-sink.ts';
import { acceptList, cast, csvOf, emailsSettled, openIncident, releaseNotice, statsWhen } from '../support/story.ts';
import { until } from '../support/until.ts';

const PERSONS = 1_500;
const CONNECTIONS = 4;

describe('several machines on one outside Postgres', () => {
  let server: TestDatabase;
  let dir: string;
  let sink: Sink;
  const services: TestService[] = [];

  beforeAll(async () => {
    server = await testDatabase();
    dir = await mkdtemp(join(tmpdir(), 'owabi-machines-'));
    sink = await startSink({
      behaviour: ({ stage }) => (stage === 'dot' ? { delayMs: 20, thenDo: 'accept' } : 'accept'),
    });
  });
  afterAll(async () => {
    for (const service of services) {
      await service.kill('SIGCONT');
      await service.kill('SIGKILL');
    }
    await sink.close();
    await server.close();
    await rm(dir, { recursive: true, force: true });
  });

  it('submits once when a worker is stopped, declared dead, and woken up; another takes over as worker and dispatcher', {
    timeout: 300_000,
  }, async () => {
    const url = await emptyDatabase(server.url);
    const machine = async (roles: string): Promise<TestService> => {
      const service = await startService({
        ...{
          DATA_DIR: join(dir, String(services.length)),
          ROLES: roles,
          DATABASE_URL: url,
          BLOB_URL: pathToFileURL(join(dir, 'blobs')).href,
        },
        ...{
          MASTER_KEY: Buffer.alloc(32, 7).toString('base64'),
          SMTP_URL: sink.url,
          SMTP_CONNECTIONS: String(CONNECTIONS),
        },
        ...{ MAIL_FROM: 'notice@example.jp', BOUNCE_DOMAIN: 'bounce.example.jp', PUBLIC_URL: 'https://example.jp' },
      });
      services.push(service);
      return service;
    };
    const { db, close } = openDatabase(url, 2, () => undefined);
    const api = await machine('api');
    const first = await machine('worker');
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
    await machine('worker');
    await until('another dispatcher has the lease', async () => (await epoch()) > before, 15_000);
    expect(performance.now() - stoppedAt).toBeLessThan(15_000);
    await until('the stopped worker is buried', async () => {
      const { rows } = await sql<{ n: number }>`select count(*)::int as n from workers`.execute(db);
      return rows[0]?.n === 1;
    });
    await first.kill('SIGCONT');

    const stats = await statsWhen(people, notice.id, 'all have come to rest', emailsSettled, 200_000);
    await close();
    const addresses = sink.received().map(({ to }) => to);
    expect(addresses.length - new Set(addresses).size, 'told twice').toBe(0);
    expect(stats).toMatchObject({ balanced: true });
    expect(stats.email.submitted + stats.email.uncertain).toBe(PERSONS);
    expect(stats.email.uncertain).toBeLessThanOrEqual(CONNECTIONS + 25);
  });
});
