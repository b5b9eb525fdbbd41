import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { recount } from '../../../src/reporting/recount.store.ts';
import { bounce, deliveryState, type Reporting, reporting, reportState, saidOfDelivery } from './reporting.ts';

let desk: Reporting;
beforeAll(async () => {
  desk = await reporting();
});
afterAll(() => desk.close());

let people = 0;
/** Addresses that no other test writes to. */
const somebody = () => `p${++people}@example.jp`;
const submitted = async (address = somebody()) => {
  const rows = await desk.submitted([address]);
  return { ...rows, address, id: rows.deliveries[0] ?? '' };
};
const stateOf = async (id: string) => (await deliveryState(desk.db, id)).state;
const foundIn = async (id: string) =>
  (await desk.db.selectFrom('reports').select('found').where('id', '=', id).executeTakeFirstOrThrow()).found as {
    deliveryId: string | null;
    candidates: string[];
  }[];
const flip = (token: string) => `${token.startsWith('a') ? 'b' : 'a'}${token.slice(1)}`;
const messageId = (id: string) => `<${desk.token(id)}@example.jp>`;

describe('a report finds its delivery', () => {
  it('by the bounce address before all else, then by the ENVID, then by the Message-ID', async () => {
    const [a, b, c] = [await submitted(), await submitted(), await submitted()];
    const marks = (withAddress: boolean, withEnvelope: boolean) => ({
      bounceAddresses: withAddress ? [desk.bounceAddress(a.id)] : [],
      envelopeIds: withEnvelope ? [desk.token(b.id)] : [],
      messageIds: [messageId(c.id)],
    });
    await desk.report([bounce()], { marks: marks(true, true) });
    await desk.read();
    expect(await Promise.all([a, b, c].map(({ id }) => stateOf(id)))).toEqual(['bounced', 'submitted', 'submitted']);
    await desk.report([bounce()], { marks: marks(false, true) });
    await desk.read();
    expect(await Promise.all([a, b, c].map(({ id }) => stateOf(id)))).toEqual(['bounced', 'bounced', 'submitted']);
    await desk.report([bounce()], { marks: marks(false, false) });
    await desk.read();
    expect(await stateOf(c.id)).toBe('bounced');
    const said = await Promise.all([a, b, c].map(async ({ id }) => (await saidOfDelivery(desk.db, id))[0]?.matched_by));
    expect(said).toEqual(['bounce_address', 'envelope_id', 'message_id']);
  });

  it('also where letters were folded, and behind a forwarder that rewrites senders', async () => {
    const [a, b] = [await submitted(), await submitted()];
    await desk.report([bounce()], { envelope: [desk.bounceAddress(a.id).toUpperCase()] });
    const rewritten = `SRS0=x1y2=AB=bounce.example.jp=b+${desk.token(b.id)}@forwarder.example.com`;
    await desk.report([bounce()], { marks: { bounceAddresses: [rewritten] } });
    await desk.read();
    expect(await Promise.all([a, b].map(({ id }) => stateOf(id)))).toEqual(['bounced', 'bounced']);
  });

  it('by a token that is ours, whatever recipient is named beside it, also that of another notice', async () => {
    const [mine, other] = [await submitted(), await submitted()];
    await desk.about(mine.id, bounce({ recipient: other.address }));
    await desk.read();
    expect(await stateOf(mine.id)).toBe('bounced');
    expect(await stateOf(other.id)).toBe('submitted');
  });

  it('and is sealed anew under the key of its incident', async () => {
    const { id, incidentId } = await submitted();
    const report = await desk.about(id, bounce());
    const before = await desk.db.selectFrom('reports').selectAll().where('id', '=', report).executeTakeFirstOrThrow();
    await desk.read();
    const after = await desk.db.selectFrom('reports').selectAll().where('id', '=', report).executeTakeFirstOrThrow();
    const { vault } = desk.server.services;
    const plain = vault.reception.open('report', before.sealed);
    expect((await vault.forIncident(incidentId)).open('report', after.sealed)).toEqual(plain);
    expect(() => vault.reception.open('report', after.sealed)).toThrow();
  });

  it('keeps its words sealed, and nothing of a person in the clear', async () => {
    const { id, incidentId, address } = await submitted();
    const words = `550 <${address}> unknown`;
    const report = await desk.about(id, bounce({ recipient: address, words, status: `5.1.1 ${address}` }));
    await desk.read();
    const rows = await sql<{ row: string }>`
      select to_jsonb(r)::text as row from reports r where id = ${report}
      union all select to_jsonb(d)::text from delivery_reports d where delivery_id = ${id}
      union all select to_jsonb(d)::text from deliveries d where id = ${id}`.execute(desk.db);
    for (const { row } of rows.rows) expect(row).not.toContain(address);
    const vault = await desk.server.services.vault.forIncident(incidentId);
    const said = await desk.db
      .selectFrom('delivery_reports')
      .selectAll()
      .where('delivery_id', '=', id)
      .executeTakeFirst();
    expect(vault.open('report-words', said?.words_sealed ?? Buffer.alloc(0)).toString()).toBe(words);
    const kept = await desk.db.selectFrom('deliveries').selectAll().where('id', '=', id).executeTakeFirst();
    expect(vault.open('smtp-reply', kept?.reply_sealed ?? Buffer.alloc(0)).toString()).toBe(words);
  });
});

