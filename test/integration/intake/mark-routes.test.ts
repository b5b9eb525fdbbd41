import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { listRoutes } from '../../../src/http/api/lists.routes.ts';
import { markRoutes } from '../../../src/http/api/marks.routes.ts';
import { noticeRoutes } from '../../../src/http/api/notices.routes.ts';
import { personRoutes } from '../../../src/http/api/persons.routes.ts';
import { statsRoutes } from '../../../src/http/api/stats.routes.ts';
import { type TestServer, testServer } from '../../support/http.ts';
import { doWork } from './work.ts';

let server: TestServer;

beforeAll(async () => {
  server = await testServer({
    routes: (services) => [
      ...[listRoutes(services), personRoutes(services), markRoutes(services)],
      ...[noticeRoutes({ ...services, preflight: null }), statsRoutes(services)],
    ],
  });
});
afterAll(() => server.close());

const work = () => doWork(server);

const ok = async (...call: Parameters<TestServer['call']>) => {
  const { status, body } = await server.call(...call);
  if (status >= 300) throw new Error(`${call[1]} ${call[2]}: ${status} ${JSON.stringify(body)}`);
  return body;
};
const post = (url: string, body?: unknown) => ok('operator', 'POST', url, body);
const get = (url: string) => ok('operator', 'GET', url);
const refusal = async (...call: Parameters<TestServer['call']>): Promise<string> => {
  const { status, body } = await server.call(...call);
  return `${status} ${body.code}`;
};

async function openIncident(): Promise<string> {
  const { sampleFacts } = await get('/v1/templates/warning');
  return (await post('/v1/incidents', { title: '試験', locale: 'ja', timeZone: 'Asia/Tokyo', facts: sampleFacts.ja }))
    .id;
}

/** Uploads and accepts a list. */
async function list(incidentId: string, csv: string, query: string): Promise<string> {
  const path = `/v1/incidents/${incidentId}/lists?accept=auto&source=shop&${query}`;
  const { id } = await ok('operator', 'POST', path, csv, { 'content-type': 'text/csv' });
  await work();
  const now = await get(`/v1/lists/${id}`);
  if (now.status !== 'accepted') throw new Error(`the list is ${now.status}: ${JSON.stringify(now.problem)}`);
  return id;
}

const NAMES = ['一郎', '二郎', '三郎', '四郎', '五郎', '六郎', '七郎', '八郎'];
const members = [
  '会員ID,氏名,メール,住所,郵便番号',
  ...NAMES.map((name, i) => `${i + 1},見本 ${name},p${i + 1}@example.jp,東京都千代田区千代田1-${i + 1},1000001`),
].join('\n');

const stats = (incidentId: string) => get(`/v1/incidents/${incidentId}/stats`);
const find = async (incidentId: string, q: string) =>
  (await post(`/v1/incidents/${incidentId}/persons/search`, { q })).items[0];

/** A letter, so that no relay is needed. Frozen. */
async function frozen(incidentId: string, audience: object = { all: true }) {
  const path = `/v1/incidents/${incidentId}/notices`;
  const { id } = await post(path, { template: 'warning', channels: 'letter', audience });
  await post(`/v1/notices/${id}/submit`);
  await work();
  return get(`/v1/notices/${id}`);
}

const statusOf = async (noticeId: string): Promise<string> => (await get(`/v1/notices/${noticeId}`)).status;
const begin = (noticeId: string) =>
  sql`update notices set status = 'sending', started_at = now() where id = ${noticeId}`.execute(server.services.db);

