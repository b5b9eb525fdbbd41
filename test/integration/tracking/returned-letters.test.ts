import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { reprint } from '../../../src/delivery/letter/reprint.store.ts';
import { completeNotices, noticesToRecount } from '../../../src/delivery/notice-state.store.ts';
import { formatReference, referenceFrom } from '../../../src/intake/persons/reference.ts';
import { recount } from '../../../src/reporting/recount.store.ts';
import { readdress as sendTo } from '../../../src/tracking/returns/readdress.store.ts';
import { takeReturns } from '../../../src/tracking/returns/take-returns.store.ts';
import { dataKeyStore } from '../../../src/vault/data-keys.store.ts';
import { loadMasterKey } from '../../../src/vault/master-key.ts';
import { makeVault } from '../../../src/vault/vault.ts';
import { countsOf } from '../../support/notice-rows.ts';
import { makePersons, postedLetters, postPending } from '../../support/posted-letters.ts';
import { OSAKA, one, type ReturnDesk, returnDesk } from '../../support/return-desk.ts';

let desk: ReturnDesk;
beforeAll(async () => {
  desk = await returnDesk();
});
afterAll(() => desk.close());

describe('a letter that came back', () => {
  it('is returned with its reason, and its person unreached for that cause', async () => {
    const letters = await desk.post(2);
    const { reference, deliveryId } = one(letters);
    const answer = await desk.say({ reference: formatReference(reference).toLowerCase(), reason: 'unknown_address' });
    expect(answer).toMatchObject({
      status: 200,
      body: { reference: formatReference(reference), result: 'returned', deliveryId, choices: [] },
    });
    expect(await desk.stateOf(deliveryId)).toEqual(['returned', 'unknown_address']);
    expect(await desk.outcomesOf(letters.noticeId)).toEqual(['unreached unknown_address', 'reached']);
    expect(await countsOf(desk.db, letters.noticeId)).toEqual({
      ...{ 'letter posted': 1, 'letter returned': 1, 'person reached': 1, 'person unreached': 1 },
    });
    expect(await recount(desk.db, letters.noticeId)).toBe(true);
  });

  it('has a completed notice counted again, which stays complete', async () => {
    const letters = await desk.post(1);
    await completeNotices(desk.db);
    await sql`update notices set audited_at = now(), audit_agreed = true where id = ${letters.noticeId}`.execute(
      desk.db,
    );
    expect(await noticesToRecount(desk.db)).not.toContain(letters.noticeId);
    await desk.say({ reference: one(letters).reference, reason: 'moved' });
    expect(await noticesToRecount(desk.db)).toContain(letters.noticeId);
    expect(await completeNotices(desk.db)).not.toContain(letters.noticeId);
  });

  it('is returned once: said again it is answered as known, with the reason that was said first', async () => {
    const letters = await desk.post(1);
    const { reference, deliveryId } = one(letters);
    await desk.say({ reference, reason: 'moved' });
    expect(await desk.say({ reference, reason: 'refused' })).toMatchObject({
      ...{ status: 200, body: { result: 'already', deliveryId } },
    });
    expect(await desk.stateOf(deliveryId)).toEqual(['returned', 'moved']);
    const { rows } =
      await sql`select from delivery_events where delivery_id = ${deliveryId} and to_state = 'returned'`.execute(
        desk.db,
      );
    expect(rows).toHaveLength(1);
  });

  it('is returned once when several desks say so at the same moment', async () => {
    const letters = await desk.post(20);
    const all = letters.persons.map(({ reference }) => ({ reference, reason: 'absent' }));
    const answers = await Promise.all([desk.say(all), desk.say(all.toReversed()), desk.say(all)]);
    const results = answers.flatMap(({ body }) => body.items.map(({ result }: { result: string }) => result));
    expect(results.filter((result) => result === 'returned')).toHaveLength(20);
    expect(results.filter((result) => result === 'already')).toHaveLength(40);
    expect(await recount(desk.db, letters.noticeId)).toBe(true);
  });

  it('is told apart by its notice, or by the letter, when the person has several out', async () => {
    const persons = await makePersons(desk.services, 1);
    const [first, second] = [
      await postedLetters(desk.services, 1, persons),
      await postedLetters(desk.services, 1, persons),
    ];
    const { reference } = one(first);
    const answer = await desk.say({ reference, reason: 'moved' });
    expect(answer).toMatchObject({ status: 409, body: { code: 'ambiguous_letter' } });
    expect(answer.body.choices.map(({ deliveryId }: { deliveryId: string }) => deliveryId)).toEqual([
      ...[one(first).deliveryId, one(second).deliveryId],
    ]);
    expect(answer.body.choices[0]).toMatchObject({ noticeId: first.noticeId, state: 'posted', postedOn: '2026-05-07' });
    expect(await desk.say({ reference, reason: 'moved', notice: second.noticeId })).toMatchObject({
      body: { result: 'returned', deliveryId: one(second).deliveryId },
    });
    expect(await desk.say({ reference, reason: 'moved', delivery: one(first).deliveryId })).toMatchObject({
      body: { result: 'returned', deliveryId: one(first).deliveryId },
    });
  });

  it('is refused for a letter that was never posted, and for another notice', async () => {
    const [letters, others] = [await desk.post(1), await desk.post(1)];
    const { reference, deliveryId } = one(letters);
    expect(await desk.say({ reference, reason: 'moved', notice: others.noticeId })).toMatchObject({
      status: 409,
      body: { code: 'letter_not_posted', choices: [{ deliveryId, noticeId: letters.noticeId }] },
    });
    await desk.say({ reference, reason: 'moved' });
    const { body } = await desk.readdress(deliveryId, OSAKA);
    expect(await desk.say({ reference, reason: 'moved', delivery: body.deliveryId })).toMatchObject({
      status: 409,
      body: { code: 'letter_not_posted', choices: [{ deliveryId: body.deliveryId, state: 'pending' }] },
    });
  });

  it('is refused for a reference that nobody has, and one with a slip is told from it', async () => {
    expect(await desk.say({ reference: referenceFrom(new Uint8Array(8)), reason: 'moved' })).toMatchObject({
      ...{ status: 404, body: { code: 'unknown_reference' } },
    });
    const letters = await desk.post(1);
    const { reference } = one(letters);
    const wrong = `${reference.startsWith('7') ? '8' : '7'}${reference.slice(1)}`;
    expect(await desk.say({ reference: wrong, reason: 'moved' })).toMatchObject({
      ...{ status: 422, body: { code: 'mistyped_reference', near: [formatReference(reference)] } },
    });
    expect(await desk.stateOf(one(letters).deliveryId)).toEqual(['posted', null]);
  });

  it('is anybody’s to say who has a key: the desk for returned mail needs no operator', async () => {
    expect(
      (await desk.server.call('staff', 'POST', '/v1/letters/returned', { reference: 'x', reason: 'moved' })).status,
    ).toBe(422);
    expect((await desk.say({ reference: 'x', reason: 'eaten' })).status).toBe(400);
  });

  it('is one of at most 1,000 that are said at once, and whoever says more is told so', async () => {
    for (const count of [0, 1_001, 10_000]) {
      const all = Array.from({ length: count }, () => ({ reference: 'x', reason: 'moved' }));
      expect(await desk.say(all)).toMatchObject({
        status: 400,
        body: { code: 'invalid_body', detail: expect.stringContaining(`at most 1,000; it has ${count}.`) },
      });
    }
  });

  it('is not taken for the letter after it when its envelope is said once more, scanned or typed', async () => {
    const letters = await desk.post(1);
    const { reference, deliveryId } = one(letters);
    const mark = (generation: number) => `OWABI1;${reference};1;1;2;${generation}`;
    await desk.say({ reference: mark(1), reason: 'moved' });
    const { body } = await desk.readdress(deliveryId, OSAKA);
    await postPending(desk.db, letters.noticeId);
    const unchanged = async () => {
      expect(await desk.stateOf(deliveryId)).toEqual(['returned', 'moved']);
      expect(await desk.stateOf(body.deliveryId)).toEqual(['posted', 'returned_readdressed']);
      expect(await desk.outcomesOf(letters.noticeId)).toEqual(['reached']);
    };
    expect(await desk.say({ reference: mark(1), reason: 'refused' })).toMatchObject({
      ...{ status: 200, body: { result: 'already', deliveryId } },
    });
    await unchanged();
    const choices = [
      { deliveryId, generation: 1, state: 'returned', returnedAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/) },
      { deliveryId: body.deliveryId, generation: 2, state: 'posted', returnedAt: null },
    ];
    expect(await desk.say({ reference, reason: 'refused' })).toMatchObject({
      ...{ status: 409, body: { code: 'ambiguous_letter', choices } },
    });
    expect(await desk.say([{ reference, reason: 'refused' }])).toMatchObject({
      ...{ status: 200, body: { items: [{ result: 'ambiguous', choices }], counts: { returned: 0, ambiguous: 1 } } },
    });
    // Printed before marks had the generation: both were the first of their batch.
    expect((await desk.say({ reference: `OWABI1;${reference};1;1;2`, reason: 'refused' })).status).toBe(409);
    await unchanged();
    expect(await desk.say({ reference: mark(2), reason: 'refused' })).toMatchObject({
      ...{ status: 200, body: { result: 'returned', deliveryId: body.deliveryId } },
    });
    expect(await desk.outcomesOf(letters.noticeId)).toEqual(['unreached refused']);
  });

  it('is not taken for another that was said in the same breath', async () => {
    const persons = await makePersons(desk.services, 1);
    const [first, second] = [
      await postedLetters(desk.services, 1, persons),
      await postedLetters(desk.services, 1, persons),
    ];
    const { reference } = one(first);
    const { body } = await desk.say([
      { reference, reason: 'moved', notice: first.noticeId },
      { reference, reason: 'moved' },
    ]);
    expect(body.items).toMatchObject([
      { result: 'returned', deliveryId: one(first).deliveryId },
      { result: 'ambiguous', choices: [{ state: 'returned', returnedAt: expect.any(String) }, { state: 'posted' }] },
    ]);
    expect(await desk.stateOf(one(second).deliveryId)).toEqual(['posted', null]);
  });
});

