import fc from 'fast-check';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ClaimedDelivery } from '../../../src/delivery/ledger.store.ts';
import { recount } from '../../../src/reporting/recount.store.ts';
import { bounce, type Event, type Reporting, reporting } from './reporting.ts';

let desk: Reporting;
beforeAll(async () => {
  desk = await reporting();
});
afterAll(() => desk.close());

const PERSONS = 3;
type Op =
  | { what: 'mark' }
  | { what: 'end'; person: number; uncertain: boolean }
  | { what: 'resend'; person: number }
  | { what: 'report'; person: number; event: Event; times: number }
  | { what: 'read'; workers: number };

const person = fc.nat({ max: PERSONS - 1 });
const event = fc.oneof(
  fc
    .constantFrom('invalid_mailbox', 'mailbox_full', 'sender_blocked', 'owner_changed')
    .map((failure) => bounce({ class: failure as 'invalid_mailbox' })),
  fc.constantFrom<Event>({ kind: 'delivered', status: '2.0.0' }, { kind: 'complaint' }),
  fc.constantFrom<Event>(
    { kind: 'delay', class: 'throttled', status: '4.7.0' },
    { kind: 'auto_reply' },
    { kind: 'other' },
  ),
);
const op: fc.Arbitrary<Op> = fc.oneof(
  { weight: 2, arbitrary: fc.constant<Op>({ what: 'mark' }) },
  { weight: 3, arbitrary: fc.record({ what: fc.constant('end' as const), person, uncertain: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ what: fc.constant('resend' as const), person }) },
  {
    weight: 5,
    arbitrary: fc.record({
      what: fc.constant('report' as const),
      person,
      event,
      times: fc.integer({ min: 1, max: 3 }),
    }),
  },
  { weight: 3, arbitrary: fc.record({ what: fc.constant('read' as const), workers: fc.integer({ min: 1, max: 3 }) }) },
);

/** Plays operations on a notice of its own, then lets everything come to its end. */
async function play(ops: Op[], channels: string) {
  const addresses = Array.from({ length: PERSONS }, (_, i) => `p${i}@example.jp`);
  const { noticeId, deliveries } = await desk.notice(addresses, channels);
  // Of no mail domain: what slows or holds one is told elsewhere.
  await sql`update deliveries set domain = null where notice_id = ${noticeId}`.execute(desk.db);
  const claimed = new Map<string, ClaimedDelivery>();
  const mark = async () => {
    for (const one of await desk.mark(noticeId, 1)) claimed.set(one.id, one);
  };
  const end = async (id: string, uncertain: boolean) => {
    const one = claimed.get(id);
    if (one) await desk.end(one, uncertain ? 'uncertain' : 'submitted');
  };
  const reported = deliveries.map(() => new Set<string>());
  let said = 0;
  for (const one of ops) {
    const id = 'person' in one ? (deliveries[one.person] ?? '') : '';
    if (one.what === 'mark') await mark();
    else if (one.what === 'end') await end(id, one.uncertain);
    else if (one.what === 'resend') {
      await sql`update deliveries set state = 'pending' where id = ${id} and state = 'uncertain'`.execute(desk.db);
    } else if (one.what === 'read') await Promise.all(Array.from({ length: one.workers }, () => desk.read()));
    else {
      reported[one.person]?.add(one.event.kind);
      said += one.times;
      for (let i = 0; i < one.times; i++) await desk.about(id, one.event);
    }
  }
  for (let i = 0; i < PERSONS; i++) await mark();
  for (const id of deliveries) await end(id, false);
  await desk.readAgain();
  return { noticeId, deliveries, reported, said };
}

/** What a delivery ends as, whatever came before what. */
function expected(kinds: Set<string>): string {
  if (kinds.has('complaint')) return 'complained';
  if (kinds.has('bounce')) return 'bounced';
  return kinds.has('delivered') ? 'confirmed' : 'submitted';
}

describe('whatever happens in whatever order', () => {
  it.each(['email', 'email_then_letter'])(
    'a notice by %s ends as the highest that was said, and its figures add up',
    async (channels) => {
      await fc.assert(
        fc.asyncProperty(fc.array(op, { minLength: 8, maxLength: 30, size: 'max' }), async (ops) => {
          const { noticeId, deliveries, reported, said } = await play(ops, channels);
          const rows = await desk.db
            .selectFrom('deliveries')
            .select(['id', 'state'])
            .where('notice_id', '=', noticeId)
            .where('channel', '=', 'email')
            .orderBy('id')
            .execute();
          expect(rows).toEqual(deliveries.map((id, i) => ({ id, state: expected(reported[i] ?? new Set()) })));
          const { rows: sums } = await sql<{ seen: number; open: number; kinds: boolean }>`
          select (select coalesce(sum(seen), 0)::int from delivery_reports where notice_id = ${noticeId}) as seen,
            (select count(*)::int from reports where state = 'waiting') as open,
            (select coalesce(jsonb_object_agg(kind, n), '{}') from notice_reports where notice_id = ${noticeId})
              = (select coalesce(jsonb_object_agg(kind, n), '{}') from (
                  select kind, count(*) as n from delivery_reports where notice_id = ${noticeId} group by 1) k) as kinds`.execute(
            desk.db,
          );
          expect(sums[0]).toEqual({ seen: said, open: 0, kinds: true });
          expect(await recount(desk.db, noticeId)).toBe(true);
        }),
        { numRuns: 30 },
      );
    },
    120_000,
  );
});
