import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { chown, stat } from 'node:fs/promises';
import { dirname } from 'node:path';

/** Starts PostgreSQL's programs as a user whom they accept: they refuse to run as root. */
export interface Launcher {
  spawn(program: string, args: string[]): ChildProcess;
  /** Gives a file or directory to the user that the programs run as. */
  own(path: string): Promise<void>;
}

interface Account {
  uid: number;
  gid: number;
}

/**
 * As a normal user: plain. As root: as `postgres` (made if missing; `nobody` where that is not possible). When a folder
 * on the way to the binaries or the data is closed to that user, as in root's home or a `mktemp -d`, the programs keep
 * the one right to pass closed folders (CAP_DAC_OVERRIDE) and nothing else of root.
 */
export async function postgresLauncher(binary: string, dataDir: string): Promise<Launcher> {
  if (process.getuid?.() !== 0) {
    return { spawn: (program, args) => spawn(program, args, spawnOptions), own: async () => undefined };
  }
  const account = findAccount();
  const open = (await isOpenToAll(dirname(binary))) && (await isOpenToAll(dataDir));
  const own = (path: string) => chown(path, account.uid, account.gid);
  if (open) return { spawn: (program, args) => spawn(program, args, { ...spawnOptions, ...account }), own };
  const rights = '+dac_override,+dac_read_search';
  const drop = [
    ...[`--reuid=${account.uid}`, `--regid=${account.gid}`, '--clear-groups'],
    ...[`--inh-caps=${rights}`, `--ambient-caps=${rights}`, '--securebits=+no_setuid_fixup'],
  ];
  return { spawn: (program, args) => spawn('setpriv', [...drop, '--', program, ...args], spawnOptions), own };
}

// A process group of its own: Ctrl-C in the terminal must not stop the database before the service has drained.
const spawnOptions = { detached: true, stdio: ['ignore', 'pipe', 'pipe'] as ['ignore', 'pipe', 'pipe'], cwd: '/' };

function findAccount(): Account {
  const found = account('postgres');
  if (found) return found;
  try {
    execFileSync('useradd', ['--system', '--no-create-home', '--shell', '/usr/sbin/nologin', 'postgres'], {
      stdio: 'ignore',
    });
  } catch {
    // No useradd here (Alpine, a read-only system): `nobody` does as well.
  }
  const account2 = account('postgres') ?? account('nobody');
  if (account2) return account2;
  throw new Error('PostgreSQL does not run as root: create a user named postgres, or start Owabi as a normal user.');
}

function account(name: string): Account | null {
  try {
    const id = (flag: string) =>
      Number(execFileSync('id', [flag, name], { stdio: ['ignore', 'pipe', 'ignore'] }).toString());
    return { uid: id('-u'), gid: id('-g') };
  } catch {
    return null;
  }
}

/** Whether every folder from the root to `path` may be passed by anyone. */
async function isOpenToAll(path: string): Promise<boolean> {
  for (let folder = path; ; folder = dirname(folder)) {
    if (((await stat(folder)).mode & 0o001) === 0) return false;
    if (folder === dirname(folder)) return true;
  }
}
