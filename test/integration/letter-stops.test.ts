import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { LetterPress } from '../../src/rendering/types.ts';
import { type LetterDesk, letterDesk, peopleCsv } from '../support/letter-desk.ts';
import { startSftpServer } from '../support/sftp-server.ts';

let desk: LetterDesk;
let dir: string;
let printer: Awaited<ReturnType<typeof startSftpServer>>;
/** Done once, when a batch is about to be typeset. */
let before: (() => Promise<unknown>)[] = [];
/** Done once, when the sheets of a letter are counted. */
let weighing: (() => Promise<unknown>) | null = null;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'owabi-stops-'));
  printer = await startSftpServer();
  await writeFile(join(dir, 'key'), printer.clientKey, { mode: 0o600 });
  const settings = {
    PRINTER_SFTP_URL: `sftp://owabi@127.0.0.1:${printer.port}/in`,
    PRINTER_SFTP_KEY: join(dir, 'key'),
    PRINTER_SFTP_HOST_KEY: printer.hostKey,
  };
  desk = await letterDesk(settings, (press: LetterPress) => ({
    ...press,
    typeset: async (order) => {
      if (order.check) await before.shift()?.();
      else {
        const cancel = weighing;
        weighing = null;
        await cancel?.();
      }
      return await press.typeset(order);
    },
  }));
});
afterAll(async () => {
  await desk.close();
  await printer.close();
  await rm(dir, { recursive: true, force: true });
});
beforeEach(async () => {
  before = [];
  printer.files.clear();
  await sql`delete from tasks where kind = 'drop-batch'`.execute(desk.db);
});

const statesOf = async (noticeId: string) => {
  const { rows } = await sql<{ state: string; n: number }>`
    select state, count(*)::int as n from deliveries where notice_id = ${noticeId} group by 1 order by 1`.execute(
    desk.db,
  );
  return Object.fromEntries(rows.map(({ state, n }) => [state, n]));
};
const numbered = async (noticeId: string) =>
  (await desk.batches(noticeId)).map(({ number, state }) => ({ number, state }));
const givenBack = (taskId: string | undefined) =>
  sql`update tasks set worker_id = null where id = ${taskId}`.execute(desk.db);

describe('a notice that is cancelled', () => {
  it('keeps a batch that lies in the printer’s folder, until somebody says what became of it', async () => {
    const { noticeId, batches } = await desk.rendered(peopleCsv(2));
    await desk.drop();
    await desk.post(`/v1/notices/${noticeId}/cancel`, {});
    expect([...printer.files.keys()]).toHaveLength(1);
    expect(await statesOf(noticeId)).toEqual({ rendered: 2 });
    await desk.handOver(batches[0]);
    await desk.postBatch(batches[0]);
    expect(await statesOf(noticeId)).toEqual({ posted: 2 });
    expect(await desk.isBalanced(noticeId)).toBe(true);
  });

  it('leaves no batch behind when it is cancelled while its letters are weighed', async () => {
    const noticeId = await desk.sending(peopleCsv(2));
    const [task] = await desk.due();
    // Weighing typesets a letter without reading it back.
    weighing = () => desk.post(`/v1/notices/${noticeId}/cancel`, {});
    await desk.render(task).catch(() => undefined);
    expect(await numbered(noticeId)).toEqual([]);
    expect(await statesOf(noticeId)).toEqual({ cancelled: 2 });
  });

  it('gives the printer nothing more: what was not delivered is cancelled with it', async () => {
    const { noticeId } = await desk.rendered(peopleCsv(2));
    await desk.post(`/v1/notices/${noticeId}/cancel`, {});
    expect(await statesOf(noticeId)).toEqual({ cancelled: 2 });
    await expect(desk.drop()).rejects.toThrow();
    expect([...printer.files.keys()]).toEqual([]);
    expect(await desk.isBalanced(noticeId)).toBe(true);
  });
});

describe('a notice that is paused', () => {
  it('gives the printer nothing until it goes on', async () => {
    const { noticeId } = await desk.rendered(peopleCsv(2));
    await desk.post(`/v1/notices/${noticeId}/pause`, {});
    await desk.drop();
    expect([...printer.files.keys()]).toEqual([]);
    await desk.post(`/v1/notices/${noticeId}/resume`, {});
    await desk.drop();
    expect([...printer.files.keys()]).toHaveLength(1);
  });

  it('takes its letters with it when it is cancelled then: the printer never had them', async () => {
    const { noticeId } = await desk.rendered(peopleCsv(2));
    await desk.post(`/v1/notices/${noticeId}/pause`, {});
    await desk.drop();
    await desk.post(`/v1/notices/${noticeId}/cancel`, {});
    expect(await statesOf(noticeId)).toEqual({ cancelled: 2 });
    expect([...printer.files.keys()]).toEqual([]);
  });

  it('gives the printer nothing of a batch that was being typeset', async () => {
    const noticeId = await desk.sending(peopleCsv(2));
    const [task] = await desk.due();
    before = [() => desk.post(`/v1/notices/${noticeId}/pause`, {})];
    await desk.render(task);
    await desk.drop();
    expect([...printer.files.keys()]).toEqual([]);
  });
});

describe('a batch that is cancelled', () => {
  it('while it is typeset, is not made again by the same task', async () => {
    const noticeId = await desk.sending(peopleCsv(3));
    const [task] = await desk.due();
    before = [
      async () => {
        const [batch] = await desk.batches(noticeId);
        await desk.post(`/v1/letter-batches/${batch?.id}/cancel`, { reason: 'wrong' });
      },
    ];
    await desk.render(task).catch(() => undefined);
    await givenBack(task);
    await desk.render(task).catch(() => undefined);
    expect(await numbered(noticeId)).toEqual([{ number: 1, state: 'cancelled' }]);
    expect(await statesOf(noticeId)).toEqual({ pending: 3 });
    await sql`delete from tasks where kind = 'render-letters'`.execute(desk.db);
    await desk.renderNow(noticeId);
    expect(await statesOf(noticeId)).toEqual({ rendered: 3 });
  });

  it('while another one was interrupted, does not come back with it', async () => {
    const noticeId = await desk.sending(peopleCsv(10));
    const [task] = await desk.due();
    before = [
      async () => undefined,
      async () => {
        throw new Error('killed');
      },
    ];
    await desk.render(task).catch(() => undefined);
    const [first] = (await desk.batches(noticeId)).filter(({ state }) => state === 'rendered');
    await desk.post(`/v1/letter-batches/${first?.id}/cancel`, { reason: 'wrong' });
    await givenBack(task);
    await desk.render(task);
    const after = await numbered(noticeId);
    expect(after.filter(({ state }) => state === 'cancelled')).toHaveLength(1);
    expect((await statesOf(noticeId)).pending).toBe(first?.letters);
    expect(after.some(({ state }) => state === 'rendering')).toBe(false);
  });
});

describe('an address that looks like a reference', () => {
  it('is printed as what it is', async () => {
    const { noticeId } = await desk.rendered(peopleCsv(2, ['3,見本 次郎,391-0301,長野県茅野市北山4035-1812-101,JP']));
    expect(await statesOf(noticeId)).toEqual({ rendered: 3 });
  });
});
