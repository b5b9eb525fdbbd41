import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { nodeFlags } from '../start/node-flags.ts';

const MAIN = fileURLToPath(new URL('../main.ts', import.meta.url));
const START_DEADLINE_MS = 60_000;
const TAIL_LINES = 15;

export interface RunningService {
  apiUrl: string;
  /** Where the caught mails are shown. */
  webUrl: string;
  /** Rejects when the service ends without having been told to. */
  failed: Promise<never>;
  /** SIGTERM, then waits for the end. */
  stop(): Promise<void>;
}

/**
 * Starts the real service as a process of its own and learns from its log where it listens. What it logs goes to
 * `logPath`. Rejects with the log's last lines when it does not come up.
 */
export async function startService(environment: NodeJS.ProcessEnv, logPath: string): Promise<RunningService> {
  // In a process group of its own: a Ctrl-C in the terminal reaches the demo alone, which then stops the service once.
  const child = spawn(process.execPath, [...nodeFlags, MAIN], {
    env: environment,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const log = createWriteStream(logPath, { mode: 0o600 });
  child.stdout.pipe(log, { end: false });
  child.stderr.pipe(log, { end: false });
  let stopping = false;
  const exited = once(child, 'exit');
  const failed = exited.then(async ([code, signal]) => {
    if (stopping) return new Promise<never>(() => {});
    throw new Error(`The service ended by itself (${code ?? signal}). The end of ${logPath}:\n${await tail(logPath)}`);
  });
  failed.catch(() => {});
  const stop = async () => {
    stopping = true;
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM');
    await exited;
    log.end();
  };
  try {
    const late = AbortSignal.timeout(START_DEADLINE_MS);
    const overdue = once(late, 'abort').then(() =>
      Promise.reject(new Error(`No sign of life. The log is ${logPath}.`)),
    );
    const [apiUrl, webUrl] = await Promise.race([addresses(child.stdout), failed, overdue]);
    return { apiUrl, webUrl, failed, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

function addresses(stdout: NodeJS.ReadableStream): Promise<[apiUrl: string, webUrl: string]> {
  return new Promise((resolve) => {
    let apiUrl: string | undefined;
    let webUrl: string | undefined;
    const lines = createInterface({ input: stdout });
    lines.on('line', (line) => {
      const event = parseEvent(line);
      if (event?.event === 'api.listening') apiUrl = event.url;
      if (event?.event === 'catcher.listening') webUrl = event.webUrl;
      if (!apiUrl || !webUrl) return;
      lines.removeAllListeners('line');
      resolve([apiUrl, webUrl]);
    });
  });
}

function parseEvent(line: string): { event?: string; url?: string; webUrl?: string } | undefined {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

async function tail(path: string): Promise<string> {
  return (await readFile(path, 'utf8')).trimEnd().split('\n').slice(-TAIL_LINES).join('\n');
}
