import iconv from 'iconv-lite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { workbookOf } from '../../support/workbook.ts';
import { intakeDesk } from './lists.ts';

let desk: Awaited<ReturnType<typeof intakeDesk>>;
let incidentId: string;
beforeAll(async () => {
  desk = await intakeDesk();
  incidentId = await desk.newIncident();
});
afterAll(() => desk.close());

/** Made at run time: no card number stands in a source file. */
const testCard = ['4111', '1111', '1111', '1111'];

const members = [
  '会員ID,お名前(姓),お名前(名),お名前(セイ),お名前(メイ),郵便番号,都道府県,住所1,住所2,メールアドレス,電話番号',
  '1001,髙橋,一郎,タカハシ,イチロウ,100-0001,東京都,千代田区,千代田1-1-1,ichiro@example.jp,00-0000-0001',
  '1002,山﨑,花子,ヤマザキ,ハナコ,0600001,北海道,札幌市中央区,北一条西2-3,,00-0000-0002',
  '',
  '1003,,,,,,,,,,',
].join('\r\n');

describe('a list', () => {
  it.each([
    ['UTF-8', Buffer.from(members), 'utf-8'],
    ['UTF-8 with a BOM', Buffer.from(`\uFEFF${members}`), 'utf-8'],
    ['CP932', iconv.encode(members, 'cp932'), 'cp932'],
    ['UTF-16', iconv.encode(members, 'utf-16le', { addBOM: true }), 'utf-16le'],
  ])('is read the same in %s', async (_name, file, encoding) => {
    const list = await desk.check(incidentId, file);
    expect(list).toMatchObject({ status: 'ready', encoding, delimiter: ',' });
    expect(list).toMatchObject({ rows_total: 3, rows_accepted: 2, rows_merged: 0, rows_quarantined: 1, persons: 2 });
    expect(list.reasons).toEqual({ no_contact: 1, no_name: 1 });
    const [first, second, third] = await desk.rows(list.id);
    expect(first).toMatchObject({ line: 2, outcome: 'accepted', exposure_units: 1 });
    expect(first?.data.fields).toMatchObject({
      ...{ name: '髙橋 一郎', kana: 'タカハシ イチロウ', emails: ['ichiro@example.jp'], externalId: '1001' },
      ...{ postalCode: '1000001', addressLines: ['東京都千代田区千代田1-1-1'], country: 'JP' },
    });
    expect(second?.data.fields).toMatchObject({ name: '山﨑 花子', emails: [] });
    expect(third).toMatchObject({ line: 5, outcome: 'quarantined', reasons: ['no_name', 'no_contact'] });
  });

  it('is read in EUC-JP, whose characters are fewer', async () => {
    const list = await desk.check(incidentId, iconv.encode(members.replace('髙', '高').replace('﨑', '崎'), 'euc-jp'));
    expect(list).toMatchObject({ status: 'ready', encoding: 'euc-jp', rows_accepted: 2, rows_quarantined: 1 });
    const names = (await desk.rows(list.id)).map(({ data }) => data.fields?.name);
    expect(names).toEqual(['高橋 一郎', '山崎 花子', undefined]);
  });

  it('keeps no workbook of which a sheet was not read, because nobody knows what is in it', async () => {
    const rows = [
      ['氏名', 'メール'],
      ['山田 太郎', 'taro@example.jp'],
    ];
    const one = await desk.check(incidentId, workbookOf({ sheets: [{ name: 'A', rows }] }));
    const two = await desk.check(
      incidentId,
      workbookOf({
        sheets: [
          { name: 'A', rows },
          { name: 'B', rows: [['x']] },
        ],
      }),
    );
    expect([one.status, one.correctable, await desk.uploadExists(one.id)]).toEqual(['ready', true, true]);
    expect([two.status, two.correctable, await desk.uploadExists(two.id)]).toEqual(['ready', false, false]);
  });

  it.each(['\t', ';'])('may separate its cells with %j', async (delimiter) => {
    const list = await desk.check(
      incidentId,
      ['name', 'email'].join(delimiter).concat('\nAnn Lee', delimiter, 'ann@example.com\n'),
    );
    expect(list).toMatchObject({ status: 'ready', delimiter, rows_accepted: 1 });
  });

  it('gives every row exactly one outcome, whatever is wrong with it', async () => {
    const file = [
      '氏名,メールアドレス,住所,郵便番号,備考',
      '山田 太郎,taro@example.jp,,,',
      ',nobody@example.jp,,,',
      '佐藤 ?子,hanako@example.jp,,,',
      '鈴木 〓,s@example.jp,,,',
      '田中 次郎,not-an-address,,,',
      '高木 三郎,jiro@example.jp,,',
      '高木 四郎,shiro@example.jp,,,,too many',
      `伊藤 五郎,goro@example.jp,,,カード ${testCard.join('-')} の件`,
      '加藤 六郎,,東京都港区芝公園4-2-8,1050011,"二行の\n備考"',
      '山田 太郎,TARO@example.jp,,,again',
    ].join('\n');
    const list = await desk.check(incidentId, file);
    expect(list).toMatchObject({ rows_total: 10, rows_accepted: 2, rows_merged: 1, rows_quarantined: 7 });
    expect(list.reasons).toEqual({
      ...{ no_name: 1, damaged_name: 2, no_contact: 1, cell_count: 2, card_number_present: 1 },
    });
    const rows = await desk.rows(list.id);
    expect(rows.map((row) => row.line)).toEqual([2, 3, 4, 5, 6, 7, 8, 9, 10, 12]);
    expect(rows[7]?.data.cells[4]).toBe('カード ****1111 の件');
    expect(rows[8]?.warnings).toEqual(['line_break_in_cell']);
  });

  it('never keeps a card number, a security code or a password', async () => {
    const wide = testCard.join('　').replace(/[0-9]/g, (digit) => String.fromCharCode(digit.charCodeAt(0) + 0xfee0));
    const file = [
      '氏名,メール,カード番号,セキュリティコード,パスワード,メモ',
      `山田 太郎,taro@example.jp,${testCard.join('')},987,hunter22,`,
      `山田 次郎,jiro@example.jp,,987,hunter22,${wide}`,
      `山田 三郎,saburo@example.jp,x,${testCard.join(' ')},987,hunter22,`,
    ].join('\n');
    const list = await desk.check(incidentId, file);
    expect(list).toMatchObject({ rows_accepted: 1, rows_quarantined: 2 });
    expect(list.reasons).toEqual({ card_number_present: 2, cell_count: 1 });
    const kept = JSON.stringify((await desk.rows(list.id)).map((row) => row.data));
    expect(kept).toContain('****1111');
    expect(kept.normalize('NFKC').replace(/[^0-9a-z]/g, '')).not.toMatch(/41111111|987|hunter/);
    expect(await desk.uploadExists(list.id)).toBe(false);
  });

  it('leaves columns alone that the operator says hold no cards', async () => {
    const file = `氏名,メール,注文番号\n山田 太郎,taro@example.jp,${testCard.join('')}\n`;
    expect(await desk.check(incidentId, file)).toMatchObject({ rows_quarantined: 1 });
    expect(await desk.check(incidentId, file, { notCards: ['注文番号'] })).toMatchObject({ rows_accepted: 1 });
  });

  it('reads numbers behind the apostrophe that keeps them text', async () => {
    const file =
      "Customer ID,Name,Address1,City,Zip,Country,Phone\n'6001,Ann 't Hart,1 Elm St,Austin,'02134,US,'+14155550100\n";
    const list = await desk.check(incidentId, file);
    expect((await desk.rows(list.id))[0]?.data.fields).toMatchObject({
      ...{ externalId: '6001', name: "Ann 't Hart", postalCode: '02134', phone: '+14155550100' },
    });
  });

  it('is read by the mapping that the operator gives', async () => {
    const file = 'who,where\n山田 太郎,taro@example.jp\n';
    expect(await desk.check(incidentId, file)).toMatchObject({ status: 'failed', problem: { code: 'no_header' } });
    const list = await desk.check(incidentId, file, { mapping: { who: 'full_name', where: 'email' } });
    expect(list).toMatchObject({ status: 'ready', rows_accepted: 1 });
  });

  it('is checked again from the beginning after a worker was killed in the middle', async () => {
    const { listId, taskId } = await desk.upload(incidentId, members);
    const { makeCheckList } = await import('../../../src/intake/lists/check-list.job.ts');
    const lost = await desk.claim(taskId);
    await desk.db.updateTable('tasks').set({ worker_id: null }).where('id', '=', taskId).execute();
    const found = await desk.claim(taskId);
    await expect(makeCheckList(desk.services)(lost)).rejects.toThrow('no longer ours');
    expect(await desk.listOf(listId)).toMatchObject({ status: 'checking', rows_total: 0 });
    expect(await desk.uploadExists(listId)).toBe(true);
    await makeCheckList(desk.services)(found);
    expect(await desk.listOf(listId)).toMatchObject({ status: 'ready', rows_total: 3 });
  });
});

