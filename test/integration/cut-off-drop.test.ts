import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { pageAlerts, raiseAlerts } from '../../src/alerts/alerts.store.ts';
import { sftpPlace } from '../../src/delivery/letter/printer/sftp-place.ts';
import type { Services } from '../../src/services.ts';
import { printerLogin } from '../../src/vault/printer-login.ts';
import { type BatchAnswer, type LetterDesk, letterDesk, peopleCsv } from '../support/letter-desk.ts';
import { type S3Server, startS3Server } from '../support/s3-server.ts';
import { type SftpServer, startSftpServer } from '../support/sftp-server.ts';

let dir: string;
let printer: SftpServer;
let storage: S3Server;
let folder: LetterDesk;
let bucket: LetterDesk;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'owabi-cut-off-'));
  printer = await startSftpServer();
  storage = await startS3Server();
  await writeFile(join(dir, 'key'), printer.clientKey, { mode: 0o600 });
  folder = await letterDesk({
    PRINTER_SFTP_URL: `sftp://owabi@127.0.0.1:${printer.port}/in`,
    ...{ PRINTER_SFTP_KEY: join(dir, 'key'), PRINTER_SFTP_HOST_KEY: printer.hostKey },
  });
  bucket = await letterDesk({ PRINTER_S3_URL: storage.url({ bucket: 'printer' }) });
});
afterAll(async () => {
  await folder.close();
  await bucket.close();
  await printer.close();
  await storage.close();
  await rm(dir, { recursive: true, force: true });
});
beforeEach(async () => {
  printer.files.clear();
  printer.steps.length = 0;
  printer.fate(null);
  storage.objects.clear();
  storage.calls.length = 0;
  storage.fate(null);
  for (const { db } of [folder, bucket]) {
    await sql`delete from tasks; delete from alerts; update letter_batches set state = 'posted'`.execute(db);
  }
});

/** A rendered batch that is to be delivered. */
async function batchAt(desk: LetterDesk): Promise<{ batch: BatchAnswer; noticeId: string; name: string }> {
  const { noticeId, batches } = await desk.rendered(peopleCsv(3));
  return { batch: batches[0], noticeId, name: `letters-${noticeId}-001.zip` };
}
/** As the worker does after an error, or others do when a worker is dead. */
const giveBack = (desk: LetterDesk) => sql`update tasks set worker_id = null`.execute(desk.db);
const tasks = (desk: LetterDesk) => desk.db.selectFrom('tasks').select('kind').execute();
const batchOf = (desk: LetterDesk, { id }: BatchAnswer) => desk.get(`/v1/letter-batches/${id}`);
const told = async ({ db }: LetterDesk) => {
  await raiseAlerts(db, []);
  return (await pageAlerts(db, true, null, 100)).filter(({ kind }) => kind === 'batch_waiting');
};

