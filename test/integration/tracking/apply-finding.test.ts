import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { raiseAlerts } from '../../../src/alerts/alerts.store.ts';
import { planLettersForUncertain } from '../../../src/delivery/ledger.store.ts';
import { completeNotices } from '../../../src/delivery/notice-state.store.ts';
import { recount } from '../../../src/reporting/recount.store.ts';
import {
  bounce,
  deliveryState,
  type Event,
  historyOf,
  letterOf,
  type Reporting,
  reporting,
  reportState,
  saidOfDelivery,
} from './reporting.ts';

let desk: Reporting;
beforeAll(async () => {
  desk = await reporting();
});
afterAll(() => desk.close());

const one = async (channels?: string) => {
  const rows = await desk.submitted(['taro@example.jp'], channels);
  return { ...rows, id: rows.deliveries[0] ?? '' };
};
const receipt: Event = { kind: 'delivered', status: '2.0.0' };
const complaint: Event = { kind: 'complaint' };

function orders<T>(items: T[]): T[][] {
  if (items.length === 0) return [[]];
  return items.flatMap((item, i) => orders(items.toSpliced(i, 1)).map((rest) => [item, ...rest]));
}

describe('reports that come in any order', () => {
  const events = { submitted: null, receipt, bounce: bounce(), complaint };

  it.each(orders(Object.keys(events) as (keyof typeof events)[]))('end the same: %s, %s, %s, %s', async (...order) => {
    const { noticeId, deliveries } = await desk.notice(['taro@example.jp'], 'email_then_letter');
    const [id = ''] = deliveries;
    const [claimed] = await desk.mark(noticeId);
    if (!claimed) throw new Error('one was claimed');
    for (const name of order) {
      const event = events[name];
      if (event === null) await desk.end(claimed);
      else await desk.about(id, event);
      await desk.read();
    }
    await desk.readAgain();
    expect(await deliveryState(desk.db, id)).toEqual({ state: 'complained', class: null, code: null });
    expect((await saidOfDelivery(desk.db, id)).map(({ kind, seen }) => [kind, seen]).toSorted()).toEqual([
      ['bounce', 1],
      ['complaint', 1],
      ['delivered', 1],
    ]);
    expect(await recount(desk.db, noticeId)).toBe(true);
  });

  it('read together, take every step on the way', async () => {
    const { id, noticeId } = await one();
    for (const event of [complaint, receipt, bounce(), receipt]) await desk.about(id, event);
    await desk.about(id, bounce());
    await desk.read();
    expect(await historyOf(desk.db, id)).toEqual(['pending', 'claimed', 'submitting', 'submitted', 'complained']);
    const other = await one();
    for (const event of [receipt, bounce(), complaint]) await desk.about(other.id, event);
    await desk.read();
    expect((await historyOf(desk.db, other.id)).slice(3)).toEqual(['submitted', 'confirmed', 'bounced', 'complained']);
    expect(await recount(desk.db, noticeId)).toBe(true);
    expect(await recount(desk.db, other.noticeId)).toBe(true);
  });
});

