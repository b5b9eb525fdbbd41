import { sql } from 'kysely';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { raiseAlerts } from '../../src/alerts/alerts.store.ts';
import { completeNotices } from '../../src/delivery/notice-state.store.ts';
import { alertRoutes } from '../../src/http/api/alerts.routes.ts';
import { samplePerson } from '../../src/notice/sample-person.ts';
import { makeLetterPress } from '../../src/rendering/letter-press.ts';
import type { LetterPress, PreparedLetter } from '../../src/rendering/types.ts';
import { changed, moved } from '../support/changed-files.ts';
import { type LetterDesk, letterDesk, peopleCsv } from '../support/letter-desk.ts';

type Order = Parameters<LetterPress['typeset']>[0];

let desk: LetterDesk;
/** A new one for each test, with no thread yet: it has neither fonts nor pages from before. */
let press: LetterPress;
/** What becomes of what is to be typeset; as it is unless a test says otherwise. */
let spoil: (prepared: PreparedLetter) => PreparedLetter;
/** What typesets the letter to nobody; the press itself unless a test says otherwise. */
let otherThread: LetterPress | null;
/** Done while letters are being typeset. */
let meanwhile: (order: Order) => unknown;
let threads: { terminate(): Promise<number> }[] = [];
const keepThread = (thread: { terminate(): Promise<number> }) => threads.push(thread);

beforeAll(async () => {
  process.on('worker', keepThread);
  const around = (itself: LetterPress): LetterPress => ({
    ...itself,
    typeset: async (order) => {
      const isToNobody = order.persons[0]?.reference === samplePerson('ja').reference;
      const typeset =
        otherThread && isToNobody
          ? otherThread.typeset(order)
          : press.typeset({ ...order, prepared: spoil(order.prepared) });
      const [set] = await Promise.allSettled([typeset, order.check ? meanwhile(order) : null]);
      if (set.status === 'rejected') throw set.reason;
      return set.value;
    },
    typesetPages: (order) => press.typesetPages(order),
  });
  desk = await letterDesk({}, around, { routes: (services) => [alertRoutes(services)] });
});
afterAll(async () => {
  process.off('worker', keepThread);
  await desk.close();
});
beforeEach(() => {
  press = makeLetterPress({ threads: 1 });
  spoil = (prepared) => prepared;
  otherThread = null;
  meanwhile = () => undefined;
  threads = [];
});
afterEach(() => press.close());

const fontsGone = (prepared: PreparedLetter) => ({
  ...prepared,
  fonts: { ...prepared.fonts, paths: ['/nowhere/font.ttf'] },
});
const takahashi = (n: number) => `${n},髙橋 花子,100-0003,東京都千代田区千代田1-${n},JP`;

const statesOf = async (noticeId: string) => {
  const { rows } = await sql<{ told: string }>`
    select concat_ws(' ', count(*), state, case when state = 'unprintable' then reason end) as told from deliveries
    where notice_id = ${noticeId} group by state, case when state = 'unprintable' then reason end order by state`.execute(
    desk.db,
  );
  return rows.map(({ told }) => told);
};
const statusOf = async (noticeId: string) => {
  await completeNotices(desk.db);
  const { status, pausedBecause } = await desk.get(`/v1/notices/${noticeId}`);
  return [status, pausedBecause];
};
/** One try, as a worker makes it: it fails, and the task is given back. */
const failedTry = async (taskId: string | undefined, failure: string) => {
  await expect(desk.render(taskId)).rejects.toThrow(failure);
  await sql`update tasks set worker_id = null where id = ${taskId}`.execute(desk.db);
};
/** All letters are still to be printed, and are when the task is tried once more. */
const isTriedAgain = async (noticeId: string, taskId: string | undefined, letters: number, then: string[]) => {
  expect(await statesOf(noticeId)).toEqual([`${letters} pending`]);
  expect(await statusOf(noticeId)).toEqual(['sending', null]);
  await desk.render(taskId);
  expect(await statesOf(noticeId)).toEqual(then);
  expect(await desk.isBalanced(noticeId)).toBe(true);
};
const alertsOf = async (noticeId: string) => {
  await raiseAlerts(desk.db, []);
  const { items } = await desk.get('/v1/alerts?open=true');
  return (items as { kind: string; subject: { noticeId?: string }; detail: object }[])
    .filter(({ subject }) => subject.noticeId === noticeId)
    .map(({ kind, detail }) => ({ kind, ...detail }));
};