describe('a bundle whose last step at the printer’s folder was cut off', () => {
  const lastStep = (fate: 'cut' | 'unanswered' | 'refused') =>
    printer.fate((request) => (request.startsWith('rename ') ? fate : 'served'));
  const steps = (kind: string) => printer.steps.filter((step) => step.startsWith(kind));

  it('is taken as delivered when it lies there, and appears once', async () => {
    const { batch, name } = await batchAt(folder);
    lastStep('unanswered');
    await expect(folder.drop()).rejects.toThrow();
    expect((await batchOf(folder, batch)).deliveredAt).toBe(null);
    printer.fate(null);
    await giveBack(folder);
    await folder.drop();
    expect(await batchOf(folder, batch)).toMatchObject({ deliveredAt: expect.any(String), deliveryUncertainAt: null });
    expect(printer.steps).toEqual([`open /in/${name}.part`, `rename /in/${name}`]);
  });

  it('is finished when it lies there unfinished, and not written again', async () => {
    const { batch, name } = await batchAt(folder);
    lastStep('cut');
    await expect(folder.drop()).rejects.toThrow();
    expect([...printer.files.keys()]).toEqual([`/in/${name}.part`]);
    printer.fate(null);
    await giveBack(folder);
    await folder.drop();
    const { bytes } = await folder.download(`/v1/letter-batches/${batch.id}/bundle.zip`);
    expect(printer.files.get(`/in/${name}`)?.equals(bytes)).toBe(true);
    expect(printer.steps).toEqual([`open /in/${name}.part`, `rename /in/${name}`]);
    expect((await batchOf(folder, batch)).deliveredAt).not.toBe(null);
  });

  it('is tried again when the server refuses to give it its name', async () => {
    const { batch } = await batchAt(folder);
    lastStep('refused');
    for (const _ of [1, 2]) {
      await expect(folder.drop()).rejects.toThrow();
      await giveBack(folder);
    }
    expect((await batchOf(folder, batch)).deliveryUncertainAt).toBe(null);
    printer.fate(null);
    await folder.drop();
    expect((await batchOf(folder, batch)).deliveredAt).not.toBe(null);
  });

  it('is held when it is gone, for the printer may have taken it: people are told, and decide', async () => {
    const { batch, noticeId, name } = await batchAt(folder);
    lastStep('unanswered');
    await expect(folder.drop()).rejects.toThrow();
    printer.fate(null);
    printer.files.clear();
    await giveBack(folder);
    await folder.drop();
    expect(await batchOf(folder, batch)).toMatchObject({ deliveredAt: null, deliveryUncertainAt: expect.any(String) });
    expect([await tasks(folder), [...printer.files.keys()], steps('open').length]).toEqual([[], [], 1]);
    expect(await told(folder)).toMatchObject([
      { subject: { noticeId }, detail: { because: 'delivery_uncertain', batchId: batch.id, batches: 1 } },
    ]);
    const url = `/v1/letter-batches/${batch.id}`;
    expect(await folder.refusal(`${url}/cancel`, { reason: 'x' })).toBe('409 wrong_state');

    await folder.post(`${url}/deliver`);
    expect(await told(folder)).toEqual([]);
    await folder.drop();
    expect([...printer.files.keys()]).toEqual([`/in/${name}`]);
    expect(await batchOf(folder, batch)).toMatchObject({ deliveredAt: expect.any(String), deliveryUncertainAt: null });
  });

  it('is nobody’s worry any more when the printer acknowledges it', async () => {
    const { batch } = await batchAt(folder);
    lastStep('unanswered');
    await expect(folder.drop()).rejects.toThrow();
    printer.fate(null);
    printer.files.clear();
    await giveBack(folder);
    await folder.drop();
    expect(await told(folder)).toHaveLength(1);
    await folder.handOver(batch);
    expect(await told(folder)).toEqual([]);
  });

  it('is held where we may write and not look', async () => {
    const { batch } = await batchAt(folder);
    lastStep('unanswered');
    await expect(folder.drop()).rejects.toThrow();
    printer.fate((request) => (request.startsWith('stat ') ? 'refused' : 'served'));
    await giveBack(folder);
    await folder.drop();
    expect((await batchOf(folder, batch)).deliveryUncertainAt).not.toBe(null);
    expect(steps('open')).toHaveLength(1);
  });
});

describe('a bundle on its way', () => {
  /** Blobs that do something when the first byte is wanted. */
  const blobsThat = (desk: LetterDesk, act: () => Promise<unknown>): Partial<Services> => ({
    blobs: {
      ...desk.services.blobs,
      get: (...args) =>
        Readable.from(
          (async function* () {
            await act();
            yield* desk.services.blobs.get(...args);
          })(),
          { objectMode: false },
        ),
    },
  });

  it.for(['paused', 'cancelled'])('does not appear when its notice is %s meanwhile', async (status) => {
    const { batch, noticeId, name } = await batchAt(folder);
    await folder.drop(
      blobsThat(folder, () => sql`update notices set status = ${status} where id = ${noticeId}`.execute(folder.db)),
    );
    expect([...printer.files.keys()]).toEqual([`/in/${name}.part`]);
    expect((await batchOf(folder, batch)).deliveredAt).toBe(null);
    expect(await tasks(folder)).toEqual([{ kind: 'drop-batch' }]);
  });

  it('does not appear by the hand of a worker that was taken for dead', async () => {
    const { batch, name } = await batchAt(folder);
    await folder.drop(blobsThat(folder, () => sql`update tasks set fence = fence + 1`.execute(folder.db)));
    expect([...printer.files.keys()]).toEqual([`/in/${name}.part`]);
    expect((await batchOf(folder, batch)).deliveredAt).toBe(null);
  });

  it.for(['write', 'rename'])('is given up when the server falls silent at %s', async (step) => {
    const setting = folder.services.config.printer.drop;
    if (setting?.way !== 'sftp') throw new Error('the folder is that of another kind');
    const place = sftpPlace(setting, () => printerLogin(setting), 300);
    printer.fate((request) => (request.startsWith(step) ? 'silent' : 'served'));
    const source = Readable.from([Buffer.alloc(100_000)], { objectMode: false });
    const put = place.put(
      'a.zip',
      async () => source,
      async () => undefined,
    );
    await expect(put).rejects.toThrow('silent');
    expect([[...printer.files.keys()], source.destroyed]).toEqual([['/in/a.zip.part'], true]);
  });
});

