import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { contentOf } from '../../../src/delivery/delivery-content.ts';
import { lettersOf, openLetters } from '../../../src/delivery/letter/letter-batch.store.ts';
import { completeNotices } from '../../../src/delivery/notice-state.store.ts';
import { formatReference } from '../../../src/intake/persons/reference.ts';
import { letterHash } from '../../../src/notice/content-hash.ts';
import type { FrozenPerson } from '../../../src/notice/frozen-person.ts';
import { type NoticeSnapshot, renderingsOf } from '../../../src/notice/renderings.ts';
import { letterInputs } from '../../../src/rendering/letter.ts';
import type { TypesetLetters } from '../../../src/rendering/types.ts';
import { recount } from '../../../src/reporting/recount.store.ts';
import { countsOf } from '../../support/notice-rows.ts';
import { postPending } from '../../support/posted-letters.ts';
import { OSAKA, one, type ReturnDesk, returnDesk } from '../../support/return-desk.ts';

let desk: ReturnDesk;
beforeAll(async () => {
  desk = await returnDesk();
});
afterAll(() => desk.close());

describe('a letter to a new address', () => {
  it('is refused before the notice is approved: approval is given to each letter', async () => {
    const { db } = desk.services;
    const letters = await desk.post(1);
    const { reference, deliveryId } = one(letters);
    await desk.say({ reference, reason: 'moved' });
    for (const status of ['draft', 'awaiting_approval']) {
      await sql`update notices set status = ${status} where id = ${letters.noticeId}`.execute(db);
      expect(await desk.readdress(deliveryId, OSAKA)).toMatchObject({ status: 409, body: { code: 'wrong_state' } });
    }
    expect(await desk.outcomesOf(letters.noticeId)).toEqual(['unreached moved']);
  });

  it('is a new generation that says what was approved, with a hash of its own', async () => {
    const { db, vault, templates } = desk.services;
    const letters = await desk.post(1);
    const { reference, deliveryId, frozen } = one(letters);
    await desk.say({ reference, reason: 'moved' });
    const answer = await desk.readdress(deliveryId, OSAKA);
    expect(answer).toMatchObject({
      status: 201,
      body: { noticeId: letters.noticeId, reference: formatReference(reference), generation: 2, replaces: deliveryId },
    });
    const next = answer.body.deliveryId;
    expect(await desk.stateOf(next)).toEqual(['pending', 'returned_readdressed']);
    expect(await desk.outcomesOf(letters.noticeId)).toEqual(['in_progress']);

    const moved = { ...frozen.render, postalCode: '5300001', addressLines: OSAKA.addressLines };
    const [open] = await openLetters(db, letters.noticeId, '0', 10);
    const incidentVault = await vault.forIncident(letters.incidentId);
    expect(incidentVault.openJson<FrozenPerson>('notice-person', open?.sealed ?? Buffer.alloc(0)).render).toEqual(
      moved,
    );
    const row = await db
      .selectFrom('deliveries as d')
      .innerJoin('notices as n', 'n.id', 'd.notice_id')
      .select(['d.content_hash', 'n.snapshot'])
      .where('d.id', '=', next)
      .executeTakeFirstOrThrow();
    const prepared = renderingsOf(templates, row.snapshot as unknown as NoticeSnapshot).letter('ja');
    expect(row.content_hash).toEqual(letterHash(prepared, letterInputs(prepared, moved)));

    await sql`
      with batch as (insert into letter_batches (notice_id, number, state, letters)
        values (${letters.noticeId}, 2, 'rendering', 1) returning id)
      update deliveries set letter_batch_id = batch.id, sequence = 1 from batch where deliveries.id = ${next}`.execute(
      db,
    );
    const { letter_batch_id: batchId } = await db
      .selectFrom('deliveries')
      .select('letter_batch_id')
      .where('id', '=', next)
      .executeTakeFirstOrThrow();
    const [printed] = await lettersOf(db, batchId ?? '');
    expect(printed?.sealed).toEqual(open?.sealed);
  });

  it('is shown as it was printed: each generation at its own address, or at that of the one before', async () => {
    const { db } = desk;
    const letters = await desk.post(1);
    const { reference, deliveryId } = one(letters);
    const kyoto = { postalCode: '600-8216', addressLines: ['京都府京都市下京区東塩小路町1'], reason: 'x' };
    const ids = [deliveryId];
    for (const address of [OSAKA, kyoto]) {
      await postPending(db, letters.noticeId);
      await desk.say({ reference, reason: 'moved', delivery: ids.at(-1) });
      ids.push((await desk.readdress(ids.at(-1) ?? '', address)).body.deliveryId);
    }
    // A reprint has no address of its own.
    const { rows } = await sql<{ id: string }>`
      insert into deliveries (notice_id, person_id, channel, generation, state, reason, content_hash)
      select notice_id, person_id, channel, 4, 'pending', 'reprint_lost', content_hash from deliveries
      where id = ${ids.at(-1)} returning id`.execute(db);
    ids.push(rows[0]?.id ?? '');
    const shown: string[][] = [];
    const press = {
      async typeset({ persons }: { persons: { addressLines: string[] }[] }) {
        shown.push(...persons.map(({ addressLines }) => addressLines));
        return { pdf: new Uint8Array() } as TypesetLetters;
      },
      typesetPages: async () => new Uint8Array(),
      archive: async () => new Uint8Array(),
      close: async () => undefined,
    };
    for (const id of ids) await contentOf({ ...desk.services, press }, id, 'pdf');
    expect(shown).toEqual([
      ...[['東京都千代田区千代田1-1'], OSAKA.addressLines, kyoto.addressLines, kyoto.addressLines],
    ]);
  });

  it('follows the last letter, not one before it that came back too', async () => {
    const letters = await desk.post(1);
    const { reference, deliveryId } = one(letters);
    await desk.say({ reference, reason: 'moved' });
    await desk.readdress(deliveryId, OSAKA);
    await postPending(desk.db, letters.noticeId);
    await desk.say({ reference, reason: 'moved', delivery: await desk.lastOf(letters) });
    expect(await desk.readdress(deliveryId, { ...OSAKA, name: '山田花子' })).toMatchObject({
      status: 409,
      body: { code: 'wrong_state', deliveryId: await desk.lastOf(letters) },
    });
  });

  it('takes a completed notice back to sending, and the figures still add up when it has been posted', async () => {
    const { db } = desk.services;
    const letters = await desk.post(2);
    await completeNotices(db);
    const { reference, deliveryId } = one(letters);
    await desk.say({ reference, reason: 'forwarding_expired' });
    const statusOf = async () =>
      (await db.selectFrom('notices').select('status').where('id', '=', letters.noticeId).executeTakeFirstOrThrow())
        .status;
    expect(await statusOf()).toBe('completed');
    await desk.readdress(deliveryId, OSAKA);
    expect(await statusOf()).toBe('sending');
    await postPending(db, letters.noticeId);
    expect(await desk.outcomesOf(letters.noticeId)).toEqual(['reached', 'reached']);
    expect(await countsOf(db, letters.noticeId)).toEqual({
      ...{ 'letter posted': 2, 'letter returned': 1, 'person reached': 2 },
    });
    expect(await recount(db, letters.noticeId)).toBe(true);
    // It comes back once more, and goes where the letter before it went unless another address is given.
    await desk.say({ reference, reason: 'absent', delivery: await desk.lastOf(letters) });
    const again = await desk.readdress(await desk.lastOf(letters), { reason: '再送', again: true });
    expect(again).toMatchObject({ status: 201, body: { generation: 3 } });
    const [open] = await openLetters(db, letters.noticeId, '0', 10);
    const incidentVault = await desk.services.vault.forIncident(letters.incidentId);
    expect(
      incidentVault.openJson<FrozenPerson>('notice-person', open?.sealed ?? Buffer.alloc(0)).render.addressLines,
    ).toEqual(OSAKA.addressLines);
  });

  it('is planned once, however often it is asked for', async () => {
    const letters = await desk.post(1);
    const { reference, deliveryId } = one(letters);
    await desk.say({ reference, reason: 'moved' });
    const answers = await Promise.all([1, 2, 3].map(() => desk.readdress(deliveryId, OSAKA)));
    expect(answers.map(({ status }) => status).toSorted()).toEqual([201, 409, 409]);
    expect(answers.find(({ status }) => status === 409)?.body).toMatchObject({ code: 'wrong_state' });
    expect(await recount(desk.db, letters.noticeId)).toBe(true);
  });

  it.each([
    ['a letter that has not come back', {}, OSAKA, 409, 'wrong_state'],
    ['the address where it has been', { returned: true }, { reason: 'x' }, 409, 'same_address'],
    ['a character that no font has', { returned: true }, { ...OSAKA, name: '\u{2FFFF}' }, 422, 'missing_glyph'],
    [
      'an address too long for the window',
      { returned: true },
      { ...OSAKA, addressLines: Array(4).fill(`大阪府大阪市北区梅田1-1${'あ'.repeat(150)}`) },
      422,
      'does_not_fit',
    ],
    ['no whole address', { returned: true }, { ...OSAKA, addressLines: ['大阪府'] }, 400, 'invalid_body'],
    ['a notice that is cancelled', { returned: true, cancelled: true }, OSAKA, 409, 'wrong_state'],
    ['words that are no longer those approved', { returned: true, changed: true }, OSAKA, 409, 'content_changed'],
    ['no reason', { returned: true }, { ...OSAKA, reason: ' ' }, 400, 'invalid_body'],
  ])('is refused for %s, and nothing is written', async (_, given, body, status, code) => {
    const { db } = desk.services;
    const letters = await desk.post(1);
    const { reference, deliveryId } = one(letters);
    const { returned, cancelled, changed } = { returned: false, cancelled: false, changed: false, ...given };
    if (returned) await desk.say({ reference, reason: 'moved' });
    if (cancelled) await sql`update notices set status = 'cancelled' where id = ${letters.noticeId}`.execute(db);
    if (changed) await sql`update deliveries set content_hash = '\\x01' where id = ${deliveryId}`.execute(db);
    const before = await countsOf(db, letters.noticeId);
    expect(await desk.readdress(deliveryId, body)).toMatchObject({ status, body: { code } });
    expect(await countsOf(db, letters.noticeId)).toEqual(before);
    const { rows } = await sql`select from letter_addresses where notice_id = ${letters.noticeId}`.execute(db);
    expect(rows).toEqual([]);
  });

  it('may be had for a letter that could not be printed', async () => {
    const { db } = desk.services;
    const letters = await desk.post(1);
    await sql`
      insert into deliveries (notice_id, person_id, channel, generation, state, reason, content_hash)
      select notice_id, person_id, channel, 2, 'unprintable', 'render_failed', content_hash from deliveries
      where id = ${one(letters).deliveryId}`.execute(db);
    const answer = await desk.readdress(await desk.lastOf(letters), OSAKA);
    expect(answer.status).toBe(201);
    expect(await desk.stateOf(answer.body.deliveryId)).toEqual(['pending', 'unprintable_readdressed']);
  });

  it('corrects the person too when that is asked, and nothing of who is told in the clear', async () => {
    const { db, vault } = desk.services;
    const letters = await desk.post(1);
    const { id, reference, deliveryId } = one(letters);
    await desk.say({ reference, reason: 'moved' });
    expect((await desk.readdress(deliveryId, { ...OSAKA, correctPerson: true })).status).toBe(201);
    const { sealed } = await db.selectFrom('persons').select('sealed').where('id', '=', id).executeTakeFirstOrThrow();
    const incidentVault = await vault.forIncident(letters.incidentId);
    expect(incidentVault.openJson('person', sealed)).toMatchObject({
      postalCode: '5300001',
      addressLines: OSAKA.addressLines,
    });
    const { rows } = await sql<{ all: string }>`
      select string_agg(a::text, '') as all from (
        select detail::text from audit_events union all select a::text from letter_addresses a) a`.execute(db);
    expect(rows[0]?.all).not.toMatch(/梅田|山田|電話/);
  });
});
