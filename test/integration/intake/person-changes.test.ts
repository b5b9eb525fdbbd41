import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ApiDesk, apiDesk } from './api-desk.ts';

let desk: ApiDesk;
beforeAll(async () => {
  desk = await apiDesk();
});
afterAll(() => desk.close());

const HEADER = '会員ID,氏名,メール,郵便番号,住所,件数,生年月日,備考';
const TOKYO = '1000001,東京都千代田区千代田1-1';
const NOWHERE = ',';
const why = { reason: 'they called' };
const file = (...rows: string[]) => [HEADER, ...rows].join('\n');
// biome-ignore lint/suspicious/noExplicitAny: the tests read whatever came back
type Answer = any;

/** Three rows of one person: by number, by email, by both. */
async function newPerson() {
  const incidentId = await desk.openIncident();
  const rows = [
    `1,見本 太郎,a@example.jp,${TOKYO},1,1980-01-01,`,
    `1,見本 太郎,,${NOWHERE},2,,`.replace(',,,', ',b@example.jp,,'),
    `,見本 太郎,a@example.jp,${NOWHERE},4,,`,
  ];
  const listId = await desk.list(incidentId, file(...rows));
  const [found, ...others] = await desk.find(incidentId, 'a@example.jp');
  expect(others).toEqual([]);
  return { incidentId, listId, id: found?.id ?? '', reference: found?.reference ?? '', rows };
}

const unitsOf = (person: Answer) => person.exposures.map((one: Answer) => one.units);
const emailsOf = (person: Answer) => person.emails.map((one: Answer) => one.address);
const idsOf = async (incidentId: string, q: string) => (await desk.find(incidentId, q)).map(({ id }) => id);
const split = (id: string, listId: string, lines: number[]) =>
  desk.post(`/v1/persons/${id}/split`, { rows: lines.map((line) => ({ listId, line })), ...why });
const undo = (changeId: string, reason = 'a mistake') => desk.post(`/v1/person-changes/${changeId}/undo`, { reason });
/** Without what counts changes. */
const known = ({ version: _, changes: __, ...rest }: Answer) => rest;

describe('a person', () => {
  it('is shown with birth date, flags, every row and every change', async () => {
    const { id, listId } = await newPerson();
    expect(await desk.person(id)).toMatchObject({
      ...{ birth: '1980-01-01', minor: false, deceased: false, changes: [] },
      rows: [2, 3, 4].map((line) => ({ listId, line, outcome: line === 2 ? 'accepted' : 'merged' })),
    });
  });
});

