import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { NoticeAnswer } from '../../src/demo/api.ts';
import { embeddedUrl } from '../support/every-column.ts';
import { startService, type TestService } from '../support/service.ts';
import { type Sink, startSink } from '../support/smtp-sink.ts';
import { acceptList, type Cast, cast, csvOf, freeze, openIncident, statsWhen } from '../support/story.ts';

let dir: string;
let sink: Sink;
let service: TestService;
let people: Cast;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'owabi-changed-'));
  sink = await startSink();
  service = await startService({
    ...{ DATA_DIR: dir, SMTP_URL: sink.url, MAIL_FROM: 'notice@example.jp', BOUNCE_DOMAIN: 'bounce.example.jp' },
    PUBLIC_URL: 'https://example.jp',
  });
  people = await cast(service.url);
});
afterAll(async () => {
  await service.kill('SIGTERM');
  await sink.close();
  await rm(dir, { recursive: true, force: true });
});

/** Changes what a notice says behind everybody's back, as a template of another version would, and then approves it. */
async function approveChanged(channels: string): Promise<string> {
  const { operator, approver } = people;
  const incidentId = await openIncident(people);
  await acceptList(people, incidentId, csvOf(20));
  const { id } = await operator.post<NoticeAnswer>(`/v1/incidents/${incidentId}/notices`, {
    template: 'apology',
    channels,
  });
  const { digest, persons } = await freeze(people, id);
  const client = new pg.Client({ connectionString: await embeddedUrl(dir) });
  await client.connect();
  await client.query(
    `update notices set snapshot = jsonb_set(snapshot, '{facts,cause}', '"別の原因です。"') where id = $1`,
    [id],
  );
  await client.end();
  await approver.post(`/v1/notices/${id}/approve`, { digest, persons });
  return id;
}

describe('a notice that no longer renders to what was approved', () => {
  it.each(['email', 'letter'] as const)('sends nothing by %s, pauses, and says why', async (channels) => {
    const id = await approveChanged(channels);
    const stats = await statsWhen(people, id, 'it pauses', ({ status }) => status === 'paused');
    const notice = await people.operator.get<NoticeAnswer>(`/v1/notices/${id}`);
    expect(notice.pausedBecause).toBe('content_changed');
    expect(stats.balanced).toBe(true);
    await statsWhen(people, id, 'all is given back', ({ email, letter }) => email.pending + letter.pending === 20);
    expect(sink.received()).toEqual([]);
  });

  it('shows nobody as said what was not approved', async () => {
    const { operator } = people;
    const id = await approveChanged('email');
    const deliveries = await operator.get<{ items: { id: string }[] }>(`/v1/notices/${id}/deliveries`);
    await expect(operator.download(`/v1/deliveries/${deliveries.items[0]?.id}/content?part=html`)).rejects.toThrow(
      /content_changed/,
    );
  });
});
