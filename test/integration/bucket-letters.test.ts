import { Decrypter, generateX25519Identity, identityToRecipient } from 'age-encryption';
import { sql } from 'kysely';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type LetterDesk, letterDesk, peopleCsv } from '../support/letter-desk.ts';
import { type S3Server, startS3Server } from '../support/s3-server.ts';

let storage: S3Server;
let identity: string;
let desk: LetterDesk;
beforeAll(async () => {
  storage = await startS3Server();
  identity = await generateX25519Identity();
  desk = await letterDesk({
    ...{ BLOB_URL: storage.url({ prefix: 'owabi' }), PRINTER_AGE_RECIPIENT: await identityToRecipient(identity) },
    PRINTER_S3_URL: storage.url({ bucket: 'printer', prefix: 'in' }),
  });
});
afterAll(async () => {
  await desk.close();
  await storage.close();
});
afterEach(async () => {
  storage.fate(null);
  for (const path of storage.objects.keys()) if (path.startsWith('printer/')) storage.objects.delete(path);
  await sql`delete from tasks where kind = 'drop-batch'`.execute(desk.db);
});

const decrypted = async (file: Uint8Array): Promise<Buffer> => {
  const decrypter = new Decrypter();
  decrypter.addIdentity(identity);
  return Buffer.from(await decrypter.decrypt(file));
};
const dropped = () => [...storage.objects.keys()].filter((path) => path.startsWith('printer/'));
const deliveredAt = async (id: string) => (await desk.get(`/v1/letter-batches/${id}`)).deliveredAt;

describe('letters whose files lie in a bucket', () => {
  it('go the whole way: rendered, fetched, put into the printer’s bucket, handed over, posted', async () => {
    const { noticeId, batches } = await desk.rendered(peopleCsv(3));
    const [{ id, sha256 }] = batches;
    const { bytes } = await desk.download(`/v1/letter-batches/${id}/bundle.zip`);
    expect((await desk.download(`/v1/letter-batches/${id}/letters.pdf`)).bytes.subarray(0, 5).toString()).toBe('%PDF-');
    await desk.drop();
    expect(dropped()).toEqual([`printer/in/letters-${noticeId}-001.zip.age`]);
    const file = storage.objects.get(dropped()[0] as string)?.bytes as Buffer;
    expect((await decrypted(file)).equals(bytes)).toBe(true);
    expect(await deliveredAt(id)).not.toBe(null);
    await desk.handOver(batches[0]);
    await desk.postBatch(batches[0]);
    expect(await desk.get(`/v1/letter-batches/${id}`)).toMatchObject({ state: 'posted', sha256 });
    expect(await desk.isBalanced(noticeId)).toBe(true);
  });

  it('are sealed there, under names that tell nothing', async () => {
    await desk.rendered(peopleCsv(1));
    const mine = [...storage.objects].filter(([path]) => path.startsWith('blobs/'));
    expect(mine.length).toBeGreaterThan(3);
    for (const [path, { bytes }] of mine) {
      expect(path).toMatch(/^blobs\/owabi\/[\w./-]+$/);
      for (const word of ['%PDF-', '見本', 'sequence,reference', '100-000']) {
        expect(bytes.includes(word), `${word} in ${path}`).toBe(false);
      }
    }
  });

  it('are a reason to come again, and not an error of ours, while the storage is away', async () => {
    const { batches } = await desk.rendered(peopleCsv(1));
    storage.fate(() => ({ status: 503, code: 'SlowDown' }));
    const { status, bytes } = await desk.download(`/v1/letter-batches/${batches[0].id}/letters.pdf`);
    expect([status, JSON.parse(bytes.toString()).code]).toEqual([503, 'unavailable']);
  });
});

describe('the printer’s bucket', () => {
  it('gets a bundle once more when somebody asks, in place of the first', async () => {
    const { noticeId, batches } = await desk.rendered(peopleCsv(1));
    await desk.drop();
    const first = storage.objects.get(dropped()[0] as string)?.bytes;
    await desk.post(`/v1/letter-batches/${batches[0].id}/deliver`);
    await desk.drop();
    expect(dropped()).toEqual([`printer/in/letters-${noticeId}-001.zip.age`]);
    expect(storage.objects.get(dropped()[0] as string)?.bytes.equals(first as Buffer)).toBe(false);
  });

  it('holds nothing when it did not take all of it, and the work is still to be done', async () => {
    const { batches } = await desk.rendered(peopleCsv(2));
    const [{ id }] = batches;
    storage.fate(({ path }) => (path.startsWith('printer/') ? { status: 403, code: 'AccessDenied' } : 'served'));
    await expect(desk.drop()).rejects.toMatchObject({ code: 'AccessDenied' });
    expect([dropped(), await deliveredAt(id)]).toEqual([[], null]);
    storage.fate(null);
    await sql`update tasks set worker_id = null where kind = 'drop-batch'`.execute(desk.db);
    await desk.drop();
    expect([dropped().length, await deliveredAt(id)]).toEqual([1, expect.any(String)]);
  });

  it('holds nothing of a bundle that cannot be read to its end', async () => {
    const { batches } = await desk.rendered(peopleCsv(2));
    const pdf = [...storage.objects].filter(([path]) => path.includes(`${batches[0].id}/`));
    for (const [path, kept] of pdf) {
      storage.objects.set(path, { ...kept, bytes: kept.bytes.subarray(0, kept.bytes.length - 40) });
    }
    await expect(desk.drop()).rejects.toThrow('cut off');
    expect(dropped()).toEqual([]);
  });
});
