import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { contentOf } from '../../src/delivery/delivery-content.ts';
import type { BatchChecks } from '../../src/delivery/letter/batch-checks.ts';
import type { LetterPress, PreparedLetter } from '../../src/rendering/types.ts';
import { changed, moved } from '../support/changed-files.ts';
import { type LetterDesk, letterDesk, peopleCsv } from '../support/letter-desk.ts';

/** What is done to the letters between approval and paper; nothing unless a test says so. */
let spoil: (prepared: PreparedLetter) => PreparedLetter;
const unsteady = (press: LetterPress): LetterPress => ({
  ...press,
  typeset: (order) => press.typeset({ ...order, prepared: spoil(order.prepared) }),
});
let desk: LetterDesk;
beforeAll(async () => {
  desk = await letterDesk({}, unsteady);
});
afterAll(() => desk.close());
beforeEach(() => {
  spoil = (prepared) => prepared;
});

const statesOf = async (noticeId: string) => {
  const { rows } = await sql<{ state: string; reason: string | null; n: number }>`
    select state, case when state = 'unprintable' then reason end as reason, count(*)::int as n from deliveries
    where notice_id = ${noticeId} and channel = 'letter' group by 1, 2 order by 1`.execute(desk.db);
  return rows;
};
const checksOf = (batchId: string): Promise<BatchChecks> => desk.get(`/v1/letter-batches/${batchId}/checks`);

describe('the letters of a batch, read back', () => {
  it('all go to the printer when nothing is wrong, and one was looked at', async () => {
    const { batches } = await desk.rendered(peopleCsv(5));
    const checks = await checksOf(batches[0].id);
    expect(checks).toMatchObject({ letters: 5, failed: [], samples: [{ picturePage: 1 }] });
    const [sample] = checks.samples;
    const picture = await desk.download(`/v1/letter-batches/${batches[0].id}/checks/${sample?.deliveryId}.png`);
    expect(picture.headers['content-type']).toBe('image/png');
    expect(picture.bytes.subarray(1, 4).toString()).toBe('PNG');
  });

  it('leave the one out that is wrong, with page, findings and picture, and print the others', async () => {
    spoil = moved;
    const people = peopleCsv(4, ['5,髙橋 花子,100-0003,東京都千代田区千代田1-5,JP']);
    const { noticeId, batches } = await desk.rendered(people);
    expect(batches).toMatchObject([{ state: 'rendered', letters: 4 }]);
    expect(await statesOf(noticeId)).toEqual([
      { state: 'rendered', reason: null, n: 4 },
      { state: 'unprintable', reason: 'check_failed', n: 1 },
    ]);
    const [{ id }] = batches;
    const { letters, failed } = await checksOf(id);
    expect(letters).toBe(5);
    expect(failed).toMatchObject([{ reason: 'check_failed', picturePage: 1 }]);
    expect(failed[0]?.findings).toContainEqual({ code: 'address_not_visible', page: 1 });
    const picture = await desk.download(`/v1/letter-batches/${id}/checks/${failed[0]?.deliveryId}.png`);
    expect(picture.status).toBe(200);
    expect(await desk.isBalanced(noticeId)).toBe(true);
    expect(JSON.stringify(failed)).not.toMatch(/千代田|見本/);
  });

  it('print nobody’s when the shared pages are wrong: the notice pauses, and goes on when they are mended', async () => {
    const noticeId = await desk.sending(peopleCsv(5));
    spoil = changed(
      '/frame.typ',
      '#let fold-marks = ',
      '#let fold-marks = place(top + left, dx: 30mm, dy: 20mm, rect()) + ',
    );
    await desk.renderNow(noticeId);
    expect(await desk.get(`/v1/notices/${noticeId}`)).toMatchObject({ status: 'paused' });
    expect(await statesOf(noticeId)).toEqual([{ state: 'pending', reason: null, n: 5 }]);
    const [batch] = await desk.batches(noticeId);
    const { failed } = await checksOf(batch?.id ?? '');
    expect(failed).toHaveLength(5);
    for (const { findings } of failed) expect(findings).toContainEqual({ code: 'body_in_window', page: 1 });

    spoil = (prepared) => prepared;
    await desk.post(`/v1/notices/${noticeId}/resume`, {});
    await desk.renderNow(noticeId);
    expect(await statesOf(noticeId)).toEqual([{ state: 'rendered', reason: null, n: 5 }]);
  });

  it('are shown to operators alone, and each picture that is looked at is written down', async () => {
    const { batches } = await desk.rendered(peopleCsv(1));
    const [{ id }] = batches;
    const { samples } = await checksOf(id);
    const picture = `/v1/letter-batches/${id}/checks/${samples[0]?.deliveryId}.png`;
    for (const url of [`/v1/letter-batches/${id}/checks`, picture]) {
      expect((await desk.download(url, 'staff')).status).toBe(403);
    }
    await desk.download(picture);
    const { rows } = await sql<{ detail: unknown }>`
      select detail from audit_events where action = 'letter_batch.read' and subject_id = ${id}`.execute(desk.db);
    expect(rows).toEqual([{ detail: { file: 'checks', deliveryId: samples[0]?.deliveryId } }]);
    expect((await desk.download(`/v1/letter-batches/${id}/checks/999999.png`)).status).toBe(404);
  });
});

describe('a letter of a batch', () => {
  it('can be had as PDF/A for keeping', async () => {
    const { batches } = await desk.rendered(peopleCsv(1));
    const { samples } = await checksOf(batches[0].id);
    const deps = { ...desk.services, press: desk.press };
    const { type, bytes } = await contentOf(deps, samples[0]?.deliveryId ?? '', 'pdf', true);
    expect(type).toBe('application/pdf');
    expect(Buffer.from(bytes).toString('latin1')).toContain('<pdfaid:part>2<');
  });
});
