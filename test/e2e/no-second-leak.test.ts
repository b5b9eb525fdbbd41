import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import iconv from 'iconv-lite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildDemoLists, type DemoList } from '../../src/demo/lists.ts';
import { embeddedUrl, everyColumn, everyKey } from '../support/every-column.ts';
import { redisIsAvailable, startRedis, type TestRedis } from '../support/redis.ts';
import { startService, type TestService } from '../support/service.ts';
import { acceptList, cast, emailsSettled, openIncident, releaseNotice, statsWhen } from '../support/story.ts';

const backends = [
  { name: 'queues on Postgres', redis: false },
  ...(redisIsAvailable() ? [{ name: 'queues on Redis', redis: true }] : []),
];

/** Cells that name or reach a person: long enough that no other text holds them by chance. */
function personalValues(list: DemoList): string[] {
  const text = list.kind === 'members' ? list.bytes.toString('utf8') : iconv.decode(list.bytes, 'cp932');
  const [header = [], ...rows] = parse(text.replace(/^\uFEFF/, ''), {
    relax_column_count: true,
    relax_quotes: true,
  }) as string[][];
  const personal = header.map((name) =>
    /名|カナ|セイ|メイ|メール|mail|住所|番地|電話|TEL|ID|番号|備考|郵便/i.test(name),
  );
  return rows.flatMap((cells) => cells.filter((cell, i) => personal[i] && cell.trim().length >= 5));
}

/** Everything below a folder whose name is not in `except`, as one buffer by path. */
async function everyFile(dir: string, except: string[]): Promise<Map<string, Buffer>> {
  const files = await readdir(dir, { recursive: true, withFileTypes: true });
  const contents = new Map<string, Buffer>();
  for (const file of files) {
    const path = join(file.parentPath, file.name);
    if (file.isFile() && !except.some((name) => path.startsWith(join(dir, name))))
      contents.set(path, await readFile(path));
  }
  return contents;
}

/** Digits alone (a postal code) count as such, and not as a part of a longer number: a log is full of times. */
function stands(bytes: Buffer, needle: string): boolean {
  if (!/^\d+$/.test(needle)) return bytes.includes(needle);
  for (let at = bytes.indexOf(needle); at >= 0; at = bytes.indexOf(needle, at + 1)) {
    const around = [bytes[at - 1], bytes[at + needle.length]].map((byte) => String.fromCharCode(byte ?? 0x20));
    if (!/[\d.]/.test(around[0] ?? '') && !/\d/.test(around[1] ?? '')) return true;
  }
  return false;
}

describe.each(backends)('after a run with $name', ({ redis }) => {
  let dir: string;
  let server: TestRedis | null = null;
  let service: TestService;
  let needles: string[];

  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'owabi-leak-'));
    server = redis ? await startRedis() : null;
    service = await startService({
      DATA_DIR: dir,
      SMTP_URL: 'catcher',
      LOG_LEVEL: 'trace',
      ...(server && { REDIS_URL: server.url }),
    });
    const people = await cast(service.url);
    const incidentId = await openIncident(people);
    const { lists } = buildDemoLists({ persons: 150, seed: 11 });
    for (const { bytes, kind, source } of lists)
      await acceptList(people, incidentId, new Uint8Array(bytes), { kind, source });
    const notice = await releaseNotice(people, incidentId, { template: 'apology', channels: 'email_then_letter' });
    await statsWhen(
      people,
      notice.id,
      'all is sent and printed',
      (stats) => emailsSettled(stats) && stats.letter.pending === 0,
    );
    const search = await people.operator.post<{ items: unknown[] }>(`/v1/incidents/${incidentId}/persons/search`, {
      q: personalValues(lists[0]).find((value) => value.includes('@')),
    });
    expect(search.items.length).toBe(1);
    needles = [...new Set([...lists.flatMap(personalValues), 'no such mailbox', 'user unknown'])];
  });
  afterAll(async () => {
    await service?.kill('SIGTERM');
    await server?.close();
    await rm(dir, { recursive: true, force: true });
  });

  const expectNone = (where: Map<string, Buffer>): void => {
    for (const [place, bytes] of where) {
      const found = needles.filter(
        (needle) => stands(bytes, needle) || bytes.includes(Buffer.from(needle).toString('base64').slice(0, -4)),
      );
      expect(found, `in the clear in ${place}`).toEqual([]);
    }
  };

  it('knows what it looks for', () => {
    expect(needles.length).toBeGreaterThan(500);
    expect(() => expectNone(new Map([['a bad place', Buffer.from(`x${needles[7]}y`)]]))).toThrow(/a bad place/);
    const digits = needles.find((needle) => /^\d{7}$/.test(needle)) ?? '';
    expect(() => expectNone(new Map([['a worse', Buffer.from(`x0.${digits} ${digits}`)]]))).toThrow(/a worse/);
    expectNone(new Map([['a time', Buffer.from(`0.${digits} 1${digits} ${digits}1`)]]));
  });

  it('no name, address, email or reply text stands in any column of any table', async () => {
    const columns = await everyColumn(await embeddedUrl(dir));
    expect(columns.size).toBeGreaterThan(20);
    expectNone(columns);
  });

  it('nor in the log, written at its finest', () => {
    const log = service.output();
    expect(log).toContain('"delivery.submitted"');
    expectNone(new Map([['the log', Buffer.from(log)]]));
  });

  it('nor unsealed in a file: uploads, letters, the database log', async () => {
    // The caught mails are the outside world of a simulation; the database's own files are looked at as columns.
    const files = await everyFile(dir, ['caught', 'postgres/']);
    expect([...files.keys()].some((path) => path.endsWith('letters.pdf'))).toBe(true);
    expect([...files.values()].every((bytes) => !bytes.includes('%PDF'))).toBe(true);
    expectNone(files);
  });

  it('keeps no upload once it has been read', async () => {
    const files = await everyFile(dir, ['caught', 'postgres/']);
    expect([...files.keys()].filter((path) => /blobs/.test(path) && !/letters/.test(path))).toEqual([]);
  });

  if (redis) {
    it('nor in Redis', async () => {
      const url = server?.url ?? '';
      expectNone(new Map([['Redis', await everyKey(url)]]));
    });
  }
});
