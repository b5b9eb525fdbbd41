import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Db } from '../../src/db/database.ts';
import { closeBatchNow, closeDueBatches } from '../../src/delivery/letter/close-batches.store.ts';
import {
  BatchChanged,
  type BatchFigures,
  createBatch,
  keepBatch,
  lettersOf,
  openLetters,
} from '../../src/delivery/letter/letter-batch.store.ts';
import { completeNotices } from '../../src/delivery/notice-state.store.ts';
import { type TestDatabase, testDatabase } from '../support/database.ts';
import { countsOf, sendingNotice } from '../support/notice-rows.ts';

const MOST = 10;
const file = { bytes: 1, sha256: 'a', crc32: 1 };
const figures = (pages: number): BatchFigures => ({
  ...{ pages, sha256: 'a', weight: { sheets: 1, grams: 11, tooHeavy: false } },
  files: { 'letters.pdf': file, 'manifest.csv': file, 'summary.pdf': file, SHA256SUMS: file },
});
let database: TestDatabase;
let noticeId: string;

beforeAll(async () => {
  database = await testDatabase();
});
afterAll(() => database.close());
beforeEach(async () => {
  const { db } = database;
  await sql`update notices set status = 'cancelled'`.execute(db);
  noticeId = (await sendingNotice(db, 40, 'email_then_letter')).noticeId;
});

/** Bounces some of the pending emails: each plans a letter. */
const bounce = async (n: number): Promise<void> => {
  const one = sql`id in (select id from deliveries where notice_id = ${noticeId} and channel = 'email' and state = 'pending' limit ${n})`;
  const { rows } = await sql<{ id: string }>`update deliveries set state = 'claimed' where ${one} returning id`.execute(
    database.db,
  );
  await sql`update deliveries set state = 'bounced', class = 'invalid_mailbox' where id = any (${rows.map(({ id }) => id)}::bigint[])`.execute(
    database.db,
  );
};
const settle = async (): Promise<void> => {
  for (const state of ['claimed', 'submitting', 'submitted']) {
    const from = { claimed: 'pending', submitting: 'claimed', submitted: 'submitting' }[state];
    await sql`update deliveries set state = ${state} where notice_id = ${noticeId} and channel = 'email' and state = ${from}`.execute(
      database.db,
    );
  }
};
const due = (cutOff = '23:59'): Promise<string[]> => closeDueBatches(database.db, MOST, cutOff);
const amountOf = async (taskId: string | undefined): Promise<number | null> =>
  (await database.db.selectFrom('tasks').select('amount').where('id', '=', String(taskId)).executeTakeFirstOrThrow())
    .amount;
const done = async (): Promise<void> => {
  await sql`delete from tasks where subject_id = ${noticeId}`.execute(database.db);
};
/** Puts all open letters into a batch, as the task does. */
const assign = async (): Promise<string> => {
  const letters = await openLetters(database.db, noticeId, '0', 1000);
  await createBatch(
    database.db,
    noticeId,
    letters.map(({ id }) => id),
    { locale: 'ja', country: 'JP' },
  );
  const row = await database.db
    .selectFrom('letter_batches')
    .select('id')
    .where('notice_id', '=', noticeId)
    .orderBy('id', 'desc')
    .executeTakeFirstOrThrow();
  return row.id;
};

/** How many deliveries this connection has read since its figures were last gathered, in whatever way. */
const rowsRead = async (trx: Db): Promise<number> => {
  const { rows } = await sql<{ n: number }>`
    select sum(pg_stat_get_xact_tuples_returned(read))::int as n from (
      select 'deliveries'::regclass as read
      union all select indexrelid from pg_index where indrelid = 'deliveries'::regclass) r`.execute(trx);
  return rows[0]?.n ?? 0;
};

