import { PDFiumLibrary } from '@hyzyla/pdfium';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { letterProfileRoutes } from '../../src/http/api/letter-profiles.routes.ts';
import { noticeRoutes } from '../../src/http/api/notices.routes.ts';
import { getNotice } from '../../src/notice/notices.store.ts';
import { loadPreview } from '../../src/notice/preview.store.ts';
import { makeLetterPress } from '../../src/rendering/letter-press.ts';
import { shippedProfile, shippedProfiles } from '../../src/rendering/letter-profiles/shipped-profiles.ts';
import { type TestServer, testServer } from '../support/http.ts';
import { sendingNotice } from '../support/notice-rows.ts';
import { apiDesk } from './intake/api-desk.ts';

const press = makeLetterPress({ threads: 1 });
let server: TestServer;
let pdfium: PDFiumLibrary;

beforeAll(async () => {
  pdfium = await PDFiumLibrary.init();
  server = await testServer({
    routes: (services) => [letterProfileRoutes({ ...services, press }), noticeRoutes({ ...services, preflight: null })],
  });
});
afterAll(async () => {
  await server.close();
  await press.close();
  pdfium.destroy();
});

const { id: _, ...naga3 } = shippedProfile('a4-naga3-90x45') as (typeof shippedProfiles)[number];
const own = { ...naga3, name: '長形3号 窓 95 × 48', window: { x: 20, y: 11, width: 95, height: 48 } };
const post = (body: unknown, who: 'operator' | 'staff' = 'operator') =>
  server.call(who, 'POST', '/v1/letter-profiles', body);

const pdfOf = async (url: string): Promise<Buffer> => {
  const headers = { authorization: `Bearer ${server.keys.operator}` };
  const answer = await server.app.inject({ method: 'GET', url, headers });
  expect(answer.statusCode).toBe(200);
  expect(answer.headers['content-type']).toBe('application/pdf');
  return answer.rawPayload;
};

async function firstPage(pdf: Buffer): Promise<{ width: number; height: number; text: string; pages: number }> {
  const document = await pdfium.loadDocument(pdf);
  const page = document.getPage(0);
  const { originalWidth: width, originalHeight: height } = page.getOriginalSize();
  const read = { width, height, text: page.getText().replace(/\s/gu, ''), pages: document.getPageCount() };
  document.destroy();
  return read;
}

describe('envelope profiles', () => {
  it('are those of the service, and then those made here', async () => {
    const made = await post(own);
    expect(made).toMatchObject({ status: 201, body: { ...own, id: expect.stringMatching(/^own-\d+$/) } });
    const second = await post(own);
    const first = await server.call('staff', 'GET', '/v1/letter-profiles?limit=1');
    const ids = (page: { body: { items: { id: string }[] } }) => page.body.items.map(({ id }) => id);
    expect(ids(first)).toEqual([...shippedProfiles.map(({ id }) => id), made.body.id]);
    const rest = await server.call('staff', 'GET', `/v1/letter-profiles?limit=1&cursor=${first.body.nextCursor}`);
    expect(ids(rest)).toEqual([second.body.id]);
    for (const id of [made.body.id, 'din-5008-a']) {
      expect((await server.call('staff', 'GET', `/v1/letter-profiles/${id}`)).body.id).toBe(id);
    }
    for (const id of ['own-4711', 'own-0', 'own-x', 'a4']) {
      expect((await server.call('staff', 'GET', `/v1/letter-profiles/${id}`)).status).toBe(404);
    }
  });

  it('are refused with a sentence for each fault, and made by operators only', async () => {
    const { body, status } = await post({ ...own, window: { x: 20, y: 11, width: 60, height: 30 } });
    expect(status).toBe(400);
    expect(body.errors.map(({ path }: { path: string }) => path)).toEqual(['window.height', 'window.width']);
    expect(body.detail).toMatch(/3 lines of 8 pt need/);
    expect((await post({ ...own, name: '😀' })).body.errors[0].message).toMatch(/U\+1F600/);
    expect((await post({ ...own, id: 'own-1' })).status).toBe(400);
    expect((await post({ ...own, folds: ['99'] })).status).toBe(400);
    expect((await post(own, 'staff')).status).toBe(403);
  });

  it.each(shippedProfiles.map((profile) => [profile.id, profile] as const))(
    'have a calibration sheet: %s on one page of its paper, with all that is on it printable',
    async (id, { paper, window, name, source }) => {
      const { width, height, text, pages } = await firstPage(await pdfOf(`/v1/letter-profiles/${id}/calibration.pdf`));
      expect(pages).toBe(1);
      expect([width, height]).toEqual([paper.width, paper.height].map((mm) => expect.closeTo((mm * 72) / 25.4, 0)));
      for (const part of [id, name, source, '100mm', `左/left${window.x}`]) {
        expect(text).toContain(part.replace(/\s/gu, ''));
      }
    },
  );

  it('have one for profiles made here, and none for what is not there', async () => {
    const { body } = await post(own);
    expect((await firstPage(await pdfOf(`/v1/letter-profiles/${body.id}/calibration.pdf`))).text).toContain(body.id);
    const missing = await server.call('operator', 'GET', '/v1/letter-profiles/own-4711/calibration.pdf');
    expect(missing.status).toBe(404);
  });
});

