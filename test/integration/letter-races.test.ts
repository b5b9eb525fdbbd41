import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Db, inTransaction } from '../../src/db/database.ts';
import { batchesToRender, keepBatch } from '../../src/delivery/letter/letter-batch.store.ts';
import { reprint } from '../../src/delivery/letter/reprint.store.ts';
import { completeNotices } from '../../src/delivery/notice-state.store.ts';
import { type LetterDesk, letterDesk, peopleCsv } from '../support/letter-desk.ts';
import { sendingNotice } from '../support/notice-rows.ts';
import { until } from '../support/until.ts';

let desk: LetterDesk;
/** Done once, when a batch has been typeset and is not yet kept. */
let typeset: (() => Promise<unknown>) | null = null;
beforeAll(async () => {
  desk = await letterDesk({}, (press) => ({
    ...press,
    typeset: async (order) => {
      const made = await press.typeset(order);
      if (order.check) {
        const act = typeset;
        typeset = null;
        await act?.();
      }
      return made;
    },
  }));
});
afterAll(() => desk.close());

const statusOf = async (id: string) => (await desk.get(`/v1/notices/${id}`)).status;
const pendingLetters = async (id: string) => {
  const { rows } = await sql<{ n: number }>`
    select count(*)::int as n from deliveries where notice_id = ${id} and channel = 'letter' and state = 'pending'`.execute(
    desk.db,
  );
  return rows[0]?.n;
};

/** Does something whose transaction stays open until somebody else waits for it. */
async function beside<T>(act: (trx: Db) => Promise<unknown>, other: () => Promise<T>): Promise<T> {
  let done = () => {};
  const isDone = new Promise<void>((resolve) => {
    done = resolve;
  });
  const open = inTransaction(desk.db, async (trx) => {
    await act(trx);
    done();
    await until('somebody waits for us', async () => {
      const { rows } = await sql`
        select 1 from pg_stat_activity where pg_backend_pid() = any (pg_blocking_pids(pid))`.execute(trx);
      return rows.length > 0;
    });
  });
  await isDone;
  const [answer] = await Promise.all([other(), open]);
  return answer;
}

describe('a notice does not complete', () => {
  it('while a letter of it is being printed again', async () => {
    const { noticeId, batches } = await desk.rendered(peopleCsv(2));
    await desk.handOver(batches[0]);
    await desk.postBatch(batches[0]);
    const again = { from: 1, to: 1, reason: 'lost', evenPosted: true } as const;
    expect(
      await beside(
        (trx) => reprint(trx, batches[0].id, again),
        () => completeNotices(desk.db),
      ),
    ).not.toContain(noticeId);
    expect([await statusOf(noticeId), await pendingLetters(noticeId)]).toEqual(['sending', 1]);
  });

  it('while a late bounce plans a letter', async () => {
    const { noticeId, deliveries } = await sendingNotice(desk.db, 2, 'email_then_letter');
    for (const state of ['claimed', 'submitting', 'submitted']) {
      await sql`update deliveries set state = ${state} where notice_id = ${noticeId}`.execute(desk.db);
    }
    const bounce = (trx: Db) =>
      sql`update deliveries set state = 'bounced', class = 'invalid_mailbox' where id = ${deliveries[0]}`.execute(trx);
    expect(await beside(bounce, () => completeNotices(desk.db))).not.toContain(noticeId);
    const { status } = await desk.db
      .selectFrom('notices')
      .select('status')
      .where('id', '=', noticeId)
      .executeTakeFirstOrThrow();
    expect([status, await pendingLetters(noticeId)]).toEqual(['sending', 1]);
  });
});

describe('cancelling a notice', () => {
  it('waits for a batch that is just being kept, and takes its letters too', async () => {
    const noticeId = await desk.sending(peopleCsv(3));
    let cancelled: Promise<{ status: string }> | undefined;
    typeset = async () => {
      // Closed and typeset: it is kept here, with the transaction open until the cancelling waits for it.
      const [batchId = ''] = await batchesToRender(desk.db, noticeId);
      const { rows } = await sql<{ id: string; sequence: number }>`
        select id, sequence from deliveries where letter_batch_id = ${batchId} order by sequence`.execute(desk.db);
      const printed = rows.map(({ id, sequence }) => ({ id, sequence, firstPage: 2 * sequence - 1, pages: 2 }));
      const figures = { pages: 6, sha256: 'a'.repeat(64), files: {}, weight: { sheets: 1, grams: 9 } };
      await beside(
        (trx) => keepBatch(trx, batchId, printed, [], figures as never),
        () => {
          cancelled = desk.post(`/v1/notices/${noticeId}/cancel`);
          return cancelled;
        },
      );
    };
    await expect(desk.renderNow(noticeId)).rejects.toThrow('no longer to be rendered');
    expect((await cancelled)?.status).toBe('cancelled');
    const { rows } = await sql`
      select state, reason, count(*)::int as n from deliveries where notice_id = ${noticeId} group by 1, 2`.execute(
      desk.db,
    );
    expect(rows).toEqual([{ state: 'cancelled', reason: 'notice_cancelled', n: 3 }]);
    expect(await desk.batches(noticeId)).toMatchObject([{ state: 'cancelled', cancelledAt: expect.any(String) }]);
  });
});

describe('a letter that is cancelled while its batch is typeset', () => {
  it('is no letter of that batch, in which another has its sequence', async () => {
    const noticeId = await desk.sending(peopleCsv(4));
    typeset = () =>
      sql`update deliveries set state = 'cancelled', reason = 'email_submitted'
        where notice_id = ${noticeId} and sequence = 2`.execute(desk.db);
    await desk.renderNow(noticeId).catch(() => undefined);
    const { rows: left } = await sql<{ id: string }>`
      update tasks set worker_id = null where subject_id = ${noticeId} returning id`.execute(desk.db);
    if (left[0]) await desk.render(left[0].id);
    const [batch] = await desk.batches(noticeId);
    expect(await desk.get(`/v1/letter-batches/${batch?.id}`)).toMatchObject({ letters: 3, states: { rendered: 3 } });
    const { rows } = await sql`
      select state, sequence from deliveries where notice_id = ${noticeId} order by sequence, id`.execute(desk.db);
    expect(rows).toEqual([
      ...[1, 2, 3].map((sequence) => ({ state: 'rendered', sequence })),
      { state: 'cancelled', sequence: null },
    ]);
  });
});
