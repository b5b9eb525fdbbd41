import { parse } from 'csv-parse/sync';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { completeNotices } from '../../../src/delivery/notice-state.store.ts';
import { letterProfileRoutes } from '../../../src/http/api/letter-profiles.routes.ts';
import { returnedLetterRoutes } from '../../../src/http/api/returned-letters.routes.ts';
import { statsRoutes } from '../../../src/http/api/stats.routes.ts';
import { substituteRoutes } from '../../../src/http/api/substitute.routes.ts';
import { buildServer } from '../../../src/http/server.ts';
import { openPostalData } from '../../../src/intake/fields/postal-data.ts';
import { parseReference, referenceFrom } from '../../../src/intake/persons/reference.ts';
import { barcodeFor } from '../../../src/rendering/barcode/barcode-for.ts';
import { dataMatrix } from '../../../src/rendering/barcode/data-matrix.ts';
import { makeLetterPress } from '../../../src/rendering/letter-press.ts';
import { shippedProfile } from '../../../src/rendering/letter-profiles/shipped-profiles.ts';
import { readPages } from '../../../src/rendering/pdf/read-pages.ts';
import { dataKeyStore } from '../../../src/vault/data-keys.store.ts';
import { loadMasterKey } from '../../../src/vault/master-key.ts';
import { makeVault } from '../../../src/vault/vault.ts';
import { type BatchAnswer, type LetterDesk, letterDesk, peopleCsv } from '../../support/letter-desk.ts';
import { modulesOn } from '../../support/mark-modules.ts';

const PERSONS = 8;
const MARK = { x: 8, y: 150 };
const postal = openPostalData(null);
const sheets = makeLetterPress({ threads: 1 });
let desk: LetterDesk;
beforeAll(async () => {
  desk = await letterDesk({}, undefined, {
    postal,
    barcode: (person, maxWidthMm) => barcodeFor({ person, postal: postal(), maxWidthMm }),
    routes: (services) => [
      ...[returnedLetterRoutes(services), substituteRoutes(services)],
      letterProfileRoutes({ ...services, press: sheets }),
    ],
  });
});
afterAll(async () => {
  await desk.close();
  await sheets.close();
});

interface Line {
  sequence: string;
  reference: string;
  postal_code: string;
  barcode: string;
  first_page: string;
}
const manifestOf = async ({ id }: BatchAnswer): Promise<Line[]> =>
  parse((await desk.download(`/v1/letter-batches/${id}/manifest.csv`)).bytes, { columns: true });
const pdfOf = async ({ id }: BatchAnswer): Promise<Uint8Array> =>
  (await desk.download(`/v1/letter-batches/${id}/letters.pdf`)).bytes;

/** Figures as the API tells them after a recount, which must agree with all that it counts. */
async function figures(noticeId: string): Promise<Record<string, number | string>> {
  const stats = await desk.get(`/v1/notices/${noticeId}/stats?recount=true`);
  expect(stats.balanced).toBe(true);
  const { total: persons, ...outcomes } = stats.persons as Record<string, number>;
  const { total: letters, ...states } = stats.letter as Record<string, number>;
  const sum = (counts: Record<string, number>) => Object.values(counts).reduce((all, n) => all + n, 0);
  expect([sum(outcomes), sum(states)]).toEqual([persons, letters]);
  expect(persons).toBe(PERSONS);
  const told = Object.entries({ ...outcomes, ...states }).filter(([, n]) => n > 0);
  return { status: stats.status, ...Object.fromEntries(told) };
}

/** The same service, started since the data key was destroyed. */
async function startedLater() {
  const { services, database } = desk.server;
  const vault = makeVault({ masterKey: await loadMasterKey(null, database.dir), keys: dataKeyStore(desk.db) });
  const app = buildServer({
    services,
    routes: [returnedLetterRoutes({ ...services, vault }), statsRoutes(services)],
    health: { database: async () => [], queue: async () => undefined, migrations: async () => true },
  });
  await app.ready();
  const headers = { authorization: `Bearer ${desk.server.keys.operator}` };
  return {
    close: () => app.close(),
    post: async (url: string, payload: object) => {
      const answer = await app.inject({ method: 'POST', url, headers, payload });
      return { status: answer.statusCode, body: answer.json() };
    },
  };
}