describe('many letters at once', () => {
  it('are answered each by itself: what cannot be taken does not stop the rest', async () => {
    const letters = await desk.post(3);
    const [a, b] = [one(letters, 0), one(letters, 1)];
    const answer = await desk.say([
      { reference: a.reference, reason: 'moved' },
      { reference: 'K7Q2', reason: 'moved' },
      { reference: `OWABI1;${b.reference};2;1;1`, reason: 'deceased' },
      { reference: a.reference, reason: 'moved' },
      { reference: referenceFrom(Uint8Array.from([1, 2, 3, 4, 5, 6, 7, 8])), reason: 'other' },
      { reference: one(letters, 2).reference, reason: 'other', notice: '999999' },
    ]);
    expect(answer.status).toBe(200);
    expect(answer.body.items.map(({ result }: { result: string }) => result)).toEqual([
      ...['returned', 'unknown_reference', 'returned', 'already', 'unknown_reference', 'not_posted'],
    ]);
    expect(answer.body.items[1]).toMatchObject({ reference: 'K7Q2', mistyped: true, deliveryId: null });
    expect(answer.body.counts).toEqual({ returned: 2, already: 1, unknown_reference: 2, not_posted: 1, ambiguous: 0 });
    expect(await desk.outcomesOf(letters.noticeId)).toEqual(['unreached moved', 'unreached deceased', 'reached']);
  });

  it('take less than two seconds for a thousand, and are each written down with who said so', async () => {
    const letters = await desk.post(1000);
    const all = letters.persons.map(({ reference }) => ({ reference: formatReference(reference), reason: 'moved' }));
    const began = performance.now();
    const { body } = await desk.say(all);
    expect(performance.now() - began).toBeLessThan(2_000);
    expect(body.counts.returned).toBe(1000);
    const { rows } = await sql<{ n: number }>`
      select count(*)::int as n from audit_events
      where action = 'letter.returned' and user_id is not null and detail = '{"reason": "moved"}'
        and subject_id = any (${letters.persons.map(({ deliveryId }) => deliveryId)}::bigint[])`.execute(desk.db);
    expect(rows[0]?.n).toBe(1000);
    expect(await countsOf(desk.db, letters.noticeId)).toEqual({
      ...{ 'letter returned': 1000, 'person unreached': 1000 },
    });
  }, 60_000);
});

