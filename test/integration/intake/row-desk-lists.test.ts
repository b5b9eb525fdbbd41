import { sql } from 'kysely';
import { afterAll, describe, expect, it } from 'vitest';
import { inTransaction } from '../../../src/db/database.ts';
import { makeAcceptList } from '../../../src/intake/lists/accept-list.job.ts';
import { startAccepting } from '../../../src/intake/lists/list.store.ts';
import { file, HEADER, rowDecisions, wish } from './row-decisions.ts';

const { desk, fix, accept, exclude, reopen, acceptAll, excludeAll, newList, settled, expectSums } =
  await rowDecisions();
afterAll(() => desk.close());

describe('all rows with a reason', () => {
  const many = [
    HEADER,
    ...Array.from({ length: 3_000 }, (_, i) => `${i},見本 ${kanji(i)},,,,1,`),
    ...Array.from({ length: 20 }, (_, i) => `${i},,,,,1,`),
    '5000,見本 〓,,,,1,',
  ].join('\n');

  function kanji(i: number): string {
    return String.fromCodePoint(0x4e00 + i);
  }

  it.each(['ready', 'accepted'] as const)(
    'are accepted in a list that is %s, except where more is wrong',
    async (state) => {
      const incidentId = await desk.newIncident();
      const { id } = await desk.check(incidentId, many, wish);
      if (state === 'accepted') await desk.accept(id);
      expect(await acceptAll(id, 'no_contact')).toEqual({ rows: 3_001, left: 20 });
      const list = await expectSums(id);
      expect(list).toMatchObject({ rows_accepted: 3_001, rows_quarantined: 20, persons: 3_001, exposures: '3001' });
      expect(list.reasons).toEqual({ no_name: 20, no_contact: 20 });
      expect(await acceptAll(id, 'no_contact')).toEqual({ rows: 0, left: 20 });
      expect(await excludeAll(id, 'no_name')).toEqual({ rows: 20, left: 0 });
      await settled(id, state);
      expect(await expectSums(id)).toMatchObject({ rows_accepted: 3_001, rows_quarantined: 20, persons: 3_001 });
      expect(await desk.persons(incidentId)).toHaveLength(3_001);
    },
  );

  it('are excluded, and those that were decided before are left alone', async () => {
    const { listId } = await newList('ready');
    await exclude(listId, 5, 'by hand');
    expect(await excludeAll(listId, 'no_contact')).toEqual({ rows: 1, left: 0 });
    const decided = (await desk.rows(listId)).filter((row) => row.decision !== null);
    expect(decided.map((row) => row.line)).toEqual([5, 8]);
    expect((await exclude(listId, 5)).decisionReason).toBe('by hand');
    expect((await exclude(listId, 8)).decisionReason).toBe('all of them');
    await expectSums(listId);
  });

  it('are not accepted for what nobody can answer', async () => {
    const { listId } = await newList('ready');
    for (const reason of ['no_name', 'cell_count']) {
      await expect(acceptAll(listId, reason)).rejects.toMatchObject({ code: 'wrong_state' });
    }
  });
});

