import { parse } from 'csv-parse/sync';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { contentOf } from '../../src/delivery/delivery-content.ts';
import { letterProfileRoutes } from '../../src/http/api/letter-profiles.routes.ts';
import { returnedLetterRoutes } from '../../src/http/api/returned-letters.routes.ts';
import { barcodeFor } from '../../src/rendering/barcode/barcode-for.ts';
import { readBars } from '../../src/rendering/barcode/four-state.ts';
import { layOutLetter } from '../../src/rendering/letter-layout.ts';
import { makeLetterPress } from '../../src/rendering/letter-press.ts';
import { shippedProfile } from '../../src/rendering/letter-profiles/shipped-profiles.ts';
import { visibleZone } from '../../src/rendering/letter-profiles/zones.ts';
import { readPages } from '../../src/rendering/pdf/read-pages.ts';
import type { LetterPress } from '../../src/rendering/types.ts';
import { type BatchAnswer, type LetterDesk, letterDesk } from '../support/letter-desk.ts';
import { statesByOracle } from '../unit/rendering/barcode/oracle.ts';

const sheets = makeLetterPress({ threads: 1 });
let desk: LetterDesk;
beforeAll(async () => {
  desk = await letterDesk({}, undefined, {
    barcode: (person, maxWidthMm, mailer) => barcodeFor({ person, postal: null, maxWidthMm, mailer: mailer ?? null }),
    routes: (services) => [letterProfileRoutes({ ...services, press: sheets }), returnedLetterRoutes(services)],
  });
});
afterAll(async () => {
  await desk.close();
  await sheets.close();
});

const { id: _, ...number10 } = shippedProfile('letter-10-114x29') as NonNullable<ReturnType<typeof shippedProfile>>;
const mailer = { mailerId: '123456', serviceType: '040' };
const ADDRESSES = [
  ['Jane Sample', '94105-1804', '1 Example St', 'SAN FRANCISCO CA'],
  ['Joe (Gypsy) Quigley|jpqy_Ç', '10001', '22 gjpqy St, (A)', 'NEW YORK, NY|_gjpqyÇ()'],
  ['Ann Sample', '60601', '3 Example Ave', 'CHICAGO IL'],
] as const;
const csv = (people: readonly (readonly string[])[]): string =>
  [
    'customer id,name,postal code,address1,address2,company,country',
    ...people.map(([name, zip, first, second, company = ''], i) =>
      [i + 1, name, zip, first, second, company, 'US'].map((cell) => `"${cell}"`).join(','),
    ),
  ].join('\r\n');

/** Letters of an American incident, rendered, with the batch that holds them. */
async function rendered(profile: object, people: readonly (readonly string[])[] = ADDRESSES) {
  const { id } = await desk.post('/v1/letter-profiles', { ...number10, ...profile });
  const { sampleFacts } = await desk.get('/v1/templates/warning');
  const body = { title: 'Test', locale: 'en', timeZone: 'America/New_York', facts: sampleFacts.en };
  const { id: incidentId } = await desk.post('/v1/incidents', body);
  const noticeId = await desk.sending(csv(people), { incidentId, notice: { letterProfile: id } });
  await desk.render((await desk.due())[0]);
  const [batch] = await desk.batches(noticeId);
  return { noticeId, batch: batch as BatchAnswer };
}

interface Line {
  sequence: string;
  reference: string;
  barcode: string;
  first_page: string;
  postal_code: string;
}
const manifestOf = async ({ id }: BatchAnswer): Promise<Line[]> =>
  parse((await desk.download(`/v1/letter-batches/${id}/manifest.csv`)).bytes, { columns: true });
/** The states of the bars in the window of a page, as another reader of the file sees them. */
function barsOn(pdf: Uint8Array, page: number): { states: string; left: number; right: number; bottom: number } {
  const { ink } = readPages(pdf).read(page);
  const bars = ink.rectangles.filter(({ height, width }) => width < 1 && height < 6);
  const read = readBars(bars.map(({ x, y, width, height }) => ({ x, y, w: width, h: height })));
  return {
    states: read?.states ?? '',
    left: Math.min(...bars.map(({ x }) => x)),
    right: Math.max(...bars.map(({ x, width }) => x + width)),
    bottom: Math.max(...bars.map(({ y, height }) => y + height)),
  };
}