describe('splitting a person', () => {
  it('makes a person of their own of rows, with their exposures, keys and reference, and is undone', async () => {
    const { incidentId, listId, id, reference } = await newPerson();
    const before = await desk.person(id);
    const fresh = await split(id, listId, [3]);
    expect(fresh).toMatchObject({ name: '見本 太郎', birth: null, address: null, rows: [{ listId, line: 3 }] });
    expect(fresh.reference).not.toBe(reference);
    expect([unitsOf(fresh), emailsOf(fresh)]).toEqual([[2], ['b@example.jp']]);
    const left = await desk.person(id);
    expect([left.reference, unitsOf(left), emailsOf(left)]).toEqual([reference, [1, 4], ['a@example.jp']]);
    expect(await idsOf(incidentId, 'b@example.jp')).toEqual([fresh.id]);
    expect(await desk.stats(incidentId)).toMatchObject({ persons: 2, exposures: { total: 7 } });
    expect(await desk.candidates(incidentId, 'apart')).toMatchObject([
      { reason: 'were_one', status: 'apart', persons: [{ id }, { id: fresh.id }] },
    ]);
    const [change] = left.changes;
    expect(change).toMatchObject({ kind: 'split', personId: id, otherId: fresh.id, listId: null, reason: why.reason });
    expect(fresh.changes).toEqual([change]);

    await undo(change.id);
    expect(known(await desk.person(id))).toEqual(known(before));
    // The reference that came into being keeps resolving.
    expect((await desk.find(incidentId, fresh.reference)).map((one) => one.id)).toEqual([id]);
    expect(await desk.stats(incidentId)).toMatchObject({ persons: 1, exposures: { total: 7 } });
    expect(await desk.candidates(incidentId, 'apart')).toEqual([]);
    expect(await desk.refusal(`/v1/person-changes/${change.id}/undo`, why)).toBe('409 wrong_state');
  });

  it('holds against later lists: each row goes to one of the two, and the same rows to whom they went', async () => {
    const { incidentId, listId, id, rows } = await newPerson();
    const fresh = await split(id, listId, [3]);
    await desk.list(incidentId, file(...rows));
    expect(await desk.stats(incidentId)).toMatchObject({ persons: 2, exposures: { total: 7 } });
    expect((await desk.person(fresh.id)).rows).toHaveLength(2);
    // Number 1 is known of both: the first known gets the row.
    await desk.list(incidentId, file(`1,見本 太郎,,${TOKYO},8,,`));
    expect(unitsOf(await desk.person(id))).toEqual([1, 4, 8]);
    await desk.list(incidentId, file(`,見本 太郎,b@example.jp,${NOWHERE},9,,`));
    expect(unitsOf(await desk.person(fresh.id))).toEqual([2, 9]);
    expect(await desk.stats(incidentId)).toMatchObject({ persons: 2, exposures: { total: 24 } });
    expect(await desk.candidates(incidentId)).toEqual([]);
  });

  it('takes along what repeats a row, and refuses to leave nothing, nobody’s rows, and other roles', async () => {
    const { incidentId, listId, id, rows } = await newPerson();
    const again = await desk.list(incidentId, file(...rows));
    const path = `/v1/persons/${id}/split`;
    const named = (lines: number[]) => ({ rows: lines.map((line) => ({ listId, line })), ...why });
    expect(await desk.refusal(path, named([2, 3, 4]))).toBe('409 wrong_state');
    expect(await desk.refusal(path, named([9]))).toBe('400 invalid_body');
    expect(await desk.refusal(path, { ...named([3]), more: 1 })).toBe('400 invalid_body');
    expect(await desk.refusal(path, { rows: named([3]).rows })).toBe('400 invalid_body');
    expect(await desk.refusal(path, named([3]), 'staff')).toBe('403 forbidden');
    expect(await desk.refusal('/v1/persons/999999/split', named([3]))).toBe('404 not_found');
    const answer = await desk.server.call('operator', 'POST', path, named([3]));
    expect(answer.status).toBe(201);
    expect(answer.body.rows).toMatchObject([
      { listId, line: 3 },
      { listId: again, line: 3 },
    ]);
  });

  it('takes along what lists say of the one, leaves what they say of the other, and brings it back', async () => {
    const { incidentId, listId, id } = await newPerson();
    const excluded = await desk.list(incidentId, '氏名,メール\n見本 太郎,b@example.jp', 'kind=exclude');
    const held = await desk.list(incidentId, '氏名,メール\n見本 太郎,a@example.jp', 'kind=hold');
    const marks = (person: Answer) => person.marks.map((mark: Answer) => mark.listId).sort();
    expect(marks(await desk.person(id))).toEqual([excluded, held].sort());
    const fresh = await split(id, listId, [3]);
    const shown = await desk.person(fresh.id);
    expect([marks(await desk.person(id)), marks(shown)]).toEqual([[held], [excluded]]);
    await undo(shown.changes[0].id);
    expect(marks(await desk.person(id))).toEqual([excluded, held].sort());
  });

  it('voids a frozen notice about the person, and nobody is missing from the next', async () => {
    const { incidentId, listId, id } = await newPerson();
    const notice = await desk.freeze(incidentId);
    await split(id, listId, [3]);
    expect(await desk.statusOf(notice)).toBe('draft');
    expect((await desk.stats(incidentId)).coverage).toMatchObject({ persons: 2, inNoNotice: 2 });
  });
});