describe('the desk', () => {
  it('is closed for a list that is neither ready nor accepted', async () => {
    const { listId } = await newList('ready');
    await inTransaction(desk.db, (trx) => startAccepting(trx, listId));
    for (const attempt of [
      () => fix(listId, 3, { 氏名: '佐藤 花子' }),
      () => accept(listId, 4),
      () => exclude(listId, 3),
      () => reopen(listId, 3),
      () => acceptAll(listId, 'no_contact'),
      () => excludeAll(listId, 'no_contact'),
    ]) {
      await expect(attempt()).rejects.toThrow('The list is accepting');
    }
    await expect(exclude('999', 3)).rejects.toMatchObject({ code: 'not_found' });
  });

  it('comes to whole sums whoever is first, when the list is accepted at the same moment', async () => {
    for (let round = 0; round < 5; round++) {
      const { listId } = await newList('ready');
      const decisions: (() => Promise<unknown>)[] = [
        () => fix(listId, 3, { 氏名: '佐藤 花子' }),
        () => accept(listId, 4),
        () => acceptAll(listId, 'no_contact'),
        () => excludeAll(listId, 'no_name'),
      ];
      let taskId: string | null = null;
      const start = async () => {
        taskId = await inTransaction(desk.db, (trx) => startAccepting(trx, listId));
      };
      const results = await Promise.allSettled(decisions.toSpliced(round, 0, start).map((run) => run()));
      for (const result of results) {
        if (result.status === 'rejected') expect(result.reason).toMatchObject({ code: 'wrong_state' });
      }
      const late = Promise.allSettled([fix(listId, 8, { 氏名: '加藤', メール: 'k@example.jp' }), accept(listId, 6)]);
      await makeAcceptList(desk.services)(await desk.claim(taskId ?? ''));
      await late;
      await accept(listId, 6);
      expect((await expectSums(listId)).status).toBe('accepted');
    }
  });

  it('marks persons by a corrected row of a list that excludes', async () => {
    const excluding = ['会員ID,氏名,メール', ',山田 太郎,', ',〓,', ',誰か,nobody@example.jp'].join('\n');
    for (const state of ['ready', 'accepted'] as const) {
      const incidentId = await desk.newIncident();
      const affected = await desk.checkAndAccept(incidentId, file, wish);
      const list = await desk.check(incidentId, excluding, { ...wish, kind: 'exclude' });
      expect(list).toMatchObject({ rows_quarantined: 2, exposures: '0' });
      if (state === 'accepted') await desk.accept(list.id);
      await expect(accept(list.id, 2)).rejects.toThrow('no_match_key');
      await fix(list.id, 2, { メール: 'taro@example.jp' });
      await fix(list.id, 3, { 会員ID: '1', 氏名: '' });
      await settled(list.id, state);
      expect(await expectSums(list.id)).toMatchObject({ rows_merged: 2, rows_accepted: 1, persons: 1 });
      const marks = await desk.db.selectFrom('person_marks').selectAll().where('list_id', '=', list.id).execute();
      expect(new Set(marks.map((mark) => mark.kind))).toEqual(new Set(['exclude']));
      await expectSums(affected.id);
    }
  });

  it('brings no exposures with the rows of members', async () => {
    const incidentId = await desk.newIncident();
    const list = await desk.checkAndAccept(incidentId, file, { ...wish, kind: 'members' });
    await fix(list.id, 3, { 氏名: '佐藤 花子' });
    expect(await expectSums(list.id)).toMatchObject({ persons: 2, exposures: '0' });
  });

  it('lists who may be one with the person of a corrected row', async () => {
    const { listId, incidentId } = await newList('accepted');
    await fix(listId, 3, { 会員ID: '1', 氏名: '山田 花子' });
    expect((await expectSums(listId)).candidates).toBe(1);
    const candidates = await desk.db
      .selectFrom('candidates')
      .selectAll()
      .where('incident_id', '=', incidentId)
      .execute();
    expect(candidates).toMatchObject([{ reason: 'external_id_other_name', list_id: listId, status: 'open' }]);
  });

  it('takes a frozen notice back only when a row joins one of its persons', async () => {
    const { listId, incidentId } = await newList('accepted');
    const [person] = await desk.persons(incidentId);
    const { id } = await desk.db
      .insertInto('notices')
      .values({
        ...{ incident_id: incidentId, template: 'warning', channels: 'email', audience: '{"all":true}' },
        ...{ status: 'awaiting_approval', digest: 'abc', persons: 1, created_by: desk.userId },
      })
      .returning('id')
      .executeTakeFirstOrThrow();
    await sql`insert into notice_persons (notice_id, person_id, reference, locale, sealed, outcome)
              values (${id}, ${person?.id}, 'X', 'ja', '', 'in_progress')`.execute(desk.db);
    const status = async () =>
      (await desk.db.selectFrom('notices').select('status').where('id', '=', id).executeTakeFirst())?.status;
    await fix(listId, 3, { 氏名: '佐藤 花子' });
    await exclude(listId, 4);
    expect(await status()).toBe('awaiting_approval');
    await fix(listId, 8, { 氏名: '山田 太郎', メール: 'taro@example.jp' });
    expect(await status()).toBe('draft');
  });
});