describe('a bounce', () => {
  it('that comes ten times and from four ways at once is applied once', async () => {
    const { id, noticeId } = await one();
    const marks = { bounceAddresses: [desk.bounceAddress(id)] };
    const ways = ['smtp', 'imap', 'api', 'ses'] as const;
    await Promise.all(
      Array.from({ length: 10 }, (_, i) => desk.report([bounce()], { way: ways[i % 4] ?? 'smtp', marks })),
    );
    await Promise.all([desk.read(), desk.read(), desk.read(), desk.read()]);
    expect((await historyOf(desk.db, id)).filter((state) => state === 'bounced')).toHaveLength(1);
    expect(await saidOfDelivery(desk.db, id)).toEqual([
      {
        ...{ kind: 'bounce', class: 'invalid_mailbox', status: '5.1.1', matched_by: 'bounce_address' },
        ...{ applied: true, forwarded: false, seen: 10 },
      },
    ]);
    expect(await recount(desk.db, noticeId)).toBe(true);
  });

  it('of a provider that says it again under the same name is kept once', async () => {
    const { id } = await one();
    const marks = { bounceAddresses: [desk.bounceAddress(id)] };
    const again = { way: 'ses' as const, wayKey: 'event-1', marks };
    expect(await desk.report([bounce()], again)).toBe(await desk.report([bounce()], again));
    await desk.read();
    expect((await saidOfDelivery(desk.db, id))[0]?.seen).toBe(1);
  });

  it('plans the letter in its own transaction, and a completed notice goes on', async () => {
    const { id, noticeId } = await one('email_then_letter');
    expect(await completeNotices(desk.db)).toContain(noticeId);
    await desk.about(id, bounce());
    await desk.read();
    expect(await letterOf(desk.db, id)).toEqual({ state: 'pending', reason: 'invalid_mailbox' });
    const { rows } = await sql<{ times: number }>`
      select count(distinct e.at)::int as times from delivery_events e
      where e.notice_id = ${noticeId} and e.to_state in ('bounced', 'pending') and e.from_state is distinct from 'claimed'
        and e.at >= (select max(at) from delivery_events where notice_id = ${noticeId} and to_state = 'bounced')`.execute(
      desk.db,
    );
    expect(rows[0]?.times).toBe(1);
    const notice = await desk.db.selectFrom('notices').select('status').where('id', '=', noticeId).executeTakeFirst();
    expect(notice?.status).toBe('sending');
    expect(await recount(desk.db, noticeId)).toBe(true);
  });

  it('for a reason of ours plans no letter at once', async () => {
    const { id } = await one('email_then_letter');
    await desk.about(id, bounce({ class: 'sender_auth', status: '5.7.26' }));
    await desk.read();
    expect(await deliveryState(desk.db, id)).toEqual({ state: 'bounced', class: 'sender_auth', code: '5.7.26' });
    expect(await letterOf(desk.db, id)).toBeNull();
  });

  it('suppresses the address; a complaint too', async () => {
    const rows = await desk.submitted(['a@example.jp', 'b@example.jp']);
    const [first = '', second = ''] = rows.deliveries;
    await desk.about(first, bounce());
    await desk.about(second, complaint);
    await desk.read();
    const found = await desk.db
      .selectFrom('suppressions')
      .select(['delivery_id', 'reason', 'code'])
      .where('incident_id', '=', rows.incidentId)
      .orderBy('delivery_id')
      .execute();
    expect(found).toEqual([
      { delivery_id: first, reason: 'invalid_mailbox', code: '5.1.1' },
      { delivery_id: second, reason: 'complained', code: null },
    ]);
  });

  it('suppresses the address also when the worse is said after the first, and the operators are told', async () => {
    const rows = await desk.submitted(['a@example.jp', 'b@example.jp']);
    const [first = '', second = ''] = rows.deliveries;
    for (const failure of ['undetermined', 'owner_changed'] as const) {
      await desk.about(first, bounce({ class: failure, status: null }));
      await desk.read();
    }
    for (const failure of ['invalid_mailbox', 'owner_changed'] as const) {
      await desk.about(second, bounce({ class: failure, status: null }));
      await desk.read();
    }
    const { rows: found } = await sql<{ reason: string }>`
      select reason from suppressions where incident_id = ${rows.incidentId}`.execute(desk.db);
    expect(found).toEqual([{ reason: 'owner_changed' }, { reason: 'owner_changed' }]);
    const raised = await raiseAlerts(desk.db, []);
    expect(raised.map(({ kind, subject }) => [kind, subject.incidentId])).toContainEqual([
      'owner_changed',
      rows.incidentId,
    ]);
  });

  it('of an address that it was forwarded to says so, and is a bounce all the same', async () => {
    const { id } = await one();
    await desk.about(id, bounce({ recipient: 'elsewhere@example.com' }));
    await desk.read();
    expect((await deliveryState(desk.db, id)).state).toBe('bounced');
    expect((await saidOfDelivery(desk.db, id))[0]?.forwarded).toBe(true);
    const other = await one();
    await desk.about(other.id, bounce({ recipient: 'TARO@Example.JP' }));
    await desk.read();
    expect((await saidOfDelivery(desk.db, other.id))[0]?.forwarded).toBe(false);
  });
});

