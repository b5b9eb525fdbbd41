import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startService, type TestService } from '../support/service.ts';
import { type Sink, startSink } from '../support/smtp-sink.ts';
import { acceptList, type Cast, cast, csvOf, openIncident, releaseNotice, statsWhen } from '../support/story.ts';
import { until } from '../support/until.ts';

interface Domain {
  domain: string;
  slowed: boolean;
  held: boolean;
  because: string | null;
  code: string | null;
}

const EACH = 150;
/** A domain that was slowed takes a few a minute. */
const FEW = 12;
/** What a worker of three connections has in hand at once: three connections, 25 results, for each of two chunks. */
const IN_HAND = 2 * (3 + 25);
let dir: string;
let sink: Sink;
let service: TestService;
let people: Cast;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'owabi-domains-'));
  sink = await startSink();
  service = await startService({
    ...{ DATA_DIR: dir, SMTP_URL: sink.url, MAIL_FROM: 'notice@example.jp', SMTP_CONNECTIONS: '3' },
    ...{ BOUNCE_DOMAIN: 'bounce.example.jp', PUBLIC_URL: 'https://example.jp' },
  });
  people = await cast(service.url);
});
afterAll(async () => {
  await service.kill('SIGTERM');
  await sink.close();
  await rm(dir, { recursive: true, force: true });
});

const domains = async (): Promise<Domain[]> => (await people.operator.get<{ items: Domain[] }>('/v1/domains')).items;
const of = (domain: string) => sink.received().filter(({ to }) => to.endsWith(`@${domain}`)).length;

/** Lists of so many persons at `domain`, and elsewhere; sends them a notice and gives its id. */
async function sendTo(domain: string, persons: number): Promise<string> {
  const incidentId = await openIncident(people);
  await acceptList(people, incidentId, csvOf(persons, domain));
  await acceptList(
    people,
    incidentId,
    csvOf(persons, 'elsewhere.example').replaceAll('C0', 'D0').replaceAll('見本', '別人'),
  );
  return (await releaseNotice(people, incidentId, { template: 'apology', channels: 'email' })).id;
}

describe('a mail domain that answers', () => {
  it('that our mail is not authenticated is held after one answer, and goes on when somebody releases it', async () => {
    let refusals = 0;
    sink.behave(({ stage, to }) => {
      if (stage !== 'rcpt' || !to.endsWith('@gmail.com')) return 'accept';
      refusals++;
      return { reply: '550 5.7.26 This mail has been blocked because the sender is unauthenticated' };
    });
    const noticeId = await sendTo('gmail.com', EACH);
    const held = await until('gmail is held', async () => (await domains()).find((one) => one.held));
    expect(held).toMatchObject({ domain: 'gmail', because: 'sender_auth', code: '550 5.7.26' });
    // Nobody has bounced for what is our own trouble, and nobody elsewhere waits for it.
    const stats = await statsWhen(people, noticeId, 'all others are told', ({ email }) => email.submitted === EACH);
    expect(stats).toMatchObject({ status: 'sending', balanced: true, email: { bounced: 0 } });
    // What was on its way when the first answer came was refused as well, and no more.
    const refused = refusals;
    expect(refused).toBeLessThanOrEqual(IN_HAND);

    await statsWhen(people, noticeId, 'what was refused waits', ({ email }) => email.claimed + email.submitting === 0);
    expect(refusals).toBe(refused);
    sink.behave(() => 'accept');
    await people.operator.post('/v1/domains/gmail/release');
    await statsWhen(people, noticeId, 'all are told', ({ status }) => status === 'completed');
    expect(of('gmail.com')).toBe(EACH);
  });

  it('that we are too fast is slowed, and everybody is told in the end', async () => {
    let answers = 0;
    sink.behave(({ stage, to }) =>
      stage === 'rcpt' && to.endsWith('@slow.example') && ++answers <= 5
        ? { reply: '451 4.7.0 Too many messages, slow down' }
        : 'accept',
    );
    const noticeId = await sendTo('slow.example', FEW);
    await until('it is slowed', async () => (await domains()).some((one) => one.slowed));
    // A domain that is no group is shown by digits that tell nobody which it is.
    expect(JSON.stringify(await domains())).not.toContain('slow.example');
    const stats = await statsWhen(people, noticeId, 'all are told', ({ status }) => status === 'completed');
    expect(stats.email).toMatchObject({ submitted: 2 * FEW, bounced: 0 });
    expect(of('slow.example')).toBe(FEW);
  });
});