/** Letters of a new notice with the inserter's mark, printed and posted, with their lines in the manifests. */
async function posted() {
  const { id: _, ...naga3 } = shippedProfile('a4-naga3-90x45') as NonNullable<ReturnType<typeof shippedProfile>>;
  const { id } = await desk.post('/v1/letter-profiles', { ...naga3, inserterMark: MARK });
  const noticeId = await desk.sending(peopleCsv(PERSONS), { notice: { letterProfile: id } });
  expect(await figures(noticeId)).toEqual({ status: 'sending', inProgress: 8, pending: 8 });
  await desk.render((await desk.due())[0]);
  const batches = await desk.batches(noticeId);
  expect(await figures(noticeId)).toEqual({ status: 'sending', inProgress: 8, rendered: 8 });
  for (const batch of batches) await desk.handOver(batch);
  expect(await figures(noticeId)).toEqual({ status: 'sending', inProgress: 8, handedOver: 8 });
  for (const batch of batches) await desk.postBatch(batch);
  await completeNotices(desk.db);
  expect(await figures(noticeId)).toEqual({ status: 'completed', reached: 8, posted: 8 });
  const first = batches[0] as BatchAnswer;
  return { noticeId, batches, first, lines: (await Promise.all(batches.map(manifestOf))).flat() };
}

