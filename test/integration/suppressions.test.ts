import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { inTransaction } from '../../src/db/database.ts';
import { claimChunk, writeSteps } from '../../src/delivery/ledger.store.ts';
import { suppressionRoutes } from '../../src/http/api/suppressions.routes.ts';
import { submitNotice } from '../../src/notice/notices.store.ts';
import { createTask } from '../../src/tasks/task.store.ts';
import { registerWorker } from '../../src/tasks/worker-life.store.ts';
import { type ApiDesk, apiDesk } from './intake/api-desk.ts';

const NOWHERE = '100-0001,東京都千代田区千代田1-1';
const HEADER = '顧客番号,氏名,メールアドレス,郵便番号,住所';
const PEOPLE = [
  `1,見本 太郎,Unknown@example.jp,${NOWHERE}`,
  `2,見本 花子,full@example.jp,${NOWHERE}`,
  `3,見本 次郎,taro@docomo.ne.jp,${NOWHERE}`,
  `4,見本 三郎,saburo@gmail.com,${NOWHERE}`,
];

let desk: ApiDesk;

beforeAll(async () => {
  desk = await apiDesk({ routes: (services) => [suppressionRoutes(services)] });
  await registerWorker(desk.server.database.db, 'worker');
});
afterAll(() => desk.close());

/** An incident with these persons, and a notice to them by email that is frozen. */
async function incident(rows = PEOPLE) {
  const incidentId = await desk.openIncident();
  await desk.list(incidentId, [HEADER, ...rows].join('\r\n'));
  return { incidentId, noticeId: await freeze(incidentId, 'email') };
}

async function freeze(incidentId: string, channels: string): Promise<string> {
  const { id } = await desk.post(`/v1/incidents/${incidentId}/notices`, { template: 'warning', channels });
  // Not by the route, which asks a relay first.
  const { db } = desk.server.database;
  const { id: operator } = await db
    .selectFrom('users')
    .select('id')
    .where('name', '=', 'a operator')
    .executeTakeFirstOrThrow();
  const { taskId } = await inTransaction(db, (trx) => submitNotice(trx, id, operator));
  desk.server.hints.push({ kind: 'freeze-notice', taskId });
  await desk.work();
  expect(await desk.statusOf(id)).toBe('awaiting_approval');
  return id;
}

/** Lets a frozen notice send, and writes what became of its emails, by person in the order of the list. */
async function send(noticeId: string, results: (string | null)[]): Promise<void> {
  const { db } = desk.server.database;
  await sql`update notices set status = 'sending', approved_at = now(), started_at = now() where id = ${noticeId}`.execute(
    db,
  );
  const { rows: lanes } = await sql<{ lane: string; n: number }>`
    select lane, count(*)::int as n from deliveries where notice_id = ${noticeId} and state = 'pending' and channel = 'email'
    group by lane`.execute(db);
  const claimed = [];
  for (const { lane, n } of lanes) {
    const taskId = await createTask(db, 'send-email', noticeId, n);
    await sql`update tasks set lane = ${lane} where id = ${taskId}`.execute(db);
    claimed.push(...(await claimChunk(db, taskId, 'worker')));
  }
  claimed.sort((a, b) => Number(a.id) - Number(b.id));
  await writeSteps(db, claimed, []);
  await writeSteps(
    db,
    [],
    claimed.map(({ id, attempt }, i) => ({
      ...{ id, attempt, state: results[i] ? ('bounced' as const) : ('submitted' as const), class: results[i] ?? null },
      ...{ code: results[i] ? '550 5.1.1' : '250', reply: null, waitSeconds: null },
    })),
  );
}

/** Deliveries as `channel state reason`, by person. */
async function deliveriesOf(noticeId: string): Promise<string[]> {
  const { rows } = await sql<{ line: string }>`
    select concat_ws(' ', channel, state, reason) as line from deliveries where notice_id = ${noticeId}
    order by person_id, channel`.execute(desk.server.database.db);
  return rows.map(({ line }) => line);
}

