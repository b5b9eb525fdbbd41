import pino from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RoutePlugin } from '../../src/http/route.ts';
import { closed } from '../../src/http/schemas.ts';
import { type TestServer, testServer } from '../support/http.ts';

const lines: string[] = [];
const log = pino({ level: 'debug' }, { write: (line: string) => void lines.push(line) });

const faultyRoute: RoutePlugin = async (app) => {
  app.get('/v1/faulty', { schema: { summary: 'Fails' } }, async () => {
    throw new Error('could not write Taro Yamada');
  });
};

let server: TestServer;
beforeAll(async () => {
  server = await testServer({ log, routes: () => [faultyRoute] });
});
afterAll(() => server.close());

describe('a request without a valid key', () => {
  it.each([
    ['no key', undefined],
    ['another scheme', 'Basic b3BlcmF0b3I6eA=='],
    ['an unknown key', 'Bearer owabi_unknown'],
  ])('is answered 401 with %s', async (_what, authorization) => {
    const answer = await server.call(
      'nobody',
      'GET',
      '/v1/incidents',
      undefined,
      authorization ? { authorization } : {},
    );
    expect(answer).toMatchObject({ status: 401, body: { code: 'unauthorized' } });
    expect(answer.headers['www-authenticate']).toContain('Bearer');
  });

  it('may see health, metrics and the description, and nothing else', async () => {
    for (const url of [
      '/health/live',
      '/health/ready',
      '/metrics',
      '/openapi.json',
      '/docs',
      '/docs/static/swagger-ui.css',
    ]) {
      expect((await server.call('nobody', 'GET', url)).status, url).toBe(200);
    }
  });
});

describe('a failure', () => {
  it.each([
    ['an unknown route', 'GET', '/v1/nothing', undefined, {}, 404, 'not_found'],
    ['an id that is not there', 'GET', '/v1/incidents/999', undefined, {}, 404, 'not_found'],
    ['an id that is none', 'GET', '/v1/incidents/x%27--', undefined, {}, 404, 'not_found'],
    ['an id beyond all numbers', 'GET', '/v1/incidents/99999999999999999999', undefined, {}, 404, 'not_found'],
    ['a broken escape in the path', 'GET', '/v1/incidents/%zz', undefined, {}, 400, 'bad_request'],
    ['the role of another', 'GET', '/v1/users', undefined, {}, 403, 'forbidden'],
    ['a page that is too long', 'GET', '/v1/incidents?limit=501', undefined, {}, 400, 'bad_request'],
    ['a page of no number', 'GET', '/v1/incidents?limit=many', undefined, {}, 400, 'bad_request'],
    ['an invented cursor', 'GET', '/v1/incidents?cursor=abc', undefined, {}, 400, 'bad_request'],
    ['no body', 'POST', '/v1/incidents', undefined, {}, 400, 'invalid_body'],
    ['broken JSON', 'POST', '/v1/incidents', '{"title":', { 'content-type': 'application/json' }, 400, 'bad_request'],
    [
      'a poisoned prototype',
      'POST',
      '/v1/incidents',
      '{"__proto__":{}}',
      { 'content-type': 'application/json' },
      400,
      'bad_request',
    ],
    [
      'another content type',
      'POST',
      '/v1/incidents',
      'title=x',
      { 'content-type': 'text/plain' },
      415,
      'unsupported_media_type',
    ],
    [
      'a body over 1 MiB',
      'POST',
      '/v1/incidents',
      `"${'x'.repeat(1024 * 1024)}"`,
      { 'content-type': 'application/json' },
      413,
      'too_large',
    ],
    ['a fault of ours', 'GET', '/v1/faulty', undefined, {}, 500, 'internal'],
  ] as const)('by %s is a problem document', async (_what, method, url, body, headers, status, code) => {
    const answer = await server.call('operator', method, url, body, headers);
    expect(answer.headers['content-type']).toBe('application/problem+json; charset=utf-8');
    expect(answer).toMatchObject({ status, body: { status, code, type: `urn:owabi:error:${code}` } });
    expect(answer.body.title).toBeTruthy();
    expect(answer.body.detail).not.toContain('Yamada');
    expect(answer.body.requestId).toBe(answer.headers['x-request-id']);
  });

  it('of a body names the fields, the unknown ones too', async () => {
    const { body } = await server.call('admin', 'POST', '/v1/users', { name: '', roles: ['king'], colour: 'red' });
    expect(body.code).toBe('invalid_body');
    expect(body.errors.map((error: { path: string }) => error.path).toSorted()).toEqual(['colour', 'name', 'roles.0']);
  });
});

