import { createHash } from 'node:crypto';
import { buffer } from 'node:stream/consumers';
import { PDFiumLibrary } from '@hyzyla/pdfium';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fromBuffer } from 'yauzl';
import { type LetterDesk, letterDesk, peopleCsv } from '../support/letter-desk.ts';

let desk: LetterDesk;
beforeAll(async () => {
  desk = await letterDesk();
});
afterAll(() => desk.close());

const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');
const unzip = (zip: Buffer): Promise<Map<string, Buffer>> =>
  new Promise((resolve, reject) => {
    const files = new Map<string, Buffer>();
    fromBuffer(zip, { lazyEntries: true }, (failed, archive) => {
      if (failed) return reject(failed);
      archive.on('error', reject).on('end', () => resolve(files));
      archive.on('entry', (entry) =>
        archive.openReadStream(entry, async (unreadable, stream) => {
          if (unreadable) return reject(unreadable);
          files.set(entry.fileName, await buffer(stream));
          archive.readEntry();
        }),
      );
      archive.readEntry();
    });
  });
const manifestOf = async (id: string): Promise<Record<string, string>[]> => {
  const { bytes } = await desk.download(`/v1/letter-batches/${id}/manifest.csv`);
  const [head = [], ...lines] = bytes
    .toString()
    .trim()
    .split('\r\n')
    .map((line) => line.split(','));
  return lines.map((cells) => Object.fromEntries(head.map((name, i) => [name, cells[i] ?? ''])));
};

describe('letters of one notice', () => {
  it('are cut by country, at most so many, in postal order, and every letter lies in one batch', async () => {
    const abroad = ['90,Sample Person,12345,1 Sample Street,US', '91,Sample Two,12344,2 Sample Street,US'];
    const { batches } = await desk.rendered(peopleCsv(7, abroad));
    expect(batches.map(({ country, letters }) => [country, letters])).toEqual([
      ['JP', 5],
      ['JP', 2],
      ['US', 2],
    ]);
    const manifests = await Promise.all(batches.map(({ id }) => manifestOf(id)));
    const codes = manifests.flat().map(({ postal_code }) => postal_code);
    expect(codes.slice(0, 7)).toEqual(codes.slice(0, 7).toSorted());
    expect(codes.slice(7)).toEqual(['12344', '12345']);
    expect(new Set(manifests.flat().map(({ reference }) => reference)).size).toBe(9);
    for (const [i, { pages, sheets, weightGrams }] of batches.entries()) {
      const lines = manifests[i] ?? [];
      expect(lines.reduce((sum, line) => sum + Number(line.pages), 0)).toBe(pages);
      expect(new Set(lines.map((line) => `${line.sheets} ${line.weight_g}`))).toEqual(
        new Set([`${sheets} ${weightGrams}`]),
      );
    }
  });

  it('that would fill no batch of their kind are not looked at again before there are others', async () => {
    const abroad = ['80,Sample Person,12345,1 Sample Street,US'];
    const noticeId = await desk.sending(peopleCsv(4, abroad));
    await sql`update notices set letters_closed_at = now() where id = ${noticeId}`.execute(desk.db);
    await desk.render((await desk.due())[0]);
    expect(await desk.batches(noticeId)).toEqual([]);
    expect(await desk.due()).toEqual([]);
  });
});

describe('a template that overflows', () => {
  it('prints nobody’s letter: each is unprintable as too heavy before anyone approves', async () => {
    const incidentId = await desk.openIncident();
    await desk.list(incidentId, peopleCsv(3));
    const { facts } = await desk.get(`/v1/incidents/${incidentId}`);
    const measures = Array.from({ length: 20 }, (_, i) => ({
      title: `対策${i + 1}`,
      details: Array.from({ length: 10 }, () => '長い説明が続きます。'.repeat(60)),
    }));
    await desk.ok('operator', 'PATCH', `/v1/incidents/${incidentId}`, { facts: { ...facts, measures } });
    const noticeId = await desk.freeze(incidentId);
    const { problems } = await desk.get(`/v1/notices/${noticeId}`);
    expect(problems).toMatchObject([{ code: 'too_heavy', severity: 'person', count: 3, where: 'letter' }]);
    const { letter, persons } = await desk.get(`/v1/notices/${noticeId}/stats`);
    expect(letter).toMatchObject({ total: 3, unprintable: 3, pending: 0 });
    expect(persons).toMatchObject({ total: 3, unreached: 3 });
  });
});

