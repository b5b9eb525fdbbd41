import { createHash, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { readdir } from 'node:fs/promises';
import { connect } from 'node:net';
import iconv from 'iconv-lite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { listRowRoutes } from '../../../src/http/api/list-rows.routes.ts';
import { listRoutes } from '../../../src/http/api/lists.routes.ts';
import { personRoutes } from '../../../src/http/api/persons.routes.ts';
import { type TestServer, testServer } from '../../support/http.ts';
import { until } from '../../support/until.ts';
import { doWork } from './work.ts';

let server: TestServer;
let url: string;
let incidentId: string;

beforeAll(async () => {
  server = await testServer({
    routes: (services) => [listRoutes(services), listRowRoutes(services), personRoutes(services)],
    settings: { MAX_UPLOAD_BYTES: '200000' },
  });
  url = await server.app.listen({ host: '127.0.0.1', port: 0 });
  const { sampleFacts } = (await server.call('operator', 'GET', '/v1/templates/apology')).body;
  const body = { title: '試験', locale: 'ja', timeZone: 'Asia/Tokyo', facts: sampleFacts.ja };
  incidentId = (await server.call('operator', 'POST', '/v1/incidents', body)).body.id;
});
afterAll(() => server.close());

const csv =
  '顧客番号,氏名,メール,住所,郵便番号,メモ,下4桁,ブランド\n1,山田 太郎,taro@example.jp,東京都港区芝1-2-3,1050014,=1+1,1234,VISA\n2,,x@example.jp,,,,,\n';

type Answer = Awaited<ReturnType<TestServer['call']>>['body'];

interface Parts {
  [name: string]: string | Blob;
}

async function upload(parts: Parts, { query = '', key = server.keys.operator, headers = {} } = {}) {
  const form = new FormData();
  for (const [name, value] of Object.entries(parts)) {
    if (typeof value === 'string') form.append(name, value);
    else form.append(name, value, 'list.csv');
  }
  const response = await fetch(`${url}/v1/incidents/${incidentId}/lists${query}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, ...headers },
    body: form,
  });
  return { status: response.status, headers: response.headers, body: (await response.json()) as Answer };
}

const file = (content: string | Uint8Array<ArrayBuffer> = csv) => new Blob([content]);

const work = () => doWork(server);

const listsThere = async () =>
  (await server.call('staff', 'GET', `/v1/incidents/${incidentId}/lists?limit=500`)).body.items;
const blobsThere = () => readdir(`${server.services.config.blobDir}/lists`).catch(() => []);

describe('uploading a list', () => {
  it('answers 202 at once, and shows the figures when it has been checked', async () => {
    const { status, body } = await upload({ file: file(), source: 'payments', kind: 'affected' });
    expect(status).toBe(202);
    expect(body).toMatchObject({ status: 'checking', source: 'payments', problem: null });
    await work();
    const list = (await server.call('staff', 'GET', `/v1/lists/${body.id}`)).body;
    expect(list).toMatchObject({
      ...{ status: 'ready', encoding: 'utf-8', delimiter: ',', persons: 1, exposures: 1 },
      ...{ rows: { total: 2, accepted: 1, merged: 0, quarantined: 1 }, reasons: { no_name: 1 } },
      sha256: createHash('sha256').update(csv).digest('hex'),
    });
    expect(list.columns[1]).toEqual({ name: '氏名', field: 'full_name', sure: 'certain', by: 'name' });
    // The upload stays, sealed, so that the list can be read in another way.
    expect(list.correctable).toBe(true);
    expect(await blobsThere()).toEqual([body.id]);
  });

  it('takes the fields after the file as well as before it', async () => {
    const mapping = JSON.stringify({ who: 'full_name', where: 'email' });
    const { body } = await upload({ file: file('who,where\n山田 太郎,taro@example.jp\n'), mapping });
    await work();
    expect((await server.call('staff', 'GET', `/v1/lists/${body.id}`)).body).toMatchObject({ status: 'ready' });
  });

  it('takes the file as the body itself', async () => {
    const headers = { 'content-type': 'text/csv' };
    const path = `/v1/incidents/${incidentId}/lists?accept=auto&kind=members`;
    const { status, body } = await server.call('operator', 'POST', path, iconv.encode(csv, 'cp932'), headers);
    expect(status).toBe(202);
    await work();
    const list = (await server.call('staff', 'GET', `/v1/lists/${body.id}`)).body;
    expect(list).toMatchObject({ status: 'accepted', kind: 'members', encoding: 'cp932', exposures: 0 });
  });

  it('reads the same options in the query beside a raw body, and beside a form that does not say otherwise', async () => {
    const mapping = encodeURIComponent(JSON.stringify({ who: 'full_name' }));
    const path = `/v1/incidents/${incidentId}/lists?mapping=${mapping}&kind=members`;
    const raw = await server.call('operator', 'POST', path, 'who,mail\n山,y@example.jp', {
      'content-type': 'text/csv',
    });
    const form = await upload({ file: file() }, { query: '?kind=members' });
    const other = await upload({ file: file(), kind: 'affected' }, { query: '?kind=members' });
    await work();
    expect((await server.call('staff', 'GET', `/v1/lists/${raw.body.id}`)).body).toMatchObject({ status: 'ready' });
    expect([raw.body.kind, form.body.kind, other.body.kind]).toEqual(['members', 'members', 'affected']);
  });

  it('takes a field that says that it is JSON', async () => {
    const boundary = { 'content-type': 'multipart/form-data; boundary=x' };
    const path = `/v1/incidents/${incidentId}/lists`;
    const body = (mapping: string) =>
      `--x\r\nContent-Disposition: form-data; name="mapping"\r\nContent-Type: application/json\r\n\r\n${mapping}\r\n` +
      '--x\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\nwho,mail\n山,y@example.jp\r\n--x--\r\n';
    expect(await server.call('operator', 'POST', path, body('{"who":"full_name"}'), boundary)).toMatchObject({
      ...{ status: 202, body: { status: 'checking' } },
    });
    expect((await server.call('operator', 'POST', path, body('{"who"'), boundary)).body.code).toBe('invalid_body');
    await work();
  });

  it('answers a client that listens only when it has sent all of too large a file', async () => {
    const chunks = Array.from({ length: 64 }, () => Buffer.alloc(64 * 1024, 'x'));
    for (const form of ['', '--x\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\n']) {
      const socket = connect(Number(new URL(url).port), '127.0.0.1');
      const type = form === '' ? 'text/csv' : 'multipart/form-data; boundary=x';
      socket.write(
        `POST /v1/incidents/${incidentId}/lists HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${server.keys.operator}\r\n` +
          `Content-Type: ${type}\r\nTransfer-Encoding: chunked\r\n\r\n`,
      );
      for (const chunk of [...(form === '' ? [] : [Buffer.from(form)]), ...chunks]) {
        socket.write(`${chunk.length.toString(16)}\r\n`);
        socket.write(chunk);
        await new Promise((written) => socket.write('\r\n', written));
      }
      socket.write('0\r\n\r\n');
      const [answer] = await once(socket, 'data');
      expect(String(answer)).toContain('413');
      socket.destroy();
    }
  });

  it('gives the first answer again for the same file under the same Idempotency-Key, and makes no second list', async () => {
    const headers = { 'idempotency-key': randomUUID() };
    const first = await upload({ file: file(), source: 'a' }, { headers });
    const before = (await listsThere()).length;
    const again = await upload({ source: 'a', file: file() }, { headers });
    expect(again.status).toBe(202);
    expect(again.body.id).toBe(first.body.id);
    expect(again.headers.get('idempotency-replayed')).toBe('true');
    expect(await upload({ file: file(`${csv}3`), source: 'a' }, { headers })).toMatchObject({
      ...{ status: 409, body: { code: 'idempotency_key_reused' } },
    });
    expect((await listsThere()).length).toBe(before);
    await work();
  });

  it.each([
    ['no file', 400, 'no_file', () => upload({ source: 'a' })],
    ['an empty file', 422, 'empty_file', () => upload({ file: file('') })],
    ['too large a file', 413, 'too_large', () => upload({ file: file('x'.repeat(300_000)) })],
    ['far too large a file', 413, 'too_large', () => upload({ file: file('x'.repeat(5_000_000)) })],
    ['an unknown field of the form', 400, 'invalid_body', () => upload({ colour: 'red', file: file() })],
    ['an unknown kind', 400, 'invalid_body', () => upload({ kind: 'friends', file: file() })],
    [
      'a card number for a source',
      400,
      'invalid_body',
      () => upload({ source: ['4111', '1111', '1111', '1111'].join('-'), file: file() }),
    ],
    ['a mapping that is no JSON', 400, 'invalid_mapping', () => upload({ mapping: '{', file: file() })],
    [
      'a mapping to an unknown field',
      400,
      'invalid_mapping',
      () => upload({ mapping: '{"氏名":"nick"}', file: file() }),
    ],
    [
      'a mapping of an unknown column',
      400,
      'invalid_mapping',
      () => upload({ mapping: '{"who":"full_name"}', file: file() }),
    ],
    [
      'a file of another type',
      415,
      'unsupported_media_type',
      () => server.call('operator', 'POST', `/v1/incidents/${incidentId}/lists`, { a: 1 }),
    ],
    [
      'an empty body',
      422,
      'empty_file',
      () => server.call('operator', 'POST', `/v1/incidents/${incidentId}/lists`, '', { 'content-type': 'text/csv' }),
    ],
    [
      'a form without a boundary',
      400,
      'bad_request',
      () =>
        server.call('operator', 'POST', `/v1/incidents/${incidentId}/lists`, 'x', {
          'content-type': 'multipart/form-data',
        }),
    ],
    ['a file that is a mere field', 400, 'no_file', () => upload({ file: csv })],
    ['nothing at all', 400, 'no_file', () => server.call('operator', 'POST', `/v1/incidents/${incidentId}/lists`)],
    [
      'an unknown incident',
      404,
      'not_found',
      () => server.call('operator', 'POST', '/v1/incidents/999/lists', csv, { 'content-type': 'text/csv' }),
    ],
    ['a key of the wrong role', 403, 'forbidden', () => upload({ file: file() }, { key: server.keys.approver })],
    ['a wrong key', 401, 'unauthorized', () => upload({ file: file() }, { key: 'none' })],
  ])('refuses %s and keeps nothing', async (_name, status, code, attempt) => {
    const [before, blobs] = [(await listsThere()).length, await blobsThere()];
    expect(await attempt()).toMatchObject({ status, body: { code, status } });
    await until(
      'nothing is left',
      async () => (await listsThere()).length === before && (await blobsThere()).length === blobs.length,
    );
  });

  it.each(['multipart/form-data; boundary=x', 'text/csv'])(
    'keeps nothing when the connection is cut in %s',
    async (type) => {
      const [before, blobs] = [(await listsThere()).length, await blobsThere()];
      const socket = connect(Number(new URL(url).port), '127.0.0.1');
      await once(socket, 'connect');
      const form = type.startsWith('multipart')
        ? '--x\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\n'
        : '';
      socket.write(
        `POST /v1/incidents/${incidentId}/lists HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${server.keys.operator}\r\n` +
          `Content-Type: ${type}\r\nContent-Length: 100000\r\n\r\n${form}${csv}`,
      );
      await until('the upload has begun', async () => (await listsThere()).length > before);
      socket.destroy();
      await until(
        'nothing is left',
        async () => (await listsThere()).length === before && (await blobsThere()).length === blobs.length,
      );
    },
  );
});

describe('a list that is ready', () => {
  it('is accepted once, shows its rows, and reports every one of them', async () => {
    const { body } = await upload({ file: file(), source: 'report' });
    await work();
    expect((await server.call('approver', 'POST', `/v1/lists/${body.id}/accept`)).status).toBe(403);
    expect((await server.call('operator', 'POST', `/v1/lists/${body.id}/accept`)).body.status).toBe('accepting');
    expect((await server.call('operator', 'POST', `/v1/lists/${body.id}/accept`)).status).toBe(202);
    await work();
    expect(await server.call('operator', 'POST', `/v1/lists/${body.id}/accept`)).toMatchObject({
      ...{ status: 202, body: { status: 'accepted', rows: { total: 2 } } },
    });
    expect((await server.call('operator', 'POST', `/v1/lists/${body.id}/discard`)).body.code).toBe('wrong_state');
    expect((await server.call('staff', 'GET', `/v1/lists/${body.id}/rows`)).status).toBe(403);
    const { items, nextCursor } = (await server.call('operator', 'GET', `/v1/lists/${body.id}/rows?limit=1`)).body;
    expect(items).toMatchObject([{ line: 2, outcome: 'merged', reference: expect.stringMatching(/^.{4}-.{4}-.$/) }]);
    const next = (await server.call('operator', 'GET', `/v1/lists/${body.id}/rows?limit=1&cursor=${nextCursor}`)).body;
    expect(next).toMatchObject({
      items: [{ line: 3, outcome: 'quarantined', reasons: ['no_name'] }],
      nextCursor: null,
    });
    const report = (await server.call('operator', 'GET', `/v1/lists/${body.id}/report.csv`)).body;
    const [header, first, second] = report.split('\r\n');
    expect(header).toBe('\uFEFF顧客番号,氏名,メール,住所,郵便番号,メモ,下4桁,ブランド,line,outcome,reasons,reference');
    expect(first).toBe(
      `1,山田 太郎,taro@example.jp,東京都港区芝1-2-3,1050014,'=1+1,1234,VISA,2,merged,,${items[0].reference}`,
    );
    expect(second).toBe('2,,x@example.jp,,,,,,3,quarantined,no_name,');
  });

  it('can be discarded, again and again, and then not accepted', async () => {
    const { body } = await upload({ file: file(), source: 'unwanted' });
    expect((await server.call('operator', 'POST', `/v1/lists/${body.id}/discard`)).body.status).toBe('discarded');
    await work();
    expect((await server.call('operator', 'POST', `/v1/lists/${body.id}/discard`)).body.status).toBe('discarded');
    expect((await server.call('operator', 'POST', `/v1/lists/${body.id}/accept`)).body.code).toBe('wrong_state');
    expect(await blobsThere()).not.toContain(body.id);
  });

  it.each(['/v1/lists/999', '/v1/lists/abc', '/v1/lists/1234567890123456789012', '/v1/persons/999'])(
    'does not exist at %s',
    async (path) => {
      expect((await server.call('operator', 'GET', path)).body.code).toBe('not_found');
    },
  );
});

