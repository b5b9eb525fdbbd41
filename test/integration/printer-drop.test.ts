import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Decrypter, generateX25519Identity, identityToRecipient } from 'age-encryption';
import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type LetterDesk, letterDesk, peopleCsv } from '../support/letter-desk.ts';
import { type SftpServer, startSftpServer } from '../support/sftp-server.ts';

let dir: string;
let printer: SftpServer;
let identity: string;
let settings: Record<string, string>;
let desk: LetterDesk;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'owabi-printer-'));
  printer = await startSftpServer();
  await writeFile(join(dir, 'key'), printer.clientKey, { mode: 0o600 });
  identity = await generateX25519Identity();
  settings = {
    PRINTER_SFTP_URL: `sftp://owabi@127.0.0.1:${printer.port}/in`,
    ...{ PRINTER_SFTP_KEY: join(dir, 'key'), PRINTER_SFTP_HOST_KEY: printer.hostKey },
    PRINTER_AGE_RECIPIENT: await identityToRecipient(identity),
  };
  desk = await letterDesk(settings);
});
afterAll(async () => {
  await desk.close();
  await printer.close();
  await rm(dir, { recursive: true, force: true });
});
beforeEach(async () => {
  printer.files.clear();
  printer.steps.length = 0;
  printer.breakAfter(null);
  await sql`delete from tasks where kind = 'drop-batch'`.execute(desk.db);
});

const decrypted = async (file: Uint8Array): Promise<Buffer> => {
  const decrypter = new Decrypter();
  decrypter.addIdentity(identity);
  return Buffer.from(await decrypter.decrypt(file));
};
const deliveredAt = async (id: string) => (await desk.get(`/v1/letter-batches/${id}`)).deliveredAt;