describe('a bundle whose last step at the printer’s bucket was cut off', () => {
  const isLast = ({ method, query }: { method: string; query: string }) =>
    method === 'POST' && query.startsWith('uploadId=');
  const times = (what: RegExp) => storage.calls.filter((call) => what.test(call)).length;
  const objects = () => [...storage.objects.keys()];
  /** The last step is done and its answer lost, and then the storage is away. */
  const loseAnswer = () => {
    let done = false;
    storage.fate((call) => {
      if (done) return { status: 503, code: 'ServiceUnavailable' };
      done = isLast(call);
      return done ? 'unanswered' : 'served';
    });
  };

  it('is made in parts however small it is, since parts appear once however often they are put together', async () => {
    const { batch, name } = await batchAt(bucket);
    let lost = 0;
    storage.fate((call) => (isLast(call) && lost++ === 0 ? 'unanswered' : 'served'));
    await bucket.drop();
    expect([objects(), times(/^PUT .*partNumber=1/), lost]).toEqual([[`printer/${name}`], 1, 2]);
    expect((await batchOf(bucket, batch)).deliveredAt).not.toBe(null);
  });

  it('is put anew when its parts still lie there, which are cleared away', async () => {
    const { batch, name } = await batchAt(bucket);
    storage.fate((call) => (isLast(call) ? { status: 503, code: 'SlowDown' } : 'served'));
    await expect(bucket.drop()).rejects.toMatchObject({ code: 'SlowDown' });
    expect([storage.openUploads(), objects()]).toEqual([1, []]);
    storage.fate(null);
    await giveBack(bucket);
    await bucket.drop();
    expect([storage.openUploads(), objects()]).toEqual([0, [`printer/${name}`]]);
    expect((await batchOf(bucket, batch)).deliveredAt).not.toBe(null);
  });

  it('is taken as delivered when it lies there, and appears once', async () => {
    const { batch, name } = await batchAt(bucket);
    loseAnswer();
    await expect(bucket.drop()).rejects.toThrow();
    storage.fate(null);
    await giveBack(bucket);
    await bucket.drop();
    expect([objects(), times(/^PUT /)]).toEqual([[`printer/${name}`], 1]);
    expect((await batchOf(bucket, batch)).deliveredAt).not.toBe(null);
  });

  it.for(['gone', 'not to be looked at'])('is held when it is %s', async (why) => {
    const { batch } = await batchAt(bucket);
    loseAnswer();
    await expect(bucket.drop()).rejects.toThrow();
    if (why === 'gone') storage.objects.clear();
    storage.fate(({ method }) =>
      method === 'HEAD' && why !== 'gone' ? { status: 403, code: 'AccessDenied' } : 'served',
    );
    await giveBack(bucket);
    await bucket.drop();
    expect(await batchOf(bucket, batch)).toMatchObject({ deliveredAt: null, deliveryUncertainAt: expect.any(String) });
    expect([times(/^PUT /), await tasks(bucket)]).toEqual([1, []]);
    expect(await told(bucket)).toHaveLength(1);
  });
});
