import fc from 'fast-check';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { inTransaction } from '../../src/db/database.ts';
import { cancelBatch } from '../../src/delivery/letter/cancel-batch.store.ts';
import { getBatch, handOver, post, statesOf } from '../../src/delivery/letter/hand-over.store.ts';
import {
  type BatchFigures,
  createBatch,
  keepBatch,
  openLetters,
} from '../../src/delivery/letter/letter-batch.store.ts';
import { reprint } from '../../src/delivery/letter/reprint.store.ts';
import { completeNotices } from '../../src/delivery/notice-state.store.ts';
import { OwabiError } from '../../src/errors.ts';
import { recount } from '../../src/reporting/recount.store.ts';
import { type TestDatabase, testDatabase } from '../support/database.ts';
import { sendingNotice } from '../support/notice-rows.ts';

let database: TestDatabase;
let userId: string;
beforeAll(async () => {
  database = await testDatabase();
  await sendingNotice(database.db, 1);
  userId = (await database.db.selectFrom('users').select('id').executeTakeFirstOrThrow()).id;
});
afterAll(() => database.close());

const PERSONS = 4;
const file = { bytes: 1, sha256: 'a', crc32: 1 };
const figures: BatchFigures = {
  ...{ pages: 2 * PERSONS, sha256: 'a', weight: { sheets: 1, grams: 11, tooHeavy: false } },
  files: { 'letters.pdf': file, 'manifest.csv': file, 'summary.pdf': file, SHA256SUMS: file },
};

type Op =
  | { what: 'close' | 'complete' }
  | { what: 'hand over' | 'post' | 'cancel'; batch: number }
  | { what: 'reprint'; batch: number; from: number; to: number; evenPosted: boolean };
const batch = fc.nat({ max: 2 });
const sequence = fc.integer({ min: 1, max: PERSONS });
const op: fc.Arbitrary<Op> = fc.oneof(
  { weight: 3, arbitrary: fc.constant<Op>({ what: 'close' }) },
  { weight: 1, arbitrary: fc.constant<Op>({ what: 'complete' }) },
  {
    weight: 6,
    arbitrary: fc.record({ what: fc.constantFrom('hand over' as const, 'post' as const, 'cancel' as const), batch }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      what: fc.constant('reprint' as const),
      ...{ batch, from: sequence, to: sequence, evenPosted: fc.boolean() },
    }),
  },
);

/** How it goes when nothing goes wrong: by chance alone letters are seldom posted. */
const BEGINNING: Op[] = [{ what: 'close' }, { what: 'hand over', batch: 0 }, { what: 'post', batch: 0 }];

/** A notice by letter whose letters are all pending. */
async function letters(): Promise<string> {
  const { noticeId } = await sendingNotice(database.db, PERSONS, 'letter');
  await sql`
    with emails as (select id from deliveries where notice_id = ${noticeId} and channel = 'email')
    update deliveries set state = 'cancelled' where id in (select id from emails)`.execute(database.db);
  await sql`
    insert into deliveries (notice_id, person_id, channel, state, content_hash)
    select notice_id, person_id, 'letter', 'pending', letter_hash from notice_persons where notice_id = ${noticeId}`.execute(
    database.db,
  );
  return noticeId;
}

async function close(noticeId: string): Promise<void> {
  const { db } = database;
  const open = (await openLetters(db, noticeId, '0', 100)).map(({ id }) => id);
  if (open.length === 0) return;
  await createBatch(db, noticeId, open, { locale: 'ja', country: 'JP' });
  const query = db.selectFrom('letter_batches').select('id').where('notice_id', '=', noticeId);
  const { id } = await query.where('state', '=', 'rendering').executeTakeFirstOrThrow();
  const printed = open.map((letter, i) => ({ id: letter, sequence: i + 1, firstPage: 2 * i + 1, pages: 2 }));
  await inTransaction(db, (trx) => keepBatch(trx, id, printed, [], figures));
}

/** Does what is asked; what the state does not allow is refused and changes nothing. */
async function play(noticeId: string, one: Op): Promise<void> {
  const { db } = database;
  if (!('batch' in one)) return one.what === 'close' ? close(noticeId) : void (await completeNotices(db));
  const query = db.selectFrom('letter_batches').select('id').where('notice_id', '=', noticeId).orderBy('number');
  const ids = await query.execute();
  const id = ids[one.batch % Math.max(1, ids.length)]?.id;
  if (!id) return;
  const { letters: count, pages } = await getBatch(db, id);
  const acknowledged = { at: '2026-11-24T10:00:00Z', letters: count, pages: pages ?? 0 };
  const order = one.what === 'reprint' ? { ...one, reason: 'damaged' as const } : null;
  await inTransaction(db, async (trx) => {
    if (one.what === 'hand over') await handOver(trx, id, acknowledged);
    else if (one.what === 'post') await post(trx, id, '2026-11-25');
    else if (one.what === 'cancel') await cancelBatch(trx, id, { userId, reason: Buffer.of(1), printerTold: false });
    else if (order) await reprint(trx, id, order);
  }).catch((error: unknown) => {
    if (!(error instanceof OwabiError)) throw error;
    expect(error.code).toBe('wrong_state');
  });
}

interface PersonLetters {
  outcome: string;
  states: string[];
  replaced: number;
}

async function expectSound(noticeId: string): Promise<void> {
  const { db } = database;
  expect(await recount(db, noticeId)).toBe(true);
  const { rows } = await sql<PersonLetters>`
    select p.outcome, array_agg(d.state order by d.generation) as states,
      count(*) filter (where d.replaced_by is not null)::int as replaced
    from notice_persons p join deliveries d using (notice_id, person_id)
    where p.notice_id = ${noticeId} and d.channel = 'letter' group by p.person_id, p.outcome`.execute(db);
  expect(rows).toHaveLength(PERSONS);
  for (const { outcome, states, replaced } of rows) {
    const underWay = states.filter((state) => ['pending', 'rendered', 'handed_over'].includes(state)).length;
    const posted = states.includes('posted');
    // Nobody is left out, and nobody gets another letter unless the one before was replaced by it.
    expect(underWay > 0 || posted, states.join()).toBe(true);
    expect(states.length).toBe(replaced + 1);
    expect(underWay).toBeLessThanOrEqual(1);
    expect(outcome).toBe(posted ? 'reached' : 'in_progress');
  }
  const batches = await db.selectFrom('letter_batches').selectAll().where('notice_id', '=', noticeId).execute();
  for (const { id, state, letters: count } of batches) {
    const states = Object.values(await statesOf(db, id)).reduce((sum, n) => sum + n, 0);
    expect(states).toBe(state === 'cancelled' ? 0 : count);
  }
  const { status } = await db
    .selectFrom('notices')
    .select('status')
    .where('id', '=', noticeId)
    .executeTakeFirstOrThrow();
  if (status === 'completed') expect(rows.every(({ states }) => states.at(-1) === 'posted')).toBe(true);
}

describe('whatever printer, post and operators do with letters', () => {
  it('leaves nobody out, tells nobody twice unless it is said, and the figures add up', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat({ max: 3 }), fc.array(op, { minLength: 4, maxLength: 18 }), async (begun, ops) => {
        const noticeId = await letters();
        for (const one of [...BEGINNING.slice(0, begun), ...ops]) {
          await play(noticeId, one);
          await expectSound(noticeId);
        }
      }),
      { numRuns: 40 },
    );
  });
});