describe('lists of whoever is excluded, notified by others, or on hold', () => {
  it('leave out and hold back with their cause, count once each, and the released are reached later', async () => {
    const incidentId = await openIncident();
    // A list may come before the persons it points at.
    await list(incidentId, 'メール,氏名\np1@example.jp,見本 一郎\np2@example.jp,別人 二郎\n', 'kind=exclude');
    await list(incidentId, members, 'kind=members');
    const { reference } = await find(incidentId, 'p3@example.jp');
    await list(incidentId, `reference\n${reference}\n`, 'kind=already_notified');
    const holds = await list(incidentId, '会員ID\n4\n5\n1\n', 'kind=hold&releaseOn=2099-01-31');
    const byOperator = await find(incidentId, 'p6@example.jp');
    await post(`/v1/persons/${byOperator.id}/exclude`, { reason: '本人の希望' });

    expect((await stats(incidentId)).coverage).toEqual({
      ...{ persons: 8, inNotice: 0, inNoNotice: 3, onHold: 2, excluded: 3, quarantinedRows: 0 },
    });
    const notice = await frozen(incidentId);
    expect(notice).toMatchObject({ status: 'awaiting_approval', persons: 6 });
    expect(notice.problems).toMatchObject([{ code: 'on_hold', severity: 'person', count: 2, where: 'audience' }]);
    const { rows: outcomes } = await sql<{ cause: string }>`
      select cause from notice_persons where notice_id = ${notice.id} and outcome = 'excluded' order by person_id`.execute(
      server.services.db,
    );
    expect(outcomes.map(({ cause }) => cause)).toEqual(['by_list', 'already_notified', 'by_operator']);
    expect(await get(`/v1/notices/${notice.id}/stats`)).toMatchObject({
      ...{ balanced: true, persons: { total: 6, excluded: 3, inProgress: 3 }, letter: { total: 3 } },
    });
    await begin(notice.id);
    expect((await stats(incidentId)).coverage).toMatchObject({ inNotice: 3, inNoNotice: 0, onHold: 2, excluded: 3 });

    // A hold that comes too late for this notice goes before having been told: each person counts once.
    const late = await list(incidentId, '会員ID\n7\n', 'kind=hold');
    expect((await stats(incidentId)).coverage).toMatchObject({ inNotice: 2, inNoNotice: 0, onHold: 3, excluded: 3 });
    await post(`/v1/lists/${late}/release`, { reason: '解除' });

    const ended = await post(`/v1/lists/${holds}/release`, { reason: '警察より連絡あり' });
    expect(ended).toEqual({ listId: holds, marks: 3, persons: 3 });
    expect((await stats(incidentId)).coverage).toMatchObject({ inNotice: 3, inNoNotice: 2, onHold: 0, excluded: 3 });
    expect(await statusOf(notice.id)).toBe('sending');
    const rest = await frozen(incidentId, { notIn: [notice.id] });
    expect(rest).toMatchObject({ persons: 2, problems: [] });
    expect((await stats(incidentId)).coverage).toMatchObject({ inNotice: 5, inNoNotice: 0, onHold: 0, excluded: 3 });
  });

  it('reach whoever a notice left out by a list that turned out wrong, with the next one', async () => {
    const incidentId = await openIncident();
    await list(incidentId, members, 'kind=members');
    const wrong = await list(incidentId, '会員ID\n1\n2\n', 'kind=exclude');
    const first = await frozen(incidentId);
    await begin(first.id);
    const { id } = await find(incidentId, 'p1@example.jp');
    await post(`/v1/persons/${id}/release`, { reason: '別人だった', kind: 'exclude' });
    expect((await stats(incidentId)).coverage).toMatchObject({ inNotice: 6, inNoNotice: 1, excluded: 1 });
    expect(await frozen(incidentId, { notIn: [first.id] })).toMatchObject({ persons: 1 });
    await post(`/v1/lists/${wrong}/release`, { reason: '別の名簿だった' });
    expect(await frozen(incidentId, { notIn: [first.id] })).toMatchObject({ persons: 2 });
  });

  it('are themselves an audience, also of whoever became known later', async () => {
    const incidentId = await openIncident();
    const holds = await list(incidentId, '会員ID\n7\n8\n', 'kind=hold');
    await list(incidentId, members, 'kind=members');
    await post(`/v1/lists/${holds}/release`, { reason: '解除' });
    expect(await frozen(incidentId, { lists: [holds] })).toMatchObject({ persons: 2 });
    // Two of one name, whom one row shows to be one: it speaks of both.
    await list(incidentId, '氏名,メール\n見本 一郎,other@example.jp\n', 'kind=members');
    const both = await list(incidentId, '会員ID,氏名,メール\n1,見本 一郎,other@example.jp\n', 'kind=exclude');
    expect(await frozen(incidentId, { lists: [both] })).toMatchObject({ persons: 2 });
  });

  it('make a notice that has not started a draft again, when they change who is in it', async () => {
    const incidentId = await openIncident();
    await list(incidentId, 'メール\nlater@example.jp\n', 'kind=hold');
    await list(incidentId, members, 'kind=members');
    const first = await frozen(incidentId);
    const holds = await list(incidentId, '会員ID\n1\n', 'kind=hold');
    expect(await statusOf(first.id)).toBe('draft');

    const second = await frozen(incidentId);
    expect(second.persons).toBe(7);
    // The same again, a person who has just become known, and a release leave it as it is.
    await list(incidentId, '会員ID\n1\n', 'kind=hold');
    await list(incidentId, '会員ID,氏名,メール\n99,新顔 九郎,later@example.jp\n', 'kind=members');
    await post(`/v1/lists/${holds}/release`, { reason: '解除' });
    expect(await statusOf(second.id)).toBe('awaiting_approval');

    const wrong = await list(incidentId, '会員ID\n2\n', 'kind=already_notified');
    expect(await statusOf(second.id)).toBe('draft');
    const third = await frozen(incidentId);
    await post(`/v1/lists/${wrong}/release`, { reason: '誤り' });
    expect(await statusOf(third.id)).toBe('draft');
    const { id } = await find(incidentId, 'p3@example.jp');
    const fourth = await frozen(incidentId);
    await list(incidentId, 'メール\nnew3@example.jp\n', 'kind=exclude');
    expect(await statusOf(fourth.id)).toBe('awaiting_approval');
    await ok('operator', 'PATCH', `/v1/persons/${id}`, { email: 'new3@example.jp' });
    expect(await statusOf(fourth.id)).toBe('draft');
  });
});