describe('letters that come back', () => {
  it('are taken by what is on them, sent to a new address or listed for substitute notice, and all figures add up', async () => {
    const { noticeId, first, lines, batches } = await posted();
    const [c, a, b, d, e] = lines as [Line, Line, Line, Line, Line];
    const printed = (line: Line) => parseReference(line.reference) as string;
    const last = first.pages / first.letters;
    const mark = `OWABI1;${printed(b)};${b.sequence};1;${last};1`;
    expect(modulesOn(await pdfOf(first), Number(b.first_page), MARK, 22)).toEqual(dataMatrix(mark, 22)?.modules);
    expect(c.barcode).toMatch(/^1 0 0 0 0 0 \d 1 - \d( CC4)+ \S+$/);
    const nobody = referenceFrom(new Uint8Array(8));

    const said = await desk.post('/v1/letters/returned', [
      { reference: a.reference.toLowerCase(), reason: 'moved' },
      { reference: nobody, reason: 'moved' },
      { reference: `]d1${mark}\r`, reason: 'unknown_address' },
      { reference: c.barcode, reason: 'refused' },
      { reference: `${a.reference.slice(0, -1)}${a.reference.endsWith('0') ? '1' : '0'}`, reason: 'moved' },
      { reference: printed(d), reason: 'deceased' },
      { reference: a.reference, reason: 'absent' },
    ]);
    expect(said.items.map(({ result, reference }: Line & { result: string }) => [result, reference])).toEqual([
      ['returned', a.reference],
      ['unknown_reference', expect.stringContaining(nobody.slice(0, 4))],
      ['returned', b.reference],
      // It names a place, and no letter: whoever scans it is told, and types the reference.
      ['unknown_reference', c.barcode],
      ['unknown_reference', expect.any(String)],
      ['returned', d.reference],
      ['already', a.reference],
    ]);
    expect(said.items[4].near).toEqual([a.reference]);
    expect(said.counts).toEqual({ returned: 3, already: 1, unknown_reference: 3, not_posted: 0, ambiguous: 0 });
    const idOf = (line: Line): string =>
      said.items.find(({ reference }: Line) => reference === line.reference)?.deliveryId;
    expect(await figures(noticeId)).toEqual({ status: 'completed', reached: 5, unreached: 3, posted: 5, returned: 3 });

    const osaka = { postalCode: '530-0001', addressLines: ['大阪府大阪市北区梅田1-2-3'], reason: '本人から' };
    const next = await desk.post(`/v1/deliveries/${idOf(a)}/readdress`, osaka);
    const again = await desk.post(`/v1/deliveries/${idOf(b)}/readdress`, { again: true, reason: '住所は正しい' });
    expect(await desk.refusal(`/v1/deliveries/${idOf(a)}/readdress`, osaka)).toBe('409 wrong_state');
    expect([next.generation, again.generation]).toEqual([2, 2]);
    expect(await figures(noticeId)).toEqual({
      ...{ status: 'sending', reached: 5, inProgress: 2, unreached: 1, posted: 5, returned: 3, pending: 2 },
    });

    await desk.renderNow(noticeId);
    const later = (await desk.batches(noticeId)).slice(batches.length);
    expect(later.map(({ letters, state }) => [letters, state])).toEqual([[2, 'rendered']]);
    const [batch] = later as [BatchAnswer];
    expect(await desk.get(`/v1/letter-batches/${batch.id}/checks`)).toMatchObject({ letters: 2, failed: [] });
    const lineOf = async (reference: string) =>
      (await manifestOf(batch)).find((line) => line.reference === reference) as Line;
    const [moved, back] = [await lineOf(a.reference), await lineOf(b.reference)];
    expect([moved.postal_code, moved.barcode.slice(0, 23)]).toEqual(['5300001', '5 3 0 0 0 0 1 1 - 2 - 3']);
    const again2 = `OWABI1;${printed(b)};${back.sequence};1;${last};2`;
    expect(modulesOn(await pdfOf(batch), Number(back.first_page), MARK, 22)).toEqual(dataMatrix(again2, 22)?.modules);
    const page = readPages(await pdfOf(batch)).read(Number(moved.first_page));
    const text = page.ink.texts.map((run) => run.text).join('');
    for (const part of ['〒530-0001', '大阪府大阪市北区梅田1-2-3', a.reference]) expect(text).toContain(part);
    expect(text).not.toContain('千代田区千代田');
    expect(await figures(noticeId)).toMatchObject({ inProgress: 2, rendered: 2 });

    await desk.handOver(batch);
    await desk.postBatch(batch);
    await completeNotices(desk.db);
    expect(await figures(noticeId)).toEqual({ status: 'completed', reached: 7, unreached: 1, posted: 7, returned: 3 });
    // The old envelope, found in the pile once more, is not the new one.
    expect(await desk.post('/v1/letters/returned', { reference: mark, reason: 'moved' })).toMatchObject({
      ...{ result: 'already', deliveryId: idOf(b) },
    });
    expect(await desk.refusal('/v1/letters/returned', { reference: b.reference, reason: 'moved' })).toBe(
      '409 ambiguous_letter',
    );
    expect(await figures(noticeId)).toEqual({ status: 'completed', reached: 7, unreached: 1, posted: 7, returned: 3 });
    const { items } = await desk.get(`/v1/letters/returned?notice=${noticeId}`);
    expect(items.map((item: Record<string, unknown>) => [item.deliveryId, item.state, item.next])).toEqual(
      [idOf(a), idOf(b), idOf(d)]
        .toSorted((x, y) => Number(x) - Number(y))
        .map((id) => {
          const planned = id === idOf(a) ? next : id === idOf(b) ? again : null;
          const link = { deliveryId: planned?.deliveryId, state: 'posted', reason: 'returned_readdressed' };
          return [id, planned ? 'readdressed' : 'open', planned ? link : null];
        }),
    );

    const list = await desk.get(`/v1/notices/${noticeId}/substitute`);
    expect(list).toMatchObject({ unreached: 1, inProgress: 0, byCause: { deceased: 1 } });
    expect(list.items).toMatchObject([{ reference: d.reference, letter: 'returned', letterCause: 'deceased' }]);
    const csv = (await desk.download(`/v1/notices/${noticeId}/substitute.csv`)).bytes.toString();
    expect(csv.trim().split('\r\n')).toHaveLength(2);
    expect(csv).toContain(`${d.reference},`);

    const { incident_id: incidentId } = await desk.db
      .selectFrom('notices')
      .select('incident_id')
      .where('id', '=', noticeId)
      .executeTakeFirstOrThrow();
    await sql`delete from keys.data_keys where incident_id = ${incidentId}`.execute(desk.db);
    const service = await startedLater();
    try {
      const late = await service.post('/v1/letters/returned', { reference: e.reference, reason: 'unclaimed' });
      expect(late).toMatchObject({ status: 200, body: { result: 'returned', reference: e.reference } });
      // The second letter to the first person comes back as well: the mark says which of the two it is.
      const second = { reference: `OWABI1;${printed(a)};${moved.sequence};1;2;2`, reason: 'moved' };
      expect(await service.post('/v1/letters/returned', second)).toMatchObject({
        ...{ status: 200, body: { result: 'returned', deliveryId: next.deliveryId } },
      });
      for (const id of [late.body.deliveryId, next.deliveryId]) {
        expect(await service.post(`/v1/deliveries/${id}/readdress`, osaka)).toMatchObject({
          ...{ status: 410, body: { code: 'data_destroyed' } },
        });
      }
    } finally {
      await service.close();
    }
    expect(await figures(noticeId)).toEqual({ status: 'completed', reached: 5, unreached: 3, posted: 5, returned: 5 });
    const after = await desk.get(`/v1/notices/${noticeId}/substitute`);
    expect(after).toMatchObject({ unreached: 3, byCause: { deceased: 1, unclaimed: 1, moved: 1 } });
  }, 60_000);
});
