import { readFileSync } from 'node:fs';
import { mkdir, open, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';

/** The data directory is used by one service at a time. */
export class DataDirInUse extends Error {}

/**
 * Locks a data directory for this process. The lock names a process and when it began, so that the lock of a process
 * that was killed (whose number another program may have by now) is known to be stale and is taken over.
 * @throws DataDirInUse with a sentence for the operator
 */
export async function lockDataDir(dataDir: string): Promise<{ release(): Promise<void> }> {
  await mkdir(dataDir, { recursive: true });
  const path = join(dataDir, 'owabi.lock');
  for (let attempt = 0; attempt < 5; attempt++) {
    try {
      const file = await open(path, 'wx', 0o600);
      await file.writeFile(`${process.pid} ${processStart(process.pid) ?? ''}\n`);
      await file.close();
      return { release: () => rm(path, { force: true }) };
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      const holder = await lockHolder(path);
      if (holder !== null) {
        throw new DataDirInUse(
          `Another Owabi (process ${holder}) already uses ${dataDir}. Stop it first, or give this one a directory of its own with DATA_DIR.`,
        );
      }
      await rm(path, { force: true });
    }
  }
  throw new DataDirInUse(`The lock ${path} keeps changing hands. Start one Owabi at a time on this directory.`);
}

/** The process that holds the lock, or null when it no longer lives. */
async function lockHolder(path: string): Promise<number | null> {
  const text = await readFile(path, 'utf8').catch(() => '');
  const [pid, started] = text.trim().split(' ');
  const holder = Number(pid);
  if (!Number.isInteger(holder) || holder <= 0 || !isAlive(holder)) return null;
  const now = processStart(holder);
  return now !== null && started !== undefined && started !== now ? null : holder;
}

/** Whether a process of this number lives. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** When a process began, in clock ticks since boot (Linux: field 22 of /proc/pid/stat); null where that is not known. */
function processStart(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? null;
  } catch {
    return null;
  }
}
