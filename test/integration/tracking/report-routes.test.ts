import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MOST_REPORT_BYTES } from '../../../src/tracking/reports.store.ts';
import { bounce, deliveryState, finding, type Reporting, reporting, reportState, saidOfDelivery } from './reporting.ts';

let desk: Reporting;
beforeAll(async () => {
  desk = await reporting();
});
afterAll(() => desk.close());

let people = 0;
const submitted = async () => {
  const address = `p${++people}@example.jp`;
  const rows = await desk.submitted([address]);
  return { ...rows, address, id: rows.deliveries[0] ?? '' };
};
const stateOf = async (id: string) => (await deliveryState(desk.db, id)).state;
const get = (url: string, who: 'operator' | 'staff' | 'nobody' = 'operator') => desk.server.call(who, 'GET', url);
const decide = (id: string, what: 'assign' | 'settle', body: object, who: 'operator' | 'approver' = 'operator') =>
  desk.server.call(who, 'POST', `/v1/reports/${id}/${what}`, body);
const audits = async (id: string) =>
  (
    await desk.db
      .selectFrom('audit_events')
      .select('action')
      .where('subject_kind', '=', 'report')
      .where('subject_id', '=', id)
      .orderBy('id')
      .execute()
  ).map(({ action }) => action);

/** A report that came by SMTP without a token, about the address of a delivery. */
async function unmatched(address: string): Promise<string> {
  const id = await desk.report([bounce({ recipient: address, words: `550 <${address}> unknown` })]);
  await desk.read();
  return id;
}

describe('the list of reports', () => {
  it('shows codes and candidates by state, the newest first, and nothing of a person', async () => {
    const { id, address } = await submitted();
    const reports = [await unmatched(address), await unmatched(address)];
    const { status, body } = await get('/v1/reports?state=unmatched&limit=1');
    expect(status).toBe(200);
    expect(body.items).toEqual([
      {
        ...{ id: reports[1], way: 'smtp', state: 'unmatched', bytes: expect.any(Number), tries: 1 },
        ...{ receivedAt: expect.any(String), finishedAt: expect.any(String), incidentId: null },
        ...{ decidedBy: null, decidedAt: null },
        findings: [
          {
            ...{ kind: 'bounce', class: 'invalid_mailbox', status: '5.1.1', rule: 'test bounce' },
            ...{ deliveryId: null, matchedBy: null, candidates: [id] },
          },
        ],
      },
    ]);
    expect(JSON.stringify(body)).not.toContain(address);
    const next = await get(`/v1/reports?state=unmatched&limit=1&cursor=${body.nextCursor}`);
    expect(next.body.items[0].id).toBe(reports[0]);
    expect((await get('/v1/reports?state=forged')).body.items).toEqual([]);
  });

  it('is for operators', async () => {
    const report = await unmatched('nobody@example.com');
    for (const url of ['/v1/reports', `/v1/reports/${report}`, `/v1/reports/${report}/raw`]) {
      expect((await get(url, 'staff')).status, url).toBe(403);
      expect((await get(url, 'nobody')).status, url).toBe(401);
    }
    expect((await decide(report, 'settle', { reason: 'x' }, 'approver')).status).toBe(403);
    expect((await decide(report, 'assign', { reason: 'x', deliveryId: '1' }, 'approver')).status).toBe(403);
    expect(await audits(report)).toEqual([]);
  });
});

