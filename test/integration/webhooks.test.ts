import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { mailgunPost, makeSendgrid, postmarkPost } from '../support/provider-posts.ts';
import { type WebhookServer, webhookServer } from '../support/webhook-server.ts';

const HOUR_MS = 3600 * 1000;
const ago = (hours: number) => new Date(Date.now() - hours * HOUR_MS);
const MAILGUN_KEY = 'a-signing-key-of-a-test';
const LOGIN = 'postmark:a-long-password';
const sendgrid = makeSendgrid();

let server: WebhookServer;
beforeAll(async () => {
  server = await webhookServer({
    ...{ SENDGRID_WEBHOOK_KEY: sendgrid.publicKey, MAILGUN_WEBHOOK_KEY: MAILGUN_KEY, POSTMARK_WEBHOOK_LOGIN: LOGIN },
  });
});
afterAll(() => server.close());

const refusedWith = (code: string) => ({ status: code === 'bad_signature' ? 401 : 403, body: { code } });

describe('webhooks', () => {
  it('that no setting names are not there', async () => {
    const answer = await server.post('ses', { body: '{}', headers: {} });
    expect(answer).toMatchObject({ status: 404, body: { code: 'not_found' } });
  });

  it('are described for whoever sets them up, and need no key of ours', async () => {
    const { body } = await server.call('nobody', 'GET', '/openapi.json');
    for (const way of ['sendgrid', 'mailgun', 'postmark']) {
      expect(body.paths[`/v1/webhooks/${way}`].post.security, way).toEqual([]);
    }
    expect(body.paths['/v1/webhooks/ses']).toBeUndefined();
  });

  it('are not stopped by the limit of requests, whatever others send from behind the same proxy', async () => {
    const forged = { body: '[]', headers: {} };
    const answers = await Promise.all(Array.from({ length: 400 }, () => server.post('sendgrid', forged)));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([401]));
    expect((await server.post('sendgrid', sendgrid.post([]))).status).toBe(200);
  });
});

describe('the webhook of SendGrid', () => {
  const events = ['e-1', 'e-2', 'e-3'].map((id) => ({ event: 'bounce', email: 'hanako@example.jp', sg_event_id: id }));

  it('keeps each event of a post by itself', async () => {
    expect((await server.post('sendgrid', sendgrid.post(events))).body).toEqual({ stored: 3, repeated: 0 });
    const stored = (await server.stored('sendgrid')).map((text) => JSON.parse(text));
    expect(stored).toHaveLength(3);
    expect(stored).toEqual(expect.arrayContaining(events));
  });

  it('keeps of a repeated post only what is new', async () => {
    const more = [...events, { event: 'dropped', sg_event_id: 'e-4' }];
    expect((await server.post('sendgrid', sendgrid.post(more))).body).toEqual({ stored: 1, repeated: 3 });
  });

  it('knows events without an id by what they say', async () => {
    const nameless = [{ event: 'bounce' }, { event: 'bounce' }, { event: 'bounce', reason: 'x' }];
    const { body } = await server.post('sendgrid', sendgrid.post(nameless));
    expect(body).toEqual({ stored: 2, repeated: 1 });
  });

  it('keeps nothing of what people open and click', async () => {
    const { body } = await server.post('sendgrid', sendgrid.post([{ event: 'open' }, { event: 'click' }]));
    expect(body).toEqual({ stored: 0, repeated: 0 });
  });

  it('is posted to again when an event could not be kept, and then has each once', async () => {
    const { db } = server.services;
    const post = sendgrid.post(['f-1', 'f-2', 'f-3', 'f-4', 'f-5'].map((id) => ({ event: 'bounce', sg_event_id: id })));
    await sql`alter table reports add constraint breaks check (id % 5 <> 0) not valid`.execute(db);
    expect((await server.post('sendgrid', post)).status).toBe(500);
    await sql`alter table reports drop constraint breaks`.execute(db);
    const { body } = await server.post('sendgrid', post);
    expect(body.stored).toBeGreaterThan(0);
    expect(body.stored + body.repeated).toBe(5);
    const kept = (await server.stored('sendgrid')).filter((text) => text.includes('"f-'));
    expect(kept).toHaveLength(5);
  });

  it('refuses an altered body, a signature of somebody else, and none', async () => {
    const { body, headers } = sendgrid.post(events);
    const forged = makeSendgrid().post(events);
    const later = { ...headers, 'x-twilio-email-event-webhook-timestamp': String(Math.floor(Date.now() / 1000) + 1) };
    for (const post of [
      { body: body.replace('hanako', 'taro'), headers },
      { body, headers: later },
      { body, headers: { 'content-type': 'application/json' } },
      forged,
    ]) {
      expect(await server.post('sendgrid', post)).toMatchObject(refusedWith('bad_signature'));
    }
  });

  it('refuses what was signed longer ago than SendGrid goes on trying', async () => {
    const signedAt = async (hours: number) => (await server.post('sendgrid', sendgrid.post([], ago(hours)))).status;
    expect([await signedAt(24), await signedAt(24.5), await signedAt(-1)]).toEqual([200, 403, 403]);
  });

  it('refuses what is signed and is no array', async () => {
    expect(await server.post('sendgrid', sendgrid.post({ event: 'bounce' }))).toMatchObject({
      ...{ status: 400, body: { code: 'invalid_body' } },
    });
  });
});

