import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { NoticeAnswer, NoticeStats } from '../../src/demo/api.ts';
import { startService, type TestService } from '../support/service.ts';
import { type Sink, startSink } from '../support/smtp-sink.ts';
import {
  acceptList,
  type Cast,
  cast,
  csvOf,
  freeze,
  openIncident,
  releaseNotice,
  statsWhen,
} from '../support/story.ts';
import { until } from '../support/until.ts';

const PERSONS = 300;

let dir: string;
let sink: Sink;
let service: TestService;
let people: Cast;
let incidentId: string;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'owabi-people-'));
  sink = await startSink();
  service = await startService({
    ...{ DATA_DIR: dir, SMTP_URL: sink.url, SMTP_CONNECTIONS: '2' },
    ...{ MAIL_FROM: 'notice@example.jp', BOUNCE_DOMAIN: 'bounce.example.jp', PUBLIC_URL: 'https://example.jp' },
  });
  people = await cast(service.url);
  incidentId = await openIncident(people);
  await acceptList(people, incidentId, csvOf(PERSONS));
});
afterAll(async () => {
  await service.kill('SIGTERM');
  await sink.close();
  await rm(dir, { recursive: true, force: true });
});

const draft = async (wanted: object = {}): Promise<NoticeAnswer> =>
  people.operator.post<NoticeAnswer>(`/v1/incidents/${incidentId}/notices`, {
    template: 'warning',
    channels: 'email',
    ...wanted,
  });

describe('approval by a second person', () => {
  it('is refused to whoever drafted, edited or submitted, whatever other roles and keys they have', async () => {
    const user = { name: 'both', roles: ['operator', 'approver'] };
    const both = people.admin.as((await people.admin.post<{ apiKey: string }>('/v1/users', user)).apiKey);
    const mine = await both.post<NoticeAnswer>(`/v1/incidents/${incidentId}/notices`, {
      template: 'warning',
      channels: 'email',
    });
    const frozen = await freeze({ ...people, operator: both }, mine.id);
    const approval = { digest: frozen.digest, persons: frozen.persons };
    await expect(both.post(`/v1/notices/${mine.id}/approve`, approval)).rejects.toThrow(/own_work/);

    const theirs = await draft();
    await both.patch(`/v1/notices/${theirs.id}`, { channels: 'both' });
    const again = await freeze(people, theirs.id);
    const words = { digest: again.digest, persons: again.persons };
    await expect(both.post(`/v1/notices/${theirs.id}/approve`, words)).rejects.toThrow(/own_work/);
  });

  it('is refused with a stale digest, another number, the wrong role, or before anything is frozen', async () => {
    const { operator, approver } = people;
    const { id } = await draft();
    await expect(approver.post(`/v1/notices/${id}/approve`, { digest: 'x', persons: 1 })).rejects.toThrow(
      /wrong_state/,
    );
    const { digest, persons } = await freeze(people, id);
    expect(persons).toBe(PERSONS);
    await expect(approver.post(`/v1/notices/${id}/approve`, { digest: `${digest}0`, persons })).rejects.toThrow(
      /digest_differs/,
    );
    await expect(approver.post(`/v1/notices/${id}/approve`, { digest, persons: PERSONS - 1 })).rejects.toThrow(
      /digest_differs/,
    );
    await expect(operator.post(`/v1/notices/${id}/approve`, { digest, persons })).rejects.toThrow(/forbidden/);
    await expect(approver.post(`/v1/notices/${id}/submit`)).rejects.toThrow(/forbidden/);
    await expect(operator.patch(`/v1/notices/${id}`, { channels: 'both' })).rejects.toThrow(/wrong_state/);
    expect(sink.received()).toEqual([]);
  });

  it('counts once, and asks about persons whom the same template has reached before', async () => {
    const { approver } = people;
    const first = await releaseNotice(people, incidentId, { template: 'warning', channels: 'email' });
    const { digest, persons } = first;
    await expect(approver.post(`/v1/notices/${first.id}/approve`, { digest, persons })).rejects.toThrow(
      /already_approved/,
    );
    await statsWhen(people, first.id, 'all are told', ({ status }) => status === 'completed');

    const second = await freeze(people, (await draft()).id);
    const approval = { digest: second.digest, persons: second.persons };
    await expect(approver.post(`/v1/notices/${second.id}/approve`, approval)).rejects.toThrow(/overlap_unconfirmed/);
    await expect(approver.post(`/v1/notices/${second.id}/approve`, { ...approval, overlap: 1 })).rejects.toThrow(
      /overlap/,
    );
    const approved = await approver.post<NoticeAnswer>(`/v1/notices/${second.id}/approve`, {
      ...approval,
      overlap: PERSONS,
    });
    expect(approved.status).toBe('approved');
    await statsWhen(people, second.id, 'all are told again, knowingly', ({ status }) => status === 'completed');
    expect(sink.accepted().length).toBe(2 * PERSONS);
  });

  it('gives the same digest for the same facts, wording and persons', async () => {
    const [one, other] = [await freeze(people, (await draft()).id), await freeze(people, (await draft()).id)];
    expect(one.digest).toBe(other.digest);
    const third = await freeze(people, (await draft({ channels: 'both' })).id);
    expect(third.digest).not.toBe(one.digest);
  });

  it('reaches whoever came later with a notice to those who were in none', async () => {
    const { operator } = people;
    const notices = await operator.get<{ items: NoticeAnswer[] }>(`/v1/incidents/${incidentId}/notices`);
    const told = notices.items.find(({ status }) => status === 'completed');
    await acceptList(people, incidentId, csvOf(PERSONS + 5));
    const stats = await operator.get<{ coverage: object; persons: number }>(`/v1/incidents/${incidentId}/stats`);
    expect(stats).toMatchObject({ persons: PERSONS + 5, coverage: { inNoNotice: 5 } });
    const rest = await freeze(people, (await draft({ audience: { notIn: [told?.id] } })).id);
    expect(rest.persons).toBe(5);
  });
});

