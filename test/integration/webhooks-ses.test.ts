import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { CERTIFICATE_URL, CONFIRM_URL, makeSns, TOPIC } from '../support/provider-posts.ts';
import { type SnsHost, startSnsHost } from '../support/sns-host.ts';
import { type WebhookServer, webhookServer } from '../support/webhook-server.ts';

const MINUTE_MS = 60_000;
const EVENT = JSON.stringify({
  notificationType: 'Bounce',
  bounce: { bouncedRecipients: [{ emailAddress: 'hanako@example.jp' }] },
});
const ago = (minutes: number) => new Date(Date.now() - minutes * MINUTE_MS).toISOString();
/** A certificate that no test before has asked for. */
let certificates = 0;
const freshUrl = () => CERTIFICATE_URL.replace('.pem', `${++certificates}.pem`);

let host: SnsHost;
let sns: Awaited<ReturnType<typeof makeSns>>;
let server: WebhookServer;
beforeAll(async () => {
  host = await startSnsHost();
  sns = await makeSns();
  server = await webhookServer({ SES_TOPIC_ARNS: TOPIC }, host.ask);
});
afterAll(async () => {
  await server.close();
  await host.close();
});
beforeEach(() => host.answer({ status: 200, body: sns.pem }));

describe('the webhook of Amazon SES', () => {
  it('keeps an event before it answers, sealed, and asks for it to be read', async () => {
    const answer = await server.post('ses', sns.post({ MessageId: 'first', Message: EVENT }));
    expect(answer).toMatchObject({ status: 200, body: { stored: 1, repeated: 0 } });
    expect(await server.stored('ses')).toEqual([EVENT]);
    expect(server.hints.map(({ kind }) => kind)).toEqual(['read-reports']);
  });

  it('keeps a repeated event once', async () => {
    const post = sns.post({ MessageId: 'twice', Message: EVENT });
    expect((await server.post('ses', post)).body).toEqual({ stored: 1, repeated: 0 });
    expect((await server.post('ses', post)).body).toEqual({ stored: 0, repeated: 1 });
    const together = sns.post({ MessageId: 'together', Message: EVENT });
    const answers = await Promise.all(Array.from({ length: 8 }, () => server.post('ses', together)));
    expect(answers.map(({ body }) => body.stored).toSorted()).toEqual([0, 0, 0, 0, 0, 0, 0, 1]);
  });

  it('takes the signatures of both versions, and asks for their certificate once', async () => {
    const SigningCertURL = freshUrl();
    const before = host.asked.length;
    for (const version of ['1', '2']) {
      const post = sns.post({ MessageId: `version ${version}`, SigningCertURL, Subject: 'Amazon SES' }, version);
      expect((await server.post('ses', post)).status).toBe(200);
    }
    expect(host.asked.slice(before)).toEqual([new URL(SigningCertURL).pathname]);
  });

  it('takes what SNS repeats for an hour, and nothing that is older or still to come', async () => {
    const statusAt = async (minutes: number) =>
      (await server.post('ses', sns.post({ MessageId: `at ${minutes}`, Timestamp: ago(minutes) }))).status;
    expect([await statusAt(59), await statusAt(76), await statusAt(-16), await statusAt(60 * 24)]).toEqual([
      200, 403, 403, 403,
    ]);
  });

  it('keeps nothing of what people open and click', async () => {
    const kept = (await server.stored('ses')).length;
    for (const eventType of ['Open', 'Click']) {
      const post = sns.post({ MessageId: eventType, Message: JSON.stringify({ eventType }) });
      expect(await server.post('ses', post)).toMatchObject({ status: 200, body: { stored: 0, repeated: 0 } });
    }
    expect(await server.stored('ses')).toHaveLength(kept);
  });

  it('keeps nothing of a message that has been altered, and says so without its words', async () => {
    const kept = (await server.stored('ses')).length;
    const { body, headers } = sns.post({ MessageId: 'altered', Message: EVENT });
    const altered = { body: body.replace('hanako', 'taro'), headers };
    expect(await server.post('ses', altered)).toMatchObject({ status: 401, body: { code: 'bad_signature' } });
    expect(await server.stored('ses')).toHaveLength(kept);
    expect(server.logged.at(-1)).toMatchObject({ event: 'webhook.refused', way: 'ses', code: 'bad_signature' });
    expect(JSON.stringify(server.logged)).not.toMatch(/hanako|taro/);
  });

  it.each([
    ['a topic that is not ours', { TopicArn: `${TOPIC}-other` }, 'unknown_topic'],
    ['a host that is not Amazon’s', { SigningCertURL: 'https://sns.evil.example/x.pem' }, 'bad_signature'],
    [
      'another region than the topic’s',
      { SigningCertURL: 'https://sns.us-east-1.amazonaws.com/x.pem' },
      'bad_signature',
    ],
    ['a time that is none', { Timestamp: 'yesterday' }, 'stale_signature'],
    ['a version that nobody knows', { SignatureVersion: '3' }, 'bad_signature'],
  ])('refuses %s', async (_what, fields, code) => {
    const before = host.asked.length;
    const post = sns.post({ MessageId: 'refused', ...fields });
    const status = code === 'bad_signature' ? 401 : 403;
    expect(await server.post('ses', post)).toMatchObject({ status, body: { code } });
    expect(host.asked.slice(before)).toEqual([]);
  });

  it('refuses what is no message of SNS at all', async () => {
    for (const body of ['', '{}', '[]', 'null', EVENT, '{"Type":"Notification"}', '\0']) {
      const answer = await server.post('ses', { body, headers: { 'content-type': 'text/plain' } });
      expect(answer, body).toMatchObject({ status: 401, body: { code: 'bad_signature' } });
    }
  });

  it('refuses a message over the limit', async () => {
    const answer = await server.post('ses', sns.post({ Message: 'x'.repeat(4 * 1024 * 1024) }));
    expect(answer).toMatchObject({ status: 413, body: { code: 'too_large' } });
  });

  it('counts what it refuses, by its code', async () => {
    const figures = await server.refusals.gauge.read();
    expect(figures.map(({ labels }) => labels.code).toSorted()).toEqual([
      ...['bad_signature', 'stale_signature', 'unknown_topic'],
    ]);
    expect(figures.every(({ labels, value }) => labels.way === 'ses' && value > 0)).toBe(true);
  });
});