describe('undoing a merge that a list brought about', () => {
  const one = file(`9,見本 太郎,a@example.jp,${NOWHERE},1,,`);
  const other = file(`,見本 太郎,b@example.jp,${NOWHERE},2,,`);
  const bridge = file(`9,見本 太郎,b@example.jp,${NOWHERE},4,,`);

  async function newMerge() {
    const incidentId = await desk.openIncident();
    await desk.list(incidentId, one);
    await desk.list(incidentId, other);
    const [[first = ''], [second = '']] = [
      ...[await idsOf(incidentId, 'a@example.jp'), await idsOf(incidentId, 'b@example.jp')],
    ] as [string[], string[]];
    const listId = await desk.list(incidentId, bridge);
    const person = await desk.person(second);
    expect(person).toMatchObject({ id: first, changes: [{ kind: 'merge', otherId: second, by: null, listId }] });
    return { incidentId, first, second, changeId: person.changes[0].id as string };
  }

  it('makes two of them again, whom no list joins', async () => {
    const { incidentId, first, second, changeId } = await newMerge();
    await undo(changeId);
    expect(unitsOf(await desk.person(first))).toEqual([1, 4]);
    expect(unitsOf(await desk.person(second))).toEqual([2]);
    expect(await desk.candidates(incidentId, 'apart')).toMatchObject([{ persons: [{ id: first }, { id: second }] }]);
    await desk.list(incidentId, bridge.replace(',4,', ',8,'));
    expect(await desk.stats(incidentId)).toMatchObject({ persons: 2, exposures: { total: 15 } });
    expect(unitsOf(await desk.person(first))).toEqual([1, 4, 8]);
  });

  it('leaves with each what a list has said of them since', async () => {
    const { incidentId, first, second, changeId } = await newMerge();
    const since = await desk.list(incidentId, '氏名,メール\n見本 太郎,a@example.jp', 'kind=hold');
    await undo(changeId);
    const marks = async (id: string) => (await desk.person(id)).marks.map((mark: Answer) => mark.listId);
    expect([await marks(first), await marks(second)]).toEqual([[since], []]);
  });

  it('gives back rows that came later and are certainly of the one, so that nothing goes to the other’s address', async () => {
    const { incidentId, first, second, changeId } = await newMerge();
    // Of both, of the one, and of the other.
    await desk.list(incidentId, bridge.replace(',4,', ',8,'));
    await desk.list(
      incidentId,
      file(`10,見本 太郎,c@example.jp,${NOWHERE},16,,`, `9,見本 太郎,a@example.jp,${TOKYO},32,,`),
    );
    await undo(changeId);
    expect((await desk.stats(incidentId)).exposures.total).toBe(1 + 2 + 4 + 8 + 16 + 32);
    expect(unitsOf(await desk.person(first))).toEqual([1, 4, 8, 32]);
    expect(unitsOf(await desk.person(second))).toEqual([2]);
  });

  it('is refused while a later split rests on it, and says which', async () => {
    const { incidentId, first, second, changeId } = await newMerge();
    const { rows } = await desk.person(first);
    const fresh = await split(first, rows[1].listId, [rows[1].line]);
    const answer = await desk.server.call('operator', 'POST', `/v1/person-changes/${changeId}/undo`, why);
    expect(answer.body).toMatchObject({ code: 'wrong_state', undoFirst: fresh.changes[0].id });
    await undo(fresh.changes[0].id);
    await undo(changeId);
    expect(unitsOf(await desk.person(second))).toEqual([2]);
    expect(await desk.stats(incidentId)).toMatchObject({ persons: 2, exposures: { total: 7 } });
  });
});

describe('correcting a person', () => {
  it('is undone, and the undone email finds nobody, the one of the rows still does', async () => {
    const { incidentId, id } = await newPerson();
    const before = await desk.person(id);
    const body = {
      email: 'right@example.jp',
      address: { postalCode: '5300001', lines: ['大阪府大阪市北区梅田3-3-1'] },
      ...why,
    };
    const corrected = await desk.ok('operator', 'PATCH', `/v1/persons/${id}`, body);
    expect(corrected.changes).toMatchObject([{ kind: 'correct', reason: why.reason, undoneAt: null }]);
    expect(await idsOf(incidentId, 'right@example.jp')).toEqual([id]);
    const undone = await undo(corrected.changes[0].id);
    expect(known(undone)).toEqual(known(before));
    expect(await idsOf(incidentId, 'right@example.jp')).toEqual([]);
    expect(await idsOf(incidentId, 'a@example.jp')).toEqual([id]);
  });

  it('holds against what later lists say, and stays when an earlier correction is undone', async () => {
    const { incidentId, id } = await newPerson();
    await desk.ok('operator', 'PATCH', `/v1/persons/${id}`, { email: null });
    await desk.list(incidentId, file(`1,見本 太郎,c@example.jp,${TOKYO},1,,`));
    expect(emailsOf(await desk.person(id))).toEqual([]);
    await desk.ok('operator', 'PATCH', `/v1/persons/${id}`, { email: 'right@example.jp' });
    const { changes } = await desk.person(id);
    const undone = await undo(changes[1].id);
    expect(emailsOf(undone)).toEqual(['right@example.jp', 'a@example.jp', 'b@example.jp', 'c@example.jp']);
  });

  it('goes along with whoever is merged away, and back', async () => {
    const incidentId = await desk.openIncident();
    await desk.list(incidentId, file(`1,見本 太郎,a@example.jp,${TOKYO},1,,`, `2,見本 太郎,b@example.jp,${TOKYO},1,,`));
    const [second = ''] = await idsOf(incidentId, 'b@example.jp');
    await desk.ok('operator', 'PATCH', `/v1/persons/${second}`, { email: 'right@example.jp' });
    const [candidate] = await desk.candidates(incidentId);
    await desk.post(`/v1/candidates/${candidate.id}/merge`, why);
    const one = await desk.person(second);
    expect([one.id === second, one.emails[0]]).toEqual([
      false,
      { address: 'right@example.jp', lastUse: null, chosen: true },
    ]);
    expect(one.changes.map((change: Answer) => change.kind)).toEqual(['merge', 'correct']);
    await desk.post(`/v1/candidates/${candidate.id}/reopen`, why);
    expect(emailsOf(await desk.person(one.id))).toEqual(['a@example.jp']);
    expect(emailsOf(await desk.person(second))).toEqual(['right@example.jp', 'b@example.jp']);
  });
});

