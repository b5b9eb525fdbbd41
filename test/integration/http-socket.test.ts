import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RoutePlugin } from '../../src/http/route.ts';
import { type TestServer, testServer } from '../support/http.ts';

let arrived = () => {};
let leave = () => {};
const slow: RoutePlugin = async (app) => {
  app.get('/v1/slow', { config: { public: true } }, async () => {
    arrived();
    await new Promise<void>((resolve) => {
      leave = resolve;
    });
    return { done: true };
  });
};
const nextArrival = () =>
  new Promise<void>((resolve) => {
    arrived = resolve;
  });

async function listening(shutdownMs?: number): Promise<{ server: TestServer; url: string; port: number }> {
  const server = await testServer({ routes: () => [slow], ...(shutdownMs && { shutdownMs }) });
  const url = await server.app.listen({ host: '127.0.0.1', port: 0 });
  return { server, url, port: Number(new URL(url).port) };
}

async function raw(port: number, words: string): Promise<string> {
  const socket: Socket = connect(port, '127.0.0.1');
  await once(socket, 'connect');
  socket.write(words);
  return text(socket);
}

describe('the server on a real socket', () => {
  let onLine: Awaited<ReturnType<typeof listening>>;
  beforeAll(async () => {
    onLine = await listening();
  });
  afterAll(() => onLine.server.close());

  it('answers what is no HTTP with a problem document', async () => {
    const answer = await raw(onLine.port, 'HELO mail.example.jp\r\n\r\n');
    expect(answer).toMatch(/^HTTP\/1\.1 400 Bad Request\r\n/);
    expect(answer).toContain('application/problem+json');
    expect(JSON.parse(answer.split('\r\n\r\n')[1] ?? '')).toMatchObject({ status: 400, code: 'bad_request' });
  });

  it('refuses a body that grows beyond 1 MiB while it is sent', async () => {
    const piece = new TextEncoder().encode(' '.repeat(256 * 1024));
    const body = new ReadableStream({
      pull: (controller) => controller.enqueue(piece),
    });
    const headers = { authorization: `Bearer ${onLine.server.keys.operator}`, 'content-type': 'application/json' };
    const request = { method: 'POST', headers, body, duplex: 'half' } as RequestInit;
    const answer = await fetch(`${onLine.url}/v1/incidents`, request);
    expect(answer.status).toBe(413);
    expect(await answer.json()).toMatchObject({ code: 'too_large' });
  });

  it('serves the pages of the description with a policy under which their scripts run', async () => {
    const page = await fetch(`${onLine.url}/docs/`);
    expect(page.headers.get('content-security-policy')).toContain("default-src 'self'");
    const html = await page.text();
    expect(html).not.toMatch(/<script(?![^>]*src=)/);
    for (const [, source] of html.matchAll(/src="([^"]+)"/g)) {
      const script = await fetch(new URL(source ?? '', page.url));
      expect(script.status, source).toBe(200);
      await script.body?.cancel();
    }
  });
});

describe('closing', () => {
  it('waits for the request in hand and takes no new one', async () => {
    const { server, url } = await listening();
    const arrival = nextArrival();
    const inHand = fetch(`${url}/v1/slow`);
    await arrival;
    const closed = server.app.close();
    await expect
      .poll(() =>
        fetch(`${url}/health/live`).then(
          (answer) => answer.status,
          () => 'refused',
        ),
      )
      .toBe('refused');
    leave();
    expect(await (await inHand).json()).toEqual({ done: true });
    const answered = performance.now();
    await closed;
    // Far below the deadline after which connections are cut: nothing but the request was waited for.
    expect(performance.now() - answered).toBeLessThan(3_000);
    await server.close();
  });

  it('does not wait longer than its deadline', async () => {
    const { server, url } = await listening(200);
    const arrival = nextArrival();
    const cut = fetch(`${url}/v1/slow`).then(
      () => 'answered',
      () => 'cut',
    );
    await arrival;
    await server.app.close();
    expect(await cut).toBe('cut');
    leave();
    await server.close();
  });
});

describe('when its database goes away', () => {
  it('says so with 503 and when to try again, stays alive, and goes on when it is back', async () => {
    const { server } = await listening();
    const ask = () => server.call('operator', 'GET', '/v1/incidents');
    expect((await ask()).status).toBe(200);
    const [pid] = (await readFile(join(server.database.dir, 'postgres', 'postmaster.pid'), 'utf8')).split('\n');
    process.kill(Number(pid), 'SIGINT');
    let answer = await ask();
    await expect
      .poll(
        async () => {
          answer = await ask();
          return answer.status;
        },
        { interval: 10 },
      )
      .toBe(503);
    expect(answer).toMatchObject({ body: { code: 'unavailable' }, headers: { 'retry-after': '5' } });
    expect((await server.call('nobody', 'GET', '/health/live')).status).toBe(200);
    const ready = await server.call('nobody', 'GET', '/health/ready');
    expect(ready).toMatchObject({ status: 503, body: { status: 'not_ready', checks: { database: 'failed' } } });
    await expect
      .poll(() => server.call('nobody', 'GET', '/health/ready').then(({ status }) => status), { timeout: 20_000 })
      .toBe(200);
    expect((await ask()).status).toBe(200);
    await server.close();
  });
});
