// Who is there: children of a process, and processes by a mark in their environment. Reads /proc.
import { readdirSync, readFileSync } from 'node:fs';
import { parseStat, type Stat } from './parse.js';

/** Pids of the processes whose parent it is at this moment; zombies are dead and do not count. */
export function childrenOf(pid: number): number[] {
  return livingProcesses()
    .filter(({ parent }) => parent === pid)
    .map((one) => one.pid);
}

/** Its children, their children, and so on. */
export function descendantsOf(pid: number): number[] {
  const rows = livingProcesses();
  const found = [pid];
  // It grows while it is walked.
  for (const parent of found) {
    for (const row of rows) if (row.parent === parent) found.push(row.pid);
  }
  return found.slice(1);
}

/** What a process starts inherits its environment, also what leaves its group and loses its parent. */
export function markedWith(mark: string): number[] {
  return livingProcesses()
    .map(({ pid }) => pid)
    .filter((pid) => `\0${read(`${pid}/environ`)}`.includes(`\0${mark}\0`));
}

/** Its words; none when it is gone. */
export function commandOf(pid: number): string[] {
  return read(`${pid}/cmdline`).split('\0').slice(0, -1);
}

function livingProcesses(): Stat[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => parseStat(read(`${pid}/stat`)) ?? [])
    .filter(({ state }) => state !== 'Z' && state !== 'X');
}

/** Empty when the process is gone, or is not ours. */
function read(path: string): string {
  try {
    return readFileSync(`/proc/${path}`, 'latin1');
  } catch {
    return '';
  }
}