describe('letters to American addresses', () => {
  it('carry the barcode that the manifest names, each with a serial of its own, clear of what may hide it', async () => {
    const { batch } = await rendered({ mailer });
    expect(batch).toMatchObject({ state: 'rendered', letters: 3, country: 'US' });
    const lines = await manifestOf(batch);
    const pdf = (await desk.download(`/v1/letter-batches/${batch.id}/letters.pdf`)).bytes;
    const zone = visibleZone(number10);
    for (const { barcode, postal_code: zip, first_page: page } of lines) {
      expect(barcode).toMatch(new RegExp(`^00040123456\\d{9}${zip.replace('-', '')}$`));
      const bars = barsOn(pdf, Number(page));
      expect(bars.states).toBe(statesByOracle('onecode', barcode));
      expect(bars.left - zone.x).toBeGreaterThan(3.175);
      expect(zone.x + zone.width - bars.right).toBeGreaterThan(3.175);
      expect(zone.y + zone.height - bars.bottom).toBeGreaterThan(0.711);
    }
    expect(new Set(lines.map(({ barcode }) => barcode.slice(11, 20))).size).toBe(3);
    const checks = await desk.get(`/v1/letter-batches/${batch.id}/checks`);
    expect(checks).toMatchObject({ letters: 3, failed: [] });
  });

  it('have serials that go on from batch to batch of a mailer, and begin with each mailer', async () => {
    const own = { mailer: { mailerId: '912345678', serviceType: '310', barcodeId: '10' } };
    const serials = async () => {
      const lines = await manifestOf((await rendered(own)).batch);
      return lines.map(({ barcode }) => barcode.slice(0, 20));
    };
    expect([...(await serials()), ...(await serials())]).toEqual(
      [0, 1, 2, 3, 4, 5].map((n) => `10310912345678${String(n).padStart(6, '0')}`),
    );
  });

  it('begin their serials anew after the last of them', async () => {
    const { db } = desk;
    await sql`insert into mailer_serials values ('900000001', 1999999)`.execute(db);
    const lines = await manifestOf((await rendered({ mailer: { ...mailer, mailerId: '900000001' } })).batch);
    expect(lines.map(({ barcode }) => barcode.slice(14, 20))).toEqual(['999999', '000000', '000001']);
  });

  it('are the same, at the same place in the batch, when they are rendered again and when they are archived', async () => {
    const { noticeId, batch } = await rendered({ mailer });
    const before = await manifestOf(batch);
    await sql`
      alter table deliveries disable trigger user; alter table letter_batches disable trigger user;
      update deliveries set state = 'pending' where letter_batch_id = ${sql.lit(batch.id)};
      update letter_batches set state = 'rendering' where id = ${sql.lit(batch.id)};
      alter table deliveries enable trigger user; alter table letter_batches enable trigger user`.execute(desk.db);
    const { rows } = await sql<{ id: string }>`
      insert into tasks (kind, subject_id) values ('render-letters', ${noticeId}) returning id`.execute(desk.db);
    await desk.render(rows[0]?.id);
    expect(await manifestOf(batch)).toEqual(before);
    const letter = await desk.db
      .selectFrom('deliveries')
      .select('id')
      .where('letter_batch_id', '=', batch.id)
      .where('sequence', '=', 2)
      .executeTakeFirstOrThrow();
    const { bytes } = await contentOf({ ...desk.services, press: desk.press }, letter.id, 'pdf');
    expect(barsOn(bytes as Uint8Array, 1).states).toBe(statesByOracle('onecode', before[1]?.barcode ?? ''));
    const archived: unknown[] = [];
    const press: LetterPress = {
      ...desk.press,
      archive: async ({ prepared, person, sequence }) => {
        const layout = layOutLetter(prepared, person);
        archived.push(sequence, 'reason' in layout ? layout.reason : (layout.barcode?.data ?? 'none'));
        return new Uint8Array();
      },
    };
    await contentOf({ ...desk.services, press }, letter.id, 'pdf', true);
    expect(archived).toEqual([2, before[1]?.barcode]);
  });

  it('that are printed again have another serial', async () => {
    const { noticeId, batch } = await rendered({ mailer });
    await desk.handOver(batch);
    await desk.post(`/v1/letter-batches/${batch.id}/reprint`, { from: 1, to: 1, reason: 'damaged' });
    await desk.renderNow(noticeId);
    const again = (await desk.batches(noticeId)).at(-1) as BatchAnswer;
    const [first, second] = [(await manifestOf(batch))[0], (await manifestOf(again))[0]];
    expect(second?.reference).toBe(first?.reference);
    expect(second?.barcode).not.toBe(first?.barcode);
    expect(second?.barcode.slice(20)).toBe(first?.barcode.slice(20));
  });

  it('come back by the digits of their barcode', async () => {
    const { batch } = await rendered({ mailer });
    const [first, second] = await manifestOf(batch);
    await desk.handOver(batch);
    await desk.postBatch(batch);
    const say = (reference: string) => desk.post('/v1/letters/returned', [{ reference, reason: 'moved' }]);
    expect((await say(first?.barcode ?? '')).items).toMatchObject([
      { result: 'returned', reference: first?.reference, mistyped: false },
    ]);
    expect((await say((second?.barcode ?? '').replace('123456', '123457'))).items).toMatchObject([
      { result: 'unknown_reference', mistyped: false },
    ]);
  });

  it('have none, and arrive all the same, where the profile has no mailer or the window no room', async () => {
    const without = await rendered({});
    expect((await manifestOf(without.batch)).map(({ barcode }) => barcode)).toEqual(['', '', '']);
    const four = [['Jane Sample', '94105', '1 Example St', 'SAN FRANCISCO CA', 'Sample Inc.']];
    const crowded = await rendered({ mailer }, four);
    expect((await manifestOf(crowded.batch)).map(({ barcode }) => barcode)).toEqual(['']);
  });
});

describe('the mailer of an envelope profile', () => {
  it('is refused with a sentence for each part that USPS cannot have given', async () => {
    const refused = async (over: object, further: object = {}) => {
      const body = { ...number10, mailer: { ...mailer, ...over }, ...further };
      const answer = await desk.server.call('operator', 'POST', '/v1/letter-profiles', body);
      return [answer.status, ...(answer.body.errors ?? []).map(({ path }: { path: string }) => path)];
    };
    expect(await refused({ mailerId: '912345' })).toEqual([400, 'mailer.mailerId']);
    expect(await refused({ mailerId: '123456789' })).toEqual([400, 'mailer.mailerId']);
    expect(await refused({ mailerId: '12345' })).toEqual([400, 'mailer.mailerId']);
    expect(await refused({ serviceType: '40', barcodeId: '05' })).toEqual([
      ...[400, 'mailer.barcodeId', 'mailer.serviceType'],
    ]);
    expect(await refused({}, { postedIn: 'JP' })).toEqual([400, 'mailer']);
    expect((await refused({ serial: '1' }))[0]).toBe(400);
    expect((await refused({ barcodeId: '14' }))[0]).toBe(201);
  });
});
