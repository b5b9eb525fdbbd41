import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { NoticeAnswer } from '../../src/demo/api.ts';
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

const PERSONS = 20;

let dir: string;
let sink: Sink;
let service: TestService;
let people: Cast;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'owabi-marks-'));
  sink = await startSink();
  service = await startService({
    ...{ DATA_DIR: dir, SMTP_URL: sink.url, SMTP_CONNECTIONS: '2' },
    ...{ MAIL_FROM: 'notice@example.jp', BOUNCE_DOMAIN: 'bounce.example.jp', PUBLIC_URL: 'https://example.jp' },
  });
  people = await cast(service.url);
});
afterAll(async () => {
  await service.kill('SIGTERM');
  await sink.close();
  await rm(dir, { recursive: true, force: true });
});

interface IncidentStats {
  coverage: Record<'persons' | 'inNotice' | 'inNoNotice' | 'onHold' | 'excluded', number>;
}

const mailedTo = () =>
  sink
    .accepted()
    .map(({ to }) => to)
    .toSorted();
const number = (i: number) => `p${String(i).padStart(6, '0')}@example.jp`;

describe('a breach with a police hold', () => {
  it('tells everybody but whoever is on hold, excluded or told by others, and the released with the next notice', async () => {
    const { operator } = people;
    const incidentId = await openIncident(people);
    const coverage = async () => {
      const { coverage: now } = await operator.get<IncidentStats>(`/v1/incidents/${incidentId}/stats`);
      expect(now.inNotice + now.inNoNotice + now.onHold + now.excluded).toBe(now.persons);
      return now;
    };
    const exclusions = `メールアドレス,氏名\n${number(1)},見本 太郎一\n${number(2)},別人 花子\n`;
    await acceptList(people, incidentId, exclusions, { kind: 'exclude' });
    await acceptList(people, incidentId, csvOf(PERSONS), { kind: 'members', source: 'shop' });
    const search = { q: number(3) };
    const found = await operator.post<{ items: { reference: string }[] }>(
      `/v1/incidents/${incidentId}/persons/search`,
      search,
    );
    const told = `reference\n${found.items[0]?.reference}\n`;
    await acceptList(people, incidentId, told, { kind: 'already_notified', source: 'issuer' });
    const wish = { kind: 'hold', source: 'shop', releaseOn: '2099-01-31' };
    const holds = await acceptList(people, incidentId, '顧客番号\nC000004\nC000005\nC000006\n', wish);
    expect(await coverage()).toMatchObject({ persons: 20, inNotice: 0, inNoNotice: 15, onHold: 3, excluded: 2 });

    const first = await releaseNotice(people, incidentId, { template: 'warning', channels: 'email' });
    expect(first.persons).toBe(17);
    const ended = await statsWhen(people, first.id, 'all are told', ({ status }) => status === 'completed');
    expect(ended.persons).toMatchObject({ total: 17, reached: 15, excluded: 2 });
    const others = Array.from({ length: PERSONS }, (_, i) => i + 1).filter((i) => ![1, 3, 4, 5, 6].includes(i));
    expect(mailedTo()).toEqual(others.map(number));
    expect(await coverage()).toMatchObject({ inNotice: 15, inNoNotice: 0, onHold: 3, excluded: 2 });

    await operator.post(`/v1/lists/${holds.id}/release`, { reason: '警察の了承' });
    expect(await coverage()).toMatchObject({ inNotice: 15, inNoNotice: 3, onHold: 0, excluded: 2 });
    const draft = { template: 'warning', channels: 'email', audience: { notIn: [first.id] } };
    const rest = await operator.post<NoticeAnswer>(`/v1/incidents/${incidentId}/notices`, draft);
    const { digest, persons } = await freeze(people, rest.id);
    expect(persons).toBe(3);
    await people.approver.post(`/v1/notices/${rest.id}/approve`, { digest, persons });
    await statsWhen(people, rest.id, 'the released are told', ({ status }) => status === 'completed');
    expect(mailedTo()).toEqual([...others, 4, 5, 6].map(number).toSorted());
    expect(await coverage()).toMatchObject({ inNotice: 18, inNoNotice: 0, onHold: 0, excluded: 2 });
    expect(service.output()).not.toMatch(/見本|警察|example\.jp"/);
  });
});