const listed = async (incidentId: string) => (await desk.get(`/v1/incidents/${incidentId}/suppressions`)).items;

describe('the freeze', () => {
  it('notes of each email its domain, its lane and its address, none of them readable', async () => {
    const { noticeId } = await incident();
    const { rows } = await sql<{ domain: string; lane: string; address_key: string }>`
      select domain, lane, address_key from deliveries where notice_id = ${noticeId} order by person_id`.execute(
      desk.server.database.db,
    );
    expect(rows.map(({ lane }) => lane)).toEqual(['', '', 'docomo', '']);
    expect(rows.map(({ domain }) => domain.replace(/^[0-9a-f]{32}$/, 'a hash'))).toEqual([
      ...['a hash', 'a hash', 'docomo', 'gmail'],
    ]);
    expect(rows[0]?.domain).toBe(rows[1]?.domain);
    expect(new Set(rows.map((row) => row.address_key)).size).toBe(4);
  });
});

describe('an address that has failed for good', () => {
  it('is not tried again by the next notice: the approver sees it, and a letter is planned at once', async () => {
    const { incidentId, noticeId } = await incident();
    await send(noticeId, ['invalid_mailbox', 'expired', 'recipient_filter', null]);
    const next = await freeze(incidentId, 'email_then_letter');
    expect(await deliveriesOf(next)).toEqual([
      ...['email suppressed invalid_mailbox', 'letter pending invalid_mailbox'],
      ...['email pending', 'email pending', 'email pending'],
    ]);
    const { problems } = await desk.get(`/v1/notices/${next}`);
    const today = new Intl.DateTimeFormat('sv-SE', { timeZone: 'Asia/Tokyo' }).format(new Date());
    expect(problems).toMatchObject([
      {
        ...{ code: 'address_suppressed', severity: 'person', count: 1, where: `email invalid_mailbox ${today}` },
        message: expect.stringContaining(today),
      },
    ]);
    expect(await deliveriesOf(await freeze(incidentId, 'email'))).toContain('email suppressed invalid_mailbox');
  });

  it.each(['invalid_domain', 'owner_changed', 'invalid_mailbox'])('is written down for %s', async (reason) => {
    const { incidentId, noticeId } = await incident();
    await send(noticeId, [null, reason, null, null]);
    const [one, ...others] = await listed(incidentId);
    expect(others).toEqual([]);
    expect(one).toMatchObject({ reason, code: '550 5.1.1', endedAt: null });
    const person = await desk.person(one.personId);
    expect(person).toMatchObject({ reference: one.reference, emails: [{ address: 'full@example.jp' }] });
    expect(person.deliveries.map(({ id }: { id: string }) => id)).toContain(one.deliveryId);
  });

  it.each(['recipient_filter', 'mailbox_full', 'expired', 'undetermined'])('is not what %s says', async (reason) => {
    const { incidentId, noticeId } = await incident();
    await send(noticeId, [null, reason, null, null]);
    expect(await listed(incidentId)).toEqual([]);
  });

  it('is one that complained, too', async () => {
    const { incidentId, noticeId } = await incident();
    await send(noticeId, [null, null, null, null]);
    await sql`update deliveries set state = 'complained' where notice_id = ${noticeId}
      and id = (select min(id) from deliveries where notice_id = ${noticeId})`.execute(desk.server.database.db);
    expect(await listed(incidentId)).toMatchObject([{ reason: 'complained', code: null }]);
    expect(await deliveriesOf(await freeze(incidentId, 'email_then_letter'))).toContain('letter pending complained');
  });

  it('is not tried by what was frozen before it failed', async () => {
    const { incidentId, noticeId } = await incident();
    const frozen = await freeze(incidentId, 'email_then_letter');
    await send(noticeId, ['invalid_mailbox', null, null, null]);
    await send(frozen, [null, null, null]);
    expect((await deliveriesOf(frozen))[0]).toBe('email suppressed invalid_mailbox');
    expect((await deliveriesOf(frozen))[1]).toMatch(/^letter pending/);
  });

  it('stays one of its incident', async () => {
    const { noticeId } = await incident();
    await send(noticeId, ['invalid_mailbox', null, null, null]);
    const other = await incident();
    expect(await listed(other.incidentId)).toEqual([]);
    expect(await deliveriesOf(other.noticeId)).not.toContain('email suppressed invalid_mailbox');
  });

  it('shared by two persons is written down once', async () => {
    const { incidentId, noticeId } = await incident([
      ...[`1,見本 太郎,home@example.jp,${NOWHERE}`, `2,見本 花子,HOME@example.jp,${NOWHERE}`],
    ]);
    await send(noticeId, ['invalid_mailbox', 'invalid_mailbox']);
    expect(await listed(incidentId)).toHaveLength(1);
  });
});