describe('a certificate of Amazon SNS', () => {
  it('is refused with another name, when it has expired, and when it is not there', async () => {
    const other = await makeSns({ name: 'evil.example' });
    const old = await makeSns({ until: -1 });
    for (const signer of [other, old]) {
      host.answer({ status: 200, body: signer.pem });
      const answer = await server.post('ses', signer.post({ SigningCertURL: freshUrl() }));
      expect(answer).toMatchObject({ status: 401, body: { code: 'bad_signature' } });
    }
    host.answer({ status: 404, body: sns.pem });
    expect((await server.post('ses', sns.post({ SigningCertURL: freshUrl() }))).status).toBe(401);
  });

  it.each([
    ['SNS is out of order', { status: 500 }],
    ['SNS sends us elsewhere', { status: 302, location: '/elsewhere.pem' }],
    ['the answer is too long', { status: 200, body: 'x'.repeat(65 * 1024) }],
  ])('has SNS post the event again when %s, and is asked for again', async (what, failing) => {
    const post = sns.post({ MessageId: what, Message: EVENT, SigningCertURL: freshUrl() });
    host.answer({ body: sns.pem, ...failing });
    expect(await server.post('ses', post)).toMatchObject({ status: 503, body: { code: 'unavailable' } });
    host.answer({ status: 200, body: sns.pem });
    expect(await server.post('ses', post)).toMatchObject({ status: 200, body: { stored: 1 } });
  });
});

describe('a subscription of Amazon SNS', () => {
  const confirmation = (fields: Record<string, string> = {}) =>
    sns.post({ Type: 'SubscriptionConfirmation', Token: '2336412f37', SubscribeURL: CONFIRM_URL, ...fields });
  const asks = () => host.asked.filter((path) => path.startsWith('/?Action')).length;

  it('is confirmed where SNS says, and nothing is kept of it', async () => {
    const kept = (await server.stored('ses')).length;
    expect((await server.post('ses', confirmation())).body).toEqual({ stored: 0, repeated: 0 });
    expect(host.asked.at(-1)).toBe(CONFIRM_URL.slice('https://sns.ap-northeast-1.amazonaws.com'.length));
    expect(server.logged.at(-1)).toMatchObject({ event: 'webhook.subscribed', topic: TOPIC });
    expect(await server.stored('ses')).toHaveLength(kept);
  });

  it('is not confirmed for another topic, elsewhere, or by a forged message', async () => {
    const before = asks();
    const forged = await makeSns();
    for (const post of [
      confirmation({ TopicArn: `${TOPIC}-other` }),
      confirmation({ SubscribeURL: 'https://evil.example/?Action=ConfirmSubscription&Token=1' }),
      confirmation({ SubscribeURL: CONFIRM_URL.replace('.com/', '.com.evil.example/') }),
      forged.post({ Type: 'SubscriptionConfirmation', Token: 't', SubscribeURL: CONFIRM_URL }),
    ]) {
      expect((await server.post('ses', post)).status).toBeOneOf([401, 403]);
    }
    expect(asks()).toBe(before);
  });

  it('is asked for again by SNS when it could not be confirmed', async () => {
    await server.post('ses', sns.post({ MessageId: 'to have the certificate' }));
    host.answer({ status: 500 });
    expect((await server.post('ses', confirmation())).status).toBe(503);
  });

  it('that has ended is told to the operator, and not begun anew', async () => {
    const before = asks();
    const post = sns.post({ Type: 'UnsubscribeConfirmation', Token: 't', SubscribeURL: CONFIRM_URL });
    expect((await server.post('ses', post)).status).toBe(200);
    expect(server.logged.at(-1)).toMatchObject({ event: 'webhook.unsubscribed', topic: TOPIC });
    expect(asks()).toBe(before);
  });
});
