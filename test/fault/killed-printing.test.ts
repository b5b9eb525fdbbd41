import { existsSync, watch } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Api, LetterBatch, NoticeAnswer } from '../../src/demo/api.ts';
import { letterBatches } from '../../src/demo/steps.ts';
import { startService, type TestService } from '../support/service.ts';
import { type SftpServer, startSftpServer } from '../support/sftp-server.ts';
import { acceptList, cast, castAgain, csvOf, openIncident, releaseNotice, statsWhen } from '../support/story.ts';
import { until } from '../support/until.ts';

const PERSONS = 160;
const LETTERS_PER_BATCH = 20;

describe('kill -9 while letters are printed', () => {
  let dir: string;
  let printer: SftpServer;
  let service: TestService | undefined;
  let settings: Record<string, string>;

  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'owabi-print-'));
    printer = await startSftpServer();
    await writeFile(join(dir, 'key'), printer.clientKey, { mode: 0o600 });
    settings = {
      ...{ DATA_DIR: join(dir, 'data'), SMTP_URL: 'catcher', LETTERS_PER_BATCH: String(LETTERS_PER_BATCH) },
      PRINTER_SFTP_URL: `sftp://owabi@127.0.0.1:${printer.port}/in`,
      ...{ PRINTER_SFTP_KEY: join(dir, 'key'), PRINTER_SFTP_HOST_KEY: printer.hostKey },
    };
    await mkdir(join(dir, 'data'));
  });
  afterEach(async () => {
    await service?.kill('SIGTERM');
    await printer.close();
    await rm(dir, { recursive: true, force: true });
  });

  const download = async (operator: Api, { id }: LetterBatch, name: string): Promise<Buffer> =>
    Buffer.from(await (await operator.download(`/v1/letter-batches/${id}/${name}`)).arrayBuffer());

  /** Kills the service as soon as a file of this name lies among those of a batch, and starts it again. */
  async function killAtFile(name: string, signal: { killed: number }): Promise<void> {
    const running = service as TestService;
    const blobs = join(dir, 'data', 'blobs');
    await until('there is a place for files', () => existsSync(blobs));
    const watcher = watch(blobs, { recursive: true }, (_, path) => {
      if (path !== null && basename(path) === name) process.kill(running.pid, 'SIGKILL');
    });
    await running.exited;
    watcher.close();
    signal.killed++;
    service = await startService(settings);
  }

  /** The same as soon as the printer's server is asked for something. */
  async function killAtStep(step: RegExp, signal: { killed: number }): Promise<void> {
    const running = service as TestService;
    printer.onStep((taken) => {
      if (step.test(taken)) process.kill(running.pid, 'SIGKILL');
    });
    await running.exited;
    printer.onStep(() => undefined);
    signal.killed++;
    service = await startService(settings);
  }

  it('prints everybody’s letter once, and the printer gets each batch whole', { timeout: 300_000 }, async () => {
    service = await startService(settings);
    const people = await cast(service.url);
    const incidentId = await openIncident(people);
    await acceptList(people, incidentId, csvOf(PERSONS));
    const notice: NoticeAnswer = await releaseNotice(people, incidentId, { template: 'warning', channels: 'letter' });

    const signal = { killed: 0 };
    // Between the files of a batch, between its last file and its state, in the midst of a delivery, and between the file
    // at the printer's and our writing that down.
    await killAtFile('manifest.csv', signal);
    await killAtStep(/^open /, signal);
    await killAtFile('SHA256SUMS', signal);
    await killAtStep(/^rename /, signal);
    expect(signal.killed).toBe(4);

    const { operator } = castAgain(service.url, people.keys);
    const stats = await statsWhen(
      { operator },
      notice.id,
      'every letter is printed',
      ({ letter }) => letter.pending === 0,
    );
    expect(stats).toMatchObject({ balanced: true, letter: { total: PERSONS, rendered: PERSONS } });
    const delivered = async () => {
      const all = (await letterBatches(operator, notice.id)) as (LetterBatch & { deliveredAt: string | null })[];
      return all.every(({ state, deliveredAt }) => state === 'rendered' && deliveredAt !== null) && all;
    };
    const batches = await until('every batch lies at the printer’s', delivered, 120_000);
    expect(batches.map(({ letters }) => letters)).toEqual(Array(PERSONS / LETTERS_PER_BATCH).fill(LETTERS_PER_BATCH));
    const references: string[] = [];
    const expected: string[] = [];
    for (const batch of batches) {
      const path = `/in/letters-${notice.id}-${String(batch.number).padStart(3, '0')}.zip`;
      expected.push(path);
      expect(printer.files.get(path)?.equals(await download(operator, batch, 'bundle.zip')), path).toBe(true);
      const [, ...lines] = (await download(operator, batch, 'manifest.csv')).toString().trim().split('\r\n');
      references.push(...lines.map((line) => line.split(',')[1] ?? ''));
    }
    expect([...printer.files.keys()].toSorted()).toEqual(expected.toSorted());
    // Nobody who watches the folder sees a bundle twice, also where we died before we knew that it lies there.
    const appeared = printer.steps.filter((step) => step.startsWith('rename ')).map((step) => step.slice(7));
    expect(appeared.toSorted()).toEqual(expected.toSorted());
    expect(new Set(references).size).toBe(PERSONS);
    expect(references).toHaveLength(PERSONS);
  });
});
