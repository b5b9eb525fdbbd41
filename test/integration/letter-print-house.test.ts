import { PDFiumLibrary } from '@hyzyla/pdfium';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { letterBatchRoutes } from '../../src/http/api/letter-batches.routes.ts';
import { returnedLetterRoutes } from '../../src/http/api/returned-letters.routes.ts';
import { buildServer } from '../../src/http/server.ts';
import { dataKeyStore } from '../../src/vault/data-keys.store.ts';
import { loadMasterKey } from '../../src/vault/master-key.ts';
import { makeVault } from '../../src/vault/vault.ts';
import { type BatchAnswer, type LetterDesk, letterDesk, peopleCsv } from '../support/letter-desk.ts';

let desk: LetterDesk;
beforeAll(async () => {
  desk = await letterDesk({}, undefined, { routes: (services) => [returnedLetterRoutes(services)] });
});
afterAll(() => desk.close());

const url = ({ id }: { id: string }, step: string): string => `/v1/letter-batches/${id}/${step}`;
const acknowledged = ({ letters, pages }: BatchAnswer) => ({ at: '2026-11-24T10:00:00+09:00', letters, pages });
const reprint = (batch: BatchAnswer, from: number, to = from, more: object = {}) =>
  desk.post(url(batch, 'reprint'), { from, to, reason: 'damaged', ...more });
const last = async (noticeId: string): Promise<BatchAnswer> => (await desk.batches(noticeId)).at(-1) as BatchAnswer;
const postIt = async (batch: BatchAnswer): Promise<void> => {
  await desk.handOver(batch);
  await desk.postBatch(batch);
};
/** The letters of the person who has one in a batch, as their page shows them, in the order of generations. */
const lettersOf = async (batch: BatchAnswer, sequence: number) => {
  const query = desk.db.selectFrom('deliveries').select('person_id').where('letter_batch_id', '=', batch.id);
  const { person_id } = await query.where('sequence', '=', sequence).executeTakeFirstOrThrow();
  const { deliveries, reference } = await desk.person(person_id);
  const lines = deliveries
    .map(({ generation, state, reason }: Record<string, unknown>) => `${generation} ${state} ${reason ?? ''}`.trim())
    .toSorted();
  return { lines, reference };
};

describe('what the print house opens', () => {
  it('has the columns that were agreed, and no formula', async () => {
    const abroad = ['90,Sample Person,=1+1,1 Sample Street,FR', '91,Sample Two,-75001,2 Sample Street,FR'];
    const { batches } = await desk.rendered(peopleCsv(1, abroad));
    const france = batches.find(({ country }) => country === 'FR') as BatchAnswer;
    const lines = (await desk.download(url(france, 'manifest.csv'))).bytes.toString().trim().split('\r\n');
    expect(lines[0]).toBe('sequence,reference,postal_code,country,pages,sheets,weight_g,barcode,first_page,sha256');
    expect(lines.slice(1).map((line) => line.split(',')[2])).toEqual(["'-75001", "'=1+1"]);
  });

  it('counts each letter under the first three digits of its postal code', async () => {
    const codes = ['530-0001', '100-0002', '060-0906', '530-0002', '100-0001'];
    const people = codes.map((code, i) => `${i},見本 太郎${'一二三四五'[i]},${code},大阪府大阪市北区梅田1-${i + 1},JP`);
    const { batches } = await desk.rendered(peopleCsv(0, people));
    const pdfium = await PDFiumLibrary.init();
    const document = await pdfium.loadDocument((await desk.download(url(batches[0], 'summary.pdf'))).bytes);
    const text = [...document.pages()].map((page) => page.getText()).join('');
    document.destroy();
    pdfium.destroy();
    // The desk has no postal data, and so no barcodes.
    expect(text).toMatch(/通数\s*5\s*うちバーコード付き\s*0\s/);
    const [, table = ''] = text.split('印刷順');
    const bundles = table.matchAll(/(\d{3})\s+(\d+)\s+([\d–]+)/g);
    expect([...bundles].map(([, ...bundle]) => bundle.join(' '))).toEqual(['060 1 1', '100 2 2–3', '530 2 4–5']);
    expect(table).toMatch(/合計\s*5\s*（1–5）/);
  });
});

describe('the word of an operator', () => {
  it('to close the open letters counts, although only full batches were to be closed', async () => {
    const noticeId = await desk.sending(peopleCsv(7));
    await sql`update notices set letters_closed_at = now() where id = ${noticeId}`.execute(desk.db);
    const [task] = await desk.due();
    const close = `/v1/notices/${noticeId}/letter-batches`;
    await sql`update tasks set worker_id = 'w' where id = ${task}`.execute(desk.db);
    expect(await desk.refusal(close, undefined)).toBe('409 wrong_state');
    await sql`update tasks set worker_id = null where id = ${task}`.execute(desk.db);
    expect(await desk.post(close)).toEqual({ closing: true });
    await desk.render(task);
    expect((await desk.batches(noticeId)).map(({ letters }) => letters)).toEqual([5, 2]);
    const { rows } = await sql<{ n: number }>`select count(*)::int as n from audit_events
      where action = 'letter_batch.closing_asked' and subject_id = ${noticeId}`.execute(desk.db);
    expect(rows).toEqual([{ n: 1 }]);
  });
});