describe('the printer’s folder', () => {
  it('gets the bundle as soon as it is rendered, encrypted, and under its name only when it is whole', async () => {
    const { noticeId, batches } = await desk.rendered(peopleCsv(2));
    const [{ id }] = batches;
    expect(desk.server.hints.at(-1)).toMatchObject({ kind: 'drop-batch' });
    await desk.drop();
    const path = `/in/letters-${noticeId}-001.zip.age`;
    expect([...printer.files.keys()]).toEqual([path]);
    expect(printer.steps).toEqual([`open ${path}.part`, `rename ${path}`]);
    const { bytes } = await desk.download(`/v1/letter-batches/${id}/bundle.zip`);
    expect((await decrypted(printer.files.get(path) as Buffer)).equals(bytes)).toBe(true);
    expect(await deliveredAt(id)).not.toBe(null);
  });

  it('gets it once more when somebody asks, in place of the first', async () => {
    const { noticeId, batches } = await desk.rendered(peopleCsv(1));
    const [{ id }] = batches;
    await desk.drop();
    for (const _ of [1, 2]) await desk.post(`/v1/letter-batches/${id}/deliver`);
    await desk.drop();
    expect([...printer.files.keys()]).toEqual([`/in/letters-${noticeId}-001.zip.age`]);
    await desk.handOver(batches[0]);
    expect(await desk.refusal(`/v1/letter-batches/${id}/deliver`, undefined)).toBe('409 wrong_state');
  });

  it('gets nothing once more of a notice that is cancelled, and whoever asks is told why', async () => {
    const { noticeId, batches } = await desk.rendered(peopleCsv(1));
    const [{ id }] = batches;
    await desk.drop();
    await desk.post(`/v1/notices/${noticeId}/cancel`, {});
    // It lies there, so it stays until somebody says what has become of it.
    expect(await desk.get(`/v1/letter-batches/${id}`)).toMatchObject({ state: 'rendered' });
    const asked = await desk.server.call('operator', 'POST', `/v1/letter-batches/${id}/deliver`);
    expect(asked).toMatchObject({ status: 409, body: { code: 'wrong_state' } });
    expect(asked.body.detail).toBe('The notice is cancelled: nothing more of it goes to the printer.');
    const { rows } = await sql`select from tasks where kind = 'drop-batch' and subject_id = ${id}`.execute(desk.db);
    expect(rows).toEqual([]);
  });

  it('holds nothing under the name when the connection breaks, and the work is still to be done', async () => {
    const { batches } = await desk.rendered(peopleCsv(5));
    const [{ id }] = batches;
    printer.breakAfter(1_000);
    await expect(desk.drop()).rejects.toThrow();
    expect([...printer.files.keys()].every((path) => path.endsWith('.part'))).toBe(true);
    expect(await deliveredAt(id)).toBe(null);
    printer.breakAfter(null);
    await sql`update tasks set worker_id = null where kind = 'drop-batch'`.execute(desk.db);
    await desk.drop();
    expect(await deliveredAt(id)).not.toBe(null);
  });

  it('is that of the right server, or nobody gets a byte', async () => {
    const other = await startSftpServer();
    const url = `sftp://owabi@127.0.0.1:${other.port}/in`;
    const wrong = await letterDesk({ ...settings, PRINTER_SFTP_URL: url });
    await writeFile(join(dir, 'key'), other.clientKey);
    try {
      await wrong.rendered(peopleCsv(1));
      await expect(wrong.drop()).rejects.toThrow(/host/i);
      expect(other.steps).toEqual([]);
    } finally {
      await writeFile(join(dir, 'key'), printer.clientKey);
      await wrong.close();
      await other.close();
    }
  });

  it('is no reason to forget a batch that lies there: cancelling it needs the printer to know', async () => {
    const { batches } = await desk.rendered(peopleCsv(1));
    const url = `/v1/letter-batches/${batches[0].id}/cancel`;
    await desk.drop();
    expect(await desk.refusal(url, { reason: 'x' })).toBe('409 wrong_state');
    expect(await desk.post(url, { reason: 'x', printerTold: true })).toMatchObject({ state: 'cancelled' });
  });

  it('may hold a batch whose delivery ended before that was written down: the printer must be asked', async () => {
    const { noticeId, batches } = await desk.rendered(peopleCsv(1));
    const url = `/v1/letter-batches/${batches[0].id}/cancel`;
    await desk.drop();
    // As after a kill -9 between the file and the commit.
    await sql`update letter_batches set delivered_at = null where id = ${batches[0].id}`.execute(desk.db);
    expect([...printer.files.keys()]).toEqual([`/in/letters-${noticeId}-001.zip.age`]);
    expect(await desk.refusal(url, { reason: 'x' })).toBe('409 wrong_state');
    expect(await desk.post(url, { reason: 'x', printerTold: true })).toMatchObject({ state: 'cancelled' });
  });

  it('gets nothing of a batch that is cancelled before, and cancelling waits for one that is on its way', async () => {
    const { batches } = await desk.rendered(peopleCsv(1));
    const url = `/v1/letter-batches/${batches[0].id}/cancel`;
    await sql`update tasks set worker_id = 'w' where kind = 'drop-batch'`.execute(desk.db);
    expect(await desk.refusal(url, { reason: 'x' })).toBe('409 wrong_state');
    await sql`update tasks set worker_id = null where kind = 'drop-batch'`.execute(desk.db);
    await desk.post(url, { reason: 'x' });
    const left = await desk.db.selectFrom('tasks').select('id').where('kind', '=', 'drop-batch').execute();
    expect([left, printer.steps]).toEqual([[], []]);
  });
});

describe('the encrypted bundle', () => {
  it('can be fetched too, and opens with the printer’s key alone', async () => {
    const { batches } = await desk.rendered(peopleCsv(3));
    const [{ id }] = batches;
    const { bytes, status } = await desk.download(`/v1/letter-batches/${id}/bundle.zip.age`);
    expect(status).toBe(200);
    const plain = (await desk.download(`/v1/letter-batches/${id}/bundle.zip`)).bytes;
    expect((await decrypted(bytes)).equals(plain)).toBe(true);
    expect(bytes.includes('manifest.csv')).toBe(false);
    const stranger = new Decrypter();
    stranger.addIdentity(await generateX25519Identity());
    await expect(stranger.decrypt(bytes)).rejects.toThrow();
  });
});
