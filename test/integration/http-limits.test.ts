import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type TestServer, testServer } from '../support/http.ts';
import { until } from '../support/until.ts';

let server: TestServer;
beforeAll(async () => {
  server = await testServer({ rateLimits: { perKey: 5, perAddress: 3 } });
});
afterAll(() => server.close());

const codes = async (count: number, call: () => Promise<{ status: number }>) => {
  const statuses: number[] = [];
  for (let i = 0; i < count; i++) statuses.push((await call()).status);
  return statuses;
};

describe('the rate limit', () => {
  it('counts each valid key by itself', async () => {
    expect(await codes(7, () => server.call('staff', 'GET', '/v1/incidents'))).toEqual([
      200, 200, 200, 200, 200, 429, 429,
    ]);
    expect((await server.call('operator', 'GET', '/v1/incidents')).status).toBe(200);
  });

  it('is said as a problem document with the time to wait', async () => {
    const answer = await server.call('staff', 'GET', '/v1/incidents');
    expect(answer).toMatchObject({ status: 429, body: { code: 'rate_limited' } });
    expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0);
  });

  it('stops whoever tries keys before the database is asked, and lets known callers of that address go on', async () => {
    const guess = (i: number) => ({ authorization: `Bearer owabi_guess${i}` });
    let i = 0;
    const guesses = () => server.call('nobody', 'GET', '/v1/incidents', undefined, guess(i++));
    expect(await codes(5, guesses)).toEqual([401, 401, 401, 429, 429]);
    expect((await server.call('operator', 'GET', '/v1/incidents')).status).toBe(200);
    // Also when their keys have to be looked up again: a key is believed for two seconds.
    const since = performance.now();
    await until('the belief in the key has run out', () => performance.now() - since > 2_100);
    expect((await server.call('operator', 'GET', '/v1/incidents')).status).toBe(200);
    expect((await guesses()).status).toBe(429);
  });

  it('leaves health and metrics alone', async () => {
    expect(await codes(8, () => server.call('nobody', 'GET', '/health/live'))).toEqual(Array(8).fill(200));
    expect((await server.call('nobody', 'GET', '/metrics')).status).toBe(200);
  });
});
