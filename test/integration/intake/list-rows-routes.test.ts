import iconv from 'iconv-lite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { listRowRoutes } from '../../../src/http/api/list-rows.routes.ts';
import { listRoutes } from '../../../src/http/api/lists.routes.ts';
import { statsRoutes } from '../../../src/http/api/stats.routes.ts';
import type { Encoding } from '../../../src/intake/reading/encoding.ts';
import { encode, halfWidth } from '../../support/encode.ts';
import { type TestServer, testServer } from '../../support/http.ts';
import { workbookOf } from '../../support/workbook.ts';
import { doWork } from './work.ts';

let server: TestServer;
let incidentId: string;
beforeAll(async () => {
  server = await testServer({
    routes: (services) => [listRoutes(services), listRowRoutes(services), statsRoutes(services)],
  });
  const { sampleFacts } = (await server.call('operator', 'GET', '/v1/templates/apology')).body;
  const body = { title: '試験', locale: 'ja', timeZone: 'Asia/Tokyo', facts: sampleFacts.ja };
  incidentId = (await server.call('operator', 'POST', '/v1/incidents', body)).body.id;
});
afterAll(() => server.close());

const work = () => doWork(server);

/** The path of a list that was read. */
async function upload(file: string | Buffer, query = ''): Promise<string> {
  const path = `/v1/incidents/${incidentId}/lists${query}`;
  const { body } = await server.call('operator', 'POST', path, file, { 'content-type': 'text/csv' });
  await work();
  const list = `/v1/lists/${body.id}`;
  expect((await server.call('operator', 'GET', list)).body).toMatchObject({ problem: null });
  return list;
}

const patch = (list: string, line: number, cells: unknown) =>
  server.call('operator', 'PATCH', `${list}/rows/${line}`, { cells });
const post = (path: string, body?: unknown) => server.call('operator', 'POST', path, body);

const csv = '氏名,メール,備考\n,hanako@example.jp,\n鈴木 〓,s@example.jp,\n佐藤 次郎,,\n田中 三郎,,\n';