describe('every answer', () => {
  it('carries the request id that was sent, or a new one when that could hold more than an id', async () => {
    const sent = await server.call('staff', 'GET', '/v1/incidents', undefined, { 'x-request-id': 'trace-17' });
    expect(sent.headers['x-request-id']).toBe('trace-17');
    const odd = await server.call('staff', 'GET', '/v1/incidents', undefined, { 'x-request-id': 'taro@example.jp' });
    expect(odd.headers['x-request-id']).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('may not be kept, framed or run, refusals included', async () => {
    for (const who of ['staff', 'nobody'] as const) {
      const { headers } = await server.call(who, 'GET', '/v1/incidents');
      expect(headers['cache-control']).toBe('no-store');
      expect(headers['content-security-policy']).toContain("default-src 'none'");
      expect(headers['x-content-type-options']).toBe('nosniff');
      expect(headers['x-frame-options']).toBe('DENY');
    }
  });
});

describe('the log', () => {
  it('has one event for each request, with the route as declared and nothing of the query', async () => {
    lines.length = 0;
    const { headers } = await server.call('staff', 'GET', '/v1/incidents/4711?cursor=taro%40example.jp');
    const events = lines.map((line) => JSON.parse(line)).filter((line) => line.event === 'http.request');
    expect(events).toMatchObject([
      {
        route: '/v1/incidents/:id',
        method: 'GET',
        status: 404,
        requestId: headers['x-request-id'],
        userId: expect.any(String),
      },
    ]);
    expect(events[0].ms).toBeTypeOf('number');
    expect(lines.join()).not.toMatch(/taro|4711|owabi_/);
  });

  it('says where a fault of ours was thrown', async () => {
    lines.length = 0;
    await server.call('staff', 'GET', '/v1/faulty');
    expect(lines.map((line) => JSON.parse(line).event)).toContain('http.failed');
  });
});

describe('the description of the routes', () => {
  it('holds every route with its summary, tag, answers and problems', async () => {
    const { body } = await server.call('nobody', 'GET', '/openapi.json');
    expect(body.openapi).toBe('3.1.0');
    const paths = Object.keys(body.paths);
    expect(paths).toEqual(
      expect.arrayContaining(['/v1/users', '/v1/users/{id}', '/v1/incidents/{id}', '/v1/templates/{name}']),
    );
    expect(paths).toEqual(expect.arrayContaining(['/health/live', '/health/ready', '/metrics', '/openapi.json']));
    const operations = Object.values<Record<string, Record<string, unknown>>>(body.paths).flatMap((path) =>
      Object.values(path),
    );
    for (const operation of operations) {
      expect(operation).toMatchObject({ summary: expect.any(String), tags: [expect.any(String)] });
      expect(Object.keys(operation.responses as object)).toEqual(expect.arrayContaining(['4XX', '5XX']));
    }
    const ids = operations.map((operation) => operation.operationId);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('says who may call a route and which take an Idempotency-Key', async () => {
    const { body } = await server.call('nobody', 'GET', '/openapi.json');
    expect(body.components.securitySchemes.apiKey).toMatchObject({ type: 'http', scheme: 'bearer' });
    expect(body.paths['/health/live'].get.security).toEqual([]);
    const create = body.paths['/v1/incidents'].post;
    expect(create.description).toContain('operator');
    expect(create.parameters).toMatchObject([{ in: 'header', name: 'Idempotency-Key' }]);
    expect(create.requestBody.content['application/json'].schema.additionalProperties).toBe(false);
  });

  it('points only at what it holds', async () => {
    const { body } = await server.call('nobody', 'GET', '/openapi.json');
    for (const [, reference = ''] of JSON.stringify(body).matchAll(/"\$ref":"#([^"]+)"/g)) {
      const target = reference
        .split('/')
        .slice(1)
        .reduce((inner, name) => inner?.[name], body);
      expect(target, reference).toBeDefined();
    }
  });
});

describe('a route whose body would let unknown fields pass', () => {
  it('keeps the server from starting', async () => {
    const Open = { type: 'object', properties: { a: closed({}), b: { type: 'object', properties: {} } } };
    const careless: RoutePlugin = async (app) => {
      app.post('/v1/careless', { schema: { body: Open } }, async () => null);
    };
    await expect(testServer({ routes: () => [careless] })).rejects.toThrow(
      'POST /v1/careless: body takes unknown fields',
    );
  });
});

describe('metrics', () => {
  it('count requests by route, without ids', async () => {
    await server.call('staff', 'GET', '/v1/incidents/471147114711');
    const { body } = await server.call('nobody', 'GET', '/metrics');
    expect(body).toContain(
      'owabi_http_request_duration_seconds_count{method="GET",route="/v1/incidents/:id",status="404"}',
    );
    expect(body).not.toContain('471147114711');
  });
});