describe('a complaint about an email that has come back', () => {
  it.each([
    ['bounce first', 'invalid_mailbox', [bounce(), complaint], { state: 'cancelled', reason: 'email_complained' }],
    ['complaint first', 'invalid_mailbox', [complaint, bounce()], null],
  ] as const)('leaves no letter to print, %s', async (_name, _class, said, letter) => {
    const { id, noticeId } = await one('email_then_letter');
    for (const finding of said) {
      await desk.about(id, finding);
      await desk.read();
    }
    expect((await deliveryState(desk.db, id)).state).toBe('complained');
    expect(await letterOf(desk.db, id)).toEqual(letter);
    expect(await recount(desk.db, noticeId)).toBe(true);
  });

  it('leaves the letter when the address belongs to somebody else now: a stranger may have complained', async () => {
    const { id } = await one('email_then_letter');
    await desk.about(id, bounce({ class: 'owner_changed', status: '5.7.17' }));
    await desk.read();
    await desk.about(id, complaint);
    await desk.read();
    expect(await letterOf(desk.db, id)).toEqual({ state: 'pending', reason: 'owner_changed' });
  });
});

describe('whoever has one right token', () => {
  it('holds no mail domain with it, however many reports they write', async () => {
    const rows = await desk.submitted(['p@docomo.ne.jp', 'q@docomo.ne.jp']);
    const [id = ''] = rows.deliveries;
    const many = Array.from({ length: 70 }, (_, i) => bounce({ status: `5.1.${i}` }));
    await desk.report([...many, bounce({ class: 'sender_auth', status: '5.7.26' })], {
      marks: { bounceAddresses: [desk.bounceAddress(id)] },
    });
    await desk.read();
    expect((await deliveryState(desk.db, id)).state).toBe('bounced');
    const { rows: domains } = await sql`
      select from mail_domains where domain = 'docomo' and (held_at is not null or slowed_to is not null)`.execute(
      desk.db,
    );
    expect(domains).toEqual([]);
  });
});

describe('an uncertain email', () => {
  const uncertain = async () => {
    const { noticeId, deliveries } = await desk.notice(['taro@example.jp'], 'email_then_letter');
    const [claimed] = await desk.mark(noticeId);
    if (claimed) await desk.end(claimed, 'uncertain');
    return { noticeId, id: deliveries[0] ?? '' };
  };

  it('is settled by a bounce, and its letter planned', async () => {
    const { id, noticeId } = await uncertain();
    await desk.about(id, bounce());
    await desk.read();
    expect((await deliveryState(desk.db, id)).state).toBe('bounced');
    expect(await letterOf(desk.db, id)).toEqual({ state: 'pending', reason: 'invalid_mailbox' });
    expect(await recount(desk.db, noticeId)).toBe(true);
  });

  it('is settled by a receipt, and the letter that was planned for it is cancelled', async () => {
    const { id, noticeId } = await uncertain();
    await sql`update deliveries set updated_at = now() - interval '25 hours' where id = ${id}`.execute(desk.db);
    await planLettersForUncertain(desk.db);
    expect(await letterOf(desk.db, id)).toEqual({ state: 'pending', reason: 'uncertain' });
    await desk.about(id, receipt);
    await desk.read();
    expect(await deliveryState(desk.db, id)).toEqual({ state: 'confirmed', class: null, code: null });
    expect(await letterOf(desk.db, id)).toEqual({ state: 'cancelled', reason: 'email_submitted' });
    expect(await recount(desk.db, noticeId)).toBe(true);
  });
});

