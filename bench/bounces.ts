import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import pg from 'pg';
import { startEmbeddedPostgres } from '../src/db/embedded-postgres.ts';
import { deliveryToken } from '../src/delivery/email/addresses.ts';
import type { NoticeAnswer } from '../src/demo/api.ts';
import { makeVault } from '../src/vault/vault.ts';
import { canReport } from '../test/support/reports/arbitrary-facts.ts';
import { factsFor } from '../test/support/reports/facts.ts';
import { reportKinds } from '../test/support/reports/kinds.ts';
import { replies } from '../test/support/reports/replies.ts';
import { startService, type TestService } from '../test/support/service.ts';
import { greetedClient } from '../test/support/smtp-client.ts';
import { acceptList, cast, csvOf, emailsSettled, freeze, openIncident, statsWhen } from '../test/support/story.ts';
import { multiply } from './many-deliveries.ts';
import { cpuMicrosOf, residentMegabytes } from './process-figures.ts';
import { forkSink, type SinkProcess } from './sink.ts';

/** The rest are copies of one of them. */
const MOST_LISTED = 20_000;
const CONNECTIONS = 8;
/** Fewer than the listener takes of one connection. */
const MAILS_OF_A_CONNECTION = 500;
const BOUNCE_DOMAIN = 'bounce.example.jp';
const MASTER_KEY = Buffer.alloc(32, 7).toString('base64');

interface Report {
  to: string;
  body: Buffer;
}

interface Bench {
  api: TestService;
  worker: TestService;
  people: Awaited<ReturnType<typeof cast>>;
  database: pg.Client;
  databaseUrl: string;
  sink: SinkProcess;
}

/**
 * Reports a second through the whole path (SMTP, sealed and stored, read, matched, applied) while another notice is being
 * sent by the same worker, the share that was read by a rule, and memory. One report for each email of a sent notice, of
 * every kind that the tests can make. The mark: 10,000 applied within a minute. `npm run bench -- bounces [reports]`
 */
export async function benchBounces([count = '10000']: string[]): Promise<void> {
  const reports = Number(count);
  const dir = await mkdtemp(join(tmpdir(), 'owabi-bench-'));
  const sink = await forkSink();
  const postgres = await startEmbeddedPostgres(join(dir, 'database'));
  const database = new pg.Client(postgres.url);
  const services: TestService[] = [];
  try {
    await database.connect();
    const start = async (roles: string): Promise<TestService> => {
      const service = await startService(settingsOf(roles, dir, sink.url, postgres.url));
      services.push(service);
      return service;
    };
    const api = await start('api');
    const worker = await start('worker');
    const people = await cast(api.url);
    const bench: Bench = { api, worker, people, database, databaseUrl: postgres.url, sink };
    process.stdout.write(`Sending ${reports} emails, to have them come back …\n`);
    const sent = await approved(bench, await openIncident(people), reports, 'example.jp');
    await statsWhen(people, sent, 'all are sent', emailsSettled, 1_800_000);
    const made = await reportsOn(database, sent);
    await run(bench, made);
  } finally {
    for (const service of services.reverse()) await service.kill('SIGTERM');
    await database.end();
    await postgres.stop();
    await sink.close();
    await rm(dir, { recursive: true, force: true });
  }
}

function settingsOf(roles: string, dir: string, smtp: string, database: string): Record<string, string> {
  return {
    ...{ ROLES: roles, DATABASE_URL: database, DATA_DIR: join(dir, 'data'), MASTER_KEY },
    ...{
      BLOB_URL: pathToFileURL(join(dir, 'blobs')).href,
      SMTP_URL: smtp,
      BOUNCE_DOMAIN,
      BOUNCE_LISTEN: '127.0.0.1:0',
    },
    ...{ MAIL_FROM: '"Support" <notice@example.jp>', PUBLIC_URL: 'https://example.jp' },
  };
}

/** A notice to so many persons that has begun to be sent. */
async function approved(
  { people, databaseUrl }: Bench,
  incidentId: string,
  persons: number,
  domain: string,
): Promise<string> {
  await acceptList(people, incidentId, csvOf(Math.min(persons, MOST_LISTED), domain));
  const wanted = { template: 'apology', channels: 'email' };
  const { id } = await people.operator.post<NoticeAnswer>(`/v1/incidents/${incidentId}/notices`, wanted);
  const { digest, persons: frozen } = await freeze(people, id);
  if ((frozen ?? 0) < persons) await multiply(databaseUrl, id, persons);
  await people.approver.post(`/v1/notices/${id}/approve`, { digest, persons });
  return id;
}

/** One report for each email of a notice, as it goes over the wire. */
async function reportsOn(database: pg.Client, noticeId: string): Promise<Report[]> {
  const vault = makeVault({ masterKey: MASTER_KEY, keys: {} as never });
  const { rows } = await database.query<{ id: string; reference: string }>(
    `select d.id, p.reference from deliveries d join notice_persons p using (notice_id, person_id)
     where d.notice_id = $1 and d.channel = 'email' order by d.id`,
    [noticeId],
  );
  return rows.map(({ id, reference }, i) => {
    const token = deliveryToken(id, vault.bounceCode(id));
    const sender = `b+${token}@${BOUNCE_DOMAIN}`;
    return { to: sender, body: bodyOf(i, sender, `<${token}@example.jp>`, `p${reference.slice(1)}@example.jp`) };
  });
}

