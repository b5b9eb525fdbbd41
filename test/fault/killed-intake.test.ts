import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { Api, ListAnswer } from '../../src/demo/api.ts';
import { startService, type TestService } from '../support/service.ts';
import { cast, castAgain, csvOf, openIncident } from '../support/story.ts';
import { until } from '../support/until.ts';

const ROWS = 40_000;

interface Progressing extends ListAnswer {
  progress: { rows: number; bytes: number; ofBytes: number; secondsLeft: number | null } | null;
}

describe('kill -9 while a list is taken in', () => {
  let dir: string;
  let service: TestService | undefined;

  afterEach(async () => {
    await service?.kill('SIGTERM');
    await rm(dir, { recursive: true, force: true });
  });

  it('shows no half list as ready, and begins again by itself, while checking and while accepting', {
    timeout: 240_000,
  }, async () => {
    dir = await mkdtemp(join(tmpdir(), 'owabi-kill-'));
    service = await startService({ DATA_DIR: dir });
    const people = await cast(service.url);
    const incidentId = await openIncident(people);
    const form = new FormData();
    form.set('file', new Blob([csvOf(ROWS)]), 'list.csv');
    const { id } = await people.operator.post<ListAnswer>(`/v1/incidents/${incidentId}/lists`, form);
    const list = (operator: Api) => operator.get<Progressing>(`/v1/lists/${id}`);

    const reading = await until('some rows have been read', async () => {
      const now = await list(people.operator);
      return (now.progress?.rows ?? 0) > 0 && now;
    });
    expect(reading.status).toBe('checking');
    expect(reading.rows.total).toBe(0);
    expect(reading.progress?.bytes).toBeLessThanOrEqual(reading.progress?.ofBytes ?? 0);
    await service.kill('SIGKILL');

    service = await startService({ DATA_DIR: dir });
    const { operator } = castAgain(service.url, people.keys);
    const ready = await until('it is ready', async () => {
      const now = await list(operator);
      expect(['checking', 'ready']).toContain(now.status);
      // Whole or nothing.
      if (now.status === 'checking') expect(now.rows.total).toBe(0);
      return now.status === 'ready' && now;
    });
    expect(ready.rows).toEqual({ total: ROWS, accepted: ROWS, merged: 0, quarantined: 0 });

    await operator.post(`/v1/lists/${id}/accept`);
    await service.kill('SIGKILL');
    service = await startService({ DATA_DIR: dir });
    const again = castAgain(service.url, people.keys).operator;
    await until('it is accepted', async () => (await list(again)).status === 'accepted');
    const stats = await again.get<{ persons: number; exposures: { total: number } }>(
      `/v1/incidents/${incidentId}/stats`,
    );
    expect(stats).toMatchObject({ persons: ROWS, exposures: { total: ROWS } });
  });
});