describe('an acknowledgement', () => {
  it('that is said again after the batch was posted is known, and another one is not taken', async () => {
    const { batches } = await desk.rendered(peopleCsv(3));
    const [one] = batches;
    await postIt(one);
    const before = await desk.get(`/v1/letter-batches/${one.id}`);
    expect(
      await desk.post(url(one, 'handed-over'), { ...acknowledged(one), at: '2026-11-26T10:00:00Z' }),
    ).toMatchObject({
      ...{ state: 'posted', handedOverAt: before.handedOverAt },
    });
    expect(await desk.refusal(url(one, 'handed-over'), { ...acknowledged(one), letters: 2 })).toBe(
      '409 figures_differ',
    );
    expect(await desk.get(`/v1/letter-batches/${one.id}`)).toEqual(before);
  });

  it('of a batch that was cancelled says so: the printer must not print it', async () => {
    const { batches } = await desk.rendered(peopleCsv(1));
    const [one] = batches;
    await desk.post(url(one, 'cancel'), { reason: 'x' });
    const { status, body } = await desk.server.call('operator', 'POST', url(one, 'handed-over'), acknowledged(one));
    expect([status, body.code, body.detail]).toEqual([409, 'wrong_state', expect.stringContaining('is cancelled')]);
  });

  it('and a cancellation at the same time: one of them counts, and the letters are where it says', async () => {
    for (let round = 0; round < 6; round++) {
      const { noticeId, batches } = await desk.rendered(peopleCsv(2));
      const [one] = batches;
      const tries = await Promise.all([
        desk.server.call('operator', 'POST', url(one, 'handed-over'), acknowledged(one)),
        desk.server.call('operator', 'POST', url(one, 'cancel'), { reason: 'x' }),
        desk.server.call('operator', 'POST', url(one, 'handed-over'), acknowledged(one)),
      ]);
      const { state } = await desk.get(`/v1/letter-batches/${one.id}`);
      const { letter } = await desk.get(`/v1/notices/${noticeId}/stats`);
      const taken = state === 'cancelled' ? [409, 200, 409] : [200, 409, 200];
      expect(tries.map(({ status }) => status)).toEqual(taken);
      expect(letter).toMatchObject(state === 'cancelled' ? { pending: 2 } : { handedOver: 2 });
      expect(await desk.isBalanced(noticeId)).toBe(true);
    }
  });
});

describe('a letter that is printed again', () => {
  it('can be printed a third time, from the batch that it is in, and the person’s page shows each', async () => {
    const { noticeId, batches } = await desk.rendered(peopleCsv(2));
    const [one] = batches;
    await desk.handOver(one);
    await reprint(one, 2);
    await desk.renderNow(noticeId);
    const two = await last(noticeId);
    await desk.handOver(two);
    expect(await desk.refusal(url(one, 'reprint'), { from: 2, to: 2, reason: 'lost' })).toBe('409 wrong_state');
    await reprint(two, 1, 1, { reason: 'misprinted' });
    await desk.renderNow(noticeId);
    const three = await last(noticeId);
    for (const batch of [one, two]) await desk.postBatch(batch);
    await postIt(three);
    expect((await lettersOf(one, 2)).lines).toEqual([
      ...['1 cancelled replaced', '2 cancelled replaced', '3 posted reprint_misprinted'],
    ]);
    expect(await desk.get(`/v1/notices/${noticeId}/stats`)).toMatchObject({
      ...{ letter: { total: 4, posted: 2, cancelled: 2 }, persons: { total: 2, reached: 2 } },
    });
    expect(await desk.isBalanced(noticeId)).toBe(true);
  });

  it('is none that has come back: the answer says its state, and a new address is asked for elsewhere', async () => {
    const { batches } = await desk.rendered(peopleCsv(2));
    const [one] = batches;
    await postIt(one);
    const { reference } = await lettersOf(one, 1);
    await desk.post('/v1/letters/returned', { reference, reason: 'moved' });
    const again = { from: 1, to: 1, reason: 'lost', evenPosted: true };
    const { status, body } = await desk.server.call('operator', 'POST', url(one, 'reprint'), again);
    expect([status, body.left]).toEqual([409, [{ sequence: 1, state: 'returned', why: 'state' }]]);
    const { letters, left } = await reprint(one, 1, 2, { evenPosted: true });
    expect([letters, left]).toMatchObject([[{ sequence: 2 }], [{ sequence: 1, state: 'returned' }]]);
  });

  it('is none whose data were destroyed: it could never be typeset, and its notice never end', async () => {
    const { noticeId, batches } = await desk.rendered(peopleCsv(1));
    const [one] = batches;
    await desk.handOver(one);
    const { server, services, db } = desk;
    await sql`delete from keys.data_keys k using notices n
      where k.incident_id = n.incident_id and n.id = ${noticeId}`.execute(db);
    // A service that has not opened the key before.
    const vault = makeVault({ masterKey: await loadMasterKey(null, server.database.dir), keys: dataKeyStore(db) });
    const app = buildServer({
      services,
      routes: [letterBatchRoutes({ ...services, vault })],
      health: { database: async () => [], queue: async () => undefined, migrations: async () => true },
    });
    const headers = { authorization: `Bearer ${server.keys.operator}` };
    const body = { from: 1, to: 1, reason: 'lost' };
    const answer = await app.inject({ method: 'POST', url: url(one, 'reprint'), headers, payload: body });
    expect([answer.statusCode, answer.json().code]).toEqual([410, 'data_destroyed']);
    await app.close();
    expect((await desk.get(`/v1/notices/${noticeId}/stats`)).letter).toMatchObject({ total: 1, handedOver: 1 });
  });
});