describe('a report that comes too early', () => {
  it('waits while the reply is not written yet, and is no failure however often', async () => {
    const { noticeId, deliveries } = await desk.notice(['taro@example.jp']);
    const [id = ''] = deliveries;
    const [claimed] = await desk.mark(noticeId);
    const report = await desk.about(id, bounce());
    await desk.read();
    for (let i = 0; i < 7; i++) await desk.readAgain();
    const waits = await desk.db
      .selectFrom('reports')
      .select(['state', 'tries', 'waits', sql<number>`extract(epoch from due_at - now())`.as('seconds')])
      .where('id', '=', report)
      .executeTakeFirstOrThrow();
    expect(waits).toMatchObject({ state: 'waiting', tries: 0, waits: 8 });
    expect(Number(waits.seconds)).toBeGreaterThan(200);
    expect(Number(waits.seconds)).toBeLessThanOrEqual(300);
    if (claimed) await desk.end(claimed);
    await desk.readAgain();
    expect(await reportState(desk.db, report)).toBe('applied');
    expect((await deliveryState(desk.db, id)).state).toBe('bounced');
    expect((await saidOfDelivery(desk.db, id))[0]?.seen).toBe(1);
  });

  it.each([
    ['bounce', bounce(), 'bounced'],
    ['receipt', receipt, 'confirmed'],
    ['complaint', complaint, 'complained'],
  ] as const)('but not while the email is due to be sent again: after a %s it is not', async (_name, said, state) => {
    const { noticeId, deliveries } = await desk.notice(['taro@example.jp']);
    const [id = ''] = deliveries;
    const [claimed] = await desk.mark(noticeId);
    if (claimed) await desk.end(claimed, 'uncertain');
    await sql`update deliveries set state = 'pending' where id = ${id}`.execute(desk.db);
    await desk.about(id, said);
    await desk.read();
    expect((await deliveryState(desk.db, id)).state).toBe(state);
    expect(await desk.mark(noticeId)).toEqual([]);
    expect(await recount(desk.db, noticeId)).toBe(true);
  });
});

describe('what changes no state', () => {
  it('is written down: delays, answers of machines, what comes after the end', async () => {
    const { id, noticeId } = await one();
    await desk.about(id, { kind: 'delay', class: 'throttled', status: '4.7.0' });
    await desk.about(id, { kind: 'auto_reply' });
    await desk.about(id, { kind: 'other' });
    await desk.read();
    expect((await deliveryState(desk.db, id)).state).toBe('submitted');
    expect((await saidOfDelivery(desk.db, id)).map(({ kind, applied }) => [kind, applied])).toEqual([
      ['delay', false],
      ['auto_reply', false],
      ['other', false],
    ]);
    const rows = await desk.notice(['taro@example.jp']);
    const [cancelled = ''] = rows.deliveries;
    await sql`update deliveries set state = 'cancelled' where id = ${cancelled}`.execute(desk.db);
    await desk.about(cancelled, bounce());
    await desk.read();
    expect((await deliveryState(desk.db, cancelled)).state).toBe('cancelled');
    expect(await saidOfDelivery(desk.db, cancelled)).toHaveLength(1);
    expect(await recount(desk.db, noticeId)).toBe(true);
  });

  it('does not hold up the sending, nor a domain by what a forwarder’s target says', async () => {
    const rows = await desk.submitted(Array.from({ length: 6 }, (_, i) => `p${i}@gmail.com`));
    const held = async () =>
      (await desk.db.selectFrom('mail_domains').select('held_because').where('domain', '=', 'gmail').executeTakeFirst())
        ?.held_because ?? null;
    for (const id of rows.deliveries.slice(0, 3)) {
      await desk.about(id, bounce({ class: 'sender_blocked', status: '5.7.1', recipient: 'x@example.com' }));
    }
    await desk.read();
    expect(await held()).toBeNull();
    for (const id of rows.deliveries.slice(3))
      await desk.about(id, bounce({ class: 'sender_blocked', status: '5.7.1' }));
    await desk.read();
    expect(await held()).not.toBeNull();
  });
});
