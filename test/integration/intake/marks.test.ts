import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { correctQuarantined } from '../../../src/intake/lists/row-desk.store.ts';
import { excludeHeld, releaseList, releasePerson } from '../../../src/intake/persons/end-marks.store.ts';
import { heldPersons, marksOf } from '../../../src/intake/persons/marks.store.ts';
import { correctPerson } from '../../../src/intake/persons/person-desk.store.ts';
import { readIncidentFigures } from '../../../src/reporting/stats.store.ts';
import { intakeDesk } from './lists.ts';

let desk: Awaited<ReturnType<typeof intakeDesk>>;
beforeAll(async () => {
  desk = await intakeDesk();
});
afterAll(() => desk.close());

const members = [
  '会員ID,氏名,メール,住所,郵便番号,電話番号',
  '1,見本 太郎,taro@example.jp,東京都港区芝1-2-3,1050014,03-0000-0001',
  '2,見本 花子,family@example.jp,大阪府大阪市北区梅田1-1,5300001,06-0000-0002',
  '3,見本 次郎,family@example.jp,大阪府大阪市北区梅田1-1,5300001,06-0000-0002',
  '4,試験 一郎,,北海道札幌市中央区北1条西2,0600001,011-000-0004',
].join('\n');

async function incidentWithMembers(): Promise<string> {
  const incidentId = await desk.newIncident();
  await desk.checkAndAccept(incidentId, members, { kind: 'members', source: 'shop' });
  return incidentId;
}

/** Marks in force by the person's name: `見本 太郎: hold`. */
async function marks(incidentId: string): Promise<string[]> {
  const persons = await desk.persons(incidentId);
  const found = await Promise.all(
    persons.map(async ({ id, data }) =>
      (await marksOf(desk.db, id)).filter(({ endedAt }) => endedAt === null).map(({ kind }) => `${data.name}: ${kind}`),
    ),
  );
  return found.flat();
}

const personNamed = async (incidentId: string, name: string) => {
  const person = (await desk.persons(incidentId)).find(({ data }) => data.name === name);
  if (!person) throw new Error(`there is no ${name}`);
  return person;
};
const coverage = async (incidentId: string) => (await readIncidentFigures(desk.db, incidentId)).coverage;
const by = (reason = 'なぜ') => ({ reason, userId: desk.userId });
const warned = (list: { warnings: unknown }) =>
  Object.fromEntries((list.warnings as { code: string; count: number }[]).map(({ code, count }) => [code, count]));

