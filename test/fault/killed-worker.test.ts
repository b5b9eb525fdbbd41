import { randomInt } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { NoticeStats } from '../../src/demo/api.ts';
import { startService, type TestService } from '../support/service.ts';
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

describe('kill -9 while a notice is being sent', () => {
  let dir: string;
  let sink: Sink;
  let service: TestService | undefined;

  afterEach(async () => {
    await service?.kill('SIGTERM');
    await sink.close();
    await rm(dir, { recursive: true, force: true });
  });

  it(`leaves nobody behind and tells nobody twice, ${KILLS} times at random moments`, {
    timeout: 600_000,
  }, async () => {
    dir = await mkdtemp(join(tmpdir(), 'owabi-kill-'));
    // Slow enough that every kill finds messages at all their stages.
    sink = await startSink({
      behaviour: ({ stage }) => (stage === 'dot' ? { delayMs: 8, thenDo: 'accept' } : 'accept'),
    });
    const settings = {
      ...{ DATA_DIR: dir, SMTP_URL: sink.url, SMTP_CONNECTIONS: String(CONNECTIONS) },
      ...{ MAIL_FROM: 'notice@example.jp', BOUNCE_DOMAIN: 'bounce.example.jp', PUBLIC_URL: 'https://example.jp' },
    };
    service = await startService(settings);
    const people = await cast(service.url);
    const incidentId = await openIncident(people);
    await acceptList(people, incidentId, csvOf(PERSONS));
    const notice = await releaseNotice(people, incidentId, { template: 'apology', channels: 'email' });

    // Once messages go out again, what the dead one held has been taken over: each kill answers for its own window.
    let uncertain = 0;
    const expectWithinWindow = (now: NoticeStats, kill: number): void => {
      expect(now.email.uncertain - uncertain, `uncertain by kill ${kill}`).toBeLessThanOrEqual(WINDOW);
      uncertain = now.email.uncertain;
    };
    for (let kill = 1; kill <= KILLS; kill++) {
      const seen = sink.received().length;
      const more = randomInt(1, Math.max(2, Math.floor((PERSONS - seen) / (KILLS - kill + 2))));
      await until('some more messages have gone out', () => sink.received().length >= Math.min(seen + more, PERSONS));
      const { operator } = castAgain(service.url, people.keys);
      expectWithinWindow(await operator.get<NoticeStats>(`/v1/notices/${notice.id}/stats`), kill - 1);
      await service.kill('SIGKILL');
      service = await startService(settings);
    }

    const again = castAgain(service.url, people.keys);
    const stats = await statsWhen(again, notice.id, 'every email has come to rest', emailsSettled, 240_000);
    expectWithinWindow(stats, KILLS);
    const addresses = sink.received().map(({ to }) => to);
    expect(addresses.length - new Set(addresses).size, 'told twice').toBe(0);
    expect(stats.balanced).toBe(true);
    expect(stats.email.submitted + stats.email.uncertain).toBe(PERSONS);
    // Whoever is called submitted has really been told; whoever was told is submitted or uncertain.
    expect(new Set(addresses).size).toBeGreaterThanOrEqual(stats.email.submitted);
    expect(new Set(addresses).size).toBeLessThanOrEqual(stats.email.submitted + stats.email.uncertain);
  });
});
