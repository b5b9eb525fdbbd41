import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { simpleParser } from 'mailparser';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { LetterBatch, NoticeAnswer } from '../../src/demo/api.ts';
import { redisIsAvailable, startRedis, type TestRedis } from '../support/redis.ts';
import { startService, type TestService } from '../support/service.ts';
import { type Sink, startSink } from '../support/smtp-sink.ts';
import { acceptList, type Cast, cast, freeze, openIncident, releaseNotice, statsWhen } from '../support/story.ts';
import { until } from '../support/until.ts';

const LIST = [
  '顧客番号,氏名,郵便番号,住所,メール,カード下4桁,ブランド',
  'C1,見本　一郎,100-0001,東京都千代田区千代田1-1,ichiro@example.jp,1111,VISA',
  'C2,見本　二郎,100-0002,東京都千代田区皇居外苑1-2,unknown@example.jp,2222,JCB',
  'C3,見本　三郎,150-0001,東京都渋谷区神宮前1-3,,3333,VISA',
  'C4,見本　四郎,,,later@example.jp,4444,VISA',
  'C1,見本　一郎,100-0001,東京都千代田区千代田1-1,ichiro@example.jp,5555,VISA',
  'C6,,100-0001,東京都千代田区千代田1-6,none@example.jp,6666,VISA',
].join('\r\n');

const backends = [
  { name: 'queues on Postgres', redis: false },
  ...(redisIsAvailable() ? [{ name: 'queues on Redis', redis: true }] : []),
];