describe('a list that points at persons', () => {
  it('says at the check how many rows find somebody, and how many nobody, and marks nobody yet', async () => {
    const incidentId = await incidentWithMembers();
    const file = '会員ID,氏名\n1,見本 太郎\n99,不在 一子\n2,見本 花子\n2,見本 花子\n';
    const list = await desk.check(incidentId, file, { kind: 'exclude', source: 'shop' });
    expect(list).toMatchObject({
      ...{ status: 'ready', rows_total: 4, rows_accepted: 1, rows_merged: 3, rows_quarantined: 0, persons: 2 },
      ...{ exposures: '0', candidates: 0 },
    });
    expect(warned(list)).toEqual({ matches_nobody: 1 });
    const rows = await desk.rows(list.id);
    expect(rows.map(({ outcome, warnings }) => [outcome, warnings])).toEqual([
      ...[
        ['merged', []],
        ['accepted', ['matches_nobody']],
        ['merged', []],
        ['merged', []],
      ],
    ]);
    expect(await marks(incidentId)).toEqual([]);
    const accepted = await desk.accept(list.id);
    expect(accepted).toMatchObject({ rows_accepted: 1, rows_merged: 3, persons: 2, exposures: '0' });
    expect(await marks(incidentId)).toEqual(['見本 太郎: exclude', '見本 花子: exclude', '見本 花子: exclude']);
    expect(await desk.persons(incidentId)).toHaveLength(4);
  });

  it('does not find by a number of another source, nor by a family’s email under another name', async () => {
    const incidentId = await incidentWithMembers();
    const elsewhere = await desk.checkAndAccept(incidentId, '会員ID,氏名\n1,見本 太郎\n', {
      ...{ kind: 'exclude', source: 'another system' },
    });
    expect(elsewhere).toMatchObject({ rows_accepted: 1, rows_merged: 0, persons: 0 });
    const family = await desk.checkAndAccept(incidentId, '氏名,メール\n見本 花子,FAMILY@example.jp\n', {
      kind: 'hold',
    });
    expect(family).toMatchObject({ rows_accepted: 0, rows_merged: 1, persons: 1 });
    expect(await marks(incidentId)).toEqual(['見本 花子: hold']);
  });

  it('marks nobody by what several share and names nobody, and says so', async () => {
    const incidentId = await incidentWithMembers();
    const list = await desk.check(incidentId, 'メール\nfamily@example.jp\ntaro@example.jp\n', { kind: 'hold' });
    expect(list).toMatchObject({ rows_accepted: 1, rows_merged: 1, persons: 1 });
    expect(warned(list)).toEqual({ matches_several: 1 });
    expect(warned(await desk.accept(list.id))).toEqual({ matches_several: 1 });
    expect(await marks(incidentId)).toEqual(['見本 太郎: hold']);
  });

  it('finds by name and address, or name and telephone, only if nobody else fits', async () => {
    const incidentId = await incidentWithMembers();
    const file = [
      '氏名,住所,郵便番号,電話番号',
      '試験 一郎,北海道札幌市中央区北1条西2,0600001,',
      '見本 太郎,,,03-0000-0001',
      '他人 花子,大阪府大阪市北区梅田1-1,5300001,',
    ].join('\n');
    const list = await desk.checkAndAccept(incidentId, file, { kind: 'already_notified' });
    expect(list).toMatchObject({ rows_accepted: 1, rows_merged: 2 });
    expect(await marks(incidentId)).toEqual(['見本 太郎: already_notified', '試験 一郎: already_notified']);
    // Father and son of one name at one address, told apart by their emails.
    const two = await desk.newIncident();
    const family =
      '氏名,メール,住所,郵便番号\n試験 一郎,a@example.jp,北海道札幌市中央区北1条西2,0600001\n試験 一郎,b@example.jp,北海道札幌市中央区北1条西2,0600001\n';
    await desk.checkAndAccept(two, family, { kind: 'members' });
    expect(await desk.persons(two)).toHaveLength(2);
    const unclear = await desk.checkAndAccept(two, file, { kind: 'exclude' });
    expect(warned(unclear)).toEqual({ matches_nobody: 2, matches_several: 1 });
    expect(await marks(two)).toEqual([]);
    // The email says which of the two.
    const clear = '氏名,メール,住所,郵便番号\n試験 一郎,b@example.jp,北海道札幌市中央区北1条西2,0600001\n';
    await desk.checkAndAccept(two, clear, { kind: 'exclude' });
    expect(await coverage(two)).toMatchObject({ persons: 2, excluded: 1, inNoNotice: 1 });
  });

  it('finds by the reference alone, whatever else the row says', async () => {
    const incidentId = await incidentWithMembers();
    const { reference } = await personNamed(incidentId, '試験 一郎');
    const file = `reference,氏名,メール\n${reference.toLowerCase()},見本 太郎,taro@example.jp\n`;
    const list = await desk.checkAndAccept(incidentId, file, { kind: 'already_notified' });
    expect(list).toMatchObject({ rows_merged: 1, persons: 1 });
    expect(await marks(incidentId)).toEqual(['試験 一郎: already_notified']);
  });

  it('changes nothing when it comes again, and says so; with a later release day it says something new', async () => {
    const incidentId = await incidentWithMembers();
    const file = 'メール\ntaro@example.jp\nnobody@example.jp\n';
    await desk.checkAndAccept(incidentId, file, { kind: 'hold', releaseOn: '2099-01-31' });
    const again = await desk.check(incidentId, file, { kind: 'hold', releaseOn: '2099-01-31' });
    expect(again).toMatchObject({ rows_accepted: 0, rows_merged: 2, persons: 1, reasons: { duplicate_row: 2 } });
    expect(warned(again)).toEqual({});
    expect(await desk.accept(again.id)).toMatchObject({ rows_merged: 2, persons: 1, reasons: { duplicate_row: 2 } });
    const { id } = await personNamed(incidentId, '見本 太郎');
    expect(await marksOf(desk.db, id)).toHaveLength(1);
    const later = await desk.checkAndAccept(incidentId, file, { kind: 'hold', releaseOn: '2099-03-31' });
    expect(later).toMatchObject({ rows_accepted: 1, rows_merged: 1, reasons: {} });
    expect((await marksOf(desk.db, id)).map(({ releaseOn }) => releaseOn)).toEqual(['2099-01-31', '2099-03-31']);
    expect(await coverage(incidentId)).toMatchObject({ onHold: 1 });
  });

  it('takes the release day of a row before that of the list, and is overdue once it has passed', async () => {
    const incidentId = await incidentWithMembers();
    const file = '会員ID,期限\n1,2020-01-31\n4,\n';
    await desk.checkAndAccept(incidentId, file, {
      ...{ kind: 'hold', source: 'shop', releaseOn: '2099-12-31', mapping: { 期限: 'until' } },
    });
    const held = await heldPersons(desk.db, incidentId, { after: '0', limit: 10 });
    expect(held.map(({ releaseOn, overdue }) => [releaseOn, overdue])).toEqual([
      ...[
        ['2020-01-31', true],
        ['2099-12-31', false],
      ],
    ]);
    // Nobody is released because a day has passed: a person decides.
    expect(await coverage(incidentId)).toMatchObject({ onHold: 2, inNoNotice: 2 });
    // Two zones that never have the same date, whatever the clock of the machine says.
    await sql`update person_marks set release_on = (now() at time zone 'Pacific/Pago_Pago')::date
              where incident_id = ${incidentId}`.execute(desk.db);
    for (const [timeZone, overdue] of [
      ['Pacific/Pago_Pago', false],
      ['Pacific/Kiritimati', true],
    ] as const) {
      await sql`update incidents set time_zone = ${timeZone} where id = ${incidentId}`.execute(desk.db);
      const [, last] = await heldPersons(desk.db, incidentId, { after: '0', limit: 10 });
      expect(last?.overdue, timeZone).toBe(overdue);
    }
  });
});

