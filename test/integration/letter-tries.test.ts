import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { LetterPress } from '../../src/rendering/types.ts';
import { type LetterDesk, letterDesk, peopleCsv } from '../support/letter-desk.ts';
import { until } from '../support/until.ts';

let desk: LetterDesk;
/** What happens each time when a batch is about to be typeset. */
let meanwhile: () => Promise<unknown> | undefined;

beforeAll(async () => {
  desk = await letterDesk({}, (press: LetterPress) => ({
    ...press,
    typeset: async (order) => {
      if (order.check) await meanwhile();
      return await press.typeset(order);
    },
  }));
});
afterAll(() => desk.close());
beforeEach(() => {
  meanwhile = async () => undefined;
});

const broken = async () => {
  throw new Error('the disk is full');
};
const givenBack = (taskId: string | undefined) =>
  sql`update tasks set worker_id = null where id = ${taskId}`.execute(desk.db);
/** One try, as a worker makes it; whether it ended well. */
const tried = async (taskId: string | undefined): Promise<boolean> => {
  const ended = await desk.render(taskId).then(
    () => true,
    () => false,
  );
  await givenBack(taskId);
  return ended;
};
const triedOften = async (taskId: string | undefined, times: number) => {
  for (let i = 0; i < times; i++) expect(await tried(taskId)).toBe(false);
};
const statusOf = async (noticeId: string) => {
  const { status, pausedBecause } = await desk.get(`/v1/notices/${noticeId}`);
  return [status, pausedBecause];
};
const statesOf = async (noticeId: string) => (await desk.batches(noticeId)).map(({ state }) => state);
const openLetters = async (noticeId: string) => {
  const { rows } = await sql<{ n: number }>`
    select count(*)::int as n from deliveries
    where notice_id = ${noticeId} and state = 'pending' and letter_batch_id is null`.execute(desk.db);
  return rows[0]?.n;
};

describe('a letter batch that cannot be rendered', () => {
  it('pauses its notice after five tries, and is tried five times more when somebody has let it go on', async () => {
    const noticeId = await desk.sending(peopleCsv(2));
    meanwhile = broken;
    for (let look = 1; look <= 2; look++) {
      const [task] = await desk.due();
      await triedOften(task, 5);
      expect(await statusOf(noticeId)).toEqual(['sending', null]);
      expect(await tried(task)).toBe(true);
      expect(await statusOf(noticeId)).toEqual(['paused', 'render_failed']);
      await desk.post(`/v1/notices/${noticeId}/resume`, {});
    }
    meanwhile = async () => undefined;
    expect(await tried((await desk.due())[0])).toBe(true);
    expect(await statesOf(noticeId)).toEqual(['rendered']);
  });

  it('pauses its notice also when each try takes the worker down with it', async () => {
    const noticeId = await desk.sending(peopleCsv(2));
    const [task] = await desk.due();
    let begun = 0;
    meanwhile = () => {
      begun++;
      return new Promise(() => undefined);
    };
    for (let i = 1; i <= 5; i++) {
      void desk.render(task);
      await until('the batch is about to be typeset', () => begun === i);
      await givenBack(task);
    }
    expect(await tried(task)).toBe(true);
    expect(await statusOf(noticeId)).toEqual(['paused', 'render_failed']);
  });

  it('does not count how often it was changed while it was typeset', async () => {
    const noticeId = await desk.sending(peopleCsv(5));
    const [task] = await desk.due();
    meanwhile = () =>
      sql`update deliveries set state = 'cancelled' where id in (
        select id from deliveries where notice_id = ${noticeId} and state = 'pending' limit 1)`.execute(desk.db);
    await triedOften(task, 4);
    meanwhile = broken;
    await triedOften(task, 4);
    meanwhile = async () => undefined;
    expect(await tried(task)).toBe(true);
    expect(await statusOf(noticeId)).toEqual(['sending', null]);
    expect(await desk.batches(noticeId)).toMatchObject([{ state: 'rendered', letters: 1 }]);
  });
});

describe('many letter batches', () => {
  it('go on for as often as the worker is restarted, while they get on', async () => {
    const noticeId = await desk.sending(peopleCsv(35));
    const [task] = await desk.due();
    // Each worker makes one batch and fails with the next.
    let made = 1;
    meanwhile = () => (made++ % 2 === 0 ? broken() : undefined);
    await triedOften(task, 6);
    expect(await tried(task)).toBe(true);
    expect(await statusOf(noticeId)).toEqual(['sending', null]);
    expect(await statesOf(noticeId)).toEqual(Array(7).fill('rendered'));
  });

  it('wait for the next worker when theirs stops, and it ends the batch in hand', async () => {
    const noticeId = await desk.sending(peopleCsv(15));
    const [task] = await desk.due();
    const stopping = new AbortController();
    meanwhile = async () => stopping.abort();
    await desk.render(task, stopping.signal);
    expect(await statesOf(noticeId)).toEqual(['rendered', 'rendering', 'rendering']);
    // Given back without our help.
    await desk.render(task);
    expect(await statesOf(noticeId)).toEqual(['rendered', 'rendered', 'rendered']);
  });

  it('are closed one by one: a crash in between loses no letter and prints none twice', async () => {
    const noticeId = await desk.sending(peopleCsv(23));
    const [task] = await desk.due();
    await atThirdBatch(`raise exception 'killed'`);
    await triedOften(task, 1);
    await sql`drop trigger at_third on letter_batches`.execute(desk.db);
    expect([await statesOf(noticeId), await openLetters(noticeId)]).toEqual([['rendering', 'rendering'], 13]);
    expect(await tried(task)).toBe(true);
    expect((await desk.batches(noticeId)).map(({ state, letters }) => `${letters} ${state}`)).toEqual([
      ...Array(4).fill('5 rendered'),
      '3 rendered',
    ]);
    const { rows } = await sql<{ n: number; persons: number; inOrder: boolean }>`
      select count(*)::int as n, count(distinct person_id)::int as persons,
        array_agg(id order by letter_batch_id, sequence) = array_agg(id order by (id - first) * 3 % 7, id) as "inOrder"
      from (select *, min(id) over () as first from deliveries where notice_id = ${noticeId} and state = 'rendered') d`.execute(
      desk.db,
    );
    expect(rows).toEqual([{ n: 23, persons: 23, inOrder: true }]);
    expect(await desk.isBalanced(noticeId)).toBe(true);
  });

  it('are no longer closed when the notice is paused, and go on with it', async () => {
    const noticeId = await desk.sending(peopleCsv(20));
    const [task] = await desk.due();
    await atThirdBatch(`update notices set status = 'paused', paused_because = 'by_user' where id = new.notice_id`);
    await desk.render(task);
    await sql`drop trigger at_third on letter_batches`.execute(desk.db);
    expect([await statesOf(noticeId), await openLetters(noticeId)]).toEqual([Array(3).fill('rendering'), 5]);
    await desk.post(`/v1/notices/${noticeId}/resume`, {});
    await desk.render((await desk.due())[0]);
    expect(await statesOf(noticeId)).toEqual(Array(4).fill('rendered'));
  });
});

/** @param does when the third batch of a notice is made */
async function atThirdBatch(does: string): Promise<void> {
  await sql`create or replace function at_third() returns trigger language plpgsql as ${sql.lit(
    `begin if new.number = 3 then ${does}; end if; return new; end`,
  )}`.execute(desk.db);
  await sql`create trigger at_third before insert on letter_batches for each row execute function at_third()`.execute(
    desk.db,
  );
}