describe('the rows of a list', () => {
  it('are shown by outcome and reason, each with what was decided', async () => {
    const list = await upload(csv);
    await post(`${list}/rows/3/exclude`, { reason: '退会した人' });
    const rows = async (query: string) => (await server.call('operator', 'GET', `${list}/rows?${query}`)).body;
    const lines = async (query: string) => (await rows(query)).items.map((row: { line: number }) => row.line);
    expect(await lines('reason=no_contact')).toEqual([4, 5]);
    expect(await lines('outcome=quarantined&reason=no_name')).toEqual([2]);
    expect(await lines('outcome=accepted&reason=no_name')).toEqual([]);
    const first = await rows('reason=no_contact&limit=1');
    expect(await lines(`reason=no_contact&limit=1&cursor=${first.nextCursor}`)).toEqual([5]);
    expect((await rows('reason=damaged_name')).items).toEqual([
      {
        ...{ line: 3, outcome: 'quarantined', reasons: ['damaged_name'], warnings: [], reference: null },
        ...{ decision: 'excluded', decisionReason: '退会した人', cells: ['鈴木 〓', 's@example.jp', ''] },
      },
    ]);
    expect(await rows('reason=nonsense')).toMatchObject({ status: 400, code: 'bad_request' });
  });

  it('are decided on one by one, and the figures follow', async () => {
    const list = await upload(csv, '?accept=auto');
    const fixed = await patch(list, 2, { 氏名: '山田 花子' });
    expect(fixed).toMatchObject({
      status: 200,
      body: { outcome: 'accepted', decision: 'fixed', decisionReason: null },
    });
    expect(fixed.body.reference).toMatch(/^.{4}-.{4}-.$/);
    expect(await post(`${list}/rows/3/accept`, { reason: '本人の書き方' })).toMatchObject({
      ...{ status: 200, body: { outcome: 'accepted', decision: 'accepted', decisionReason: '本人の書き方' } },
    });
    expect((await post(`${list}/rows/4/exclude`, { reason: 'test' })).body.decision).toBe('excluded');
    expect((await post(`${list}/rows/4/reopen`)).body.decision).toBeNull();
    expect((await server.call('staff', 'GET', list)).body).toMatchObject({
      ...{ rows: { total: 4, accepted: 2, merged: 0, quarantined: 2 }, persons: 2, exposures: 2 },
      reasons: { no_contact: 2 },
    });
  });

  it('are decided on together, and coverage says what is left', async () => {
    const quarantined = async () =>
      (await server.call('staff', 'GET', `/v1/incidents/${incidentId}/stats`)).body.coverage.quarantinedRows;
    const list = await upload(csv, '?accept=auto');
    const before = await quarantined();
    const together = { quarantineReason: 'no_contact', reason: '住所がない' };
    expect(await post(`${list}/rows/accept`, together)).toMatchObject({ status: 200, body: { rows: 2, left: 0 } });
    expect(await quarantined()).toBe(before - 2);
    const left = { quarantineReason: 'no_name', reason: '名前がない' };
    expect(await post(`${list}/rows/accept`, left)).toMatchObject({ status: 409, body: { code: 'wrong_state' } });
    expect((await post(`${list}/rows/exclude`, left)).body).toEqual({ rows: 1, left: 0 });
    expect(await quarantined()).toBe(before - 2);
  });

  it('are for operators, and each decision is written down without what was said', async () => {
    const list = await upload(csv);
    const reason = { reason: '山田さんの希望' };
    const all = { quarantineReason: 'no_contact', ...reason };
    const attempts = [
      ['PATCH', `${list}/rows/2`, { cells: { 氏名: '山田 花子' }, ...reason }],
      ['POST', `${list}/rows/3/accept`, reason],
      ['POST', `${list}/rows/4/exclude`, reason],
      ['POST', `${list}/rows/4/reopen`, undefined],
      ['POST', `${list}/rows/exclude`, all],
      ['POST', `${list}/rows/accept`, all],
    ] as const;
    for (const [method, path, body] of attempts) {
      for (const who of ['staff', 'approver', 'admin'] as const) {
        expect(await server.call(who, method, path, body), path).toMatchObject({ status: 403 });
      }
      expect(await server.call('operator', method, path, body), path).toMatchObject({ status: 200 });
    }
    const events = await server.services.db
      .selectFrom('audit_events')
      .select(['action', 'detail'])
      .where('subject_id', '=', list.split('/').at(-1) ?? '')
      .where('action', 'like', 'row%')
      .orderBy('id')
      .execute();
    expect(events).toEqual([
      { action: 'row.correct', detail: { line: 2, usable: true } },
      { action: 'row.accept', detail: { line: 3 } },
      { action: 'row.exclude', detail: { line: 4 } },
      { action: 'row.reopen', detail: { line: 4 } },
      { action: 'rows.exclude', detail: { quarantineReason: 'no_contact', rows: 2 } },
      { action: 'rows.accept', detail: { quarantineReason: 'no_contact', rows: 0 } },
    ]);
  });

  it.each([
    ['an unknown column', 400, 'invalid_body', (list: string) => patch(list, 2, { 名前: '山田 花子' })],
    ['too few cells', 400, 'invalid_body', (list: string) => patch(list, 2, ['山田 花子'])],
    ['a cell that is no text', 400, 'invalid_body', (list: string) => patch(list, 2, { 氏名: 5 })],
    ['no cells', 400, 'invalid_body', (list: string) => server.call('operator', 'PATCH', `${list}/rows/2`, {})],
    ['an unknown field', 400, 'invalid_body', (list: string) => post(`${list}/rows/2/exclude`, { reason: 'x', a: 1 })],
    ['an empty reason', 400, 'invalid_body', (list: string) => post(`${list}/rows/3/accept`, { reason: ' ' })],
    ['no reason', 400, 'invalid_body', (list: string) => post(`${list}/rows/3/accept`, {})],
    [
      'an unknown code',
      400,
      'invalid_body',
      (list: string) => post(`${list}/rows/accept`, { quarantineReason: 'ugly', reason: 'x' }),
    ],
    [
      'a row that must be corrected',
      409,
      'wrong_state',
      (list: string) => post(`${list}/rows/2/accept`, { reason: 'x' }),
    ],
    ['a line without a row', 404, 'not_found', (list: string) => post(`${list}/rows/99/exclude`, { reason: 'x' })],
    ['a line that is none', 404, 'not_found', (list: string) => post(`${list}/rows/x/exclude`, { reason: 'x' })],
    ['a list that is not there', 404, 'not_found', () => post('/v1/lists/999/rows/2/exclude', { reason: 'x' })],
  ])('refuse %s', async (_what, status, code, attempt) => {
    const list = await upload(csv);
    expect(await attempt(list)).toMatchObject({ status, body: { code } });
    expect((await server.call('staff', 'GET', list)).body.rows).toMatchObject({ quarantined: 4 });
  });

  it('say which column a card number stands in, without the number', async () => {
    const list = await upload(csv);
    const number = ['4111', '1111', '1111', '1111'].join(' ');
    const { status, body } = await patch(list, 2, { 氏名: '山田 花子', 備考: number });
    expect(status).toBe(400);
    expect(body.errors).toEqual([{ path: 'cells.2', message: 'Column 3 holds a card number: leave it out.' }]);
    expect(JSON.stringify(body)).not.toContain('1111 ');
  });
});