describe('persons who become known after a list pointed at them', () => {
  it('are marked when their list is accepted, and the first list then says that it found them', async () => {
    const incidentId = await desk.newIncident();
    const list = await desk.checkAndAccept(
      incidentId,
      '氏名,メール\n見本 太郎,taro@example.jp\n不在 一子,x@example.jp\n',
      {
        kind: 'exclude',
      },
    );
    expect(list).toMatchObject({ rows_accepted: 2, rows_merged: 0, persons: 0 });
    expect(warned(list)).toEqual({ matches_nobody: 2 });
    await desk.checkAndAccept(incidentId, members, { kind: 'members', source: 'shop' });
    expect(await marks(incidentId)).toEqual(['見本 太郎: exclude']);
    const now = await desk.listOf(list.id);
    expect(now).toMatchObject({ rows_accepted: 1, rows_merged: 1, persons: 1 });
    expect(warned(now)).toEqual({ matches_nobody: 1 });
    expect((await desk.rows(list.id)).map(({ warnings }) => warnings)).toEqual([[], ['matches_nobody']]);
  });

  it('are marked when an operator corrects their email to one that a list names', async () => {
    const incidentId = await incidentWithMembers();
    await desk.checkAndAccept(incidentId, 'メール\nichiro@example.jp\n', { kind: 'hold' });
    expect(await marks(incidentId)).toEqual([]);
    const { id } = await personNamed(incidentId, '試験 一郎');
    await correctPerson(desk.services, id, { email: 'ichiro@example.jp' }, desk.userId);
    expect(await marks(incidentId)).toEqual(['試験 一郎: hold']);
  });

  it('are not marked when several of them share what the row says, nor by a list that was released', async () => {
    const incidentId = await desk.newIncident();
    const unclear = await desk.checkAndAccept(incidentId, 'メール\nfamily@example.jp\n', { kind: 'exclude' });
    const wrong = await desk.checkAndAccept(incidentId, 'メール\ntaro@example.jp\n', { kind: 'exclude' });
    expect(await releaseList(desk.services, wrong.id, by())).toEqual({ marks: 0, persons: 0 });
    await desk.checkAndAccept(incidentId, members, { kind: 'members', source: 'shop' });
    expect(await marks(incidentId)).toEqual([]);
    expect(warned(await desk.listOf(unclear.id))).toEqual({ matches_several: 1 });
  });
});

