import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { inTransaction } from '../../../src/db/database.ts';
import { applyReports } from '../../../src/tracking/applying/apply-finding.store.ts';
import type { ReportReader } from '../../../src/tracking/read-any-report.ts';
import { takeReports } from '../../../src/tracking/waiting-reports.store.ts';
import {
  bounce,
  deliveryState,
  type Reporting,
  readJson,
  reporting,
  reportState,
  saidOfDelivery,
} from './reporting.ts';

let desk: Reporting;
beforeAll(async () => {
  desk = await reporting();
});
afterAll(() => desk.close());

const POISON = Buffer.from('{ no JSON');
const poison = () => desk.report([], { bytes: POISON });
const people = (n: number) => Array.from({ length: n }, (_, i) => `p${i}@example.jp`);
const statesOf = async (ids: string[]) =>
  new Set(await Promise.all(ids.map(async (id) => (await deliveryState(desk.db, id)).state)));
const row = (id: string) => desk.db.selectFrom('reports').selectAll().where('id', '=', id).executeTakeFirstOrThrow();

describe('a report that cannot be read', () => {
  it('stops itself alone, and after five times is left to a person', async () => {
    const { deliveries } = await desk.submitted(people(5));
    const bad = await poison();
    for (const id of deliveries) await desk.about(id, bounce());
    await desk.read();
    expect(await statesOf(deliveries)).toEqual(new Set(['bounced']));
    expect(await row(bad)).toMatchObject({ state: 'waiting', tries: 1 });
    for (let i = 0; i < 4; i++) await desk.readAgain();
    expect(await row(bad)).toMatchObject({ state: 'waiting', tries: 5 });
    await desk.readAgain();
    expect(await row(bad)).toMatchObject({ state: 'unreadable', tries: 5 });
  });

  it('is taken alone once it has killed whoever read it, and then no more', async () => {
    const { deliveries } = await desk.submitted(people(3));
    const [first = '', second = '', third = ''] = deliveries;
    const reports = [await desk.about(first, bounce()), await desk.about(second, bounce())];
    // Taken, and whoever took them is dead: nothing more is heard of it.
    expect((await takeReports(desk.db, 'fresh')).map(({ id }) => id)).toEqual(reports);
    await desk.about(third, bounce());
    await desk.read();
    expect(await statesOf([first, second])).toEqual(new Set(['submitted']));
    expect(await statesOf([third])).toEqual(new Set(['bounced']));
    await sql`update reports set due_at = now() where id = any (${reports}::bigint[])`.execute(desk.db);
    expect(await takeReports(desk.db, 'fresh')).toEqual([]);
    for (let i = 2; i <= 5; i++) {
      const [taken, ...others] = await takeReports(desk.db, 'tried');
      expect(others).toEqual([]);
      expect(taken).toMatchObject({ id: reports[0], tries: i });
      await sql`update reports set due_at = now() - interval '1 second' where id = ${reports[0] ?? ''}`.execute(
        desk.db,
      );
    }
    await desk.read();
    expect(await reportState(desk.db, reports[0] ?? '')).toBe('unreadable');
    expect(await reportState(desk.db, reports[1] ?? '')).toBe('applied');
  });

  it('keeps nobody from being written down when the group fails: each is tried alone', async () => {
    const { deliveries } = await desk.submitted(people(4));
    for (const id of deliveries) await desk.about(id, bounce());
    const bad = await desk.about(deliveries[0] ?? '', bounce({ status: '5.2.2', words: 'poison' }));
    // A class that no delivery may have breaks the statement that writes them all.
    const breaking: ReportReader = (way, bytes, envelope) => {
      const reading = readJson(way, bytes, envelope);
      for (const one of reading.findings) if (one.words === 'poison') one.kind = 'nonsense' as 'other';
      return reading;
    };
    await desk.read(breaking);
    expect(await statesOf(deliveries)).toEqual(new Set(['bounced']));
    expect(await reportState(desk.db, bad)).toBe('waiting');
  });
});

describe('many workers', () => {
  it('read each report once, and all of them', async () => {
    const { deliveries } = await desk.submitted(people(300));
    await Promise.all(deliveries.map((id) => desk.about(id, bounce())));
    await Promise.all([desk.read(), desk.read(), desk.read(), desk.read()]);
    expect(await statesOf(deliveries)).toEqual(new Set(['bounced']));
    for (const id of deliveries) expect((await saidOfDelivery(desk.db, id))[0]?.seen).toBe(1);
  });

  it('leave a report as it is that another has written down meanwhile', async () => {
    const { deliveries } = await desk.submitted(people(1));
    const [id = ''] = deliveries;
    const report = await desk.about(id, bounce());
    await desk.read();
    // Whoever was so slow that they were taken for dead comes to the end of the same report.
    const late = {
      ...{ id: report, state: 'unmatched' as const, found: [], resealed: null },
      said: [
        {
          ...{ deliveryId: id, kind: 'complaint' as const, class: null, status: null, rule: 'late', forwarded: false },
          ...{ matchedBy: 'bounce_address' as const, words: null, reply: null },
        },
      ],
    };
    const applied = await inTransaction(desk.db, (trx) => applyReports(trx, [late], ['waiting']));
    expect(applied.taken.size).toBe(0);
    expect(await reportState(desk.db, report)).toBe('applied');
    expect((await deliveryState(desk.db, id)).state).toBe('bounced');
    expect(await saidOfDelivery(desk.db, id)).toHaveLength(1);
  });

  it('hold a few megabytes at a time, however large the reports are', async () => {
    const { deliveries } = await desk.submitted(people(4));
    for (const id of deliveries) {
      const big = { kind: 'other', words: null, rule: 'x'.repeat(1_500_000) } as const;
      await desk.about(id, big);
    }
    const taken = await takeReports(desk.db, 'fresh');
    expect(taken).toHaveLength(3);
    await sql`update reports set due_at = now(), tries = 0 where state = 'waiting'`.execute(desk.db);
    await desk.read();
    expect((await takeReports(desk.db, 'fresh')).length).toBe(0);
  });
});
