import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { completeNotices } from '../../src/delivery/notice-state.store.ts';
import { type BatchAnswer, type LetterDesk, letterDesk, peopleCsv } from '../support/letter-desk.ts';

let desk: LetterDesk;
beforeAll(async () => {
  desk = await letterDesk();
});
afterAll(() => desk.close());

const batch = (id: string) => desk.get(`/v1/letter-batches/${id}`);
const cancel = (id: string, body: object = {}) =>
  desk.post(`/v1/letter-batches/${id}/cancel`, { reason: '用紙違い', ...body });
const reprint = (id: string, body: object) => desk.post(`/v1/letter-batches/${id}/reprint`, body);
const letterOf = async (noticeId: string) => (await desk.get(`/v1/notices/${noticeId}/stats`)).letter;
const number = (first: number): string => `${String(first).padStart(10, '0')}${first % 7}`;

describe('what a printer acknowledges', () => {
  it('must be the letters and pages of this batch, and this very file where it names one', async () => {
    const { batches } = await desk.rendered(peopleCsv(7));
    const [first, second] = batches as [BatchAnswer, BatchAnswer];
    const said = { at: '2026-11-24T10:00:00+09:00', letters: first.letters, pages: first.pages };
    const url = `/v1/letter-batches/${first.id}/handed-over`;
    expect(await desk.refusal(url, { ...said, letters: second.letters, pages: second.pages })).toBe(
      '409 figures_differ',
    );
    expect(await desk.refusal(url, { ...said, pages: first.pages + 2 })).toBe('409 figures_differ');
    expect(await desk.refusal(url, { ...said, sha256: second.sha256 })).toBe('409 figures_differ');
    expect(await desk.refusal(`/v1/letter-batches/${first.id}/posted`, { on: '2026-11-25' })).toBe('409 wrong_state');
    expect(await desk.post(url, { ...said, sha256: first.sha256.toUpperCase() })).toMatchObject({
      state: 'handed_over',
    });
    // What the printer counts afterwards is compared too: figures that differ block the post until it has counted again.
    expect(await desk.refusal(url, { ...said, letters: 99 })).toBe('409 figures_differ');
    expect((await batch(first.id)).states).toEqual({ handed_over: first.letters });
    expect(await desk.refusal(`/v1/letter-batches/${first.id}/posted`, { on: '2026-11-25' })).toBe(
      '409 figures_differ',
    );
    expect(await desk.post(url, said)).toMatchObject({ state: 'handed_over' });
    expect(await desk.postBatch(first)).toMatchObject({ state: 'posted' });
  });

  it('may be meant of another batch of the same figures: without the file’s sum the answer names those that wait', async () => {
    const { batches } = await desk.rendered(peopleCsv(15));
    const [a, b, c] = batches as [BatchAnswer, BatchAnswer, BatchAnswer];
    expect([b.letters, b.pages, c.letters, c.pages]).toEqual([a.letters, a.pages, a.letters, a.pages]);
    // Of another notice, which no printer would take for it.
    await desk.rendered(peopleCsv(5));
    const name = ({ id, number: place }: BatchAnswer) => ({ id, number: place });
    const acknowledge = async ({ id, letters, pages }: BatchAnswer, sha256?: string) =>
      (
        await desk.post(`/v1/letter-batches/${id}/handed-over`, {
          ...{ at: '2026-11-24T10:00:00+09:00', letters, pages, ...(sha256 && { sha256 }) },
        })
      ).sameFigures;
    expect(await acknowledge(a, a.sha256)).toEqual([]);
    expect(await acknowledge(a)).toEqual([name(b), name(c)]);
    expect(await acknowledge(b)).toEqual([name(c)]);
    expect(await acknowledge(c)).toEqual([]);
  });
});

