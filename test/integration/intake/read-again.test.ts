import { readdir } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { listRoutes } from '../../../src/http/api/lists.routes.ts';
import { type TestServer, testServer } from '../../support/http.ts';
import { doWork } from './work.ts';

let server: TestServer;
let url: string;
let incidentId: string;

beforeAll(async () => {
  server = await testServer({ routes: (services) => [listRoutes(services)] });
  url = await server.app.listen({ host: '127.0.0.1', port: 0 });
  const { sampleFacts } = (await server.call('operator', 'GET', '/v1/templates/apology')).body;
  const body = { title: '試験', locale: 'ja', timeZone: 'Asia/Tokyo', facts: sampleFacts.ja };
  incidentId = (await server.call('operator', 'POST', '/v1/incidents', body)).body.id;
});
afterAll(() => server.close());

const work = () => doWork(server);
const blobsThere = () => readdir(`${server.services.config.blobDir}/lists`).catch(() => []);

async function upload(csv: string, fields: Record<string, string> = {}) {
  const path = `/v1/incidents/${incidentId}/lists?${new URLSearchParams(fields)}`;
  const answer = await server.call('operator', 'POST', path, csv, { 'content-type': 'text/csv' });
  expect(answer.status).toBe(202);
  return answer;
}

describe('a list that was understood wrongly', () => {
  const odd = 'who,where,code\n山田 太郎,taro@example.jp,1001\n';

  it('is read again in another way, without a new upload', async () => {
    const { body } = await upload(odd, { source: 'odd', mapping: '{"who": "full_name"}' });
    await work();
    const list = (await server.call('operator', 'GET', `/v1/lists/${body.id}`)).body;
    expect(list).toMatchObject({ status: 'ready', correctable: true, sampleNames: ['山田 太郎'] });
    expect(list.columns[2]).toMatchObject({ name: 'code' });
    const again = { mapping: { who: 'full_name', where: 'email', code: 'external_id' } };
    expect((await server.call('staff', 'POST', `/v1/lists/${body.id}/read-again`, again)).status).toBe(403);
    const answer = await server.call('operator', 'POST', `/v1/lists/${body.id}/read-again`, again);
    expect(answer).toMatchObject({ status: 202, body: { status: 'checking' } });
    await work();
    const read = (await server.call('operator', 'GET', `/v1/lists/${body.id}`)).body;
    expect(read).toMatchObject({ status: 'ready', rows: { total: 1, accepted: 1 } });
    expect(read.columns[2]).toEqual({ name: 'code', field: 'external_id', sure: 'certain', by: 'mapping' });
    // Names are shown to operators only.
    expect((await server.call('staff', 'GET', `/v1/lists/${body.id}`)).body.sampleNames).toEqual([]);

    // The next list of this source needs no mapping.
    const next = await upload(odd.replace('1001', '1002'), { source: 'odd' });
    await work();
    const following = (await server.call('operator', 'GET', `/v1/lists/${next.body.id}`)).body;
    expect(following.columns[2]).toMatchObject({ field: 'external_id', by: 'saved' });
  });

  it('has to be uploaded again when it held what may not be stored, or is decided', async () => {
    const { body } = await upload('氏名,メール,パスワード\n山田 太郎,taro@example.jp,hunter22\n');
    await work();
    const list = (await server.call('operator', 'GET', `/v1/lists/${body.id}`)).body;
    expect(list).toMatchObject({ status: 'ready', correctable: false });
    expect(await blobsThere()).not.toContain(body.id);
    const again = () => server.call('operator', 'POST', `/v1/lists/${body.id}/read-again`, { encoding: 'cp932' });
    expect((await again()).body).toMatchObject({
      code: 'wrong_state',
      detail: expect.stringContaining('Upload the file again'),
    });
    await server.call('operator', 'POST', `/v1/lists/${body.id}/discard`);
    expect((await again()).body).toMatchObject({ code: 'wrong_state', detail: expect.stringContaining('discarded') });
  });

  it.each([
    ['a column that the file lacks', { mapping: { nobody: 'email' } }, 'invalid_mapping'],
    ['a field that does not exist', { mapping: { who: 'shoe_size' } }, 'invalid_mapping'],
    ['an encoding that nobody knows', { encoding: 'klingon' }, 'invalid_body'],
    ['something else', { colour: 'red' }, 'invalid_body'],
  ])('is not read again by %s', async (_what, wish, code) => {
    const { body } = await upload(odd, { mapping: '{"who": "full_name", "where": "email"}' });
    await work();
    const answer = await server.call('operator', 'POST', `/v1/lists/${body.id}/read-again`, wish);
    expect(answer).toMatchObject({ status: 400, body: { code } });
    expect((await server.call('staff', 'GET', `/v1/lists/${body.id}`)).body.status).toBe('ready');
  });

  it('says as events how far it is, and ends when it is ready', async () => {
    const { body } = await upload('氏名,メール\n山田 太郎,taro@example.jp\n山田 花子,hanako@example.jp\n');
    const events = fetch(`${url}/v1/lists/${body.id}/events`, {
      headers: { authorization: `Bearer ${server.keys.staff}` },
    }).then((response) => response.text());
    await work();
    const lists = [...(await events).matchAll(/^data: (.*)$/gm)].map(([, data]) => JSON.parse(data ?? ''));
    expect(lists.at(-1)).toMatchObject({ status: 'ready', progress: { rows: 2, secondsLeft: 0 } });
    expect(lists.at(-1).progress.bytes).toBe(lists.at(-1).progress.ofBytes);
  });
});
