import { readdir, readFile } from 'node:fs/promises';

const TICK_MICROS = 10_000;

/** CPU time of a process and all its threads so far, in µs (Linux: fields 14 and 15 of /proc/pid/stat, in 1/100 s). */
export async function cpuMicrosOf(pid: number): Promise<number> {
  const fields = await statOf(pid);
  return (Number(fields[11]) + Number(fields[12])) * TICK_MICROS;
}

/** CPU time of a process and of its children so far, those that have ended included, in µs. */
export async function familyCpuMicros(pid: number): Promise<number> {
  const own = await statOf(pid);
  const ended = (Number(own[13]) + Number(own[14])) * TICK_MICROS;
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
  const children = await Promise.all(
    pids.map(async (child) => {
      const fields = await statOf(child).catch(() => null);
      return fields && Number(fields[1]) === pid ? (Number(fields[11]) + Number(fields[12])) * TICK_MICROS : 0;
    }),
  );
  return (await cpuMicrosOf(pid)) + ended + children.reduce((sum, micros) => sum + micros, 0);
}

/** Resident memory of a process in MB, as the kernel counts it. */
export async function residentMegabytes(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Math.round(Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1] ?? 0) / 1024);
}

/** The fields of /proc/pid/stat after the name, which may hold spaces: the first is the state, the second the parent. */
async function statOf(pid: number): Promise<string[]> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
}
