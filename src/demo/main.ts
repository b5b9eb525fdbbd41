import { randomBytes } from 'node:crypto';
import { chmod, mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { settingNames } from '../config.ts';
import { makeApi } from './api.ts';
import { failedChecks } from './checks.ts';
import { buildDemoLists } from './lists.ts';
import { play } from './play.ts';
import { makeProgress } from './progress.ts';
import { type RunningService, startService } from './service.ts';
import { summary } from './summary.ts';

const SEED = 2017;
const MIN_PERSONS = 100;
const USAGE = `npm run demo [-- [--exit] [--persons N]]
  --exit       stop at the end, with status 0 only if every figure is right
  --persons N  members on the shop's list, ${MIN_PERSONS} at least (default 12000; the affected lists scale with it)`;

interface Options {
  exit: boolean;
  persons: number;
}

function readOptions(args: string[]): Options {
  try {
    const { values } = parseArgs({ args, options: { exit: { type: 'boolean' }, persons: { type: 'string' } } });
    const persons = Number(values.persons ?? 12_000);
    if (!Number.isInteger(persons) || persons < MIN_PERSONS)
      throw new Error(`--persons ${values.persons} is no number.`);
    return { exit: values.exit === true, persons };
  } catch (error) {
    throw new Error(`${(error as Error).message}\n${USAGE}`);
  }
}

/** The settings of the demo: everything embedded, whatever is set outside. */
function environment(dataDir: string, adminKey: string): NodeJS.ProcessEnv {
  const inherited = Object.entries(process.env).filter(([name]) => !(settingNames as readonly string[]).includes(name));
  const settings = { DATA_DIR: dataDir, HOST: '127.0.0.1', PORT: '0', SMTP_URL: 'catcher', ADMIN_API_KEY: adminKey };
  return { ...Object.fromEntries(inherited), ...settings };
}

async function freshDirectory(): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'owabi-demo-'));
  // Run by root, the embedded database runs as a user of its own, who must be able to pass through here.
  await chmod(dir, 0o711);
  return dir;
}

async function run(options: Options, signal: AbortSignal): Promise<boolean> {
  const startedAt = Date.now();
  const progress = makeProgress(process.stdout, Date.now);
  const dir = await freshDirectory();
  const dataDir = join(dir, 'data');
  await mkdir(dataDir);
  const adminKey = `demo-${randomBytes(24).toString('base64url')}`;
  const lists = buildDemoLists({ persons: options.persons, seed: SEED });
  progress.say(`SIMULATED: invented people, and a mail catcher instead of a relay. Everything lies in ${dir}.`);
  const service = await startService(environment(dataDir, adminKey), join(dir, 'service.log'));
  let right = false;
  try {
    progress.say(`The service listens on ${service.apiUrl}; caught mails: ${service.webUrl}`);
    const admin = makeApi(service.apiUrl, adminKey, signal);
    const setting = { admin, webUrl: service.webUrl, lists, lettersDir: join(dataDir, 'letters'), progress, signal };
    const played = await Promise.race([play(setting).catch(preferring(service.failed)), service.failed]);
    progress.say(`\n${summary(played)}\n\nThe whole took ${Math.round((Date.now() - startedAt) / 1000)} seconds.`);
    right = failedChecks(played.checks).length === 0;
    if (!options.exit) await stay(service, adminKey, progress.say, signal);
  } finally {
    progress.finish();
    await service.stop();
  }
  // Half a gigabyte of caught mails is worth keeping only for somebody who looks at it.
  if (options.exit && right) await keepOnly(dataDir, 'letters');
  progress.say(options.exit && right ? `Removed all but the letters in ${dataDir}.` : `Everything stays in ${dir}.`);
  return right;
}

async function keepOnly(dir: string, kept: string): Promise<void> {
  const others = (await readdir(dir)).filter((name) => name !== kept);
  await Promise.all(others.map((name) => rm(join(dir, name), { recursive: true, force: true })));
}

/** A call that fails because the service has died says less than the service's own last words. */
function preferring(serviceFailed: Promise<never>): (error: unknown) => Promise<never> {
  return async (error) => {
    await Promise.race([serviceFailed, wait(1000)]);
    throw error;
  };
}

async function stay(
  service: RunningService,
  key: string,
  say: (text: string) => void,
  signal: AbortSignal,
): Promise<void> {
  say(
    `Caught mails:   ${service.webUrl}\nInterface:      ${new URL('/docs', service.apiUrl).href}\nKey (admin):    ${key}\nCtrl-C ends it.`,
  );
  const interrupted = new Promise<void>((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
  await Promise.race([interrupted, service.failed]);
}

const interrupt = new AbortController();
// Both the terminal and npm pass a Ctrl-C on: the second one must not cut the orderly end short.
for (const name of ['SIGINT', 'SIGTERM'] as const) process.on(name, () => interrupt.abort());
try {
  const right = await run(readOptions(process.argv.slice(2)), interrupt.signal);
  process.exitCode = right ? 0 : 1;
} catch (error) {
  process.stderr.write(
    interrupt.signal.aborted ? '\nInterrupted.\n' : `\nThe demo failed. ${(error as Error).message}\n`,
  );
  process.exitCode = interrupt.signal.aborted ? 130 : 1;
}
