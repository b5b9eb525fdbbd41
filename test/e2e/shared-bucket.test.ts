import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { LetterBatch } from '../../src/demo/api.ts';
import { type Machines, openMachines } from '../support/machines.ts';
import { type S3Server, startS3Server } from '../support/s3-server.ts';
import { ADMIN_KEY, refusedStart } from '../support/service.ts';
import { type Sink, startSink } from '../support/smtp-sink.ts';
import { acceptList, cast, castAgain, csvOf, openIncident, releaseNotice, statsWhen } from '../support/story.ts';
import { until } from '../support/until.ts';

describe('an API and a worker on two machines that share a database and a bucket', () => {
  let storage: S3Server;
  let sink: Sink;
  let machines: Machines;
  let keys: [string, string];
  beforeAll(async () => {
    storage = await startS3Server();
    sink = await startSink();
    machines = await openMachines({
      ...{ smtpUrl: sink.url, connections: 1, blobUrl: storage.url({ prefix: 'owabi' }) },
      settings: { PRINTER_S3_URL: storage.url({ bucket: 'printer' }) },
    });
  });
  afterAll(async () => {
    await machines.close();
    await sink.close();
    await storage.close();
  });

  it('take a list in on one, typeset its letters on the other, and give the printer the same as the operator', {
    timeout: 120_000,
  }, async () => {
    const [api, worker] = [await machines.start('api'), await machines.start('worker')];
    const people = await cast(api.url);
    keys = people.keys;
    const incidentId = await openIncident(people);
    await acceptList(people, incidentId, csvOf(7));
    await until('the upload is removed', () => ![...storage.objects.keys()].some((path) => path.includes('/lists/')));
    const notice = await releaseNotice(people, incidentId, { template: 'apology', channels: 'letter' });
    await statsWhen(people, notice.id, 'the letters are rendered', ({ letter }) => letter.rendered === 7);
    const batch = await until('the bundle is in the printer’s bucket', async () => {
      const url = `/v1/notices/${notice.id}/letter-batches`;
      const { items } = await people.operator.get<{ items: (LetterBatch & { deliveredAt: string | null })[] }>(url);
      return items[0]?.deliveredAt !== null && items[0];
    });
    const fetched = await people.operator.download(`/v1/letter-batches/${batch.id}/bundle.zip`);
    const bundle = storage.objects.get(`printer/letters-${notice.id}-001.zip`)?.bytes;
    expect(bundle?.equals(Buffer.from(await fetched.arrayBuffer()))).toBe(true);
    const pdf = await people.operator.download(`/v1/letter-batches/${batch.id}/letters.pdf`);
    const sha256 = createHash('sha256').update(Buffer.from(await pdf.arrayBuffer()));
    expect(sha256.digest('hex')).toBe(batch.sha256);
    const said = api.output() + worker.output();
    for (const secret of ['AKIATEST', 'a/b+c', 'a%2Fb', '見本']) expect(said).not.toContain(secret);
  });

  it('go on telling people by email while the storage does not answer', { timeout: 120_000 }, async () => {
    const api = await machines.start('api');
    const people = castAgain(api.url, keys);
    const incidentId = await openIncident(people);
    // The upload of a list that was accepted is to be removed, and cannot be.
    let asked = 0;
    storage.fate(({ method }) => (method === 'DELETE' && ++asked ? 'silent' : 'served'));
    await acceptList(people, incidentId, csvOf(3));
    await until('somebody tries to remove the upload', () => asked > 1);
    await releaseNotice(people, incidentId, { template: 'apology', channels: 'email' });
    await until('all three have their email', () => sink.accepted().length === 3, 15_000);
    storage.fate(null);
  });

  it('are refused at the start with one sentence when the key is wrong', async () => {
    const { code, said } = await refusedStart({ BLOB_URL: storage.url({ secret: 'wrong' }), ADMIN_API_KEY: ADMIN_KEY });
    expect(code).toBe(1);
    expect(said).toMatch(/Owabi cannot start: BLOB_URL: [^\n]*SignatureDoesNotMatch\)\.\n/);
  });
});
