import { generateKeyPairSync } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { startEmbeddedPostgres } from '../src/db/embedded-postgres.ts';
import type { NoticeAnswer } from '../src/demo/api.ts';
import { startService, type TestService } from '../test/support/service.ts';
import { acceptList, cast, csvOf, freeze, openIncident, statsWhen } from '../test/support/story.ts';
import { type BenchMessage, runBaseline } from './baseline-nodemailer.ts';
import { multiply } from './many-deliveries.ts';
import { cpuMicrosOf, familyCpuMicros, residentMegabytes } from './process-figures.ts';
import { forkSink, type SinkProcess } from './sink.ts';

const CONNECTIONS = 10;
/** The rest are copies of one of them. */
const MOST_LISTED = 20_000;
/** The loop's speed does not depend on how many there are. */
const MOST_LOOPED = 20_000;
const SENDER = '"Support" <notice@example.jp>';

interface Run {
  name: string;
  messages: number;
  perSecond: number;
  /** CPU time for one message: of the sending processes, and of PostgreSQL. */
  cpuMicros: number;
  postgresMicros: number;
  bytes: number;
  /** Resident memory of the first worker at each fifth of the run, in MB. */
  memory: number[];
}

/**
 * Messages a second through the whole path (claim, render, compare with what was approved, compose, sign, mark, submit,
 * record) with one and with two workers, beside a plain nodemailer pool loop that sends the same messages, signed with
 * the same key, to the same sink. `npm run bench -- email [messages]`
 */
export async function benchEmail([count = '10000']: string[]): Promise<void> {
  const persons = Number(count);
  const dir = await mkdtemp(join(tmpdir(), 'owabi-bench-'));
  const sink = await forkSink();
  const postgres = await startEmbeddedPostgres(join(dir, 'database'));
  const services: TestService[] = [];
  try {
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }) as string;
    await writeFile(join(dir, 'dkim.pem'), pem);
    const start = async (roles: string): Promise<TestService> => {
      const service = await startService(settingsOf(roles, dir, sink.url, postgres.url));
      services.push(service);
      return service;
    };
    const api = await start('api');
    const workers = [await start('worker')];
    const people = await cast(api.url);
    const incidentId = await openIncident(people);
    process.stdout.write(`Bringing in ${persons} persons …\n`);
    await acceptList(people, incidentId, csvOf(Math.min(persons, MOST_LISTED)));
    const postmaster = Number((await readFile(join(dir, 'database/postgres/postmaster.pid'), 'utf8')).split('\n')[0]);
    const bench = { people, incidentId, persons, sink, postmaster, database: postgres.url };

    const one = await runOurs('owabi, one worker', workers, bench);
    workers.push(await start('worker'));
    const two = await runOurs('owabi, two workers', workers, bench);
    const loop = await runLoop(sink, one.sample, Math.min(persons, MOST_LOOPED), pem);
    print([one.run, two.run, loop]);
  } finally {
    for (const service of services.reverse()) await service.kill('SIGTERM');
    await postgres.stop();
    await sink.close();
    await rm(dir, { recursive: true, force: true });
  }
}

function settingsOf(roles: string, dir: string, smtp: string, database: string): Record<string, string> {
  return {
    ...{ ROLES: roles, DATABASE_URL: database, DATA_DIR: join(dir, 'data') },
    ...{ BLOB_URL: pathToFileURL(join(dir, 'blobs')).href, MASTER_KEY: Buffer.alloc(32, 7).toString('base64') },
    ...{ SMTP_URL: smtp, SMTP_CONNECTIONS: String(CONNECTIONS), MAIL_FROM: SENDER, PUBLIC_URL: 'https://example.jp' },
    ...{ BOUNCE_DOMAIN: 'bounce.example.jp', DKIM_KEYS: `s1._domainkey.example.jp=${join(dir, 'dkim.pem')}` },
  };
}

interface Bench {
  people: Awaited<ReturnType<typeof cast>>;
  incidentId: string;
  persons: number;
  sink: SinkProcess;
  postmaster: number;
  database: string;
}