describe('a press that fails for everybody loses no letter', () => {
  it('when its fonts are gone: the notice pauses after five tries, with an alert, and goes on when they are back', async () => {
    const noticeId = await desk.sending(peopleCsv(5));
    const [task] = await desk.due();
    spoil = fontsGone;
    for (let i = 0; i < 5; i++) await failedTry(task, 'cannot read its fonts: ENOENT');
    await desk.render(task);
    expect(await statesOf(noticeId)).toEqual(['5 pending']);
    expect(await statusOf(noticeId)).toEqual(['paused', 'render_failed']);
    expect(await alertsOf(noticeId)).toEqual([{ kind: 'breaker', because: 'render_failed' }]);

    spoil = (prepared) => prepared;
    await desk.post(`/v1/notices/${noticeId}/resume`, {});
    await desk.renderNow(noticeId);
    expect(await statesOf(noticeId)).toEqual(['5 rendered']);
  });

  it('when its fonts are gone for one of its threads, while another has them still', async () => {
    const noticeId = await desk.sending(peopleCsv(5));
    const [task] = await desk.due();
    spoil = fontsGone;
    otherThread = makeLetterPress({ threads: 1 });
    await failedTry(task, 'cannot read its fonts: ENOENT');
    await otherThread.close();
    otherThread = null;
    spoil = (prepared) => prepared;
    await isTriedAgain(noticeId, task, 5, ['5 rendered']);
  });

  it('when the typesetter refuses what all share', async () => {
    const noticeId = await desk.sending(peopleCsv(1));
    const [task] = await desk.due();
    spoil = changed('/frame.typ', '#let fold-marks = ', '#panic("no room")\n#let fold-marks = ');
    for (let i = 0; i < 5; i++) await failedTry(task, 'no room');
    await desk.render(task);
    expect(await statesOf(noticeId)).toEqual(['1 pending']);
    expect(await statusOf(noticeId)).toEqual(['paused', 'render_failed']);
  });

  it('when it is closed under a batch', async () => {
    const noticeId = await desk.sending(peopleCsv(5));
    const [task] = await desk.due();
    meanwhile = () => press.close();
    await failedTry(task, 'The typesetting thread ended.');
    await failedTry(task, 'The letter press is closed.');
    press = makeLetterPress({ threads: 1 });
    meanwhile = () => undefined;
    await isTriedAgain(noticeId, task, 5, ['5 rendered']);
  });

  it('when its thread ends, be it while one letter is typeset by itself', async () => {
    const noticeId = await desk.sending(peopleCsv(3, [takahashi(4)]));
    const [task] = await desk.due();
    spoil = moved;
    let ended = 0;
    meanwhile = async ({ persons }) => {
      if (persons.length > 1 || !persons[0]?.name.startsWith('髙')) return;
      ended++;
      await threads.at(-1)?.terminate();
    };
    await failedTry(task, 'The typesetting thread ended.');
    expect(ended).toBe(1);
    meanwhile = () => undefined;
    await isTriedAgain(noticeId, task, 4, ['3 rendered', '1 unprintable check_failed']);
  });

  it('when it has become too heavy for its envelope since it was approved', async () => {
    const noticeId = await desk.sending(peopleCsv(2));
    const [task] = await desk.due();
    spoil = (prepared) => Object.assign(prepared, { envelope: { ...prepared.envelope, maxSheets: 0 } });
    await failedTry(task, 'more sheets than its envelope holds');
    expect(await statesOf(noticeId)).toEqual(['2 pending']);
  });
});

describe('letters that are wrong by themselves', () => {
  it('are lost alone, though all of a small batch are wrong in the same way: the notice goes on', async () => {
    const noticeId = await desk.sending(peopleCsv(5, [takahashi(6), takahashi(7)]));
    spoil = moved;
    await desk.renderNow(noticeId);
    expect(await statusOf(noticeId)).toEqual(['sending', null]);
    expect(await statesOf(noticeId)).toEqual(['5 rendered', '2 unprintable check_failed']);
    expect(await desk.isBalanced(noticeId)).toBe(true);
  });
});