describe('a list that cannot be read fails and says why', () => {
  it.each([
    ['only a header', '氏名,メール\n', 'no_rows'],
    ['only blank rows', '氏名,メール\n\n,\n', 'no_rows'],
    ['no column with a name', 'メール,電話\na@example.jp,0\n', 'no_header'],
    ['no header at all', '山田 太郎,taro@example.jp\n佐藤 花子,hanako@example.jp\n', 'no_header'],
    ['no way to reach anyone', '氏名,電話\n山田 太郎,000\n', 'no_way_to_reach'],
    ['a binary file', Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 13]), 'not_text'],
    ['half a zip file', Buffer.from('PK\x03\x04 and more'), 'list_unreadable'],
    ['an old Excel workbook', Buffer.from('d0cf11e0a1b11ae1000000', 'hex'), 'not_text'],
  ])('%s', async (_name, file, code) => {
    const list = await desk.check(incidentId, file);
    expect(list).toMatchObject({ status: 'failed', problem: { code } });
    expect(await desk.rows(list.id)).toEqual([]);
    expect(await desk.uploadExists(list.id)).toBe(false);
  });

  it('is not believed to be text because its encoding was named', async () => {
    const list = await desk.check(incidentId, Buffer.from('氏名,メール\n\0,x\n'), { encoding: 'utf-8' });
    expect(list).toMatchObject({ status: 'failed', problem: { code: 'not_text' } });
  });

  it('names the line on which a quotation mark was opened and never closed', async () => {
    const rows = Array.from({ length: 3000 }, (_, i) => `"山田 ${i}",a${i}@example.jp`);
    rows[1500] = '"山田,broken@example.jp';
    const list = await desk.check(incidentId, ['氏名,メール', ...rows].join('\n'));
    expect(list).toMatchObject({ status: 'failed', problem: { code: 'broken_quote', line: 1502 } });
    expect((list.problem as { detail: string }).detail).not.toContain('山田');
  });

  it('names the line also when nothing after it has a quotation mark', async () => {
    const rows = Array.from({ length: 300 }, (_, i) => `山田${i},a${i}@example.jp`);
    rows[7] = '"山田,broken@example.jp';
    const list = await desk.check(incidentId, ['氏名,メール', ...rows].join('\n'));
    expect(list).toMatchObject({ status: 'failed', problem: { code: 'broken_quote', line: 9 } });
  });

  it('after five tries that came to nothing', async () => {
    const { listId, taskId } = await desk.upload(incidentId, members);
    await desk.db.updateTable('tasks').set({ fence: 5 }).where('id', '=', taskId).execute();
    const { makeCheckList } = await import('../../../src/intake/lists/check-list.job.ts');
    await makeCheckList(desk.services)(await desk.claim(taskId));
    expect(await desk.listOf(listId)).toMatchObject({ status: 'failed', problem: { code: 'list_unreadable' } });
  });
});