describe('the dates that are said of a batch', () => {
  it('are refused with a reason where they must be mistyped, and nothing happens', async () => {
    const { batches } = await desk.rendered(peopleCsv(1));
    const [{ id, letters, pages }] = batches;
    const say = async (step: string, body: object) => {
      const answer = await desk.server.call('operator', 'POST', `/v1/letter-batches/${id}/${step}`, body);
      return [answer.status, answer.body.code ?? answer.body.state, ...(answer.body.errors ?? [])];
    };
    const handOver = (at: string) => say('handed-over', { at, letters, pages });
    expect(await handOver('1999-11-24T10:00:00+09:00')).toEqual([
      ...[400, 'invalid_body'],
      { path: 'at', message: 'at is before 2017-06-02, when the incident became known: correct the date.' },
    ]);
    expect(await handOver('9999-11-24T10:00:00+09:00')).toMatchObject([400, 'invalid_body', { path: 'at' }]);
    expect((await batch(id)).state).toBe('rendered');
    // In Tokyo it is the next day.
    expect(await handOver('2026-11-24T16:00:00Z')).toMatchObject([200, 'handed_over']);
    expect(await say('posted', { on: '2026-11-23' })).toEqual([
      ...[400, 'invalid_body'],
      { path: 'on', message: 'on is before the printer had the letters, on 2026-11-25: correct the date.' },
    ]);
    expect(await say('posted', { on: '9999-11-25' })).toMatchObject([400, 'invalid_body', { path: 'on' }]);
    expect((await batch(id)).state).toBe('handed_over');
    expect(await say('posted', { on: '2026-11-25' })).toMatchObject([200, 'posted']);
  });
});

describe('a batch that is cancelled', () => {
  it('gives its letters back, which go into a later batch by an operator’s word and not by themselves', async () => {
    const { noticeId, batches } = await desk.rendered(peopleCsv(5));
    const [{ id }] = batches;
    expect(await cancel(id)).toMatchObject({ state: 'cancelled' });
    expect(await cancel(id)).toMatchObject({ state: 'cancelled' });
    expect(await letterOf(noticeId)).toMatchObject({ pending: 5, rendered: 0, cancelled: 0 });
    // Five fill a batch, and would fill the same one again at once.
    expect(await desk.due()).toEqual([]);
    expect((await desk.download(`/v1/letter-batches/${id}/letters.pdf`)).status).toBe(409);
    await desk.renderNow(noticeId);
    const [old, again] = await desk.batches(noticeId);
    expect([old?.state, again?.state, again?.letters]).toEqual(['cancelled', 'rendered', 5]);
    expect(await desk.isBalanced(noticeId)).toBe(true);
  });

  it('cannot be one that is handed over', async () => {
    const { batches } = await desk.rendered(peopleCsv(1));
    const [one] = batches;
    await desk.handOver(one);
    const url = `/v1/letter-batches/${one.id}/cancel`;
    expect(await desk.refusal(url, { reason: 'zu spät' })).toBe('409 wrong_state');
    expect((await batch(one.id)).states).toEqual({ handed_over: 1 });
  });

  it.each(['letters.pdf', 'bundle.zip'])('wants the printer to know when its %s was downloaded', async (file) => {
    const { batches } = await desk.rendered(peopleCsv(1));
    const [{ id }] = batches;
    const url = `/v1/letter-batches/${id}`;
    for (const harmless of ['manifest.csv', 'summary.pdf', 'SHA256SUMS']) await desk.download(`${url}/${harmless}`);
    expect((await desk.get(url)).fetchedAt).toBe(null);
    await desk.download(`${url}/${file}`);
    expect((await desk.get(url)).fetchedAt).not.toBe(null);
    expect(await desk.refusal(`${url}/cancel`, { reason: 'x' })).toBe('409 wrong_state');
    expect(await cancel(id, { printerTold: true })).toMatchObject({ state: 'cancelled' });
    expect((await desk.download(`${url}/${file}`)).status).toBe(409);
  });

  it('prints nothing any more when it is still being rendered', async () => {
    const noticeId = await desk.sending(peopleCsv(2));
    await sql`insert into letter_batches (notice_id, number, state, letters) values (${noticeId}, 1, 'rendering', 2)`.execute(
      desk.db,
    );
    await sql`update deliveries d set letter_batch_id = b.id, sequence = 1 from letter_batches b
      where b.notice_id = ${noticeId} and d.notice_id = ${noticeId}`.execute(desk.db);
    const [{ id }] = (await desk.batches(noticeId)) as [BatchAnswer];
    await cancel(id);
    await desk.renderNow(noticeId);
    const states = (await desk.batches(noticeId)).map(({ state, letters }) => `${state} ${letters}`);
    expect(states).toEqual(['cancelled 2', 'rendered 2']);
  });

  it('cancels letters of a notice that is cancelled, and those whose email has proved submitted', async () => {
    const { noticeId, batches } = await desk.rendered(peopleCsv(3));
    const [{ id }] = batches;
    // As if the first had been planned because of an uncertain email that is known to be submitted since.
    await sql`with letter as (
        update deliveries set reason = 'uncertain' where letter_batch_id = ${id} and sequence = 1 returning notice_id, person_id)
      insert into deliveries (notice_id, person_id, channel, state)
      select notice_id, person_id, 'email', 'submitted' from letter`.execute(desk.db);
    await cancel(id);
    expect(await letterOf(noticeId)).toMatchObject({ pending: 2, cancelled: 1 });
    expect(await desk.isBalanced(noticeId)).toBe(true);

    const other = await desk.rendered(peopleCsv(2));
    await sql`update notices set status = 'cancelled' where id = ${other.noticeId}`.execute(desk.db);
    await cancel(other.batches[0].id);
    expect(await letterOf(other.noticeId)).toMatchObject({ pending: 0, cancelled: 2 });
  });

  it('keeps the reason sealed', async () => {
    const { batches } = await desk.rendered(peopleCsv(1));
    const [{ id }] = batches;
    await cancel(id, { reason: '見本 太郎様より連絡' });
    const query = desk.db.selectFrom('letter_batches').select('cancelled_reason_sealed as sealed');
    const { sealed } = await query.where('id', '=', id).executeTakeFirstOrThrow();
    expect(sealed?.includes(Buffer.from('太郎'))).toBe(false);
    const { rows } = await sql<{ text: string }>`select string_agg(detail::text, '') as text from audit_events`.execute(
      desk.db,
    );
    expect(rows[0]?.text).not.toContain('太郎');
  });
});