describe('the files of a batch', () => {
  it('lie in one archive whose sums agree, and which is the same each time', async () => {
    const { batches } = await desk.rendered(peopleCsv(3));
    const [{ id, sha256: letters, number }] = batches;
    const { bytes, headers } = await desk.download(`/v1/letter-batches/${id}/bundle.zip`);
    expect(Number(headers['content-length'])).toBe(bytes.length);
    expect(headers['content-disposition']).toMatch(/filename="letters-\d+-001\.zip"/);
    expect((await desk.download(`/v1/letter-batches/${id}/bundle.zip`)).bytes.equals(bytes)).toBe(true);
    const files = await unzip(bytes);
    expect([...files.keys()]).toEqual(['letters.pdf', 'manifest.csv', 'summary.pdf', 'SHA256SUMS']);
    const sums = ['letters.pdf', 'manifest.csv', 'summary.pdf'].map(
      (name) => [name, files.get(name) as Buffer] as const,
    );
    expect(files.get('SHA256SUMS')?.toString()).toBe(sums.map(([name, file]) => `${sha256(file)}  ${name}\n`).join(''));
    expect(sha256(files.get('letters.pdf') as Buffer)).toBe(letters);
    for (const [name, file] of files) {
      expect((await desk.download(`/v1/letter-batches/${id}/${name}`)).bytes.equals(file), name).toBe(true);
    }
    expect(number).toBe(1);
  });

  it('begin with a cover sheet that has the figures and nobody’s name', async () => {
    const { noticeId, batches } = await desk.rendered(peopleCsv(4));
    const [{ id, letters, pages, sha256: sum }] = batches;
    const pdfium = await PDFiumLibrary.init();
    const document = await pdfium.loadDocument((await desk.download(`/v1/letter-batches/${id}/summary.pdf`)).bytes);
    const text = [...document.pages()].map((page) => page.getText().replace(/\s/gu, '')).join('');
    document.destroy();
    pdfium.destroy();
    expect(text).toContain(`通数${letters}`);
    expect(text).toContain(`各通は表面から）${pages}`);
    expect(text).toContain(`${noticeId}–1`);
    expect(text).toContain('1004');
    expect(text).toContain(sum);
    expect(text).not.toContain('見本太郎');
    expect(text).not.toContain('千代田1');
    for (const { reference } of await manifestOf(id)) expect(text).not.toContain(reference);
  });

  it('are given to operators alone, and every reading is written down', async () => {
    const { batches } = await desk.rendered(peopleCsv(1));
    const [{ id }] = batches;
    expect((await desk.download(`/v1/letter-batches/${id}/bundle.zip`, 'staff')).status).toBe(403);
    const names = ['letters.pdf', 'manifest.csv', 'summary.pdf', 'SHA256SUMS', 'bundle.zip'];
    for (const name of names) await desk.download(`/v1/letter-batches/${id}/${name}`);
    const { rows } = await sql<{ file: string }>`
      select detail->>'file' as file from audit_events where action = 'letter_batch.read' and subject_id = ${id}
      order by id`.execute(desk.db);
    expect(rows.map(({ file }) => file)).toEqual(names);
  });

  it('of an older version are two, and there is no archive of them', async () => {
    const { batches } = await desk.rendered(peopleCsv(1));
    const [{ id }] = batches;
    await sql`update letter_batches set files = null where id = ${id}`.execute(desk.db);
    const status = async (name: string) => (await desk.download(`/v1/letter-batches/${id}/${name}`)).status;
    expect([await status('letters.pdf'), await status('summary.pdf'), await status('bundle.zip')]).toEqual([
      ...[200, 404, 409],
    ]);
  });

  it('are not encrypted, nor put anywhere, while no printer is set', async () => {
    const { batches } = await desk.rendered(peopleCsv(1));
    const [{ id }] = batches;
    expect((await desk.download(`/v1/letter-batches/${id}/bundle.zip.age`)).status).toBe(409);
    expect(await desk.refusal(`/v1/letter-batches/${id}/deliver`, undefined)).toBe('409 no_printer');
  });
});
