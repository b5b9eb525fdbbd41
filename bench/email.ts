import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { NoticeAnswer } from '../src/demo/api.ts';
import { startService } from '../test/support/service.ts';
import { acceptList, cast, csvOf, freeze, openIncident, statsWhen } from '../test/support/story.ts';
import { type BenchMessage, runBaseline } from './baseline-nodemailer.ts';
import { forkSink } from './sink.ts';

const CONNECTIONS = 10;

interface Run {
  name: string;
  messages: number;
  perSecond: number;
  cpuMicros: number;
  bytes: number;
}

/**
 * Messages a second through the whole path (claim, render, compare with what was approved, compose, mark, submit,
 * record) with one worker, beside a plain nodemailer pool loop that sends the same messages to the same sink.
 * `npm run bench -- email [messages]`
 */
export async function benchEmail([count = '10000']: string[]): Promise<void> {
  const persons = Number(count);
  const sink = await forkSink();
  const dir = await mkdtemp(join(tmpdir(), 'owabi-bench-'));
  const service = await startService({
    ...{ DATA_DIR: dir, SMTP_URL: sink.url, SMTP_CONNECTIONS: String(CONNECTIONS) },
    ...{
      MAIL_FROM: '"Support" <notice@example.jp>',
      BOUNCE_DOMAIN: 'bounce.example.jp',
      PUBLIC_URL: 'https://example.jp',
    },
  });
  try {
    const people = await cast(service.url);
    const incidentId = await openIncident(people);
    process.stdout.write(`Bringing in ${persons} persons …\n`);
    await acceptList(people, incidentId, csvOf(persons));
    const wanted = { template: 'apology', channels: 'email' };
    const { id } = await people.operator.post<NoticeAnswer>(`/v1/incidents/${incidentId}/notices`, wanted);
    const { digest } = await freeze(people, id);
    const sample = await sampleOf(people.operator, id);

    const before = await sink.counts();
    const cpuBefore = await cpuMicrosOf(service.pid);
    await people.approver.post(`/v1/notices/${id}/approve`, { digest, persons });
    const first = await sinkReaches(sink, before.messages + 1);
    const last = await sinkReaches(sink, before.messages + persons);
    const stats = await statsWhen(people, id, 'every result is written', ({ email }) => email.submitted === persons);
    const owabi: Run = {
      ...{ name: 'owabi, one worker', messages: persons, perSecond: (persons - 1) / ((last - first) / 1000) },
      cpuMicros: ((await cpuMicrosOf(service.pid)) - cpuBefore) / persons,
      bytes: ((await sink.counts()).bytes - before.bytes) / persons,
    };
    if (!stats.balanced || (await sink.counts()).messages !== before.messages + persons) {
      throw new Error('ledger and sink do not agree');
    }

    const between = await sink.counts();
    const plain = await runBaseline(sink.port, sameMessages(sample, persons));
    const after = await sink.counts();
    const loop: Run = {
      ...{ name: 'nodemailer pool loop', messages: plain.messages, perSecond: plain.messagesPerSecond },
      ...{ cpuMicros: plain.cpuMicrosPerMessage, bytes: (after.bytes - between.bytes) / persons },
    };
    print([owabi, loop], owabi.perSecond / loop.perSecond);
  } finally {
    await service.kill('SIGTERM');
    await sink.close();
    await rm(dir, { recursive: true, force: true });
  }
}

type Sample = Pick<BenchMessage, 'subject' | 'html' | 'text'> & { reference: string };

/** One real message of the notice: the loop sends the same, with each person's own address. */
async function sampleOf(operator: Awaited<ReturnType<typeof cast>>['operator'], noticeId: string): Promise<Sample> {
  const { items } = await operator.get<{ items: { id: string; reference: string }[] }>(
    `/v1/notices/${noticeId}/deliveries?limit=1`,
  );
  const delivery = items[0];
  if (!delivery) throw new Error('the notice has no deliveries');
  const part = async (name: string) =>
    (await operator.download(`/v1/deliveries/${delivery.id}/content?part=${name}`)).text();
  return {
    subject: '【重要】お客様の情報に関するお詫びとお知らせ',
    html: await part('html'),
    text: await part('text'),
    reference: delivery.reference,
  };
}

function* sameMessages({ subject, html, text }: Sample, count: number): Generator<BenchMessage> {
  for (let i = 1; i <= count; i++) {
    const to = `p${String(i).padStart(6, '0')}@example.jp`;
    const envelope = { from: `b+${i}@bounce.example.jp`, to };
    yield {
      envelope,
      from: '"Support" <notice@example.jp>',
      subject,
      html: `${html}<!-- ${i} -->`,
      text: `${text}\n${i}`,
    };
  }
}

/** When the sink has this many messages, in ms. Asked every 20 ms: a hundredth of a run of two seconds. */
async function sinkReaches(sink: Awaited<ReturnType<typeof forkSink>>, messages: number): Promise<number> {
  while ((await sink.counts()).messages < messages) await new Promise((resolve) => setTimeout(resolve, 20));
  return performance.now();
}

/** CPU time of a process and all its threads so far, in µs (Linux: fields 14 and 15 of /proc/pid/stat, in 1/100 s). */
async function cpuMicrosOf(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * 10_000;
}

function print(runs: Run[], ratio: number): void {
  process.stdout.write('\nway                     messages   messages/s   CPU µs/message   bytes/message\n');
  for (const { name, messages, perSecond, cpuMicros, bytes } of runs) {
    const cells = [messages, Math.round(perSecond), Math.round(cpuMicros), Math.round(bytes)].map(String);
    process.stdout.write(
      `${name.padEnd(22)}  ${cells.map((cell, i) => cell.padStart([8, 12, 15, 15][i] ?? 0)).join(' ')}\n`,
    );
  }
  process.stdout.write(`\nratio ${ratio.toFixed(2)} (CPU: the sending process, without PostgreSQL and the sink)\n`);
}