describe('a forged or altered token', () => {
  it('changes nothing, whatever else the report says', async () => {
    const { id, address } = await submitted();
    const forged = `b+${flip(desk.token(id))}@bounce.example.jp`;
    const marks = { messageIds: [messageId(id)] };
    const reports = [
      await desk.report([bounce({ recipient: address })], { envelope: [forged], marks }),
      await desk.report([bounce({ recipient: address })], {
        way: 'api',
        marks: { envelopeIds: [flip(desk.token(id))] },
      }),
      await desk.report([bounce()], { way: 'ses', marks: { messageIds: [`<${flip(desk.token(id))}@example.jp>`] } }),
    ];
    await desk.read();
    expect(await Promise.all(reports.map((report) => reportState(desk.db, report)))).toEqual(Array(3).fill('forged'));
    expect(await stateOf(id)).toBe('submitted');
    expect(await saidOfDelivery(desk.db, id)).toEqual([]);
  });

  it('a thousand times changes nothing, and holds up nobody', async () => {
    const { id, noticeId } = await submitted();
    const other = await submitted();
    const token = desk.token(id);
    for (let i = 0; i < 1000; i++) {
      const at = i % (token.length - 1);
      const altered = `${token.slice(0, at)}${token[at] === 'q' ? 'r' : 'q'}${token.slice(at + 1)}`;
      await desk.report([bounce()], { envelope: [`b+${altered}@bounce.example.jp`] });
    }
    await desk.about(other.id, bounce());
    await desk.read();
    expect(await stateOf(id)).toBe('submitted');
    expect(await stateOf(other.id)).toBe('bounced');
    expect(await saidOfDelivery(desk.db, id)).toEqual([]);
    const { rows } = await sql<{ n: number }>`select count(*)::int as n from reports where state = 'forged'`.execute(
      desk.db,
    );
    expect(rows[0]?.n).toBeGreaterThanOrEqual(1000);
    expect(await recount(desk.db, noticeId)).toBe(true);
  });
});

describe('a report without a token', () => {
  it('about an address that nobody wrote to is kept for a person', async () => {
    const report = await desk.report([bounce({ recipient: 'nobody@example.com' })], { way: 'api' });
    await desk.read();
    expect(await reportState(desk.db, report)).toBe('unmatched');
    expect(await foundIn(report)).toMatchObject([{ deliveryId: null, candidates: [] }]);
  });

  it('names a delivery by its recipient alone when its sender is known and there is one only', async () => {
    const { id, address } = await submitted();
    await desk.report([bounce({ recipient: address.toUpperCase() })], { way: 'sendgrid' });
    await desk.read();
    expect(await stateOf(id)).toBe('bounced');
    expect((await saidOfDelivery(desk.db, id))[0]?.matched_by).toBe('recipient');
  });

  it.each(['smtp', 'imap'] as const)(
    'is never believed by its recipient when it came by %s, and shows whom it may mean',
    async (way) => {
      const { id, address } = await submitted();
      const report = await desk.report([bounce({ recipient: address })], { way });
      await desk.read();
      expect(await stateOf(id)).toBe('submitted');
      expect(await reportState(desk.db, report)).toBe('unmatched');
      expect(await foundIn(report)).toMatchObject([{ deliveryId: null, candidates: [id] }]);
    },
  );

  it('is not believed when two deliveries went to the address', async () => {
    const address = somebody();
    const [a, b] = [await submitted(address), await submitted(address)];
    const report = await desk.report([bounce({ recipient: address })], { way: 'api' });
    await desk.read();
    expect(await Promise.all([a, b].map(({ id }) => stateOf(id)))).toEqual(['submitted', 'submitted']);
    expect(await foundIn(report)).toMatchObject([{ candidates: [a.id, b.id] }]);
  });

  it('finds whoever was merged into another', async () => {
    const { id, address } = await submitted();
    const { rows } = await sql<{ id: string }>`
      insert into persons (incident_id, reference, sealed, has_email, has_address)
      select n.incident_id, 'M' || d.id, '\\x00', true, true from deliveries d join notices n on n.id = d.notice_id
      where d.id = ${id} returning id`.execute(desk.db);
    await sql`update persons set merged_into = ${rows[0]?.id} where id = (select person_id from deliveries where id = ${id})`.execute(
      desk.db,
    );
    await sql`update person_keys set person_id = ${rows[0]?.id} where person_id = (select person_id from deliveries where id = ${id})`.execute(
      desk.db,
    );
    await desk.report([bounce({ recipient: address })], { way: 'api' });
    await desk.read();
    expect(await stateOf(id)).toBe('bounced');
  });

  it('of which one recipient is ours and one is not is applied to ours and stays on the list', async () => {
    const { id, address } = await submitted();
    const events = [bounce({ recipient: address }), bounce({ recipient: 'nobody@example.com' })];
    const report = await desk.report(events, { way: 'api' });
    await desk.read();
    expect(await stateOf(id)).toBe('bounced');
    expect(await reportState(desk.db, report)).toBe('unmatched');
    expect(await foundIn(report)).toMatchObject([{ deliveryId: id }, { deliveryId: null }]);
  });

  it('survives recipients that are no addresses at all', async () => {
    const odd = ['', '@', 'a\u0000b@example.jp', 'x'.repeat(5000), 'たろう@例え.jp', '<>'];
    const report = await desk.report(
      odd.map((recipient) => bounce({ recipient })),
      { way: 'api' },
    );
    await desk.read();
    expect(await reportState(desk.db, report)).toBe('unmatched');
  });
});