describe('letters that are printed again', () => {
  it('are new generations in a later batch; the old ones are not posted with theirs', async () => {
    const { noticeId, batches } = await desk.rendered(peopleCsv(5));
    const [one] = batches;
    await desk.handOver(one);
    const { letters, left } = await reprint(one.id, { from: 2, to: 3, reason: 'damaged' });
    expect([letters.length, left]).toEqual([2, []]);
    expect((await batch(one.id)).states).toEqual({ handed_over: 3, replaced: 2 });
    expect(await letterOf(noticeId)).toMatchObject({ total: 7, pending: 2, handedOver: 3, cancelled: 2 });
    await desk.postBatch(one);
    expect(await letterOf(noticeId)).toMatchObject({ posted: 3, pending: 2, cancelled: 2 });
    const { persons } = await desk.get(`/v1/notices/${noticeId}/stats`);
    expect(persons).toMatchObject({ total: 5, reached: 3, inProgress: 2, unreached: 0 });
    await desk.renderNow(noticeId);
    const [, second] = (await desk.batches(noticeId)) as [BatchAnswer, BatchAnswer];
    await desk.handOver(second);
    await desk.postBatch(second);
    await completeNotices(desk.db);
    const stats = await desk.get(`/v1/notices/${noticeId}/stats`);
    expect(stats).toMatchObject({ status: 'completed', persons: { reached: 5, inProgress: 0 }, letter: { posted: 5 } });
    expect(await desk.isBalanced(noticeId)).toBe(true);
  });

  it('say the same as those that they replace', async () => {
    const { noticeId, batches } = await desk.rendered(peopleCsv(2));
    const [one] = batches;
    const manifest = (await desk.download(`/v1/letter-batches/${one.id}/manifest.csv`)).bytes.toString();
    const pdf = (await desk.download(`/v1/letter-batches/${one.id}/letters.pdf`)).bytes;
    await desk.handOver(one);
    await reprint(one.id, { from: 1, to: 2, reason: 'misprinted' });
    await desk.renderNow(noticeId);
    const [, again] = (await desk.batches(noticeId)) as [BatchAnswer, BatchAnswer];
    const read = async (name: string) => (await desk.download(`/v1/letter-batches/${again.id}/${name}`)).bytes;
    expect((await read('manifest.csv')).toString()).toBe(manifest);
    expect((await read('letters.pdf')).equals(pdf)).toBe(true);
  });

  it('are not printed a third time by asking twice, and the answer says which are left', async () => {
    const { batches } = await desk.rendered(peopleCsv(4));
    const [one] = batches;
    await desk.handOver(one);
    const tries = await Promise.allSettled([1, 2, 3].map(() => reprint(one.id, { from: 1, to: 3, reason: 'damaged' })));
    expect(tries.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    const { letters, left } = await reprint(one.id, { from: 1, to: 4, reason: 'lost' });
    expect(letters.map(({ sequence }: { sequence: number }) => sequence)).toEqual([4]);
    expect(left.map(({ sequence, why }: { sequence: number; why: string }) => `${sequence} ${why}`)).toEqual([
      ...['1 replaced', '2 replaced', '3 replaced'],
    ]);
  });

  it('are told twice only when somebody says so, and a notice that was complete goes on', async () => {
    const { noticeId, batches } = await desk.rendered(peopleCsv(2));
    const [one] = batches;
    await desk.handOver(one);
    await desk.postBatch(one);
    await completeNotices(desk.db);
    expect(await desk.statusOf(noticeId)).toBe('completed');
    const url = `/v1/letter-batches/${one.id}/reprint`;
    expect(await desk.refusal(url, { from: 1, to: 1, reason: 'lost' })).toBe('409 wrong_state');
    await reprint(one.id, { from: 1, to: 1, reason: 'lost', evenPosted: true });
    expect(await desk.refusal(url, { from: 1, to: 1, reason: 'lost', evenPosted: true })).toBe('409 wrong_state');
    expect(await desk.statusOf(noticeId)).toBe('sending');
    const stats = await desk.get(`/v1/notices/${noticeId}/stats`);
    expect(stats).toMatchObject({ persons: { reached: 2, inProgress: 0 }, letter: { posted: 2, pending: 1 } });
    expect(await desk.isBalanced(noticeId)).toBe(true);
  });

  it('cannot be those of a batch that nobody has printed, or of a notice that is cancelled', async () => {
    const { noticeId, batches } = await desk.rendered(peopleCsv(1));
    const [one] = batches;
    const url = `/v1/letter-batches/${one.id}/reprint`;
    expect(await desk.refusal(url, { from: 1, to: 1, reason: 'lost' })).toBe('409 wrong_state');
    await desk.handOver(one);
    expect(await desk.refusal(url, { from: 7, to: 9, reason: 'lost' })).toBe('409 wrong_state');
    expect(await desk.refusal(url, { from: 1, to: 1, reason: '見本 太郎様' })).toBe('400 invalid_body');
    await sql`update notices set status = 'cancelled' where id = ${noticeId}`.execute(desk.db);
    expect(await desk.refusal(url, { from: 1, to: 1, reason: 'lost' })).toBe('409 wrong_state');
  });
});

describe('tracking numbers', () => {
  const csv = (id: string, body: string, query = '') =>
    desk.server.call('operator', 'POST', `/v1/letter-batches/${id}/tracking${query}`, body, {
      'content-type': 'text/csv',
    });

  it('are taken whole or not at all, unless that is said, and stand at the person and in the list', async () => {
    const { batches } = await desk.rendered(peopleCsv(3));
    const [one] = batches;
    const [good, bad] = [number(123_456), '12345678901'];
    const file = `sequence,number\r\n1,${good}\r\n2,${bad}\r\n`;
    const refused = await csv(one.id, file);
    const problem = { problems: [{ line: 3, code: 'check_digit' }], problemCount: 1 };
    expect(refused).toMatchObject({ status: 422, body: { code: 'tracking_refused', ...problem } });
    const list = async () => (await desk.download(`/v1/letter-batches/${one.id}/tracking.csv`)).bytes.toString();
    expect(await list()).not.toContain(good);
    const taken = await csv(one.id, file, '?partial=true');
    expect(taken.body).toEqual({ taken: 1, ...problem });
    const none = { problems: [], problemCount: 0 };
    expect((await csv(one.id, `sequence,number\r\n1,${good}`)).body).toEqual({ taken: 1, ...none });
    expect(await list()).toMatch(new RegExp(`^sequence,reference,state,number\r\n1,[^,]+,rendered,${good}\r\n2,`));
    const query = desk.db.selectFrom('deliveries').select('person_id').where('letter_batch_id', '=', one.id);
    const { person_id } = await query.where('sequence', '=', 1).executeTakeFirstOrThrow();
    const person = await desk.person(person_id);
    expect(person.deliveries).toMatchObject([{ trackingNumber: good, replacedBy: null }]);
  });

  it('of another batch of the notice are refused, and a file may move numbers from letter to letter', async () => {
    const { batches } = await desk.rendered(peopleCsv(7));
    const [one, two] = batches as [BatchAnswer, BatchAnswer];
    await csv(one.id, `sequence,number\n1,${number(1)}\n2,${number(2)}\n3,${number(3)}`);
    expect((await csv(two.id, `sequence,number\n1,${number(2)}`)).body.problems).toEqual([{ line: 2, code: 'taken' }]);
    const moved = `sequence,number\n1,${number(2)}\n2,${number(3)}\n3,${number(1)}`;
    expect((await csv(one.id, moved)).status).toBe(422);
    expect((await csv(one.id, moved, '?replace=true')).body).toMatchObject({ taken: 3, problems: [] });
  });

  it('come as CSV that names its columns', async () => {
    const { batches } = await desk.rendered(peopleCsv(1));
    const [{ id }] = batches;
    for (const [file, detail] of [
      ['1,2', 'must name the columns'],
      ['sequence,number\r\n', 'no line below'],
      [`sequence,number,number\r\n1,${number(1)},${number(2)}`, '"number" (column 2) and "number" (column 3)'],
    ] as const) {
      const refused = { status: 400, code: 'invalid_body', detail: expect.stringContaining(detail) };
      expect((await csv(id, file)).body).toMatchObject(refused);
    }
    const json = await desk.server.call('operator', 'POST', `/v1/letter-batches/${id}/tracking`, { number: '1' });
    expect(json.status).toBe(415);
  });

  it('of a file that is wrong throughout are answered with the first thousand faults, and how many there are', async () => {
    const { batches } = await desk.rendered(peopleCsv(1));
    const [{ id }] = batches;
    const file = `sequence,number\n1,${number(77)}\n${'9,1\n'.repeat(5_000)}`;
    const refused = (await csv(id, file)).body;
    expect([refused.code, refused.problems.length, refused.problemCount]).toEqual(['tracking_refused', 1_000, 5_000]);
    expect(refused.problems.at(-1)).toEqual({ line: 1_002, code: 'digits' });
    const taken = (await csv(id, file, '?partial=true')).body;
    expect([taken.taken, taken.problems.length, taken.problemCount]).toEqual([1, 1_000, 5_000]);
    const { rows } = await sql<{ detail: object }>`
      select detail from audit_events where action = 'letter_batch.tracked' and subject_id = ${id}`.execute(desk.db);
    expect(rows).toEqual([{ detail: { taken: 1, problems: 5_000, replace: false } }]);
  });
});
