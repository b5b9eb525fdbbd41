import { afterAll, describe, expect, it } from 'vitest';
import { HEADER, QUARANTINED, rowDecisions, testCard, wish } from './row-decisions.ts';

const { desk, fix, accept, exclude, reopen, newList, settled, expectSums } = await rowDecisions();
afterAll(() => desk.close());

const personNames = async (incidentId: string) =>
  (await desk.persons(incidentId)).map((person) => person.data.name).sort();

describe.each(['ready', 'accepted'] as const)('a quarantined row of a list that is %s', (state) => {
  it('is fixed when its corrected cells pass the check, and counts from then on', async () => {
    const { listId, incidentId } = await newList(state);
    expect(await expectSums(listId)).toMatchObject({ rows_accepted: 1, rows_quarantined: 6, persons: 1 });
    const shown = await fix(listId, 3, { 氏名: '佐藤 花子' }, '電話で確かめた');
    expect(shown).toMatchObject({
      ...{ line: 3, outcome: 'accepted', reasons: [], decision: 'fixed', decisionReason: '電話で確かめた' },
      cells: ['2', '佐藤 花子', 'hanako@example.jp', '', '', '1', ''],
    });
    expect(shown.reference).toEqual(state === 'accepted' ? expect.any(String) : null);
    const list = await expectSums(listId);
    expect(list).toMatchObject({ rows_accepted: 2, rows_quarantined: 5, persons: 2, exposures: '3' });
    expect(list.reasons).toEqual({ ...QUARANTINED, no_name: 1 });
    await settled(listId, state);
    expect(await expectSums(listId)).toMatchObject({ rows_accepted: 2, persons: 2, exposures: '3' });
    expect(await personNames(incidentId)).toEqual(['佐藤 花子', '山田 太郎']);
  });

  it('stays quarantined, and says why, when something is still wrong', async () => {
    const { listId } = await newList(state);
    const named = await fix(listId, 8, { 氏名: '加藤 五郎' });
    expect(named).toMatchObject({ outcome: 'quarantined', reasons: ['no_contact'], decision: null });
    expect(named.cells[1]).toBe('加藤 五郎');
    expect((await expectSums(listId)).reasons).toEqual({ ...QUARANTINED, no_name: 1 });
    const reached = await fix(listId, 8, { 郵便番号: '1050014', 住所: '東京都港区芝1-2-3' });
    expect(reached).toMatchObject({ outcome: 'accepted', decision: 'fixed', reasons: [] });
    await expectSums(listId);
  });

  it('takes what was warned of it along', async () => {
    const { listId } = await newList(state);
    expect((await expectSums(listId)).warnings).toEqual([{ code: 'bad_email', count: 1 }]);
    await fix(listId, 5, { メール: 'jiro@example.jp', 件数: 'many' });
    expect((await expectSums(listId)).warnings).toEqual([{ code: 'bad_card_count', count: 1 }]);
  });

  it('joins a person who is there, where it speaks of them', async () => {
    const { listId, incidentId } = await newList(state);
    await fix(listId, 8, { 氏名: '山田　太郎', メール: 'TARO@example.jp' });
    await settled(listId, state);
    expect(await expectSums(listId)).toMatchObject({ rows_accepted: 1, rows_merged: 1, persons: 1, exposures: '3' });
    const [taro, ...others] = await desk.persons(incidentId);
    expect(others).toEqual([]);
    expect(taro?.exposures.map((one) => one.units)).toEqual([2, 1]);
    expect(taro?.data.externalIds.map(({ id }) => id)).toEqual(['1', '7']);
  });

  it('that had too few cells takes all of them at once', async () => {
    const { listId } = await newList(state);
    const cells = ['6', '伊藤 四郎', 'shiro@example.jp', '', '', '4', ''];
    await expect(fix(listId, 7, { 件数: '4' })).rejects.toThrow('give all of its cells');
    expect(await fix(listId, 7, cells)).toMatchObject({ outcome: 'accepted', cells });
    expect(await expectSums(listId)).toMatchObject({ exposures: '6' });
    await settled(listId, state);
    await expectSums(listId);
  });

  it('is never corrected with a card number, and keeps nothing of it', async () => {
    const { listId } = await newList(state);
    await expect(fix(listId, 3, { 氏名: '佐藤 花子', 備考: testCard })).rejects.toThrow('Column 7 holds a card number');
    const [, row] = await desk.rows(listId);
    expect(row).toMatchObject({ outcome: 'quarantined', sealed: null, decision: null });
    await fix(listId, 3, { 氏名: '佐藤 花子' }, `その番号は ${testCard}`);
    const { decisionReason } = await fix(listId, 3, { 氏名: '佐藤 花子' });
    expect(decisionReason).toBe('その番号は ****1111');
  });

  it('is accepted as it is where an operator can answer for it, with the reason kept', async () => {
    const { listId, incidentId } = await newList(state);
    for (const line of [4, 5, 6]) {
      expect(await accept(listId, line)).toMatchObject({ outcome: 'accepted', decision: 'accepted' });
      await expectSums(listId);
    }
    const [gaiji] = (await desk.rows(listId)).filter((row) => row.line === 4);
    expect(gaiji).toMatchObject({ reasons: ['damaged_name'], decided_by: desk.userId });
    expect(gaiji?.decided_at).toBeInstanceOf(Date);
    expect((await desk.listOf(listId)).reasons).toEqual({ no_name: 2, no_contact: 1, cell_count: 1 });
    await settled(listId, state);
    expect(await expectSums(listId)).toMatchObject({ rows_accepted: 4, rows_quarantined: 3, exposures: '7' });
    expect(await personNames(incidentId)).toEqual(['佐藤 次郎', '山田 太郎', '鈴木 〓', '高木 三郎'].sort());
    const unreachable = (await desk.persons(incidentId)).find((person) => person.data.name === '佐藤 次郎');
    expect(unreachable).toMatchObject({ has_email: false, has_address: false });
  });

  it.each([
    [3, 'no_name'],
    [7, 'cell_count'],
    [8, 'no_name'],
  ])('on line %i cannot be accepted as it is: %s', async (line, code) => {
    const { listId } = await newList(state);
    await expect(accept(listId, line)).rejects.toMatchObject({
      code: 'wrong_state',
      message: expect.stringMatching(code),
    });
    await expectSums(listId);
  });

  it('is excluded, reopened, and then decided otherwise', async () => {
    const { listId } = await newList(state);
    const excluded = await exclude(listId, 3, '退会した人');
    expect(excluded).toMatchObject({ outcome: 'quarantined', reasons: ['no_name'], decision: 'excluded' });
    expect((await exclude(listId, 3, 'again')).decisionReason).toBe('退会した人');
    expect(await expectSums(listId)).toMatchObject({ rows_quarantined: 6 });
    await expect(accept(listId, 3)).rejects.toThrow('reopen it first');
    await expect(fix(listId, 3, { 氏名: '佐藤 花子' })).rejects.toThrow('reopen it first');
    expect(await reopen(listId, 3)).toMatchObject({ decision: null, decisionReason: null });
    expect(await reopen(listId, 3)).toMatchObject({ decision: null });
    expect(await fix(listId, 3, { 氏名: '佐藤 花子' })).toMatchObject({ decision: 'fixed' });
    await expectSums(listId);
  });

  it('is decided once: the same again changes nothing, and another decision is refused', async () => {
    const { listId } = await newList(state);
    await fix(listId, 3, { 氏名: '佐藤 花子' });
    await accept(listId, 4, 'first');
    const before = await desk.rows(listId);
    expect(await fix(listId, 3, { 氏名: '佐藤 花子' })).toMatchObject({ decision: 'fixed' });
    expect((await accept(listId, 4, 'second')).decisionReason).toBe('first');
    for (const attempt of [
      () => fix(listId, 3, { 氏名: '別 人' }),
      () => exclude(listId, 3),
      () => reopen(listId, 4),
      () => accept(listId, 3),
      () => accept(listId, 2),
      () => fix(listId, 2, { 氏名: '別 人' }),
    ]) {
      await expect(attempt()).rejects.toMatchObject({ code: 'wrong_state' });
    }
    expect(await desk.rows(listId)).toEqual(before);
    await expect(exclude(listId, 9)).rejects.toMatchObject({ code: 'not_found' });
  });

  it('changes nothing when the same list comes a second time and is corrected the same way', async () => {
    const { listId, incidentId } = await newList(state);
    const decide = async (of: string) => {
      await fix(of, 3, { 氏名: '佐藤 花子' });
      await accept(of, 5);
      await exclude(of, 4);
    };
    await decide(listId);
    await settled(listId, state);
    const before = await desk.persons(incidentId);
    const { listId: second } = await newList(state, incidentId);
    await decide(second);
    await settled(second, state);
    expect(await expectSums(second)).toMatchObject({ rows_merged: 3, rows_quarantined: 4, exposures: '0', persons: 3 });
    expect((await desk.listOf(second)).reasons).toMatchObject({ duplicate_row: 3, damaged_name: 1 });
    expect((await desk.persons(incidentId)).map(({ exposures }) => exposures)).toEqual(
      before.map(({ exposures }) => exposures),
    );
    await expectSums(listId);
  });

  it('that comes to equal another row of the list counts beside it', async () => {
    const { listId, incidentId } = await newList(state);
    const equal = { 会員ID: '1', 氏名: '山田 太郎', メール: 'taro@example.jp', 件数: '2' };
    await fix(listId, 3, equal);
    await fix(listId, 8, equal);
    await settled(listId, state);
    expect((await desk.rows(listId)).filter((row) => row.fingerprint).map((row) => row.occurrence)).toEqual([1, 2, 3]);
    expect(await expectSums(listId)).toMatchObject({ rows_accepted: 1, rows_merged: 2, persons: 1, exposures: '6' });
    const fourTimes = [HEADER, ...Array.from({ length: 4 }, () => '1,山田 太郎,taro@example.jp,,,2,')].join('\n');
    const again = await desk.checkAndAccept(incidentId, fourTimes, wish);
    expect(again).toMatchObject({ exposures: '2', reasons: { duplicate_row: 3 } });
  });
});
