import { afterAll, beforeAll, expect, it } from 'vitest';
import { type LetterDesk, letterDesk, peopleCsv } from '../support/letter-desk.ts';

let desk: LetterDesk;
beforeAll(async () => {
  desk = await letterDesk();
});
afterAll(() => desk.close());

it('a notice whose letters would be wrong for everybody is blocked before anyone approves, and says on which page', async () => {
  const incidentId = await desk.openIncident();
  await desk.list(incidentId, peopleCsv(2));
  const { facts } = await desk.get(`/v1/incidents/${incidentId}`);
  const addressLines = Array.from({ length: 4 }, () => '東京都千代田区見本町'.repeat(8));
  const tooLong = { ...facts, organisation: { ...facts.organisation, addressLines } };
  await desk.ok('operator', 'PATCH', `/v1/incidents/${incidentId}`, { facts: tooLong });
  await expect(desk.freeze(incidentId)).rejects.toThrow(
    /is draft: .*"check_failed","severity":"blocking".*body_over_own \(page 1\)/,
  );

  await desk.ok('operator', 'PATCH', `/v1/incidents/${incidentId}`, { facts });
  const { status: good } = await desk.get(`/v1/notices/${await desk.freeze(incidentId)}`);
  expect(good).toBe('awaiting_approval');
});