describe('a person on hold', () => {
  it('is listed page by page without a name, shows each mark, and is on hold no more when excluded', async () => {
    const incidentId = await openIncident();
    await list(incidentId, members, 'kind=members');
    const old = await list(incidentId, '会員ID\n1\n2\n3\n', 'kind=hold&releaseOn=2020-01-31');
    await list(incidentId, '会員ID\n1\n', 'kind=hold');
    const path = `/v1/incidents/${incidentId}/holds`;
    const first = await get(`${path}?limit=2`);
    const last = await get(`${path}?limit=2&cursor=${first.nextCursor}`);
    expect([first.items.length, last.items.length, last.nextCursor]).toEqual([2, 1, null]);
    const one = await find(incidentId, 'p1@example.jp');
    expect(first.items[0]).toEqual({
      ...{ personId: one.id, reference: one.reference, releaseOn: '2020-01-31', overdue: true },
      listIds: [old, expect.any(String)],
    });
    expect(JSON.stringify(first)).not.toMatch(/見本|example/);
    expect((await get(`/v1/persons/${one.id}`)).marks).toEqual([
      { kind: 'hold', listId: old, source: 'shop', line: 2, releaseOn: '2020-01-31', overdue: true, endedAt: null },
      expect.objectContaining({ kind: 'hold', releaseOn: null, overdue: false, endedAt: null }),
    ]);
    await post(`/v1/persons/${one.id}/exclude`, { reason: '捜査の対象' });
    expect((await get(path)).items).toHaveLength(2);
    expect((await stats(incidentId)).coverage).toMatchObject({ onHold: 2, excluded: 1, inNoNotice: 5 });

    const two = await find(incidentId, 'p2@example.jp');
    const released = await post(`/v1/persons/${two.id}/release`, { reason: '解除' });
    expect(released.marks).toMatchObject([{ kind: 'hold', overdue: false, endedAt: expect.any(String) }]);
    expect(await post(`/v1/lists/${old}/exclude`, { reason: '対象外' })).toEqual({ listId: old, marks: 2, persons: 2 });
    expect((await get(`/v1/lists/${old}`)).releasedAt).toBeNull();
    expect((await stats(incidentId)).coverage).toMatchObject({ onHold: 0, excluded: 2, inNoNotice: 6 });
    const { rows } = await sql<{ action: string }>`
      select action from audit_events where action in ('list.release', 'list.exclude', 'person.release')
      and subject_id in (${old}, ${two.id}) order by id`.execute(server.services.db);
    expect(rows.map(({ action }) => action)).toEqual(['person.release', 'list.exclude']);
  });

  it('is released and excluded by an operator only, with a reason, and only where there is something to end', async () => {
    const incidentId = await openIncident();
    const persons = await list(incidentId, members, 'kind=members');
    const holds = await list(incidentId, '会員ID\n1\n', 'kind=hold');
    const { id } = await find(incidentId, 'p2@example.jp');
    const because = { reason: '理由' };
    for (const url of [`/v1/lists/${holds}/release`, `/v1/lists/${holds}/exclude`, `/v1/persons/${id}/release`]) {
      expect(await refusal('approver', 'POST', url, because)).toBe('403 forbidden');
      expect(await refusal('operator', 'POST', url, { reason: ' ' })).toBe('400 invalid_body');
      expect(await refusal('operator', 'POST', url, { ...because, since: 'x' })).toBe('400 invalid_body');
      expect(await refusal('operator', 'POST', url.replace(/\d+(?=\/\w+$)/, '999999'), because)).toBe('404 not_found');
    }
    expect(await refusal('operator', 'POST', `/v1/lists/${persons}/release`, because)).toBe('409 wrong_state');
    expect(await refusal('operator', 'POST', `/v1/persons/${id}/release`, because)).toBe('409 wrong_state');
    await post(`/v1/lists/${holds}/release`, because);
    expect((await get(`/v1/lists/${holds}`)).releasedAt).toEqual(expect.any(String));
    expect(await refusal('operator', 'POST', `/v1/lists/${holds}/release`, because)).toBe('409 wrong_state');
    expect(await refusal('operator', 'POST', `/v1/lists/${holds}/exclude`, because)).toBe('409 wrong_state');
    expect(await refusal('staff', 'GET', `/v1/incidents/${incidentId}/holds`)).toBe('403 forbidden');
    expect(await refusal('operator', 'GET', '/v1/incidents/999999/holds')).toBe('404 not_found');
  });
});