describe('the envelope of a notice', () => {
  it('is frozen whole and part of the digest; its letters are printed for it', async () => {
    const desk = await apiDesk();
    try {
      const incidentId = await desk.openIncident();
      await desk.list(incidentId, '顧客番号,氏名,郵便番号,住所\r\n1,見本 太郎,100-0001,東京都千代田区千代田1-1');
      const freeze = async (more: object) => {
        const notice = { template: 'warning', channels: 'letter', ...more };
        const { id } = await desk.post(`/v1/incidents/${incidentId}/notices`, notice);
        await desk.post(`/v1/notices/${id}/submit`);
        await desk.work();
        return desk.get(`/v1/notices/${id}`);
      };
      const plain = await freeze({});
      expect(plain).toMatchObject({ status: 'awaiting_approval', letterProfile: null });
      expect((await freeze({ letterProfile: 'a4-naga3-90x45' })).digest).toBe(plain.digest);
      const american = await freeze({ letterProfile: 'letter-10-114x29' });
      expect(american.digest).not.toBe(plain.digest);
      const { db } = desk.server.database;
      const { snapshot } = await getNotice(db, american.id);
      expect(snapshot).toMatchObject({ letterProfile: shippedProfile('letter-10-114x29') });
      const { renderings, locale, person } = await loadPreview(desk.server.services, american.id, null);
      const prepared = renderings.letter(locale);
      const { pdf } = await press.typeset({ prepared, persons: [person] });
      expect((await firstPage(Buffer.from(pdf))).width).toBeCloseTo(612, 0);
    } finally {
      await desk.close();
    }
  });

  it('is named in the draft, shown and changed', async () => {
    const { incidentId } = await sendingNotice(server.database.db, 1);
    const url = `/v1/incidents/${incidentId}/notices`;
    const draft = { template: 'warning', channels: 'letter' };
    const made = await server.call('operator', 'POST', url, { ...draft, letterProfile: 'letter-10-114x29' });
    expect(made).toMatchObject({ status: 201, body: { letterProfile: 'letter-10-114x29' } });
    const patch = (letterProfile: string | null) =>
      server.call('operator', 'PATCH', `/v1/notices/${made.body.id}`, { letterProfile });
    expect((await patch('own-4711')).body).toMatchObject({ code: 'invalid_body' });
    expect((await patch(null)).body.letterProfile).toBeNull();
    const profile = (await post(own)).body;
    expect((await patch(profile.id)).body.letterProfile).toBe(profile.id);
    expect((await server.call('operator', 'POST', url, draft)).body.letterProfile).toBeNull();
  });
});