describe('an operator who has an address tried again', () => {
  it('ends its suppression once, and the next freeze sends to it', async () => {
    const { incidentId, noticeId } = await incident();
    await send(noticeId, ['invalid_mailbox', null, null, null]);
    const [{ id }] = await listed(incidentId);
    const ended = await desk.post(`/v1/suppressions/${id}/end`, { reason: 'they have moved to a new provider' });
    expect(ended.endedAt).not.toBeNull();
    expect(await desk.post(`/v1/suppressions/${id}/end`, {})).toEqual(ended);
    expect(await listed(incidentId)).toEqual([ended]);
    const { rows: audits } = await sql<{ detail: object }>`
      select detail from audit_events where action = 'suppression.end' and subject_id = ${id}`.execute(
      desk.server.database.db,
    );
    expect(audits).toEqual([{ detail: {} }]);
    const next = await freeze(incidentId, 'email');
    expect((await deliveriesOf(next))[0]).toBe('email pending');
    await send(next, ['invalid_mailbox', null, null, null]);
    expect((await listed(incidentId)).map(({ endedAt }: { endedAt: string | null }) => endedAt === null)).toEqual([
      ...[false, true],
    ]);
  });

  it('needs to be an operator, and something that is there', async () => {
    const { incidentId, noticeId } = await incident();
    await send(noticeId, ['invalid_mailbox', null, null, null]);
    const [{ id }] = await listed(incidentId);
    expect(await desk.refusal(`/v1/suppressions/${id}/end`, {}, 'staff')).toBe('403 forbidden');
    expect(await desk.refusal('/v1/suppressions/4711/end', {})).toBe('404 not_found');
    expect(await desk.refusal(`/v1/suppressions/${id}/end`, { reason: '' })).toBe('400 invalid_body');
    const { status } = await desk.server.call('staff', 'GET', '/v1/incidents/4711/suppressions');
    expect(status).toBe(404);
  });

  it('sees them page by page, without an address or a hash', async () => {
    const { incidentId, noticeId } = await incident();
    await send(noticeId, ['invalid_mailbox', 'owner_changed', 'invalid_domain', null]);
    const first = await desk.get(`/v1/incidents/${incidentId}/suppressions?limit=2`);
    const second = await desk.get(`/v1/incidents/${incidentId}/suppressions?limit=2&cursor=${first.nextCursor}`);
    const all = [...first.items, ...second.items];
    expect(all.map(({ reason }) => reason)).toEqual(['invalid_mailbox', 'owner_changed', 'invalid_domain']);
    expect(second.nextCursor).toBeNull();
    const fields = ['at', 'code', 'deliveryId', 'endedAt', 'id', 'personId', 'reason', 'reference'];
    expect(Object.keys(all[0]).sort()).toEqual(fields);
    expect(JSON.stringify(all)).not.toMatch(/@|[0-9a-f]{32}|[0-9a-f-]{36}/);
  });
});