describe('what blocks a notice', () => {
  it('says which facts its template needs, and leaves it a draft', async () => {
    const { operator } = people;
    const { sampleFacts } = await operator.get<{ sampleFacts: { ja: object } }>('/v1/templates/warning');
    const bare = Object.fromEntries(
      Object.entries(sampleFacts.ja).filter(([name]) => name !== 'cause' && name !== 'scale'),
    );
    const body = { title: '早い段階', locale: 'ja', timeZone: 'Asia/Tokyo', facts: bare };
    const { id } = await operator.post<{ id: string }>('/v1/incidents', body);
    await acceptList(people, id, csvOf(2));
    const notice = await operator.post<NoticeAnswer>(`/v1/incidents/${id}/notices`, {
      template: 'apology',
      channels: 'email',
    });
    await operator.post(`/v1/notices/${notice.id}/submit`);
    const blocked = await until('it is a draft again', async () => {
      const now = await operator.get<NoticeAnswer>(`/v1/notices/${notice.id}`);
      return now.status === 'draft' && now;
    });
    expect(blocked.problems.filter(({ code }) => code === 'missing_facts').length).toBeGreaterThan(1);
    expect(blocked.problems.every(({ severity }) => severity === 'blocking')).toBe(true);
  });

  it('is an audience of nobody, and an audience of what is not there', async () => {
    const { operator } = people;
    const { id } = await draft({ audience: { exposed: false } });
    await operator.post(`/v1/notices/${id}/submit`);
    const blocked = await until('it is a draft again', async () => {
      const now = await operator.get<NoticeAnswer>(`/v1/notices/${id}`);
      return now.status === 'draft' && now;
    });
    expect(blocked.problems.map(({ code }) => code)).toEqual(['empty_audience']);
    await expect(draft({ audience: { lists: ['999999'] } })).rejects.toThrow(/list 999999/);
    await expect(draft({ template: 'thanks' })).rejects.toThrow(/no template/);
    await expect(draft({ audience: { everybody: true } })).rejects.toThrow(/invalid_body/);
    await expect(operator.get('/v1/notices/999999')).rejects.toThrow(/not_found/);
    await expect(operator.get('/v1/notices/nothing/stats')).rejects.toThrow(/not_found/);
  });
});

