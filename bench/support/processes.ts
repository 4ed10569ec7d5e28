import { readdirSync, readFileSync } from 'node:fs';

/** What Linux counts processor time in; the same on every machine that Node runs on. */
const ticksPerSecond = 100;

type Stat = { pid: number; parent: number; own: number; ended: number };

/** Processor seconds that a process has used, its threads included. */
export function cpuSeconds(pid: number): number {
  return (readStat(pid)?.own ?? 0) / ticksPerSecond;
}

/** The same for a process, those it has started that still run, and those that have ended meanwhile. */
export function familyCpuSeconds(pid: number): number {
  const parent = readStat(pid);
  if (!parent) return 0;
  const children = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((name) => readStat(Number(name)))
    .filter((stat) => stat?.parent === pid);
  return (parent.own + parent.ended + children.reduce((sum, child) => sum + child!.own, 0)) / ticksPerSecond;
}

/** The process that started this one; 0 when there is none here (a database on another machine). */
export const parentOf = (pid: number): number => readStat(pid)?.parent ?? 0;

/** Resident memory of a process in MB: now, and the most it ever was. */
export function memoryOf(pid: number): { now: number; peak: number } {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const kilobytes = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status)?.[1] ?? 0);
  return { now: kilobytes('VmRSS') / 1024, peak: kilobytes('VmHWM') / 1024 };
}

function readStat(pid: number): Stat | undefined {
  let line: string;
  try {
    line = readFileSync(`/proc/${pid}/stat`, 'utf8');
  } catch {
    return undefined;
  }
  // The name stands in parentheses and may hold blanks and parentheses itself.
  const fields = line.slice(line.lastIndexOf(')') + 2).split(' ');
  const number = (at: number) => Number(fields[at]);
  return { pid, parent: number(1), own: number(11) + number(12), ended: number(13) + number(14) };
}