describe('excluding a person', () => {
  it('is undone by including them, or by undoing the change, and voids a frozen notice either way', async () => {
    const { incidentId, id } = await newPerson();
    const notice = await desk.freeze(incidentId);
    const excluded = await desk.post(`/v1/persons/${id}/exclude`, { reason: 'told by phone' });
    expect(excluded).toMatchObject({
      excluded: { reason: 'told by phone' },
      changes: [{ kind: 'exclude', reason: 'told by phone' }],
    });
    expect(await desk.statusOf(notice)).toBe('draft');
    expect(await desk.refusal(`/v1/persons/${id}/exclude`, why)).toBe('409 wrong_state');
    await desk.post(`/v1/notices/${notice}/submit`);
    await desk.work();
    const included = await desk.post(`/v1/persons/${id}/include`, { reason: 'it was somebody else' });
    expect(included).toMatchObject({ excluded: null, changes: [{ undoneReason: 'it was somebody else' }] });
    expect(await desk.statusOf(notice)).toBe('draft');
    expect(await desk.refusal(`/v1/persons/${id}/include`, why)).toBe('409 wrong_state');
    const again = await desk.post(`/v1/persons/${id}/exclude`, why);
    expect(await undo(again.changes[0].id)).toMatchObject({ excluded: null });
  });

  it('holds for the one person that two become, and for the same one when they are two again', async () => {
    const incidentId = await desk.openIncident();
    await desk.list(incidentId, file(`1,見本 太郎,a@example.jp,${TOKYO},1,,`, `2,見本 太郎,b@example.jp,${TOKYO},1,,`));
    const [[first = ''], [second = '']] = [
      ...[await idsOf(incidentId, 'a@example.jp'), await idsOf(incidentId, 'b@example.jp')],
    ] as [string[], string[]];
    await desk.post(`/v1/persons/${second}/exclude`, { reason: 'told by phone' });
    const [candidate] = await desk.candidates(incidentId);
    await desk.post(`/v1/candidates/${candidate.id}/merge`, why);
    expect(await desk.person(first)).toMatchObject({ excluded: { reason: 'told by phone' } });
    await desk.post(`/v1/candidates/${candidate.id}/reopen`, why);
    expect(await desk.person(first)).toMatchObject({ excluded: null });
    expect(await desk.person(second)).toMatchObject({ excluded: { reason: 'told by phone' } });
  });
});

describe('what is written of changes', () => {
  it('holds ids and codes in the clear, and the words of operators sealed', async () => {
    const { incidentId, listId, id } = await newPerson();
    const fresh = await split(id, listId, [3]);
    await undo(fresh.changes[0].id, 'the same 見本 after all');
    const { db } = desk.server.services;
    const written = [
      ...(await db.selectFrom('audit_events').selectAll().execute()),
      ...(await db.selectFrom('person_changes').selectAll().where('incident_id', '=', incidentId).execute()),
      ...(await db.selectFrom('candidates').selectAll().where('incident_id', '=', incidentId).execute()),
    ];
    expect(JSON.stringify(written)).not.toMatch(/見本|example\.jp|they called|after all/);
    const actions = await db
      .selectFrom('audit_events')
      .select('action')
      .where('subject_kind', '=', 'person')
      .where('subject_id', '=', id)
      .execute();
    expect(actions.map(({ action }) => action)).toEqual(expect.arrayContaining(['person.split', 'person_change.undo']));
  });

  it('answers 404 for a change that is not there', async () => {
    expect(await desk.refusal('/v1/person-changes/999999/undo', why)).toBe('404 not_found');
    expect(await desk.refusal('/v1/person-changes/x/undo', why)).toBe('404 not_found');
  });
});