async function runOurs(name: string, workers: TestService[], bench: Bench): Promise<{ run: Run; sample: Sample }> {
  const { people, persons, sink, postmaster } = bench;
  const cpu = async () => {
    const each = await Promise.all(workers.map(({ pid }) => cpuMicrosOf(pid)));
    return { workers: each.reduce((sum, micros) => sum + micros, 0), postgres: await familyCpuMicros(postmaster) };
  };
  const wanted = { template: 'apology', channels: 'email' };
  const { id } = await people.operator.post<NoticeAnswer>(`/v1/incidents/${bench.incidentId}/notices`, wanted);
  const { digest, persons: frozen } = await freeze(people, id);
  const sample = await sampleOf(people.operator, id);
  if ((frozen ?? 0) < persons) await multiply(bench.database, id, persons);

  const before = await sink.counts();
  // The second notice goes to the same persons, which whoever approves has to say.
  const overlap = before.messages > 0 ? { overlap: persons } : {};
  await people.approver.post(`/v1/notices/${id}/approve`, { digest, persons, ...overlap });
  const cpuBefore = await cpu();
  const first = await sinkReaches(sink, before.messages + 1);
  const memory: number[] = [];
  let last = first;
  for (let fifth = 1; fifth <= 5; fifth++) {
    last = await sinkReaches(sink, before.messages + Math.floor((persons * fifth) / 5));
    memory.push(await residentMegabytes((workers[0] as TestService).pid));
  }
  const stats = await statsWhen(people, id, 'every result is written', ({ email }) => email.submitted === persons);
  const cpuAfter = await cpu();
  const after = await sink.counts();
  if (!stats.balanced || after.messages !== before.messages + persons) throw new Error('ledger and sink do not agree');
  const run: Run = {
    ...{ name, messages: persons, perSecond: (persons - 1) / ((last - first) / 1000), memory },
    cpuMicros: (cpuAfter.workers - cpuBefore.workers) / persons,
    postgresMicros: (cpuAfter.postgres - cpuBefore.postgres) / persons,
    bytes: (after.bytes - before.bytes) / persons,
  };
  return { run, sample };
}

async function runLoop(sink: SinkProcess, sample: Sample, persons: number, privateKey: string): Promise<Run> {
  const before = await sink.counts();
  const dkim = { domainName: 'example.jp', keySelector: 's1', privateKey };
  const plain = await runBaseline(sink.port, sameMessages(sample, persons), dkim);
  const bytes = ((await sink.counts()).bytes - before.bytes) / persons;
  return {
    ...{ name: 'nodemailer pool loop', messages: plain.messages, perSecond: plain.messagesPerSecond, bytes },
    ...{ cpuMicros: plain.cpuMicrosPerMessage, postgresMicros: 0, memory: [] },
  };
}

type Sample = Pick<BenchMessage, 'html' | 'text'>;

/** One real message of the notice: the loop sends the same, with each person's own address. */
async function sampleOf(operator: Bench['people']['operator'], noticeId: string): Promise<Sample> {
  const { items } = await operator.get<{ items: { id: string }[] }>(`/v1/notices/${noticeId}/deliveries?limit=1`);
  const delivery = items[0];
  if (!delivery) throw new Error('the notice has no deliveries');
  const part = async (name: string) =>
    (await operator.download(`/v1/deliveries/${delivery.id}/content?part=${name}`)).text();
  return { html: await part('html'), text: await part('text') };
}

function* sameMessages({ html, text }: Sample, count: number): Generator<BenchMessage> {
  const subject = '【重要】お客様の情報に関するお詫びとお知らせ';
  const headers = {
    ...{ 'Auto-Submitted': 'auto-generated', 'X-Auto-Response-Suppress': 'OOF, AutoReply', 'Content-Language': 'ja' },
    'Feedback-ID': '1:notice:example.jp',
  };
  for (let i = 1; i <= count; i++) {
    const to = `p${String(i).padStart(6, '0')}@example.jp`;
    const envelope = { from: `b+${i}@bounce.example.jp`, to };
    yield { envelope, from: SENDER, subject, html: `${html}<!-- ${i} -->`, text: `${text}\n${i}`, headers };
  }
}

/** When the sink has this many messages, in ms. Asked every 20 ms: a hundredth of a run of two seconds. */
async function sinkReaches(sink: SinkProcess, messages: number): Promise<number> {
  while ((await sink.counts()).messages < messages) await new Promise((resolve) => setTimeout(resolve, 20));
  return performance.now();
}

function print(runs: Run[]): void {
  const widths = [8, 10, 12, 14, 13];
  const row = (name: string, cells: string[]): string =>
    `${name.padEnd(20)} ${cells.map((cell, i) => cell.padStart(widths[i] ?? 0)).join(' ')}\n`;
  process.stdout.write(`\n${row('', ['messages', 'messages/s', 'CPU µs each', '+ PostgreSQL µs', 'bytes each'])}`);
  for (const { name, messages, perSecond, cpuMicros, postgresMicros, bytes } of runs) {
    const figures = [messages, perSecond, cpuMicros, postgresMicros, bytes].map((figure) => String(Math.round(figure)));
    process.stdout.write(row(name, figures));
  }
  const [one, two, loop] = runs as [Run, Run, Run];
  const cost = (run: Run): number => run.cpuMicros + run.postgresMicros;
  process.stdout.write(
    [
      `\none worker: ${(one.perSecond / loop.perSecond).toFixed(2)} times the loop`,
      `two workers: ${(two.perSecond / one.perSecond).toFixed(2)} times one, at ${(cost(two) / cost(one)).toFixed(2)} times the CPU each`,
      `memory of a worker at each fifth: ${one.memory.join(', ')} MB; with two: ${two.memory.join(', ')} MB`,
      'ledger and sink agree\n',
    ].join('\n'),
  );
}
