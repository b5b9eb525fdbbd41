import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { simpleParser } from 'mailparser';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startService, type TestService } from '../support/service.ts';
import { type Sink, startSink } from '../support/smtp-sink.ts';
import { acceptList, type Cast, cast, csvOf, openIncident, releaseNotice } from '../support/story.ts';
import { until } from '../support/until.ts';
import { startWebhook, type WebhookReceiver } from '../support/webhook.ts';

const OPERATOR = 'night@operators.example';
const DOMAIN = 'customers-of-the-shop.jp';

let dir: string;
let sink: Sink;
let webhook: WebhookReceiver;
let service: TestService;
let people: Cast;
let noticeId: string;

interface AlertAnswer {
  kind: string;
  subject: Record<string, string>;
  endedAt: string | null;
  told: Record<'webhook' | 'email', { at: string | null } | null>;
}

const alertsOf = async (kind: string) =>
  (await people.operator.get<{ items: AlertAnswer[] }>('/v1/alerts')).items.filter((alert) => alert.kind === kind);

describe('operators whose notice bounces more than it may', () => {
  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'owabi-alerts-'));
    webhook = await startWebhook();
    sink = await startSink({
      keepRaw: true,
      behaviour: ({ stage, to }) =>
        stage === 'rcpt' && to.endsWith(DOMAIN) ? { reply: `550 5.1.1 <${to}>: no such user here` } : 'accept',
    });
    service = await startService({
      ...{ DATA_DIR: dir, SMTP_URL: sink.url, MAIL_FROM: '"Shop" <notice@shop.example>' },
      ...{ BOUNCE_DOMAIN: 'bounce.shop.example', PUBLIC_URL: 'https://owabi.shop.example', LOG_LEVEL: 'trace' },
      ...{ ALERT_WEBHOOK_URL: webhook.url, ALERT_WEBHOOK_SECRET: 'a secret of the operators', ALERT_EMAIL: OPERATOR },
    });
    people = await cast(service.url);
    const incidentId = await openIncident(people);
    await acceptList(people, incidentId, csvOf(60, DOMAIN));
    const wanted = { template: 'apology', channels: 'email', breaker: { bounceShare: 0.1, after: 5 }, pace: null };
    ({ id: noticeId } = await releaseNotice(people, incidentId, wanted));
    await until('the operators are told in both ways', async () => {
      const [alert] = await alertsOf('breaker');
      return alert?.told.webhook?.at && alert.told.email?.at;
    });
  });
  afterAll(async () => {
    await service?.kill('SIGKILL');
    await Promise.all([sink.close(), webhook.close()]);
    await rm(dir, { recursive: true, force: true });
  });

  const posted = () => webhook.requests().map(({ body }) => JSON.parse(body));

  it('are told once by webhook and once by email that it has paused, and what to do', async () => {
    expect(posted().filter(({ type }) => type === 'breaker')).toMatchObject([
      { subject: { noticeId }, detail: { because: 'bounce_share' } },
    ]);
    const mails = sink.accepted().filter(({ to }) => to === OPERATOR);
    const subjects = await Promise.all(mails.map(async ({ raw }) => (await simpleParser(raw ?? '')).subject));
    expect(subjects.filter((subject) => subject?.includes('paused'))).toEqual([
      `[Owabi] Notice ${noticeId} has paused by itself: bounce_share`,
    ]);
  });

  it('learn nothing of the persons by it: no name, no address, no words of a server', async () => {
    const mails = sink.accepted().filter(({ to }) => to === OPERATOR);
    const texts = await Promise.all(mails.map(async ({ raw }) => (await simpleParser(raw ?? '')).text ?? ''));
    const told = [...webhook.requests().map(({ body }) => body), ...texts, ...mails.map(({ raw }) => String(raw))];
    expect(told.length).toBeGreaterThan(2);
    for (const needle of ['見本', '太郎', '千代田', DOMAIN, 'no such user', 'p000001'])
      for (const text of [...told, service.output()]) expect(text.includes(needle), needle).toBe(false);
  });

  it('see the alert end when they have decided', async () => {
    await people.operator.post(`/v1/notices/${noticeId}/cancel`);
    await until('the alert has ended', async () => (await alertsOf('breaker'))[0]?.endedAt);
    expect(posted().filter(({ type }) => type === 'breaker')).toHaveLength(1);
  });
});