describe('a quarantined row of such a list', () => {
  it('marks whom it points at as soon as it is corrected, and the figures add up', async () => {
    const incidentId = await incidentWithMembers();
    const file = '会員ID,氏名,住所\n1,,\n,試験 一郎,\n,不在 一子,\n';
    const list = await desk.checkAndAccept(incidentId, file, { kind: 'hold', source: 'shop' });
    expect(list).toMatchObject({ rows_merged: 1, rows_quarantined: 2, reasons: { no_match_key: 2 } });
    const fix = (line: number, id: string) => {
      const asked = { listId: list.id, line, userId: desk.userId };
      return correctQuarantined(desk.services, asked, { cells: { 会員ID: id }, reason: null });
    };
    expect(await fix(3, '4')).toMatchObject({ outcome: 'merged', decision: 'fixed' });
    expect(await fix(4, '77')).toMatchObject({ outcome: 'accepted', warnings: ['matches_nobody'] });
    expect(await marks(incidentId)).toEqual(['見本 太郎: hold', '試験 一郎: hold']);
    const now = await desk.listOf(list.id);
    expect(now).toMatchObject({ rows_accepted: 1, rows_merged: 2, rows_quarantined: 0, persons: 2, reasons: {} });
    expect(warned(now)).toEqual({ matches_nobody: 1 });
  });
});

