import { execFileSync } from 'node:child_process';
import { chmod, chown, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import { makeApi } from '../../src/demo/api.ts';
import { ADMIN_KEY, refusedStart, startService, type TestService } from '../support/service.ts';
import { until } from '../support/until.ts';

const folders: string[] = [];
const running: TestService[] = [];

const folder = async (): Promise<string> => {
  const dir = await mkdtemp(join(tmpdir(), 'owabi-start-'));
  folders.push(dir);
  return dir;
};
const start = async (settings: Record<string, string>): Promise<TestService> => {
  const service = await startService(settings);
  running.push(service);
  return service;
};
const users = async (service: TestService): Promise<number> => {
  const { items } = await makeApi(service.url, ADMIN_KEY, AbortSignal.timeout(20_000)).get<{ items: unknown[] }>(
    '/v1/users',
  );
  return items.length;
};
const postmaster = async (dir: string): Promise<number> =>
  Number((await readFile(join(dir, 'postgres', 'postmaster.pid'), 'utf8')).split('\n')[0]);

afterEach(async () => {
  await Promise.all(running.splice(0).map((service) => service.kill('SIGTERM')));
  await Promise.all(folders.splice(0).map((dir) => rm(dir, { recursive: true, force: true })));
});

describe('starting with nothing installed', () => {
  it('keeps its data between starts, and ends with status 0 at SIGTERM and at Ctrl-C', async () => {
    const dir = await folder();
    for (const [signal, before] of [
      ['SIGTERM', 1],
      ['SIGINT', 2],
    ] as const) {
      const service = await startService({ DATA_DIR: dir });
      expect(await users(service)).toBe(before);
      await makeApi(service.url, ADMIN_KEY, AbortSignal.timeout(20_000)).post('/v1/users', {
        name: 'n',
        role: 'staff',
      });
      expect(await service.kill(signal)).toBe(0);
    }
    expect(await users(await start({ DATA_DIR: dir }))).toBe(3);
  });

  it('refuses a second start on the same directory with a sentence, and leaves the first alone', async () => {
    const dir = await folder();
    const service = await start({ DATA_DIR: dir });
    const { code, said } = await refusedStart({ DATA_DIR: dir });
    expect(code).toBe(1);
    expect(said).toContain(`already uses ${dir}`);
    expect(await users(service)).toBe(1);
  });

  it('takes over after kill -9: the database left behind, the stale lock, and the data', async () => {
    const dir = await folder();
    const killed = await startService({ DATA_DIR: dir });
    await makeApi(killed.url, ADMIN_KEY, AbortSignal.timeout(20_000)).post('/v1/users', { name: 'n', role: 'staff' });
    await killed.kill('SIGKILL');
    const orphan = await postmaster(dir);
    expect(() => process.kill(orphan, 0)).not.toThrow();
    expect(await users(await start({ DATA_DIR: dir }))).toBe(2);
    expect(() => process.kill(orphan, 0)).toThrow();
  });

  it('starts over the lock and the postmaster file of processes that no longer live', async () => {
    const dir = await folder();
    await (await startService({ DATA_DIR: dir })).kill('SIGTERM');
    const dead = execFileSync('sh', ['-c', 'echo $$']).toString().trim();
    await writeFile(join(dir, 'owabi.lock'), `${dead} 1\n`);
    await writeFile(
      join(dir, 'postgres', 'postmaster.pid'),
      `${process.pid}\n${join(dir, 'postgres')}\n1\n1\n\n127.0.0.1\n`,
    );
    expect(await users(await start({ DATA_DIR: dir }))).toBe(1);
  });

  it('goes on when its database is stopped under it', async () => {
    const dir = await folder();
    const service = await start({ DATA_DIR: dir });
    process.kill(await postmaster(dir), 'SIGINT');
    await until('the database is back', async () => {
      const { status } = await fetch(new URL('/health/ready', service.url));
      return status === 503;
    });
    await until('the service is ready again', async () => (await users(service)) === 1);
  });

  it('starts below a folder that is closed to everybody else', async () => {
    const closed = await folder();
    await chmod(closed, 0o700);
    const dir = join(closed, 'data');
    await mkdir(dir);
    expect(await users(await start({ DATA_DIR: dir }))).toBe(1);
  });

  it('runs as a normal user too', async () => {
    const dir = await folder();
    const isRoot = process.getuid?.() === 0;
    if (isRoot) await chown(dir, 65_534, 65_534);
    // The checkout may lie in a closed folder: the one right that is kept is to read there.
    const read = '+dac_read_search';
    const drop = ['--reuid=65534', '--regid=65534', '--clear-groups', '--securebits=+no_setuid_fixup'];
    const rights = [...drop, `--inh-caps=${read}`, `--ambient-caps=${read}`];
    const run = [process.execPath, fileURLToPath(new URL('../../src/db/migrate-now.ts', import.meta.url))] as const;
    const [program, ...args] = isRoot ? (['setpriv', ...rights, '--', ...run] as const) : run;
    const said = execFileSync(program, args, {
      env: { PATH: process.env.PATH, DATA_DIR: dir },
    });
    expect(said.toString()).toContain('up to date');
  });
});

describe('a start that cannot be', () => {
  it('says which settings are missing or contradict each other, all at once', async () => {
    const { code, said } = await refusedStart({
      ...{ DATA_DIR: await folder(), SMTP_URL: 'smtp://127.0.0.1:25', ROLES: 'worker', PORT: 'none' },
    });
    expect(code).toBe(1);
    for (const name of ['MAIL_FROM', 'BOUNCE_DOMAIN', 'PUBLIC_URL', 'DATABASE_URL', 'PORT'])
      expect(said).toContain(name);
  });

  it('says that the database is down, and its place without the password', async () => {
    const { code, said } = await refusedStart({
      DATA_DIR: await folder(),
      DATABASE_URL: 'postgresql://owabi:secret@127.0.0.1:1/owabi',
      MASTER_KEY: Buffer.alloc(32, 1).toString('base64'),
    });
    expect(code).toBe(1);
    expect(said).toContain('127.0.0.1:1 cannot be reached');
    expect(said).not.toContain('secret');
  });

  it('is none while only the relay is down', async () => {
    const service = await start({
      ...{ DATA_DIR: await folder(), SMTP_URL: 'smtp://127.0.0.1:1' },
      ...{ MAIL_FROM: 'notice@example.jp', BOUNCE_DOMAIN: 'bounce.example.jp', PUBLIC_URL: 'https://example.jp' },
    });
    expect(await users(service)).toBe(1);
  });
});
