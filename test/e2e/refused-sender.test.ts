import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { NoticeAnswer } from '../../src/demo/api.ts';
import { type RawRelay, startRawRelay } from '../support/raw-relay.ts';
import { startService, type TestService } from '../support/service.ts';
import { acceptList, type Cast, cast, csvOf, freeze, openIncident, statsWhen } from '../support/story.ts';
import { until } from '../support/until.ts';

const PERSONS = 60;
const REFUSED = { MAIL: '550 5.7.1 <someone@example.jp> may not send here' };

let dir: string;
let relays: RawRelay[];
let service: TestService;
let people: Cast;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'owabi-refused-'));
  relays = [await startRawRelay(), await startRawRelay()];
  service = await startService({
    ...{ DATA_DIR: dir, MAIL_FROM: 'notice@example.jp', BOUNCE_DOMAIN: 'bounce.example.jp', SMTP_CONNECTIONS: '3' },
    ...{ PUBLIC_URL: 'https://example.jp', SMTP_URL: relays.map(({ url }) => url).join(' ') },
  });
  people = await cast(service.url);
});
afterAll(async () => {
  await service.kill('SIGTERM');
  for (const relay of relays) await relay.close();
  await rm(dir, { recursive: true, force: true });
});

describe('when every relay refuses us as sender', () => {
  it('the notice pauses with nobody bounced, and goes on when it is resumed', { timeout: 120_000 }, async () => {
    const { operator, approver } = people;
    const incidentId = await openIncident(people);
    await acceptList(people, incidentId, csvOf(PERSONS));
    const draft = { template: 'apology', channels: 'email_then_letter' };
    const { id } = await operator.post<NoticeAnswer>(`/v1/incidents/${incidentId}/notices`, draft);
    const { digest, persons } = await freeze(people, id);
    for (const relay of relays) relay.behave(REFUSED);
    await approver.post(`/v1/notices/${id}/approve`, { digest, persons });

    const paused = await statsWhen(people, id, 'it pauses', ({ status }) => status === 'paused');
    expect((await operator.get<NoticeAnswer>(`/v1/notices/${id}`)).pausedBecause).toBe('relay_refused');
    expect([paused.email.bounced, paused.email.uncertain, paused.letter.total]).toEqual([0, 0, 0]);
    const shown = await operator.get<{ items: { name: string; state: string; code: string }[] }>('/v1/relays');
    expect(shown.items.map(({ name, state, code }) => `${name} ${state} ${code}`)).toEqual(
      relays.map(({ port }) => `127.0.0.1:${port} held 550 5.7.1`),
    );
    expect(service.output()).toContain('"event":"relay.held"');
    expect(service.output()).not.toContain('someone@example.jp');
    await until('an alert', async () => {
      const { items } = await operator.get<{ items: { kind: string }[] }>('/v1/alerts?open=true');
      return items.filter(({ kind }) => kind === 'relay_held').length === 2;
    });

    for (const relay of relays) relay.behave({});
    await operator.post(`/v1/notices/${id}/resume`);
    const done = await statsWhen(people, id, 'all are told', ({ email }) => email.submitted === PERSONS);
    expect(done.balanced).toBe(true);
    expect(relays.flatMap(({ bodies }) => bodies).length).toBe(PERSONS);
  });
});
