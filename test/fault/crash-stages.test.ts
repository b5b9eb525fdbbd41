import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Stage } from '../../src/delivery/stages.ts';
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

const PERSONS = 120;
const CONNECTIONS = 5;
const WINDOW = CONNECTIONS + 25;

interface Expected {
  stage: Stage;
  passing: number;
  /** Deliveries that may stand as uncertain afterwards: at least and at most. */
  uncertain: [number, number];
}

const cases: Expected[] = [
  // Nothing of the chunk has been marked: all of it goes back.
  { stage: 'claimed', passing: 1, uncertain: [0, 0] },
  { stage: 'marked', passing: 40, uncertain: [1, WINDOW] },
  { stage: 'body-sent', passing: 40, uncertain: [1, WINDOW] },
  // The relay has said 250, and nobody has written it down.
  { stage: 'reply-read', passing: 40, uncertain: [1, WINDOW] },
  { stage: 'result-written', passing: 40, uncertain: [0, WINDOW] },
  { stage: 'chunk-done', passing: 1, uncertain: [0, 0] },
];

describe('a process that dies at a stage of sending', () => {
  let dir: string;
  let sink: Sink;
  let service: TestService;

  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'owabi-stage-'));
    sink = await startSink();
  });
  afterEach(async () => {
    await service.kill('SIGTERM');
    await sink.close();
    await rm(dir, { recursive: true, force: true });
  });

  it.each(cases)('leaves nobody out and tells nobody twice: $stage', { timeout: 120_000 }, async (expected) => {
    const settings = {
      ...{ DATA_DIR: dir, SMTP_URL: sink.url, SMTP_CONNECTIONS: String(CONNECTIONS) },
      ...{ MAIL_FROM: 'notice@example.jp', BOUNCE_DOMAIN: 'bounce.example.jp', PUBLIC_URL: 'https://example.jp' },
    };
    service = await startService({ ...settings, CRASH_AT: `${expected.stage}:${expected.passing}` });
    const people = await cast(service.url);
    const incidentId = await openIncident(people);
    await acceptList(people, incidentId, csvOf(PERSONS));
    const notice = await releaseNotice(people, incidentId, { template: 'apology', channels: 'email' });
    await service.exited;

    service = await startService(settings);
    const again = castAgain(service.url, people.keys);
    const stats = await statsWhen(again, notice.id, 'every email has come to rest', emailsSettled, 60_000);
    const addresses = sink.received().map(({ to }) => to);
    expect(addresses.length - new Set(addresses).size, 'told twice').toBe(0);
    expect(stats).toMatchObject({ balanced: true });
    expect(stats.email.submitted + stats.email.uncertain).toBe(PERSONS);
    const [least, most] = expected.uncertain;
    expect(stats.email.uncertain).toBeGreaterThanOrEqual(least);
    expect(stats.email.uncertain).toBeLessThanOrEqual(most);
    // Whoever is called submitted has been told.
    expect(new Set(addresses).size).toBeGreaterThanOrEqual(stats.email.submitted);
  });
});