describe('the webhook of Mailgun', () => {
  const event = { event: 'failed', id: 'G-1', recipient: 'hanako@example.jp' };

  it('keeps an event once', async () => {
    const post = mailgunPost(MAILGUN_KEY, event);
    expect((await server.post('mailgun', post)).body).toEqual({ stored: 1, repeated: 0 });
    expect((await server.post('mailgun', post)).body).toEqual({ stored: 0, repeated: 1 });
    expect(await server.stored('mailgun')).toEqual([post.body]);
  });

  it('keeps nothing that is put beside a signature that was seen: it does not cover the event', async () => {
    const kept = await server.stored('mailgun');
    const { body, headers } = mailgunPost(MAILGUN_KEY, event);
    const altered = { body: body.replace('hanako', 'taro').replace('G-1', 'G-2'), headers };
    expect((await server.post('mailgun', altered)).body).toEqual({ stored: 0, repeated: 1 });
    expect(await server.stored('mailgun')).toEqual(kept);
  });

  it('refuses another key, another token, and no signature', async () => {
    const good = mailgunPost(MAILGUN_KEY, event);
    for (const post of [
      mailgunPost('another-key', event),
      { ...good, body: good.body.replace('token-1', 'token-2') },
      { ...good, body: JSON.stringify({ 'event-data': event }) },
      { ...good, body: '{' },
    ]) {
      expect(await server.post('mailgun', post)).toMatchObject(refusedWith('bad_signature'));
    }
  });

  it('refuses what was signed longer ago than Mailgun goes on trying', async () => {
    const signedAt = async (hours: number) =>
      (await server.post('mailgun', mailgunPost(MAILGUN_KEY, event, { at: ago(hours), token: `at ${hours}` }))).status;
    expect([await signedAt(8), await signedAt(8.5), await signedAt(-1)]).toEqual([200, 403, 403]);
  });
});

describe('the webhook of Postmark', () => {
  const event = { RecordType: 'Bounce', ID: 42, Type: 'HardBounce', Email: 'hanako@example.jp' };

  it('keeps an event once, and a complaint beside a bounce of the same number', async () => {
    const post = postmarkPost(LOGIN, event);
    expect((await server.post('postmark', post)).body).toEqual({ stored: 1, repeated: 0 });
    expect((await server.post('postmark', post)).body).toEqual({ stored: 0, repeated: 1 });
    const complaint = postmarkPost(LOGIN, { ...event, RecordType: 'SpamComplaint' });
    expect((await server.post('postmark', complaint)).body).toEqual({ stored: 1, repeated: 0 });
    expect(await server.stored('postmark')).toEqual([post.body, complaint.body]);
  });

  it('refuses a wrong login and none, and says what login it wants', async () => {
    for (const login of ['postmark:another-password', 'postmark', `x${LOGIN}`]) {
      const answer = await server.post('postmark', postmarkPost(login, event));
      expect(answer, login).toMatchObject(refusedWith('bad_signature'));
      expect(answer.headers['www-authenticate']).toBe('Basic realm="owabi"');
    }
    const answer = await server.post('postmark', { body: JSON.stringify(event), headers: {} });
    expect(answer).toMatchObject(refusedWith('bad_signature'));
  });

  it('refuses what is no event', async () => {
    const { headers } = postmarkPost(LOGIN, {});
    for (const body of ['', '{', '[]', '{"ID":1}']) {
      expect(await server.post('postmark', { body, headers }), body).toMatchObject({
        ...{ status: 400, body: { code: 'invalid_body' } },
      });
    }
  });
});

describe('the log of webhooks', () => {
  it('holds who was refused and why, and nobody’s address', () => {
    const refused = server.logged.filter(({ event }) => event === 'webhook.refused');
    expect(new Set(refused.map(({ way }) => way))).toEqual(new Set(['sendgrid', 'mailgun', 'postmark']));
    expect(JSON.stringify(server.logged)).not.toMatch(/hanako|taro|password/);
  });
});