describe('a report', () => {
  it('is shown word for word and as it came, and each look is audited', async () => {
    const report = await unmatched('nobody@example.com');
    const { body } = await get(`/v1/reports/${report}`);
    expect(body.findings).toMatchObject([
      { recipient: 'nobody@example.com', words: '550 <nobody@example.com> unknown' },
    ]);
    const raw = await get(`/v1/reports/${report}/raw`);
    expect(raw.headers['content-type']).toContain('message/rfc822');
    expect(raw.headers['content-disposition']).toContain('attachment');
    expect(JSON.parse(raw.body).findings[0].recipient).toBe('nobody@example.com');
    expect(await audits(report)).toEqual(['report.read', 'report.raw_read']);
    expect((await get('/v1/reports/999999')).status).toBe(404);
    expect((await get('/v1/reports/999999/raw')).status).toBe(404);
  });

  it('that nobody could read, or has read yet, is shown without reading it', async () => {
    const report = await desk.report([], { bytes: Buffer.from('{ poison') });
    expect((await get(`/v1/reports/${report}`)).body).toMatchObject({ state: 'waiting', findings: [] });
    for (let i = 0; i < 6; i++) await desk.readAgain();
    expect((await get(`/v1/reports/${report}`)).body).toMatchObject({ state: 'unreadable', findings: [] });
    expect((await get(`/v1/reports/${report}/raw`)).body).toBe('{ poison');
    expect((await decide(report, 'assign', { deliveryId: '1', reason: 'x' })).body.code).toBe('wrong_state');
    expect((await decide(report, 'settle', { reason: 'broken' })).body.state).toBe('settled');
  });

  it('is applied to the delivery that a person names, once', async () => {
    const { id, address, incidentId } = await submitted();
    const report = await unmatched(address);
    const { status, body } = await decide(report, 'assign', { deliveryId: id, reason: 'The owner wrote to us.' });
    expect(status).toBe(200);
    expect(body).toMatchObject({ state: 'applied', incidentId, decidedReason: 'The owner wrote to us.' });
    expect(body.findings).toMatchObject([{ deliveryId: id, matchedBy: 'operator', recipient: address }]);
    expect(await stateOf(id)).toBe('bounced');
    expect((await saidOfDelivery(desk.db, id))[0]).toMatchObject({ matched_by: 'operator', seen: 1 });
    const again = await decide(report, 'assign', { deliveryId: id, reason: 'again' });
    expect(again.body.code).toBe('wrong_state');
    expect((await saidOfDelivery(desk.db, id))[0]?.seen).toBe(1);
    expect(await audits(report)).toEqual(['report.assigned']);
  });

  it('that was forged can be assigned by a person who knows better; not to what is on its way, nor to nothing', async () => {
    const { noticeId, deliveries } = await desk.notice(['x@example.jp']);
    const [id = ''] = deliveries;
    const [claimed] = await desk.mark(noticeId);
    const token = desk.token(id);
    const report = await desk.report([bounce()], { envelope: [`b+${token.slice(0, -2)}qq@bounce.example.jp`] });
    await desk.read();
    expect(await reportState(desk.db, report)).toBe('forged');
    expect((await decide(report, 'assign', { deliveryId: id, reason: 'x' })).body.code).toBe('wrong_state');
    expect(await reportState(desk.db, report)).toBe('forged');
    expect((await decide(report, 'assign', { deliveryId: '99999999', reason: 'x' })).status).toBe(404);
    if (claimed) await desk.end(claimed);
    expect((await decide(report, 'assign', { deliveryId: id, reason: 'x' })).status).toBe(200);
    expect(await stateOf(id)).toBe('bounced');
  });

  it('is set aside with a reason, twice as once', async () => {
    const report = await unmatched('nobody@example.com');
    const { body } = await decide(report, 'settle', { reason: 'A newsletter of the shop.' });
    expect(body).toMatchObject({ state: 'settled', decidedReason: 'A newsletter of the shop.' });
    expect((await decide(report, 'settle', { reason: 'again' })).body.decidedReason).toBe('A newsletter of the shop.');
    expect(await audits(report)).toEqual(['report.settled']);
  });

  it('that was applied is not set aside', async () => {
    const { id } = await submitted();
    const report = await desk.about(id, bounce());
    await desk.read();
    expect((await decide(report, 'settle', { reason: 'x' })).body.code).toBe('wrong_state');
    expect(await reportState(desk.db, report)).toBe('applied');
  });

  it('of two recipients keeps what was applied when the rest is assigned', async () => {
    const [ours, other] = [await submitted(), await submitted()];
    const events = [bounce({ recipient: ours.address }), bounce({ recipient: 'elsewhere@example.com' })];
    const report = await desk.report(events, { way: 'api' });
    await desk.read();
    const { body } = await decide(report, 'assign', { deliveryId: other.id, reason: 'forwarded' });
    expect(body.findings).toMatchObject([
      { deliveryId: ours.id, matchedBy: 'recipient' },
      { deliveryId: other.id, matchedBy: 'operator' },
    ]);
    expect(await saidOfDelivery(desk.db, ours.id)).toMatchObject([{ seen: 1 }]);
    expect(await saidOfDelivery(desk.db, other.id)).toMatchObject([{ seen: 1 }]);
    expect(await stateOf(other.id)).toBe('bounced');
  });
});

describe('an email that was never sent', () => {
  it('is nothing that a report can be about: it still goes out', async () => {
    const { deliveries } = await desk.notice(['taro@example.jp']);
    const [id = ''] = deliveries;
    const report = await desk.report([{ ...bounce({ recipient: 'elsewhere@example.com' }), kind: 'delivered' }], {
      way: 'api',
    });
    await desk.read();
    expect(await decide(report, 'assign', { deliveryId: id, reason: 'mistaken' })).toMatchObject({
      status: 409,
      body: { code: 'wrong_state' },
    });
    // Not even by its token, which nobody has yet: that waits until it is sent.
    await desk.about(id, { kind: 'delivered' });
    await desk.about(id, bounce());
    await desk.read();
    expect(await stateOf(id)).toBe('pending');
  });
});