function bodyOf(i: number, sender: string, originalMessageId: string, recipient: string): Buffer {
  const of = reportKinds[i % reportKinds.length] as (typeof reportKinds)[number];
  const kind = of.kinds.includes('bounce') ? 'bounce' : (of.kinds[0] as (typeof of.kinds)[number]);
  const sayable = replies.filter((reply) => canReport(of, kind, reply));
  const reply = sayable[Math.floor(i / reportKinds.length) % sayable.length];
  const facts = factsFor({ kind, sender, originalMessageId, recipient, ...(reply && { reply }) });
  // A dot at the start of a line is doubled (RFC 5321 §4.5.2).
  return Buffer.from(of.make(facts).toString('latin1').replace(/^\./gm, '..'), 'latin1');
}

async function run(bench: Bench, reports: Report[]): Promise<void> {
  const { api, worker, people, database, sink } = bench;
  const port = Number(/"event":"listener\.started","host":"[^"]+","port":(\d+)/.exec(api.output())?.[1]);
  const memory: string[] = [];
  const look = async (): Promise<void> => {
    memory.push(`${await residentMegabytes(api.pid)}+${await residentMegabytes(worker.pid)}`);
  };
  const other = await approved(bench, await openIncident(people), reports.length, 'example.com');
  const sentBefore = (await sink.counts()).messages;
  process.stdout.write(`Sending ${reports.length} reports beside another notice of as many …\n`);
  await goneAtLeast(sink, sentBefore + 1);
  const cpuBefore = await cpuMicrosOf(api.pid);
  const began = performance.now();
  await deliver(port, reports, look);
  const storedMs = performance.now() - began;
  const cpuMicros = ((await cpuMicrosOf(api.pid)) - cpuBefore) / reports.length;
  const sentMeanwhile = (await sink.counts()).messages - sentBefore;
  await noneWaits(database);
  const appliedMs = performance.now() - began;
  await look();
  const [stored] = (await database.query<{ n: number }>('select count(*)::int as n from reports')).rows;
  if (stored?.n !== reports.length) throw new Error(`${reports.length} were taken and ${stored?.n} are stored`);
  await statsWhen(people, other, 'the other notice is sent', emailsSettled, 1_800_000);
  await print({ database, count: reports.length, storedMs, appliedMs, cpuMicros, sentMeanwhile, memory });
}

/** Hands all reports over, on several connections, as fast as they are taken; looks after each fifth. */
async function deliver(port: number, reports: readonly Report[], look: () => Promise<void>): Promise<void> {
  let next = 0;
  let taken = 0;
  const fifth = Math.ceil(reports.length / 5);
  const one = async (): Promise<void> => {
    while (next < reports.length) {
      const client = await greetedClient(port);
      for (let mails = 0; mails < MAILS_OF_A_CONNECTION && next < reports.length; mails++) {
        const { to, body } = reports[next++] as Report;
        const reply = await client.mail(to, body);
        if (!reply.startsWith('250 ')) throw new Error(`a report was not taken: ${reply}`);
        taken += 1;
        if (taken % fifth === 0) await look();
      }
      client.close();
    }
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, one));
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

async function goneAtLeast(sink: SinkProcess, messages: number): Promise<void> {
  while ((await sink.counts()).messages < messages) await pause(20);
}

async function noneWaits(database: pg.Client): Promise<void> {
  for (;;) {
    const { rows } = await database.query(`select from reports where state = 'waiting' limit 1`);
    if (rows.length === 0) return;
    await pause(50);
  }
}

interface Figures {
  database: pg.Client;
  count: number;
  storedMs: number;
  appliedMs: number;
  /** Of the API for each report: taking it, sealing it, storing it. */
  cpuMicros: number;
  sentMeanwhile: number;
  memory: string[];
}

async function print(figures: Figures): Promise<void> {
  const { database, count, storedMs, appliedMs, cpuMicros, sentMeanwhile, memory } = figures;
  const table = async (sql: string): Promise<string> => {
    const { rows } = await database.query<{ name: string; n: number }>(sql);
    return rows.map(({ name, n }) => `${name} ${n}`).join(', ');
  };
  const [rules] = (
    await database.query<{ by_rule: number; n: number }>(
      `select count(*) filter (where rule not like 'generic%')::int as by_rule, count(*)::int as n from delivery_reports`,
    )
  ).rows;
  const perSecond = (ms: number): number => Math.round(count / (ms / 1000));
  process.stdout.write(
    [
      `\nreports: ${count}, of ${reportKinds.length} kinds, on ${CONNECTIONS} connections`,
      `stored: ${perSecond(storedMs)} a second; applied: ${perSecond(appliedMs)} a second`,
      `CPU of the API: ${Math.round(cpuMicros)} µs each`,
      `${sentMeanwhile} emails were sent while they came`,
      `10,000 in a minute: ${perSecond(appliedMs) >= 10_000 / 60 ? 'yes' : 'no'}`,
      `reports by state: ${await table('select state as name, count(*)::int as n from reports group by 1 order by 1')}`,
      `said by kind: ${await table('select kind as name, count(*)::int as n from delivery_reports group by 1 order by 1')}`,
      `read by a rule: ${((100 * (rules?.by_rule ?? 0)) / Math.max(1, rules?.n ?? 0)).toFixed(1)} of 100`,
      `memory of API + worker at each fifth, and at the end: ${memory.join(', ')} MB\n`,
    ].join('\n'),
  );
}
