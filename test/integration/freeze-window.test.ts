import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { PaceWindow } from '../../src/delivery/dispatch/window.ts';
import { type ApiDesk, apiDesk } from './intake/api-desk.ts';

let desk: ApiDesk;
let incidentId: string;

beforeAll(async () => {
  desk = await apiDesk();
  incidentId = await desk.openIncident();
  await desk.list(incidentId, '顧客番号,氏名,郵便番号,住所\r\n1,見本 太郎,100-0001,東京都千代田区千代田1-1');
});
afterAll(() => desk.close());

/** Freezes a notice with a window: by letter, which needs no relay and is frozen in the same way. */
async function freeze(window: PaceWindow, more: object = {}) {
  const notice = { template: 'warning', channels: 'letter', pace: { window }, ...more };
  const { id } = await desk.post(`/v1/incidents/${incidentId}/notices`, notice);
  await desk.post(`/v1/notices/${id}/submit`);
  await desk.work();
  return desk.get(`/v1/notices/${id}`);
}

async function change(fields: { timeZone?: string; hours?: object }): Promise<void> {
  const { facts } = await desk.get(`/v1/incidents/${incidentId}`);
  const { hours, ...rest } = fields;
  if (hours) facts.contact.hours = hours;
  await desk.ok('operator', 'PATCH', `/v1/incidents/${incidentId}`, { ...rest, ...(hours && { facts }) });
}

const workdays = ['mon', 'tue', 'wed', 'thu', 'fri'];
const nineToFive = { days: ['mon'], from: '09:00', to: '17:00' } as PaceWindow;

describe('a window that is frozen', () => {
  it('is approved with its hours: those of the hotline change the digest, and make a draft of what was frozen', async () => {
    const first = await freeze('hotline');
    expect(first).toMatchObject({ status: 'awaiting_approval', pace: { window: 'hotline' } });
    expect((await freeze('hotline')).digest).toBe(first.digest);
    expect((await freeze(nineToFive)).digest).not.toBe(first.digest);
    await change({ hours: { days: workdays, from: '10:00', to: '18:00' } });
    expect(await desk.statusOf(first.id)).toBe('draft');
    expect((await freeze('hotline')).digest).not.toBe(first.digest);
  });

  it('blocks when the hotline is closed on holidays that nobody knows', async () => {
    await change({
      timeZone: 'Europe/Berlin',
      hours: { days: workdays, from: '10:00', to: '18:00', closedOnHolidays: true },
    });
    const blocked = await freeze('hotline');
    expect(blocked).toMatchObject({
      status: 'draft',
      problems: [{ code: 'window_unusable', severity: 'blocking', where: 'pace.window', message: /days .* extra/ }],
    });
    expect((await freeze(nineToFive)).status).toBe('awaiting_approval');
    await change({ timeZone: 'Asia/Tokyo' });
    expect((await freeze('hotline')).status).toBe('awaiting_approval');
  });

  it('blocks when it does not open after the start', async () => {
    const { rows } = await sql<{ day: string }>`
      select to_char(now() + interval '9 hours' + interval '2 days', 'YYYY-MM-DD') as day`.execute(
      desk.server.database.db,
    );
    const window: PaceWindow = { days: [], from: '10:00', to: '12:00', extra: [rows[0]?.day ?? ''] };
    expect((await freeze(window)).status).toBe('awaiting_approval');
    const startAt = new Date(Date.now() + 4 * 86_400_000).toISOString();
    expect(await freeze(window, { startAt })).toMatchObject({
      status: 'draft',
      problems: [{ code: 'window_unusable', message: /extra dates to come/ }],
    });
  });
});
