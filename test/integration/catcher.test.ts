import { appendFile, mkdtemp, readdir, rm, stat, truncate } from 'node:fs/promises';
import { get } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createTransport } from 'nodemailer';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Catcher, startCatcher } from '../../src/catcher/catcher.ts';

let dir: string;
let catcher: Catcher;
let events: object[];

async function start(): Promise<void> {
  const log = { info: (event: object) => events.push(event), error: (event: object) => events.push(event) };
  catcher = await startCatcher({ dir: join(dir, 'caught'), smtpPort: 0, httpPort: 0, log });
}

beforeEach(async () => {
  events = [];
  dir = await mkdtemp(join(tmpdir(), 'owabi-catcher-'));
  await start();
});

afterEach(async () => {
  await catcher.close();
  await rm(dir, { recursive: true });
});

const REMOTE = '<img src="http://198.51.100.1/x.png"><script>alert(1)</script>';

async function send(to: string, subject = '【重要】お詫び <b>'): Promise<void> {
  const transport = createTransport(catcher.smtpUrl);
  const html = `<p>本文 <a href="https://www.example.jp/">サイト</a></p>${REMOTE}`;
  await transport.sendMail({
    from: 'madoguchi@example.com',
    to,
    subject,
    html,
    text: '.先頭\n本文',
    envelope: { from: 'b@example.com', to },
  });
}

async function page(path: string): Promise<{ status: number; policy: string; text: string }> {
  const response = await fetch(new URL(path, catcher.webUrl));
  const policy = response.headers.get('content-security-policy') ?? '';
  return { status: response.status, policy, text: await response.text() };
}

async function mails(
  query = '',
): Promise<{ total: number; matching: number; items: { id: number; to: string[] }[]; nextCursor: string | null }> {
  return JSON.parse((await page(`/mails.json${query}`)).text);
}

describe('the mail catcher', () => {
  it('says where it listens, on loopback only', () => {
    expect(events).toEqual([{ event: 'catcher.listening', webUrl: catcher.webUrl, smtpUrl: catcher.smtpUrl }]);
    expect(catcher.webUrl).toMatch(/^http:\/\/127\.0\.0\.1:/);
    expect(catcher.smtpUrl).toMatch(/^smtp:\/\/127\.0\.0\.1:/);
  });

  it('shows a caught mail in a list and by itself, and says on every page that it is simulated', async () => {
    await send('taro..yamada@example.jp');
    const list = await page('/');
    expect(list.text).toContain('taro..yamada@example.jp');
    expect(list.text).toContain('【重要】お詫び &lt;b&gt;');
    const one = await page('/mails/1');
    expect(one.text).toContain('.先頭\n本文');
    expect(one.text).toContain('<iframe sandbox src="/mails/1/html"');
    for (const { text } of [list, one, await page('/mails/99')]) expect(text).toContain('<strong>Simulated.</strong>');
  });

  it('lets a mail load nothing and run nothing', async () => {
    await send('a@example.jp');
    const html = await page('/mails/1/html');
    expect(html.text).toContain('本文');
    expect(html.policy).toMatch(/^sandbox; default-src 'none';/);
    expect(html.policy).not.toMatch(/script|http|'self' |\*/);
    expect((await page('/mails/1')).policy).toContain("frame-src 'self'");
  });

  it('gives the source byte for byte', async () => {
    await send('a@example.jp');
    const { text } = await page('/mails/1/raw');
    expect(text).toMatch(/^From: madoguchi@example\.com\r\nTo: a@example\.jp\r\n/);
  });

  it('finds mails by recipient and pages through them', async () => {
    for (let i = 0; i < 5; i += 1) await send(`taro${i}@example.jp`);
    await send('hanako@example.jp');
    const first = await mails('?q=TARO&limit=3');
    expect([first.total, first.matching, first.nextCursor]).toEqual([6, 5, '3']);
    const rest = await mails(`?q=taro&limit=3&cursor=${first.nextCursor}`);
    expect(rest.items.map(({ to }) => to[0])).toEqual(['taro3@example.jp', 'taro4@example.jp']);
    expect(rest.nextCursor).toBeNull();
    expect((await page('/?q=hanako')).text).not.toContain('taro1');
  });

  it('refuses one domain for good and puts another off once per address', async () => {
    await expect(send('a@refuse.example')).rejects.toMatchObject({ responseCode: 550, command: 'RCPT TO' });
    await expect(send('a@Defer-Once.example')).rejects.toMatchObject({ responseCode: 451 });
    await send('a@Defer-Once.example');
    expect((await mails()).total).toBe(1);
  });

  it('keeps its mails over a restart', async () => {
    await send('a@example.jp');
    await catcher.close();
    await start();
    await send('b@example.jp');
    expect((await mails()).items.map(({ id, to }) => [id, to[0]])).toEqual([
      [1, 'a@example.jp'],
      [2, 'b@example.jp'],
    ]);
    expect((await page('/mails/1/raw')).text).toContain('To: a@example.jp');
  });

  it('keeps every whole mail when a crash has cut off the last one', async () => {
    await send('a@example.jp');
    await send('b@example.jp');
    await catcher.close();
    const [name] = await readdir(join(dir, 'caught'));
    const segment = join(dir, 'caught', name ?? '');
    await truncate(segment, (await stat(segment)).size - 10);
    await start();
    await send('c@example.jp');
    await catcher.close();
    const newest = (await readdir(join(dir, 'caught'))).sort().at(-1) ?? '';
    await appendFile(join(dir, 'caught', newest), 'not a record');
    await start();
    expect((await mails()).items.map(({ to }) => to[0])).toEqual(['a@example.jp', 'c@example.jp']);
  });

  it('says 451 and not 250 when the mail cannot be written', async () => {
    await rm(join(dir, 'caught'), { recursive: true });
    await expect(send('a@example.jp')).rejects.toMatchObject({ responseCode: 451 });
    expect((await mails()).total).toBe(0);
    expect(events.at(-1)).toEqual({ event: 'catcher.write_failed', code: 'ENOENT' });
  });

  it('answers to no other name, so that no web site can read the mails through a browser', async () => {
    const status = await new Promise((resolve, reject) => {
      get(catcher.webUrl, { headers: { host: 'evil.example' } }, (response) => {
        response.resume();
        resolve(response.statusCode);
      }).on('error', reject);
    });
    expect(status).toBe(421);
  });

  it('takes many mails at once on many connections and loses none', async () => {
    const transport = createTransport({
      pool: true,
      maxConnections: 20,
      maxMessages: Infinity,
      host: '127.0.0.1',
      port: Number(new URL(catcher.smtpUrl).port),
    });
    const all = Array.from({ length: 500 }, (_, i) => `p${i}@example.jp`);
    await Promise.all(all.map((to) => transport.sendMail({ from: 'b@example.com', to, text: 'x'.repeat(5000) })));
    transport.close();
    const found = await mails('?limit=500');
    expect(found.items.map(({ to }) => to[0]).sort()).toEqual(all.sort());
    expect((await page('/mails/250/raw')).text).toContain('xxxxx');
  });
});