describe('a duty to preserve data', () => {
  it('makes it impossible to destroy the incident’s key until it is lifted, and has nothing to do with a hold', async () => {
    const { db } = server.services;
    const [incidentId, other] = [await openIncident(), await openIncident()];
    await list(other, members, 'kind=members');
    await list(other, '会員ID\n1\n', 'kind=hold');
    const path = `/v1/incidents/${incidentId}`;
    expect(await get(path)).toMatchObject({ preservation: null });
    const kept = await ok('admin', 'POST', `${path}/preserve`, { reason: '東京地裁の命令' });
    expect(kept.preservation).toEqual({ since: expect.stringMatching(/Z$/), reason: '東京地裁の命令' });
    expect((await ok('staff', 'GET', path)).preservation).toEqual(kept.preservation);
    const destroy = (id: string) => sql`delete from keys.data_keys where incident_id = ${id}`.execute(db);
    const refused = { code: 'OW002' };
    await expect(destroy(incidentId)).rejects.toMatchObject(refused);
    await expect(sql`truncate keys.data_keys`.execute(db)).rejects.toMatchObject(refused);
    await expect(
      sql`update keys.data_keys set wrapped = '\\x00' where incident_id = ${incidentId}`.execute(db),
    ).rejects.toMatchObject(refused);
    expect(await refusal('admin', 'POST', `${path}/preserve`, { reason: 'x' })).toBe('409 wrong_state');
    // A hold does not preserve, and an order of one incident is none of another.
    await destroy(other);
    expect(await refusal('admin', 'POST', `/v1/incidents/${other}/preserve`, { reason: 'x' })).toBe('409 wrong_state');

    expect(await ok('admin', 'POST', `${path}/preserve/lift`, { reason: '終結' })).toMatchObject({
      preservation: null,
    });
    expect(await refusal('admin', 'POST', `${path}/preserve/lift`, { reason: 'x' })).toBe('409 wrong_state');
    await destroy(incidentId);
    expect((await get(path)).preservation).toBeNull();
    const orders = await db.selectFrom('preservation_orders').selectAll().execute();
    expect(orders).toHaveLength(1);
    expect(JSON.stringify(orders)).not.toContain('地裁');
    const events = await db.selectFrom('audit_events').selectAll().where('subject_kind', '=', 'incident').execute();
    expect(events.map(({ action }) => action)).toEqual(
      expect.arrayContaining(['incident.preserve', 'incident.preservation_lifted']),
    );
  });

  it('is the administrator’s to order and to lift', async () => {
    const incidentId = await openIncident();
    for (const name of ['preserve', 'preserve/lift']) {
      const url = `/v1/incidents/${incidentId}/${name}`;
      expect(await refusal('operator', 'POST', url, { reason: 'x' })).toBe('403 forbidden');
      expect(await refusal('admin', 'POST', url, { reason: '' })).toBe('400 invalid_body');
      expect(await refusal('admin', 'POST', `/v1/incidents/999999/${name}`, { reason: 'x' })).toBe('404 not_found');
    }
    expect(await refusal('admin', 'POST', `/v1/incidents/${incidentId}/preserve/lift`, { reason: 'x' })).toBe(
      '409 wrong_state',
    );
  });
});
