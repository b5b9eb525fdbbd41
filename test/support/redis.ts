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
  /** Kills the server, with all that it holds, and starts another on its port. One that is not ours is emptied. */
  killAndRestart(): Promise<void>;
  close(): Promise<void>;
}

/** A Redis of the test's own, or the one of REDIS_URL. */
export async function startRedis(): Promise<TestRedis> {
  if (process.env.REDIS_URL) return connect(process.env.REDIS_URL, null);
  const dir = await mkdtemp(join(tmpdir(), 'owabi-redis-'));
  const port = await freePort();
  const options = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no', '--dir', dir];
  const run = (): ChildProcess => spawn('redis-server', options, { stdio: 'ignore' });
  let server = run();
  const kill = async (): Promise<void> => {
    server.kill('SIGKILL');
    await once(server, 'exit');
  };
  return connect(`redis://127.0.0.1:${port}`, {
    async restart() {
      await kill();
      server = run();
    },
    async stop() {
      await kill();
      await rm(dir, { recursive: true, force: true });
    },
  });
}

async function connect(
  url: string,
  own: { restart(): Promise<void>; stop(): Promise<void> } | null,
): Promise<TestRedis> {
  const client = new Redis(url, { retryStrategy: () => 50, maxRetriesPerRequest: null });
  client.on('error', () => undefined);
  const answers = () => until('Redis answers', async () => (await client.ping()) === 'PONG', 10_000);
  const flush = async (): Promise<void> => void (await client.flushall());
  await answers();
  return {
    ...{ url, flush },
    async killAndRestart() {
      if (!own) return flush();
      await own.restart();
      await answers();
    },
    async close() {
      client.disconnect();
      await own?.stop();
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
