import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ApiDesk, apiDesk } from './api-desk.ts';

let desk: ApiDesk;
beforeAll(async () => {
  desk = await apiDesk();
});
afterAll(() => desk.close());

const HEADER = '会員ID,氏名,メール,郵便番号,住所,件数';
const TOKYO = '1000001,東京都千代田区千代田1-1';
const reason = { reason: 'they called' };
/** Two of one name at one address with two emails. */
const pair = [HEADER, `1,見本 太郎,a@example.jp,${TOKYO},2`, `2,見本 太郎,b@example.jp,${TOKYO},3`].join('\n');

async function newPair() {
  const incidentId = await desk.openIncident();
  const listId = await desk.list(incidentId, pair);
  const [candidate, ...others] = await desk.candidates(incidentId);
  expect(others).toEqual([]);
  const [low, high] = candidate.persons.map((person: { id: string }) => person.id);
  return { incidentId, listId, candidate, low, high };
}

const unitsOf = async (id: string) =>
  (await desk.person(id)).exposures.reduce((all: number, one: { units: number }) => all + one.units, 0);

describe('a pair of candidates', () => {
  it('is shown with both persons, and the look is written down without what was seen', async () => {
    const { incidentId, listId, candidate } = await newPair();
    expect(candidate).toMatchObject({ reason: 'possible_duplicate', status: 'open', listId, decidedAt: null });
    expect(candidate.persons).toMatchObject([
      { name: '見本 太郎', emails: ['a@example.jp'], externalIds: [{ source: 'shop', id: '1' }], exposures: 2 },
      { name: '見本 太郎', emails: ['b@example.jp'], address: { postalCode: '1000001' }, exposures: 3 },
    ]);
    expect(candidate.persons[0].reference).toMatch(/^.{4}-.{4}-.$/);
    expect((await desk.get(`/v1/lists/${listId}`)).warnings).toContainEqual({ code: 'possible_duplicate', count: 2 });
    const events = await desk.server.services.db
      .selectFrom('audit_events')
      .selectAll()
      .where('action', '=', 'candidates.read')
      .where('subject_id', '=', incidentId)
      .execute();
    expect(events.at(-1)?.detail).toEqual({ shown: 1, first: candidate.id, last: candidate.id });
    for (const who of ['staff', 'approver', 'admin'] as const) {
      const answer = await desk.server.call(who, 'GET', `/v1/incidents/${incidentId}/candidates`);
      expect(answer.status).toBe(403);
      expect(await desk.refusal(`/v1/candidates/${candidate.id}/merge`, reason, who)).toBe('403 forbidden');
    }
  });

  it('becomes one person, the one known first, with the exposures of both, and both references find them', async () => {
    const { incidentId, candidate, low, high } = await newPair();
    const merged = await desk.post(`/v1/candidates/${candidate.id}/merge`, reason);
    expect(merged).toMatchObject({
      status: 'merged',
      decidedReason: 'they called',
      persons: [{ id: low }, { id: high }],
    });
    expect(await desk.person(high)).toEqual(await desk.person(low));
    expect(await unitsOf(low)).toBe(5);
    for (const q of [
      'a@example.jp',
      'b@example.jp',
      ...candidate.persons.map((p: { reference: string }) => p.reference),
    ]) {
      expect((await desk.find(incidentId, q)).map(({ id }) => id)).toEqual([low]);
    }
    expect(await desk.stats(incidentId)).toMatchObject({ persons: 1, exposures: { total: 5 } });
    expect([await desk.candidates(incidentId), await desk.candidates(incidentId, 'merged')]).toEqual([[], [merged]]);
    expect((await desk.person(low)).changes).toMatchObject([
      { kind: 'merge', personId: low, otherId: high, listId: null, reason: 'they called', undoneAt: null },
    ]);
    expect(await desk.refusal(`/v1/candidates/${candidate.id}/merge`, reason)).toBe('409 wrong_state');
    expect(await desk.refusal(`/v1/candidates/${candidate.id}/apart`, reason)).toBe('409 wrong_state');
    expect(await desk.refusal(`/v1/candidates/${candidate.id}/merge`, {})).toBe('400 invalid_body');
    expect(await desk.refusal('/v1/candidates/999999/merge', reason)).toBe('404 not_found');
  });

  it('is two persons again as before, and open, when its merge is taken back', async () => {
    const { incidentId, candidate, low, high } = await newPair();
    const before = [await desk.person(low), await desk.person(high)];
    await desk.post(`/v1/candidates/${candidate.id}/merge`, reason);
    const reopened = await desk.post(`/v1/candidates/${candidate.id}/reopen`, { reason: 'a mistake' });
    expect(reopened).toMatchObject({ status: 'open', decidedAt: null, decidedReason: null });
    const after = [await desk.person(low), await desk.person(high)];
    const known = ({ version: _, changes: __, ...rest }: Record<string, unknown>) => rest;
    expect(after.map(known)).toEqual(before.map(known));
    expect(after[0].changes).toMatchObject([
      { kind: 'merge', undoneReason: 'a mistake', undoneAt: expect.any(String) },
    ]);
    expect((await desk.find(incidentId, 'b@example.jp')).map(({ id }) => id)).toEqual([high]);
    expect(await desk.candidates(incidentId)).toMatchObject([{ id: candidate.id }]);
    expect(await desk.stats(incidentId)).toMatchObject({ persons: 2, exposures: { total: 5 } });
  });

  it('kept apart is joined by no list, whatever it says, until it is opened again', async () => {
    const { incidentId, candidate, low, high } = await newPair();
    const apart = await desk.post(`/v1/candidates/${candidate.id}/apart`, reason);
    expect(apart).toMatchObject({ status: 'apart', decidedReason: 'they called' });
    expect([await desk.candidates(incidentId), await desk.candidates(incidentId, 'apart')]).toEqual([[], [apart]]);
    expect(await desk.refusal(`/v1/candidates/${candidate.id}/merge`, reason)).toBe('409 wrong_state');
    // Both numbers, then both emails, on one row.
    const bridge = [HEADER, `1,見本 太郎,b@example.jp,${TOKYO},1`, `,見本 太郎,a@example.jp;b@example.jp,,,1`].join(
      '\n',
    );
    const listId = await desk.list(incidentId, bridge);
    expect(await desk.stats(incidentId)).toMatchObject({ persons: 2, exposures: { total: 7 } });
    expect(await unitsOf(low)).toBe(4);
    const { items } = await desk.get(`/v1/lists/${listId}/rows`);
    expect(items.map((row: { outcome: string; warnings: string[] }) => [row.outcome, row.warnings])).toEqual([
      ['merged', []],
      ['merged', ['matches_several']],
    ]);
    await desk.post(`/v1/candidates/${candidate.id}/reopen`, reason);
    await desk.list(incidentId, [HEADER, `2,見本 太郎,a@example.jp,${TOKYO},1`].join('\n'));
    expect(await desk.stats(incidentId)).toMatchObject({ persons: 1, exposures: { total: 8 } });
    expect(await desk.person(high)).toMatchObject({ id: low });
    expect(await desk.candidates(incidentId)).toEqual([]);
  });

  it('goes back to draft with a frozen notice about either, and only with such', async () => {
    const { incidentId, candidate } = await newPair();
    const notice = await desk.freeze(incidentId);
    await desk.post(`/v1/candidates/${candidate.id}/apart`, reason);
    await desk.post(`/v1/candidates/${candidate.id}/reopen`, reason);
    expect(await desk.statusOf(notice)).toBe('awaiting_approval');
    await desk.post(`/v1/candidates/${candidate.id}/merge`, reason);
    expect(await desk.statusOf(notice)).toBe('draft');
    const again = await desk.freeze(incidentId);
    expect((await desk.get(`/v1/notices/${again}`)).persons).toBe(1);
    await desk.post(`/v1/candidates/${candidate.id}/reopen`, reason);
    expect(await desk.statusOf(again)).toBe('draft');
  });
});