describe('the end of a mark', () => {
  it('comes for all of a list, with its standing keys, once; the list can then say it anew', async () => {
    const incidentId = await incidentWithMembers();
    const file = '会員ID\n1\n4\n77\n';
    const wish = { kind: 'hold', source: 'shop', releaseOn: '2099-01-31' } as const;
    const list = await desk.checkAndAccept(incidentId, file, wish);
    expect(await coverage(incidentId)).toMatchObject({ onHold: 2, inNoNotice: 2 });
    expect(await releaseList(desk.services, list.id, by('警察より連絡'))).toEqual({ marks: 2, persons: 2 });
    expect(await coverage(incidentId)).toMatchObject({ onHold: 0, inNoNotice: 4 });
    await expect(releaseList(desk.services, list.id, by())).rejects.toThrow(/nothing to end/);
    await desk.checkAndAccept(incidentId, '会員ID,氏名,メール\n77,新顔 三子,new@example.jp\n', { source: 'shop' });
    expect(await marks(incidentId)).toEqual([]);
    const again = await desk.checkAndAccept(incidentId, file, wish);
    expect(again).toMatchObject({ rows_merged: 3, reasons: {} });
    expect(await coverage(incidentId)).toMatchObject({ onHold: 3 });
    const ended = await desk.db.selectFrom('person_marks').selectAll().where('list_id', '=', list.id).execute();
    const vault = await desk.vault.forIncident(incidentId);
    expect(ended.map((mark) => vault.open('reason', mark.ended_reason_sealed as Buffer).toString())).toEqual([
      ...['警察より連絡', '警察より連絡'],
    ]);
    expect(JSON.stringify(await desk.db.selectFrom('audit_events').selectAll().execute())).not.toContain('警察');
  });

  it('comes for one person, and their other lists still hold them; nothing sets it again', async () => {
    const incidentId = await incidentWithMembers();
    await desk.checkAndAccept(incidentId, '会員ID\n1\n4\n', { kind: 'hold', source: 'shop' });
    await desk.checkAndAccept(incidentId, '会員ID\n1\n', { kind: 'already_notified', source: 'shop' });
    const { id } = await personNamed(incidentId, '見本 太郎');
    await releasePerson(desk.services, id, 'hold', by());
    expect(await marks(incidentId)).toEqual(['見本 太郎: already_notified', '試験 一郎: hold']);
    await expect(releasePerson(desk.services, id, 'hold', by())).rejects.toThrow(/nothing to end/);
    await correctPerson(desk.services, id, { email: 'taro2@example.jp' }, desk.userId);
    await desk.checkAndAccept(incidentId, '会員ID,氏名,メール\n1,見本 太郎,taro3@example.jp\n', { source: 'shop' });
    expect(await marks(incidentId)).toEqual(['見本 太郎: already_notified', '試験 一郎: hold']);
    await releasePerson(desk.services, id, 'already_notified', by());
    expect(await marks(incidentId)).toEqual(['試験 一郎: hold']);
  });

  it('of a hold can be an exclusion, which also holds for whoever becomes known later', async () => {
    const incidentId = await incidentWithMembers();
    const list = await desk.checkAndAccept(incidentId, '会員ID\n1\n4\n77\n', { kind: 'hold', source: 'shop' });
    const { id } = await personNamed(incidentId, '試験 一郎');
    await releasePerson(desk.services, id, 'hold', by());
    expect(await excludeHeld(desk.services, list.id, by())).toEqual({ marks: 1, persons: 1 });
    expect(await marks(incidentId)).toEqual(['見本 太郎: exclude']);
    expect(await coverage(incidentId)).toMatchObject({ persons: 4, onHold: 0, excluded: 1, inNoNotice: 3 });
    await expect(excludeHeld(desk.services, list.id, by())).rejects.toThrow(/holds nobody/);
    await desk.checkAndAccept(incidentId, '会員ID,氏名,メール\n77,新顔 三子,new@example.jp\n', { source: 'shop' });
    expect(await marks(incidentId)).toEqual(['見本 太郎: exclude', '新顔 三子: exclude']);
    expect(await releaseList(desk.services, list.id, by())).toEqual({ marks: 2, persons: 2 });
    expect(await coverage(incidentId)).toMatchObject({ persons: 5, onHold: 0, excluded: 0, inNoNotice: 5 });
  });

  it.each([
    ['a list of persons', { kind: 'members' } as const, /marks nobody/],
    ['exclusions, as holds', { kind: 'exclude' } as const, /holds nobody/],
  ])('cannot come for %s', async (_what, wish, problem) => {
    const incidentId = await desk.newIncident();
    const list = await desk.checkAndAccept(incidentId, members, wish);
    await expect(excludeHeld(desk.services, list.id, by())).rejects.toThrow(problem);
  });
});

describe('persons who are merged', () => {
  it('stay excluded or on hold as either of them was', async () => {
    const incidentId = await desk.newIncident();
    await desk.checkAndAccept(incidentId, '会員番号,氏名,メール\n9,見本 太郎,one@example.jp', { source: 'shop' });
    await desk.checkAndAccept(incidentId, '氏名,メール\n見本 太郎,two@example.jp');
    await desk.checkAndAccept(incidentId, 'メール\ntwo@example.jp', { kind: 'exclude' });
    await desk.checkAndAccept(incidentId, '会員番号\n9', { kind: 'hold', source: 'shop' });
    expect(await coverage(incidentId)).toMatchObject({ persons: 2, excluded: 1, onHold: 1, inNoNotice: 0 });
    await desk.checkAndAccept(incidentId, '会員番号,氏名,メール\n9,見本 太郎,two@example.jp', { source: 'shop' });
    expect((await marks(incidentId)).toSorted()).toEqual(['見本 太郎: exclude', '見本 太郎: hold']);
    expect(await coverage(incidentId)).toMatchObject({ persons: 1, excluded: 1, onHold: 0, inNoNotice: 0 });
    expect(await heldPersons(desk.db, incidentId, { after: '0', limit: 10 })).toEqual([]);
  });
});