describe('while a notice is being sent', () => {
  it('pause acts at once, resume goes on, cancel ends it for good, and the figures add up at every moment', async () => {
    const { operator, approver } = people;
    sink.behave(({ stage }) => (stage === 'dot' ? { delayMs: 10, thenDo: 'accept' } : 'accept'));
    const before = sink.received().length;
    const frozen = await freeze(people, (await draft({ channels: 'email' })).id);
    const overlap = { digest: frozen.digest, persons: frozen.persons, overlap: PERSONS };
    await approver.post(`/v1/notices/${frozen.id}/approve`, overlap);
    await until('some have gone', () => sink.received().length > before + 20);
    await operator.post(`/v1/notices/${frozen.id}/pause`);
    const paused = await statsWhen(
      people,
      frozen.id,
      'nothing is on its way',
      ({ email }) => email.claimed + email.submitting === 0,
    );
    expect(paused).toMatchObject({ status: 'paused', balanced: true });
    expect(paused.email.pending).toBeGreaterThan(0);
    expect(sink.received().length - before).toBe(paused.email.submitted);
    await operator.post(`/v1/notices/${frozen.id}/resume`);
    const seen: NoticeStats[] = [];
    await until('some more have gone', async () => {
      seen.push(await operator.get<NoticeStats>(`/v1/notices/${frozen.id}/stats`));
      return sink.received().length > before + paused.email.submitted + 20;
    });
    await operator.post(`/v1/notices/${frozen.id}/cancel`);
    const ended = await statsWhen(people, frozen.id, 'all is at rest', ({ persons }) => persons.inProgress === 0);
    expect(ended).toMatchObject({ status: 'cancelled', balanced: true });
    expect(ended.email.submitted + ended.email.cancelled).toBe(frozen.persons);
    expect(sink.received().length - before).toBe(ended.email.submitted);
    for (const { persons, email, balanced } of seen) {
      expect(balanced).toBe(true);
      const { total, ...outcomes } = persons;
      expect(Object.values(outcomes).reduce((a, b) => a + b)).toBe(total);
      const { total: emails, ...states } = email;
      expect(Object.values(states).reduce((a, b) => a + b)).toBe(emails);
    }
    await expect(operator.post(`/v1/notices/${frozen.id}/resume`)).rejects.toThrow(/wrong_state/);
  });

  it('is told over a stream of events', async () => {
    const { operator } = people;
    const { items } = await operator.get<{ items: NoticeAnswer[] }>(`/v1/incidents/${incidentId}/notices`);
    const response = await operator.download(`/v1/notices/${items[0]?.id}/events`);
    const reader = response.body?.getReader();
    const { value } = (await reader?.read()) ?? {};
    expect(Buffer.from(value ?? []).toString()).toMatch(/^event: stats\ndata: \{"noticeId"/);
    await reader?.cancel();
  });
});

describe('without a relay', () => {
  it('a notice with email cannot be submitted, and one by letter can', async () => {
    const other = await mkdtemp(join(tmpdir(), 'owabi-no-relay-'));
    const bare = await startService({ DATA_DIR: other });
    try {
      const staff = await cast(bare.url);
      const incident = await openIncident(staff);
      await acceptList(staff, incident, csvOf(3));
      const post = (channels: string) =>
        staff.operator.post<NoticeAnswer>(`/v1/incidents/${incident}/notices`, { template: 'apology', channels });
      const email = await post('email_then_letter');
      await expect(staff.operator.post(`/v1/notices/${email.id}/submit`)).rejects.toThrow(/no_relay/);
      const letter = await freeze(staff, (await post('letter')).id);
      expect(letter.persons).toBe(3);
    } finally {
      await bare.kill('SIGTERM');
      await rm(other, { recursive: true, force: true });
    }
  });
});

describe('before it is approved', () => {
  it('shows what a notice says to a person, part by part, as a draft and as frozen', async () => {
    const { approver, operator } = people;
    const { id } = await draft({ template: 'apology', channels: 'both' });
    const search = await operator.post<{ items: { id: string }[] }>(`/v1/incidents/${incidentId}/persons/search`, {
      q: 'p000001@example.jp',
    });
    const personId = search.items[0]?.id;
    const part = async (name: string, who = `&personId=${personId}`) =>
      Buffer.from(await (await approver.download(`/v1/notices/${id}/preview?part=${name}${who}`)).arrayBuffer());
    const asDraft = await part('html');
    expect(asDraft.toString()).toContain('見本 太郎一');
    expect((await part('text', '')).toString()).toContain('見本 太郎');
    const frozen = await freeze(people, id);
    expect((await part('html')).equals(asDraft)).toBe(true);
    expect((await part('subject')).toString()).toMatch(/お詫び/);
    expect((await part('letter')).subarray(0, 5).toString()).toBe('%PDF-');
    await expect(part('html', '&personId=999999')).rejects.toThrow(/not_found/);
    expect(frozen.status).toBe('awaiting_approval');
  });

  it('sends a test, marked as one, that no figure counts', async () => {
    const { operator } = people;
    const { id } = await draft();
    sink.behave(() => 'accept');
    await operator.post(`/v1/notices/${id}/test`, { email: 'me@example.jp' });
    expect(sink.accepted().at(-1)?.to).toBe('me@example.jp');
    const stats = await operator.get<NoticeStats>(`/v1/notices/${id}/stats`);
    expect(stats.email.total).toBe(0);
    sink.behave(({ stage }) => (stage === 'rcpt' ? { reply: '550 5.1.1 no' } : 'accept'));
    await expect(operator.post(`/v1/notices/${id}/test`, { email: 'me@example.jp' })).rejects.toThrow(/relay_failed/);
  });
});
