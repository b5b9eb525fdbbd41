import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { NoticeAnswer } from '../../src/demo/api.ts';
import { redisIsAvailable, startRedis, type TestRedis } from '../support/redis.ts';
import { startService, type TestService } from '../support/service.ts';
import { type Sink, type SinkBehaviour, type SinkMoment, startSink } from '../support/smtp-sink.ts';
import {
  acceptList,
  cast,
  castAgain,
  csvOf,
  emailsSettled,
  freeze,
  openIncident,
  releaseNotice,
  statsWhen,
} from '../support/story.ts';
import { until } from '../support/until.ts';

const PERSONS = 800;
const slow = ({ stage }: SinkMoment): SinkBehaviour => (stage === 'dot' ? { delayMs: 15, thenDo: 'accept' } : 'accept');

let dir: string;
let sink: Sink;
let redis: TestRedis | null;
let services: TestService[];

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'owabi-outage-'));
  sink = await startSink({ behaviour: slow });
  redis = null;
  services = [];
});
afterEach(async () => {
  for (const service of services) await service.kill('SIGTERM');
  await sink.close();
  await redis?.close();
  await rm(dir, { recursive: true, force: true });
});

const settings = () => ({
  ...{ DATA_DIR: dir, SMTP_URL: sink.url, SMTP_CONNECTIONS: '5', ...(redis && { REDIS_URL: redis.url }) },
  ...{ MAIL_FROM: 'notice@example.jp', BOUNCE_DOMAIN: 'bounce.example.jp', PUBLIC_URL: 'https://example.jp' },
});
const start = async (): Promise<TestService> => {
  const service = await startService(settings());
  services.push(service);
  return service;
};

/** A notice to PERSONS people that is being sent, a tenth of it gone. */
async function underWay() {
  const service = await start();
  const people = await cast(service.url);
  const incidentId = await openIncident(people);
  await acceptList(people, incidentId, csvOf(PERSONS));
  const notice = await releaseNotice(people, incidentId, { template: 'apology', channels: 'email' });
  await until('a tenth has gone', () => sink.received().length > PERSONS / 10);
  return { service, people, noticeId: notice.id };
}

/** The server and each of its backends, which have process groups of their own (Linux: field 4 of /proc/pid/stat). */
async function postgresProcesses(dataDir: string): Promise<number[]> {
  const server = Number((await readFile(join(dataDir, 'postgres', 'postmaster.pid'), 'utf8')).split('\n')[0]);
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
  const parents = await Promise.all(
    pids.map(async (pid) => {
      const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
      return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
    }),
  );
  return [server, ...pids.filter((_, i) => parents[i] === server)];
}

function expectEachOnce(): void {
  const addresses = sink.received().map(({ to }) => to);
  expect(addresses.length - new Set(addresses).size, 'told twice').toBe(0);
  expect(new Set(addresses).size, 'told at all').toBe(PERSONS);
}