describe('a person', () => {
  const search = async (q: string) =>
    (await server.call('staff', 'POST', `/v1/incidents/${incidentId}/persons/search`, { q })).body.items;

  it('is found by each exact key, folded as for matching, and by nothing else', async () => {
    await upload(
      { file: file('会員ID,氏名,メール,電話\nM-77,佐藤 花子,hanako@example.jp,00-1234-5678'), source: 's' },
      { query: '?accept=auto' },
    );
    await work();
    const [found] = await search('佐藤花子');
    expect(found).toMatchObject({ name: '佐藤 花子', excluded: false });
    const reference: string = found.reference;
    for (const q of [
      reference,
      reference.toLowerCase().replaceAll('-', ' '),
      'ＨＡＮＡＫＯ＠example.jp',
      '(00)1234-5678',
      'm-77',
    ]) {
      expect(await search(q)).toEqual([found]);
    }
    for (const q of ['佐藤', 'hanako', '77', '0000-0000-1']) expect(await search(q)).toEqual([]);
  });

  it('is shown with exposures, corrected, and excluded once; each look is written down', async () => {
    const [{ id }] = await search('山田太郎');
    const shown = (await server.call('staff', 'GET', `/v1/persons/${id}`)).body;
    expect(shown).toMatchObject({ name: '山田 太郎', deliveries: [], excluded: null });
    expect(shown.exposures[0]).toMatchObject({ kind: 'card', units: 1, brand: 'VISA', last4: '1234', line: 2 });
    const patched = await server.call('operator', 'PATCH', `/v1/persons/${id}`, {
      email: 'right@example.jp',
      address: { postalCode: '530-0001', lines: ['大阪府大阪市北区梅田1-1', '見本ビル5F'] },
    });
    expect(patched.body.emails[0]).toMatchObject({ address: 'right@example.jp', chosen: true });
    expect(patched.body.address).toMatchObject({
      postalCode: '5300001',
      lines: ['大阪府大阪市北区梅田1-1', '見本ビル5F'],
    });
    expect(await search('right@example.jp')).toHaveLength(1);
    expect(await search('taro@example.jp')).toHaveLength(1);
    expect((await server.call('operator', 'PATCH', `/v1/persons/${id}`, { email: 'no' })).body.code).toBe(
      'invalid_body',
    );
    expect((await server.call('operator', 'PATCH', `/v1/persons/${id}`, { name: 'x' })).status).toBe(400);
    const { version } = (await server.call('staff', 'GET', `/v1/persons/${id}`)).body;
    expect((await server.call('operator', 'PATCH', `/v1/persons/${id}`, {})).body.version).toBe(version);
    expect((await server.call('operator', 'POST', `/v1/persons/${id}/exclude`, { reason: ' ' })).status).toBe(400);
    const excluded = await server.call('operator', 'POST', `/v1/persons/${id}/exclude`, { reason: 'told by phone' });
    expect(excluded.body.excluded.reason).toBe('told by phone');
    expect((await server.call('operator', 'POST', `/v1/persons/${id}/exclude`, { reason: 'again' })).body.code).toBe(
      'wrong_state',
    );
    const events = await server.services.db
      .selectFrom('audit_events')
      .selectAll()
      .where('subject_kind', '=', 'person')
      .where('subject_id', '=', id)
      .execute();
    expect(new Set(events.map((event) => event.action))).toEqual(
      new Set(['person.found', 'person.read', 'person.correct', 'person.exclude']),
    );
    expect(JSON.stringify(events)).not.toMatch(/山田|example\.jp|phone/);
  });
});
