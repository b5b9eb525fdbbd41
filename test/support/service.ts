import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { nodeFlags } from '../../src/start/node-flags.ts';

const MAIN = fileURLToPath(new URL('../../src/main.ts', import.meta.url));
export const ADMIN_KEY = 'the-administrators-test-key';
const START_DEADLINE_MS = 60_000;

export interface TestService {
  /** Of the API; empty for a worker alone. */
  url: string;
  pid: number;
  /** Everything the process has written so far. */
  output(): string;
  /** Sends a signal; resolves when the process has ended (not for SIGSTOP and SIGCONT). */
  kill(signal: NodeJS.Signals): Promise<number | null>;
  exited: Promise<number | null>;
}

/** What a service of a test is started with: nothing of the machine's own settings gets in. */
export function cleanEnvironment(settings: Record<string, string>): NodeJS.ProcessEnv {
  return {
    ...{ PATH: process.env.PATH, HOME: process.env.HOME, TMPDIR: process.env.TMPDIR },
    ...{ PORT: '0', ADMIN_API_KEY: ADMIN_KEY, FIRST_RETRY_SECONDS: '1', ...settings },
  };
}

/** Starts the real service as a process and waits until it says that it has started. */
export async function startService(settings: Record<string, string>): Promise<TestService> {
  const child = spawn(process.execPath, [...nodeFlags, MAIN], {
    env: cleanEnvironment(settings),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const output = gather(child);
  const exited = once(child, 'exit').then(([code]) => code as number | null);
  const url = await Promise.race([
    started(child, output),
    exited.then((code) => Promise.reject(new Error(`the service ended with ${code}:\n${output()}`))),
  ]);
  return {
    ...{ url, pid: child.pid as number, output, exited },
    async kill(signal) {
      child.kill(signal);
      return signal === 'SIGSTOP' || signal === 'SIGCONT' ? null : await exited;
    },
  };
}

/** Starts the service where it is expected to refuse; resolves to how it ended and what it said. */
export async function refusedStart(settings: Record<string, string>): Promise<{ code: number | null; said: string }> {
  const child = spawn(process.execPath, [...nodeFlags, MAIN], {
    env: cleanEnvironment(settings),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const output = gather(child);
  const timer = setTimeout(() => child.kill('SIGKILL'), START_DEADLINE_MS);
  const [code] = (await once(child, 'close')) as [number | null];
  clearTimeout(timer);
  return { code, said: output() };
}

function gather(child: ChildProcess): () => string {
  const pieces: Buffer[] = [];
  child.stdout?.on('data', (piece: Buffer) => pieces.push(piece));
  child.stderr?.on('data', (piece: Buffer) => pieces.push(piece));
  return () => Buffer.concat(pieces).toString('utf8');
}

function started(child: ChildProcess, output: () => string): Promise<string> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      child.kill('SIGKILL');
      reject(new Error(`the service did not start:\n${output()}`));
    }, START_DEADLINE_MS);
    child.stdout?.on('data', () => {
      if (!output().includes('"service.started"')) return;
      clearTimeout(timer);
      resolve(/"event":"api\.listening","url":"([^"]+)"/.exec(output())?.[1] ?? '');
    });
  });
}