describe('a letter that comes back after the data were destroyed', () => {
  it('is returned by its reference, and cannot be sent to another address', async () => {
    const { db } = desk.services;
    const letters = await desk.post(1);
    const { reference, deliveryId } = one(letters);
    await sql`delete from keys.data_keys where incident_id = ${letters.incidentId}`.execute(db);
    // A service that has not opened the key before.
    const services = {
      ...desk.services,
      vault: makeVault({ masterKey: await loadMasterKey(null, desk.server.database.dir), keys: dataKeyStore(db) }),
    };
    const { id: userId } = await db.selectFrom('users').select('id').limit(1).executeTakeFirstOrThrow();
    expect(await takeReturns(db, [{ reference, reason: 'moved' }], userId)).toMatchObject([{ result: 'returned' }]);
    expect(await desk.stateOf(deliveryId)).toEqual(['returned', 'moved']);
    await expect(sendTo(services, deliveryId, OSAKA, userId)).rejects.toMatchObject({
      code: 'data_destroyed',
      status: 410,
    });
    expect(await recount(db, letters.noticeId)).toBe(true);
  });
});

describe('the list of returned letters', () => {
  it('shows those that wait and those that were sent elsewhere, by notice and reason', async () => {
    const letters = await desk.post(3);
    await desk.say([
      { reference: one(letters, 0).reference, reason: 'moved' },
      { reference: one(letters, 1).reference, reason: 'refused' },
    ]);
    const next = (await desk.readdress(one(letters, 0).deliveryId, OSAKA)).body.deliveryId;
    const list = async (query: string) =>
      (await desk.server.call('staff', 'GET', `/v1/letters/returned?notice=${letters.noticeId}${query}`)).body.items;
    expect(await list('')).toMatchObject([
      {
        ...{ deliveryId: one(letters, 0).deliveryId, reason: 'moved', state: 'readdressed', outcome: 'in_progress' },
        next: { deliveryId: next, state: 'pending', reason: 'returned_readdressed' },
      },
      {
        ...{ deliveryId: one(letters, 1).deliveryId, state: 'open', next: null, outcome: 'unreached' },
        ...{ reference: formatReference(one(letters, 1).reference), postedOn: '2026-05-07' },
      },
    ]);
    expect(await list('&state=open')).toMatchObject([{ deliveryId: one(letters, 1).deliveryId }]);
    expect(await list('&state=readdressed&reason=refused')).toEqual([]);
    expect(await list('&reason=refused')).toHaveLength(1);
  });

  it('tells a letter that had been printed again for the same address from one that was sent elsewhere', async () => {
    const letters = await desk.post(2);
    const { noticeId } = letters;
    const reprinted = one(letters, 0);
    const { batch } = await desk.db
      .selectFrom('deliveries')
      .select('letter_batch_id as batch')
      .where('id', '=', reprinted.deliveryId)
      .executeTakeFirstOrThrow();
    const order = { from: 1, to: 1, reason: 'damaged', evenPosted: true } as const;
    const again = await reprint(desk.db, String(batch), order);
    await postPending(desk.db, noticeId);
    const say = (delivery: string) => desk.say({ reference: reprinted.reference, reason: 'moved', delivery });
    await say(reprinted.deliveryId);
    const list = async (query = '') =>
      (await desk.server.call('staff', 'GET', `/v1/letters/returned?notice=${noticeId}${query}`)).body.items;
    const second = again.letters[0]?.deliveryId as string;
    const first = { deliveryId: reprinted.deliveryId, state: 'reprinted', next: { deliveryId: second } };
    expect(await list()).toMatchObject([{ ...first, outcome: 'reached' }]);
    await say(second);
    expect(await list('&state=open')).toMatchObject([{ deliveryId: second, next: null, outcome: 'unreached' }]);
    await desk.readdress(second, OSAKA);
    expect(await list('&state=reprinted')).toMatchObject([first]);
    expect(await list('&state=readdressed')).toMatchObject([{ deliveryId: second }]);
    expect(await list('&state=open')).toEqual([]);
  });
});
