import { createHmac } from 'node:crypto';
import { sql } from 'kysely';
import { simpleParser } from 'mailparser';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { claimTellings, pageAlerts } from '../../src/alerts/alerts.store.ts';
import { type Alerts, makeAlerts } from '../../src/alerts/alerts.ts';
import type { AlertMail } from '../../src/alerts/mail-alert.ts';
import type { Logger } from '../../src/log.ts';
import { webhookSigner } from '../../src/vault/webhook-signature.ts';
import { type TestDatabase, testDatabase } from '../support/database.ts';
import { sendingNotice } from '../support/notice-rows.ts';
import { type Sink, startSink } from '../support/smtp-sink.ts';
import { until } from '../support/until.ts';
import { startWebhook, type WebhookReceiver, type WebhookRequest } from '../support/webhook.ts';

const SECRET = 'the operators share this secret';
const OPERATORS = ['night@operators.example', 'day@operators.example'];

let database: TestDatabase;
let webhook: WebhookReceiver;
let sink: Sink;
let alerts: Alerts | null = null;
let events: Record<string, unknown>[];

beforeAll(async () => {
  database = await testDatabase();
});
afterAll(() => database.close());
beforeEach(async () => {
  events = [];
  webhook = await startWebhook();
  sink = await startSink({ keepRaw: true });
  await sql`delete from alert_tellings; delete from alerts; update notices set status = 'cancelled'`.execute(
    database.db,
  );
});
afterEach(async () => {
  await alerts?.close();
  await Promise.all([webhook.close(), sink.close()]);
});

const log = { warn: (event: Record<string, unknown>) => void events.push(event) } as unknown as Logger;

function startAlerts(over: { webhookTimeoutMs?: number; firstWaitSeconds?: number; relays?: string[] } = {}): Alerts {
  const { relays = [sink.url], ...settings } = over;
  const sender = {
    from: '"Owabi 窓口" <notice@shop.example>',
    bounceDomain: 'bounce.shop.example',
    signers: [],
    smime: null,
  };
  const mail: AlertMail = { to: OPERATORS, sender, relays };
  alerts = makeAlerts({
    ...{ db: database.db, log, mail, webhook: { url: webhook.url, sign: webhookSigner(SECRET) } },
    ...{ firstWaitSeconds: 0.2, ...settings },
  });
  return alerts;
}

/** A notice that has paused by itself, and what is told of it. */
async function trip(alerts: Alerts): Promise<string> {
  const { noticeId } = await sendingNotice(database.db, 1);
  await sql`update notices set status = 'paused', paused_because = 'bounce_share' where id = ${noticeId}`.execute(
    database.db,
  );
  await alerts.raise();
  return noticeId;
}
const told = async () => (await pageAlerts(database.db, null, null, 10)).flatMap((alert) => alert.told);
/** Tells again and again, as the dispatcher does, until `condition` holds. */
const tellUntil = (alerts: Alerts, what: string, condition: () => unknown) =>
  until(what, async () => {
    alerts.tell();
    return await condition();
  });
const toldBy = async (way: string) => (await told()).find((one) => one.way === way && one.toldAt !== null);

describe('the webhook', () => {
  it('gets what has happened once, signed so that whoever knows the secret can check it', async () => {
    const alerts = startAlerts();
    const noticeId = await trip(alerts);
    await tellUntil(alerts, 'it is told', () => toldBy('webhook'));
    alerts.tell();
    await tellUntil(alerts, 'it is mailed', () => toldBy('email'));
    expect(webhook.requests()).toHaveLength(1);
    const { headers, body } = webhook.requests()[0] as WebhookRequest;
    const [id, at] = [String(headers['webhook-id']), String(headers['webhook-timestamp'])];
    const expected = createHmac('sha256', SECRET).update(`${id}.${at}.${body}`).digest('base64');
    expect(headers['webhook-signature']).toBe(`v1,${expected}`);
    expect(Math.abs(Number(at) - Date.now() / 1000)).toBeLessThan(60);
    expect(headers['content-type']).toBe('application/json');
    expect(JSON.parse(body)).toEqual({
      ...{ type: 'breaker', id: expect.any(String), raisedAt: expect.any(String), endedAt: null },
      ...{ subject: { noticeId, incidentId: expect.any(String) }, detail: { because: 'bounce_share' } },
      message: expect.stringContaining(`POST /v1/notices/${noticeId}/resume`),
    });
  });

  it('is tried again, later each time and with the same id, until it takes it', async () => {
    webhook.answer((n) => (n < 3 ? 500 : 204));
    const alerts = startAlerts();
    await trip(alerts);
    await tellUntil(alerts, 'it is told', () => toldBy('webhook'));
    expect(await toldBy('webhook')).toMatchObject({ tries: 3, nextTryAt: null });
    expect(new Set(webhook.requests().map(({ headers }) => headers['webhook-id'])).size).toBe(1);
    const failures = events.filter(({ event }) => event === 'alert.not_told');
    expect(failures).toMatchObject([
      { way: 'webhook', kind: 'breaker', tries: 1, code: 'http_500', last: false },
      { way: 'webhook', tries: 2 },
    ]);
  });

  it('that never answers is given up for this time, and holds up neither the email nor what calls it', async () => {
    webhook.answer((n) => (n === 1 ? 'hang' : 204));
    const alerts = startAlerts({ webhookTimeoutMs: 300 });
    await trip(alerts);
    await tellUntil(alerts, 'the email is told', () => toldBy('email'));
    await tellUntil(alerts, 'it is told', () => toldBy('webhook'));
    expect(events).toContainEqual(expect.objectContaining({ event: 'alert.not_told', code: 'timeout' }));
  });

  it('cannot send the alert on to another address', async () => {
    const other = await startWebhook();
    webhook.answer(() => ({ redirectTo: other.url }));
    const alerts = startAlerts();
    await trip(alerts);
    await tellUntil(alerts, 'it was refused', () => events.some(({ code }) => code === 'http_307'));
    expect(other.requests()).toEqual([]);
    await other.close();
  });

  it('that is not there at all is told to the log by its code', async () => {
    await webhook.close();
    const alerts = startAlerts();
    await trip(alerts);
    await tellUntil(alerts, 'it failed', () => events.some(({ code }) => code === 'ECONNREFUSED'));
    webhook = await startWebhook();
  });

  it('is given up after eleven tries, and says that this one was the last', async () => {
    webhook.answer(() => 410);
    const alerts = startAlerts();
    await trip(alerts);
    await sql`update alert_tellings set tries = 10 where way = 'webhook'`.execute(database.db);
    await tellUntil(alerts, 'it is given up', () => events.some(({ last }) => last === true));
    expect((await told()).find(({ way }) => way === 'webhook')).toMatchObject({ toldAt: null, nextTryAt: null });
  });

  it('does not keep a service that stops', async () => {
    webhook.answer(() => 'hang');
    const alerts = startAlerts();
    await trip(alerts);
    await tellUntil(alerts, 'it is asked', () => webhook.requests().length > 0);
    const began = performance.now();
    await alerts.close();
    expect(performance.now() - began).toBeLessThan(2_000);
    expect((await told()).find(({ way }) => way === 'webhook')?.nextTryAt).not.toBeNull();
  });
});