describe('the first letter batch of a notice', () => {
  it('closes when none of its emails is on its way, not before, however many letters wait', async () => {
    await bounce(MOST * 2);
    expect(await due()).toEqual([]);
    await settle();
    const tasks = await due();
    expect(tasks.length).toBe(1);
    expect(await amountOf(tasks[0])).toBe(null);
  });

  it('is asked for every second, and no letters are counted for that', async () => {
    await bounce(30);
    const read = await database.db.transaction().execute(async (trx) => {
      const before = await rowsRead(trx);
      expect(await closeDueBatches(trx, MOST, '23:59')).toEqual([]);
      return (await rowsRead(trx)) - before;
    });
    expect(read).toBeLessThan(5);
  });

  it('is closed once, however often it is asked', async () => {
    await bounce(1);
    await settle();
    const closings = await Promise.all([due(), due(), due()]);
    expect(closings.flat().length).toBe(1);
  });

  it('is not rendered while the notice is paused', async () => {
    await bounce(1);
    await settle();
    await sql`update notices set status = 'paused' where id = ${noticeId}`.execute(database.db);
    expect(await due()).toEqual([]);
    expect(await closeBatchNow(database.db, noticeId)).toBe(null);
  });
});

describe('later batches', () => {
  beforeEach(async () => {
    await bounce(1);
    await settle();
    await due();
    await done();
    const batchId = await assign();
    const [letter] = await lettersOf(database.db, batchId);
    await keepBatch(
      database.db,
      batchId,
      [{ id: letter?.id ?? '', sequence: 1, firstPage: 1, pages: 2 }],
      [],
      figures(2),
    );
  });
  const lateBounces = async (n: number): Promise<void> => {
    await sql`update deliveries set state = 'bounced', class = 'invalid_mailbox'
      where id in (select id from deliveries where notice_id = ${noticeId} and state = 'submitted' limit ${n})`.execute(
      database.db,
    );
  };

  it('close when full, and then only the full ones', async () => {
    await lateBounces(MOST - 1);
    expect(await due()).toEqual([]);
    await lateBounces(3);
    const tasks = await due();
    expect(await amountOf(tasks[0])).toBe(MOST);
  });

  it('close only when more letters are open than filled none when it was last looked', async () => {
    await sql`update notices set letters_left = ${MOST + 3} where id = ${noticeId}`.execute(database.db);
    await lateBounces(MOST + 3);
    expect(await due()).toEqual([]);
    await lateBounces(1);
    expect(await amountOf((await due())[0])).toBe(MOST);
  });

  it('close at the daily cut-off', async () => {
    await lateBounces(2);
    expect(await due()).toEqual([]);
    await sql`update notices set letters_closed_at = now() - interval '2 days' where id = ${noticeId}`.execute(
      database.db,
    );
    const tasks = await due('00:00');
    expect(await amountOf(tasks[0])).toBe(null);
  });

  it('close by an operator’s word', async () => {
    expect(await closeBatchNow(database.db, noticeId)).toBe(null);
    await lateBounces(1);
    expect(await closeBatchNow(database.db, noticeId)).not.toBe(null);
  });

  it('go on when their rendering was interrupted, and the notice is not complete before', async () => {
    await lateBounces(1);
    await assign();
    await sql`update deliveries set state = 'cancelled' where notice_id = ${noticeId} and channel = 'letter' and state = 'pending'`.execute(
      database.db,
    );
    await completeNotices(database.db);
    const { status } = await database.db
      .selectFrom('notices')
      .select('status')
      .where('id', '=', noticeId)
      .executeTakeFirstOrThrow();
    expect(status).toBe('sending');
    expect((await due()).length).toBe(1);
  });
});

describe('a rendered batch', () => {
  it('is not kept when one of its letters was cancelled while it was typeset', async () => {
    const { db } = database;
    await bounce(2);
    await settle();
    const batchId = await assign();
    const letters = await lettersOf(db, batchId);
    await sql`update deliveries set state = 'cancelled' where id = ${letters[0]?.id}`.execute(db);
    const printed = letters.map(({ id }, i) => ({ id, sequence: i + 1, firstPage: 1, pages: 2 }));
    const keep = db.transaction().execute((trx) => keepBatch(trx, batchId, printed, [], figures(4)));
    await expect(keep).rejects.toThrow(BatchChanged);
    expect(await countsOf(db, noticeId)).toMatchObject({ 'letter cancelled': 1, 'letter pending': 1 });
  });
});