describe('an outage in the middle of a notice', () => {
  if (redisIsAvailable()) {
    it('loses nobody and repeats nothing when Redis is emptied, three times', { timeout: 300_000 }, async () => {
      redis = await startRedis();
      const { people, noticeId } = await underWay();
      for (const share of [0.2, 0.4, 0.6]) {
        await until('more has gone', () => sink.received().length > PERSONS * share);
        await redis.flush();
      }
      const stats = await statsWhen(people, noticeId, 'all have come to rest', emailsSettled);
      expect(stats).toMatchObject({ balanced: true, email: { submitted: PERSONS, uncertain: 0 } });
      expectEachOnce();
    });
  }

  it('stops sending when Postgres is restarted and goes on by itself, with nobody lost or told twice', {
    timeout: 300_000,
  }, async () => {
    const { people, noticeId } = await underWay();
    const postmaster = async () =>
      Number((await readFile(join(dir, 'postgres', 'postmaster.pid'), 'utf8')).split('\n')[0]);
    for (const share of [0.2, 0.5]) {
      await until('more has gone', () => sink.received().length > PERSONS * share);
      process.kill(await postmaster(), 'SIGINT');
    }
    const stats = await statsWhen(people, noticeId, 'all have come to rest', emailsSettled, 240_000);
    // Every reply was read by a worker that lived on: it wrote them down as soon as it could.
    expect(stats).toMatchObject({ balanced: true, email: { submitted: PERSONS, uncertain: 0 } });
    expectEachOnce();
  });

  it('cuts its connections when Postgres does not answer for ten seconds, and nobody is lost or told twice', {
    timeout: 300_000,
  }, async () => {
    const { service, people, noticeId } = await underWay();
    const processes = await postgresProcesses(dir);
    expect(processes.length).toBeGreaterThan(5);
    for (const pid of processes) process.kill(pid, 'SIGSTOP');
    try {
      await until('the worker gives itself up', () => service.output().includes('"worker.lost"'), 60_000);
      const sent = sink.received().length;
      await until('its connections are cut, and new ones get no further', () => sink.connections().opened > 5);
      expect(sink.received().length, 'sent while nothing can be written').toBe(sent);
    } finally {
      for (const pid of processes) process.kill(pid, 'SIGCONT');
    }
    const stats = await statsWhen(people, noticeId, 'all have come to rest', emailsSettled, 240_000);
    expect(stats.balanced).toBe(true);
    expect(stats.email.submitted + stats.email.uncertain).toBe(PERSONS);
    expect(stats.email.uncertain).toBeLessThanOrEqual(5 + 25);
    const addresses = sink.received().map(({ to }) => to);
    expect(addresses.length - new Set(addresses).size, 'told twice').toBe(0);
  });

  it('drains at Ctrl-C, leaves nothing uncertain, and goes on at the next start', { timeout: 300_000 }, async () => {
    const { service, people, noticeId } = await underWay();
    const began = performance.now();
    expect(await service.kill('SIGINT')).toBe(0);
    expect(performance.now() - began).toBeLessThan(30_000);
    const next = await start();
    const again = castAgain(next.url, people.keys);
    const stats = await statsWhen(again, noticeId, 'all have come to rest', emailsSettled);
    expect(stats).toMatchObject({ balanced: true, email: { submitted: PERSONS, uncertain: 0 } });
    expectEachOnce();
  });
});

describe('a relay that fails', () => {
  const answers: [string, SinkMoment['stage'], SinkBehaviour, string][] = [
    ['refuses the recipient for good', 'rcpt', { reply: '550 5.1.1 no such user' }, 'bounced'],
    ['refuses the recipient for now', 'rcpt', { reply: '450 4.2.1 later' }, 'deferred'],
    ['refuses us as sender', 'mail', { reply: '550 5.7.1 go away' }, 'deferred'],
    ['drops before DATA is answered', 'data', 'drop', 'deferred'],
    ['drops in the body, all of which had left us', 'body', 'drop', 'uncertain'],
    ['drops after the final dot', 'dot', 'drop', 'uncertain'],
    ['refuses after the final dot', 'dot', { reply: '554 5.6.0 no' }, 'deferred'],
    ['accepts and drops', 'dot', { reply: '250 2.0.0 ok', thenDrop: true }, 'submitted'],
  ];

  it.each(answers)('%s: the state says what is true', { timeout: 120_000 }, async (_case, stage, behaviour, state) => {
    const service = await startService({ ...settings(), FIRST_RETRY_SECONDS: '3600' });
    services.push(service);
    const people = await cast(service.url);
    const incidentId = await openIncident(people);
    await acceptList(people, incidentId, csvOf(3));
    const wanted = { template: 'apology', channels: 'email' };
    const { id } = await people.operator.post<NoticeAnswer>(`/v1/incidents/${incidentId}/notices`, wanted);
    const { digest, persons } = await freeze(people, id);
    // Only now: with a relay that refuses us as sender a notice cannot be submitted.
    sink.behave((moment) => (moment.stage === stage ? behaviour : 'accept'));
    await people.approver.post(`/v1/notices/${id}/approve`, { digest, persons });
    const stats = await statsWhen(people, id, `three are ${state}`, ({ email }) => email[state as 'bounced'] === 3);
    expect(stats.balanced).toBe(true);
  });
});
