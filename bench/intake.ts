import { createReadStream, openAsBlob } from 'node:fs';
import { chmod, mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { setTimeout as wait } from 'node:timers/promises';
import { parse } from 'csv-parse';
import pg from 'pg';
import { startEmbeddedPostgres } from '../src/db/embedded-postgres.ts';
import type { ListAnswer } from '../src/demo/api.ts';
import { startService, type TestService } from '../test/support/service.ts';
import { cast, openIncident } from '../test/support/story.ts';
import { writeListFile } from './list-file.ts';
import { residentMegabytes } from './process-figures.ts';

/**
 * A list from upload to `ready`: decoding, checking, matching and sealing of every row, beside csv-parse alone on the
 * same file and a bare COPY of it. Then the list is accepted. `npm run bench -- intake [rows]`
 */
export async function benchIntake([count = '1000000']: string[]): Promise<void> {
  const rows = Number(count);
  const dir = await mkdtemp(join(tmpdir(), 'owabi-bench-'));
  const path = join(dir, 'list.csv');
  try {
    process.stdout.write(`Writing a list of ${rows} rows in CP932 …\n`);
    await writeListFile(path, rows);
    const megabytes = (await stat(path)).size / 1e6;
    const ours = await runOurs(path, dir);
    const parsed = await secondsOf(() => parseAlone(path));
    const copied = await runCopy(path, dir);
    const perSecond = (seconds: number) => Math.round(rows / seconds).toLocaleString('en');
    const line = (name: string, seconds: number) =>
      `${name.padEnd(44)} ${seconds.toFixed(1).padStart(7)} s ${perSecond(seconds).padStart(10)} rows/s`;
    process.stdout.write(
      [
        `${rows.toLocaleString('en')} rows, nine columns, ${megabytes.toFixed(0)} MB of CP932`,
        line('owabi, upload to ready', ours.readySeconds),
        line('  of this the upload', ours.uploadSeconds),
        line('csv-parse alone', parsed),
        line('bare COPY', copied),
        line('owabi, accepting', ours.acceptSeconds),
        `owabi takes ${(ours.readySeconds / parsed).toFixed(1)} times csv-parse, ${(ours.readySeconds / copied).toFixed(1)} times COPY`,
        `resident memory of the service while checking: ${ours.memory.quarters.join(', ')} MB at each quarter of the time, ${ours.memory.most} MB at most; while accepting ${ours.acceptMemory} MB at most`,
        `rows ${JSON.stringify(ours.list.rows)}, persons ${ours.list.persons}, exposures ${ours.list.exposures}`,
        '',
      ].join('\n'),
    );
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

async function runOurs(path: string, dir: string) {
  const service = await startService({ DATA_DIR: join(dir, 'data') });
  try {
    const people = await cast(service.url);
    const { operator } = people;
    const incidentId = await openIncident(people);
    const began = performance.now();
    const form = new FormData();
    form.set('source', 'shop');
    form.set('file', await openAsBlob(path), 'list.csv');
    const { id } = await operator.post<ListAnswer>(`/v1/incidents/${incidentId}/lists`, form);
    const uploadSeconds = (performance.now() - began) / 1000;
    const listIs = (status: string) => whenListIs(status, () => operator.get<ListAnswer>(`/v1/lists/${id}`), service);
    const ready = await listIs('ready');
    const readySeconds = (performance.now() - began) / 1000;
    await operator.post(`/v1/lists/${id}/accept`);
    const accepted = await listIs('accepted');
    return {
      ...{ uploadSeconds, readySeconds, list: accepted.list, memory: ready.memory },
      ...{ acceptSeconds: (performance.now() - began) / 1000 - readySeconds, acceptMemory: accepted.memory.most },
    };
  } finally {
    await service.kill('SIGTERM');
  }
}

async function whenListIs(status: string, read: () => Promise<ListAnswer>, service: TestService) {
  const megabytes: number[] = [];
  for (;;) {
    const list = await read();
    megabytes.push(await residentMegabytes(service.pid));
    if (list.status === status) {
      const quarters = [0, 0.25, 0.5, 0.75, 1].map((share) => megabytes[Math.round(share * (megabytes.length - 1))]);
      return { list, memory: { quarters, most: Math.max(...megabytes) } };
    }
    if (list.status === 'failed') throw new Error(JSON.stringify(list.problem));
    await wait(250);
  }
}

async function secondsOf(work: () => Promise<void>): Promise<number> {
  const began = performance.now();
  await work();
  return (performance.now() - began) / 1000;
}

async function parseAlone(path: string): Promise<void> {
  const decoder = new TextDecoder('shift_jis');
  async function* text(): AsyncGenerator<string> {
    for await (const bytes of createReadStream(path)) yield decoder.decode(bytes as Buffer, { stream: true });
  }
  for await (const _record of Readable.from(text()).pipe(parse()));
}

async function runCopy(path: string, dir: string): Promise<number> {
  await chmod(dir, 0o755);
  const server = await startEmbeddedPostgres(join(dir, 'copy'));
  const client = new pg.Client({ connectionString: server.url });
  try {
    await client.connect();
    await client.query(`create table list (${Array.from({ length: 9 }, (_, i) => `c${i} text`).join()})`);
    return await secondsOf(async () => {
      await client.query(`copy list from '${path}' with (format csv, header, encoding 'SJIS')`);
    });
  } finally {
    await client.end();
    await server.stop();
  }
}