describe('a person', () => {
  it('is shown with what was reported of each delivery, and flagged when an address belongs to somebody else', async () => {
    const { id } = await submitted();
    const { person_id } = await desk.db
      .selectFrom('deliveries')
      .select('person_id')
      .where('id', '=', id)
      .executeTakeFirstOrThrow();
    const page = async () => (await get(`/v1/persons/${person_id}`, 'staff')).body;
    expect(await page()).toMatchObject({ privacyFlags: [], deliveries: [{ reports: [], believed: 'provisional' }] });
    const report = await desk.about(id, { kind: 'delay', status: '4.4.1', class: 'network' });
    await desk.about(id, bounce({ class: 'owner_changed', status: '5.1.6' }));
    await desk.read();
    const shown = await page();
    expect(shown.privacyFlags).toEqual(['owner_changed']);
    expect(shown.deliveries[0].believed).toBeNull();
    expect(shown.deliveries[0].reports).toEqual([
      {
        ...{ kind: 'delay', class: 'network', status: '4.4.1', rule: 'test delay', matchedBy: 'bounce_address' },
        ...{ reportId: report, forwarded: false, applied: false, seen: 1 },
        ...{ firstAt: expect.any(String), lastAt: expect.any(String) },
      },
      expect.objectContaining({ kind: 'bounce', class: 'owner_changed', applied: true }),
    ]);
    expect(JSON.stringify(shown.deliveries)).not.toContain('unknown user');
  });
});

describe('POST /v1/bounces', () => {
  const mail = (over: Parameters<typeof bounce>[0] = {}, marks = {}) => {
    const none = { bounceAddresses: [], envelopeIds: [], messageIds: [] };
    return Buffer.from(JSON.stringify({ findings: [finding(bounce(over))], marks: { ...none, ...marks } }));
  };
  const post = (
    body: unknown,
    { query = '', headers = {} }: { query?: string; headers?: Record<string, string> } = {},
    who: 'operator' | 'staff' = 'operator',
  ) => desk.server.call(who, 'POST', `/v1/bounces${query}`, body, { 'content-type': 'message/rfc822', ...headers });

  it('takes a mail, and it is applied once it is read', async () => {
    const { id, address } = await submitted();
    const { status, body } = await post(mail({ recipient: address }));
    expect(status).toBe(202);
    expect(await audits(body.id)).toEqual(['report.handed_in']);
    expect(desk.server.hints.some(({ kind }) => kind === 'read-reports')).toBe(true);
    await desk.read();
    expect(await stateOf(id)).toBe('bounced');
  });

  it('answers what a mail would be read as, and changes nothing', async () => {
    const { id, address } = await submitted();
    const count = async () => (await get('/v1/reports?limit=500')).body.items.length;
    const before = await count();
    const headers = { 'idempotency-key': 'dry-1' };
    const { status, body } = await post(mail({ recipient: address }), { query: '?dryRun=true', headers });
    expect(status).toBe(200);
    expect(body).toEqual({
      ...{ kind: 'bounce', recipient: address, status: '5.1.1', class: 'invalid_mailbox', deliveryId: id },
      ...{ words: '550 5.1.1 <taro@example.jp> unknown user', rule: 'test bounce' },
    });
    const two = {
      findings: [finding(bounce()), finding({ kind: 'delay' })],
      marks: JSON.parse(mail().toString()).marks,
    };
    const several = await post(Buffer.from(JSON.stringify(two)), { query: '?dryRun=true' });
    expect(several.body).toMatchObject([{ kind: 'bounce', deliveryId: null }, { kind: 'delay' }]);
    await desk.read();
    expect(await count()).toBe(before);
    expect(await stateOf(id)).toBe('submitted');
    const kept = await desk.db.selectFrom('idempotency_keys').selectAll().where('key', '=', 'dry-1').execute();
    expect(kept).toEqual([]);
  });

  it('said again with its Idempotency-Key is the same report; another mail under it is refused', async () => {
    const headers = { 'idempotency-key': 'bounce-1' };
    const first = await post(mail({ words: 'one' }), { headers });
    const again = await post(mail({ words: 'one' }), { headers });
    expect(again.body).toEqual(first.body);
    expect(again.headers['idempotency-replayed']).toBe('true');
    expect((await post(mail({ words: 'two' }), { headers })).body.code).toBe('idempotency_key_reused');
  });

  it('refuses what is empty, too large, of another type, or from somebody else', async () => {
    expect((await post(Buffer.alloc(0))).status).toBe(422);
    expect((await desk.server.call('operator', 'POST', '/v1/bounces')).status).toBe(422);
    expect((await post(Buffer.alloc(MOST_REPORT_BYTES + 1, 'x'))).status).toBe(413);
    expect((await post({ a: 1 }, { headers: { 'content-type': 'application/json' } })).status).toBe(415);
    expect((await post(mail(), { headers: { 'content-type': 'text/plain' } })).status).toBe(415);
    expect((await post(mail(), {}, 'staff')).status).toBe(403);
    expect((await post(mail(), { query: '?dryRun=perhaps' })).status).toBe(400);
  });
});