describe.each(backends)('the whole path, with $name', ({ redis }) => {
  let dir: string;
  let sink: Sink;
  let server: TestRedis | null = null;
  let service: TestService;
  let people: Cast;
  let incidentId: string;

  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'owabi-path-'));
    server = redis ? await startRedis() : null;
    sink = await startSink({
      keepRaw: true,
      behaviour: ({ stage, to, attemptForAddress }) => {
        if (stage === 'rcpt' && to.startsWith('unknown@'))
          return { reply: '550 5.1.1 <unknown@example.jp> user unknown' };
        if (stage === 'rcpt' && to.startsWith('later@') && attemptForAddress === 1)
          return { reply: '451 4.7.1 try again later' };
        return 'accept';
      },
    });
    service = await startService({
      ...{ DATA_DIR: dir, SMTP_URL: sink.url, ...(server && { REDIS_URL: server.url }) },
      ...{
        MAIL_FROM: '"お客様窓口" <notice@example.jp>',
        BOUNCE_DOMAIN: 'bounce.example.jp',
        PUBLIC_URL: 'https://example.jp',
      },
    });
    people = await cast(service.url);
    incidentId = await openIncident(people);
  });
  afterAll(async () => {
    await service.kill('SIGTERM');
    await sink.close();
    await server?.close();
    await rm(dir, { recursive: true, force: true });
  });

  it('takes a list in and accounts for every row', async () => {
    const list = await acceptList(people, incidentId, LIST, { source: 'shop', kind: 'affected' });
    expect(list).toMatchObject({
      ...{ status: 'accepted', persons: 4, exposures: 5 },
      rows: { total: 6, accepted: 4, merged: 1, quarantined: 1 },
      reasons: { no_name: 1 },
    });
  });

  it('tells everybody by email or by letter, once, and the figures add up', async () => {
    const notice = await releaseNotice(people, incidentId, { template: 'apology', channels: 'email_then_letter' });
    const stats = await statsWhen(
      people,
      notice.id,
      'all is sent or printed',
      ({ email, letter }) => email.submitted === 2 && letter.rendered === 2,
    );
    expect(stats).toMatchObject({
      ...{ balanced: true, simulated: false },
      persons: { total: 4, reached: 2, inProgress: 2, unreached: 0, excluded: 0 },
      email: { total: 3, submitted: 2, bounced: 1 },
      letter: { total: 2, rendered: 2 },
    });
    expect(
      sink
        .accepted()
        .map(({ to }) => to)
        .sort(),
    ).toEqual(['ichiro@example.jp', 'later@example.jp']);
    expect(sink.attemptsFor('later@example.jp')).toBe(2);
  });

  it('sends a mail that reads as it was approved, with the headers of a notice', async () => {
    const raw = sink.accepted().find(({ to }) => to === 'ichiro@example.jp')?.raw;
    if (!raw) throw new Error('no mail came');
    const mail = await simpleParser(raw);
    expect(mail.subject).toContain('お詫び');
    expect(mail.text).toContain('見本　一郎');
    expect(mail.headers.get('auto-submitted')).toBe('auto-generated');
    expect(mail.headers.has('list-unsubscribe')).toBe(false);
    expect(mail.text).not.toMatch(/1111|5555/);
    expect(sink.accepted()[0]?.from).toMatch(/^b\+[a-z2-7]+@bounce\.example\.jp$/);
  });

  it('gives the printer letters in postal order with a manifest that agrees with them', async () => {
    const { operator } = people;
    const { notices } = await operator.get<{ notices: { noticeId: string }[] }>(`/v1/incidents/${incidentId}/stats`);
    const { items } = await operator.get<{ items: LetterBatch[] }>(
      `/v1/notices/${notices[0]?.noticeId}/letter-batches`,
    );
    const batch = items[0];
    if (!batch) throw new Error('no batch');
    expect(batch).toMatchObject({ number: 1, letters: 2, state: 'rendered' });
    const pdf = Buffer.from(
      await (await operator.download(`/v1/letter-batches/${batch.id}/letters.pdf`)).arrayBuffer(),
    );
    expect(createHash('sha256').update(pdf).digest('hex')).toBe(batch.sha256);
    const manifest = await (await operator.download(`/v1/letter-batches/${batch.id}/manifest.csv`)).text();
    const lines = manifest
      .trim()
      .split('\r\n')
      .map((line) => line.split(','));
    expect(lines.slice(1).map((line) => line[2])).toEqual(['1000002', '1500001']);

    await expect(operator.post(`/v1/letter-batches/${batch.id}/posted`, { on: '2017-07-26' })).rejects.toThrow(
      /wrong_state/,
    );
    const wrong = { at: '2017-07-25T10:00:00+09:00', letters: 3, pages: batch.pages };
    await expect(operator.post(`/v1/letter-batches/${batch.id}/handed-over`, wrong)).rejects.toThrow(/figures_differ/);
    await operator.post(`/v1/letter-batches/${batch.id}/handed-over`, { ...wrong, letters: 2 });
    await operator.post(`/v1/letter-batches/${batch.id}/posted`, { on: '2017-07-26' });
    const stats = await statsWhen(
      people,
      String(notices[0]?.noticeId),
      'the notice is complete',
      ({ status }) => status === 'completed',
    );
    expect(stats).toMatchObject({ balanced: true, persons: { total: 4, reached: 4 }, letter: { posted: 2 } });
  });

  it('shows exactly what was said, and by CSV what happened to each', async () => {
    const { operator } = people;
    const { notices } = await operator.get<{ notices: { noticeId: string }[] }>(`/v1/incidents/${incidentId}/stats`);
    const id = notices[0]?.noticeId;
    const csv = await (await operator.download(`/v1/notices/${id}/deliveries.csv`)).text();
    expect(csv.split('\r\n')[0]).toBe('reference,channel,state,class,code,attempts,updated_at');
    expect(csv.trim().split('\r\n').length).toBe(1 + 5);
    expect(csv).toContain('invalid_mailbox,550 5.1.1,1');
    const { items } = await operator.get<{ items: { id: string }[] }>(
      `/v1/notices/${id}/deliveries?channel=email&state=submitted`,
    );
    const html = await (await operator.download(`/v1/deliveries/${items[0]?.id}/content?part=html`)).text();
    expect(html).toContain('見本');
  });

  it('sends nothing that changed after it was approved', async () => {
    const { operator, approver } = people;
    const { id } = await operator.post<{ id: string }>(`/v1/incidents/${incidentId}/notices`, {
      template: 'warning',
      channels: 'email',
    });
    const frozen = await freeze(people, id);
    const incident = await operator.get<{ facts: { cause: string } }>(`/v1/incidents/${incidentId}`);
    await operator.patch(`/v1/incidents/${incidentId}`, { facts: { ...incident.facts, cause: '原因は調査中です。' } });
    expect(await operator.get(`/v1/notices/${id}`)).toMatchObject({ status: 'draft', digest: null });
    const stale = { digest: frozen.digest, persons: frozen.persons };
    await expect(approver.post(`/v1/notices/${id}/approve`, stale)).rejects.toThrow(/wrong_state/);
  });

  it('keeps everything while the relay is down, and goes on by itself when it is back', async () => {
    const { operator, approver } = people;
    const wanted = { template: 'warning', channels: 'email' };
    const notice = await operator.post<NoticeAnswer>(`/v1/incidents/${incidentId}/notices`, wanted);
    const { digest, persons } = await freeze(people, notice.id);
    const { port } = sink;
    await sink.close();
    await approver.post(`/v1/notices/${notice.id}/approve`, { digest, persons });
    await until('the relay is found to be down', () => service.output().includes('relay.down'));
    const stats = await statsWhen(
      people,
      notice.id,
      'nothing is lost',
      // The address that has bounced is not tried again.
      ({ email }) => email.pending + email.deferred === 2 && email.suppressed === 1,
    );
    expect(stats.balanced).toBe(true);
    sink = await startSink({ port });
    await statsWhen(
      people,
      notice.id,
      'all is sent',
      ({ status, email }) => status === 'completed' && email.submitted === 2,
    );
    expect(sink.accepted().length).toBe(2);
  });
});