describe('pairs of several who may be one', () => {
  const three = [
    HEADER,
    ...['a', 'b', 'c'].map((letter, i) => `${i + 1},見本 太郎,${letter}@example.jp,${TOKYO},1`),
  ].join('\n');
  const names = (items: { persons: { emails: string[] }[] }[]) =>
    items.map(({ persons }) => persons.map(({ emails }) => emails.map((email) => email[0]).join('')).join('-'));

  it('follow whoever is merged away, each asked once, and come back when the merge is undone', async () => {
    const incidentId = await desk.openIncident();
    await desk.list(incidentId, three);
    const [ab, ac, bc] = await desk.candidates(incidentId);
    expect(names([ab, ac, bc])).toEqual(['a-b', 'a-c', 'b-c']);
    await desk.post(`/v1/candidates/${ab.id}/merge`, reason);
    const left = await desk.candidates(incidentId);
    expect([left.length, left[0].id, names(left)]).toEqual([1, ac.id, ['ab-c']]);
    // The other row asks the same of the same two: decided where it is shown.
    expect(await desk.refusal(`/v1/candidates/${bc.id}/merge`, reason)).toBe('409 wrong_state');
    await desk.post(`/v1/candidates/${ac.id}/apart`, reason);
    expect(await desk.candidates(incidentId)).toEqual([]);
    await desk.post(`/v1/candidates/${ab.id}/reopen`, reason);
    expect(names(await desk.candidates(incidentId))).toEqual(['a-b', 'b-c']);
    expect(names(await desk.candidates(incidentId, 'apart'))).toEqual(['a-c']);
  });

  it('are not asked again when a list says the same, also of somebody who was merged away', async () => {
    const incidentId = await desk.openIncident();
    await desk.list(incidentId, three);
    const [ab, ac] = await desk.candidates(incidentId);
    await desk.post(`/v1/candidates/${ab.id}/merge`, reason);
    await desk.list(incidentId, three);
    await desk.list(incidentId, three.replaceAll(',1\n', ',2\n'));
    expect((await desk.candidates(incidentId)).map((one: { id: string }) => one.id)).toEqual([ac.id]);
    await desk.post(`/v1/candidates/${ac.id}/apart`, reason);
    await desk.list(incidentId, three.replaceAll(',1\n', ',3\n'));
    expect(await desk.candidates(incidentId)).toEqual([]);
    expect(await desk.stats(incidentId)).toMatchObject({ persons: 2 });
  });

  it('are undone from the last, and each refusal names what to undo first', async () => {
    const incidentId = await desk.openIncident();
    await desk.list(incidentId, three);
    const [, , bc] = await desk.candidates(incidentId);
    await desk.post(`/v1/candidates/${bc.id}/merge`, reason);
    const [rest] = await desk.candidates(incidentId);
    expect(names([rest])).toEqual(['a-bc']);
    await desk.post(`/v1/candidates/${rest.id}/merge`, reason);
    expect(await desk.stats(incidentId)).toMatchObject({ persons: 1, exposures: { total: 3 } });
    const [person] = await desk.find(incidentId, 'c@example.jp');
    const [second, first] = (await desk.person(person?.id ?? '')).changes;
    const answer = await desk.server.call('operator', 'POST', `/v1/person-changes/${first.id}/undo`, reason);
    expect(answer).toMatchObject({ status: 409, body: { code: 'wrong_state', undoFirst: second.id } });
    expect(answer.body.detail).toContain(`the merge with id ${second.id} first`);
    await desk.post(`/v1/person-changes/${second.id}/undo`, reason);
    expect(await desk.stats(incidentId)).toMatchObject({ persons: 2 });
    await desk.post(`/v1/candidates/${bc.id}/reopen`, reason);
    expect(await desk.stats(incidentId)).toMatchObject({ persons: 3, exposures: { total: 3 } });
    expect(names(await desk.candidates(incidentId))).toEqual(['a-b', 'a-c', 'b-c']);
    expect(await desk.refusal(`/v1/person-changes/${second.id}/undo`, reason)).toBe('409 wrong_state');
  });

  it('are paged in the order in which they were found', async () => {
    const incidentId = await desk.openIncident();
    await desk.list(incidentId, three);
    const pages: string[][] = [];
    for (let cursor = ''; ; ) {
      const page = await desk.get(`/v1/incidents/${incidentId}/candidates?limit=2${cursor}`);
      pages.push(names(page.items));
      if (page.nextCursor === null) break;
      cursor = `&cursor=${page.nextCursor}`;
    }
    expect(pages).toEqual([['a-b', 'a-c'], ['b-c']]);
  });
});