describe('the email', () => {
  it('goes to all operators in the name of the sender, and asks for no automatic answer', async () => {
    const alerts = startAlerts();
    const noticeId = await trip(alerts);
    await tellUntil(alerts, 'it is told', () => toldBy('email'));
    const [message] = sink.accepted();
    expect(message).toMatchObject({ recipients: OPERATORS, from: 'notice@shop.example' });
    const mail = await simpleParser(message?.raw ?? '');
    expect(mail.subject).toBe(`[Owabi] Notice ${noticeId} has paused by itself: bounce_share`);
    expect(mail.from?.text).toContain('notice@shop.example');
    expect(mail.headers.get('auto-submitted')).toBe('auto-generated');
    expect(mail.text).toContain(`POST /v1/notices/${noticeId}/resume`);
    expect(mail.messageId).toContain(String(webhook.requests()[0]?.headers['webhook-id']));
  });

  it('that no relay takes does not hold up the webhook, and takes the next relay the next time', async () => {
    const refusing = await startSink({
      behaviour: ({ stage }) => (stage === 'mail' ? { reply: '550 5.7.1 no' } : 'accept'),
    });
    const alerts = startAlerts({ relays: [refusing.url, sink.url] });
    await trip(alerts);
    await tellUntil(alerts, 'the webhook is told', () => toldBy('webhook'));
    await tellUntil(alerts, 'the email is told', () => toldBy('email'));
    expect(events).toMatchObject([{ event: 'alert.raised' }, { event: 'alert.not_told', way: 'email', code: '550' }]);
    expect(sink.accepted()).toHaveLength(1);
    await refusing.close();
  });

  it('says in the log when the relay refuses some of the operators', async () => {
    sink.behave(({ stage, to }) =>
      stage === 'rcpt' && to === OPERATORS[0] ? { reply: '550 5.1.1 unknown' } : 'accept',
    );
    const alerts = startAlerts();
    await trip(alerts);
    await tellUntil(alerts, 'it is told', () => toldBy('email'));
    expect(events).toContainEqual(expect.objectContaining({ event: 'alert.not_told', refused: 1 }));
    expect(JSON.stringify(events)).not.toContain('operators.example');
  });
});

describe('an alert', () => {
  it('is told once by two processes that tell at the same time', async () => {
    await trip(startAlerts());
    const claims = await Promise.all([1, 2, 3].map(() => claimTellings(database.db, ['webhook', 'email'], 60)));
    expect(claims.flat()).toHaveLength(2);
  });

  it.each([
    [0, 15],
    [1, 45],
    [5, 3645],
    [9, 21_600],
  ])('that has failed %i times is tried again %i s after the next try', async (tries, seconds) => {
    await trip(startAlerts());
    await sql`update alert_tellings set tries = ${tries}`.execute(database.db);
    await claimTellings(database.db, ['webhook', 'email'], 15);
    const { rows } = await sql<{ wait: number }>`
      select extract(epoch from next_try_at - now())::float8 as wait from alert_tellings`.execute(database.db);
    for (const { wait } of rows) expect(Math.abs(wait - seconds)).toBeLessThan(5);
    expect(rows).toHaveLength(2);
  });

  it('is told in the ways that were set when it was raised, and not when another is set much later', async () => {
    await trip(makeAlerts({ db: database.db, log, webhook: null, mail: null }));
    const alerts = startAlerts();
    const noticeId = await trip(alerts);
    await tellUntil(alerts, 'the second is told', () => toldBy('webhook'));
    expect(webhook.requests().map(({ body }) => JSON.parse(body).subject.noticeId)).toEqual([noticeId]);
  });

  it('that is over before it could be told says so', async () => {
    webhook.answer((n) => (n === 1 ? 503 : 204));
    const alerts = startAlerts();
    const noticeId = await trip(alerts);
    await tellUntil(alerts, 'it was tried', () => webhook.requests().length > 0);
    await sql`update notices set status = 'sending' where id = ${noticeId}`.execute(database.db);
    await alerts.raise();
    await tellUntil(alerts, 'it is told', () => toldBy('webhook'));
    const body = JSON.parse(webhook.requests().at(-1)?.body ?? '');
    expect(body).toMatchObject({ endedAt: expect.any(String), message: expect.stringContaining('This was over at') });
  });
});
