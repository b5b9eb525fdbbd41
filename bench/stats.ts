import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { startEmbeddedPostgres } from '../src/db/embedded-postgres.ts';
import type { NoticeAnswer, NoticeStats } from '../src/demo/api.ts';
import { startService, type TestService } from '../test/support/service.ts';
import { acceptList, cast, csvOf, freeze, openIncident } from '../test/support/story.ts';
import { multiply } from './many-deliveries.ts';
import { forkSink } from './sink.ts';

const SECONDS = 60;
const BETWEEN_MS = 25;

/**
 * How long `GET /v1/notices/{id}/stats` takes with a million deliveries while they are being sent, and whether each
 * answer adds up. `npm run bench -- stats [deliveries]`
 */
export async function benchStats([count = '1000000']: string[]): Promise<void> {
  const deliveries = Number(count);
  const dir = await mkdtemp(join(tmpdir(), 'owabi-bench-'));
  const sink = await forkSink();
  const postgres = await startEmbeddedPostgres(join(dir, 'database'));
  const services: TestService[] = [];
  try {
    const settings = (roles: string) => ({
      ...{ ROLES: roles, DATABASE_URL: postgres.url, DATA_DIR: join(dir, 'data'), SMTP_URL: sink.url },
      ...{ BLOB_URL: pathToFileURL(join(dir, 'blobs')).href, MASTER_KEY: Buffer.alloc(32, 7).toString('base64') },
      ...{ MAIL_FROM: 'notice@example.jp', BOUNCE_DOMAIN: 'bounce.example.jp', PUBLIC_URL: 'https://example.jp' },
    });
    for (const roles of ['api', 'worker']) services.push(await startService(settings(roles)));
    const people = await cast(services[0]?.url ?? '');
    const incidentId = await openIncident(people);
    await acceptList(people, incidentId, csvOf(1));
    const wanted = { template: 'apology', channels: 'email' };
    const { id } = await people.operator.post<NoticeAnswer>(`/v1/incidents/${incidentId}/notices`, wanted);
    const { digest } = await freeze(people, id);
    process.stdout.write(`Writing ${deliveries} deliveries …\n`);
    await multiply(postgres.url, id, deliveries);
    await people.approver.post(`/v1/notices/${id}/approve`, { digest, persons: deliveries });
    while ((await sink.counts()).messages === 0) await wait(BETWEEN_MS);
    const { millis, last } = await ask(() => people.operator.get<NoticeStats>(`/v1/notices/${id}/stats`), deliveries);
    if (last.status !== 'completed') await people.operator.post(`/v1/notices/${id}/pause`);
    print(millis, last);
    await agree(() => people.operator.get<NoticeStats>(`/v1/notices/${id}/stats?recount=true`), sink);
  } finally {
    for (const service of services.reverse()) await service.kill('SIGTERM');
    await postgres.stop();
    await sink.close();
    await rm(dir, { recursive: true, force: true });
  }
}

async function ask(read: () => Promise<NoticeStats>, deliveries: number) {
  const millis: number[] = [];
  const end = performance.now() + SECONDS * 1000;
  let last: NoticeStats | undefined;
  while (performance.now() < end && last?.status !== 'completed') {
    const began = performance.now();
    const stats = await read();
    millis.push(performance.now() - began);
    if (!addsUp(stats, deliveries)) throw new Error(`the figures do not add up: ${JSON.stringify(stats)}`);
    if (last && stats.email.submitted < last.email.submitted) throw new Error('fewer submitted than before');
    last = stats;
    await wait(BETWEEN_MS);
  }
  if (!last) throw new Error('nothing was asked');
  return { millis: millis.sort((a, b) => a - b), last };
}

function addsUp({ balanced, persons, email }: NoticeStats, deliveries: number): boolean {
  const { total, ...states } = email;
  const sum = Object.values(states).reduce((a, b) => a + b, 0);
  const everybody = persons.reached + persons.inProgress + persons.unreached + persons.excluded;
  return balanced && sum === deliveries && total === deliveries && everybody === deliveries;
}

/** After the pause, what is submitted is what the sink has, to the message. */
async function agree(read: () => Promise<NoticeStats>, sink: Awaited<ReturnType<typeof forkSink>>): Promise<void> {
  for (;;) {
    const { email, balanced } = await read();
    if (email.claimed + email.submitting > 0) continue;
    const { messages } = await sink.counts();
    if (!balanced || messages !== email.submitted) throw new Error('ledger and sink do not agree');
    process.stdout.write(`ledger and sink agree on ${messages} messages\n`);
    return;
  }
}

function print(millis: number[], { email, pace }: NoticeStats): void {
  const at = (share: number): string => (millis[Math.floor(share * (millis.length - 1))] ?? 0).toFixed(1);
  process.stdout.write(
    [
      `${email.total} deliveries, ${email.submitted} of them submitted meanwhile (${pace.lastMinute} in the last minute)`,
      `${millis.length} requests: p50 ${at(0.5)} ms, p95 ${at(0.95)} ms, p99 ${at(0.99)} ms, most ${at(1)} ms`,
      '',
    ].join('\n'),
  );
}