describe('the report of a list', () => {
  const names = `髙橋 﨑①㈱ ${halfWidth('タカハシ')}`;
  const list = (name: string) => `氏名,メール,備考\r\n${name},a@example.jp,=1+1\r\n,b@example.jp,"x\r\ny"\r\n`;

  async function report(path: string) {
    const response = await server.app.inject({
      ...{ method: 'GET', url: `${path}/report.csv` },
      headers: { authorization: `Bearer ${server.keys.operator}` },
    });
    return { type: response.headers['content-type'], bytes: response.rawPayload };
  }

  // Read back by programs that know nothing of how it was written.
  it.each<[Encoding, string, (bytes: Buffer) => string]>([
    ['utf-8', 'utf-8', (bytes) => bytes.toString('utf8')],
    ['cp932', 'Windows-31J', (bytes) => `\uFEFF${iconv.decode(bytes, 'cp932')}`],
    ['euc-jp', 'EUC-JP', (bytes) => `\uFEFF${iconv.decode(bytes, 'euc-jp')}`],
    ['iso-2022-jp', 'ISO-2022-JP', (bytes) => `\uFEFF${new TextDecoder('iso-2022-jp').decode(bytes)}`],
    ['utf-16le', 'utf-16', (bytes) => bytes.toString('utf16le')],
    ['utf-16be', 'utf-16', (bytes) => bytes.toString('utf16le')],
  ])('comes in the encoding that came in: %s', async (encoding, charset, read) => {
    const path = await upload(encode(list(names), encoding), `?encoding=${encoding}`);
    const { type, bytes } = await report(path);
    expect(type).toBe(`text/csv; charset=${charset}`);
    expect(read(bytes)).toBe(
      '\uFEFF氏名,メール,備考,line,outcome,reasons,reference\r\n' +
        `${names},a@example.jp,'=1+1,2,accepted,,\r\n` +
        ',b@example.jp,"x\r\ny",3,quarantined,no_name,\r\n',
    );
  });

  it('keeps characters of a private font, and the delimiter', async () => {
    const file = Buffer.concat([
      iconv.encode('氏名\tメール\r\n', 'cp932'),
      ...[Buffer.from([0xf0, 0x40]), iconv.encode('田\ta,b@example.jp\r\n', 'cp932')],
    ]);
    const { bytes } = await report(await upload(file));
    const row = Buffer.concat([
      ...[Buffer.from([0xf0, 0x40]), iconv.encode('田\ta,b@example.jp\t2\tquarantined\tdamaged_name', 'cp932')],
    ]);
    expect(bytes.includes(row)).toBe(true);
  });

  it('shows corrected cells, and is UTF-8 throughout when the encoding lacks one of their characters', async () => {
    const path = await upload(encode(list('髙橋 一郎'), 'cp932'));
    await patch(path, 3, { 氏名: '髙田 花子' });
    const before = await report(path);
    expect(before.type).toBe('text/csv; charset=Windows-31J');
    expect(iconv.decode(before.bytes, 'cp932')).toContain('髙田 花子,b@example.jp,"x\r\ny",3,accepted,,');
    const other = await upload(encode(list('髙橋 一郎'), 'cp932'));
    await patch(other, 3, { 氏名: '𠮷田 花子' });
    const after = await report(other);
    expect(after.type).toBe('text/csv; charset=utf-8');
    expect(after.bytes.toString()).toMatch(/^\uFEFF氏名,.*\r\n髙橋 一郎,.*\r\n𠮷田 花子,/);
  });

  it('of a workbook is UTF-8 with commas', async () => {
    const rows = [
      ['氏名', 'メール'],
      ['𠮷田 花子', 'a@example.jp'],
      ['', 'b@example.jp'],
    ];
    const { type, bytes } = await report(await upload(workbookOf({ sheets: [{ rows }] })));
    expect(type).toBe('text/csv; charset=utf-8');
    expect(bytes.toString()).toBe(
      '\uFEFF氏名,メール,line,outcome,reasons,reference\r\n' +
        '𠮷田 花子,a@example.jp,2,accepted,,\r\n,b@example.jp,3,quarantined,no_name,\r\n',
    );
  });

  it('has a head of its own', async () => {
    const path = await upload(csv);
    const reads = async () =>
      (
        await server.services.db
          .selectFrom('audit_events')
          .select('id')
          .where('action', '=', 'list.report_read')
          .execute()
      ).length;
    const before = await reads();
    const head = await server.app.inject({
      ...{ method: 'HEAD', url: `${path}/report.csv` },
      headers: { authorization: `Bearer ${server.keys.operator}` },
    });
    expect(head).toMatchObject({ statusCode: 200, body: '' });
    expect(head.headers['content-type']).toBe('text/csv; charset=utf-8');
    expect(head.headers['content-length']).toBeUndefined();
    expect(await reads()).toBe(before);
  });

  it('is not there for a list that has no rows', async () => {
    const path = await upload(csv);
    await post(`${path}/discard`);
    expect((await server.call('operator', 'GET', `${path}/report.csv`)).body).toMatchObject({ code: 'wrong_state' });
    expect((await server.call('staff', 'GET', `${path}/report.csv`)).status).toBe(403);
  });
});
