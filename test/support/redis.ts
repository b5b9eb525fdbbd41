import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { until } from './until.ts';

/** Where suites of the Redis back end get their server: REDIS_URL, or a redis-server of this machine. */
export function redisIsAvailable(): boolean {
  if (process.env.REDIS_URL) return true;
  try {
    execFileSync('redis-server', ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    if (process.env.CI === 'true') throw new Error('CI must run the Redis suites: install redis-server.');
    return false;
  }
}

export interface TestRedis {
  url: string;
  /** Empties it, as FLUSHALL does. */
  flush(): Promise<void>;
  close(): Promise<void>;
}

/** A Redis of the test's own, or the one of REDIS_URL. */
export async function startRedis(): Promise<TestRedis> {
  if (process.env.REDIS_URL) return connect(process.env.REDIS_URL, async () => undefined);
  const dir = await mkdtemp(join(tmpdir(), 'owabi-redis-'));
  const port = await freePort();
  const options = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no', '--dir', dir];
  const server: ChildProcess = spawn('redis-server', options, { stdio: 'ignore' });
  return connect(`redis://127.0.0.1:${port}`, async () => {
    server.kill('SIGKILL');
    await once(server, 'exit');
    await rm(dir, { recursive: true, force: true });
  });
}

async function connect(url: string, stop: () => Promise<void>): Promise<TestRedis> {
  const client = new Redis(url, { retryStrategy: () => 50, maxRetriesPerRequest: null });
  client.on('error', () => undefined);
  await until('Redis answers', async () => (await client.ping()) === 'PONG', 10_000);
  return {
    url,
    flush: async () => void (await client.flushall()),
    async close() {
      client.disconnect();
      await stop();
    },
  };
}

async function freePort(): Promise<number> {
  const probe = createServer();
  probe.listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as { port: number };
  probe.close();
  await once(probe, 'close');
  return port;
}
